"""Webhooks as one work beside the node's others: a thread with an event loop of its own."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from threading import Lock

import anyio
from anyio import Event, to_thread
from anyio.abc import TaskGroup
from msgspec import Struct

from hanse_node.base.bounds import WEBHOOK_LOOK_SECONDS
from hanse_node.base.errors import Busy, CannotStart, StoreFailed
from hanse_node.base.metrics import Metrics
from hanse_node.base.worker import Beside
from hanse_node.store.beside.webhooks import Hook, Hooks
from hanse_node.webhooks.onehook import Course, Surroundings

log = logging.getLogger(__name__)


class HooksSeen(Struct, frozen=True):
    """How the webhooks do: how many there are, how many are paused or failing, and how far the last is behind."""

    hooks: int = 0
    paused: int = 0
    failing: int = 0
    least: int | None = None


class Webhooks:
    """Delivers to all webhooks of a node, from `start` until `stop`."""

    def __init__(
        self,
        hooks: Hooks,
        around: Surroundings,
        size: Callable[[], int],
        *,
        look_seconds: float = WEBHOOK_LOOK_SECONDS,
    ) -> None:
        """Prepare.

        Args:
            hooks: where they are kept.
            around: what they share.
            size: how many entries the log has.
            look_seconds: how often is written how far they have come, and looked what the operator has changed.
        """
        self._hooks, self._around, self._size = hooks, around, size
        self._look_seconds = look_seconds
        self._courses: dict[str, Course] = {}
        self._lock = Lock()
        self._seen = HooksSeen()
        self._end: Callable[[], object] | None = None
        self._stopped = False
        self._thread = Beside("webhooks", self._work, self._failed)
        self._watch(around.metrics)

    @property
    def warning(self) -> str:
        """What is not well with them; nothing while all is."""
        seen = self._seen
        if seen.paused:
            return f"{seen.paused} of {seen.hooks} webhooks are paused: hanse webhook list"
        return f"{seen.failing} of {seen.hooks} webhooks fail: hanse webhook list" if seen.failing else ""

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Write how far all have come, and end. May be called twice, and before `start`."""
        with self._lock:
            self._stopped = True
            end = self._end
            if end is not None:
                end()
        self._thread.stop()

    def _work(self) -> None:
        anyio.run(self._deliver)

    def _failed(self, error: BaseException) -> None:
        log.critical("webhooks are not delivered any more: start the node again", exc_info=error)

    async def _deliver(self) -> None:
        ending, loop = Event(), asyncio.get_running_loop()
        with self._lock:
            # Whoever stops may do so at any moment, and be the first.
            self._end = partial(loop.call_soon_threadsafe, ending.set)
            if self._stopped:
                return
        async with anyio.create_task_group() as tasks:
            while not ending.is_set():
                await self._look(tasks)
                with anyio.move_on_after(self._look_seconds):
                    await ending.wait()
            with self._lock:
                self._end = None
            self._around.feed.stop()
            for course in self._courses.values():
                course.end()
        await self._write()

    async def _look(self, tasks: TaskGroup) -> None:
        """Write how far all have come, and take up what the operator has changed."""
        await self._write()
        try:
            hooks = await to_thread.run_sync(self._hooks.every)
        except (StoreFailed, Busy, CannotStart):
            log.exception("the webhooks cannot be read")
            return
        known = {hook.name: hook for hook in hooks}
        for name, course in list(self._courses.items()):
            if name not in known or known[name].version != course.hook.version:
                course.end()
                del self._courses[name]
        for hook in hooks:
            if hook.name not in self._courses:
                course = self._courses[hook.name] = Course(hook, self._around)
                course.begin(tasks)
        self._seen = _seen([course.hook for course in self._courses.values()])

    async def _write(self) -> None:
        """Write how far all have come since it was written; what cannot be written is written the next time."""
        moved = [course for course in self._courses.values() if course.moved]
        if not moved:
            return
        hooks, deliveries, counts = [], [], []
        for course in moved:
            course.moved = False
            hooks.append(course.hook)
            counts.append(len(course.unwritten))
            deliveries += [(course.hook.name, delivery) for delivery in course.unwritten]
        try:
            await to_thread.run_sync(self._hooks.progress, hooks, deliveries)
        except (StoreFailed, Busy):
            log.exception("how far webhooks have come cannot be written")
            for course in moved:
                course.moved = True
            return
        for course, count in zip(moved, counts, strict=True):
            del course.unwritten[:count]
            course.written()

    def _watch(self, metrics: Metrics) -> None:
        metrics.watch("hanse_webhooks", "Webhooks of this node.", lambda: self._seen.hooks)
        metrics.watch("hanse_webhooks_paused", "Those that are paused.", lambda: self._seen.paused)
        metrics.watch("hanse_webhooks_failing", "Those whose last delivery has failed.", lambda: self._seen.failing)
        metrics.watch("hanse_webhook_behind_entries", "So far the last of them is behind the log.", self._behind)

    def _behind(self) -> int:
        # The last entry closes a block, and is told to nobody.
        least = self._seen.least
        return 0 if least is None else max(0, self._size() - 1 - least)


def _seen(hooks: list[Hook]) -> HooksSeen:
    return HooksSeen(
        len(hooks),
        sum(hook.paused is not None for hook in hooks),
        sum(hook.failing is not None and hook.paused is None for hook in hooks),
        min((hook.position for hook in hooks), default=None),
    )
