"""Reading what is sent: bounded in size, in time, and in all that is under way together, of which each has a share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Request

from hanse_ledger.values.hashing import hash_bytes
from hanse_node.access.caller import Caller
from hanse_node.access.purse import Purse
from hanse_node.api.problems import EdgeRefusal
from hanse_node.base.bounds import BODY_BYTES, BODY_GRACE_SECONDS, BODY_LEAST_RATE, BODY_SECONDS

AT_ONCE_BYTES = 64 * 1024
"""What is no larger is hashed on the event loop."""


class BodyReader:
    """Reads the bodies of requests. What counts is what has come, never what was announced. Lives on one event loop."""

    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    @asynccontextmanager
    async def read(self, request: Request, most: int = BODY_BYTES) -> AsyncIterator[bytes]:
        """Give a request's body, which counts as under way until it is done with.

        Args:
            request: the request; who asks is known (`caller_of`).
            most: how many bytes it may have.

        Raises:
            EdgeRefusal: `too-large`, `timeout`; `request-not-signed` where it is not the body that was signed.
            QuotaExceeded: the caller has too much under way.
        """
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            raise _too_large(most)
        caller, data = caller_of(request), bytearray()
        try:
            await self._fill(data, request, caller, most)
            whole = bytes(data)
            await _compare(whole, request.scope["state"].get("signed_digest"))
            yield whole
        finally:
            self._purse.give(caller, len(data))

    async def _fill(self, data: bytearray, request: Request, caller: Caller, most: int) -> None:
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(begun + BODY_GRACE_SECONDS) as patience:
                async for chunk in request.stream():
                    if len(data) + len(chunk) > most:
                        raise _too_large(most)
                    self._purse.take(caller, len(chunk))
                    data += chunk
                    due = BODY_GRACE_SECONDS + len(data) / BODY_LEAST_RATE
                    patience.reschedule(begun + min(BODY_SECONDS, due))
        except TimeoutError as error:
            raise EdgeRefusal(
                "timeout",
                f"a body arrives within {BODY_SECONDS} seconds, and at {BODY_LEAST_RATE} bytes a second or more",
            ) from error


async def _compare(data: bytes, signed: bytes | None) -> None:
    """Insist that a body is the one whose hash was signed, where one was."""
    if signed is None:
        return
    found = await to_thread.run_sync(hash_bytes, data) if len(data) > AT_ONCE_BYTES else hash_bytes(data)
    if found != signed:
        raise EdgeRefusal("request-not-signed", "the body is not the one that was signed")


def caller_of(request: Request) -> Caller:
    """Say who asks, as the gateway has found."""
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, Caller)
    return caller


def _too_large(most: int) -> EdgeRefusal:
    return EdgeRefusal("too-large", f"a body has at most {most} bytes")
