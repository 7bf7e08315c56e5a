"""Proof files, each from one committed state. Every one of them passes `hanse_ledger.proof.check_proof`."""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from threading import Lock

from sqlalchemy import select

from hanse_ledger import limits
from hanse_ledger.codec import object_id
from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.envelope import Signed, open_decoded
from hanse_ledger.errors import Malformed
from hanse_ledger.evidence import (
    PROOF_FORMAT,
    EntryEvidence,
    ObjectEvidence,
    ProofFile,
    RevocationEvidence,
    ShownAspect,
    write_proof,
)
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.merkle import inclusion_path
from hanse_ledger.records import (
    Body,
    EnrolParty,
    InstructPayment,
    IssueCertificate,
    IssueInvoice,
    LodgeDeclaration,
    RotateKey,
)
from hanse_ledger.state import NO_HISTORY, ClaimKind, Object, claim_key, object_kind, object_leaves
from hanse_ledger.subjects import BESIDE_RECORDS
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import LedgerId, ObjectId, PublicKey, RecordId
from hanse_node.errors import NodeError, StoreFailed
from hanse_node.paths import LogHashes, read_entries
from hanse_node.store.reads import ENTRIES_READ, Reads
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.store.statements import contains
from hanse_node.store.tables import entry, history

CREATING = (EnrolParty, IssueInvoice, IssueCertificate, LodgeDeclaration, InstructPayment)
"""The bodies that create an object."""

KNOWN_PARTIES = 1_000


class View(StrEnum):
    """What a proof shows: whole histories with their records, or the present aspects alone."""

    FULL = "full"
    STATUS = "status"


class NotFound(NodeError):
    """Nothing with this name stands in the ledger."""


class TooLarge(NodeError):
    """The answer would exceed a bound of the ledger. The asker should ask for less."""


def subject_of(signed: Signed) -> ObjectId:
    """Name the object that a record is about: the one that it creates, else the first that it names.

    Raises:
        NotFound: it is about no object.
    """
    if not isinstance(signed.record.body, CREATING) and not signed.record.refs:
        raise NotFound("this record is about no object: of what changes the members, the trust file is the proof")
    return object_id(signed.id) if isinstance(signed.record.body, CREATING) else signed.record.refs[0]


def open_entry(data: bytes) -> tuple[RecordEntry, Signed]:
    """Open a stored entry that holds a record. Raises StoreFailed if it holds none."""
    try:
        found = decode_entry(data)
        if not isinstance(found, RecordEntry):
            raise StoreFailed(f"entry {found.position}: it holds no record, though one is said to stand there")
        return found, open_decoded(found.payload)
    except Malformed as error:
        raise StoreFailed(f"a stored entry is damaged: {error.detail}") from error


def find_subjects(reads: Reads, names: Sequence[ObjectId]) -> list[tuple[int, Object]]:
    """Find objects with their numbers, in the order of their names. Raises NotFound."""
    found = reads.objects(names)
    for name in names:
        if name not in found:
            raise NotFound(f"no object has the id {name.hex()}")
    return [found[name] for name in names]


def prove_status(view: Snapshot, ledger: LedgerId, subjects: Sequence[tuple[int, Object]]) -> ProofFile:
    """Prove how objects stand, every aspect shown, the records left out.

    Args:
        view: the state to be proven.
        ledger: this ledger's id.
        subjects: what `find_subjects` found in this view; 1 to 64.
    """
    shown = tuple(_shown(view, number, value, None, ()) for number, value in subjects)
    return _file(ledger, view, shown)


def prove_full(store: SqlLedgerStore, names: Sequence[ObjectId], rotations: "Rotations") -> ProofFile:
    """Prove how objects stand and how they came to: complete histories, and everybody's keys.

    Args:
        store: the ledger.
        names: the subjects, 1 to 64, each once.
        rotations: where parties' rotations stand, as far as it is known.

    Raises:
        NotFound: an object does not exist.
        TooLarge: the histories have more than `limits.PROOF_RECORDS` records.
    """
    # The log only grows: what is gathered here need not be read while the next commit waits.
    with store.showing() as reads:
        gathered = _Gathered(names, store.members.as_of(reads), rotations)
        gathered.extend(reads)
    with store.snapshot() as view:
        gathered.trust = store.members.as_of(view)
        subjects = gathered.extend(view)
        gathered.check_histories(subjects)
        shown = tuple(
            _shown(view, number, value, BESIDE_RECORDS[object_kind(value)], gathered.history(value.id))
            for number, value in subjects
        )
        revocations = tuple(_revocation(view, key) for key in gathered.introduced_keys())
        proof = _file(store.ledger, view, shown, revocations)
        size = view.standing.size
    with store.reading() as reads:
        hashes = LogHashes(reads)
        records = tuple(
            EntryEvidence(entry=data, path=hashes.path(position, size)) for position, data in gathered.entries()
        )
    return ProofFile(
        format=proof.format,
        changes=proof.changes,
        checkpoint=proof.checkpoint,
        ledger=proof.ledger,
        objects=proof.objects,
        records=records,
        revocations=proof.revocations,
        state=proof.state,
        terms=(),
    )


def encode_proof(proof: ProofFile) -> bytes:
    """Write a proof file. Raises TooLarge if no reader would take it."""
    data = write_proof(proof)
    if len(data) > limits.PROOF_FILE_BYTES:
        raise TooLarge(f"the proof has {len(data)} bytes; at most {limits.PROOF_FILE_BYTES} are allowed")
    return data


class Rotations:
    """Where each party's key rotations stand, as far as its history has been read. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[ObjectId, tuple[int, tuple[int, ...]]] = {}

    def positions(self, reads: Reads, party: ObjectId) -> tuple[int, ...]:
        """List the positions of a party's rotations, in order. Only what is new in its history is read."""
        found = reads.object(party)
        if found is None:
            raise StoreFailed("a key is claimed by a party that does not exist")
        number, value = found
        with self._lock:
            read, known = self._known.get(party, (0, ()))
        if read >= value.history.count:
            # Another proof has read further already; what it found last may lie beyond this state.
            return known
        known += tuple(self._new(reads, number, value, read))
        with self._lock:
            self._known.pop(party, None)
            self._known[party] = (value.history.count, known)
            if len(self._known) > KNOWN_PARTIES:
                del self._known[next(iter(self._known))]
        return known

    @staticmethod
    def _new(reads: Reads, number: int, value: Object, begin: int) -> Iterable[int]:
        # A party's history may be a million records long, so the database looks for the kind's name in their bytes.
        query = (
            select(entry.c.position, entry.c.data)
            .join(history, history.c.position == entry.c.position)
            .where(
                history.c.object == number,
                history.c.sequence >= begin,
                history.c.sequence < value.history.count,
                contains(entry.c.data, b"key.rotate"),
            )
            .order_by(history.c.sequence)
        )
        for position, data in list(reads.rows(query)):
            body = open_entry(data)[1].record.body
            if isinstance(body, RotateKey) and body.party == value.id:
                yield position


class _Gathered:
    """The records of a full proof: whole histories, and the enrolments and rotations of all who signed them."""

    def __init__(self, names: Sequence[ObjectId], trust: TrustFile, rotations: Rotations) -> None:
        self._names, self.trust, self._rotations = tuple(names), trust, rotations
        self._histories: dict[ObjectId, list[int]] = {name: [] for name in names}
        self._entries: dict[int, bytes] = {}
        self._bodies: dict[int, Body] = {}
        self._records: dict[int, RecordId] = {}
        self._last_use: dict[PublicKey, int] = {}
        self._owners: dict[PublicKey, ObjectId] = {}
        self._named: set[ObjectId] = set()
        self._begun: set[ObjectId] = set()

    def extend(self, reads: Reads) -> list[tuple[int, Object]]:
        """Take over what stands in this state and was not there before; give the subjects as they stand in it."""
        subjects = find_subjects(reads, self._names)
        touched = [position for _, value in subjects for position in self._missing(reads, value)]
        self._load(reads, touched)
        # What a record names must have its beginning in the file, and who signs its keys; these name others in turn.
        before = -1
        while len(self._entries) != before:
            before = len(self._entries)
            if before > limits.PROOF_RECORDS:
                break
            self._load(reads, self._beginnings(reads))
            self._load(reads, self._key_records(reads))
        if len(self._entries) > limits.PROOF_RECORDS:
            raise TooLarge(
                f"the proof would hold {len(self._entries)} records; at most {limits.PROOF_RECORDS} are allowed"
            )
        return subjects

    def history(self, name: ObjectId) -> tuple[int, ...]:
        """Give the positions of an object's whole history, in order."""
        return tuple(self._histories[name])

    def check_histories(self, subjects: Sequence[tuple[int, Object]]) -> None:
        """Insist that each subject's history replays to the head that it shows. Raises StoreFailed."""
        for number, value in subjects:
            chain = NO_HISTORY
            for position in self._histories[value.id]:
                chain = chain.after(self._records[position])
            if chain != value.history:
                raise StoreFailed(f"the history of object {number} is damaged: it does not replay to its head")

    def entries(self) -> list[tuple[int, bytes]]:
        """Give the gathered entries in order of their positions."""
        return sorted(self._entries.items())

    def introduced_keys(self) -> list[PublicKey]:
        """Give the parties' keys that the gathered records introduce, in order."""
        introduced = (_introduced(body) for body in self._bodies.values())
        return sorted({key for key in introduced if key is not None})

    def _missing(self, reads: Reads, value: Object) -> list[int]:
        """Bring an object's history up to its present count, and give what was missing."""
        known, count = self._histories[value.id], value.history.count
        if count > limits.PROOF_RECORDS:
            raise TooLarge(f"the history has {count} records; at most {limits.PROOF_RECORDS} go into a proof")
        begin = len(known)
        for end in range(begin, count, ENTRIES_READ):
            most = min(count, end + ENTRIES_READ)
            rows = reads.history(value.id, before=most, limit=most - end)
            known.extend(row.position for row in reversed(rows))
        if len(known) != count:
            raise StoreFailed(f"a history has {len(known)} rows where the object counts {count} records")
        return known[begin:]

    def _load(self, reads: Reads, positions: Iterable[int]) -> None:
        missing = {position for position in positions if position not in self._entries}
        for position, data in read_entries(reads, missing).items():
            signed = open_entry(data)[1]
            self._entries[position], self._bodies[position] = data, signed.record.body
            self._records[position] = signed.id
            self._named.update(signed.record.refs)
            introduced = _introduced(signed.record.body)
            for key in signed.record.signers:
                if key != introduced and self.trust.at(position).holder(key) is None:
                    self._last_use[key] = max(position, self._last_use.get(key, 0))

    def _beginnings(self, reads: Reads) -> set[int]:
        """Find the records that create what the gathered ones name."""
        wanted = set()
        for name in sorted(self._named - self._begun):
            first = reads.history(name, before=1, limit=1)
            if not first:
                raise StoreFailed("an object that a record names has no history")
            wanted.add(first[0].position)
            self._begun.add(name)
        return wanted

    def _key_records(self, reads: Reads) -> set[int]:
        """Find the records by which each party that signed had come to its keys."""
        self._find_owners(reads)
        used: dict[ObjectId, set[PublicKey]] = {}
        for key in self._last_use:
            used.setdefault(self._owners[key], set()).add(key)
        wanted: set[int] = set()
        for party, keys in used.items():
            first = reads.history(party, before=1, limit=1)
            if not first:
                raise StoreFailed("a party has no history")
            self._load(reads, [first[0].position])
            wanted.add(first[0].position)
            enrolment = self._bodies[first[0].position]
            if not isinstance(enrolment, EnrolParty):
                raise StoreFailed("a party's history does not begin with its enrolment")
            if keys != {enrolment.key}:
                last = max(self._last_use[key] for key in keys)
                wanted |= {at for at in self._rotations.positions(reads, party) if at <= last}
        return wanted

    def _find_owners(self, reads: Reads) -> None:
        claims = {claim_key(ClaimKind.KEY, key): key for key in self._last_use if key not in self._owners}
        found = reads.claims(list(claims))
        for claim, key in claims.items():
            if claim not in found:
                raise StoreFailed("a record is signed by a key that is nobody's")
            self._owners[key] = found[claim]


def _introduced(body: Body) -> PublicKey | None:
    match body:
        case EnrolParty():
            return body.key
        case RotateKey():
            return body.new_key
        case _:
            return None


def _shown(
    view: Snapshot, number: int, value: Object, names: Collection[str] | None, positions: tuple[int, ...]
) -> ObjectEvidence:
    """Show an object: the named aspects, or all of them."""
    leaves = object_leaves(value)
    hashes = [hash_leaf(leaf) for leaf in leaves]
    aspects = [field for field in value.__struct_fields__ if field not in ("id", "seed")]
    return ObjectEvidence(
        aspects=tuple(
            ShownAspect(index=index, leaf=leaves[index], path=tuple(inclusion_path(hashes, index)))
            for index, name in enumerate(aspects)
            if names is None or name in names
        ),
        history=positions,
        id=value.id,
        number=number,
        path=tuple(view.object_path(number, value)),
    )


def _revocation(view: Snapshot, key: PublicKey) -> RevocationEvidence:
    claim = claim_key(ClaimKind.REVOKED_KEY, key)
    proof = view.claim_proof(claim)
    return RevocationEvidence(key=key, leaf=proof.leaf, siblings=proof.siblings, value=view.claim(claim))


def _file(
    ledger: LedgerId,
    view: Snapshot,
    objects: tuple[ObjectEvidence, ...],
    revocations: tuple[RevocationEvidence, ...] = (),
) -> ProofFile:
    """Put the parts under the state entry and the signed head of the view."""
    size = view.standing.size
    checkpoint = view.signed_head
    if checkpoint is None:
        raise StoreFailed("the newest head is not signed")
    return ProofFile(
        format=PROOF_FORMAT,
        changes=tuple(_evidence(view, position) for position in (*view.standing.changes, *view.standing.pending)),
        checkpoint=checkpoint,
        ledger=ledger,
        objects=objects,
        records=(),
        revocations=revocations,
        state=_evidence(view, size - 1),
        terms=(),
    )


def _evidence(view: Snapshot, position: int) -> EntryEvidence:
    data = view.entry(position)
    if data is None:
        raise StoreFailed(f"entry {position} is missing")
    return EntryEvidence(entry=data, path=tuple(view.log_path(position)))
