"""The log's tiles: however a log grows, its hashes are those of RFC 9162."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.trees.merkle import inclusion_path, path_from_nodes, root_from_nodes, root_of
from hanse_ledger.values.hashing import hash_leaf
from hanse_node.store.tiles import fold, grow, node_hash


class Log:
    """A log in a dictionary of tiles."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.leaves: list[bytes] = []

    def append(self, count: int) -> None:
        """Append some leaves."""
        added = [hash_leaf(str(len(self.leaves) + at).encode()) for at in range(count)]
        self.tiles |= grow(self.tile, len(self.leaves), added)
        self.leaves += added

    def tile(self, level: int, index: int) -> bytes:
        """Read a tile."""
        return self.tiles.get((level, index), b"")

    def node(self, level: int, index: int) -> bytes:
        """Read a node."""
        return node_hash(self.tile, level, index)


@given(st.lists(st.integers(1, 700), min_size=1, max_size=5), st.data())
def test_a_log_in_tiles_has_its_root_and_paths(steps: list[int], data: st.DataObject) -> None:
    """Root, path and tiles do not depend on how many leaves came at once."""
    log = Log()
    for step in steps:
        log.append(step)
    size = len(log.leaves)
    index = data.draw(st.integers(0, size - 1))
    assert root_from_nodes(log, size) == root_of(log.leaves)
    assert path_from_nodes(log, index, size) == inclusion_path(log.leaves, index)
    assert b"".join(log.tile(0, at) for at in range(size // 256 + 1)) == b"".join(log.leaves)
    assert len(log.tile(1, 0)) == 32 * (size // 256)


def test_a_tile_of_the_second_level_holds_the_roots_of_full_ones() -> None:
    """A hash of level 1 is the root over a full tile of level 0."""
    log = Log()
    log.append(600)
    assert log.tile(1, 0) == root_of(log.leaves[:256]) + root_of(log.leaves[256:512])
    assert log.node(8, 1) == fold(log.tile(0, 1)) == root_of(log.leaves[256:512])
    assert log.node(9, 0) == root_of(log.leaves[:512])


@pytest.mark.parametrize(("level", "index"), [(0, 600), (1, 300), (8, 2), (9, 1), (16, 0)])
def test_an_incomplete_subtree_has_no_hash(level: int, index: int) -> None:
    """What is beyond the log's end is an error, not a wrong hash."""
    log = Log()
    log.append(600)
    with pytest.raises(IndexError):
        log.node(level, index)
