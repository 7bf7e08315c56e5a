"""A queue in which everybody's first waits behind nobody's second: whose turn it is goes round those who wait."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """Items in turn of whoever put them in; each one's own stay in order. Not for several threads at once."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Item]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        """Walk over everything that waits."""
        return (item for queue in self._queues.values() for item in queue)

    def put(self, who: str, item: Item) -> None:
        """Put an item at the end of somebody's queue."""
        self._queues.setdefault(who, deque()).append(item)
        self._count += 1

    def next(self) -> Item:
        """Look at the item whose turn it is. Raises StopIteration where nothing waits."""
        return next(iter(self._queues.values()))[0]

    def turn(self) -> str:
        """Say whose turn it is. Raises StopIteration where nothing waits."""
        return next(iter(self._queues))

    def drop(self) -> Item:
        """Take out the last item of whoever has most. Raises ValueError where nothing waits."""
        who = max(self._queues, key=lambda name: len(self._queues[name]))
        item = self._queues[who].pop()
        if not self._queues[who]:
            del self._queues[who]
        self._count -= 1
        return item

    def take(self) -> Item:
        """Take the item whose turn it is; its owner's next one waits until all others had theirs."""
        who = next(iter(self._queues))
        queue = self._queues.pop(who)
        item = queue.popleft()
        if queue:
            self._queues[who] = queue
        self._count -= 1
        return item

    def discard(self, who: str, item: Item) -> None:
        """Take out an item that waits no longer, if it still waits."""
        queue = self._queues.get(who, deque())
        if item in queue:
            queue.remove(item)
            self._count -= 1
            if not queue:
                del self._queues[who]

    def clear(self) -> None:
        """Forget everything."""
        self._queues.clear()
        self._count = 0
