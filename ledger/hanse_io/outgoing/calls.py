"""The one way in which client and node call anybody."""

import ssl
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Self

import anyio
import httpcore2

from hanse_io.outgoing.countedstream import CountedNetwork
from hanse_io.outgoing.reach import Reach
from hanse_io.outgoing.serversent import EVENT_BYTES, ServerSentEvent, Splitter
from hanse_io.outgoing.surroundings import LOOPBACK, authorities, parse_address, proxy_for
from hanse_io.outgoing.wholeanswers import (
    BYTES_A_SECOND,
    STREAMING,
    Answer,
    NoStream,
    in_time,
    judge_head,
    read_pieces,
    read_whole,
    translated,
)

CONNECTIONS = 32
KEPT_CONNECTIONS = 16
KEPT_SECONDS = 5.0

Headers = Iterable[tuple[str, str]]


class Outgoing:
    """Calls to one address. Lives on one event loop; make one for each address, and close it in the end."""

    def __init__(
        self,
        url: str,
        *,
        seconds: float,
        headers: Headers = (),
        context: ssl.SSLContext | None = None,
        socket: Path | None = None,
        environment: bool = False,
        reach: Reach | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: `http://…` or `https://…`; a path in it goes before that of each call.
            seconds: what a call may take from its begin until its answer is read, connecting included. A second more
                for each `BYTES_A_SECOND` that come or are sent.
            headers: go with every call.
            context: the TLS; by default that of the system's authorities.
            socket: the Unix socket to which calls go instead of the address's host, which is named all the same.
            environment: whether proxies and certificate files that the environment names are used.
            reach: which addresses may be called, where others have named the host; all of them, if nil. It goes with
                neither a proxy nor a socket, which would call another one.

        Raises:
            ValueError: the address is none.
            BadSurroundings: a variable of the environment that counts here cannot be followed.
        """
        assert reach is None or not (environment or socket), "what is called is what was looked at"
        self.url = parse_address(url)
        self._seconds = seconds
        self._prefix = self.url.raw_path.rstrip(b"/")
        self._headers = [
            (b"Host", self.url.netloc),
            (b"Accept-Encoding", b"identity"),
            *((name.encode(), value.encode()) for name, value in headers),
        ]
        proxy = proxy_for(self.url) if environment and socket is None else None
        secure = self.url.scheme == "https"
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context or (authorities(environment=environment) if secure or proxy else None),
            proxy=proxy,
            max_connections=CONNECTIONS,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEPT_SECONDS,
            uds=None if socket is None else str(socket),
            network_backend=CountedNetwork(
                None if reach is None else partial(reach.resolve, clear=self.url.scheme == "http")
            ),
        )

    @property
    def exposed(self) -> bool:
        """Whether others may read what is sent: it leaves this machine, and in the clear."""
        return self.url.scheme == "http" and self.url.host not in LOOPBACK

    def target(self, path: str) -> str:
        """Write the path of a call as it travels, behind that of the address."""
        return self._prefix.decode("ascii") + path

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. May be called twice."""
        await self._pool.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        most: int,
        body: bytes | None = None,
        headers: Headers = (),
        seconds: float | None = None,
    ) -> Answer:
        """Make a call, and read its answer to the end.

        Args:
            method: as `GET`.
            path: with its query, in ASCII.
            most: how many bytes the answer's body may have, if it does what was asked for.
            body: what is sent.
            headers: go with this call alone.
            seconds: what this call may take, where that is less than another one.

        Raises:
            NoAnswer: nobody answers in time, or the connection broke.
            BadFraming: what comes passes a bound, is encoded, or is no HTTP.
            OutOfReach: the host is at an address that must not be called.
        """
        seconds = self._seconds if seconds is None else min(seconds, self._seconds)
        with in_time(seconds + (0 if body is None else len(body) / BYTES_A_SECOND)) as scope:
            response = await self._send(method, path, body, headers)
            try:
                return await read_whole(response, most, scope)
            finally:
                await response.aclose()

    async def events(
        self, path: str, *, idle_seconds: float, most: int = EVENT_BYTES, headers: Headers = ()
    ) -> AsyncGenerator[ServerSentEvent | None, None]:
        """Read server-sent events until the other side ends them (WHATWG HTML, section 9.2.6); nil is a sign of life.

        Args:
            path: with its query, in ASCII.
            idle_seconds: so long a whole event, or a whole sign of life, may be awaited.
            most: how many bytes an event may have, and a line of it; and another answer.
            headers: go with this call alone.

        Raises:
            NoStream: the answer is another one.
            NoAnswer, BadFraming: as of `ask`; besides, an event is too large, or signs of life come without end.
        """
        with in_time(self._seconds):
            response = await self._send("GET", path, None, [*headers, ("Accept", "text/event-stream")])
        try:
            if response.status != STREAMING:
                with in_time(self._seconds) as scope:
                    raise NoStream(await read_whole(response, most, scope))
            judge_head(response, None)
            split = Splitter(most)
            async with aclosing(read_pieces(response)) as pieces:
                ends = anyio.current_time() + idle_seconds
                while True:
                    # No scope may be open while the reader has the floor.
                    with in_time(ends - anyio.current_time()):
                        piece = await anext(pieces, None)
                    if piece is None:
                        return
                    now = anyio.current_time()
                    for event in split.take(piece, now):
                        yield event
                    if split.rests:
                        ends = now + idle_seconds
        finally:
            await response.aclose()

    async def _send(self, method: str, path: str, body: bytes | None, headers: Headers) -> httpcore2.Response:
        """Send a request, and read the head of its answer. Raises as `ask` does."""
        own = [(name.encode(), value.encode()) for name, value in headers]
        if body is not None:
            own.append((b"Content-Length", b"%d" % len(body)))
        url = httpcore2.URL(
            scheme=self.url.raw_scheme,
            host=self.url.raw_host,
            port=self.url.port,
            target=self.target(path).encode("ascii"),
        )
        request = httpcore2.Request(method, url, headers=[*self._headers, *own], content=body)
        with translated():
            response = await self._pool.handle_async_request(request)
        response.extensions["network_stream"].head_is_read()
        return response


def ask_and_wait(
    url: str,
    path: str,
    *,
    most: int,
    seconds: float,
    socket: Path | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Read what is at an address, for callers that block and run on no event loop.

    The arguments are those of `Outgoing` and `ask`; the call is made on a connection of its own.

    Raises as `Outgoing.ask` does.
    """

    async def ask() -> Answer:
        async with Outgoing(url, seconds=seconds, socket=socket, context=context) as calls:
            return await calls.ask("GET", path, most=most)

    return anyio.run(ask)
