"""A claims map in memory, at any depth, for tests."""

from collections.abc import Mapping, Sequence

from hanse_ledger.trees.claims_map import Claim, ClaimProof, ClaimTree, StagedClaims
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest


class ClaimMap:
    """Claims by place, and the tree over them; a `ClaimBuckets`."""

    def __init__(self, claims: Mapping[bytes, bytes] | None = None, depth: int = 3) -> None:
        self.places: dict[Digest, bytes] = {}
        self.tree = ClaimTree(depth)
        self.change({**(claims or {})})

    def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Give the claims that lie between two places."""
        return sorted((place, value) for place, value in self.places.items() if first <= place <= last)

    def stage(self, changes: Mapping[bytes, bytes | None]) -> StagedClaims:
        """Compute what changes lead to."""
        return self.tree.stage(self, changes)

    def change(self, changes: Mapping[bytes, bytes | None]) -> Digest:
        """Change claims, and give the root to which that leads."""
        staged = self.stage(changes)
        self.tree.apply(staged)
        for key, value in changes.items():
            if value is None:
                del self.places[hash_bytes(key)]
            else:
                self.places[hash_bytes(key)] = value
        assert staged.root == self.root
        return staged.root

    @property
    def root(self) -> Digest:
        """The root of the map."""
        return self.tree.root()

    def prove(self, key: bytes) -> ClaimProof:
        """Prove that a key is there, or that it is not."""
        return self.tree.prove(self, key)
