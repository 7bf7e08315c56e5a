"""Receipts of records that stood already wait for a head that a quorum has signed over them, as those of new ones do.

Else whoever sends twice would be told `exists` of what no proof can show yet, and of what may still come to nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from msgspec import Struct

from hanse_node.base.errors import Busy, NodeError, Stopped
from hanse_node.base.receipts import Receipt
from hanse_node.store.reads import Published

COVER_SECONDS = 30.0
"""So long receipts wait for a signed head; then whoever asked is told to ask again."""


class _Waiting(Struct, eq=False):
    """Receipts that are true once a head of so many entries is signed."""

    size: int
    answer: "Future[list[Receipt]]"
    receipts: Sequence[Receipt]


class Covering:
    """What waits for its head. Lives on one event loop, but for `give`; who waits has a place in the engine's room."""

    def __init__(self, signed: Callable[[], Published | None], *, patience_seconds: float = COVER_SECONDS) -> None:
        """Begin with nobody.

        Args:
            signed: gives the newest head that a quorum has signed.
            patience_seconds: how long anybody waits.
        """
        self._signed, self._patience = signed, patience_seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: set[_Waiting] = set()

    def give(self, answer: "Future[list[Receipt]]", receipts: Sequence[Receipt]) -> None:
        """Answer with receipts, none of which a block has still to make, once they are covered; from any thread."""
        size = max((receipt.position + 1 for receipt in receipts if receipt.position is not None), default=0)
        if size <= self._size():
            answer.set_result(list(receipts))
            return
        self._loop.call_soon_threadsafe(self._wait, _Waiting(size, answer, receipts))

    def reached(self, size: int) -> None:
        """Answer whom a head of so many entries covers."""
        for each in [each for each in self._waiting if each.size <= size]:
            self._waiting.discard(each)
            each.answer.set_result(list(each.receipts))

    def fail(self, reason: str) -> None:
        """Tell everybody who waits that the node takes no records any more."""
        for waiter in list(self._waiting):
            self._give_up(waiter, Stopped(reason))

    def _wait(self, waiting: _Waiting) -> None:
        self._waiting.add(waiting)
        self._loop.call_later(self._patience, self._expire, waiting)
        # A head may have come while this was on its way here.
        self.reached(self._size())

    def _size(self) -> int:
        signed = self._signed()
        return 0 if signed is None else signed.size

    def _expire(self, waiting: _Waiting) -> None:
        self._give_up(waiting, Busy("the record stands, and no quorum has signed a head over it yet"))

    def _give_up(self, waiting: _Waiting, error: NodeError) -> None:
        if waiting in self._waiting:
            self._waiting.discard(waiting)
            waiting.answer.set_exception(error)


def merge_receipts(
    answer: "Future[list[Receipt]]", count: int, settled: dict[int, Receipt], done: "Future[list[Receipt]]"
) -> None:
    """Answer a batch of which some receipts were known at once, and the others have come from a block."""
    error = done.exception()
    if error is not None:
        answer.set_exception(error)
        return
    left = iter(done.result())
    answer.set_result([settled[place] if place in settled else next(left) for place in range(count)])
