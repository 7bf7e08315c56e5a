"""The speaker of HTTP, against a server that answers what a test tells it to."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket
from threading import Thread
from typing import NamedTuple

import anyio
import msgspec
import pytest

from hanse_client.base.errors import (
    BadAnswer,
    HanseError,
    NodeBusy,
    NodeFailed,
    NodeUnreachable,
    NotFound,
    Refused,
    SetupError,
    Unauthorized,
)
from hanse_client.exchange.problems import read_problem
from hanse_client.exchange.transport import ATTEMPTS, Transport, encode_batch, read_token
from hanse_io.outgoing import EVENT_BYTES


class Reply(NamedTuple):
    """What the server answers once."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Script(ThreadingHTTPServer):
    """Answers one reply after another, the last one for ever, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, replies: list[Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.replies, self.asked = replies, []  # type: ignore[var-annotated]  # a list of (line, headers, body)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Script

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.server.asked.append((self.requestline, dict(self.headers), self.rfile.read(length)))
        reply = self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that the base class gives it)
        """Say nothing."""


@contextmanager
def script(*replies: Reply) -> Iterator[Script]:
    """Run a server in a thread."""
    with Script(list(replies)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def dripping() -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that sends a byte of its answer now and then, and never the last one."""
    asked: list[bytes] = []
    threads: list[Thread] = []

    def drip(taken: socket) -> None:
        with taken, suppress(OSError):
            asked.append(taken.recv(4_096))
            taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            while True:  # until whoever asks has gone
                taken.sendall(b".")
                time.sleep(0.05)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threads.append(Thread(target=drip, args=(listening.accept()[0],)))
                threads[-1].start()

    with create_server(("127.0.0.1", 0)) as listening:
        server = Thread(target=serve)
        server.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        listening.shutdown(SHUT_RDWR)
        for thread in (server, *threads):
            thread.join()


def get(server: Script, most: int = 100, token_file: Path | None = None) -> bytes:
    """Read `/thing` from the server."""

    async def main() -> bytes:
        transport = Transport(server.url, token_file=token_file, timeout_ms=2_000)
        try:
            return await transport.get("/thing", most=most)
        finally:
            await transport.close()

    return anyio.run(main)


def events(server: Script) -> list[tuple[int, bytes]]:
    """Read the server's events until it ends them."""

    async def main() -> list[tuple[int, bytes]]:
        transport = Transport(server.url, token_file=None, timeout_ms=2_000)
        try:
            return [event async for event in transport.events("/v1/events", after=7) if event is not None]
        finally:
            await transport.close()

    return anyio.run(main)


PROBLEM = msgspec.json.encode(
    {
        "type": "urn:hanse:problem:overpaid",
        "code": "overpaid",
        "rule": "S-1",
        "detail": "more than is outstanding",
        "user_message": "More is allocated than is outstanding.",
        "suggested_action": "Allocate less.",
        "request_id": "abc",
        "errors": [{"pointer": "/body/allocations/0", "seen": "7", "wanted": "at most 5"}],
    }
)


def test_an_answer_comes_as_it_is() -> None:
    """A good answer is given as bytes."""
    with script(Reply(200, b"bytes")) as server:
        assert get(server) == b"bytes"
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_node_is_asked_again(status: int) -> None:
    """A node that is busy or restarting is asked again, until it answers."""
    with script(Reply(status), Reply(status, headers=(("Retry-After", "0"),)), Reply(200, b"at last")) as server:
        assert get(server) == b"at last"
        assert len(server.asked) == 3


def test_a_node_that_stays_busy_is_reported() -> None:
    """After a few attempts the caller hears that the node is busy; trying again later is harmless."""
    with script(Reply(503, PROBLEM)) as server:
        with pytest.raises(NodeBusy, match="Try again later"):
            get(server)
        assert len(server.asked) == ATTEMPTS


@pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_long_retry_after_is_reported_at_once(wait: str) -> None:
    """A node that asks for an hour's patience is reported, instead of keeping the caller waiting."""
    with script(Reply(503, headers=(("Retry-After", wait),))) as server:
        begun = time.monotonic()
        with pytest.raises(NodeBusy):
            get(server)
        assert time.monotonic() - begun < 5
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "wait",
    [
        "soon",
        "-1",
        "",
        "Fri, 32 Foo 2026",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 01 Jan 99999999999 00:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:00 +99999999999999999999",
    ],
)
def test_an_unreadable_retry_after_is_as_if_it_were_not_there(wait: str) -> None:
    """Junk in Retry-After, and a date that has passed, lead to the usual pause."""
    with script(Reply(503, headers=(("Retry-After", wait),)), Reply(200, b"ok")) as server:
        assert get(server) == b"ok"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (413, Refused),
        (422, Refused),
        (500, NodeFailed),
        (302, BadAnswer),
    ],
)
def test_each_status_is_an_error_of_its_own(status: int, kind: type[HanseError]) -> None:
    """A refusal is never tried again, and says who can act; a redirect is not followed."""
    with script(Reply(status, PROBLEM, (("Location", "http://elsewhere.example/"),))) as server:
        with pytest.raises(kind) as caught:
            get(server)
        assert type(caught.value) is kind
        assert len(server.asked) == 1
        if isinstance(caught.value, Refused):
            assert (caught.value.code, caught.value.rule) == ("overpaid", "S-1")
            assert (caught.value.pointer, caught.value.seen) == ("/body/allocations/0", "7")
            assert caught.value.suggested_action in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"code":7}',
        b"\xff",
        b'{"code":"\xff"}',
        b'{"code":"' + b"x" * 9_999 + b'"}',
        b'{"else":' + b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_problem_still_gives_a_refusal(data: bytes) -> None:
    """Whatever stands in an error's body, the status is told."""
    assert read_problem(data, 418).code == "http-418"


def test_an_answer_is_bounded() -> None:
    """An answer that is larger than what was asked for can be is not read to its end, whether it is good or bad."""
    with script(Reply(200, bytes(101))) as server, pytest.raises(BadAnswer, match="more than 100 bytes"):
        get(server)
    with script(Reply(422, bytes(300 * 1024))) as server, pytest.raises(BadAnswer, match="more than"):
        get(server)


def test_all_attempts_share_one_time() -> None:
    """A node that drips has the time of one call, not that of each attempt; one that is slow to refuse likewise."""
    with dripping() as (url, asked):

        async def main() -> None:
            transport = Transport(url, token_file=None, timeout_ms=700)
            try:
                await transport.get("/thing", most=100)
            finally:
                await transport.close()

        begun = time.monotonic()
        with pytest.raises(NodeUnreachable):
            anyio.run(main)
        assert time.monotonic() - begun < 1.4
        assert len(asked) == 1


def test_each_of_several_nodes_has_its_time() -> None:
    """A node that drips does not take the others' time."""
    with dripping() as (url, _), script(Reply(200, b"bytes")) as server:

        async def main() -> bytes:
            transport = Transport([url, server.url], token_file=None, timeout_ms=300)
            try:
                return await transport.get("/thing", most=100)
            finally:
                await transport.close()

        assert anyio.run(main) == b"bytes"


def test_no_node_is_unreachable() -> None:
    """Where nobody listens, the caller hears it after a few attempts."""
    with script(Reply(200)) as server:
        pass
    with pytest.raises(NodeUnreachable, match="does not answer"):
        get(server)


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node far away is reached through the proxy that the environment names; one on this machine never is."""
    with script(Reply(200, b"through")) as server:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, server.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)

        async def main(url: str) -> bytes:
            transport = Transport(url, token_file=None, timeout_ms=2_000)
            try:
                return await transport.get("/thing", most=100)
            finally:
                await transport.close()

        assert anyio.run(main, "http://node.example:8080/base") == b"through"
        assert anyio.run(main, server.url) == b"through"
        lines = [line for line, _, _ in server.asked]
        assert lines == ["GET http://node.example:8080/base/thing HTTP/1.1", "GET /thing HTTP/1.1"]


def test_the_token_travels_as_a_header(tmp_path: Path) -> None:
    """The token comes from a private file and goes into the Authorization header alone."""
    path = tmp_path / "token"
    path.write_text("secret-token-0123456789\n")
    path.chmod(0o600)
    with script(Reply(200)) as server:
        get(server, token_file=path)
        line, headers, _ = server.asked[0]
        assert headers["Authorization"] == "Bearer secret-token-0123456789"
        assert "secret" not in line
    with pytest.raises(SetupError, match="in the clear"):
        Transport("http://node.example", token_file=path, timeout_ms=1)


@pytest.mark.parametrize(("text", "mode"), [("", 0o600), ("two words", 0o600), ("\x1b", 0o600), ("good", 0o644)])
def test_a_token_file_is_checked(tmp_path: Path, text: str, mode: int) -> None:
    """A token file that is empty, holds something else, or is open to others is refused."""
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(SetupError):
        read_token(path)


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "ftp://host", "http://", "http://user:pw@host", "http://host/?a=b", "file:///x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """What is no node's address is refused before anything is sent."""
    with pytest.raises(SetupError):
        Transport(url, token_file=None, timeout_ms=1)


def test_events_are_split_as_the_standard_says() -> None:
    """Comments and unknown fields are skipped, lines may end in CR LF, data without end is dropped."""
    stream = (
        b": hello\n\nid: 8\nevent: record\ndata: one\n\n:\n\nid:9\r\ndata:two\r\n\r\nretry: 5\n\n"
        b"id: 10\ndata: three\ndata: more\n\nid: 11\ndata: cut off"
    )
    with script(Reply(200, stream)) as server:
        assert events(server) == [(8, b"one"), (9, b"two"), (10, b"three\nmore")]
        assert server.asked[0][1]["Last-Event-ID"] == "7"


@pytest.mark.parametrize(
    "stream",
    [
        b"data: no id\n\n",
        b"id: x\ndata: y\n\n",
        b"data: " + bytes(EVENT_BYTES + 9),
        b"data: x\n" * EVENT_BYTES + b"data: x\n",
    ],
)
def test_events_are_bounded(stream: bytes) -> None:
    """An event without a position, or one that never ends, is a bad answer."""
    with script(Reply(200, stream)) as server, pytest.raises(BadAnswer):
        events(server)


def test_events_that_are_refused_say_why() -> None:
    """A node that does not stream says why, as elsewhere."""
    with script(Reply(401, PROBLEM)) as server, pytest.raises(Unauthorized):
        events(server)


def test_a_batch_is_an_array_of_bin() -> None:
    """The body of a batch is a MessagePack array of byte strings."""
    assert msgspec.msgpack.decode(encode_batch([b"a", b"bc"])) == [b"a", b"bc"]
