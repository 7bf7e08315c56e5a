"""A walk that waits for what comes is interrupted: it ends as it was told to, and what it stood on is closed."""

import os
import signal
from collections.abc import AsyncIterator
from threading import Timer

import anyio
import pytest

from hanse_client.base.portal import Portal


def test_a_walk_that_waits_is_interrupted() -> None:
    """Ctrl-C is what the caller gets, and nothing else; the walk has let go before the client is closed."""
    ended = list[str]()

    async def items() -> AsyncIterator[int]:
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            ended.append("let go")

    async def closing() -> None:
        ended.append("closed")

    portal = Portal(closing)
    walk = portal.iterate(items())
    assert next(walk) == 1
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        next(walk)
    timer.join()
    portal.close()
    assert ended == ["let go", "closed"]
