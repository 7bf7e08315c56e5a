"""Sealed documents over HTTP: in pieces, resumed on both ways, and within what each may do."""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hanse_ledger.values.limits import EXPIRY_MS
from hanse_node.access.caller import ITSELF
from hanse_node.api.access import Access
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_GRACE_MS, PAYLOAD_PIECE_BYTES
from hanse_node.base.config import SealedDocuments
from hanse_node.payloads.knownreaders import OpenedReader
from hanse_node.payloads.naming import Standing
from hanse_node.signing.tokens import Scope
from tests.world.front import Front, front
from tests.world.node_ledger import HOUR, START
from tests.world.tokens import book_of, token_of

NOW = START + HOUR
SOON = NOW + 600_000


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node that asks nobody for a token."""
    with front(tmp_path / "node") as running:
        yield running


def path_of(data: bytes) -> str:
    """Where a document is."""
    return f"/v1/payloads/{sha256(data).hexdigest()}"


def put(node: Front, path: str, piece: bytes, place: str = "", **headers: str) -> httpx2.Response:
    """Send a piece."""
    fields = {"hanse-expires": str(SOON), **({"content-range": place} if place else {}), **headers}
    return node.request("PUT", path, content=piece, headers=fields)


def test_a_document_comes_in_pieces_and_is_resumed(node: Front) -> None:
    """What has come is told to who sends; the last piece is answered when all is there; again is harmless."""
    data = os.urandom(2_500_000)
    path = path_of(data)
    assert node.get(f"{path}/upload").status_code == 404
    first = put(node, path, data[:PAYLOAD_PIECE_BYTES], "bytes 0-1048575/2500000")
    assert (first.status_code, first.json()) == (202, {"offset": 1_048_576, "whole": False})
    assert node.get(path).status_code == 404
    assert node.get(f"{path}/upload").json() == first.json()
    wrong = put(node, path, data[:100], "bytes 0-99/2500000")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong-offset")
    assert "1048576 bytes" in wrong.json()["detail"]
    put(node, path, data[1_048_576:2_097_152], "bytes 1048576-2097151/2500000")
    last = put(node, path, data[2_097_152:], "bytes 2097152-2499999/2500000")
    assert (last.status_code, last.json()) == (201, {"offset": 2_500_000, "whole": True})
    again = put(node, path, data[:10], "bytes 0-9/2500000")
    assert (again.status_code, again.json()) == (200, last.json())
    assert node.get(f"{path}/upload").json() == last.json()
    assert node.get(path).content == data
    assert "hanse_payloads_waiting 1.0" in node.get("/metrics").text


def test_a_small_document_comes_at_once(node: Front) -> None:
    """Without a range the body is all of it."""
    assert put(node, path_of(b"small"), b"small").status_code == 201
    found = node.get(path_of(b"small"))
    assert (found.content, found.headers["etag"]) == (b"small", f'"{sha256(b"small").hexdigest()}"')
    assert found.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "status", "content", "place"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=9-99", 206, b"9", "bytes 9-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-4", 200, b"0123456789", None),
        ("bytes=-3", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_part_is_fetched(node: Front, asked: str, status: int, content: bytes, place: str | None) -> None:
    """One range is answered; what is none, or more than one, gets all of it, as RFC 9110 lets a server do."""
    put(node, path_of(b"0123456789"), b"0123456789")
    found = node.get(path_of(b"0123456789"), {"range": asked})
    assert (found.status_code, found.content, found.headers.get("content-range")) == (status, content, place)


@pytest.mark.parametrize(
    ("piece", "place", "headers", "status", "code"),
    [
        (b"other", "", {}, 422, "payload-differs"),
        (b"", "", {}, 422, "payload-refused"),
        (b"12345", "bytes 0-3/5", {}, 400, "malformed"),
        (b"12345", "bytes */5", {}, 400, "malformed"),
        (b"12345", "bytes 0-4/*", {}, 400, "malformed"),
        (b"12345", "bytes 1-5/6", {}, 409, "wrong-offset"),
        (b"12345", "bytes 0-4/4", {}, 409, "wrong-offset"),
        (b"12345", f"bytes 0-4/{PAYLOAD_BYTES + 1}", {}, 422, "payload-refused"),
        (b"12345", "", {"hanse-expires": str(NOW)}, 422, "payload-refused"),
        (b"12345", "", {"hanse-expires": "tomorrow"}, 400, "malformed"),
        (bytes(PAYLOAD_PIECE_BYTES + 1), "", {}, 413, "too-large"),
    ],
)
def test_what_is_not_taken(
    node: Front, piece: bytes, place: str, headers: Mapping[str, str], status: int, code: str
) -> None:
    """Each is refused by its name, and nothing of it lies there afterwards."""
    answer = put(node, path_of(b"12345"), piece, place, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert node.service.payloads.sweep(ITSELF) == 0
    assert node.get(path_of(b"12345")).status_code == 404


@pytest.mark.parametrize("name", ["x", "AB" * 32, "ab" * 31, "..%2f..%2fnode.toml"])
def test_other_names_are_none(node: Front, name: str) -> None:
    """What is no hash names no document."""
    for answer in (put(node, f"/v1/payloads/{name}", b"x"), node.get(f"/v1/payloads/{name}")):
        assert answer.status_code in (400, 404)


def test_each_sender_has_a_share(tmp_path: Path) -> None:
    """A thousand half uploads of one token end at its share, with 429; the other token sends on; scopes are kept."""
    tokens = {name: f"hanse_{name * 40}" for name in ("a", "b", "c", "d")}
    book = book_of(
        tmp_path / "tokens",
        token_of(tokens["a"], "a", [Scope.SUBMIT]),
        token_of(tokens["b"], "b", [Scope.SUBMIT]),
        token_of(tokens["c"], "c", [Scope.READ, Scope.ENTRIES]),
        token_of(tokens["d"], "d", [Scope.PAYLOADS]),
    )
    with front(tmp_path / "node", access=Access(book), payloads=SealedDocuments(each=20)) as node:

        def bearing(name: str) -> dict[str, Any]:
            return {"authorization": f"Bearer {tokens[name]}"}

        statuses = [
            put(node, f"/v1/payloads/{number:064x}", b"x", "bytes 0-0/9", **bearing("a")).status_code
            for number in range(100)
        ]
        assert statuses == [202] * 20 + [429] * 80
        assert put(node, path_of(b"mine"), b"mine", **bearing("b")).status_code == 201
        assert node.get(f"{path_of(b'mine')}/upload", bearing("b")).json() == {"offset": 4, "whole": True}
        assert node.get(path_of(b"mine"), bearing("d")).content == b"mine"
        assert node.get(f"{path_of(b'mine')}/delivery", bearing("c")).json()["state"] == "waiting"
        for name in ("b", "c"):
            here, absent = (node.get(path_of(data), bearing(name)) for data in (b"mine", b"nobody's"))
            assert (here.status_code, here.json()["code"]) == (403, "out-of-scope")
            assert here.json()["detail"] == absent.json()["detail"]
            assert "by its own key" in here.json()["detail"]
        assert put(node, path_of(b"other"), b"other", **bearing("c")).status_code == 403
        assert node.get(path_of(b"mine")).status_code == 401
        # Whoever asks how far another's upload has come learns nothing of it.
        assert node.get(f"/v1/payloads/{1:064x}/upload", bearing("b")).status_code == 404


def test_what_is_erased_is_gone(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the ledger says that a document is erased it is neither given nor taken, nor on disk."""
    custody, standing = node.service.payloads, {"now": Standing.NAMED}
    naming = custody._holdings.naming
    put(node, path_of(b"document"), b"document")
    monkeypatch.setattr(naming, "standing", lambda _: standing["now"])
    assert custody.sweep(ITSELF) == 0
    assert "hanse_payloads 1.0" in node.get("/metrics").text
    standing["now"] = Standing.ERASED
    assert node.get(path_of(b"document")).status_code == 410
    assert put(node, path_of(b"document"), b"document").status_code == 410
    assert "hanse_payloads 0.0" in node.get("/metrics").text
    assert custody.progress is not None
    with pytest.raises(Exception, match="nothing of a document"):
        custody.progress(ITSELF, sha256(b"document").digest())


def test_a_sweep_erases_what_nobody_asks_for(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is looked at in turn: erased documents leave the disk, waiting ones too."""
    custody = node.service.payloads
    naming = custody._holdings.naming
    for data in (b"kept", b"waits"):
        put(node, path_of(data), data)
    monkeypatch.setattr(naming, "standing", lambda digest: Standing.NAMED if digest[0] == 0xFF else Standing.UNNAMED)
    custody._held.keep(sha256(b"kept").digest())
    monkeypatch.setattr(naming, "standing", lambda _: Standing.ERASED)
    assert custody.sweep(ITSELF) == 2
    assert custody.sweep(ITSELF) == 0


def test_what_no_record_names_any_more_waits_for_one(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older ledger was brought back: what it does not name waits seven days, and is kept if a record comes."""
    custody, standing = node.service.payloads, {"now": Standing.NAMED}
    held, digest = custody._held, sha256(b"document").digest()
    put(node, path_of(b"document"), b"document")
    custody._holdings.openings.add(digest, [OpenedReader(bytes(32), bytes(16))])
    monkeypatch.setattr(custody._holdings.naming, "standing", lambda _: standing["now"])
    assert custody.sweep(ITSELF) == 0
    for now, kept, waiting in (
        (Standing.UNNAMED, [], [digest]),
        (Standing.NAMED, [digest], []),
        (Standing.UNNAMED, [], [digest]),
    ):
        standing["now"] = now
        assert custody.sweep(ITSELF) == 0
        assert (held.kept(), held.waiting()) == (kept, waiting)
        assert held.read(digest) == (b"document", 8)
    monkeypatch.setattr(held, "_clock", lambda: NOW + EXPIRY_MS + PAYLOAD_GRACE_MS + 1)
    assert custody.sweep(ITSELF) == 1
    assert held.read(digest) is None
    assert held.held().kept_bytes == 0
    custody.sweep(ITSELF)
    assert custody._holdings.openings.held_of() == []
