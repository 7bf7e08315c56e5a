"""The bridge from blocking calls to the async client: one event loop in a thread of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from threading import Lock
from typing import ParamSpec, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

P = ParamSpec("P")
T = TypeVar("T")


class Portal:
    """Runs coroutines for callers in any thread. The loop starts with the first call.

    Calls of several threads run on one loop, so records that they submit together travel together.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None

    @property
    def started(self) -> bool:
        """Whether there is a loop."""
        return self._portal is not None

    def run(self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function on the loop, and give what it gives or raises."""
        return self._start().call(partial(call, *args, **kwargs))

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Walk over an async iterator from here."""
        portal = self._start()
        try:
            while True:
                try:
                    yield portal.call(items.__anext__)
                except StopAsyncIteration:
                    return
        finally:
            close = getattr(items, "aclose", None)
            if close is not None and self._portal is portal:
                portal.call(close)

    def close(self) -> None:
        """Stop the loop. May be called twice; the next call would start another."""
        with self._lock:
            self._portal = None
            self._stack.close()

    def _start(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                manager: AbstractContextManager[BlockingPortal] = start_blocking_portal(name="hanse-client")
                self._portal = self._stack.enter_context(manager)
            return self._portal
