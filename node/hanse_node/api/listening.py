"""Doors: each accepts the connections of one listener, and holds how many are still saying who they are.

uvicorn leaves it to asyncio to accept, which begins any number of TLS handshakes at once, each for a minute, under the
TLS settings of the start. Here they are bounded, and each has the settings of its moment.
"""

import asyncio
import logging
import socket
from asyncio import sslproto
from collections.abc import Callable
from ssl import SSLContext

from hanse_node.bounds import HANDSHAKE_SECONDS, HANDSHAKES, HANDSHAKES_PER_SECOND
from hanse_node.errors import CannotStart

log = logging.getLogger(__name__)

BACKLOG = 1_024
TLS_BUFFER_BYTES = 32 * 1024
"""What each TLS connection reads into: two of TLS's records."""

PAUSE_SECONDS = 0.1
"""So long nothing is accepted after the system had no more files to give."""


class Door:
    """Accepts connections until it is cancelled. Lives on one event loop."""

    def __init__(
        self,
        listener: socket.socket,
        make: Callable[[], asyncio.Protocol],
        tls: Callable[[], SSLContext] | None = None,
    ) -> None:
        """Listen; who connects waits until `run`.

        Args:
            listener: a bound socket.
            make: makes what answers a connection.
            tls: gives the TLS settings for the next connection; nil for none.
        """
        self._listener, self._make, self._tls = listener, make, tls
        listener.setblocking(False)
        listener.listen(BACKLOG)
        if tls is not None:
            # asyncio gives each TLS connection 256 KiB to read into before it has said a word, to whom of nobody knows.
            sslproto.SSLProtocol.max_size = TLS_BUFFER_BYTES
        self._greeting: dict[asyncio.Task[None], None] = {}  # in the order of their beginnings

    async def run(self) -> None:
        """Accept, until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    found, _ = await loop.sock_accept(self._listener)
                except OSError as error:
                    log.warning("no connection can be accepted now", extra={"reason": error.strerror})
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                # asyncio does this for the sockets that it accepts itself: small answers go at once.
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._greet(found)
                # A handshake costs as much as several requests: those who hold connections go on meanwhile. Without
                # one, a greeting takes a turn of the loop, which accepting alone would not give it in a crowd.
                await asyncio.sleep(0 if self._tls is None else 1 / HANDSHAKES_PER_SECOND)
        finally:
            for task in self._greeting:
                task.cancel()
            await asyncio.gather(*self._greeting, return_exceptions=True)

    def _greet(self, found: socket.socket) -> None:
        if len(self._greeting) >= HANDSHAKES:
            # The one that has taken longest so far gives way: an honest one takes a moment.
            next(iter(self._greeting)).cancel()
        task = asyncio.create_task(self._connect(found))
        self._greeting[task] = None
        task.add_done_callback(self._greeted)

    async def _connect(self, found: socket.socket) -> None:
        try:
            tls = None if self._tls is None else self._tls()
        except CannotStart:
            found.close()
            raise
        await asyncio.get_running_loop().connect_accepted_socket(
            self._make, found, ssl=tls, ssl_handshake_timeout=None if tls is None else HANDSHAKE_SECONDS
        )

    def _greeted(self, task: "asyncio.Task[None]") -> None:
        self._greeting.pop(task, None)
        error = None if task.cancelled() else task.exception()
        # A handshake that failed, or that gave way, is the other side's to notice: it has been promised nothing.
        if error is not None and not isinstance(error, OSError):
            log.critical("a connection cannot be taken up", exc_info=error)
