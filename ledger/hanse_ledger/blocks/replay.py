"""Walk a ledger from its first byte: every link, every signature, every rule, every root.

What a stored ledger must satisfy is decided here, for an audit, for a node that starts and for tests.
State is kept in memory.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from hanse_ledger.blocks.block import Block, BlockBuilder, Tip, genesis_block
from hanse_ledger.blocks.walking import (
    add_record,
    check_first,
    check_time,
    check_whole,
    compare_block,
    open_entry,
    open_record,
)
from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.records.entry import RecordEntry
from hanse_ledger.records.envelope import Signed, verify_envelope
from hanse_ledger.trees.claims_map import Claim, ClaimTree, depth_for
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Membership

CROWDED = 16
"""How many claims a bucket may hold on average before there are more buckets."""


class MemoryLedger:
    """A ledger's state in memory: the base under a block, and the trees that it changes."""

    def __init__(self, genesis: Genesis) -> None:
        self.ledger = ledger_id(genesis)
        self.genesis = genesis
        self.objects: dict[ObjectId, Object] = {}
        self.numbers: dict[ObjectId, int] = {}
        self.claims: dict[Digest, bytes] = {}
        self.claim_tree = ClaimTree(depth_for(0))
        self._buckets: dict[int, dict[Digest, bytes]] = {}
        self.records: dict[RecordId, int] = {}
        self.tree = ObjectTree()
        first = genesis_block(genesis)
        self.head: Tip = first.head

    @property
    def membership(self) -> Membership:
        """The members in force."""
        return self.head.membership

    @property
    def proposals(self) -> OpenProposals:
        """The open proposals."""
        return self.head.proposals

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        return self.objects.get(object_id)

    def number(self, object_id: ObjectId) -> int:
        """Give an object's number."""
        return self.numbers[object_id]

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim's value."""
        return self.claims.get(key)

    def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Give the claims of the bucket that begins with a place (a `ClaimBuckets` for `claim_tree`)."""
        del last
        return sorted(self._buckets.get(self._bucket_of(first), {}).items())

    def seen(self, record: RecordId) -> int | None:
        """Give a record's position."""
        return self.records.get(record)

    def builder(self, at: int) -> BlockBuilder:
        """Begin a block on this state at a block time."""
        return BlockBuilder(self.ledger, self.head, self, at)

    def finish(self, builder: BlockBuilder) -> Block | None:
        """Close a block that was begun on this state."""
        return builder.finish(self.tree, self.claim_tree, self)

    def commit(self, block: Block) -> None:
        """Take a block's changes over."""
        for row in block.objects:
            self.objects[row.value.id] = row.value
            self.numbers[row.value.id] = row.number
        for entry in block.entries:
            if entry.record is not None:
                self.records[entry.record] = entry.position
        for key, value in block.claims.items():
            _put(self.claims, key, value)
            place = hash_bytes(key)
            _put(self._buckets.setdefault(self._bucket_of(place), {}), place, value)
        self.claim_tree.apply(block.staged_claims)
        self.tree.apply(block.object_nodes)
        self.head = block.head
        if len(self.claims) > CROWDED << self.claim_tree.depth:
            self._deepen()

    def _deepen(self) -> None:
        """Have more and smaller buckets."""
        claims = sorted(claim for bucket in self._buckets.values() for claim in bucket.items())
        self.claim_tree = ClaimTree.from_claims(depth_for(len(claims)), claims)
        self._buckets = {}
        for place, value in claims:
            self._buckets.setdefault(self._bucket_of(place), {})[place] = value

    def _bucket_of(self, place: Digest) -> int:
        return int.from_bytes(place[:4], "big") >> 32 - self.claim_tree.depth


class Audit(Struct, frozen=True):
    """How far a walk has come: the head after the last whole block, and how many records it held."""

    head: Tip
    records: int


def replay(
    genesis: Genesis,
    entries: Iterable[bytes],
    *,
    progress: Callable[[Audit], None] = lambda audit: None,
    verify: Callable[[Signed], None] = verify_envelope,
) -> MemoryLedger:
    """Walk a ledger's entries in order and apply every rule again.

    Args:
        genesis: where the ledger begins.
        entries: the bytes of each entry, from position 0 on.
        progress: told after each block.
        verify: how signatures are verified; a caller that verified them beside may pass another.

    Returns:
        The state to which the entries lead.

    Raises:
        ProofInvalid: an entry is malformed, out of place, breaks a rule, or is not what the rules write.
            The message names the position.
    """
    ledger = MemoryLedger(genesis)
    walk = _Walk(ledger, verify)
    for position, data in enumerate(entries):
        if walk.take(position, data):
            progress(Audit(ledger.head, len(ledger.records)))
    walk.end()
    return ledger


class _Walk:
    """The entries since the last state entry."""

    def __init__(self, ledger: MemoryLedger, verify: Callable[[Signed], None]) -> None:
        self._ledger, self._verify = ledger, verify
        self._block: list[bytes] = []
        self._builder: BlockBuilder | None = None
        self._size = 0

    def take(self, position: int, data: bytes) -> bool:
        """Take the next entry; tell whether it closed a block."""
        entry = open_entry(position, data)
        self._size += 1
        if position == 0:
            check_first(self._ledger.genesis, data)
            return True
        self._block.append(data)
        if isinstance(entry, RecordEntry):
            self._record(position, entry)
            return False
        self._state(position)
        return True

    def end(self) -> None:
        """Insist that nothing is left open."""
        check_whole(self._size, len(self._block))

    def _record(self, position: int, entry: RecordEntry) -> None:
        if self._builder is None:
            check_time(position, entry.time, self._ledger.head.time)
            self._builder = self._ledger.builder(entry.time)
        signed = open_record(position, entry)
        try:
            self._verify(signed)
        except (Malformed, Rejected) as error:
            raise ProofInvalid(f"entry {position}: {error}") from error
        add_record(self._builder, position, signed)

    def _state(self, position: int) -> None:
        block = self._ledger.finish(self._builder) if self._builder else None
        self._ledger.commit(compare_block(block, position + 1 - len(self._block), self._block))
        self._block, self._builder = [], None


def _put(table: dict[bytes, bytes], key: bytes, value: bytes | None) -> None:
    if value is None:
        del table[key]
    else:
        table[key] = value
