"""The pieces in which bodies come: each costs as much as many bytes, so that they are counted too."""

import h11

FREE_PIECES = 512
"""A body in chunks may have so many, and one more for each `PIECE_BYTES` of it."""

PIECE_BYTES = 512
FREE_BESIDE_BYTES = 32 * 1024
"""What may come beside such a body, in addition to as much again as the body has: sizes of chunks, and extensions."""


class CountedRequests(h11.Connection):
    """Reads requests; a body that costs more to read than it is worth is no HTTP."""

    _chunked = False
    _pieces = _bytes = _received = 0

    def receive_data(self, data: bytes) -> None:
        """Take bytes. What came before has been read, but for the begin of a chunk."""
        self._received += len(data)
        super().receive_data(data)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Give what comes next. Raises RemoteProtocolError."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunked = any(name == b"transfer-encoding" for name, _ in event.headers)
            self._pieces = self._bytes = self._received = 0
        elif self._chunked:
            if isinstance(event, h11.Data):
                self._pieces += 1
                self._bytes += len(event.data)
            beside = self._received - self._bytes if event is h11.NEED_DATA else 0
            if self._pieces > FREE_PIECES + self._bytes // PIECE_BYTES or beside > FREE_BESIDE_BYTES + self._bytes:
                raise h11.RemoteProtocolError("a body comes in too many pieces, or with too much beside it")
        return event
