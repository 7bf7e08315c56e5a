"""Connections, bounded: nobody keeps the node from others by holding connections open, or by sending or reading slowly.

uvicorn bounds how long an idle connection is kept after an answer. Here is what it leaves open: a request whose head
never comes to an end, an answer that is not read, and more connections than there may be.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from hanse_node.bounds import CONNECTIONS, HEAD_SECONDS, STALL_SECONDS


class BoundedConnection(H11Protocol):
    """A connection that is cut when its other side dawdles, or when it is idle and others need its place."""

    since = 0.0
    """When anything was last received, on the loop's clock."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take up a connection. When there are too many, the one that has been idle longest gives way."""
        if len(self.connections) >= CONNECTIONS:
            idle = [each for each in self.connections if isinstance(each, BoundedConnection) and each.idle]
            # One whose request is under way is never cut for another one: then uvicorn answers this one with 503.
            if idle:
                min(idle, key=lambda each: each.since).cut()
        super().connection_made(transport)
        self.since = self.loop.time()
        self._start(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes. Between two requests, they must become a whole head in time."""
        self.since = self.loop.time()
        super().data_received(data)
        if not self.idle and not self.flow.write_paused:
            self._rest()
        elif self._timer is None:
            # Also what is sent on after an answer has refused it ends here.
            self._start(HEAD_SECONDS)

    def pause_writing(self) -> None:
        """Notice that an answer is not being read: it must be, in time."""
        super().pause_writing()
        self._start(STALL_SECONDS)

    def resume_writing(self) -> None:
        """Notice that an answer is being read again."""
        super().resume_writing()
        self._rest()

    @property
    def idle(self) -> bool:
        """Whether no request is under way: none has begun, or the last one has been answered."""
        return self.cycle is None or self.cycle.response_complete

    def cut(self) -> None:
        """Drop the connection, and whatever has not been sent on it."""
        self.connections.discard(self)
        self._rest()
        self.transport.abort()

    def _start(self, seconds: float) -> None:
        self._rest()
        self._timer = self.loop.call_later(seconds, self.cut)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
