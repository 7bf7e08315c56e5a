"""Proof files made by hand from a ledger in memory: a second maker beside the node's, for tests of the checker."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import structs

from hanse_ledger.kinds import own_objects, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key, pledge_claim
from hanse_ledger.kinds.invoice.state import Invoice, InvoicePledge, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.mandate.bodies import GrantMandate
from hanse_ledger.kinds.object import Object, created_id
from hanse_ledger.kinds.objects import object_leaves, object_value
from hanse_ledger.kinds.office.bodies import AppointOfficer
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RepairKey, RevokeKey, RotateKey, TakeKey
from hanse_ledger.proofs.prooffile import (
    PROOF_FORMAT,
    EntryPart,
    MandatePart,
    ObjectPart,
    OfficeEnd,
    OfficePart,
    PledgePart,
    ProofFile,
    RevocationPart,
    ShownAspect,
    TermPart,
    WayMark,
)
from hanse_ledger.proofs.relations import rests_on, settings_asked
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.trees.object_tree import ObjectTree, object_leaf
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, ObjectId, PublicKey
from hanse_ledger.wire.endings import endings
from tests.world.corridor import Corridor


class ProofMaker:
    """Makes proofs as of a corridor's present head. A test has the operator's keys, so it may play the operator."""

    def __init__(self, corridor: Corridor, checkpoint: str | None = None) -> None:
        self.corridor, self.ledger = corridor, corridor.ledger
        self.checkpoint = corridor.sign_checkpoint() if checkpoint is None else checkpoint
        self.entries = corridor.entries
        self._leaves = [hash_leaf(data) for data in self.entries]
        self._touches: dict[ObjectId, list[int]] = {}
        for block in corridor.blocks:
            for row in block.entries:
                for name in row.touched:
                    self._touches.setdefault(name, []).append(row.position)

    def proof(
        self,
        *subjects: ObjectId,
        terms: Sequence[TermPart] = (),
        marks: Mapping[ObjectId, int] = MappingProxyType({}),
        unsettled: Collection[str] = (),
    ) -> ProofFile:
        """Prove objects with their whole histories.

        Args:
            subjects: the objects.
            terms: what is disclosed.
            marks: for objects whose history begins at a way mark, at the end of which block that stands, from 0.
            unsettled: kinds of records that are left out, of those that ended a key.
        """
        begun = {name: self._mark_position(block) for name, block in marks.items()}
        later = {at for name in subjects for at in self._touches[name] if at > begun.get(name, -1)}
        own = {at for name in begun for at in self._carried(name) if at < begun[name]}
        after_mark = {at for name in begun for at in self._touches[name] if at > begun[name]}
        needed = self._closed(later | own, after_mark)
        keys, mandates = self._introduced(needed), self._granted(needed)
        endings = {at for key in keys for at in self._endings(key) if self._signed(at).record.kind not in unsettled}
        ended = (self.ledger.claim(claim_key(ClaimKind.ENDED_MANDATE, name)) for name in mandates)
        endings |= {self.ledger.records[record] for record in ended if record is not None}
        whole = needed | self._closed(endings)
        whole |= {at for name in self._offices(whole) for at in self._touches[name]}
        return self._file(subjects, sorted(whole), terms, keys=keys, mandates=mandates, marks=marks, whole=True)

    def _offices(self, positions: Collection[int]) -> list[ObjectId]:
        """Name the offices by which some records are judged: their officers signed one, or it asks for settings."""
        found = {self._office_of(key) for at in positions for key in self._officers(at)}
        asked = {member for at in positions for member in settings_asked(self._signed(at).record.body)}
        found |= {self.ledger.claim(claim_key(ClaimKind.OFFICE, member.encode())) for member in asked}
        return sorted(name for name in found if name is not None)

    def _officers(self, position: int) -> list[PublicKey]:
        record = self._signed(position).record
        return [key for key in record.signers if not isinstance(record.body, AppointOfficer)]

    def _office_of(self, key: PublicKey) -> ObjectId | None:
        owner = self.ledger.claim(claim_key(ClaimKind.KEY, key))
        return owner if owner is not None and isinstance(self.ledger.objects[owner], Office) else None

    def _office(self, office: ObjectId) -> OfficePart:
        """Show an office with all its acts."""
        value, number = self.ledger.objects[office], self.ledger.number(office)
        return OfficePart(
            acts=tuple(self._touches[office]),
            begin=None,
            end=OfficeEnd(aspects=shown_aspects(value), path=tuple(self.ledger.tree.path(number)), state=None),
            id=office,
            number=number,
        )

    def _closed(self, begun: Collection[int], after_mark: Collection[int] = ()) -> set[int]:
        needed: set[int] = set()
        waiting = [*begun]
        while waiting:
            position = waiting.pop()
            if position not in needed:
                needed.add(position)
                waiting.extend(self._before(position))
                if position in after_mark:
                    record = self._signed(position).record
                    names = (*record.refs, *record.mandates)
                    waiting.extend(at for name in names for at in self._carried(name) if at < position)
        return needed

    def _own(self, object_id: ObjectId) -> list[int]:
        records = {at: self._signed(at) for at in self._touches[object_id]}
        return [at for at, signed in records.items() if object_id in own_objects(signed.record.body, signed.id)]

    def _carried(self, object_id: ObjectId) -> list[int]:
        """Give the own records that go with a way mark: of an office the one that opened it."""
        acts = type_of(self.ledger.objects[object_id]).acts
        return self._own(object_id)[: 1 if acts else None]

    def _mark_position(self, block: int) -> int:
        return self.corridor.blocks[block].head.size - 1

    def status(self, *subjects: ObjectId) -> ProofFile:
        """Prove the status of objects and leave the records out."""
        return self._file(subjects, [], (), keys=[], mandates=[], marks={}, whole=False)

    def _file(
        self,
        subjects: Sequence[ObjectId],
        positions: Sequence[int],
        terms: Sequence[TermPart],
        *,
        keys: Sequence[PublicKey],
        mandates: Sequence[ObjectId],
        marks: Mapping[ObjectId, int],
        whole: bool,
    ) -> ProofFile:
        return ProofFile(
            format=PROOF_FORMAT,
            changes=tuple(self.entry(position) for position in self.ledger.head.changes),
            checkpoint=self.checkpoint,
            ledger=self.ledger.ledger,
            mandates=tuple(self._mandate(name) for name in mandates),
            objects=tuple(self._object(name, whole=whole, mark=marks.get(name)) for name in subjects),
            offices=tuple(self._office(name) for name in self._offices(positions) if name not in subjects),
            pledges=tuple(self._pledges(subjects)) if whole else (),
            records=tuple(self.entry(position) for position in positions),
            revocations=tuple(self._settled(key) for key in keys),
            state=self.entry(len(self.entries) - 1),
            terms=tuple(terms),
        )

    def entry(self, position: int) -> EntryPart:
        """Show an entry with its path."""
        return EntryPart(entry=self.entries[position], path=tuple(inclusion_path(self._leaves, position)))

    def _signed(self, position: int) -> Signed:
        entry = decode_entry(self.entries[position])
        assert isinstance(entry, RecordEntry)
        return open_decoded(entry.payload)

    def _before(self, position: int) -> set[int]:
        """Find what a record needs: the beginnings of what it names and of who signs it, and their rotations."""
        record = self._signed(position).record
        keys = [key for key in record.signers if self._office_of(key) is None]
        owners = {self.ledger.claim(claim_key(ClaimKind.KEY, key)) for key in keys} - {None}
        found = set()
        for name in {*record.refs, *record.mandates, *owners}:
            assert name is not None
            found.add(self._touches[name][0])
        for owner in owners:
            assert owner is not None
            for at in self._touches[owner]:
                body = self._signed(at).record.body
                if at < position and isinstance(body, RotateKey | TakeKey) and body.party == owner:
                    found.add(at)
        found |= {at for name in rests_on(self._signed(position)) for at in self._own(name) if at < position}
        if isinstance(record.body, TakeKey):
            repairs = [at for at in self._own(record.body.party) if isinstance(self._signed(at).record.body, RepairKey)]
            found.add([at for at in repairs if at < position][-1])
        if isinstance(record.body, RevokeKey | MoveParty | RepairKey):
            for at in self._touches[record.body.party]:
                body = self._signed(at).record.body
                if at < position and isinstance(body, MoveParty) and body.party == record.body.party:
                    found.add(at)
        return found

    def _introduced(self, positions: Iterable[int]) -> list[PublicKey]:
        keys = set()
        for position in positions:
            body = self._signed(position).record.body
            if isinstance(body, EnrolParty):
                keys.add(body.key)
            elif isinstance(body, RotateKey | TakeKey):
                keys.add(body.new_key)
        return sorted(keys)

    def _granted(self, positions: Iterable[int]) -> list[ObjectId]:
        granted = (self._signed(position) for position in positions)
        return sorted(created_id(signed.id) for signed in granted if isinstance(signed.record.body, GrantMandate))

    def _mandate(self, name: ObjectId) -> MandatePart:
        claim = claim_key(ClaimKind.ENDED_MANDATE, name)
        proof = self.ledger.claim_tree.prove(self.ledger, claim)
        return MandatePart(id=name, leaf=proof.leaf, siblings=proof.siblings, value=self.ledger.claim(claim))

    def _pledges(self, subjects: Sequence[ObjectId]) -> Iterator[PledgePart]:
        """Settle of each accepted invoice that is pledged to nobody whether a pledge stands on it, or on its tags."""
        names = set[Digest]()
        for value in (self.ledger.objects[name] for name in subjects):
            if isinstance(value, Invoice) and value.status == InvoiceStatus(state=InvoiceState.ACCEPTED):
                names |= {value.id, *value.links.tags} if value.pledge == InvoicePledge(pledged_by=None) else set()
        for name in sorted(names):
            claim = pledge_claim(name)
            proof = self.ledger.claim_tree.prove(self.ledger, claim)
            yield PledgePart(leaf=proof.leaf, name=name, siblings=proof.siblings, value=self.ledger.claim(claim))

    def _endings(self, key: PublicKey) -> list[int]:
        ended = endings(self.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, key)))
        return [self.ledger.records[name] for name in (ended.rotation, ended.revocation) if name is not None]

    def _settled(self, key: PublicKey) -> RevocationPart:
        claim = claim_key(ClaimKind.REVOKED_KEY, key)
        proof = self.ledger.claim_tree.prove(self.ledger, claim)
        return RevocationPart(key=key, leaf=proof.leaf, siblings=proof.siblings, value=self.ledger.claim(claim))

    def _object(self, object_id: ObjectId, *, whole: bool, mark: int | None = None) -> ObjectPart:
        value = self.ledger.objects[object_id]
        number = self.ledger.number(object_id)
        begins = -1 if mark is None else self._mark_position(mark)
        return ObjectPart(
            aspects=shown_aspects(value, type_of(value).beside if whole else None),
            history=tuple(at for at in self._touches[object_id] if at > begins) if whole else (),
            id=object_id,
            mark=None if mark is None else self.mark(object_id, mark),
            number=number,
            path=tuple(self.ledger.tree.path(number)),
        )

    def mark(self, object_id: ObjectId, block: int) -> WayMark:
        """Show an object as it stood at the end of a block, counted from 0."""
        values: dict[int, Object] = {}
        for each in self.corridor.blocks[: block + 1]:
            values |= {row.number: row.value for row in each.objects}
        leaves = [object_leaf(values[at].id, object_value(values[at])) for at in range(len(values))]
        number, position = self.ledger.number(object_id), self._mark_position(block)
        return WayMark(
            aspects=shown_aspects(values[number]),
            own=tuple(at for at in self._carried(object_id) if at < position),
            path=tuple(ObjectTree.from_leaves(leaves).path(number)),
            state=self.entry(position),
        )


def shown_aspects(value: Object, wanted: Collection[str] | None = None) -> tuple[ShownAspect, ...]:
    """Show some of an object's aspects, or all."""
    leaves = object_leaves(value)
    hashes = [hash_leaf(leaf) for leaf in leaves]
    names = [field.name for field in structs.fields(value) if field.name not in {"id", "seed"}]
    return tuple(
        ShownAspect(index=index, leaf=leaves[index], path=tuple(inclusion_path(hashes, index)))
        for index in sorted(names.index(aspect) for aspect in wanted or names)
    )
