"""Connections, bounded: nobody keeps the node from others by holding connections open, or by sending or reading slowly.

uvicorn bounds how long an idle connection is kept after an answer. Here is what it leaves open: a request whose head
never comes to an end, an answer that is not read, and more connections than there may be. What comes is cut into
requests in `requests`, one at a time.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hanse_node.access.caller import Caller, nobody_at
from hanse_node.api.problems import EdgeRefusal
from hanse_node.base.bounds import CONNECTIONS, HEAD_SECONDS, LINGER_SECONDS, PEER_CONNECTIONS, STALL_SECONDS
from hanse_node.front.requests import RequestConnection


class BoundedConnection(RequestConnection):
    """A connection that is cut when its other side dawdles, or when others need a place and its holder has most."""

    most = CONNECTIONS
    """How many there may be on a listener."""

    since = 0.0
    """When anything was last received, on the loop's clock."""

    caller: Caller
    """Whose it is: until a request has shown more, whoever is at its address."""

    _timer: Any = None

    def connection_made(self, transport: Any) -> None:
        """Take up a connection. When there are too many, whoever has most loses the one that rests longest."""
        caller = self.identify(transport)
        if caller is None:
            transport.abort()
            caller = nobody_at("")
        self.caller = caller
        # Each request's scope bears it: the gateway says whose it is.
        self.app_state = {**self.app_state, "connection": self}
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.most:
            self._make_room()
        self._start(HEAD_SECONDS)

    def identify(self, transport: Any) -> Caller | None:
        """Say whose the connection is, as far as that is known before its first request."""
        address = transport.get_extra_info("peername")
        return nobody_at(address[0] if isinstance(address, tuple) else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes. Between two requests, they must become a whole head in time."""
        self.since = self.loop.time()
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on, with what came meanwhile."""
        super().on_response_complete()
        if self.waiting:
            self._watch()

    def end(self) -> None:
        """Say no more, and give the other side a moment to read what was said."""
        super().end()
        self._start(LINGER_SECONDS)

    def pause_writing(self) -> None:
        """Notice that an answer is not being read: it must be, in time."""
        super().pause_writing()
        self._start(STALL_SECONDS)

    def resume_writing(self) -> None:
        """Notice that an answer is being read again."""
        super().resume_writing()
        if self.ended:
            self._start(LINGER_SECONDS)
        else:
            self._rest()

    async def taken(self) -> None:
        """Wait until what was written is taken, or the other side is gone."""
        if self.flow.write_paused:
            await self.flow.drain()

    def cut(self) -> None:
        """Drop the connection, and whatever has not been sent on it."""
        self.connections.discard(self)
        self._rest()
        self.transport.abort()

    def _make_room(self) -> None:
        """Cut one of the connections of whoever has most: an idle one before one at work, and this one last."""
        held = [connection for connection in self.connections if isinstance(connection, BoundedConnection)]
        counts = Counter(connection.caller for connection in held)
        most = max(counts.values())
        greedy = [connection for connection in held if counts[connection.caller] == most]
        min(greedy, key=lambda each: (each is self, not each.idle, each.since)).cut()

    def _watch(self) -> None:
        if not self.idle and not self.flow.write_paused:
            self._rest()
        elif self._timer is None:
            # Also what is sent on after an answer has refused it ends here.
            self._start(HEAD_SECONDS)

    def _start(self, seconds: float) -> None:
        self._rest()
        self._timer = self.loop.call_later(seconds, self.cut)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class PeerConnection(BoundedConnection):
    """A connection of a member's node: known from its certificate before it has said anything."""

    most = PEER_CONNECTIONS

    def __init__(self, who: Callable[[Any], Caller], **given: Any) -> None:
        """Prepare for a connection.

        Args:
            who: says whose node is at the other end of a transport. Raises EdgeRefusal.
            given: what uvicorn gives a connection.
        """
        super().__init__(**given)
        self._who = who

    def identify(self, transport: Any) -> Caller | None:
        """Say whose the connection is; nil where nobody who may ask."""
        try:
            return self._who(transport)
        except EdgeRefusal:
            return None
