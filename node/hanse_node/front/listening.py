"""Doors: each accepts the connections of one listener, and holds how many are still saying who they are.

uvicorn leaves it to asyncio to accept, which begins any number of TLS handshakes at once, each for a minute, under the
TLS settings of the start. Here they are bounded, and each has the settings of its moment.
"""

import asyncio
import logging
import socket
from asyncio import sslproto
from collections import Counter
from collections.abc import Callable
from ssl import SSLContext

from hanse_node.access.caller import nobody_at
from hanse_node.base.bounds import (
    ACCEPTED_PER_SECOND,
    HANDSHAKE_SECONDS,
    HANDSHAKES,
    HANDSHAKES_PER_SECOND,
    HANDSHAKES_WAITING,
)
from hanse_node.base.errors import CannotStart
from hanse_node.base.roundrobin import Turns

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
        self._greeting: dict[asyncio.Task[None], str] = {}  # in the order of their beginnings, with whose they are
        self._untouched: dict[asyncio.Task[None], socket.socket] = {}  # whose greeting has not had its first turn
        self._line: Turns[socket.socket] = Turns()
        self._news = asyncio.Event()

    @property
    def tls(self) -> bool:
        """Whether connections are under TLS."""
        return self._tls is not None

    async def run(self) -> None:
        """Accept, until cancelled."""
        turns = asyncio.create_task(self._take_turns())
        try:
            while True:
                try:
                    connection, address = await self._accept()
                except OSError as error:
                    log.warning("no connection can be accepted now", extra={"reason": error.strerror})
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                # asyncio does this for the sockets that it accepts itself: small answers go at once.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                who = nobody_at(address[0]).name if isinstance(address, tuple) else ""
                if self._tls is None:
                    self._greet(who, connection)
                    # A greeting takes a turn of the loop, which accepting alone would not give it in a crowd.
                    await asyncio.sleep(0)
                else:
                    self._line_up(who, connection)
                    await asyncio.sleep(1 / ACCEPTED_PER_SECOND)
        finally:
            tasks = [turns, *self._greeting]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for waiting in self._line:
                waiting.close()

    async def _accept(self) -> tuple[socket.socket, object]:
        """Accept the next connection.

        asyncio's `sock_accept` forgets, open, the one that it has accepted when it is cancelled in the same turn.
        """
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                readable = asyncio.Event()
                loop.add_reader(self._listener, readable.set)
                try:
                    await readable.wait()
                finally:
                    loop.remove_reader(self._listener)
            else:
                connection.setblocking(False)
                return connection, address

    def _line_up(self, who: str, connection: socket.socket) -> None:
        """Let a connection wait for its handshake. Where too many wait, whoever has most loses the newest."""
        self._line.put(who, connection)
        if len(self._line) > HANDSHAKES_WAITING:
            self._line.drop().close()
        self._news.set()

    async def _take_turns(self) -> None:
        """Begin handshakes, a network's after the other's: no crowd of one's own keeps others waiting."""
        while True:
            await self._news.wait()
            while self._line:
                who, connection = self._line.turn(), self._line.take()
                self._greet(who, connection)
                # A handshake costs as much as several requests: those who hold connections go on meanwhile.
                await asyncio.sleep(1 / HANDSHAKES_PER_SECOND)
            self._news.clear()

    def _greet(self, who: str, connection: socket.socket) -> None:
        if len(self._greeting) >= HANDSHAKES:
            # Of whoever has most, the one that has taken longest so far gives way: an honest one takes a moment.
            counts = Counter(self._greeting.values())
            most = max(counts.values())
            next(task for task, name in self._greeting.items() if counts[name] == most).cancel()
        task = asyncio.create_task(self._connect(connection))
        self._greeting[task], self._untouched[task] = who, connection
        task.add_done_callback(self._greeted)

    async def _connect(self, connection: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None
        del self._untouched[task]  # from here on asyncio closes it, however this ends
        try:
            tls = None if self._tls is None else self._tls()
        except CannotStart:
            connection.close()
            raise
        await asyncio.get_running_loop().connect_accepted_socket(
            self._make, connection, ssl=tls, ssl_handshake_timeout=None if tls is None else HANDSHAKE_SECONDS
        )

    def _greeted(self, task: "asyncio.Task[None]") -> None:
        self._greeting.pop(task, None)
        if task in self._untouched:  # it was cancelled before its first turn
            self._untouched.pop(task).close()
        error = None if task.cancelled() else task.exception()
        # A handshake that failed, or that gave way, is the other side's to notice: it has been promised nothing.
        if error is not None and not isinstance(error, OSError):
            log.critical("a connection cannot be taken up", exc_info=error)
