"""Where entries stand in the log, for many of them at once: their bytes and their paths to one root."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH
from hanse_ledger.trees.merkle import consistency_from_nodes, path_from_nodes, range_path
from hanse_ledger.values.hashing import hash_node
from hanse_ledger.values.types import Digest
from hanse_node.base.errors import StoreFailed
from hanse_node.store.knownnodes import KnownNodes
from hanse_node.store.reads import ENTRIES_READ, Reads
from hanse_node.store.tiles import HASH_BYTES, TILE_HEIGHT

GAP = 16
"""Entries that nobody asked for are read along, up to this many between two that somebody did."""


def read_entries(reads: Reads, positions: Iterable[int]) -> dict[int, bytes]:
    """Read the entries at these positions, neighbours by one statement.

    Raises:
        StoreFailed: one is not there.
    """
    leaves: dict[int, bytes] = {}
    for run in _runs(sorted(set(positions))):
        begin, end = run[0], run[-1] + 1
        data = reads.entries(begin, end)
        if len(data) != end - begin:
            raise StoreFailed(f"one of the entries from {begin} to {end - 1} is missing")
        leaves |= {position: data[position - begin] for position in run}
    return leaves


def consecutive(positions: Collection[int]) -> Iterator[tuple[int, int]]:
    """Give the ranges of neighbours among positions: where each starts, and where it ends (excluded)."""
    begun = before = -2
    for position in sorted(positions):
        if position != before + 1:
            if begun >= 0:
                yield begun, before + 1
            begun = position
        before = position
    if begun >= 0:
        yield begun, before + 1


def _runs(positions: Sequence[int]) -> Iterator[list[int]]:
    """Cut sorted positions where the gap between two is wide, or a run grows long."""
    run: list[int] = []
    for position in positions:
        if run and (position - run[-1] > GAP or position - run[0] >= ENTRIES_READ):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


class LogHashes:
    """The log's hashes on one connection, each read or computed once: a `TileReader` for many paths."""

    def __init__(self, reads: Reads, known: KnownNodes | None = None) -> None:
        """Prepare; nothing is read yet.

        Args:
            reads: the connection.
            known: what others have read or computed before; what this does joins it.
        """
        self._reads = reads
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._nodes = known or KnownNodes()

    def path(self, position: int, size: int) -> tuple[Digest, ...]:
        """Give the path from an entry to the root of the log at a size, which must not exceed the log's."""
        return tuple(path_from_nodes(self, position, size))

    def range_path(self, start: int, end: int, size: int) -> tuple[Digest, ...]:
        """Give what proves the entries from `start` up to `end` under the root of the log at a size."""
        return tuple(range_path(self, start, end, size))

    def growth(self, old_size: int, size: int) -> tuple[Digest, ...]:
        """Give what proves that the log of a size extends that of an older one."""
        return tuple(consistency_from_nodes(self, old_size, size))

    def node(self, level: int, index: int) -> Digest:
        """Give the root of a complete subtree. Raises StoreFailed if its tile is not there."""
        known = self._nodes.get(level, index)
        if known is None:
            if level % TILE_HEIGHT:
                known = hash_node(self.node(level - 1, index * 2), self.node(level - 1, index * 2 + 1))
            else:
                known = self._stored(level // TILE_HEIGHT, index)
            self._nodes.keep(level, index, known)
        return known

    def _stored(self, level: int, index: int) -> Digest:
        place = (level, index // TILE_WIDTH)
        tile = self._tiles.get(place)
        if tile is None:
            tile = self._tiles[place] = self._reads.tile(*place)
        begin = index % TILE_WIDTH * HASH_BYTES
        node = tile[begin : begin + HASH_BYTES]
        if len(node) != HASH_BYTES:
            raise StoreFailed(f"the tile {place[1]} on level {level} is cut short")
        return node
