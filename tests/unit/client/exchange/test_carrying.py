"""Sealed documents over a bad line: each way goes on where it broke, and no other bytes pass for the document."""

import os
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import anyio
import pytest

from hanse_client import AsyncClient
from hanse_client.base.errors import BadAnswer, InvalidInput, NodeUnreachable, NotFound, Refused
from hanse_client.exchange.sealed.carrying import PIECE_BYTES, fetch_sealed, send_sealed
from hanse_client.exchange.session import Session
from hanse_client.sealing.agefile import SEALED_BYTES
from tests.tables.tampering import Change, Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor, now_ms
from tests.world.typed.desk import make_node_here, node_here

T = TypeVar("T")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one node for the tests of this file."""
    with node_here(make_node_here(tmp_path_factory.mktemp("node") / "node", NodeCorridor())) as url:
        yield url


@pytest.fixture
def line(node: str) -> Iterator[Proxy]:
    """Give a line to the node that can break."""
    with proxy(node) as server:
        yield server


READERS = bytes(48)
"""Who reads it, as the node is told."""


def done(url: str, home: Path, work: Callable[[Session], Awaitable[T]]) -> T:
    """Do something as a client."""

    async def do() -> T:
        async with AsyncClient(url, home=home) as client:
            return await work(client._session)

    return anyio.run(do)


def send(url: str, home: Path, sealed: bytes) -> bytes:
    """Send a document."""
    return done(url, home, lambda session: send_sealed(session, sealed, READERS, now_ms() + 600_000))


def fetch(url: str, home: Path, sealed: bytes) -> bytes:
    """Fetch a document."""
    digest = sha256(sealed).digest()
    return done(url, home, lambda session: fetch_sealed(session, digest, len(sealed)))


def breaking(*at: int) -> Change:
    """Break the line at some of the answers, after the node has done what was asked."""
    seen = 0

    def change(_: str, body: bytes) -> bytes:
        nonlocal seen
        seen += 1
        if seen in at:
            raise ConnectionResetError("the line breaks")
        return body

    return change


def asked(line: Proxy, method: str) -> list[str]:
    """Give what was asked by a method."""
    return [each for each in line.asked if each.startswith(method)]


def pieces(line: Proxy) -> list[str]:
    """Give the pieces that were sent; who reads it is told besides."""
    return [each for each in asked(line, "PUT") if not each.endswith("/readers")]


def test_what_is_sent_comes_back(node: str, tmp_path: Path) -> None:
    """A document of several pieces, one of one, and again: it is there, and nothing lies about at home."""
    for size in (1, PIECE_BYTES, 3 * PIECE_BYTES + 7):
        sealed = os.urandom(size)
        for _ in range(2):
            assert send(node, tmp_path, sealed) == sha256(sealed).digest()
        assert fetch(node, tmp_path, sealed) == sealed
    assert os.listdir(tmp_path / "fetched") == []


def test_a_line_that_breaks_while_sending(line: Proxy, tmp_path: Path) -> None:
    """An answer that is lost costs one piece at most: what the node has is not sent again."""
    sealed = os.urandom(4 * PIECE_BYTES)
    line.change = breaking(3, 5)
    assert send(line.url, tmp_path, sealed) == sha256(sealed).digest()
    assert len(pieces(line)) == 4 + 1  # of the two answers one was to a piece
    line.change = nothing
    assert fetch(line.url, tmp_path, sealed) == sealed


def test_sending_goes_on_in_another_program(line: Proxy, tmp_path: Path) -> None:
    """Who gave up, and tries again later, sends what is missing alone."""
    sealed = os.urandom(4 * PIECE_BYTES)
    line.change = breaking(*range(3, 99))
    with pytest.raises(NodeUnreachable):
        send(line.url, tmp_path, sealed)
    line.change, line.asked[:] = nothing, []
    send(line.url, tmp_path, sealed)
    assert len(pieces(line)) == 2


def test_fetching_goes_on_in_another_program(line: Proxy, tmp_path: Path) -> None:
    """What has come lies in the home folder, readable to its user alone; the next attempt fetches the rest alone."""
    sealed = os.urandom(4 * PIECE_BYTES)
    send(line.url, tmp_path, sealed)
    line.change = breaking(*range(3, 99))
    with pytest.raises(NodeUnreachable):
        fetch(line.url, tmp_path, sealed)
    (part,) = (tmp_path / "fetched").iterdir()
    assert (part.stat().st_size, part.stat().st_mode & 0o777) == (2 * PIECE_BYTES, 0o600)
    line.change, line.asked[:] = nothing, []
    assert fetch(line.url, tmp_path, sealed) == sealed
    assert len(asked(line, "GET")) == 2


def test_no_other_bytes_pass(line: Proxy, tmp_path: Path) -> None:
    """Changed, shortened and foreign bytes are no document, and nothing of them is used by the next attempt."""
    sealed = os.urandom(PIECE_BYTES + 9)
    send(line.url, tmp_path, sealed)
    lies: list[Change] = [
        lambda _, body: bytes([body[0] ^ 1]) + body[1:],
        lambda _, body: body[:-1],
        lambda _, body: body + b"x",
        lambda _, body: b"",
    ]
    for lie in lies:
        line.change = lie
        with pytest.raises(BadAnswer):
            fetch(line.url, tmp_path, sealed)
    line.change = nothing
    (tmp_path / "fetched").mkdir(exist_ok=True)
    (tmp_path / "fetched" / f"{sha256(sealed).hexdigest()}.part").write_bytes(b"x" * 20)
    with pytest.raises(BadAnswer):
        fetch(line.url, tmp_path, sealed)
    assert fetch(line.url, tmp_path, sealed) == sealed


def test_a_node_that_lies_about_an_upload(line: Proxy, tmp_path: Path) -> None:
    """A node that says that it has more than there is, or that nothing more has come, is not asked for ever."""
    for offset in (10, 0):
        line.change = lambda path, body, offset=offset: (  # type: ignore[misc]  # bound at its making
            b'{"offset":%d,"whole":false}' % offset if "payloads" in path else body
        )
        line.statuses = {}
        with pytest.raises(BadAnswer):
            send(line.url, tmp_path, os.urandom(10))


def test_what_is_not_there(node: str, tmp_path: Path) -> None:
    """A document that nobody has sent is not found; one that would be too large is not asked for, nor taken."""
    with pytest.raises(NotFound):
        fetch(node, tmp_path, b"nobody has sent this")
    with pytest.raises(InvalidInput):
        done(node, tmp_path, lambda session: fetch_sealed(session, bytes(32), SEALED_BYTES + 1))
    with pytest.raises(Refused):
        send(node, tmp_path, bytes(SEALED_BYTES + 1))
