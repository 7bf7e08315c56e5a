"""Calls to hosts that others have named go outside, or where somebody has allowed it, and nowhere else."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from threading import Thread
from typing import Any

import anyio
import pytest

from hanse_io.outgoing import Answer, NoAnswer, Outgoing, OutOfReach, Reach
from hanse_io.outgoing.reach import is_outside

LOOPBACK = ip_network("127.0.0.0/8")

INSIDE = (
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",  # noqa: S104 (an address that is refused)
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:0:0:0:0:80ff:fffe",
)

OUTSIDE = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_inside_is_known(text: str) -> None:
    """Loopback, private, link-local and metadata addresses, in whatever clothes."""
    assert not is_outside(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_what_is_outside_is_known(text: str) -> None:
    """Public addresses, also where IPv6 leads to them."""
    assert is_outside(ip_address(text))


def test_only_what_is_allowed_by_name_is_called_inside() -> None:
    """A network that is named is allowed, its neighbours are not."""
    reach = Reach([ip_network("10.1.0.0/16")])
    assert reach.allows(ip_address("10.1.2.3"))
    assert reach.allows(ip_address("::ffff:10.1.2.3"))
    assert not reach.allows(ip_address("10.2.0.1"))
    assert not reach.names(ip_address("8.8.8.8"))


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer with what came, or lead elsewhere."""
        self.server.seen.append(self.headers["host"])  # type: ignore[attr-defined]  # of the test's own server
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("location", "/")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Any:
    """Serve on loopback, and note who was asked for."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        server.seen = []  # type: ignore[attr-defined]  # of the test's own server
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def post(url: str, reach: Reach, path: str = "/") -> Answer:
    """Send something."""

    async def send() -> Answer:
        async with Outgoing(url, seconds=5, reach=reach) as calls:
            return await calls.ask("POST", path, body=b"{}", most=100)

    return anyio.run(send)


def test_a_call_inside_is_refused_before_anything_is_sent(receiver: Any) -> None:
    """The address itself, and every way to write it, and the name that means it."""
    port = receiver.server_port
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0x7f000001"):
        with pytest.raises(OutOfReach, match="which is inside"):
            post(f"http://{host}:{port}/", Reach())
    assert receiver.seen == []


def test_a_call_in_the_clear_goes_only_where_it_was_allowed(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside, where it is named; outside it is never sent in the clear."""
    port = receiver.server_port
    assert post(f"http://127.0.0.1:{port}/", Reach([LOOPBACK])).status == 200
    means(monkeypatch, "8.8.8.8")
    with pytest.raises(OutOfReach, match="https://"):
        post("http://public.example/", Reach([LOOPBACK]))


def means(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let every name mean addresses, one answer after the other, parted by blanks; give the names that are asked."""
    asked: list[str] = []

    def look_up(host: str | bytes, port: int, *_: Any, **__: Any) -> list[Any]:
        host = host.decode() if isinstance(host, bytes) else host
        answer = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answer.split()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("answer", ["169.254.169.254", "8.8.8.8 10.0.0.1"], ids=["metadata", "mixed"])
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Also where only one of its addresses does."""
    means(monkeypatch, answer)
    with pytest.raises(OutOfReach, match="is inside"):
        post("https://evil.example/", Reach([LOOPBACK]))


def test_a_name_is_resolved_once(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is what is called, under the name: a second answer is never asked for."""
    asked = means(monkeypatch, "127.0.0.1", "10.9.9.9")
    url = f"http://hook.example:{receiver.server_port}/"
    assert post(url, Reach([LOOPBACK])).status == 200
    assert asked == ["hook.example"]
    assert receiver.seen == [f"hook.example:{receiver.server_port}"]


def test_an_address_that_does_not_answer_gives_way_to_the_next(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of several addresses is called where somebody is."""
    means(monkeypatch, "127.0.0.2 127.0.0.1")
    assert post(f"http://hook.example:{receiver.server_port}/", Reach([LOOPBACK])).status == 200
    means(monkeypatch, "127.0.0.2")
    with pytest.raises(NoAnswer):
        post(f"http://hook.example:{receiver.server_port}/", Reach([LOOPBACK]))


def test_a_redirect_is_an_answer_and_no_new_call(receiver: Any) -> None:
    """Nobody is led from an address that was looked at to one that was not."""
    assert post(f"http://127.0.0.1:{receiver.server_port}", Reach([LOOPBACK]), "/away").status == 302
    assert len(receiver.seen) == 1


def test_a_name_that_nobody_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be resolved cannot be called."""

    def look_up(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OutOfReach, match="has no address"):
        post("https://nobody.example/", Reach())
