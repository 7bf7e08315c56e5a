"""Reading what is sent: bounded in size, in time, and in all that is under way together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from hanse_node.api.problems import EdgeRefusal
from hanse_node.bounds import BODIES_BYTES, BODY_BYTES, BODY_SECONDS
from hanse_node.errors import Busy


class BodyReader:
    """Reads the bodies of requests, and knows how many bytes of them are under way. Lives on one event loop."""

    def __init__(self, *, most: int = BODIES_BYTES) -> None:
        self._left = most

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Give a request's body, which counts as under way until it is done with.

        Raises:
            EdgeRefusal: `too-large`, or `timeout`.
            Busy: too much is under way.
        """
        # Who does not say how long the body is may send the longest.
        declared = request.headers.get("content-length", str(BODY_BYTES))
        if not declared.isdecimal() or int(declared) > BODY_BYTES:
            raise _too_large()
        room = int(declared)
        if room > self._left:
            raise Busy("too many bodies are being read")
        self._left -= room
        try:
            yield await _whole(request)
        finally:
            self._left += room


async def _whole(request: Request) -> bytes:
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                data += chunk
                if len(data) > BODY_BYTES:
                    raise _too_large()
    except TimeoutError as error:
        raise EdgeRefusal("timeout", f"a body arrives within {BODY_SECONDS} seconds") from error
    return bytes(data)


def _too_large() -> EdgeRefusal:
    return EdgeRefusal("too-large", f"a body has at most {BODY_BYTES} bytes")
