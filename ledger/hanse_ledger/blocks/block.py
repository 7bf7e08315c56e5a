"""A block of records, applied in order and closed with a state entry: what an engine commits at once.

The engine chooses the records, their order and the block time; everything else follows here, so
that every engine and every node writes the same bytes.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from hanse_ledger.kinds import documents_of
from hanse_ledger.kinds.member.bodies import MembersBody
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, OpenProposals, leading
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.kinds.view import Delta
from hanse_ledger.records.entry import RECORD, STATE, RecordEntry, StateEntry, StateRoots
from hanse_ledger.records.envelope import Signed
from hanse_ledger.transition import transition
from hanse_ledger.trees.claims_map import ClaimBuckets, StagedClaims
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.trees.object_tree import ObjectTree, Staged, object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.hashing import ZERO, hash_bytes, hash_leaf
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, ObjectId, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis, ledger_id, members_hash
from hanse_ledger.wire.membership import Membership
from hanse_ledger.wire.part import Body


class Tip(Struct, frozen=True, kw_only=True):
    """Where a ledger stands after a block. `log` is the Merkle frontier of the `size` entries.

    `membership` is in force for what comes next; `changes` are the positions of the records that led to it: an epoch,
    the proposal that took effect, the approvals that carried it, and its nodes' reports. `pending` are those of the
    open `proposals`, by proposer.
    """

    size: int
    height: int
    time: Moment
    last_entry: Digest
    last_state: Digest
    objects_count: int
    objects_root: Digest
    claims_root: Digest
    membership: Membership
    proposals: OpenProposals
    changes: tuple[int, ...]
    pending: Mapping[MemberId, tuple[int, ...]]
    log: Frontier

    @property
    def root(self) -> Digest:
        """The root of the log at this size."""
        return self.log.root()


class Base(Protocol):
    """The committed state under a block; who the members are, its head says."""

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        ...

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        ...

    def number(self, object_id: ObjectId) -> int:
        """Give the number of an object that stands in the committed state."""
        ...

    def seen(self, record: RecordId) -> int | None:
        """Give the position of a record that stands in the ledger, or nothing."""
        ...


class ObjectStager(Protocol):
    """The tree over the objects under a block: an `ObjectTree`, or as much of it as is known."""

    def stage(self, changes: Mapping[int, Digest]) -> Staged:
        """Compute what changes to leaves lead to, by their numbers."""
        ...


class ClaimStager(Protocol):
    """The claims map under a block: a `ClaimTree`, or as much of it as is known."""

    def stage(self, buckets: ClaimBuckets, changes: Mapping[bytes, bytes | None]) -> StagedClaims:
        """Compute what changes to claims lead to."""
        ...


class EntryRow(Struct, frozen=True, gc=False):
    """An entry to be stored; `record` is nil for a state entry.

    `touched` are the objects whose histories it joins, `addressed` the offices whose inboxes, `created` the objects
    that begin with it. `discoverable` are the SHA-256 of its documents' files, where the record shows them, sorted,
    each once.
    """

    position: int
    data: bytes
    leaf: Digest
    record: RecordId | None
    kind: str
    touched: tuple[ObjectId, ...]
    addressed: tuple[ObjectId, ...]
    created: tuple[ObjectId, ...] = ()
    discoverable: tuple[Digest, ...] = ()


class ObjectRow(Struct, frozen=True, gc=False):
    """An object's new value, to be stored under its number."""

    number: int
    value: Object
    leaf: Digest


class Block(Struct, frozen=True, kw_only=True):
    """Everything that one commit must write, all or nothing.

    `marked` are those of the objects whose histories have passed a way mark: they are kept as they stand now, with
    their paths (`ObjectTree.path_after`).
    """

    head: Tip
    entries: tuple[EntryRow, ...]
    objects: tuple[ObjectRow, ...]
    marked: tuple[ObjectRow, ...]
    claims: Mapping[Digest, bytes | None]
    object_nodes: Staged
    staged_claims: StagedClaims


class Created(Struct, frozen=True, gc=False):
    """The record stands at this position once the block is committed; `previous` is the hash of the entry before."""

    position: int
    previous: Digest


class Exists(Struct, frozen=True):
    """The record stood in the ledger, or earlier in the block, already."""

    position: int


class Refused(Struct, frozen=True):
    """The rules refuse the record. It has changed nothing."""

    error: Rejected


Outcome = Created | Exists | Refused


class BlockBuilder:
    """Applies records to the state one after another; a StateView of what stands after the last."""

    def __init__(
        self, ledger: LedgerId, head: Tip, base: Base, at: Moment, value_of: Callable[[Object], Digest] = object_value
    ) -> None:
        """Begin a block.

        Args:
            ledger: which one.
            head: what it follows.
            base: the state under it.
            at: block time, in milliseconds, not before the head's.
            value_of: computes what the object tree holds of an object, as `object_value` does.
        """
        assert at >= head.time, "block time never runs backwards"
        self._value_of = value_of
        self._ledger, self._head, self._base, self._at = ledger, head, base, at
        self._objects: dict[ObjectId, Object] = {}
        self._numbers: dict[ObjectId, int] = {}
        self._claims: dict[Digest, bytes | None] = {}
        self._membership, self._proposals = head.membership, head.proposals
        self._changes, self._pending = head.changes, head.pending
        self._seen: dict[RecordId, int] = {}
        self._entries: list[EntryRow] = []
        self._count = head.objects_count
        self._previous = head.last_entry
        self._log = head.log.copy()

    @property
    def membership(self) -> Membership:
        """The members in force, changes of this block included."""
        return self._membership

    @property
    def proposals(self) -> OpenProposals:
        """The open proposals, changes of this block included."""
        return self._proposals

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object, changes of this block included."""
        return self._objects.get(object_id) or self._base.object(object_id)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim, changes of this block included."""
        return self._claims[key] if key in self._claims else self._base.claim(key)

    @property
    def touched_claims(self) -> frozenset[Digest]:
        """The claims that the block's records set or withdraw, so far."""
        return frozenset(self._claims)

    def add(self, signed: Signed) -> Outcome:
        """G-3. A record that stands in the ledger answers where, before any rule is asked; a new one is applied.

        Its signatures are verified. A refused record leaves nothing.
        """
        stands = self._seen.get(signed.id)
        if stands is None:
            stands = self._base.seen(signed.id)
        if stands is not None:
            return Exists(stands)
        try:
            delta = transition(self, signed, self._ledger, self._at)
        except Rejected as error:
            return Refused(error)
        position, previous = self._head.size + len(self._entries), self._previous
        created: list[ObjectId] = []
        for value in delta.objects:
            if value.id not in self._numbers:
                count = self._count
                self._numbers[value.id] = self._number(value.id)
                if self._count > count:
                    created.append(value.id)
            self._objects[value.id] = value
        self._claims.update(delta.claims)
        if delta.proposals is not None:
            self._follow_members(signed.record.body, delta, position)
        self._seen[signed.id] = position
        entry = RecordEntry(RECORD, position, previous, self._head.height + 1, self._at, signed.envelope)
        touched = tuple(value.id for value in delta.objects if value.id not in delta.inboxes)
        documents = documents_of(signed.record.body)
        shown = {document.discoverable for document in documents if document.discoverable is not None}
        row = (encode(entry), signed.id, signed.record.kind, touched, delta.inboxes, tuple(created))
        self._append(*row, tuple(sorted(shown)))
        return Created(position, previous)

    def finish(self, objects: ObjectStager, claims: ClaimStager, buckets: ClaimBuckets) -> Block | None:
        """Close the block with its state entry. Nothing accepted makes no block.

        Args:
            objects: the committed object tree; it is not changed.
            claims: the committed claims map; it is not changed.
            buckets: the committed claims that stand under it.
        """
        if not self._entries:
            return None
        rows = tuple(self._row(name) for name in sorted(self._objects, key=self._numbers.__getitem__))
        changes = {
            key: value for key, value in self._claims.items() if value is not None or self._base.claim(key) is not None
        }
        staged = objects.stage({row.number: row.leaf for row in rows})
        staged_claims = claims.stage(buckets, changes)
        roots = StateRoots(
            claims_root=staged_claims.root,
            members=members_hash(self._membership),
            objects_count=staged.count,
            objects_root=staged.root,
            previous_state=self._head.last_state,
            proposals=self._proposals.root(),
        )
        return self._close(roots, rows, changes, staged, staged_claims)

    def _follow_members(self, body: Body, delta: Delta, position: int) -> None:
        """Note which records would lead to the next members: a proposal, its approvals, its nodes' reports."""
        assert isinstance(body, MembersBody), "only such records change what is proposed"
        assert delta.proposals is not None
        proposer, led = leading(self._pending, self._proposals, body, position)
        if delta.membership is not None:
            self._membership, self._changes = delta.membership, (*self._changes, *led)
        open_ones = {leaf.proposer for leaf in delta.proposals.leaves}
        self._pending = {name: at for name, at in {**self._pending, proposer: led}.items() if name in open_ones}
        self._proposals = delta.proposals

    def _close(
        self,
        roots: StateRoots,
        rows: tuple[ObjectRow, ...],
        claims: Mapping[Digest, bytes | None],
        staged: Staged,
        staged_claims: StagedClaims,
    ) -> Block:
        height = self._head.height + 1
        position = self._head.size + len(self._entries)
        entry = encode(StateEntry(STATE, position, self._previous, height, self._at, roots))
        self._append(entry, None, "", ())
        head = Tip(
            size=position + 1,
            height=height,
            time=self._at,
            last_entry=self._previous,
            last_state=self._previous,
            objects_count=roots.objects_count,
            objects_root=roots.objects_root,
            claims_root=roots.claims_root,
            membership=self._membership,
            proposals=self._proposals,
            changes=self._changes,
            pending=self._pending,
            log=self._log,
        )
        return Block(
            head=head,
            entries=tuple(self._entries),
            objects=rows,
            marked=tuple(row for row in rows if self._passed_mark(row.value)),
            claims=claims,
            object_nodes=staged,
            staged_claims=staged_claims,
        )

    def _append(
        self,
        data: bytes,
        record: RecordId | None,
        kind: str,
        touched: tuple[ObjectId, ...],
        addressed: tuple[ObjectId, ...] = (),
        created: tuple[ObjectId, ...] = (),
        discoverable: tuple[Digest, ...] = (),
    ) -> None:
        leaf = hash_leaf(data)
        position = self._head.size + len(self._entries)
        self._entries.append(EntryRow(position, data, leaf, record, kind, touched, addressed, created, discoverable))
        self._log.append(leaf)
        self._previous = hash_bytes(data)

    def _number(self, object_id: ObjectId) -> int:
        if self._base.object(object_id) is not None:
            return self._base.number(object_id)
        self._count += 1
        return self._count - 1

    def _passed_mark(self, value: Object) -> bool:
        # A record touches an object once, so that most need not be looked up.
        if value.history.count % limits.WAY_MARK >= len(self._entries):
            return False
        before = self._base.object(value.id)
        return value.history.passed_mark(0 if before is None else before.history.count)

    def _row(self, object_id: ObjectId) -> ObjectRow:
        value = self._objects[object_id]
        return ObjectRow(self._numbers[object_id], value, object_leaf(object_id, self._value_of(value)))


def genesis_block(genesis: Genesis) -> Block:
    """Make the first block of a ledger: one state entry over the empty state, chained to the genesis."""
    ledger = ledger_id(genesis)
    tree = ObjectTree()
    staged, staged_claims = tree.stage({}), StagedClaims(ZERO, (), ZERO)
    roots = StateRoots(
        claims_root=ZERO,
        members=members_hash(genesis.membership),
        objects_count=0,
        objects_root=staged.root,
        previous_state=ledger,
        proposals=NO_PROPOSALS.root(),
    )
    data = encode(StateEntry(STATE, 0, ledger, 0, genesis.created, roots))
    log = Frontier()
    log.append(hash_leaf(data))
    head = Tip(
        size=1,
        height=0,
        time=genesis.created,
        last_entry=hash_bytes(data),
        last_state=hash_bytes(data),
        objects_count=0,
        objects_root=staged.root,
        claims_root=ZERO,
        membership=genesis.membership,
        proposals=NO_PROPOSALS,
        changes=(),
        pending={},
        log=log,
    )
    row = EntryRow(0, data, hash_leaf(data), None, "", (), ())
    return Block(
        head=head, entries=(row,), objects=(), marked=(), claims={}, object_nodes=staged, staged_claims=staged_claims
    )
