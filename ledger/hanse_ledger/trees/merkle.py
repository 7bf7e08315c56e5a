"""Merkle trees as RFC 9162 shapes them: roots, inclusion of leaves and of ranges, consistency.

A subtree of `2**level` leaves is complete and never changes; it is named by its level (leaves have
level 0) and its index within the level. A tree of any size is a row of complete subtrees, one for
each bit of its size, and every proof is made of O(log n) of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Protocol

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes, hash_node
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Digest

EMPTY_ROOT: Digest = hash_bytes(b"")
"""The root of a tree without leaves: SHA-256 of nothing (RFC 9162, section 2.1.1)."""


class TileReader(Protocol):
    """Gives the hashes of a tree's complete subtrees."""

    def node(self, level: int, index: int) -> Digest:
        """Give the root of the subtree over leaves `index * 2**level` to `(index + 1) * 2**level - 1`.

        It is asked for complete subtrees of the tree only.
        """
        ...


def inclusion_root(leaf: Digest, index: int, size: int, path: Sequence[Digest]) -> Digest:
    """Compute the root that an inclusion proof leads to.

    Args:
        leaf: hash of the record, 32 bytes, from `hash_leaf`.
        index: position of the leaf, counted from 0; less than `size`.
        size: leaves in the tree, 1 to 2**63 - 1.
        path: sibling hashes from leaf to root, 32 bytes each, at most 63.

    Raises:
        ProofInvalid: `path` is too long or too short for `index` and `size`.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size <= limits.LOG_SIZE:
        raise ProofInvalid(
            said("inclusion.no-leaf", "inclusion: there is no leaf {index} in a tree of {size}", index, size)
        )
    _check_hashes("inclusion", (leaf, *path), len(path))
    root = leaf
    last = size - 1
    for sibling in path:
        if last == 0:
            raise ProofInvalid(said("inclusion.path-long", "inclusion: the path is too long"))
        if index & 1 or index == last:
            root = hash_node(sibling, root)
            while index & 1 == 0 and index != 0:
                index, last = index >> 1, last >> 1
        else:
            root = hash_node(root, sibling)
        index, last = index >> 1, last >> 1
    if last != 0:
        raise ProofInvalid(said("inclusion.path-short", "inclusion: the path is too short"))
    return root


def verify_inclusion(leaf: Digest, index: int, size: int, path: Sequence[Digest], root: Digest) -> None:
    """Verify that a leaf stands at its index under a root. The arguments are those of `inclusion_root`.

    Raises:
        ProofInvalid: it does not, or the path has the wrong length.
    """
    if inclusion_root(leaf, index, size, path) != root:
        raise ProofInvalid(said("inclusion.path-elsewhere", "inclusion: the path does not lead to the root"))


def range_root(leaves: Sequence[Digest], start: int, size: int, path: Sequence[Digest]) -> Digest:
    """Compute the root that a proof of consecutive leaves leads to.

    One proof of a range costs as many hashes as two of a leaf, so a batch is proven at about one hash a record.

    Args:
        leaves: hashes of at least one leaf, 32 bytes each, from `hash_leaf`.
        start: position of the first of them.
        size: leaves in the tree, at most 2**63 - 1.
        path: roots of the largest subtrees that hold none of them, from left to right, 32 bytes each; see `range_path`.

    Raises:
        ProofInvalid: `path` is too long or too short, or there are no such leaves.
    """
    end = start + len(leaves)
    if not 0 <= start < end <= size <= limits.LOG_SIZE:
        raise ProofInvalid(f"range: there are no leaves {start} to {end - 1} in a tree of {size}")
    _check_hashes("range", (*leaves, *path), len(path) // 2)
    beside = iter(path)

    def root(low: int, high: int) -> Digest:
        if high <= start or low >= end:
            found = next(beside, None)
            if found is None:
                raise ProofInvalid("range: the path is too short")
            return found
        if start <= low and high <= end:
            return root_of(leaves[low - start : high - start])
        middle = low + _half(high - low)
        return hash_node(root(low, middle), root(middle, high))

    top = root(0, size)
    if next(beside, None) is not None:
        raise ProofInvalid("range: the path is too long")
    return top


def root_before_range(start: int, path: Sequence[Digest]) -> Digest:
    """Give the root that the tree had when it ended before a range, from the range's verified path.

    What stands on the left of the range are the complete subtrees of everything before it: whoever has verified the
    path knows them. So a new record proves by itself that the log behind it was only appended to.
    """
    return _fold(path[: start.bit_count()]) if start else EMPTY_ROOT


def range_path(nodes: TileReader, start: int, end: int, size: int) -> list[Digest]:
    """List the roots of the largest subtrees that hold no leaf from `start` up to `end`, from left to right."""
    assert 0 <= start < end <= size, f"there are no leaves {start} to {end - 1} in a tree of {size}"
    path = []
    parts = [(0, size)]
    while parts:
        low, high = parts.pop()
        width = high - low
        if high <= start or low >= end:
            level = width.bit_length() - 1
            # Wherever a tree is cut, a part is a complete subtree, or the tree's incomplete right edge.
            complete = width == 1 << level
            path.append(nodes.node(level, low >> level) if complete else _fold(_peaks(nodes, size, below=level + 1)))
        elif not (start <= low and high <= end):
            middle = low + _half(width)
            parts += [(middle, high), (low, middle)]
    return path


def verify_consistency(
    old_size: int, new_size: int, old_root: Digest, new_root: Digest, path: Sequence[Digest]
) -> None:
    """Verify that a tree is another one with leaves appended.

    Args:
        old_size: leaves of the smaller tree, from 0.
        new_size: leaves of the larger one, at most 2**63 - 1; equal sizes need equal roots and an empty path.
        old_root: root of the smaller tree, 32 bytes; that of an empty tree is `EMPTY_ROOT`.
        new_root: root of the larger tree, 32 bytes.
        path: hashes of complete subtrees, 32 bytes each; empty where the smaller tree is.

    Raises:
        ProofInvalid: the path does not prove it.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size <= limits.LOG_SIZE:
        raise ProofInvalid(f"consistency: a tree of {old_size} does not grow into one of {new_size}")
    _check_hashes("consistency", (old_root, new_root, *path), len(path))
    for size, root in ((old_size, old_root), (new_size, new_root)):
        if size == 0 and root != EMPTY_ROOT:
            raise ProofInvalid("consistency: that is not the root of an empty tree")
    if old_size in (0, new_size):
        if path:
            raise ProofInvalid("consistency: the path must be empty")
        if old_size == new_size and old_root != new_root:
            raise ProofInvalid("consistency: trees of one size have different roots")
        return
    # A smaller tree that is one complete subtree stands for itself: its root opens the path.
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    if _climb_both(old_size - 1, new_size - 1, hashes) != (old_root, new_root):
        raise ProofInvalid("consistency: the path does not lead to both roots")


def _climb_both(index: int, last: int, hashes: Sequence[Digest]) -> tuple[Digest, Digest]:
    """Hash from the old tree's last complete subtree to both roots; `index` and `last` are the trees' last leaves."""
    if not hashes:
        raise ProofInvalid("consistency: the path is too short")
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofInvalid("consistency: the path is too long")
        if index & 1 or index == last:
            old, new = hash_node(sibling, old), hash_node(sibling, new)
            while index & 1 == 0 and index != 0:
                index, last = index >> 1, last >> 1
        else:
            new = hash_node(new, sibling)
        index, last = index >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("consistency: the path is too short")
    return old, new


def root_of(leaves: Sequence[Digest]) -> Digest:
    """Compute the root over leaf hashes, from `hash_leaf`; that of none is `EMPTY_ROOT`."""
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_path(leaves: Sequence[Digest], index: int) -> list[Digest]:
    """List the sibling hashes from a leaf to the root, given all leaf hashes. `index` is less than their number."""
    assert 0 <= index < len(leaves), f"there is no leaf {index} among {len(leaves)}"
    path = []
    level = leaves
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level, index = _parents(level), index >> 1
    return path


def root_from_nodes(nodes: TileReader, size: int) -> Digest:
    """Compute the root of a tree of `size` leaves from its complete subtrees, one for each bit of the size."""
    return _fold(_peaks(nodes, size)) if size else EMPTY_ROOT


def path_from_nodes(nodes: TileReader, index: int, size: int) -> list[Digest]:
    """List the sibling hashes from leaf `index` to the root of a tree of `size` leaves (RFC 9162, 2.1.3.1).

    At most 126 nodes are read.
    """
    assert 0 <= index < size, f"there is no leaf {index} in a tree of {size}"
    return list(_siblings(nodes, 0, index, size))


def consistency_from_nodes(nodes: TileReader, old_size: int, new_size: int) -> list[Digest]:
    """List the hashes that prove that a tree of `new_size` leaves extends one of `old_size` (RFC 9162, 2.1.4.1)."""
    assert 0 <= old_size <= new_size, f"a tree of {old_size} does not grow into one of {new_size}"
    if old_size in (0, new_size):
        return []
    # The last complete subtree of the old tree is where both trees are climbed from.
    level = (old_size & -old_size).bit_length() - 1
    index = (old_size >> level) - 1
    first = [nodes.node(level, index)] if index else []
    return [*first, *_siblings(nodes, level, index, new_size)]


class Frontier:
    """The roots of a tree's complete subtrees: all that is needed to append leaves without the old ones.

    `size` counts the leaves; `hashes` are the roots, that of the largest subtree first.
    """

    def __init__(self, size: int = 0, hashes: Iterable[Digest] = ()) -> None:
        self._size, self._hashes = size, list(hashes)
        assert size.bit_count() == len(self._hashes), "a frontier has one hash for each bit of its size"

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def hashes(self) -> tuple[Digest, ...]:
        """The roots of the complete subtrees, the largest first."""
        return tuple(self._hashes)

    def __eq__(self, other: object) -> bool:
        """Two frontiers are equal when their trees are."""
        return isinstance(other, Frontier) and (self._size, self._hashes) == (other._size, other._hashes)

    __hash__ = None  # type: ignore[assignment]  # it grows in place, so it must not be a key of a table

    def __repr__(self) -> str:
        """Show the size and the root."""
        return f"Frontier(size={self._size}, root={self.root().hex()})"

    def copy(self) -> "Frontier":
        """Make a frontier that grows apart from this one."""
        return Frontier(self._size, self._hashes)

    def append(self, leaf: Digest) -> None:
        """Append a leaf hash. Two subtrees of one size become one."""
        assert len(leaf) == 32
        assert self._size < limits.LOG_SIZE
        carried, size = leaf, self._size
        while size & 1:
            carried, size = hash_node(self._hashes.pop(), carried), size >> 1
        self._hashes.append(carried)
        self._size += 1

    def root(self) -> Digest:
        """Compute the root of the tree."""
        return _fold(self._hashes) if self._hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Write the size as 8 bytes big-endian, then the hashes."""
        return self._size.to_bytes(8, "big") + b"".join(self._hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Read what `to_bytes` wrote.

        Raises:
            Malformed: the size is too large, or the hashes are not as many as its bits.
        """
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + 32 * size.bit_count() or size > limits.LOG_SIZE:
            raise Malformed("frontier: the bytes are not a size and one hash for each of its bits")
        return cls(size, (data[at : at + 32] for at in range(8, len(data), 32)))


def _half(width: int) -> int:
    """Give how many of `width` leaves, at least two, stand under the left child: the largest power of two below it."""
    return 1 << (width - 1).bit_length() - 1


def _check_hashes(what: str, hashes: Sequence[bytes], length: int) -> None:
    """Refuse what is not 32 bytes long, and a path longer than any tree is high (one more for consistency)."""
    if length > limits.PATH_HASHES + 1:
        raise ProofInvalid(said("tree.path-long", "{what}: the path is too long", what))
    if any(len(value) != 32 for value in hashes):
        raise ProofInvalid(said("tree.hash", "{what}: a hash has 32 bytes", what))


def _parents(level: Sequence[Digest]) -> list[Digest]:
    """Hash the nodes of a level in pairs; an odd last one rises as it is."""
    pairs = [hash_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, *level[len(pairs) * 2 :]]


def _fold(peaks: Sequence[Digest]) -> Digest:
    """Compute the root over complete subtrees (at least one), the largest first."""
    return reduce(lambda right, left: hash_node(left, right), reversed(peaks))


def _peaks(nodes: TileReader, size: int, below: int = 64) -> list[Digest]:
    """Read the roots of the complete subtrees of a tree, the largest first: those lower than level `below`."""
    levels = range(min(below, size.bit_length()) - 1, -1, -1)
    return [nodes.node(level, (size >> level) - 1) for level in levels if size >> level & 1]


def _siblings(nodes: TileReader, level: int, index: int, size: int) -> Iterator[Digest]:
    """Climb from a complete subtree to the root of a tree of `size` leaves, and give each sibling on the way."""
    while size > 1 << level:
        sibling = index ^ 1
        if (sibling + 1) << level <= size:
            yield nodes.node(level, sibling)
        elif sibling << level < size:  # the tree's incomplete right edge
            yield _fold(_peaks(nodes, size, below=level))
        level, index = level + 1, index >> 1
