"""The claims map: what may exist once, with proofs that something is there and that something is not.

A compact binary sparse Merkle tree with ICS-23 `SmtSpec` hashing. A key's place is given by the bits
of SHA-256(key), the highest first: 0 goes left, 1 right. Leaf SHA-256(0x00, SHA-256(key),
SHA-256(value)), inner node SHA-256(0x01, left, right), empty 32 zero bytes; a leaf that is alone
under a place stands at that place.

A stored node is the 65 bytes that are hashed, under its position. An inner node so names both its
children, and a proof reads one node a level.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from hanse_ledger import limits
from hanse_ledger.errors import ProofInvalid
from hanse_ledger.hashing import ZERO, hash_bytes
from hanse_ledger.types import Digest

ROOT_POSITION = bytes(2)
_LEAF, _INNER = 0x00, 0x01
_NODE_BYTES = 65


class ClaimNodes(Protocol):
    """The stored nodes of a claims map; a dict is one."""

    def get(self, path: bytes, /) -> bytes | None:
        """Read the node at a position, or nothing.

        Args:
            path: the depth as 2 bytes big-endian, then as many bits of the place, filled up with zeros to whole bytes.
        """
        ...


class StagedClaims(Struct, frozen=True):
    """What a group would change: the new root, and the nodes to be written by position (None removes one).

    Only nodes that stand are removed.
    """

    root: Digest
    writes: Mapping[bytes, bytes | None]


class ClaimProof(Struct, frozen=True):
    """Why a key is there, or is not.

    `siblings` are the hashes beside the way, from the leaf to the root. `leaf` is the 65 bytes of the
    leaf at the way's end (0x00, SHA-256(key), SHA-256(value)), or nothing for an empty place.
    """

    siblings: tuple[Digest, ...]
    leaf: bytes


def claim_root(nodes: ClaimNodes) -> Digest:
    """Give the root of a claims map; that of an empty one is 32 zero bytes."""
    return _hash(nodes.get(ROOT_POSITION))


def stage_claims(nodes: ClaimNodes, changes: Mapping[bytes, bytes | None]) -> StagedClaims:
    """Compute what changes to claims lead to, without touching the map.

    Args:
        nodes: the stored nodes.
        changes: new values by key; None removes a claim, which must be there. Their order does not matter.
    """
    leaves = {hash_bytes(key): None if value is None else hash_bytes(value) for key, value in changes.items()}
    old = nodes.get(ROOT_POSITION)
    if not leaves:
        return StagedClaims(_hash(old), {})
    change = _Change(nodes)
    new = change.below(0, old, sorted(leaves.items()))
    if new != old:
        change.writes[ROOT_POSITION] = new
    return StagedClaims(_hash(new), dict(sorted(change.writes.items())))


def prove_claim(nodes: ClaimNodes, key: bytes) -> ClaimProof:
    """Prove that a key is there, or that it is not: whichever is so."""
    place = hash_bytes(key)
    siblings: list[Digest] = []
    node = nodes.get(ROOT_POSITION)
    while node is not None and node[0] == _INNER:
        depth = len(siblings)
        side = _bit(place, depth)
        children = (node[1:33], node[33:])
        siblings.append(children[1 - side])
        node = _read(nodes, depth + 1, place, children[side])
    return ClaimProof(tuple(reversed(siblings)), node or b"")


def verify_presence(root: Digest, key: bytes, value: bytes, proof: ClaimProof) -> None:
    """Verify that a key has a value under a root.

    Raises:
        ProofInvalid: the proof does not show it.
    """
    if proof.leaf != _leaf(hash_bytes(key), hash_bytes(value)):
        raise ProofInvalid("claim: the leaf is not that of the key and the value")
    _climb(root, hash_bytes(key), proof)


def verify_absence(root: Digest, key: bytes, proof: ClaimProof) -> None:
    """Verify that a key is not under a root: its place is empty, or another leaf stands there alone.

    Raises:
        ProofInvalid: the proof does not show it.
    """
    place = hash_bytes(key)
    if proof.leaf:
        if len(proof.leaf) != _NODE_BYTES or proof.leaf[0] != _LEAF:
            raise ProofInvalid("claim: the leaf is malformed")
        other = proof.leaf[1:33]
        if other == place:
            raise ProofInvalid("claim: the leaf is that of the key, which is there")
        if _prefix(other, len(proof.siblings)) != _prefix(place, len(proof.siblings)):
            raise ProofInvalid("claim: the other leaf does not stand on the key's way")
    _climb(root, place, proof)


def _climb(root: Digest, place: Digest, proof: ClaimProof) -> None:
    """Hash from the way's end to the root. Which side a sibling stands on is for the key to say, never for the proof.

    (ICS-23 takes the sides from the proof, so that a tree built for it "proves" one key there and not there.)
    """
    if len(proof.siblings) > limits.CLAIM_PATH_HASHES:
        raise ProofInvalid(f"claim: the path has more than {limits.CLAIM_PATH_HASHES} hashes")
    if any(len(sibling) != 32 for sibling in proof.siblings):
        raise ProofInvalid("claim: a hash has 32 bytes")
    if proof.siblings and proof.siblings[0] == ZERO:
        raise ProofInvalid("claim: what is alone must stand higher")
    node = _hash(proof.leaf or None)
    for depth, sibling in zip(range(len(proof.siblings) - 1, -1, -1), proof.siblings, strict=True):
        node = hash_bytes(_inner(sibling, node) if _bit(place, depth) else _inner(node, sibling))
    if node != root:
        raise ProofInvalid("claim: the path does not lead to the root")


class _Change:
    """One pass over the changed part of the tree, and what it will write."""

    def __init__(self, nodes: ClaimNodes) -> None:
        self._nodes = nodes
        self.writes: dict[bytes, bytes | None] = {}

    def below(self, depth: int, old: bytes | None, changes: Sequence[tuple[Digest, Digest | None]]) -> bytes | None:
        """Write everything below a position, and give the node that is to stand at it.

        Args:
            depth: of the position, which is that of the first place among the changes.
            old: the node that stands there.
            changes: value hashes by place, at least one, sorted; all places go through the position.
        """
        if old is None or old[0] == _LEAF:
            return self._build(depth, _merge(old, changes))
        cut = _cut(depth, changes)
        halves = (changes[:cut], changes[cut:])
        hashes = [old[1:33], old[33:]]
        before: list[bytes | None] = [_UNREAD, _UNREAD]
        after: list[bytes | None] = [_UNREAD, _UNREAD]
        for side, half in enumerate(halves):
            if half:
                before[side] = _read(self._nodes, depth + 1, half[0][0], hashes[side])
                after[side] = self.below(depth + 1, before[side], half)
                hashes[side] = _hash(after[side])
        top: bytes | None = _inner(*hashes)
        if ZERO in hashes:
            # What is left on the other side rises if it is a leaf; nothing is left at all if it is empty too.
            side = hashes.index(ZERO) ^ 1
            if not halves[side]:
                way = _towards(changes[0][0], depth, side)
                before[side] = after[side] = _read(self._nodes, depth + 1, way, hashes[side])
            alone = after[side]
            if alone is None or alone[0] == _LEAF:
                top, after[side] = alone, None
        for side in (0, 1):
            if before[side] != after[side]:
                way = _towards(changes[0][0], depth, side)
                self.writes[_position(depth + 1, way)] = after[side]
        return top

    def _build(self, depth: int, leaves: Sequence[tuple[Digest, Digest]]) -> bytes | None:
        """Write a subtree where at most a leaf stood before, and give its top."""
        if len(leaves) <= 1:
            return _leaf(*leaves[0]) if leaves else None
        cut = _cut(depth, leaves)
        hashes = []
        for half in (leaves[:cut], leaves[cut:]):
            node = self._build(depth + 1, half)
            if node is not None:
                self.writes[_position(depth + 1, half[0][0])] = node
            hashes.append(_hash(node))
        return _inner(*hashes)


_UNREAD = b""
"""Stands for a child whose hash is known and whose bytes nobody has needed yet."""


def _merge(old: bytes | None, changes: Sequence[tuple[Digest, Digest | None]]) -> list[tuple[Digest, Digest]]:
    """Put changes over the one leaf that stands, or none."""
    values: dict[Digest, Digest] = {} if old is None else {old[1:33]: old[33:]}
    for place, value in changes:
        if value is None:
            assert place in values, "a claim that is removed must be there"
            del values[place]
        else:
            values[place] = value
    return sorted(values.items())


def _cut(depth: int, items: Sequence[tuple[Digest, Digest | None]]) -> int:
    """Count the items, sorted by place, that go left at a depth."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if _bit(items[middle][0], depth):
            high = middle
        else:
            low = middle + 1
    return low


def _read(nodes: ClaimNodes, depth: int, place: Digest, wanted: Digest) -> bytes | None:
    """Read a child whose hash the parent names. A store that gives anything else is broken."""
    if wanted == ZERO:
        return None
    position = _position(depth, place)
    node = nodes.get(position)
    if node is None or hash_bytes(node) != wanted:
        raise RuntimeError(f"the claims map is damaged at position {position.hex()}")
    return node


def _leaf(place: Digest, value: Digest) -> bytes:
    return b"\x00" + place + value


def _inner(left: Digest, right: Digest) -> bytes:
    return b"\x01" + left + right


def _hash(node: bytes | None) -> Digest:
    return ZERO if node is None else hash_bytes(node)


def _bit(place: Digest, depth: int) -> int:
    return place[depth >> 3] >> (7 - (depth & 7)) & 1


def _towards(place: Digest, depth: int, side: int) -> Digest:
    """Give a place that shares the first `depth` bits and goes to the given side after them."""
    if _bit(place, depth) == side:
        return place
    turned = bytearray(place)
    turned[depth >> 3] ^= 0x80 >> (depth & 7)
    return bytes(turned)


def _prefix(place: Digest, depth: int) -> bytes:
    """Cut a place to its first bits, filled up with zeros to whole bytes."""
    whole, rest = divmod(depth, 8)
    if not rest:
        return place[:whole]
    return place[:whole] + bytes([place[whole] & 0xFF00 >> rest & 0xFF])


def _position(depth: int, place: Digest) -> bytes:
    """Name a position as `ClaimNodes` says."""
    return depth.to_bytes(2, "big") + _prefix(place, depth)
