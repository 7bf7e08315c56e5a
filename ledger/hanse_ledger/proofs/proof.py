"""Where a proof is checked: numbered steps, each over what the ones before have established.

Offline: the proof file, the trust file and a moment are all that is needed. The numbers stand in
`docs/formats/proof.md`. What costs little comes before what costs much: hashes before signatures, and of the
signatures those of the head before those of the records, so that a refused file costs no more than an accepted one.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from hanse_ledger.proofs.derived import DerivedState
from hanse_ledger.proofs.disclosing import open_terms
from hanse_ledger.proofs.heads import SignedHead
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.prooffile import EntryPart, ProofFile, UnsupportedFormat, read_proof
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import Act, Report, ShownTerm, Step
from hanse_ledger.proofs.settling import Settled, settle
from hanse_ledger.proofs.statement import Age, Begun, Proven, established, key_words, not_established, vouching_words
from hanse_ledger.proofs.subjects import Judged, Shown, judge_subject, read_aspects
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.proofs.waymarks import Marked, open_mark, state_of_mark, take_up
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import Note, parse_note
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import LedgerError, Malformed, NotJudged, ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Digest, Moment, ObjectId, PublicKey
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.genesis import members_hash
from hanse_ledger.wire.membership import Membership


class NotCheckable(LedgerError):
    """Evidence that needs more than is at hand to be judged."""


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
        self._judged: list[Judged] = []
        self._terms: tuple[ShownTerm, ...] = ()
        self._warnings: list[str] = []

    def run(self) -> Report:
        """Take each step in turn; the first that fails decides."""
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("the file is a proof file, byte for byte canonical", self._form),
            ("the proof is of the ledger that is trusted", self._ledger),
            ("each part stands in the file once, and in order", self._arrangement),
            ("every entry stands in the log of the checkpoint", self._log),
            ("the checkpoint is signed by a quorum of the cosigners", self._checkpoint),
            ("the last entry states the roots of the state, under the trusted members", self._state_entry),
            ("each object stands in the state, and stood in that of its way mark", self._objects),
            ("each disclosed term is the document's, and says what the record says", self._disclosures),
            ("each party key is settled, and what is needed is in the file, and no more", self._settling),
            ("each record is signed by exactly the signers that it names", self._signatures),
            ("the rules accept each record, in its order and at its time", self._rules),
            ("each history is complete, and leads to the proven value", self._histories),
        )
        for number, (title, step) in enumerate(steps, start=1):
            try:
                detail = step()
            except (UnsupportedFormat, NotJudged) as error:
                return replace(self._end(number, title, Verdict.UNSUPPORTED_FORMAT, str(error)), reason=error.code)
            except Untrusted as error:
                return self._end(number, title, Verdict.UNKNOWN_ISSUER, str(error))
            except NotCheckable as error:
                return self._end(number, title, Verdict.CANNOT_CHECK, str(error))
            except (ProofInvalid, Malformed, Rejected) as error:
                return self._end(number, title, Verdict.TAMPERED, str(error))
            self._steps.append(Step(number=number, title=title, passed=True, detail=detail))
        return self._judge(len(steps) + 1)

    def _form(self) -> str:
        self.proof = read_proof(self._data)
        return f"{len(self._data)} bytes, {len(self.proof.records)} records"

    def _ledger(self) -> str:
        seen, trusted = self.proof.ledger, self._trust.ledger
        if seen != trusted:
            raise Untrusted(f"the proof is of ledger {seen.hex()}, the trust file of {trusted.hex()}")
        return f"ledger {seen.hex()}"

    def _arrangement(self) -> str:
        proof = self.proof
        _require_order("changes of the members", [decode_entry(each.entry).position for each in proof.changes])
        for evidence in proof.records:
            entry = decode_entry(evidence.entry)
            if not isinstance(entry, RecordEntry):
                raise ProofInvalid("a state entry stands among the records")
            if self._entries and entry.position <= next(reversed(self._entries)):
                raise ProofInvalid("the records do not stand in order of their positions")
            self._entries[entry.position] = entry
            self._signed[entry.position] = open_decoded(entry.payload)
        self._relations = Relations(self._signed)
        _require_order("keys", [evidence.key for evidence in proof.revocations])
        for each in proof.objects:
            _require_order("records of a history", each.history)
            _require_order("own records before a way mark", each.mark.own if each.mark else ())
        names = [evidence.id for evidence in proof.objects]
        if len(set(names)) != len(names):
            raise ProofInvalid("an object is shown twice")
        for position, signed in self._signed.items():
            if signed.record.ledger != proof.ledger:
                raise ProofInvalid(f"the record at position {position} is made for another ledger")
        last = f" at positions up to {next(reversed(self._entries))}" if self._entries else ""
        return f"{len(names)} objects, {len(self._entries)} records{last}"

    def _log(self) -> str:
        # Nobody has been asked yet who signed this head: it is cheaper to see first whether all is under it.
        self._note = parse_note(self.proof.checkpoint.encode())
        head = parse_checkpoint(self._note.text)
        self.size, self.root = head.size, head.root
        entry = decode_entry(self.proof.state.entry)
        if not isinstance(entry, StateEntry) or entry.position != self.size - 1:
            raise ProofInvalid("the state entry is not the last entry under the checkpoint")
        self.state = entry
        self._in_log(self.proof.state, entry.position)
        for evidence in self.proof.changes:
            self._in_log(evidence, decode_entry(evidence.entry).position)
        for position, evidence in zip(self._entries, self.proof.records, strict=True):
            self._in_log(evidence, position)
        marks = [evidence.mark for evidence in self.proof.objects if evidence.mark is not None]
        for mark in marks:
            self._in_log(mark.state, state_of_mark(mark).position)
        return f"size {self.size}; {1 + len(self.proof.changes) + len(self._entries) + len(marks)} entries"

    def _checkpoint(self) -> str:
        # The members' own records lead from those whom the trust file knows to those who vouch.
        changes = tuple(evidence.entry for evidence in self.proof.changes)
        verified = self._known.verify(self.proof.checkpoint, changes, self._note)
        self._trust, self._head = verified.trust, verified.head
        if self._head.strangers:
            stranger = self._head.strangers[0][:128]
            raise Untrusted(f"the checkpoint bears a signature of {stranger!r}, unknown to the trust file")
        self._membership = self._trust.at(self.size)
        epoch = f"epoch {self._membership.epoch}; " if self._membership.epoch else ""
        return f"size {self.size}; {epoch}{self._vouchers()}"

    def _state_entry(self) -> str:
        if self.state.payload.members != members_hash(self._membership):
            raise NotCheckable("the members have changed, and the file does not show how; get the newer trust file")
        return f"the group of height {self.state.height}, {self.state.payload.objects_count} objects"

    def _objects(self) -> str:
        roots = self.state.payload
        for evidence in self.proof.objects:
            shown = read_aspects(evidence.aspects)
            leaf = object_leaf(evidence.id, shown.value)
            verify_inclusion(leaf, evidence.number, roots.objects_count, evidence.path, roots.objects_root)
            self._shown.append(shown)
            if evidence.mark is not None:
                self._marks[evidence.id] = open_mark(evidence, evidence.mark)
        shown_in_all = sum(len(shown.aspects) for shown in self._shown)
        return f"{len(self._shown)} objects, {shown_in_all} aspects shown; {len(self._marks)} way marks"

    def _disclosures(self) -> str:
        self._terms = open_terms(self.proof.terms, self._relations)
        return f"{len(self._terms)} terms, {sum(term.field is not None for term in self._terms)} of them in the record"

    def _settling(self) -> str:
        marks, root = tuple(self._marks.values()), self.state.payload.claims_root
        self._settled = settle(self.proof, self._relations, marks, root)
        self._warnings += self._settled.warnings
        return f"{self._settled.keys} party keys, {len(self._settled.ended)} of them ended"

    def _signatures(self) -> str:
        for signed in self._signed.values():
            verify_envelope(signed)
        return f"{sum(len(signed.record.signers) for signed in self._signed.values())} Ed25519 signatures"

    def _rules(self) -> str:
        self._retold.whole.update(each.id for each in self.proof.objects if each.mark is None and each.history)
        waiting = sorted(self._marks.values(), key=lambda mark: mark.position, reverse=True)
        for position, signed in self._signed.items():
            while waiting and waiting[-1].position < position:
                self._pass_mark(waiting.pop())
            entry = self._entries[position]
            if entry.time > self.state.time:
                raise ProofInvalid(f"the time of the record at position {position} lies after the state's")
            self._retold.membership = self._trust.at(position)
            try:
                self._retold.apply(entry, signed)
            except Untrusted as error:
                if any(self._trust.ever_held(key) for key in signed.record.signers):
                    raise ProofInvalid(f"{error}; it was a member's key in another epoch") from error
                raise
        while waiting:
            self._pass_mark(waiting.pop())
        return f"{len(self._signed)} records, each applied to what those before it lead to"

    def _pass_mark(self, mark: Marked) -> None:
        value = take_up(mark, self._retold.object(mark.name))
        self._retold.take_up(value, mark.position, mark.time)

    def _histories(self) -> str:
        for evidence, shown in zip(self.proof.objects, self._shown, strict=True):
            self._judged.append(judge_subject(evidence, shown, self._retold, self._at))
        return f"{sum(len(evidence.history) for evidence in self.proof.objects)} records lead to the proven values"

    def _judge(self, number: int) -> Report:
        verdict, detail = Verdict.VALID, f"everything in the file is proven, as of {moment_words(self._as_of())}"
        for judged in self._judged:
            if judged.verdict is not Verdict.VALID:
                self._warnings.append(judged.detail)
            if _SEVERITY.index(judged.verdict) > _SEVERITY.index(verdict):
                verdict, detail = judged.verdict, judged.detail
        if len(self._membership.cosigners) == 1:
            self._warnings += [f"{_name_of_mark(mark)} is one operator's word" for mark in self._marks.values()]
        age = Age(self._at - self._as_of())
        self._warnings += age.warnings()
        if verdict is Verdict.VALID and self._warnings:
            verdict, detail = Verdict.VALID_WITH_WARNINGS, self._warnings[0]
        excess = None if self._max_age_ms is None else age.excess(self._max_age_ms)
        if excess is not None and verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS):
            verdict, detail = Verdict.CANNOT_CHECK, excess
        title = f"as of {moment_words(self._as_of())} the objects were in good standing"
        return self._statement(self._with_step(number, title, verdict, detail))

    def _end(self, number: int, title: str, verdict: Verdict, detail: str) -> Report:
        return self._with_step(number, title, verdict, detail)

    def _with_step(self, number: int, title: str, verdict: Verdict, detail: str) -> Report:
        passed = verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
        self._steps.append(Step(number=number, title=title, passed=passed, detail=detail))
        return Report(verdict=verdict, detail=detail, steps=tuple(self._steps))

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
            acts=acts,
            terms=len(self._terms),
            keys=self._settled.keys,
            ended=len(self._settled.ended),
        )
        return replace(
            report,
            ledger=self._trust.ledger,
            size=self.size,
            as_of=proven.as_of,
            age_ms=self._at - proven.as_of,
            established=tuple(established(proven)),
            not_established=tuple(not_established(proven)),
            keys=key_words(proven),
            vouchers=self._vouchers(),
            subjects=subjects,
            acts=acts,
            terms=self._terms,
            warnings=tuple(self._warnings),
        )

    def _as_of(self) -> Moment:
        """Give when a quorum last said that this was the state: it signs an idle head again."""
        return max(self.state.time, self._head.signed_at_seconds * 1_000)

    def _vouchers(self) -> str:
        return vouching_words(self._head.vouchers, len(self._membership.cosigners))

    def _act(self, position: int) -> Act:
        signed, entry = self._signed[position], self._entries[position]
        members = self._trust.at(position)
        names = tuple(sorted(self._name(key, members) for key in signed.record.signers))
        touched = tuple(evidence.id for evidence in self.proof.objects if position in evidence.history)
        return Act(
            id=signed.id, position=position, time=entry.time, kind=signed.record.kind, signers=names, objects=touched
        )

    def _name(self, key: PublicKey, members: Membership) -> str:
        held = members.holder(key)
        party = self._relations.introduced.get(key)
        return held[0].id if held else f"party {(party[0] if party else key).hex()}"

    def _in_log(self, evidence: EntryPart, position: int) -> None:
        verify_inclusion(hash_leaf(evidence.entry), position, self.size, evidence.path, self.root)


_SEVERITY = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.EXPIRED_OR_SUPERSEDED, Verdict.REVOKED)


def _require_order(what: str, places: Sequence[Any]) -> None:
    if any(place <= before for before, place in pairwise(places)):
        raise ProofInvalid(f"the {what} are repeated, or do not stand in their order")


def _name_of_mark(mark: Marked) -> str:
    kind, until = mark.shown.kind, moment_words(mark.time)
    return f"what became of {kind} {mark.name.hex()} until {until}, but for its own records,"
