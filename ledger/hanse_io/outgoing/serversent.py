"""Server-sent events out of a stream that may be anything."""

from typing import NamedTuple

import anyio

from hanse_io.outgoing.countedstream import BadFraming

EVENT_BYTES = 64 * 1024
EVENT_PIECES = 256
"""An event may come in so many pieces: twice as many as the packets of the slowest line that carries the longest."""

EVENT_LINES = 64
"""So many lines may lead to an event, or to a sign of life: fields that are not read, and comments, too."""

QUIET_EVENTS = 64
"""So many signs of life may come at once, and one more a second."""


class ServerSentEvent(NamedTuple):
    """A server-sent event that has data."""

    id: bytes
    data: bytes


class Splitter:
    """Splits a stream into events: those that have data. Comments and unknown fields are skipped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pending, self._id, self._data = b"", b"", bytearray()
        self._pieces, self._lines = 0, 0
        self._quiet, self._since = 0, anyio.current_time()

    @property
    def rests(self) -> bool:
        """Whether what came last ended something."""
        return self._pieces == 0

    def take(self, piece: bytes, now: float) -> list[ServerSentEvent | None]:
        """Take a piece of the stream, and give the events that it ends; nil is a sign of life. Raises BadFraming."""
        events: list[ServerSentEvent | None] = []
        self._pieces += 1
        if self._pieces > EVENT_PIECES:
            raise BadFraming(f"an event comes in more than {EVENT_PIECES} pieces")
        *lines, self._pending = (self._pending + piece).split(b"\n")
        for raw in lines:
            self._lines += 1
            if self._lines > EVENT_LINES:
                raise BadFraming(f"an event has more than {EVENT_LINES} lines")
            line = raw.rstrip(b"\r")
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"id":
                self._id = value
            elif field == b"data":
                self._data += value if not self._data else b"\n" + value
            elif not line:
                self._pieces, self._lines = 0, 0
                if self._data:
                    events.append(ServerSentEvent(self._id, bytes(self._data)))
                    self._quiet, self._since = 0, now
                else:
                    self._rest(now)
                    events.append(None)
                self._id, self._data = b"", bytearray()
            if len(self._data) + len(line) > self._most:
                raise BadFraming(f"an event has more than {self._most} bytes")
        if len(self._pending) > self._most:
            raise BadFraming(f"an event has more than {self._most} bytes")
        return events

    def _rest(self, now: float) -> None:
        """Count a sign of life."""
        self._quiet += 1
        if self._quiet > QUIET_EVENTS + now - self._since:
            raise BadFraming("signs of life come without end")
