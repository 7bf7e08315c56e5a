"""Places for work that takes a thread for a while: who has none waits on the event loop, and turns go round."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from operator import attrgetter

from hanse_node.access.caller import Caller
from hanse_node.access.purse import Purse
from hanse_node.base.errors import Busy
from hanse_node.base.roundrobin import Turns

WAIT_SECONDS = 10.0


class Lane:
    """So many at work, so many more waiting: no thread is held by who waits. Lives on one event loop."""

    def __init__(
        self,
        what: str,
        places: int,
        waiting: int,
        callers: Callable[[], int] = lambda: 1,
        *,
        wait_seconds: float = WAIT_SECONDS,
        line: Callable[[Caller], str] = attrgetter("holder"),
    ) -> None:
        """Begin with every place free.

        Args:
            what: what is done here, in words, for whoever is sent away.
            places: how many are at work at once.
            waiting: how many wait; see `Purse` for who.
            callers: tells how many callers have a share set aside.
            wait_seconds: how long anybody waits.
            line: says in whose line somebody waits: lines are served in turn.
        """
        self._what, self._free, self._wait, self._line = what, places, wait_seconds, line
        self._room = Purse(f"{what} that wait", waiting, callers)
        self._queue: Turns[asyncio.Future[None]] = Turns()

    @asynccontextmanager
    async def turn(self, caller: Caller) -> AsyncIterator[None]:
        """Have a place.

        Raises:
            QuotaExceeded: the caller waits for too many already.
            Busy: no place became free in time.
        """
        await self._enter(caller)
        try:
            yield
        finally:
            self._leave(caller)

    async def _enter(self, caller: Caller) -> None:
        if self._free and not self._queue:
            self._free -= 1
            return
        with self._room.held(caller):
            place = asyncio.get_running_loop().create_future()
            self._queue.put(self._line(caller), place)
            try:
                async with asyncio.timeout(self._wait):
                    await place
            except TimeoutError as error:
                self._give_up(caller, place)
                raise Busy(f"too many {self._what} are asked for; none became free in {self._wait:.0f} s") from error
            except asyncio.CancelledError:
                self._give_up(caller, place)
                raise

    def _give_up(self, caller: Caller, place: "asyncio.Future[None]") -> None:
        """Wait no longer. A place that was given in the same moment goes on to the next."""
        if place.done() and not place.cancelled():
            self._leave(caller)
        else:
            self._queue.discard(self._line(caller), place)

    def _leave(self, caller: Caller) -> None:
        while self._queue:
            place = self._queue.take()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
