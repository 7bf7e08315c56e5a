"""Whole answers within their bounds, and what comes in the place of one."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing, contextmanager
from typing import NamedTuple

import anyio
import httpcore2

from hanse_io.outgoing.countedstream import BadFraming, CountedStream, OutgoingError

HEADERS = 128
FREE_PIECES = 512
"""A body may come in so many pieces, and in one more for each `PIECE_BYTES` of it."""

PIECE_BYTES = 512
BYTES_A_SECOND = 32 * 1024
"""Whoever sends, or takes, as much is given more time than a call has at first."""

STREAMING = 200
"""The first status that answers: what is smaller is not the answer yet."""

REFUSAL_BYTES = 256 * 1024
"""The most that the body of an answer may have that does not do what was asked for."""


class NoAnswer(OutgoingError):
    """Nobody answers, or not in time. Asking again is harmless if the request is."""


class NoStream(OutgoingError):
    """The other side answers, and not with events. `answer` is what it says."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(f"the answer has the status {answer.status}")
        self.answer = answer


class Answer(NamedTuple):
    """A whole answer, within its bounds. Header names are in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the other side did what was asked for."""
        return 200 <= self.status < 300


async def read_whole(response: httpcore2.Response, most: int, scope: anyio.CancelScope) -> Answer:
    """Read an answer to its end, which moves the deadline on while enough comes."""
    most = most if 200 <= response.status < 300 else REFUSAL_BYTES
    headers = judge_head(response, most)
    # Joined at the end: what grows in place is copied on the way, and holds twice as much for a moment.
    held, size, ends = list[bytes](), 0, scope.deadline
    async with aclosing(read_pieces(response)) as pieces:
        async for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size > most:
                raise BadFraming(f"the answer has more than {most} bytes")
            if len(held) > FREE_PIECES + size // PIECE_BYTES:
                raise BadFraming(f"an answer of {size} bytes comes in {len(held)} pieces")
            if size > BYTES_A_SECOND:
                scope.deadline = ends + size / BYTES_A_SECOND
    return Answer(response.status, headers, b"".join(held))


async def read_pieces(response: httpcore2.Response) -> AsyncGenerator[bytes, None]:
    """Read an answer's body as it comes, telling the connection how much of what came was body."""
    connection = response.extensions["network_stream"]
    stream = response.stream
    assert isinstance(stream, AsyncIterable)
    with translated(connection):
        async for piece in stream:
            connection.delivered += len(piece)
            yield piece


def judge_head(response: httpcore2.Response, most: int | None) -> dict[bytes, bytes]:
    """Look at an answer's head, before any of its body is read. Raises BadFraming."""
    if len(response.headers) > HEADERS:
        raise BadFraming(f"the answer has more than {HEADERS} headers")
    if response.status < STREAMING:
        raise BadFraming(f"the answer has the status {response.status}")
    headers = {name.lower(): value for name, value in response.headers}
    if b"content-encoding" in headers:
        raise BadFraming("the answer is encoded, which nobody asked for")
    length = headers.get(b"content-length")
    if length is not None and b"transfer-encoding" in headers:
        raise BadFraming("the answer has a length and is chunked")
    if length is not None and not length.isdigit():
        raise BadFraming("the answer's length is no number")
    if length is not None and most is not None and int(length) > most:
        raise BadFraming(f"the answer has {int(length)} bytes, more than {most} bytes")
    return headers


@contextmanager
def in_time(seconds: float) -> Iterator[anyio.CancelScope]:
    """End what takes too long. Raises NoAnswer."""
    try:
        with anyio.fail_after(seconds) as scope:
            yield scope
    except TimeoutError as error:
        raise NoAnswer("no whole answer in time") from error


@contextmanager
def translated(connection: CountedStream | None = None) -> Iterator[None]:
    """Let no error of the library's cross this module."""
    try:
        yield
    except httpcore2.RemoteProtocolError as error:
        if connection is not None and connection.ended:
            raise NoAnswer("the connection ended within an answer") from error
        raise BadFraming(f"the answer is no HTTP: {str(error)[:200]}") from error
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProxyError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error
