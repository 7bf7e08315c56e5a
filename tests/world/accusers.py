"""Auditors that know a whole state, and put a block after it into evidence."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_ledger.blocks.block import Tip
from hanse_ledger.blocks.replay import MemoryLedger
from hanse_ledger.kinds.object import Object
from hanse_ledger.misbehaviour.misstatement import Misstatement, accuse
from hanse_ledger.trees.claims_map import Claim, ClaimProof
from hanse_ledger.trees.merkle import Frontier, range_path
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.types import Digest, ObjectId
from tests.world.corridor import Corridor


class Whole:
    """A ledger in memory as the whole state before a block."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger

    @property
    def head(self) -> Tip:
        """Where it stands."""
        return self._ledger.head

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object."""
        return self._ledger.object(object_id)

    def number(self, object_id: ObjectId) -> int:
        """Give its number."""
        return self._ledger.number(object_id)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim."""
        return self._ledger.claim(key)

    def object_node(self, level: int, index: int) -> Digest:
        """Give a subtree of the objects."""
        return self._ledger.tree.node(level, index)

    def claim_proof(self, key: Digest) -> ClaimProof:
        """Prove a claim."""
        return self._ledger.claim_tree.prove(self._ledger, key)

    def claims_between(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Read claims."""
        places = {hash_bytes(key): value for key, value in self._ledger.claims.items()}
        return sorted((place, value) for place, value in places.items() if first <= place <= last)


def accuse_block(
    corridor: Corridor, ledger: MemoryLedger, before: Sequence[bytes], block: Sequence[bytes]
) -> Misstatement:
    """Have the operator sign a block after a state, and put it into evidence.

    Args:
        corridor: whose operator signs.
        ledger: the state before the block.
        before: the entries that led to it.
        block: the block's entries.
    """
    log, nodes = Frontier(), ObjectTree.from_leaves([hash_leaf(data) for data in (*before, *block)])
    for data in (*before, *block):
        log.append(hash_leaf(data))
    head = replace(ledger.head, size=len(before) + len(block), log=log)
    note = corridor.sign_checkpoint(head, seconds=corridor.head.time // 1_000)
    path = range_path(nodes, len(before) - 1, head.size, head.size)
    return accuse(ledger.ledger, Whole(ledger), note, [before[-1], *block], path)
