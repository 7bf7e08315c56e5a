"""A state of which only a part is known, and that part proven: enough to apply one block to it again.

Of the objects some leaves with their paths, of the claims some ways through the map. What a rule asks for beyond that
cannot be answered; what follows from the rest is exact.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct

from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object, object_value
from hanse_ledger.trees.claims_map import (
    ALONE,
    MANY,
    NOTHING,
    ClaimBuckets,
    ClaimProof,
    StagedClaims,
    leaf_hash,
    subtree,
    verify_absence,
    verify_presence,
)
from hanse_ledger.trees.merkle import Frontier, root_from_nodes
from hanse_ledger.trees.object_tree import Staged, object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, ProofInvalid, Unknown
from hanse_ledger.values.hashing import ZERO, hash_bytes, hash_node
from hanse_ledger.values.types import Digest, ObjectId, RecordId

NODE_BYTES = 65

_Path = Annotated[tuple[Digest, ...], Meta(max_length=limits.PATH_HASHES)]

_Seen = tuple[int | None, Digest]
"""What stands under a place: its kind, if that is known, and its hash."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class KnownObject(_Part, frozen=True, kw_only=True):
    """An object that the rules ask for.

    Attributes:
        number: its place in the tree.
        path: the siblings up to the complete subtree in which it stands.
        value: its canonical MessagePack.
    """

    number: Annotated[int, Meta(ge=0, le=limits.LOG_SIZE)]
    path: _Path
    value: Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)]


class KnownClaim(_Part, frozen=True, kw_only=True):
    """A claim that the rules ask for, and its proof.

    Attributes:
        key: its name.
        leaf: the leaf in its slot.
        siblings: the hashes beside its way.
        value: what stands there; nil where there is none.
    """

    key: Digest
    leaf: bytes
    siblings: Annotated[tuple[Digest, ...], Meta(max_length=limits.CLAIM_PATH_HASHES)]
    value: bytes | None


class PartOfObjects:
    """The object tree as far as it is known: the complete subtrees of its size, and paths below them."""

    def __init__(self, count: int, peaks: Sequence[Digest], root: Digest, known: Sequence[KnownObject]) -> None:
        """Take up what is known. Raises ProofInvalid where it does not lead to the root."""
        if count.bit_count() != len(peaks) or Frontier(count, peaks).root() != root:
            raise ProofInvalid("the objects' subtrees do not lead to the state's root")
        self.count, self._root = count, root
        self._nodes: dict[tuple[int, int], Digest] = {}
        self.objects: dict[ObjectId, tuple[int, Object]] = {}
        levels = [level for level in range(count.bit_length() - 1, -1, -1) if count >> level & 1]
        self._tops = {level: (count >> level) - 1 for level in levels}
        self._peaks = dict(zip(levels, peaks, strict=True))
        for level, peak in self._peaks.items():
            self._nodes[level, self._tops[level]] = peak
        for part in known:
            self._take(part)

    def stage(self, changes: Mapping[int, Digest]) -> Staged:
        """Compute the root after changes to leaves, by their numbers (see `ObjectTree.stage`)."""
        count = max([self.count, *(number + 1 for number in changes)])
        return Staged(root_from_nodes(_Changed(self._nodes, changes), count), count, (), (self.count, self._root))

    def _take(self, each: KnownObject) -> None:
        try:
            value = decode_object(each.value)
        except UNREADABLE as error:
            raise ProofInvalid(f"the object {each.number} cannot be read: {error}") from error
        node, index = object_leaf(value.id, object_value(value)), each.number
        met = {(0, index): node}
        for level, sibling in enumerate(each.path):
            met[level, index ^ 1] = sibling
            node = hash_node(sibling, node) if index & 1 else hash_node(node, sibling)
            index >>= 1
            met[level + 1, index] = node
        level = len(each.path)
        if self._tops.get(level) != index or self._peaks[level] != node:
            raise ProofInvalid(f"the object {each.number} does not stand in the state")
        self._nodes |= met
        self.objects[value.id] = (each.number, value)


class _Changed:
    """Nodes of a tree some of whose leaves have changed."""

    def __init__(self, nodes: Mapping[tuple[int, int], Digest], changes: Mapping[int, Digest]) -> None:
        self._nodes, self._changes, self._numbers = nodes, changes, sorted(changes)

    def node(self, level: int, index: int) -> Digest:
        if level == 0 and index in self._changes:
            return self._changes[index]
        first, last = index << level, (index + 1) << level
        # The change that comes next: to look at all of them for each node would cost their number squared.
        after = bisect_left(self._numbers, first)
        if after == len(self._numbers) or self._numbers[after] >= last:
            node = self._nodes.get((level, index))
            if node is None:
                raise Unknown(f"the objects from {first} to {last - 1} are not known")
            return node
        return hash_node(self.node(level - 1, index << 1), self.node(level - 1, index << 1 | 1))


class PartOfClaims:
    """The claims map as far as it is known: the ways to some keys."""

    def __init__(self, root: Digest, known: Sequence[KnownClaim], inner: Iterable[bytes]) -> None:
        """Take up what is known.

        Args:
            root: the map's.
            known: claims with their proofs.
            inner: the 65 bytes of some neighbours on the ways: a leaf's, or an inner node's.

        Raises:
            ProofInvalid: a proof does not hold.
        """
        self._root = root
        self.values: dict[Digest, bytes | None] = {}
        self._ends: dict[Digest, tuple[int, int]] = {}
        self._leaves: dict[tuple[int, int], dict[Digest, Digest]] = {}
        self._beside: dict[tuple[int, int], Digest] = {}
        self._ways: set[tuple[int, int]] = set()
        self._kinds = {
            sha256(data).digest(): ALONE if data[0] == 0 else MANY for data in inner if len(data) == NODE_BYTES
        }
        known_kinds = set(self._kinds)
        for part in known:
            self._take(part)
        if not known_kinds <= set(self._beside.values()):
            raise ProofInvalid("a neighbour stands beside no way to a claim")

    def stage(self, buckets: ClaimBuckets, changes: Mapping[bytes, bytes | None]) -> StagedClaims:
        """Compute the root after changes to claims that are known (see `ClaimTree.stage`)."""
        del buckets
        leaves, unknown = self._changed(changes), set[tuple[int, int]]()
        root = self._node(leaves, 0, 0, unknown)[1] if changes else self._root
        if unknown:
            raise Unknown("whether a claim is alone beside one that goes is not known")
        return StagedClaims(root, (), self._root)

    def rising(self, changes: Mapping[bytes, bytes | None]) -> set[tuple[int, int]]:
        """Name the places, by depth and number, of which `stage` asks whether one claim alone stands there: it rises.

        What stands there belongs to `inner`. Raises Unknown as `stage` does, for a claim.
        """
        unknown = set[tuple[int, int]]()
        if changes:
            self._node(self._changed(changes), 0, 0, unknown)
        return unknown

    def _changed(self, changes: Mapping[bytes, bytes | None]) -> dict[tuple[int, int], dict[Digest, Digest]]:
        """Give the leaves at the ends of the ways after changes."""
        leaves = {end: dict(held) for end, held in self._leaves.items()}
        for key, value in changes.items():
            place = hash_bytes(key)
            if key not in self._ends:
                raise Unknown(f"the claim {key.hex()} is not known")
            held = leaves[self._ends[key]]
            if value is None:
                held.pop(place, None)
            else:
                held[place] = leaf_hash(place, value)
        return leaves

    def _take(self, each: KnownClaim) -> None:
        proof, place = ClaimProof(each.siblings, each.leaf), hash_bytes(each.key)
        if each.value is None:
            verify_absence(self._root, each.key, proof)
        else:
            verify_presence(self._root, each.key, each.value, proof)
        depth, bits = len(each.siblings), int.from_bytes(place, "big")
        end = (depth, bits >> 256 - depth)
        self.values[each.key], self._ends[each.key] = each.value, end
        self._leaves[end] = {each.leaf[1:33]: sha256(each.leaf).digest()} if each.leaf else {}
        if not each.leaf and each.siblings:
            # Beside an empty place more than one claim stands: what is alone stands higher.
            self._kinds[each.siblings[0]] = MANY
        for level, sibling in zip(range(depth, 0, -1), each.siblings, strict=True):
            self._beside[level, bits >> 256 - level ^ 1] = sibling
            self._ways.add((level - 1, bits >> 256 - (level - 1)))

    def _node(
        self,
        leaves: Mapping[tuple[int, int], dict[Digest, Digest]],
        depth: int,
        bits: int,
        unknown: set[tuple[int, int]],
    ) -> _Seen:
        """Compute what stands under a place; the places whose kind would have to be known join `unknown`."""
        place = (depth, bits)
        if place in leaves:
            return subtree(depth, sorted(leaves[place].items()))
        if place not in self._ways:
            found = self._beside[place]
            return (NOTHING, ZERO) if found == ZERO else (self._kinds.get(found), found)
        left, right = (self._node(leaves, depth + 1, bits << 1 | side, unknown) for side in (0, 1))
        if NOTHING in (left[0], right[0]):
            side = 0 if right[0] == NOTHING else 1
            other = (left, right)[side]
            if other[0] is None:
                unknown.add((depth + 1, bits << 1 | side))
            elif other[0] != MANY:
                return other
        return MANY, sha256(b"\x01" + left[1] + right[1]).digest()


class PartOfState:
    """The known part of a state: a `Base` for a GroupBuilder."""

    def __init__(self, objects: PartOfObjects, claims: PartOfClaims, new: Iterable[ObjectId]) -> None:
        """Put it together; `new` are the ids of what the block's own records may create."""
        self._objects, self._claims, self._new = objects, claims, set(new)

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object. Raises Unknown."""
        numbered = self._objects.objects.get(object_id)
        if numbered is None and object_id not in self._new:
            raise Unknown(f"the object {object_id.hex()} is not known")
        return None if numbered is None else numbered[1]

    def number(self, object_id: ObjectId) -> int:
        """Give a known object's number."""
        return self._objects.objects[object_id][0]

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim. Raises Unknown."""
        if key not in self._claims.values:
            raise Unknown(f"the claim {key.hex()} is not known")
        return self._claims.values[key]

    def seen(self, record: RecordId) -> int | None:
        """Know of no record that stood before."""
        del record
        return None
