"""What runs beside the rest of a node, from `start` until `stop`: none of it ends in silence.

A thread that raises is gone, and a task that nobody awaits keeps what it raises to itself: the node would look well
without what they were for. So each is begun here, and what it raises is told to whoever must know, or logged, and begun
again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import Any, Protocol

log = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
"""So long after a fault is work begun anew."""

Failed = Callable[[BaseException], None]
"""Told what work raised without which its owner is none."""


class Worker(Protocol):
    """Something that runs beside. Whoever made it starts it once, and stops it."""

    def start(self) -> None:
        """Begin. What it raises is its own, and then it does not run."""
        ...

    def stop(self) -> None:
        """Finish what is under way, and end. May be called twice, and before `start`."""
        ...


@contextmanager
def working(workers: Sequence[Worker]) -> Iterator[None]:
    """Start workers in order, and stop them in reverse when the block ends: each may rely on those before it.

    Where one cannot be started it is stopped too, with those before it, and what it raised is passed on.
    """
    with ExitStack() as started:
        for worker in workers:
            started.callback(worker.stop)
            worker.start()
        yield


class Beside:
    """Work on a thread of its own. It ends when its owner has told it to."""

    def __init__(self, name: str, work: Callable[[], None], failed: Failed) -> None:
        """Prepare.

        Args:
            name: the thread's.
            work: what to do; it returns at its end.
            failed: told, on the thread, what the work raised.
        """
        self._work, self._failed = work, failed
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @property
    def running(self) -> bool:
        """Whether the work has begun and not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the work's end, which it must have been told. May be called twice, and before `start`."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 (the thread's outermost boundary: whoever must know is told)
            self._failed(error)


class Lookout:
    """Looks again and again, on a thread of its own, whether something has changed."""

    def __init__(self, name: str, look: Callable[[], object], seconds: float, *, at_last: bool = False) -> None:
        """Prepare.

        Args:
            name: the thread's, and the work's in the log.
            look: looks once. What it raises is logged, and it looks again.
            seconds: how long between two looks.
            at_last: whether it looks once more when it is stopped.
        """
        self._name, self._look, self._seconds, self._at_last = name, look, seconds, at_last
        self._end = Event()
        self._thread = Beside(name, self._watch, self._fault)

    def start(self) -> None:
        """Begin to look; the first time after a while."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. May be called twice."""
        self._end.set()
        self._thread.stop()

    def _watch(self) -> None:
        while not self._end.wait(self._seconds):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 (whatever it is, it must be seen, and looked again)
                self._fault(error)
        if self._at_last:
            self._look()

    def _fault(self, error: BaseException) -> None:
        log.critical("a look-out has failed, and goes on", extra={"work": self._name}, exc_info=error)


class Tasks:
    """Work on one event loop, which ends with whoever began it."""

    def __init__(self, failed: Failed) -> None:
        """Prepare; `failed` is told, on the event loop, what needed work raised."""
        self._failed = failed
        self._begun: list[asyncio.Task[None]] = []

    def need(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work without which whoever begins it is none."""
        self._begun.append(watch(work, self._failed))

    def keep(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begin work that goes on for ever, whatever it raises."""
        self.need(keep_on(getattr(work, "__qualname__", repr(work)), work))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin work that is done once, and forgotten when it is; what it raises is logged."""

        def logged(error: BaseException) -> None:
            log.critical("work beside the engine has failed", extra={"work": name}, exc_info=error)

        task = watch(work, logged)
        self._begun.append(task)
        task.add_done_callback(self._begun.remove)

    async def stop(self) -> None:
        """Cancel all of it, the last begun first, and wait until it has ended."""
        for task in reversed(self._begun):
            task.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)


def watch(work: Coroutine[Any, Any, None], failed: Failed) -> "asyncio.Task[None]":
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
