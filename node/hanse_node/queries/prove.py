"""Proof files, each from one committed state. Every one of them passes `hanse_ledger.proofs.proof.check_proof`."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.kinds import own_object, steps_of, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key, pledge_claim
from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_leaves
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
    WayMark,
    write_proof,
)
from hanse_ledger.proofs.settling import pledgeable
from hanse_ledger.proofs.waymarks import open_mark
from hanse_ledger.records.envelope import Signed
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, LedgerId, ObjectId, PublicKey, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.gathering import Begin, Gathered, NotFound, Numbered, TooLarge
from hanse_node.queries.officeacts import Window
from hanse_node.queries.ownrecords import OwnRecords
from hanse_node.store.paths import LogHashes, read_entries
from hanse_node.store.reads import standing_head
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import SqlLedgerStore


class View(StrEnum):
    """What a proof shows: whole histories with their records, or the present aspects alone."""

    FULL = "full"
    STATUS = "status"


class From(StrEnum):
    """Where histories begin: at the beginning as far as a proof holds it, at the last way mark, or now."""

    BEGINNING = "beginning"
    MARK = "mark"
    PRESENT = "present"


_EARLIER: Mapping[From, frozenset[Begin]] = {
    From.BEGINNING: frozenset(),
    From.MARK: frozenset({Begin.BEGINNING}),
    From.PRESENT: frozenset({Begin.BEGINNING, Begin.LAST_MARK}),
}


class _ShownSubject(Struct, frozen=True):
    """A subject as it is shown, and where its way mark stands, which is put in when its entry is read."""

    evidence: ObjectPart
    mark_position: int | None


def subject_of(signed: Signed) -> ObjectId:
    """Name the object that a record is about: the one that it creates, else the one whose own record it is.

    Raises:
        NotFound: it is about no object.
    """
    body = steps_of(signed.record.body, signed.id)[0].body
    # What is put into a consignment makes it nothing else: its record is about it all the same.
    own = body.consignment if isinstance(body, AddToConsignment) else own_object(signed.record.body, signed.id)
    if own is None:
        raise NotFound("this record is about no object: of what changes the members, the trust file is the proof")
    return own


def prove_status(view: Snapshot, ledger: LedgerId, subjects: Sequence[Numbered]) -> ProofFile:
    """Prove how objects stand, every aspect shown, the records left out.

    Args:
        view: the state to be proven.
        ledger: this ledger's id.
        subjects: what `find_subjects` found in this view; 1 to 64.
    """
    shown = tuple(_shown(view, number, value, None, ()) for number, value in subjects)
    return _file(ledger, view, shown)


def prove_full(
    store: SqlLedgerStore, object_ids: Sequence[ObjectId], own: OwnRecords, begin: From = From.BEGINNING
) -> bytes:
    """Prove how objects stand and how they came to: histories, and everybody's keys.

    Histories are whole where a proof can hold them. Where it cannot, they begin at the last way mark; and where even
    what came after it is too much, at the state that is proven. So nobody can fill the history of another's object
    until nothing can be proven of it.

    Args:
        store: the ledger.
        object_ids: the subjects, 1 to 64, each once.
        own: where the own records of objects stand, as far as it is known.
        begin: where histories begin that would fit.

    Returns:
        The proof file.

    Raises:
        NotFound: an object does not exist.
        TooLarge: it would exceed the bounds of a proof even so: these are too many objects.
    """
    for where in Begin:
        if where in _EARLIER[begin]:
            continue
        try:
            return encode_proof(_prove(store, object_ids, own, where))
        except TooLarge:
            if where is Begin.PRESENT:
                raise
    raise AssertionError("the last way is tried")


def _prove(store: SqlLedgerStore, object_ids: Sequence[ObjectId], own: OwnRecords, begin: Begin) -> ProofFile:
    # The log only grows: what is gathered here need not be read while the next commit waits.
    with store.showing() as reads:
        gathered = Gathered(object_ids, store.members.as_of(reads), own, begin)
        gathered.extend(reads, standing_head(reads).size)
    with store.snapshot() as view:
        size = view.standing.size
        gathered.trust = store.members.as_of(view)
        subjects = gathered.extend(view, size)
        gathered.settle(view)
        gathered.check_histories(subjects)
        shown = [
            _with_mark(view, gathered, _shown(view, number, value, type_of(value).beside, ()))
            for number, value in subjects
        ]
        offices = [_followed(view, window) for window in gathered.windows]
        revocations = tuple(_revocation(view, key, value) for key, value in gathered.claims.items())
        mandates = tuple(_mandate(view, name, value) for name, value in gathered.mandates.items())
        settled = sorted({name for _, value in subjects for name in pledgeable(value)})
        pledges = tuple(_pledge(view, name) for name in settled)
        proof = _file(store.ledger, view, tuple(subject.evidence for subject in shown))
    with store.reading() as reading:
        hashes = LogHashes(reading)
        records = tuple(
            EntryPart(entry=data, path=hashes.path(position, size)) for position, data in gathered.entries()
        )
        wanted = {subject.mark_position for subject in shown if subject.mark_position is not None}
        wanted |= {
            mark.position for window in gathered.windows for mark in (window.begin, window.end) if mark is not None
        }
        states = read_entries(reading, wanted)
        marks = {at: EntryPart(entry=data, path=hashes.path(at, size)) for at, data in states.items()}
    return replace(
        proof,
        mandates=mandates,
        pledges=pledges,
        records=records,
        revocations=revocations,
        objects=tuple(_with_state(subject, marks) for subject in shown),
        offices=tuple(
            _with_states(part, window, marks) for part, window in zip(offices, gathered.windows, strict=True)
        ),
    )


def encode_proof(proof: ProofFile) -> bytes:
    """Write a proof file. Raises TooLarge if no reader would take it."""
    data = write_proof(proof)
    if len(data) > limits.PROOF_FILE_BYTES:
        raise TooLarge(f"the proof has {len(data)} bytes; at most {limits.PROOF_FILE_BYTES} are allowed")
    return data


def _shown(
    view: Snapshot, number: int, value: Object, names: Collection[str] | None, positions: tuple[int, ...]
) -> ObjectPart:
    """Show an object: the named aspects, or all of them."""
    return ObjectPart(
        aspects=_aspects(value, names),
        history=positions,
        id=value.id,
        mark=None,
        number=number,
        path=tuple(view.object_path(number, value)),
    )


def _aspects(value: Object, names: Collection[str] | None = None) -> tuple[ShownAspect, ...]:
    leaves = object_leaves(value)
    hashes = [hash_leaf(leaf) for leaf in leaves]
    aspects = [field for field in value.__struct_fields__ if field not in ("id", "seed")]
    return tuple(
        ShownAspect(index=index, leaf=leaves[index], path=tuple(inclusion_path(hashes, index)))
        for index, name in enumerate(aspects)
        if names is None or name in names
    )


def _with_mark(view: Snapshot, gathered: Gathered, evidence: ObjectPart) -> _ShownSubject:
    """Add the history from where it begins, and the way mark that stands there."""
    begun, history = gathered.begun(evidence.id), gathered.history(evidence.id)
    if begun.mark is None:
        return _ShownSubject(replace(evidence, history=history), None)
    path: tuple[Digest, ...] = begun.mark.path
    if begun.mark.position == view.standing.size - 1:
        path = evidence.path
    # Its state entry is read when nobody waits any more.
    state = EntryPart(entry=b"", path=())
    mark = WayMark(aspects=_aspects(begun.mark.value), own=begun.own, path=path, state=state)
    return _ShownSubject(replace(evidence, history=history, mark=mark), begun.mark.position)


def _with_state(shown: _ShownSubject, states: dict[int, EntryPart]) -> ObjectPart:
    mark = shown.evidence.mark
    if mark is None or shown.mark_position is None:
        return shown.evidence
    whole = replace(mark, state=states[shown.mark_position])
    try:
        open_mark(shown.evidence.id, shown.evidence.number, whole)
    except (ProofInvalid, Malformed) as error:
        raise StoreFailed(f"the way mark of object {shown.evidence.number} is damaged: {error.detail}") from error
    return replace(shown.evidence, mark=whole)


def _followed(view: Snapshot, window: Window) -> OfficePart:
    """Show an office at both ends of a window. The state entries are read when nobody waits any more."""
    unread = EntryPart(entry=b"", path=())
    begin, end = None, window.end
    if window.begin is not None:
        aspects, path = _aspects(window.begin.value), window.begin.path
        begin = WayMark(aspects=aspects, own=(window.opened,), path=path, state=unread)
    return OfficePart(
        acts=window.acts,
        begin=begin,
        end=OfficeEnd(
            aspects=_aspects(window.value if end is None else end.value),
            path=tuple(view.object_path(window.number, window.value)) if end is None else end.path,
            state=None,
        ),
        id=window.value.id,
        number=window.number,
    )


def _with_states(part: OfficePart, window: Window, states: dict[int, EntryPart]) -> OfficePart:
    begin = part.begin
    if begin is not None and window.begin is not None:
        begin = replace(begin, state=states[window.begin.position])
    end = part.end if window.end is None else replace(part.end, state=states[window.end.position])
    return replace(part, begin=begin, end=end)


def _revocation(view: Snapshot, key: PublicKey, value: bytes | None) -> RevocationPart:
    proof = view.claim_proof(claim_key(ClaimKind.REVOKED_KEY, key))
    return RevocationPart(key=key, leaf=proof.leaf, siblings=proof.siblings, value=value)


def _mandate(view: Snapshot, name: ObjectId, value: RecordId | None) -> MandatePart:
    proof = view.claim_proof(claim_key(ClaimKind.ENDED_MANDATE, name))
    return MandatePart(id=name, leaf=proof.leaf, siblings=proof.siblings, value=value)


def _pledge(view: Snapshot, name: Digest) -> PledgePart:
    claim = pledge_claim(name)
    proof = view.claim_proof(claim)
    return PledgePart(leaf=proof.leaf, name=name, siblings=proof.siblings, value=view.claim(claim))


def _file(ledger: LedgerId, view: Snapshot, objects: tuple[ObjectPart, ...]) -> ProofFile:
    """Put objects under the state entry and the signed head of the view."""
    size = view.standing.size
    checkpoint = view.signed_head
    if checkpoint is None:
        raise StoreFailed("the newest head is not signed")
    return ProofFile(
        format=PROOF_FORMAT,
        changes=tuple(entry_evidence(view, position) for position in view.standing.changes),
        checkpoint=checkpoint,
        ledger=ledger,
        mandates=(),
        objects=objects,
        offices=(),
        pledges=(),
        records=(),
        revocations=(),
        state=entry_evidence(view, size - 1),
        terms=(),
    )


def entry_evidence(view: Snapshot, position: int) -> EntryPart:
    """Show an entry with its path under the view's head. Raises StoreFailed: it is missing."""
    data = view.entry(position)
    if data is None:
        raise StoreFailed(f"entry {position} is missing")
    return EntryPart(entry=data, path=tuple(view.log_path(position)))
