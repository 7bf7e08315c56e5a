"""Proof files made by hand from a ledger in memory: a second maker beside the node's, for tests of the checker."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import structs

from hanse_ledger.kinds import own_object, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_leaves, object_value
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RevokeKey, RotateKey
from hanse_ledger.proofs.prooffile import (
    PROOF_FORMAT,
    EntryPart,
    ObjectPart,
    ProofFile,
    RevocationPart,
    ShownAspect,
    TermPart,
    WayMark,
)
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.trees.object_tree import ObjectTree, object_leaf
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import ObjectId, PublicKey
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
        for group in corridor.groups:
            for row in group.entries:
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
            marks: for objects whose history begins at a way mark, at the end of which group that stands, from 0.
            unsettled: kinds of records that are left out, of those that ended a key.
        """
        begun = {name: self._mark_position(group) for name, group in marks.items()}
        later = {at for name in subjects for at in self._touches[name] if at > begun.get(name, -1)}
        own = {at for name in begun for at in self._own(name) if at < begun[name]}
        after_mark = {at for name in begun for at in self._touches[name] if at > begun[name]}
        needed = self._closed(later | own, after_mark)
        keys = self._introduced(needed)
        endings = {at for key in keys for at in self._endings(key) if self._signed(at).record.kind not in unsettled}
        whole = needed | self._closed(endings)
        return self._file(subjects, sorted(whole), terms, keys=keys, marks=marks, whole=True)

    def _closed(self, begun: Collection[int], after_mark: Collection[int] = ()) -> set[int]:
        needed: set[int] = set()
        waiting = [*begun]
        while waiting:
            position = waiting.pop()
            if position not in needed:
                needed.add(position)
                waiting.extend(self._before(position))
                if position in after_mark:
                    names = self._signed(position).record.refs
                    waiting.extend(at for name in names for at in self._own(name) if at < position)
        return needed

    def _own(self, name: ObjectId) -> list[int]:
        records = {at: self._signed(at) for at in self._touches[name]}
        return [at for at, signed in records.items() if own_object(signed.record.body, signed.id) == name]

    def _mark_position(self, group: int) -> int:
        return self.corridor.groups[group].head.size - 1

    def status(self, *subjects: ObjectId) -> ProofFile:
        """Prove the status of objects and leave the records out."""
        return self._file(subjects, [], (), keys=[], marks={}, whole=False)

    def _file(
        self,
        subjects: Sequence[ObjectId],
        positions: Sequence[int],
        terms: Sequence[TermPart],
        *,
        keys: Sequence[PublicKey],
        marks: Mapping[ObjectId, int],
        whole: bool,
    ) -> ProofFile:
        return ProofFile(
            format=PROOF_FORMAT,
            changes=tuple(self.entry(position) for position in self.ledger.head.changes),
            checkpoint=self.checkpoint,
            ledger=self.ledger.ledger,
            objects=tuple(self._object(name, whole=whole, mark=marks.get(name)) for name in subjects),
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
        owners = {self.ledger.claim(claim_key(ClaimKind.KEY, key)) for key in record.signers} - {None}
        found = set()
        for name in {*record.refs, *owners}:
            assert name is not None
            found.add(self._touches[name][0])
        for owner in owners:
            assert owner is not None
            for at in self._touches[owner]:
                body = self._signed(at).record.body
                if at < position and isinstance(body, RotateKey) and body.party == owner:
                    found.add(at)
        if isinstance(record.body, RevokeKey | MoveParty):
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
            elif isinstance(body, RotateKey):
                keys.add(body.new_key)
        return sorted(keys)

    def _endings(self, key: PublicKey) -> list[int]:
        ended = endings(self.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, key)))
        return [self.ledger.records[name] for name in (ended.rotation, ended.revocation) if name is not None]

    def _settled(self, key: PublicKey) -> RevocationPart:
        claim = claim_key(ClaimKind.REVOKED_KEY, key)
        proof = self.ledger.claim_tree.prove(self.ledger, claim)
        return RevocationPart(key=key, leaf=proof.leaf, siblings=proof.siblings, value=self.ledger.claim(claim))

    def _object(self, name: ObjectId, *, whole: bool, mark: int | None = None) -> ObjectPart:
        value = self.ledger.objects[name]
        number = self.ledger.number(name)
        begins = -1 if mark is None else self._mark_position(mark)
        return ObjectPart(
            aspects=shown_aspects(value, type_of(value).beside if whole else None),
            history=tuple(at for at in self._touches[name] if at > begins) if whole else (),
            id=name,
            mark=None if mark is None else self.mark(name, mark),
            number=number,
            path=tuple(self.ledger.tree.path(number)),
        )

    def mark(self, name: ObjectId, group: int) -> WayMark:
        """Show an object as it stood at the end of a group, counted from 0."""
        values: dict[int, Object] = {}
        for each in self.corridor.groups[: group + 1]:
            values |= {row.number: row.value for row in each.objects}
        leaves = [object_leaf(values[at].id, object_value(values[at])) for at in range(len(values))]
        number, position = self.ledger.number(name), self._mark_position(group)
        return WayMark(
            aspects=shown_aspects(values[number]),
            own=tuple(at for at in self._own(name) if at < position),
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
