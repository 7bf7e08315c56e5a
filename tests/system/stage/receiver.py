"""A receiver of webhooks: a real server on loopback that notes what comes, and answers as a test says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

PATIENCE_S = 30


class Came(NamedTuple):
    """A request that came: its headers by name in small letters, and its body."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """The event that it holds."""
        return json.loads(self.body)


class Receiver:
    """What has come to a server, and what it answers: by default 204 to all."""

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.answer: Callable[[Came], tuple[int, dict[str, str]]] = lambda _: (204, {})
        self.url = ""
        self.release = Event()
        self.lock = Lock()

    def positions(self) -> list[int]:
        """Say at which positions the records stand that came, in the order in which they did."""
        with self.lock:
            return [came.event["data"]["position"] for came in self.came]

    def wait(self, count: int) -> list[Came]:
        """Wait until so many have come, and give all."""
        ends = monotonic() + PATIENCE_S
        while len(self.came) < count:
            assert monotonic() < ends, f"{len(self.came)} of {count} have come"
            sleep(0.02)
        with self.lock:
            return list(self.came)


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """Run a receiver on loopback until the block ends."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Note what came, and answer."""
            body = self.rfile.read(int(self.headers["content-length"]))
            came = Came({name.lower(): value for name, value in self.headers.items()}, body)
            with made.lock:
                made.came.append(came)
            status, headers = made.answer(came)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Pass over whoever has hung up."""

    with Server(("127.0.0.1", port), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield made
        finally:
            made.release.set()
            server.shutdown()
            thread.join()
