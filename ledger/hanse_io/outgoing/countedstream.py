"""Connections that count what comes over them."""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import httpcore2

HEAD_BYTES = 16 * 1024
"""The most that an answer's head may have, with all informational answers (1xx) before it."""

HEAD_READS = 64
"""In so many pieces it may come."""

READ_BYTES = 64 * 1024
HELD_REQUEST_BYTES = 256 * 1024
"""So much of a request is held until its answer is read: its head does not travel, and wake a node, by itself.

What is held is sent in `read`, and within the time that the read is given.
"""

FREE_OVERHEAD_BYTES = 32 * 1024
"""What may be sent beside a body, in addition to as much again as the body has."""


class OutgoingError(Exception):
    """A call came to nothing."""


class BadFraming(OutgoingError):
    """What came is no answer that is read on: larger, longer or otherwise than an answer to this call may be."""


class CountedStream(httpcore2.AsyncNetworkStream):
    """A connection that counts what is read from it: since the last request was sent, and beside the body."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._in_head, self._read, self._reads = True, 0, 0
        self._unsent = b""
        self.delivered = 0
        self.ended = False

    def head_is_read(self) -> None:
        """From here on comes the body."""
        self._in_head, self._read, self.delivered = False, 0, 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, within what may come now, once what is held of the request is sent: both within `timeout` each.

        Raises BadFraming.
        """
        if self._unsent:
            # Whoever reads no more of a request may have answered it all the same, as far as it was read.
            with suppress(httpcore2.WriteError):
                await self._send(timeout)
        most = min(max_bytes, READ_BYTES)
        if self._in_head:
            self._reads += 1
            most = min(most, HEAD_BYTES - self._read)
            if most == 0 or self._reads > HEAD_READS:
                raise BadFraming(f"the answer's head has more than {HEAD_BYTES} bytes, or {HEAD_READS} pieces")
        elif self._read - self.delivered > FREE_OVERHEAD_BYTES + self.delivered:
            raise BadFraming("more is sent beside the body than in it")
        data = await self._stream.read(most, timeout)
        self._read += len(data)
        if not data:
            self.ended = True
            if self._in_head:
                raise httpcore2.ReadError("the connection ended before an answer")
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, by and by; what is read next is the head of an answer."""
        self._in_head, self._read, self._reads = True, 0, 0
        if len(self._unsent) + len(buffer) <= HELD_REQUEST_BYTES:
            self._unsent += buffer
            return
        await self._send(timeout)
        await self._stream.write(buffer, timeout)

    async def _send(self, timeout: float | None) -> None:
        unsent, self._unsent = self._unsent, b""
        await self._stream.write(unsent, timeout)

    async def aclose(self) -> None:
        """Close."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """Go on under TLS, counting what comes out of it."""
        return CountedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection knows."""
        return self._stream.get_extra_info(info)


Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Gives the addresses at which a host may be called, in the order to try them; raises OutgoingError."""


class CountedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections that count."""

    def __init__(self, resolve: Resolve | None = None) -> None:
        """Prepare; with `resolve` each connection goes to one of the addresses that it gives."""
        self._network = httpcore2.AnyIOBackend()
        self._resolve = resolve

    async def connect_tcp(self, host: str, port: int, *given: Any, **named: Any) -> httpcore2.AsyncNetworkStream:
        """Connect to a host."""
        addresses = [host] if self._resolve is None else await self._resolve(host, port)
        *others, last = addresses
        for address in others:
            with suppress(httpcore2.NetworkError, httpcore2.TimeoutException):
                return CountedStream(await self._network.connect_tcp(address, port, *given, **named))
        return CountedStream(await self._network.connect_tcp(last, port, *given, **named))

    async def connect_unix_socket(self, *given: Any, **named: Any) -> httpcore2.AsyncNetworkStream:
        """Connect to a Unix socket."""
        return CountedStream(await self._network.connect_unix_socket(*given, **named))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)
