"""Something of which there is only so much, divided among those who ask: nobody's greed takes another's share.

Half of it is set aside in equal shares, one for each caller that there may be: whatever others do, that much is there.
Of the other half each may hold as much as is left over, so that it always has room for one more, and one alone gets
far with it. (The second rule is known from switches: Choudhury and Hahne, "Dynamic queue length thresholds for
shared-memory packet switches", 1998, with factor 1.)
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hanse_node.access.caller import Caller
from hanse_node.base.errors import QuotaExceeded

RETRY_SECONDS = 1


class Purse:
    """A divided bound: of bytes, of places, of whatever. Lives on one event loop."""

    def __init__(self, what: str, most: int, callers: Callable[[], int] = lambda: 1) -> None:
        """Begin with nothing taken.

        Args:
            what: what there is only so much of, in words, for whoever gets no more.
            most: how much there is.
            callers: tells how many callers have a share set aside.
        """
        self.most = most
        self._what, self._callers = what, callers
        self._own: Counter[str] = Counter()
        self._common: Counter[Caller] = Counter()
        self.taken = self._shared = 0

    @property
    def share(self) -> int:
        """How much is set aside for each caller."""
        return self.most // (2 * max(1, self._callers()))

    def take(self, caller: Caller, amount: int = 1) -> None:
        """Take some. Raises QuotaExceeded; nothing is taken then."""
        if self._own[caller.share] + amount <= self.share:
            self._own[caller.share] += amount
        elif self._common[caller] + amount <= self.most // 2 - self._shared:
            self._common[caller] += amount
            self._shared += amount
        else:
            raise QuotaExceeded(f"{self._what}: as much as one may hold at once is held already", RETRY_SECONDS)
        self.taken += amount

    def give(self, caller: Caller, amount: int = 1) -> None:
        """Give back what was taken, in the amounts in which it was taken or in others."""
        shared = min(amount, self._common[caller])
        self._common[caller] -= shared
        self._shared -= shared
        self._own[caller.share] -= amount - shared
        self.taken -= amount
        # Who holds nothing is forgotten: there may be any number of them in the end.
        for counts, name in ((self._common, caller), (self._own, caller.share)):
            if not counts[name]:  # type: ignore[index]  # each counter with its own names
                del counts[name]

    @contextmanager
    def held(self, caller: Caller, amount: int = 1) -> Iterator[None]:
        """Hold some for a while. Raises QuotaExceeded."""
        self.take(caller, amount)
        try:
            yield
        finally:
            self.give(caller, amount)
