"""A request travels whole: its head and its body leave in one write, when its answer is read."""

import anyio
import httpcore2
import pytest

from hanse_io.outgoing.countedstream import HELD_REQUEST_BYTES, CountedStream

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Line(httpcore2.AsyncNetworkStream):
    """A connection that notes each write, and what time it was given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.times: list[float | None] = []

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Note it."""
        self.written.append(bytes(buffer))
        self.times.append(timeout)

    async def read(self, _most: int, timeout: float | None = None) -> bytes:
        """Answer."""
        self.times.append(timeout)
        return ANSWER

    async def aclose(self) -> None:
        """Close."""


class Network(httpcore2.AsyncNetworkBackend):
    """Opens one such connection, counted."""

    def __init__(self) -> None:
        self.line = Line()

    async def connect_tcp(self, *_given: object, **_named: object) -> httpcore2.AsyncNetworkStream:
        """Connect."""
        return CountedStream(self.line)


async def ask(network: Network, content: bytes) -> int:
    """Send a request of the library's, and give its answer's status."""
    async with httpcore2.AsyncConnectionPool(network_backend=network) as pool:
        times = {"timeout": {"connect": 1.0, "read": 7.0, "write": 3.0, "pool": 1.0}}
        headers = [("Host", "node"), ("Content-Length", str(len(content)))]
        answer = await pool.request(
            "POST", "http://node/v1/records", headers=headers, content=content, extensions=times
        )
        return answer.status


@pytest.mark.parametrize("size", [0, 1, 2_000, HELD_REQUEST_BYTES // 2])
def test_a_request_with_a_body_leaves_in_one_write(size: int) -> None:
    """The node is woken once; what is held has the time of the read, within which it is sent."""
    network = Network()
    assert anyio.run(ask, network, b"x" * size) == 200
    (written,) = network.line.written
    head, _, body = written.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/records HTTP/1.1\r\n")
    assert body == b"x" * size
    assert network.line.times[:2] == [7.0, 7.0]


def test_what_is_too_large_to_hold_is_sent_as_it_comes() -> None:
    """The head before it, in order; nothing is sent twice, and nothing is left."""
    network = Network()
    assert anyio.run(ask, network, b"x" * HELD_REQUEST_BYTES) == 200
    head, body = network.line.written
    assert head.endswith(b"\r\n\r\n")
    assert body == b"x" * HELD_REQUEST_BYTES
    assert network.line.times[:2] == [3.0, 3.0]
