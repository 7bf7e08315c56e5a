"""The object tree: numbered objects, their present values, and proofs of them.

An RFC 9162 tree whose leaves are replaced in place. Each level is one row of bytes in memory that
holds complete subtrees only: 64 MB for a million objects. Changes are staged first, which touches
nothing, and applied when they are durable.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from msgspec import Struct

from hanse_ledger.trees.merkle import path_from_nodes, root_from_nodes
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, ObjectId


def object_leaf(object_id: ObjectId, value: Digest) -> Digest:
    """Hash an object as a leaf of the tree: SHA-256(0x00, object id, value)."""
    assert len(object_id) == len(value) == 32
    return hash_leaf(object_id + value)


class Staged(Struct, frozen=True):
    """What a block would change: the new root and count, and the changed nodes of each level, in order of index.

    `base` is the count and the root of the tree that it changes.
    """

    root: Digest
    count: int
    levels: tuple[Mapping[int, Digest], ...]
    base: tuple[int, Digest]


class ObjectTree:
    """The present leaves, and every complete subtree above them."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]
        self._count = 0
        self._root = root_from_nodes(self, 0)

    @classmethod
    def from_leaves(cls, leaves: Iterable[Digest]) -> "ObjectTree":
        """Build the tree over all leaf hashes, in order of their numbers."""
        tree = cls()
        row = b"".join(leaves)
        assert len(row) % 32 == 0, "leaf hashes have 32 bytes"
        tree._count = len(row) // 32
        tree._levels = [bytearray(row)]
        while len(row) >= 64:
            pairs = range(0, len(row) // 64 * 64, 64)
            row = b"".join([sha256(b"\x01" + row[at : at + 64]).digest() for at in pairs])
            tree._levels.append(bytearray(row))
        tree._root = root_from_nodes(tree, tree._count)
        return tree

    @classmethod
    def from_bytes(cls, count: int, data: bytes) -> "ObjectTree":
        """Read what `to_bytes` wrote; its length must be right for so many objects."""
        tree = cls()
        at = 0
        tree._count, tree._levels = count, []
        for level in range(max(1, count.bit_length())):
            end = at + (count >> level) * 32
            tree._levels.append(bytearray(data[at:end]))
            at = end
        assert at == len(data), "the nodes are not those of so many objects"
        tree._root = root_from_nodes(tree, count)
        return tree

    def copy(self) -> "ObjectTree":
        """Make a tree of the same leaves that changes for itself."""
        tree = ObjectTree()
        tree._count, tree._root, tree._levels = self._count, self._root, [bytearray(row) for row in self._levels]
        return tree

    def to_bytes(self) -> bytes:
        """Write every complete subtree, level by level. Not a wire format."""
        return b"".join(self._levels)

    @property
    def count(self) -> int:
        """How many objects there are."""
        return self._count

    def root(self) -> Digest:
        """Give the root over all leaves."""
        return self._root

    def leaf(self, index: int) -> Digest:
        """Give the hash of the leaf with this number."""
        return self.node(0, index)

    def node(self, level: int, index: int) -> Digest:
        """Give the root of a complete subtree (see `merkle.TileReader`)."""
        assert 0 <= index < self._count >> level, f"there is no complete subtree {index} on level {level}"
        return bytes(self._levels[level][index * 32 : index * 32 + 32])

    def path(self, index: int) -> list[Digest]:
        """Give the sibling hashes from a leaf to the root, for `merkle.verify_inclusion`."""
        return path_from_nodes(self, index, self._count)

    def path_after(self, staged: Staged, index: int) -> list[Digest]:
        """Give the path from a leaf to the root of the tree as staged changes will leave it."""
        assert staged.base == (self._count, self._root), "the tree has changed since the changes were staged"
        return path_from_nodes(_Overlay(self, staged.levels), index, staged.count)

    def stage(self, changes: Mapping[int, Digest]) -> Staged:
        """Compute what a block changes, without touching the tree.

        Args:
            changes: new leaf hashes by number. Numbers from `count` on are new objects and leave no gap.

        The changed nodes of a level lead to those of the next, so a block costs one pass.
        """
        dirty = {index: changes[index] for index in sorted(changes)}
        count = max(self._count, next(reversed(dirty), -1) + 1)
        added = sum(1 for index in dirty if index >= self._count)
        assert next(iter(dirty), 0) >= 0, "objects are numbered from 0"
        assert added == count - self._count, "new objects are numbered without a gap"
        assert count <= limits.LOG_SIZE
        assert all(len(leaf) == 32 for leaf in dirty.values()), "leaf hashes have 32 bytes"
        levels = []
        while dirty:
            levels.append(dirty)
            dirty = self._rise(len(levels) - 1, dirty, count >> len(levels))
        base = (self._count, self._root)
        if not levels:
            return Staged(self._root, self._count, (), base)
        return Staged(root_from_nodes(_Overlay(self, levels), count), count, tuple(levels), base)

    def apply(self, staged: Staged) -> None:
        """Take staged changes over. Nothing here can fail: they were staged on the tree as it is."""
        assert staged.base == (self._count, self._root), "the tree has changed since the changes were staged"
        for level, nodes in enumerate(staged.levels):
            if level == len(self._levels):
                self._levels.append(bytearray())
            row = self._levels[level]
            for index, value in nodes.items():
                # In order of index, so that a new node always lands at the end of its row.
                row[index * 32 : index * 32 + 32] = value
        self._count, self._root = staged.count, staged.root

    def _rise(self, level: int, dirty: Mapping[int, Digest], complete: int) -> dict[int, Digest]:
        """Hash the parents of changed nodes, as far as they are among the `complete` ones of the next level."""
        row = self._levels[level] if level < len(self._levels) else bytearray()
        parents: dict[int, Digest] = {}
        last = -1
        for index in dirty:
            parent = index >> 1
            if parent == last:
                continue
            if parent >= complete:
                break
            last = parent
            at = parent << 6
            left: bytes | bytearray | None = dirty.get(parent << 1)
            if left is None:
                left = row[at : at + 32]
            right: bytes | bytearray | None = dirty.get(parent << 1 | 1)
            if right is None:
                right = row[at + 32 : at + 64]
            parents[parent] = sha256(b"\x01" + left + right).digest()
        return parents


class _Overlay:
    """A tree as it will be: staged nodes before present ones."""

    def __init__(self, tree: ObjectTree, levels: Sequence[Mapping[int, Digest]]) -> None:
        self._tree, self._levels = tree, levels

    def node(self, level: int, index: int) -> Digest:
        staged = self._levels[level].get(index) if level < len(self._levels) else None
        return staged if staged is not None else self._tree.node(level, index)
