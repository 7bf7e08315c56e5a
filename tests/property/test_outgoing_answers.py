"""Whatever bytes come in the place of an answer, a call gives an answer or one of its own errors, and no other."""

from contextlib import suppress

import anyio
from anyio.abc import ByteStream
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hanse_io.outgoing import Answer, BadFraming, Outgoing, OutgoingError, ServerSentEvent
from hanse_io.outgoing.serversent import Splitter

LINES = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200\r\n",
    b"HTTP/1.1 204 \r\n",
    b"HTTP/1.1 103 Early\r\n\r\n",
    b"HTTP/1.1 101 X\r\n",
    b"HTTP/2 200\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 3, 3\r\n",
    b"Content-Length: +3\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length:\xb2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding: Chunked, identity\r\n",
    b"Content-Encoding: \r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\nUpgrade: h2c\r\n",
    b"Set-Cookie: a=b\r\n",
    b" folded\r\n",
    b": nothing\r\n",
    b"a\x00b: c\r\n",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"-1\r\n",
    b"ffffffffffffffffffff\r\n",
    b"\r\n",
    b"\n",
    b"abc",
]

answers = st.lists(st.sampled_from(LINES) | st.binary(max_size=20), max_size=12).map(b"".join)


async def answered(data: bytes) -> Answer | OutgoingError:
    """Ask a server that sends some bytes and ends, twice over the same pool."""

    async def serve(stream: ByteStream) -> None:
        async with stream:
            try:
                await stream.receive()
                await stream.send(data)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 (this is no database)
    found: Answer | OutgoingError
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        async with Outgoing(f"http://127.0.0.1:{port}", seconds=2) as calls:
            for _ in range(2):
                try:
                    found = await calls.ask("GET", "/", most=64)
                except OutgoingError as error:
                    found = error
        tasks.cancel_scope.cancel()
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n")
def test_any_bytes_are_an_answer_or_an_error(data: bytes) -> None:
    """No error of a library's comes through, and no answer has more than it may."""
    found = anyio.run(answered, data)
    if isinstance(found, Answer):
        assert found.status >= 200
        assert len(found.body) <= 64
        assert b"content-encoding" not in found.headers


lines = st.sampled_from(
    [b"id: 7", b"id:8", b"data: x", b"data:", b"data", b": life", b"event: record", b"", b"retry: 1"]
)


@given(st.lists(lines, max_size=40), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(1, 9), max_size=200))
def test_events_are_the_same_however_they_come(parts: list[bytes], end: bytes, cuts: list[int]) -> None:
    """A stream gives the same events in one piece and in many."""

    async def split(pieces: list[bytes]) -> list[ServerSentEvent | None]:
        splitter = Splitter(1_000)
        return [event for piece in pieces for event in splitter.take(piece, anyio.current_time())]

    data = b"".join(part + end for part in parts)
    pieces = []
    rest = data
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    assert anyio.run(split, [data]) == anyio.run(split, [piece for piece in pieces if piece])


@given(st.binary(min_size=1, max_size=300))
def test_a_splitter_takes_anything(data: bytes) -> None:
    """Any bytes give events, or are refused; an event is never larger than it may be."""

    async def split() -> None:
        splitter = Splitter(64)
        for at in range(len(data)):
            for event in splitter.take(data[at : at + 1], anyio.current_time()):
                assert event is None or len(event.data) <= 64

    with suppress(BadFraming):
        anyio.run(split)
