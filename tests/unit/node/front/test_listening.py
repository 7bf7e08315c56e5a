"""Doors: whoever connects is greeted, also when many do so in the same moment."""

import asyncio
import gc
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from hanse_node.base.bounds import HANDSHAKES, HANDSHAKES_PER_SECOND
from hanse_node.front.listening import Door
from tests.world.certificates import Authority

CROWD = 4 * HANDSHAKES
ELSEWHERE = "127.0.0.2"
"""Another address of this machine's; not every system has it."""


class Greeting(asyncio.Protocol):
    """Says a word to whoever connects, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"welcome")
        transport.close()


def test_a_crowd_that_connects_at_once_is_greeted_to_the_last() -> None:
    """In the clear there is no handshake, so that nobody has to give way to whoever comes next."""

    async def run() -> list[bytes]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            door = Door(listener, Greeting)
            crowd = [socket.create_connection(listener.getsockname(), timeout=10) for _ in range(CROWD)]
            task = asyncio.create_task(door.run())
            try:
                return [await asyncio.to_thread(each.recv, 100) for each in crowd]
            finally:
                task.cancel()
                for each in crowd:
                    each.close()

    assert asyncio.run(run()) == [b"welcome"] * CROWD


def test_a_crowd_from_one_address_keeps_no_other_waiting(tmp_path: Path) -> None:
    """Hundreds of connections that say nothing wait for handshakes of their own; somebody else has his at once."""
    authority = Authority()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(*authority.issue(tmp_path, "localhost"))
    client.load_verify_locations(cadata=authority.pem)

    def ask(address: tuple[str, int]) -> float:
        begun = monotonic()
        with client.wrap_socket(socket.create_connection(address, timeout=20), server_hostname="localhost") as asking:
            assert asking.recv(100) == b"welcome"
        return monotonic() - begun

    async def run() -> float:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            door = Door(listener, Greeting, lambda: server)
            crowd = [socket.socket() for _ in range(4 * HANDSHAKES_PER_SECOND)]
            for each in crowd:
                each.setblocking(False)
                each.bind((ELSEWHERE, 0))
                with suppress(BlockingIOError):
                    each.connect(listener.getsockname())
            task = asyncio.create_task(door.run())
            try:
                return await asyncio.to_thread(ask, listener.getsockname())
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                for each in crowd:
                    each.close()

    try:
        socket.create_server((ELSEWHERE, 0)).close()
    except OSError:
        pytest.skip(f"{ELSEWHERE} is no address here")
    assert asyncio.run(run()) < 2


@pytest.mark.parametrize("turns", range(8))
def test_whoever_connects_as_the_door_closes_is_closed_too(turns: int) -> None:
    """In whichever turn of the loop it closes, no connection is left open: what is forgotten open warns here."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            task = asyncio.create_task(Door(listener, Greeting).run())
            await asyncio.sleep(0.01)
            with socket.create_connection(listener.getsockname(), timeout=10) as asking:
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                listener.close()  # whom it has not accepted is let go with it
                assert await asyncio.to_thread(asking.recv, 100) in (b"", b"welcome")

    with suppress(ConnectionResetError):
        asyncio.run(run())
    gc.collect()


def test_a_greeting_that_never_had_a_turn_is_closed() -> None:
    """Cancelled in the turn in which it was begun, it leaves nothing open."""

    async def run() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            door = Door(listener, Greeting)
            ours, theirs = socket.socketpair()
            with theirs:
                door._greet("", ours)
                for task in tuple(door._greeting):
                    task.cancel()
                await asyncio.sleep(0.01)
            return ours.fileno()

    assert asyncio.run(run()) == -1
