"""Subscribers to what happens. Each reads the store at its own pace and holds no more than one reading of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

import anyio.to_thread
from anyio import CapacityLimiter

from hanse_node.access.caller import ITSELF, Caller
from hanse_node.base.bounds import HEARTBEAT_SECONDS, READINGS
from hanse_node.base.errors import Stopped
from hanse_node.queries.answers import EventsRead
from hanse_node.queries.event import Event


class Feed:
    """Wakes subscribers when something has happened. Lives on one event loop, but for `notify`."""

    def __init__(
        self,
        read: Callable[[Caller, int], EventsRead],
        tells: Callable[[Caller, Event], bool],
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        """Prepare a feed.

        Args:
            read: gives what happened from a position on, a bounded piece at a time; it blocks. The node itself asks.
            tells: says whether somebody is told of an event.
            heartbeat_seconds: how long a quiet subscriber goes without a sign of life.
        """
        self._read, self._tells, self._heartbeat = read, tells, heartbeat_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wakers: set[asyncio.Event] = set()
        self._readings: dict[int, asyncio.Task[EventsRead]] = {}
        self._threads: CapacityLimiter | None = None
        self._closed = False

    @property
    def subscribers(self) -> int:
        """How many are listening."""
        return len(self._wakers)

    def check(self) -> None:
        """Insist that one may subscribe. Raises Stopped when the node is stopping."""
        if self._closed:
            raise Stopped("the node is stopping")

    async def events(
        self, caller: Caller, after: int, admit: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncGenerator[Event | None, None]:
        """Give every event behind a position that somebody may see, while the feed is open; nil is a sign of life.

        Args:
            caller: who listens. What is read is read once for all of them.
            after: the position.
            admit: tells whether the caller may still ask; before anything is told, and at each sign of life.
        """
        waker = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._wakers.add(waker)
        position = after + 1
        try:
            while not self._closed:
                # Cleared before the store is read, so that nothing that comes in between is slept through.
                waker.clear()
                happened = await self._happened(position)
                if admit is not None and not await admit():
                    return
                for event in happened.events:
                    if self._tells(caller, event):
                        yield event
                position = happened.next
                if happened.more or self._closed:
                    continue
                try:
                    async with asyncio.timeout(self._heartbeat):
                        await waker.wait()
                except TimeoutError:
                    if admit is not None and not await admit():
                        return
                    yield None
        finally:
            self._wakers.discard(waker)

    async def _happened(self, position: int) -> EventsRead:
        """Read what happened from a position on: once for all who are there, on threads of the streams' own."""
        reading = self._readings.get(position)
        if reading is None:
            if self._threads is None:
                self._threads = CapacityLimiter(READINGS)
            asked = anyio.to_thread.run_sync(self._read, ITSELF, position, limiter=self._threads)
            reading = self._readings[position] = asyncio.create_task(asked)
            reading.add_done_callback(partial(self._read_once, position))
        # One subscriber that leaves takes nothing from the others that wait for the same.
        return await asyncio.shield(reading)

    def _read_once(self, position: int, reading: "asyncio.Task[EventsRead]") -> None:
        if self._readings.get(position) is reading:
            del self._readings[position]

    def notify(self) -> None:
        """Wake every subscriber; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def start(self) -> None:
        """Take subscribers, which it does from the beginning."""

    def stop(self) -> None:
        """End every subscription, and take no more. May be called twice."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        # Who comes after news must not share a reading that has begun before them: it would sleep through them.
        self._readings.clear()
        for waker in self._wakers:
            waker.set()
