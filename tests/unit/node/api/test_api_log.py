"""The log over HTTP: every tile of every published size, and nothing beyond."""

from collections.abc import Iterator

import pytest

from hanse_ledger.proofs.heads import cosigning_key
from hanse_ledger.tlog.checkpoint import parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import VerifierKey, parse_note
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle, tile_path
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values.hashing import hash_leaf
from tests.world.front import Front, front
from tests.world.node_ledger import GENESIS, PARTIES, invoice, look

ISSUED = 300


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run a node whose log has a full tile and part of another."""
    with front(tmp_path_factory.mktemp("log") / "node") as running:
        running.must_stand(PARTIES)
        running.must_stand([invoice(number) for number in range(ISSUED)])
        yield running


def test_the_checkpoint_is_signed(node: Front) -> None:
    """The checkpoint bears the log's signature, under the key that the node shows, and its cosignature."""
    answer = node.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    note = parse_note(answer.content)
    verify_log_signature(note, VerifierKey.parse(node.get("/log/vkey").text.removesuffix("\n")))
    verify_cosignature(note, cosigning_key(node.store.ledger, GENESIS.membership.cosigners[0]))
    head = parse_checkpoint(note.text)
    assert (head.size, head.root) == (node.store.head.size, node.store.head.root)


def test_every_published_tile_is_there(node: Front) -> None:
    """All widths of all tiles up to the published size are served, and the hashes lead to the signed root."""
    size = node.store.head.size
    leaves = b"".join(
        hash_leaf(data) for start in range(0, size, 256) for data in look(node.store).entries(start, size)[:256]
    )
    for index, whole in enumerate((256, size - 256)):
        for width in (1, 2, 17, whole - 1, whole):
            answer = node.get(f"/log/{tile_path(0, index, width)}")
            begin = index * 256 * 32
            assert answer.content == leaves[begin : begin + width * 32]
            assert ("immutable" in answer.headers["cache-control"]) == (width == 256)
    assert len(node.get(f"/log/{tile_path(1, 0, 1)}").content) == 32
    assert root_of([leaves[at : at + 32] for at in range(0, len(leaves), 32)]) == node.store.head.root


def test_entry_bundles_are_the_entries(node: Front) -> None:
    """Bundles of any published width hold the entries' own bytes."""
    size = node.store.head.size
    for index, width in ((0, 256), (0, 3), (1, size - 256)):
        answer = node.get(f"/log/{tile_path('entries', index, width)}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert decode_entry_bundle(answer.content, width) == look(node.store).entries(index * 256, index * 256 + width)


@pytest.mark.parametrize(
    "path",
    [
        "0/002",
        "0/001",
        "0/001.p/255",
        "1/000",
        "1/000.p/2",
        "2/000.p/1",
        "63/000",
        "64/000",
        "entries/001",
        "entries/002.p/1",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/0",
        "0/x000/000",
        "00/000",
        "0/-01",
        "",
        "entries/",
        "x",
        "0/000/",
        "0/" + "x999/" * 6 + "999",
    ],
)
def test_what_is_not_published_is_not_found(node: Front, path: str) -> None:
    """A tile beyond the published size, or a path that names none, is not found: a problem like any other."""
    answer = node.get(f"/log/tile/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


def test_the_policy_names_the_log(node: Front) -> None:
    """The policy is a C2SP tlog-policy of this log, under a quorum of the cosigners."""
    log, *rest = node.get("/log/policy").text.splitlines()
    assert f"{log}\n" == f"log {node.get('/log/vkey').text}"
    assert [line.split(" ")[0] for line in rest] == ["witness", "group", "quorum"]
    assert rest[0].endswith(str(cosigning_key(node.store.ledger, GENESIS.membership.cosigners[0])))
