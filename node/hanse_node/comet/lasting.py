"""Work that lasts as long as the engine runs: none of it ends in silence.

A task that nobody awaits keeps what it raises to itself, and the node would look well without what the task was for.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
"""So long after a fault is work begun anew."""


def watch(work: Coroutine[Any, Any, None], failed: Callable[[BaseException], None]) -> "asyncio.Task[None]":
    """Begin work without which the engine is none.

    Args:
        work: what to do.
        failed: is told what the work raised, on the event loop; not where it was cancelled.
    """
    task = asyncio.create_task(work)

    def ended(done: "asyncio.Task[None]") -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None:
            failed(error)

    task.add_done_callback(ended)
    return task


async def keep_on(name: str, work: Callable[[], Awaitable[None]], again_seconds: float = AGAIN_SECONDS) -> None:
    """Do work beside the engine's own for ever; what it raises is logged, and it begins anew.

    Args:
        name: what the work is, for the log.
        work: begins it.
        again_seconds: how long after a fault.
    """
    while True:
        try:
            await work()
        except Exception as error:
            log.critical("work beside the engine has failed and begins anew", extra={"work": name}, exc_info=error)
        await asyncio.sleep(again_seconds)
