"""A small claims map laid out once, to be shown place by place: no node is hashed twice."""

from collections.abc import Sequence
from hashlib import sha256

from hanse_ledger.trees.claims_map import bit_of, cut_of
from hanse_ledger.values.hashing import ZERO
from hanse_ledger.values.types import Digest


class LaidMap:
    """The leaves under the root of a small map, hashed once: root and ways are those of `subtree` and `siblings_of`."""

    def __init__(self, leaves: Sequence[tuple[Digest, Digest]]) -> None:
        """Lay out leaves: (place, leaf hash), in order of their places."""
        self._leaves = leaves
        self._nodes: dict[tuple[int, int, int], tuple[int, Digest]] = {}
        self.root = self._lay(0, 0, len(leaves))

    def siblings(self, place: Digest) -> tuple[Digest, ...]:
        """Give the hashes beside the way to a leaf, which is there, the deepest first."""
        beside: list[Digest] = []
        depth, begin, end = 0, 0, len(self._leaves)
        while end - begin > 1:
            cut, _ = self._nodes[depth, begin, end]
            left, right = (begin, cut), (cut, end)
            way, other = (right, left) if bit_of(place, depth) else (left, right)
            depth += 1
            beside.append(self._node(depth, *other))
            begin, end = way
        assert self._leaves[begin][0] == place, "what is shown is there"
        beside.reverse()
        return tuple(beside)

    def _node(self, depth: int, begin: int, end: int) -> Digest:
        if end - begin > 1:
            return self._nodes[depth, begin, end][1]
        return self._leaves[begin][1] if end > begin else ZERO

    def _lay(self, depth: int, begin: int, end: int) -> Digest:
        if end - begin <= 1:
            return self._node(depth, begin, end)
        leaves = self._leaves
        cut = cut_of(depth, leaves, begin, end)
        # Most nodes stand over single leaves: of those no further call is made.
        left = leaves[begin][1] if cut - begin == 1 else self._lay(depth + 1, begin, cut)
        right = leaves[cut][1] if end - cut == 1 else self._lay(depth + 1, cut, end)
        node = sha256(b"\x01" + left + right).digest()
        self._nodes[depth, begin, end] = cut, node
        return node
