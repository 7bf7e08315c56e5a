"""The claims map: what may exist once, with proofs that something is there and that something is not.

A compact binary sparse Merkle tree with ICS-23 `SmtSpec` hashing. A key's place is given by the bits
of SHA-256(key), the highest first: 0 goes left, 1 right. Leaf SHA-256(0x00, SHA-256(key),
SHA-256(value)), inner node SHA-256(0x01, left, right), empty 32 zero bytes; a leaf that is alone
under a place stands at that place.

The upper levels are rows of bytes in memory, as in the object tree. What stands below a place of the lowest of them, a
bucket, is a few claims, and is hashed from them anew. Changes are staged first, which touches nothing, and applied
when they are durable.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Protocol

from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Damaged, ProofInvalid
from hanse_ledger.values.hashing import ZERO, hash_bytes
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Digest

_LEAF, _INNER = 0x00, 0x01
_NODE_BYTES = 65

NOTHING, ALONE, MANY = 0, 1, 2
"""What stands under a place: no claim, one, or more."""

Node = tuple[int, Digest]
"""What stands under a place, and its hash."""

Claim = tuple[Digest, bytes]
"""A claim in a bucket: its key's place, and its value."""


class ClaimBuckets(Protocol):
    """The stored claims, by the first bits of their places."""

    def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Read the claims whose places lie from `first` to `last`, both included, in order of their places."""
        ...


class StagedClaims(Struct, frozen=True):
    """What a block would change: the new root, and the changed nodes of each level, the root's level first.

    `base` is the root of the map that it changes.
    """

    root: Digest
    levels: tuple[Mapping[int, Node], ...]
    base: Digest


class ClaimProof(Struct, frozen=True):
    """Why a key is there, or is not.

    `siblings` are the hashes beside the way, from the leaf to the root. `leaf` is the 65 bytes of the
    leaf at the way's end (0x00, SHA-256(key), SHA-256(value)), or nothing for an empty place.
    """

    siblings: tuple[Digest, ...]
    leaf: bytes


class ClaimTree:
    """The upper levels of a claims map. The root has level 0, the buckets stand under the nodes of level `depth`."""

    def __init__(self, depth: int) -> None:
        """Begin an empty map.

        Args:
            depth: 0 to `limits.CLAIM_DEPTH`; see `depth_for`.
        """
        assert 0 <= depth <= limits.CLAIM_DEPTH
        self.depth = depth
        self._kinds = [bytearray(1 << level) for level in range(depth + 1)]
        self._hashes = [bytearray(32 << level) for level in range(depth + 1)]

    @classmethod
    def from_claims(cls, depth: int, claims: Iterable[Claim]) -> "ClaimTree":
        """Build the tree over all claims, in order of their places."""
        tree = cls(depth)
        dirty = {
            index: subtree(depth, [(place, leaf_hash(place, value)) for place, value in bucket])
            for index, bucket in groupby(claims, key=lambda claim: tree._index(claim[0]))
        }
        tree.apply(tree._rise(dirty))
        return tree

    @classmethod
    def from_bytes(cls, depth: int, data: bytes) -> "ClaimTree":
        """Read what `to_bytes` wrote, and nothing else."""
        tree = cls(depth)
        at = 0
        for kinds, hashes in zip(tree._kinds, tree._hashes, strict=True):
            kinds[:] = data[at : at + len(kinds)]
            at += len(kinds)
            if _crowded(kinds):
                hashes[:] = data[at : at + len(hashes)]
                at += len(hashes)
                continue
            for index in _filled(kinds):
                hashes[index << 5 : (index << 5) + 32] = data[at : at + 32]
                at += 32
        assert at == len(data)
        return tree

    def copy(self) -> "ClaimTree":
        """Make a map of the same claims that changes for itself."""
        tree = ClaimTree(self.depth)
        tree._kinds = [bytearray(row) for row in self._kinds]
        tree._hashes = [bytearray(row) for row in self._hashes]
        return tree

    def to_bytes(self) -> bytes:
        """Write every level: what kind each node is, and the hashes; of a half empty level those that there are.

        Not a wire format.
        """
        parts: list[bytes] = []
        for kinds, hashes in zip(self._kinds, self._hashes, strict=True):
            parts.append(bytes(kinds))
            if _crowded(kinds):
                parts.append(bytes(hashes))
            else:
                parts += [bytes(hashes[index << 5 : (index << 5) + 32]) for index in _filled(kinds)]
        return b"".join(parts)

    def root(self) -> Digest:
        """Give the root; that of an empty map is 32 zero bytes."""
        return bytes(self._hashes[0])

    def stage(self, buckets: ClaimBuckets, changes: Mapping[bytes, bytes | None]) -> StagedClaims:
        """Compute what changes to claims lead to, without touching the map.

        Args:
            buckets: the claims as they are.
            changes: new values by key; None removes a claim, which must be there. Their order does not matter.

        Raises:
            Damaged: a bucket holds other claims than the tree was built over.
        """
        places = sorted((hash_bytes(key), value) for key, value in changes.items())
        dirty = {}
        for index, changed in groupby(places, key=lambda change: self._index(change[0])):
            leaves = self._leaves(buckets, index)
            for place, value in changed:
                if value is None:
                    assert place in leaves, "a claim that is removed must be there"
                    del leaves[place]
                else:
                    leaves[place] = leaf_hash(place, value)
            dirty[index] = subtree(self.depth, sorted(leaves.items()))
        return self._rise(dirty)

    def apply(self, staged: StagedClaims) -> None:
        """Take staged changes over. Nothing here can fail: they were staged on the map as it is."""
        assert staged.base == self.root(), "the map has changed since the changes were staged"
        for level, nodes in enumerate(staged.levels):
            kinds, hashes = self._kinds[level], self._hashes[level]
            for index, (kind, value) in nodes.items():
                kinds[index] = kind
                hashes[index * 32 : index * 32 + 32] = value

    def find(self, buckets: ClaimBuckets, key: bytes) -> bytes | None:
        """Find the value of a claim, or nothing. Raises as `stage` does: what is stored is not believed."""
        place = hash_bytes(key)
        index = self._index(place)
        if self._leaves(buckets, index):
            return dict(self._bucket(buckets, index)).get(place)
        return None

    def bounds(self, keys: Iterable[bytes]) -> set[tuple[Digest, Digest]]:
        """Give the bounds of the buckets that `find` will ask for: for who reads several at once."""
        indexes = {self._index(hash_bytes(key)) for key in keys}
        return {self._bounds(index) for index in indexes if self._kinds[self.depth][index] != NOTHING}

    def prove(self, buckets: ClaimBuckets, key: bytes) -> ClaimProof:
        """Prove that a key is there, or that it is not: whichever is so. Raises as `stage` does."""
        place = hash_bytes(key)
        siblings: list[Digest] = []
        level = 0
        while level < self.depth and self._kind(level, place) == MANY:
            level += 1
            siblings.append(self._node(level, self._index(place, level) ^ 1)[1])
        end = self._kind(level, place)
        if end == NOTHING:
            return ClaimProof(tuple(reversed(siblings)), b"")
        # One that is alone above the buckets lies in one of those below, and this finds which.
        index = self._index(place, level)
        while level < self.depth:
            level, index = level + 1, index << 1
            index |= self._kinds[level][index] == NOTHING
        leaf = self._descend(buckets, index, place, siblings)
        return ClaimProof(tuple(reversed(siblings)), leaf)

    def _descend(self, buckets: ClaimBuckets, index: int, place: Digest, siblings: list[Digest]) -> bytes:
        """Go on inside a bucket: add the siblings on the way, and give the leaf at its end, if there is one."""
        beside, found = siblings_of(self.depth, sorted(self._leaves(buckets, index).items()), place)
        siblings += reversed(beside)
        if found is None:
            return b""
        values = dict(self._bucket(buckets, index))
        return leaf_bytes(found, hash_bytes(values[found]))

    def _leaves(self, buckets: ClaimBuckets, index: int) -> dict[Digest, Digest]:
        """Read a bucket as leaf hashes by place. A store that gives anything else than was put there is broken."""
        if self._kinds[self.depth][index] == NOTHING:
            return {}
        leaves = [(place, leaf_hash(place, value)) for place, value in self._bucket(buckets, index)]
        if subtree(self.depth, leaves) != self._node(self.depth, index):
            raise Damaged(f"the claims map is damaged in bucket {index} of {1 << self.depth}")
        return dict(leaves)

    def _bucket(self, buckets: ClaimBuckets, index: int) -> Sequence[Claim]:
        return buckets.bucket(*self._bounds(index))

    def _bounds(self, index: int) -> tuple[Digest, Digest]:
        rest = 256 - self.depth
        first = index << rest
        return first.to_bytes(32, "big"), (first | (1 << rest) - 1).to_bytes(32, "big")

    def _rise(self, dirty: Mapping[int, Node]) -> StagedClaims:
        """Hash from changed buckets up to the root."""
        levels = [dirty] if dirty else []
        for level in range(self.depth, 0, -1) if dirty else ():
            kinds, hashes = self._kinds[level], self._hashes[level]
            parents: dict[int, Node] = {}
            for index, node in dirty.items():
                parent = index >> 1
                if parent in parents:
                    continue
                beside = index ^ 1
                other = dirty.get(beside)
                if other is None:
                    other = (kinds[beside], bytes(hashes[beside << 5 : (beside << 5) + 32]))
                if node[0] + other[0] <= ALONE:
                    # One leaf alone rises.
                    parents[parent] = node if node[0] else other
                elif index & 1:
                    parents[parent] = (MANY, sha256(b"\x01" + other[1] + node[1]).digest())
                else:
                    parents[parent] = (MANY, sha256(b"\x01" + node[1] + other[1]).digest())
            dirty = parents
            levels.append(dirty)
        root = dirty[0][1] if dirty else self.root()
        return StagedClaims(root, tuple(reversed(levels)), self.root())

    def _index(self, place: Digest, level: int | None = None) -> int:
        """Number the node of a level on the way to a place; the bucket, if no level is given."""
        return int.from_bytes(place[:4], "big") >> 32 - (self.depth if level is None else level)

    def _kind(self, level: int, place: Digest) -> int:
        return self._kinds[level][self._index(place, level)]

    def _node(self, level: int, index: int) -> Node:
        return self._kinds[level][index], bytes(self._hashes[level][index * 32 : index * 32 + 32])


def _crowded(kinds: bytearray) -> bool:
    """Tell whether more than half of a level's nodes are there."""
    return 2 * kinds.count(NOTHING) < len(kinds)


def _filled(kinds: bytearray) -> Iterator[int]:
    """List the nodes of a level that are there."""
    return (index for index, kind in enumerate(kinds) if kind != NOTHING)


def depth_for(count: int) -> int:
    """Choose a depth at which the buckets of so many claims hold about four each."""
    return max(limits.CLAIM_DEPTH_LEAST, min(limits.CLAIM_DEPTH, (count >> 2).bit_length()))


def verify_presence(root: Digest, key: bytes, value: bytes, proof: ClaimProof) -> None:
    """Verify that a key has a value under a root.

    Raises:
        ProofInvalid: the proof does not show it.
    """
    if proof.leaf != leaf_bytes(hash_bytes(key), hash_bytes(value)):
        raise ProofInvalid(said("claim.leaf-other", "claim: the leaf is not that of the key and the value"))
    _climb(root, hash_bytes(key), proof)


def verify_absence(root: Digest, key: bytes, proof: ClaimProof) -> None:
    """Verify that a key is not under a root: its place is empty, or another leaf stands there alone.

    Raises:
        ProofInvalid: the proof does not show it.
    """
    place = hash_bytes(key)
    if proof.leaf:
        if len(proof.leaf) != _NODE_BYTES or proof.leaf[0] != _LEAF:
            raise ProofInvalid(said("claim.leaf-malformed", "claim: the leaf is malformed"))
        other = proof.leaf[1:33]
        if other == place:
            raise ProofInvalid(said("claim.present", "claim: the leaf is that of the key, which is there"))
        if _prefix(other, len(proof.siblings)) != _prefix(place, len(proof.siblings)):
            raise ProofInvalid(said("claim.leaf-aside", "claim: the other leaf does not stand on the key's way"))
    _climb(root, place, proof)


def _climb(root: Digest, place: Digest, proof: ClaimProof) -> None:
    """Hash from the way's end to the root. Which side a sibling stands on is for the key to say, never for the proof.

    (ICS-23 takes the sides from the proof, so that a tree built for it "proves" one key there and not there.)
    """
    if len(proof.siblings) > limits.CLAIM_PATH_HASHES:
        raise ProofInvalid(
            said("claim.path-long", "claim: the path has more than {most} hashes", limits.CLAIM_PATH_HASHES)
        )
    if any(len(sibling) != 32 for sibling in proof.siblings):
        raise ProofInvalid(said("claim.hash", "claim: a hash has 32 bytes"))
    if proof.siblings and proof.siblings[0] == ZERO:
        raise ProofInvalid(said("claim.alone", "claim: what is alone must stand higher"))
    node = hash_bytes(proof.leaf) if proof.leaf else ZERO
    for depth, sibling in zip(range(len(proof.siblings) - 1, -1, -1), proof.siblings, strict=True):
        node = hash_bytes(_inner(sibling, node) if bit_of(place, depth) else _inner(node, sibling))
    if node != root:
        raise ProofInvalid(said("claim.path-elsewhere", "claim: the path does not lead to the root"))


def subtree(depth: int, leaves: Sequence[tuple[Digest, Digest]]) -> Node:
    """Hash the leaves under a place of a depth: (place, leaf hash), in order of their places."""
    if len(leaves) <= 1:
        return (ALONE, leaves[0][1]) if leaves else (NOTHING, ZERO)
    cut = cut_of(depth, leaves, 0, len(leaves))
    left, right = subtree(depth + 1, leaves[:cut])[1], subtree(depth + 1, leaves[cut:])[1]
    return MANY, sha256(b"\x01" + left + right).digest()


def siblings_of(
    depth: int, leaves: Sequence[tuple[Digest, Digest]], place: Digest
) -> tuple[list[Digest], Digest | None]:
    """Go from a place of a depth towards another: the hashes beside the way, the deepest first, and whose leaf ends it.

    The leaves are those of `subtree`. The other leaf is none where the way ends at an empty place.
    """
    siblings: list[Digest] = []
    while len(leaves) > 1:
        cut = cut_of(depth, leaves, 0, len(leaves))
        halves = (leaves[:cut], leaves[cut:])
        side = bit_of(place, depth)
        depth += 1
        siblings.append(subtree(depth, halves[1 - side])[1])
        leaves = halves[side]
    siblings.reverse()
    return siblings, leaves[0][0] if leaves else None


def cut_of(depth: int, leaves: Sequence[tuple[Digest, Digest]], begin: int, end: int) -> int:
    """Find the first leaf from `begin` to `end` that goes right at a depth; before it the places of all agree."""
    whole, rest = depth >> 3, depth & 7
    first = leaves[begin][0]
    # What all begin with, and a 1 behind it: whatever goes right is not smaller, whatever goes left is.
    right = first[:whole] + bytes((first[whole] & 0xFF00 >> rest & 0xFF | 0x80 >> rest,))
    return bisect_left(leaves, (right, b""), begin, end)


def leaf_bytes(place: Digest, value: Digest) -> bytes:
    """Write a leaf, from its key's place and its value's hash."""
    return b"\x00" + place + value


def leaf_hash(place: Digest, value: bytes) -> Digest:
    """Hash a claim as a leaf, from its key's place and its value."""
    return sha256(b"\x00" + place + sha256(value).digest()).digest()


def _inner(left: Digest, right: Digest) -> bytes:
    return b"\x01" + left + right


def bit_of(place: Digest, depth: int) -> int:
    """Give a place's bit at a depth: 0 goes left, 1 right."""
    return place[depth >> 3] >> (7 - (depth & 7)) & 1


def _prefix(place: Digest, depth: int) -> bytes:
    """Cut a place to its first bits, filled up with zeros to whole bytes."""
    whole, rest = divmod(depth, 8)
    if not rest:
        return place[:whole]
    return place[:whole] + bytes([place[whole] & 0xFF00 >> rest & 0xFF])
