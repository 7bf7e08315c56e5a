"""Requests as they come over a connection: how they are cut, what is no request, and what is bounded."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any

import pytest

from hanse_node.base.bounds import HEAD_BYTES, HEADER_FIELDS, LINGER_SECONDS
from hanse_node.front.connections import BoundedConnection
from hanse_node.front.serving import bind, make_serving, new_quick_loop, resolve

POST = b"POST /x HTTP/1.1\r\nHost: node\r\n"
GET = b"GET / HTTP/1.1\r\nHost: node\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"

connections: list[BoundedConnection] = []


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was understood: the method, the path, the body."""
    assert scope["type"] == "http"
    connections.append(scope["state"]["connection"])
    early, body, more = scope["path"] == "/early", b"", True
    while more and not early:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    said = b"%s %s %s" % (scope["method"].encode(), scope["raw_path"], body)
    status = 413 if early else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


LOOPS = {"of uvloop": new_quick_loop, "of Python": asyncio.new_event_loop}
"""A node without TLS, and one with it, run on these."""


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run a server with the node's own connections and door."""
    listener = bind("127.0.0.1", 0, resolve("127.0.0.1", 0))
    with _running(listener, LOOPS[request.param]):
        yield listener.getsockname()[1]


@contextmanager
def _running(listener: socket.socket, loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[None]:
    serving = make_serving(echo, listener, BoundedConnection)

    async def run() -> None:
        task = asyncio.create_task(serving.server.serve(sockets=[]))
        while not serving.server.started:
            await asyncio.sleep(0.01)
        door = asyncio.create_task(serving.door.run())
        await task
        door.cancel()

    def serve() -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        serving.server.should_exit = True
        thread.join()
        listener.close()


def exchange(port: int, *pieces: bytes) -> bytes:
    """Send pieces, and read until the other side says no more."""
    with socket.create_connection(("127.0.0.1", port), timeout=LINGER_SECONDS + 5) as connection:
        for piece in pieces:
            connection.sendall(piece)
        said = b""
        while found := connection.recv(65_536):
            said += found
        return said


def statuses(said: bytes) -> list[int]:
    """List the statuses of the answers in what was said."""
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+) ", said)]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for a few seconds."""
    for _ in range(500):
        if holds():
            return
        sleep(0.01)
    raise AssertionError("it does not come to hold")


UNREADABLE = {
    "a length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "a length twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
    "a list of lengths": POST + b"Content-Length: 2, 2\r\n\r\nab",
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\nab",
    "a negative length": POST + b"Content-Length: -2\r\n\r\nab",
    "a length in hexadecimal": POST + b"Content-Length: 0x2\r\n\r\nab",
    "a length in two words": POST + b"Content-Length: 2 2\r\n\r\nab",
    "an empty length": POST + b"Content-Length: \r\n\r\n",
    "a length past 64 bits": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "an encoding before the chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "an encoding after the chunks": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another word for chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n",
    "an odd space before chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "an empty encoding": POST + b"Transfer-Encoding: \r\n\r\n",
    "chunks in HTTP/1.0": b"POST /x HTTP/1.0\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk size of 0x": CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n",
    "a chunk size with a sign": CHUNKED + b"+2\r\nab\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-2\r\nab\r\n0\r\n\r\n",
    "a space before a chunk size": CHUNKED + b" 2\r\nab\r\n0\r\n\r\n",
    "a space after a chunk size": CHUNKED + b"2 \r\nab\r\n0\r\n\r\n",
    "a line in a chunk size": CHUNKED + b"2_0\r\nab\r\n0\r\n\r\n",
    "no chunk size": CHUNKED + b"\r\nab\r\n0\r\n\r\n",
    "a chunk size past 64 bits": CHUNKED + b"10000000000000002\r\nab\r\n0\r\n\r\n",
    "LF alone after a chunk size": CHUNKED + b"2\nab\r\n0\r\n\r\n",
    "LF alone in an extension": CHUNKED + b"2;a\nb\r\nab\r\n0\r\n\r\n",
    "LF alone after a chunk": CHUNKED + b"2\r\nab\n0\r\n\r\n",
    "no end of a chunk": CHUNKED + b"2\r\nabcd\r\n0\r\n\r\n",
    "a length among trailers": CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n",
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "a line folded with a tab": GET + b"X: a\r\n\tb\r\n\r\n",
    "a fold after the first line": b"GET / HTTP/1.1\r\n Host: node\r\n\r\n",
    "LF alone": b"GET / HTTP/1.1\nHost: node\n\n",
    "LF alone between fields": b"GET / HTTP/1.1\r\nHost: node\nX: b\r\n\r\n",
    "LF alone before a head": b"\n" + GET + b"\r\n",
    "CR alone": b"GET / HTTP/1.1\r\nHost: node\rX: b\r\n\r\n",
    "NUL in a value": GET + b"X: a\0b\r\n\r\n",
    "NUL in a name": GET + b"X\0: a\r\n\r\n",
    "NUL in a path": b"GET /a\0b HTTP/1.1\r\nHost: node\r\n\r\n",
    "a control character in a value": GET + b"X: a\x01b\r\n\r\n",
    "a space before the colon": GET + b"X : a\r\n\r\n",
    "no name": GET + b": a\r\n\r\n",
    "no colon": GET + b"X\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: other\r\n\r\n",
    "a whole address": b"GET http://other/ HTTP/1.1\r\nHost: node\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: node\r\n\r\n",
    "a tunnel": b"CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n",
    "a tunnel from a path": b"CONNECT / HTTP/1.1\r\nHost: node\r\n\r\n",
    "a fragment": b"GET /a#b HTTP/1.1\r\nHost: node\r\n\r\n",
    "a byte past ASCII in a path": b"GET /\xff HTTP/1.1\r\nHost: node\r\n\r\n",
    "a tab in a path": b"GET /a\tb HTTP/1.1\r\nHost: node\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: node\r\n\r\n",
    "a space after the version": b"GET / HTTP/1.1 \r\nHost: node\r\n\r\n",
    "no version": b"GET /\r\nHost: node\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: node\r\n\r\n",
    "another protocol": b"GET / RTSP/1.0\r\nHost: node\r\n\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a small method": b"get / HTTP/1.1\r\nHost: node\r\n\r\n",
    "a method that is none": b"FOO / HTTP/1.1\r\nHost: node\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x00\x05hello\r\n\r\n",
}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_be_read_otherwise_is_refused(port: int, sent: bytes) -> None:
    """One answer, a problem that says why; and what was sent behind it is heard by nobody."""
    said = exchange(port, sent + NEXT)
    assert statuses(said) == [400]
    assert b"connection: close" in said
    assert b"urn:hanse:problem:malformed" in said


READABLE = {
    "a body with its length": (POST + b"Content-Length: 2\r\n\r\nab", b"POST /x ab"),
    "space around a length": (POST + b"Content-Length:\t 2 \r\n\r\nab", b"POST /x ab"),
    "chunks": (CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"POST /x abc"),
    "an extension": (CHUNKED + b"2;a=b\r\nab\r\n0\r\n\r\n", b"POST /x ab"),
    "trailers": (CHUNKED + b"2\r\nab\r\n0\r\nX: y\r\n\r\n", b"POST /x ab"),
    "blank lines before": (b"\r\n\r\n" + GET + b"\r\n", b"GET / "),
    "a query": (b"GET /a?b=%20&c?d HTTP/1.1\r\nHost: node\r\n\r\n", b"GET /a "),
    "two slashes": (b"GET //a/b HTTP/1.1\r\nHost: node\r\n\r\n", b"GET //a/b "),
    "an offer of another protocol": (GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"GET / "),
    "an offer with a body": (
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab",
        b"POST /x ab",
    ),
    "the most fields": (GET + b"X: y\r\n" * (HEADER_FIELDS - 1) + b"\r\n", b"GET / "),
}


@pytest.mark.parametrize(("sent", "understood"), READABLE.values(), ids=READABLE)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_requests_are_cut_where_they_end(port: int, sent: bytes, understood: bytes, step: int) -> None:
    """In whatever pieces it comes, a request is understood, and the next one on the same connection is too."""
    pieces = [sent[at : at + step] for at in range(0, len(sent), step)]
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)
        said = connection.recv(65_536)
        while not said.endswith(understood):
            said += connection.recv(65_536)
        connection.sendall(NEXT)
        after = b""
        while found := connection.recv(65_536):
            after += found
    assert statuses(said) == [200]
    assert after.endswith(b"GET /next ")


def test_a_chunk_that_ends_a_connection_is_answered_first(port: int) -> None:
    """What is sent ahead behind chunks is not heard: the first request is answered, and says that it is the last."""
    said = exchange(port, CHUNKED + b"2\r\nab\r\n0\r\n\r\n" + NEXT)
    assert statuses(said) == [200]
    assert b"connection: close" in said
    assert said.endswith(b"POST /x ab")


def test_requests_sent_ahead_are_answered_in_order_one_at_a_time(port: int) -> None:
    """However many come in one piece, one is parsed, answered, and then the next; a fault is told in its turn."""
    many = b"".join(b"POST /%d HTTP/1.1\r\nHost: node\r\nContent-Length: 2\r\n\r\nab" % turn for turn in range(500))
    said = exchange(port, many + b"nonsense\r\n\r\n")
    assert statuses(said) == [200] * 500 + [400]
    assert said.index(b"POST /0 ab") < said.index(b"POST /250 ab") < said.index(b"POST /499 ab")
    assert not connections[-1].pipeline


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"X: " + b"a" * HEAD_BYTES,
        GET + b"X: " + b"a" * HEAD_BYTES + b"\r\n\r\n",
        GET + b"X: y\r\n" * HEADER_FIELDS + b"\r\n",
        b"GET /" + b"a" * HEAD_BYTES,
        GET + b"".join(b"X%d: y\r\n" % turn for turn in range(100_000)),
    ],
    ids=["an endless value", "a long value", "a field too many", "an endless path", "a million bytes of fields"],
)
def test_a_head_is_bounded(port: int, sent: bytes) -> None:
    """More bytes or more fields than the node reads are 431, and no byte of them reaches the parser."""
    try:
        said = exchange(port, sent)
    except ConnectionError:
        pytest.fail("whoever sends too much must hear of it")
    assert statuses(said) == [431]
    assert b"urn:hanse:problem:head-too-large" in said


def test_pieces_of_a_body_are_counted(port: int) -> None:
    """Chunks of a byte cost more to read than they are worth; after an answer there is no place for another one."""
    chunks = b"1\r\nx\r\n" * 2_000
    assert statuses(exchange(port, CHUNKED + chunks)) == [400]
    early = b"POST /early HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(early)
        said = b""
        while not said.endswith(b"POST /early "):
            said += connection.recv(65_536)
        assert statuses(said) == [413]
        connection.sendall(chunks)
        with suppress(ConnectionResetError):
            assert connection.recv(65_536) == b""


@pytest.mark.parametrize("ending", [b"0\r\nX: ", b"2;x="], ids=["a trailer", "an extension"])
def test_what_comes_beside_chunks_is_bounded(port: int, ending: bytes) -> None:
    """A trailer or an extension without end is no way to fill the node's memory."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(CHUNKED + ending)
        said = b""
        try:
            for _ in range(1_000):
                connection.sendall(b"a" * 65_536)
        except ConnectionError:
            return  # cut, with whatever had been said
        while found := connection.recv(65_536):
            said += found
    assert statuses(said) == [400]


def test_an_early_answer_is_heard_while_the_body_still_comes(port: int) -> None:
    """Who is refused before all is sent reads why, though it goes on sending for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST /early HTTP/1.1\r\nHost: node\r\nContent-Length: 4000000\r\n\r\n")
        for _ in range(30):
            connection.sendall(bytes(65_536))
        assert statuses(connection.recv(65_536)) == [413]


def test_who_asks_whether_to_send_is_told_and_then_let_go(port: int) -> None:
    """Whether a body follows an early answer nobody can know: the connection ends with it."""
    asked = b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    said = exchange(port, b"POST /early HTTP/1.1\r\nHost: node\r\n" + asked)
    assert statuses(said) == [413]
    assert b"connection: close" in said
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(POST + asked)
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert b"connection: close" in connection.recv(65_536)


def test_a_connection_that_is_reset_leaves_no_timer(port: int) -> None:
    """What is gone is forgotten at once, not when it would have been idle for long enough."""
    connections.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(GET + b"\r\n")
        assert statuses(connection.recv(65_536)) == [200]
        (held,) = connections
        until(lambda: held.timeout_keep_alive_task is not None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    until(lambda: held not in held.connections and held.timeout_keep_alive_task is None)
