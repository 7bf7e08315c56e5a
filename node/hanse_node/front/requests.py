"""Requests, cut out of what comes over a connection: one at a time, each head bounded and whole before it is parsed.

uvicorn gives whatever comes to the parser at once. That bounds no head, keeps any number of requests that were sent
ahead, and answers a fault in the second before the first. Here a request's bytes are parsed when the one before is
answered, and where one ends is found by one rule alone: a proxy in front, and this node, must not cut differently.

What the parser (llhttp) lets pass, and could be read otherwise by others, is refused here: see `_REQUEST_LINE` and
`_judge`. Sources: RFC 9112, sections 2.2, 3, 5.1, 6.1, 6.3 and 11.2; RFC 9110, sections 7.8 and 10.1.1;
RFC 6585, section 5.
"""

import logging
import re

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from hanse_node.api.problems import EdgeRefusal, answer_error
from hanse_node.base.bounds import HEAD_BYTES, HEADER_FIELDS, HELD_BYTES

log = logging.getLogger(__name__)

_REQUEST_LINE = re.compile(rb"(?!CONNECT )[A-Z-]+ /[!\"$-~]* HTTP/1\.[01]\r\n")
"""No tunnel, one space between the parts, a path with a query and no fragment, and a version that this is."""

_BLANK_LINES = re.compile(rb"(?:\r\n)*")
"""What a sender may put before a request."""

_OFFERS = re.compile(rb"(?<=\r\n)Upgrade:[^\r\n]*\r\n", re.IGNORECASE)
"""Offers of another protocol, which nobody here takes up: the parser would believe that there is no body then."""

_END = b"\r\n\r\n"

FREE_PIECES = 512
"""A body in chunks may have so many pieces, and one more for each `PIECE_BYTES` of it."""

PIECE_BYTES = 512
FREE_BESIDE_BYTES = 32 * 1024
"""What may come beside such a body, in addition to as much again as the body has: sizes of chunks, and extensions."""


class _Unreadable(Exception):
    """A request that is not read: why."""


class _SentAhead(Exception):
    """A further request in the same piece as the end of a chunked one."""


class RequestConnection(HttpToolsProtocol):
    """A connection whose requests are parsed one after the other."""

    ended = False
    """Whether nothing more is heard: what came was no request."""

    _held = b""
    _whole = True
    """Whether the last request has come to its end, so that what comes next is a head."""

    _in_body = False
    """Whether a head was read, and the body after it has not come to its end."""

    _left: int | None = 0
    """How many bytes of the body are still to come; nil where it comes in chunks."""

    _pieces = _bytes = _beside = _since_chunk = 0
    """Of a body in chunks: its pieces, its bytes, how many came beside these, and how many since a chunk began."""

    @property
    def idle(self) -> bool:
        """Whether no request is under way: none has begun, or the last one has been answered."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.disconnected

    @property
    def waiting(self) -> bool:
        """Whether more has come than is parsed."""
        return bool(self._held)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        super().connection_lost(exc)
        # uvicorn keeps its timer, and with it the connection, where it was reset.
        self._unset_keepalive_if_required()
        self._held = b""

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self.ended or self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self._held = self._held + data if self._held else data
        self._go_on()

    def on_response_complete(self) -> None:
        """Go on, with what came meanwhile."""
        super().on_response_complete()
        if self._held and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._go_on()

    def end(self) -> None:
        """Say no more, and listen to nothing."""
        self.ended, self._held = True, b""
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    # What the parser tells

    def on_message_begin(self) -> None:
        """Begin a request. Raises _SentAhead where its head was not looked at."""
        if not self._whole:
            super().on_message_begin()
        else:
            raise _SentAhead

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field, without the space around it; trailers, which nobody needs, are passed over."""
        if not self._in_body:
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to answer. Raises _Unreadable."""
        self._left = self._judge()
        self._in_body = True
        self._pieces = self._bytes = self._beside = self._since_chunk = 0
        super().on_headers_complete()
        if self.expect_100_continue:
            # Whether the body follows is known to nobody, where the answer comes before it was asked for.
            self.cycle.keep_alive = False

    def on_chunk_header(self) -> None:
        """Notice that a chunk begins."""
        self._since_chunk = 0

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body. Raises _Unreadable: each costs as much as many bytes, so that they are counted."""
        if self._left is None:
            self._pieces += 1
            self._bytes += len(body)
            self._since_chunk = 0
            if self._pieces > FREE_PIECES + self._bytes // PIECE_BYTES:
                raise _Unreadable("a body comes in too many pieces")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Notice that a request has come to its end."""
        self._whole, self._in_body = True, False
        super().on_message_complete()

    # What is done with what came

    def _go_on(self) -> None:
        """Parse what can be parsed now."""
        while self._held and not self.ended:
            if not self._whole:
                self._parse_body()
            elif not self.idle:
                self.flow.pause_reading()
                if len(self._held) > HELD_BYTES:
                    self.transport.abort()
                return
            elif not self._parse_head():
                return

    def _parse_head(self) -> bool:
        """Parse a head if it is there as a whole, and tell whether it was."""
        held = self._held
        if held.startswith(b"\r\n"):
            blank = _BLANK_LINES.match(held)
            assert blank is not None
            self._held = held = held[blank.end() :]
        at = held.find(_END, 0, HEAD_BYTES)
        if at < 0:
            if len(held) >= HEAD_BYTES:
                self._refuse("head-too-large", f"a request's head has at most {HEAD_BYTES} bytes")
            elif held.count(b"\n") != held.count(b"\r\n"):
                self._refuse("malformed", "the lines of a request's head end in CR and LF")
            return False
        head, self._held = held[: at + len(_END)], held[at + len(_END) :]
        if head.count(b"\n") > HEADER_FIELDS + 2:
            self._refuse("head-too-large", f"a request has at most {HEADER_FIELDS} header fields")
        elif not _REQUEST_LINE.match(head):
            self._refuse("malformed", "the first line is no METHOD /path HTTP/1.1, with one space between them")
        else:
            self._whole = False
            self._parse(_OFFERS.sub(b"", head))
        return True

    def _parse_body(self) -> None:
        """Parse what there is of a body: no further than to its end, where that is known."""
        piece, self._held = self._held, b""
        if self._left is not None:
            piece, self._held = piece[: self._left], piece[self._left :]
            self._left -= len(piece)
            self._parse(piece)
            return
        before = self._bytes
        self._since_chunk += len(piece)
        self._parse(piece)
        self._beside += len(piece) - (self._bytes - before)
        if (
            self._in_body
            and not self.ended
            and (self._since_chunk > HEAD_BYTES or self._beside > FREE_BESIDE_BYTES + self._bytes)
        ):
            self._refuse("malformed", "more comes beside the chunks of a body than in them")

    def _parse(self, piece: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except HttpParserError as error:
            reason = error.__context__ if isinstance(error.__context__, _Unreadable | _SentAhead) else error
            if isinstance(reason, _SentAhead):
                self._leave_ahead()
            else:
                self._refuse("malformed", f"this is no HTTP request: {str(reason)[:200]}")

    def _judge(self) -> int | None:
        """Look at what says how a request is framed and whom it is for, and give the length of its body.

        Returns:
            Bytes; nil where it comes in chunks.

        Raises:
            _Unreadable: another program might read it otherwise.
        """
        old, hosts, length, chunked = self.parser.get_http_version() == "1.0", 0, 0, False
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"content-length":
                length = int(value)  # one alone, and of digits: the parser insists
            elif name == b"transfer-encoding":
                if old or value.lower() != b"chunked":
                    raise _Unreadable("a body comes with its length, or Transfer-Encoding: chunked in HTTP/1.1")
                chunked = True
        if hosts > 1 or (hosts == 0 and not old):
            raise _Unreadable("a request has one Host")
        return None if chunked else length

    def _leave_ahead(self) -> None:
        """Hear nothing more; the request under way is answered, and is the last."""
        self.ended, self._held = True, b""
        if self.idle:
            self.end()
        else:
            self.cycle.keep_alive = False

    def _refuse(self, code: str, detail: str) -> None:
        """Say why what came is no request, and nothing more."""
        log.info("what came is no request", extra={"reason": detail})
        # Where an answer has begun, or was given before the body had come, there is no place for another one.
        started = self._in_body and self.cycle.response_started
        if not self.idle:
            # Whoever reads this body hears that the rest does not come, and answers nobody.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if started:
            self.transport.abort()
            return
        answer = answer_error(EdgeRefusal(code, detail))
        fields = [*answer.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        self.transport.write(STATUS_LINE[answer.status_code] + lines + b"\r\n" + bytes(answer.body))
        self.end()
