"""A map of terms made by hand, from the format page alone: a second maker beside the ledger's, and one that may lie.

Nothing of `hanse_ledger` makes it; its types only carry what it gives.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from hanse_ledger.wire.commitments import DisclosedTerm, ShownLeaf
from tests.tables.reference import pack

EMPTY = bytes(32)

Leaves = list[tuple[int, bytes]]


def digest(data: bytes) -> bytes:
    """Hash with SHA-256."""
    return sha256(data).digest()


def salt_of(seed: bytes, name: str) -> bytes:
    """Derive a leaf's salt."""
    return digest(seed + b"term " + name.encode())[:16]


def leaf_of(seed: bytes, name: str, value: str | bytes | None) -> bytes:
    """Write a leaf."""
    return pack([name, salt_of(seed, name), value])


class HandMadeMap:
    """Leaves at the places of names: usually their own."""

    def __init__(self, leaves: Mapping[str, bytes]) -> None:
        self.leaves = dict(leaves)
        self._hashed = sorted(
            (place_of(name), digest(b"\x00" + digest(name.encode()) + digest(leaf))) for name, leaf in leaves.items()
        )
        self.root = _root(self._hashed, 0)

    def show(self, name: str) -> ShownLeaf:
        """Show the leaf at a name's place."""
        siblings: list[bytes] = []
        leaves, depth = self._hashed, 0
        while len(leaves) > 1:
            halves = _halves(leaves, depth)
            side = place_of(name) >> 255 - depth & 1
            depth += 1
            siblings.insert(0, _root(halves[1 - side], depth))
            leaves = halves[side]
        return ShownLeaf(leaf=self.leaves[name], siblings=tuple(siblings))


def made_of(seed: bytes, said: Mapping[str, str | bytes | None]) -> HandMadeMap:
    """Make a map of values by name."""
    return HandMadeMap({name: leaf_of(seed, name, value) for name, value in said.items()})


def shown(*leaves: ShownLeaf) -> DisclosedTerm:
    """Put the leaves that lead to a term together."""
    return DisclosedTerm(leaves=leaves)


def place_of(name: str) -> int:
    """Give a name's place as a number."""
    return int.from_bytes(digest(name.encode()), "big")


def climb(name: str, leaf: ShownLeaf) -> bytes:
    """Compute the root to which a leaf and its way lead, as the page says it."""
    node = digest(b"\x00" + digest(name.encode()) + digest(leaf.leaf))
    for depth, sibling in zip(range(len(leaf.siblings) - 1, -1, -1), leaf.siblings, strict=True):
        node = digest(b"\x01" + (sibling + node if place_of(name) >> 255 - depth & 1 else node + sibling))
    return node


def _halves(leaves: Leaves, depth: int) -> tuple[Leaves, Leaves]:
    return tuple([leaf for leaf in leaves if leaf[0] >> 255 - depth & 1 == side] for side in (0, 1))  # type: ignore[return-value] # two of them


def _root(leaves: Sequence[tuple[int, bytes]], depth: int) -> bytes:
    if len(leaves) < 2:
        return leaves[0][1] if leaves else EMPTY
    left, right = _halves(list(leaves), depth)
    return digest(b"\x01" + _root(left, depth + 1) + _root(right, depth + 1))
