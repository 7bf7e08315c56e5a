"""Where a proof is checked: numbered steps, each over what the ones before have established.

Offline: the proof file, the trust file and a moment are all that is needed. The numbers stand in
`docs/formats/proof.md`. What costs little comes before what costs much: hashes before signatures, and of the
signatures those of the head before those of the records, so that a refused file costs no more than an accepted one.
"""

from collections.abc import Callable

from msgspec.structs import replace

from hanse_ledger.proofs import stepnames
from hanse_ledger.proofs.derived import DerivedState
from hanse_ledger.proofs.disclosing import Disclosures, attestations_in, open_terms
from hanse_ledger.proofs.heads import SignedHead
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.prooffile import EntryPart, ProofFile, UnsupportedFormat, read_proof
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import SEVERITY, Act, Report, Step, step_of
from hanse_ledger.proofs.settling import Settled, replaced_words, settle, settle_pledges
from hanse_ledger.proofs.statement import Age, Begun, Proven, Unpledged, ended, stated, vouching
from hanse_ledger.proofs.subjects import Judged, Shown, compare_subject, judge_subject, read_aspects
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.proofs.waymarks import (
    Followed,
    Marked,
    acts_since,
    cross,
    crossings_of,
    one_operators_words,
    open_mark,
    open_parts,
    read_state,
    require_order,
    signers_said,
    states_of,
)
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import Note, parse_note
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import Malformed, NotCheckable, NotJudged, ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.messages import Said, quoted, said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Digest, Moment, ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.genesis import members_hash
from hanse_ledger.wire.membership import Membership


def check_proof(
    data: bytes, trust: TrustFile, at: Moment, known: KnownHeads | None = None, *, max_age_ms: int | None = None
) -> Report:
    """Check a proof file against a trust file.

    Args:
        data: the proof file.
        trust: whom the verifier trusts, from `trust.read_trust`.
        at: the verifier's present, in milliseconds, against which validities and the proof's age are judged.
        known: heads that were verified under this trust file before; the proof's own joins them if it holds.
        max_age_ms: a sound proof that is older cannot be checked; nil takes any.

    Returns:
        The report. Whatever is wrong with the proof is a verdict in it, never an exception.
    """
    assert known is None or known.trust is trust, "heads that are known under one trust file say nothing under another"
    return _Check(data, trust, at, known or KnownHeads(trust), max_age_ms).run()


class _Check:
    """The steps, and what they have established so far."""

    proof: ProofFile
    size: int
    root: Digest
    state: StateEntry
    _note: Note
    _head: SignedHead
    _membership: Membership
    _relations: Relations
    _settled: Settled

    def __init__(self, data: bytes, trust: TrustFile, at: Moment, known: KnownHeads, max_age_ms: int | None) -> None:
        self._data, self._trust, self._at, self._known, self._max_age_ms = data, trust, at, known, max_age_ms
        self._steps: list[Step] = []
        self._entries: dict[int, RecordEntry] = {}
        self._signed: dict[int, Signed] = {}
        self._retold = DerivedState(trust.ledger, trust.membership)
        self._shown: list[Shown] = []
        self._marks: dict[ObjectId, Marked] = {}
        self._followed: list[Followed] = []
        self._unpledged: dict[ObjectId, Unpledged] = {}
        self._judged: list[Judged] = []
        self._terms = Disclosures((), {})
        self._warnings: list[Said] = []

    def run(self) -> Report:
        """Take each step in turn; the first that fails decides."""
        steps: tuple[tuple[Said, Callable[[], Said]], ...] = (
            (stepnames.FORM, self._form),
            (stepnames.LEDGER, self._ledger),
            (stepnames.ARRANGEMENT, self._arrangement),
            (stepnames.LOG, self._log),
            (stepnames.CHECKPOINT, self._checkpoint),
            (stepnames.STATE, self._state_entry),
            (stepnames.OBJECTS, self._objects),
            (stepnames.TERMS, self._disclosures),
            (stepnames.SETTLING, self._settling),
            (stepnames.SIGNATURES, self._signatures),
            (stepnames.RULES, self._rules),
            (stepnames.HISTORIES, self._histories),
        )
        for number, (title, step) in enumerate(steps, start=1):
            try:
                detail = step()
            except (UnsupportedFormat, NotJudged) as error:
                return replace(self._end(number, title, Verdict.UNSUPPORTED_FORMAT, error.said), reason=error.code)
            except Untrusted as error:
                return self._end(number, title, Verdict.UNKNOWN_ISSUER, error.said)
            except NotCheckable as error:
                return self._end(number, title, Verdict.CANNOT_CHECK, error.said)
            except (ProofInvalid, Malformed, Rejected) as error:
                return self._end(number, title, Verdict.TAMPERED, error.said)
            self._steps.append(step_of(number, title, passed=True, detail=detail))
        return self._judge(len(steps) + 1)

    def _form(self) -> Said:
        self.proof = read_proof(self._data)
        return said("seen.form", "{bytes} bytes, {records} records", len(self._data), len(self.proof.records))

    def _ledger(self) -> Said:
        seen, trusted = self.proof.ledger, self._trust.ledger
        if seen != trusted:
            raise Untrusted(
                said(
                    "proof.other-ledger",
                    "the proof is of ledger {seen}, the trust file of {trusted}",
                    seen.hex(),
                    trusted.hex(),
                )
            )
        return said("seen.ledger", "ledger {ledger}", seen.hex())

    def _arrangement(self) -> Said:
        proof = self.proof
        require_order(
            said("part.changes", "changes of the members"),
            [decode_entry(change.entry).position for change in proof.changes],
        )
        for evidence in proof.records:
            entry = decode_entry(evidence.entry)
            if not isinstance(entry, RecordEntry):
                raise ProofInvalid(said("proof.state-among-records", "a state entry stands among the records"))
            if self._entries and entry.position <= next(reversed(self._entries)):
                raise ProofInvalid(said("proof.records-order", "the records do not stand in order of their positions"))
            self._entries[entry.position] = entry
            self._signed[entry.position] = open_decoded(entry.payload)
        self._relations = Relations(self._signed)
        require_order(said("part.keys", "keys"), [evidence.key for evidence in proof.revocations])
        for part in proof.objects:
            require_order(said("part.history", "records of a history"), part.history)
            require_order(said("part.own", "own records before a way mark"), part.mark.own if part.mark else ())
        names = [evidence.id for evidence in proof.objects]
        if len(set(names)) != len(names):
            raise ProofInvalid(said("proof.object-twice", "an object is shown twice"))
        for position, signed in self._signed.items():
            if signed.record.ledger != proof.ledger:
                raise ProofInvalid(
                    said(
                        "proof.record-of-other-ledger",
                        "the record at position {position} is made for another ledger",
                        position,
                    )
                )
        if not self._entries:
            return said("seen.objects-alone", "{objects} objects, 0 records", len(names))
        last = next(reversed(self._entries))
        return said(
            "seen.arrangement",
            "{objects} objects, {records} records at positions up to {last}",
            len(names),
            len(self._entries),
            last,
        )

    def _log(self) -> Said:
        # Nobody has been asked yet who signed this head: it is cheaper to see first whether all is under it.
        self._note = parse_note(self.proof.checkpoint.encode())
        head = parse_checkpoint(self._note.text)
        self.size, self.root = head.size, head.root
        entry = decode_entry(self.proof.state.entry)
        if not isinstance(entry, StateEntry) or entry.position != self.size - 1:
            raise ProofInvalid(
                said("proof.state-not-last", "the state entry is not the last entry under the checkpoint")
            )
        self.state = entry
        self._in_log(self.proof.state, entry.position)
        for evidence in self.proof.changes:
            self._in_log(evidence, decode_entry(evidence.entry).position)
        for position, evidence in zip(self._entries, self.proof.records, strict=True):
            self._in_log(evidence, position)
        states = tuple(states_of(self.proof))
        for state in states:
            self._in_log(state, read_state(state).position)
        entries = 1 + len(self.proof.changes) + len(self._entries) + len(states)
        return said("seen.log", "size {size}; {entries} entries", self.size, entries)

    def _checkpoint(self) -> Said:
        # The members' own records lead from those whom the trust file knows to those who vouch.
        changes = tuple(evidence.entry for evidence in self.proof.changes)
        verified = self._known.verify(self.proof.checkpoint, changes, self._note)
        self._trust, self._head = verified.trust, verified.head
        if self._head.strangers:
            stranger = self._head.strangers[0][:128]
            raise Untrusted(
                said(
                    "proof.stranger",
                    "the checkpoint bears a signature of {name}, unknown to the trust file",
                    quoted(stranger),
                )
            )
        self._membership = self._trust.at(self.size)
        if not self._membership.epoch:
            return said("seen.checkpoint", "size {size}; {vouching}", self.size, self._vouchers())
        return said(
            "seen.checkpoint-epoch",
            "size {size}; epoch {epoch}; {vouching}",
            self.size,
            self._membership.epoch,
            self._vouchers(),
        )

    def _state_entry(self) -> Said:
        if self.state.payload.members != members_hash(self._membership):
            raise NotCheckable(
                said(
                    "proof.members-changed",
                    "the members have changed, and the file does not show how; get the newer trust file",
                )
            )
        return said(
            "seen.state",
            "the block of height {height}, {objects} objects",
            self.state.height,
            self.state.payload.objects_count,
        )

    def _objects(self) -> Said:
        roots = self.state.payload
        for evidence in self.proof.objects:
            shown = read_aspects(evidence.aspects)
            leaf = object_leaf(evidence.id, shown.value)
            verify_inclusion(leaf, evidence.number, roots.objects_count, evidence.path, roots.objects_root)
            self._shown.append(shown)
            if evidence.mark is not None:
                self._marks[evidence.id] = open_mark(evidence.id, evidence.number, evidence.mark)
        self._followed = open_parts(self.proof.offices, self.state)
        return said(
            "seen.objects",
            "{objects} objects, {aspects} aspects shown; {marks} way marks",
            len(self._shown),
            sum(len(shown.aspects) for shown in self._shown),
            len(self._marks),
        )

    def _disclosures(self) -> Said:
        self._terms = open_terms(self.proof.terms, self._relations)
        fields = sum(term.field is not None for term in self._terms.all)
        return said("seen.terms", "{terms} terms, {fields} of them in the record", len(self._terms.all), fields)

    def _settling(self) -> Said:
        marks, root = tuple(self._marks.values()), self.state.payload.claims_root
        self._settled = settle(self.proof, self._relations, marks, root)
        self._warnings += self._settled.warnings
        return said(
            "seen.keys", "{keys} party keys, {ended} of them ended", self._settled.keys, len(self._settled.ended)
        )

    def _signatures(self) -> Said:
        for signed in self._signed.values():
            verify_envelope(signed)
        count = sum(len(signed.record.signers) for signed in self._signed.values())
        return said("seen.signatures", "{count} Ed25519 signatures", count)

    def _rules(self) -> Said:
        self._retold.whole.update(part.id for part in self.proof.objects if part.mark is None and part.history)
        waiting = crossings_of(tuple(self._marks.values()), self._followed)
        for position, signed in self._signed.items():
            while waiting and waiting[-1].position < position:
                cross(waiting.pop(), self._retold)
            entry = self._entries[position]
            if entry.time > self.state.time:
                raise ProofInvalid(
                    said(
                        "proof.time-after-state",
                        "the time of the record at position {position} lies after the state's",
                        position,
                    )
                )
            self._retold.membership = self._trust.at(position)
            try:
                self._retold.apply(entry, signed)
            except Untrusted as error:
                if any(self._trust.ever_held(key) for key in signed.record.signers):
                    raise ProofInvalid(
                        said("proof.key-of-other-epoch", "{error}; it was a member's key in another epoch", error.said)
                    ) from error
                raise
        while waiting:
            cross(waiting.pop(), self._retold)
        self._warnings += replaced_words(self.proof, self._relations, self._retold)
        return said("seen.rules", "{records} records, each applied to what those before it lead to", len(self._signed))

    def _histories(self) -> Said:
        parts = tuple(zip(self.proof.objects, self._shown, strict=True))
        for evidence, shown in parts:
            compare_subject(evidence, shown, self._retold)
        root, epochs = self.state.payload.claims_root, self._membership.parameters.tag_epochs
        self._unpledged = settle_pledges(self.proof, self._relations, self._retold, root, epochs)
        for evidence, shown in parts:
            self._judged.append(judge_subject(evidence, shown, self._at, self._unpledged.get(evidence.id)))
        count = sum(len(evidence.history) for evidence, _ in parts)
        return said("seen.histories", "{records} records lead to the proven values", count)

    def _judge(self, number: int) -> Report:
        as_of = moment_words(self._as_of())
        verdict = Verdict.VALID
        detail = said("detail.valid", "everything in the file is proven, as of {moment}", as_of)
        for judged in self._judged:
            if judged.verdict is not Verdict.VALID:
                self._warnings.append(judged.detail)
            if SEVERITY.index(judged.verdict) > SEVERITY.index(verdict):
                verdict, detail = judged.verdict, judged.detail
        if len(self._membership.cosigners) == 1:
            self._warnings += one_operators_words(tuple(self._marks.values()), self._followed)
        age = Age(self._at - self._as_of())
        self._warnings += age.warnings()
        if verdict is Verdict.VALID and self._warnings:
            verdict, detail = Verdict.VALID_WITH_WARNINGS, self._warnings[0]
        excess = None if self._max_age_ms is None else age.excess(self._max_age_ms)
        if excess is not None and verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS):
            verdict, detail = Verdict.CANNOT_CHECK, excess
        title = said("step.standing", "as of {moment} the objects were in good standing", as_of)
        return self._statement(self._end(number, title, verdict, detail))

    def _end(self, number: int, title: Said, verdict: Verdict, detail: Said) -> Report:
        passed = verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
        self._steps.append(step_of(number, title, passed=passed, detail=detail))
        return ended(verdict, detail, self._steps)

    def _statement(self, report: Report) -> Report:
        """Say what has been established, once every step has passed."""
        subjects, acts = tuple(judged.subject for judged in self._judged), tuple(map(self._act, self._entries))
        marks = (self._marks.get(evidence.id) for evidence in self.proof.objects)
        proven = Proven(
            as_of=self._as_of(),
            size=self.size,
            vouchers=self._head.vouchers,
            cosigners=len(self._membership.cosigners),
            subjects=subjects,
            begun=[None if mark is None else Begun(mark.time, mark.history.count) for mark in marks],
            offices=acts_since(self._followed),
            unpledged=tuple(self._unpledged.values()),
            acts=acts,
            terms=len(self._terms.all),
            attestations=attestations_in(self._terms, self._relations),
            keys=self._settled.keys,
            ended=len(self._settled.ended),
            mandates=self._settled.mandates,
            ended_mandates=len(self._settled.ended_mandates),
        )
        warnings = tuple(self._warnings)
        return stated(report, proven, ledger=self._trust.ledger, at=self._at, terms=self._terms.all, warnings=warnings)

    def _as_of(self) -> Moment:
        """Give when a quorum last said that this was the state: it signs an idle head again."""
        return max(self.state.time, self._head.signed_at_seconds * 1_000)

    def _vouchers(self) -> Said:
        return vouching(self._head.vouchers, len(self._membership.cosigners))

    def _act(self, position: int) -> Act:
        signed, entry = self._signed[position], self._entries[position]
        names = signers_said(signed.record, self._trust.at(position), self._retold, self._relations.introduced)
        touched = tuple(evidence.id for evidence in self.proof.objects if position in evidence.history)
        return Act(
            id=signed.id,
            position=position,
            time=entry.time,
            kind=signed.record.kind,
            signers=tuple(map(str, names)),
            objects=touched,
            said=tuple(names),
        )

    def _in_log(self, evidence: EntryPart, position: int) -> None:
        verify_inclusion(hash_leaf(evidence.entry), position, self.size, evidence.path, self.root)
