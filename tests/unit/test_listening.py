"""Doors: whoever connects is greeted, also when many do so in the same moment."""

import asyncio
import socket

from hanse_node.api.listening import Door
from hanse_node.bounds import HANDSHAKES

CROWD = 4 * HANDSHAKES


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
