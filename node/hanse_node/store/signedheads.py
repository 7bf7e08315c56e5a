"""The newest signed heads of a ledger: put up for readers, waited for, and told to whoever watches."""

from collections.abc import Callable
from threading import Condition

from hanse_ledger.blocks.block import Tip
from hanse_ledger.trees.merkle import TileReader
from hanse_node.base.errors import Busy
from hanse_node.store.reads import Published

PUBLISH_SECONDS = 5.0
"""How long a reader waits for a head that is published: with one operator it is there at once."""

NO_QUORUM = "the newest head is not signed by a quorum yet"

RECENT = 16
"""So many of the newest signed heads are known by their sizes."""

Sign = Callable[[Tip, TileReader], str]
"""Makes the signed checkpoint of a durable head; `HeadSigner.sign` is one."""


class SignedHeads:
    """The newest signed head, the sizes of those before it, and who hears of it. Any thread may ask."""

    def __init__(self, newest: Published | None) -> None:
        """Begin with the newest checkpoint that is stored, if there is one."""
        self.newest = newest
        self.recent: tuple[int, ...] = ()
        self.unsaved = False
        """Whether the newest is not stored yet: the writer stores it with its next commit."""
        self._news = Condition()
        self._watchers: tuple[Callable[[], None], ...] = ()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell somebody from now on, on the thread that does it. It must not wait."""
        self._watchers = (*self._watchers, watcher)

    def put_up(self, signed: Published) -> None:
        """Put a head in the place of the newest, and tell of it."""
        with self._news:
            self.newest, self.unsaved = signed, True
            if signed.size not in self.recent:
                self.recent = (*self.recent[1 - RECENT :], signed.size)
            self._news.notify_all()
        self.tell()

    def tell(self) -> None:
        """Tell all who watch that something is new."""
        for watcher in self._watchers:
            watcher()

    def await_shown(self, shows: Callable[[], bool]) -> None:
        """Wait until readers may be shown something. Raises Busy where that takes too long."""
        with self._news:
            shown = self._news.wait_for(shows, PUBLISH_SECONDS)
        if not shown:
            raise Busy(NO_QUORUM)
