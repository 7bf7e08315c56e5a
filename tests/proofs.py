"""Proof files made by hand from a ledger in memory: a second maker beside the node's, for tests of the checker."""

from collections.abc import Sequence

from msgspec import structs

from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.envelope import Signed, open_decoded
from hanse_ledger.evidence import (
    PROOF_FORMAT,
    EntryEvidence,
    ObjectEvidence,
    ProofFile,
    RevocationEvidence,
    ShownAspect,
    TermEvidence,
)
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.merkle import inclusion_path
from hanse_ledger.records import EnrolParty, RotateKey
from hanse_ledger.state import ClaimKind, claim_key, object_kind, object_leaves
from hanse_ledger.subjects import BESIDE_RECORDS
from hanse_ledger.types import ObjectId
from tests.corridor import Corridor


class ProofMaker:
    """Makes proofs as of a corridor's present head. A test has the operator's keys, so it may play the operator."""

    def __init__(self, corridor: Corridor, checkpoint: str | None = None) -> None:
        self.ledger = corridor.ledger
        self.checkpoint = corridor.sign_checkpoint() if checkpoint is None else checkpoint
        self.entries = corridor.entries
        self._leaves = [hash_leaf(data) for data in self.entries]
        self._touches: dict[ObjectId, list[int]] = {}
        for group in corridor.groups:
            for row in group.entries:
                for name in row.touched:
                    self._touches.setdefault(name, []).append(row.position)

    def proof(self, *subjects: ObjectId, terms: Sequence[TermEvidence] = ()) -> ProofFile:
        """Prove objects with their whole histories."""
        needed: set[int] = set()
        waiting = [position for name in subjects for position in self._touches[name]]
        while waiting:
            position = waiting.pop()
            if position not in needed:
                needed.add(position)
                waiting.extend(self._before(position))
        return self._file(subjects, sorted(needed), terms, whole=True)

    def status(self, *subjects: ObjectId) -> ProofFile:
        """Prove the status of objects and leave the records out."""
        return self._file(subjects, [], (), whole=False)

    def _file(
        self, subjects: Sequence[ObjectId], positions: Sequence[int], terms: Sequence[TermEvidence], *, whole: bool
    ) -> ProofFile:
        return ProofFile(
            format=PROOF_FORMAT,
            changes=tuple(self.entry(position) for position in (*self.ledger.head.changes, *self.ledger.head.pending)),
            checkpoint=self.checkpoint,
            ledger=self.ledger.ledger,
            objects=tuple(self._object(name, whole=whole) for name in subjects),
            records=tuple(self.entry(position) for position in positions),
            revocations=self._revocations(positions),
            state=self.entry(len(self.entries) - 1),
            terms=tuple(terms),
        )

    def entry(self, position: int) -> EntryEvidence:
        """Show an entry with its path."""
        return EntryEvidence(entry=self.entries[position], path=tuple(inclusion_path(self._leaves, position)))

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
        return found

    def _revocations(self, positions: Sequence[int]) -> tuple[RevocationEvidence, ...]:
        keys = set()
        for position in positions:
            body = self._signed(position).record.body
            if isinstance(body, EnrolParty):
                keys.add(body.key)
            elif isinstance(body, RotateKey):
                keys.add(body.new_key)
        shown = []
        for key in sorted(keys):
            claim = claim_key(ClaimKind.REVOKED_KEY, key)
            proof = self.ledger.claim_tree.prove(self.ledger, claim)
            value = self.ledger.claim(claim)
            shown.append(RevocationEvidence(key=key, leaf=proof.leaf, siblings=proof.siblings, value=value))
        return tuple(shown)

    def _object(self, name: ObjectId, *, whole: bool) -> ObjectEvidence:
        value = self.ledger.objects[name]
        leaves = object_leaves(value)
        hashes = [hash_leaf(leaf) for leaf in leaves]
        names = [field.name for field in structs.fields(value) if field.name not in {"id", "seed"}]
        shown = BESIDE_RECORDS[object_kind(value)] if whole else names
        number = self.ledger.number(name)
        return ObjectEvidence(
            aspects=tuple(
                ShownAspect(index=index, leaf=leaves[index], path=tuple(inclusion_path(hashes, index)))
                for index in sorted(names.index(aspect) for aspect in shown)
            ),
            history=tuple(self._touches[name]) if whole else (),
            id=name,
            number=number,
            path=tuple(self.ledger.tree.path(number)),
        )
