"""A proxy before a node that changes what the node says: the lies that a client must see through."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

Change = Callable[[str, bytes], bytes]
"""Gets the path with its query, and the body; gives the body that the client shall see."""


REPEATS = 200


def nothing(_: str, body: bytes) -> bytes:
    """Change nothing."""
    return body


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a node, and answers through `change`. `asked` lists the request lines.

    `streams` holds what is answered by path without asking the node, whose own streams never end; with a `pause` it is
    sent again and again. `statuses` holds by path with which status an answer goes out.
    """

    daemon_threads = True

    def __init__(self, node: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.node = urlsplit(node)
        self.change: Change = nothing
        self.asked: list[str] = []
        self.streams: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.pause = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Pass(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        stream = self.server.streams.get(urlsplit(self.path).path)
        if stream is not None:
            if self.server.pause:
                self.repeat(stream)
            else:
                self.answer(200, stream)
            return
        node = self.server.node
        assert node.hostname is not None
        connection = http.client.HTTPConnection(node.hostname, node.port, timeout=30)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body, kept)
            answer = connection.getresponse()
            changed = self.server.change(self.path, answer.read())
        finally:
            connection.close()
        self.answer(self.server.statuses.get(urlsplit(self.path).path, answer.status), changed)

    def repeat(self, body: bytes) -> None:
        """Send a body again and again, until nobody listens."""
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(REPEATS):
                self.wfile.write(body)
                self.wfile.flush()
                time.sleep(self.server.pause)

    def answer(self, status: int, body: bytes) -> None:
        """Answer with a status and a body."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that the base class gives it)
        """Say nothing."""


@contextmanager
def proxy(node: str) -> Iterator[Proxy]:
    """Run a proxy before a node."""
    with Proxy(node) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
