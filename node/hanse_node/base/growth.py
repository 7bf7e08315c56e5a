"""Waiting for the ledger to grow, on the event loop: however many wait, no thread does."""

import asyncio
from collections.abc import Callable


class Growth:
    """Wakes who waits for the ledger. Lives on one event loop, but for `notify`."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def notify(self) -> None:
        """Look who has waited long enough; from any thread."""
        loop = self._loop
        if self._waiting and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    async def until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; tell whether it came in time."""
        self._loop = asyncio.get_running_loop()
        news = self._loop.create_future()
        self._waiting[news] = reached
        try:
            # Only now: what came before it was put down would wake nobody.
            if reached():
                return True
            async with asyncio.timeout(seconds):
                await news
        except TimeoutError:
            return reached()
        finally:
            del self._waiting[news]
        return True

    def _wake(self) -> None:
        for news, reached in self._waiting.items():
            if not news.done() and reached():
                news.set_result(None)
