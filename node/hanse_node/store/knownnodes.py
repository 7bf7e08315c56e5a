"""The log's nodes in memory: what was computed once need not be read again, and new entries need not be read at all."""

from collections.abc import Callable, Sequence

from hanse_ledger.trees.merkle import TileReader
from hanse_ledger.values.hashing import hash_node
from hanse_ledger.values.types import Digest

KNOWN_NODES = 20_000
"""So many roots are known at once, and as many that were known before them: 8 MB."""


class NotKnown(LookupError):
    """A node that is not in memory, and cannot be computed from what is."""


class KnownNodes:
    """Roots of complete subtrees, which never change: kept from one reading of the log to the next. For any thread."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, int], Digest] = {}
        self._older: dict[tuple[int, int], Digest] = {}

    def get(self, level: int, index: int) -> Digest | None:
        """Give a root that is known, or that follows from known ones."""
        node = self._nodes.get((level, index))
        if node is None:
            node = self._older.get((level, index))
            if node is None and level:
                left = self.get(level - 1, 2 * index)
                right = None if left is None else self.get(level - 1, 2 * index + 1)
                node = None if left is None or right is None else hash_node(left, right)
            if node is not None:
                self.keep(level, index, node)
        return node

    def node(self, level: int, index: int) -> Digest:
        """Give a root (as a `TileReader`). Raises NotKnown."""
        node = self.get(level, index)
        if node is None:
            raise NotKnown(level, index)
        return node

    def keep(self, level: int, index: int, root: Digest) -> None:
        """Take a root over. When there are too many, those are forgotten that nobody has asked for since."""
        if len(self._nodes) >= KNOWN_NODES:
            self._nodes, self._older = {}, self._nodes
        self._nodes[level, index] = root

    def append(self, start: int, leaves: Sequence[Digest]) -> None:
        """Take over the hashes of new entries, the first of which stands at a position."""
        for position, leaf in enumerate(leaves, start):
            self.keep(0, position, leaf)


class RememberedLog:
    """A log that is read where memory does not reach (a `TileReader`)."""

    def __init__(self, known: KnownNodes, stored: Callable[[], TileReader]) -> None:
        """Prepare.

        Args:
            known: what is in memory; what is read joins it.
            stored: opens the log, when it is first needed.
        """
        self._known, self._open = known, stored
        self._stored: TileReader | None = None

    def node(self, level: int, index: int) -> Digest:
        """Give the root of a complete subtree."""
        node = self._known.get(level, index)
        if node is None:
            if self._stored is None:
                self._stored = self._open()
            node = self._stored.node(level, index)
            self._known.keep(level, index, node)
        return node
