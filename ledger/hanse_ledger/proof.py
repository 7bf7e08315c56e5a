"""Where a proof is checked: numbered steps, each over what the ones before have established.

Offline: the proof file, the trust file and a moment are all that is needed. The numbers stand in
`docs/formats/proof.md`.
"""

from collections.abc import Callable
from typing import TypeGuard

from hanse_ledger.checkpoint import parse_checkpoint
from hanse_ledger.claims import ClaimProof, verify_absence, verify_presence
from hanse_ledger.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.errors import LedgerError, Malformed, ProofInvalid, Rejected, Untrusted
from hanse_ledger.evidence import EntryEvidence, ProofFile, UnsupportedFormat, read_proof
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.membership import Membership
from hanse_ledger.merkle import verify_inclusion
from hanse_ledger.notes import parse_note
from hanse_ledger.objects import object_leaf
from hanse_ledger.records import Body, ConfirmPayment, EnrolParty, IssueCertificate, IssueInvoice, RotateKey, TermsRoot
from hanse_ledger.report import Act, Report, ShownTerm, Step, Verdict
from hanse_ledger.standing import Retold
from hanse_ledger.state import ClaimKind, claim_key
from hanse_ledger.subjects import Judged, Shown, judge_subject, read_aspects
from hanse_ledger.terms import open_term
from hanse_ledger.trust import members_hash
from hanse_ledger.trustfile import KnownHeads, TrustFile
from hanse_ledger.types import Digest, Moment, PublicKey, RecordId


class NotCheckable(LedgerError):
    """Evidence that needs more than is at hand to be judged."""


def check_proof(data: bytes, trust: TrustFile, at: Moment, known: KnownHeads | None = None) -> Report:
    """Check a proof file against a trust file.

    Args:
        data: the proof file.
        trust: whom the verifier trusts, from `trust.read_trust`.
        at: the verifier's present, in milliseconds, against which validities are judged.
        known: heads that were verified under this trust file before; the proof's own joins them if it holds.

    Returns:
        The report. Whatever is wrong with the proof is a verdict in it, never an exception.
    """
    assert known is None or known.trust is trust, "heads that are known under one trust file say nothing under another"
    return _Check(data, trust, at, known or KnownHeads(trust)).run()


class _Check:
    """The steps, and what they have established so far."""

    proof: ProofFile
    size: int
    root: Digest
    state: StateEntry
    _membership: Membership

    def __init__(self, data: bytes, trust: TrustFile, at: Moment, known: KnownHeads) -> None:
        self._data, self._trust, self._at, self._known = data, trust, at, known
        self._steps: list[Step] = []
        self._vouchers = ""
        self._entries: dict[int, RecordEntry] = {}
        self._signed: dict[int, Signed] = {}
        self._retold = Retold(trust.ledger, trust.membership)
        self._shown: list[Shown] = []
        self._judged: list[Judged] = []
        self._terms: list[ShownTerm] = []
        self._warnings: list[str] = []

    def run(self) -> Report:
        """Take each step in turn; the first that fails decides."""
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("the file is a proof file, byte for byte canonical", self._form),
            ("the proof is of the ledger that is trusted", self._ledger),
            ("the checkpoint is signed by a quorum of the cosigners", self._checkpoint),
            ("the last entry states the roots of the state, under the trusted members", self._state_entry),
            ("each record stands in the log", self._records),
            ("each record is signed by exactly the signers that it names", self._signatures),
            ("the rules accept each record, in its order and at its time", self._rules),
            ("each object stands in the state", self._objects),
            ("each history is complete, and leads to the proven value", self._histories),
            ("each party key's revocation is settled", self._revocations),
            ("each disclosed term is the document's", self._disclosures),
            ("nothing in the file is left over", self._nothing_left),
        )
        for number, (title, step) in enumerate(steps, start=1):
            try:
                detail = step()
            except UnsupportedFormat as error:
                return self._end(number, title, Verdict.UNSUPPORTED_FORMAT, str(error))
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
            raise Untrusted(f"the proof is of ledger {seen.hex()[:16]}…, the trust file of {trusted.hex()[:16]}…")
        return f"ledger {seen.hex()}"

    def _checkpoint(self) -> str:
        # The members' own records lead from those whom the trust file knows to those who vouch.
        size = parse_checkpoint(parse_note(self.proof.checkpoint.encode()).text).size
        self._trust = self._known.extended(tuple(evidence.entry for evidence in self.proof.changes), size)
        head = self._known.verify(self.proof.checkpoint, self._trust)
        if head.strangers:
            raise Untrusted(
                f"the checkpoint bears a signature of {head.strangers[0][:128]!r}, unknown to the trust file"
            )
        self.size, self.root = head.checkpoint.size, head.checkpoint.root
        self._membership = self._trust.at(self.size)
        names, count = ", ".join(head.vouchers), len(self._membership.cosigners)
        if count == 1:
            self._vouchers = f"one operator vouches for this: {names}"
        else:
            self._vouchers = f"{len(head.vouchers)} of {count} organisations vouch for this: {names}"
        epoch = f"epoch {self._membership.epoch}; " if self._membership.epoch else ""
        return f"size {self.size}; {epoch}{self._vouchers}"

    def _state_entry(self) -> str:
        entry = decode_entry(self.proof.state.entry)
        if not isinstance(entry, StateEntry) or entry.position != self.size - 1:
            raise ProofInvalid("the state entry is not the last entry under the checkpoint")
        self._in_log(self.proof.state, entry.position)
        if entry.payload.members != members_hash(self._membership):
            raise NotCheckable("the members have changed, and the file does not show how; get the newer trust file")
        self.state = entry
        return f"the group of height {entry.height}, {entry.payload.objects_count} objects"

    def _records(self) -> str:
        for evidence in self.proof.changes:
            self._in_log(evidence, decode_entry(evidence.entry).position)
        last = -1
        for evidence in self.proof.records:
            entry = decode_entry(evidence.entry)
            if not isinstance(entry, RecordEntry):
                raise ProofInvalid("a state entry stands among the records")
            if entry.position <= last:
                raise ProofInvalid("the records do not stand in order of their positions")
            self._in_log(evidence, entry.position)
            last = entry.position
            self._entries[last] = entry
        return f"{len(self._entries)} records at positions up to {last}" if self._entries else "no records shown"

    def _signatures(self) -> str:
        count = 0
        for position, entry in self._entries.items():
            signed = open_decoded(entry.payload)
            if signed.record.ledger != self._trust.ledger:
                raise ProofInvalid(f"the record at position {position} is made for another ledger")
            verify_envelope(signed)
            self._signed[position] = signed
            count += len(signed.record.signers)
        return f"{count} Ed25519 signatures"

    def _rules(self) -> str:
        for position, signed in self._signed.items():
            entry = self._entries[position]
            if entry.time > self.state.time:
                raise ProofInvalid(f"the time of the record at position {position} lies after the state's")
            self._retold.membership = self._trust.at(position)
            self._retold.apply(entry, signed)
        return f"{len(self._signed)} records, each applied to what those before it lead to"

    def _objects(self) -> str:
        roots = self.state.payload
        names = [evidence.id for evidence in self.proof.objects]
        if len(set(names)) != len(names):
            raise ProofInvalid("an object is shown twice")
        for evidence in self.proof.objects:
            shown = read_aspects(evidence)
            leaf = object_leaf(evidence.id, shown.value)
            verify_inclusion(leaf, evidence.number, roots.objects_count, evidence.path, roots.objects_root)
            self._shown.append(shown)
        return f"{len(self._shown)} objects, {sum(len(shown.aspects) for shown in self._shown)} aspects shown"

    def _histories(self) -> str:
        for evidence, shown in zip(self.proof.objects, self._shown, strict=True):
            self._judged.append(judge_subject(evidence, shown, self._retold, self._at))
        return f"{sum(len(evidence.history) for evidence in self.proof.objects)} records lead to the proven values"

    def _revocations(self) -> str:
        keys = [evidence.key for evidence in self.proof.revocations]
        bodies = [signed.record.body for signed in self._signed.values()]
        introduced = {
            body.key if isinstance(body, EnrolParty) else body.new_key for body in bodies if _introduces(body)
        }
        if keys != sorted(introduced):
            raise ProofInvalid("the file does not settle the revocation of exactly the party keys in it, in order")
        revoked = 0
        for evidence in self.proof.revocations:
            claim = claim_key(ClaimKind.REVOKED_KEY, evidence.key)
            proof = ClaimProof(siblings=evidence.siblings, leaf=evidence.leaf)
            if evidence.value is None:
                verify_absence(self.state.payload.claims_root, claim, proof)
                continue
            verify_presence(self.state.payload.claims_root, claim, evidence.value, proof)
            revoked += 1
            party = (self._retold.owner(evidence.key) or b"").hex()
            self._warnings.append(f"a key of party {party[:16]}… was revoked by record {evidence.value.hex()[:16]}…")
        return f"{len(keys)} party keys, {revoked} of them revoked"

    def _disclosures(self) -> str:
        commitments = {signed.id: commitment_of(signed.record.body) for signed in self._signed.values()}
        places = [(evidence.record, evidence.shown.index) for evidence in self.proof.terms]
        if places != sorted(set(places)):
            raise ProofInvalid("the disclosed terms are repeated or out of order")
        names: set[tuple[RecordId, str]] = set()
        for evidence in self.proof.terms:
            commitment = commitments.get(evidence.record)
            if commitment is None:
                raise ProofInvalid("a disclosed term is of a record that is not in the file or commits to nothing")
            term = open_term(evidence.shown, commitment)
            if (evidence.record, term.name) in names:
                raise ProofInvalid(f"the term {term.name[:64]!r} is disclosed twice")
            names.add((evidence.record, term.name))
            self._terms.append(ShownTerm(record=evidence.record, name=term.name, value=term.value))
        return f"{len(places)} terms"

    def _nothing_left(self) -> str:
        """Follow what the subjects' histories need: who is named, who signed, and by which rotations."""
        retold, needed = self._retold, set[int]()
        waiting = [position for evidence in self.proof.objects for position in evidence.history]
        while waiting:
            position = waiting.pop()
            if position in needed:
                continue
            needed.add(position)
            record = self._signed[position].record
            owners = {retold.owner(key) for key in record.signers} - {None}
            for name in {*record.refs, *(owner for owner in owners if owner is not None)}:
                waiting.append(retold.created[name])
            for owner in owners:
                assert owner is not None
                waiting.extend(at for at in retold.rotated.get(owner, []) if at < position)
        spare = sorted(set(self._signed) - needed)
        if spare:
            raise ProofInvalid(f"the record at position {spare[0]} is needed by nothing in the file")
        return "every part is accounted for"

    def _judge(self, number: int) -> Report:
        verdict, detail = Verdict.VALID, "everything in the file is proven"
        for judged in self._judged:
            if judged.verdict is not Verdict.VALID:
                self._warnings.append(judged.detail)
            if _SEVERITY.index(judged.verdict) > _SEVERITY.index(verdict):
                verdict, detail = judged.verdict, judged.detail
        if verdict is Verdict.VALID and self._warnings:
            verdict, detail = Verdict.VALID_WITH_WARNINGS, self._warnings[0]
        return self._end(number, "the objects are in good standing", verdict, detail)

    def _end(self, number: int, title: str, verdict: Verdict, detail: str) -> Report:
        proven = number > len(self._steps) and verdict in _SEVERITY
        passed = verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
        self._steps.append(Step(number=number, title=title, passed=passed, detail=detail))
        if not proven:
            return Report(verdict=verdict, detail=detail, steps=tuple(self._steps))
        return Report(
            verdict=verdict,
            detail=detail,
            steps=tuple(self._steps),
            ledger=self._trust.ledger,
            size=self.size,
            as_of=self.state.time,
            vouchers=self._vouchers,
            subjects=tuple(judged.subject for judged in self._judged),
            acts=tuple(self._act(position) for position in self._entries),
            terms=tuple(self._terms),
            warnings=tuple(self._warnings),
        )

    def _act(self, position: int) -> Act:
        signed, entry = self._signed[position], self._entries[position]
        names = tuple(sorted(self._name(key, position) for key in signed.record.signers))
        touched = tuple(evidence.id for evidence in self.proof.objects if position in evidence.history)
        return Act(
            id=signed.id, position=position, time=entry.time, kind=signed.record.kind, signers=names, objects=touched
        )

    def _name(self, key: PublicKey, position: int) -> str:
        held = self._trust.at(position).holder(key)
        return held[0].id if held else f"party {(self._retold.owner(key) or key).hex()}"

    def _in_log(self, evidence: EntryEvidence, position: int) -> None:
        verify_inclusion(hash_leaf(evidence.entry), position, self.size, evidence.path, self.root)


_SEVERITY = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.EXPIRED_OR_SUPERSEDED, Verdict.REVOKED)


def commitment_of(body: Body) -> TermsRoot | None:
    """Find the commitment to named terms that a record carries: of its document, or of the party's identity."""
    match body:
        case EnrolParty():
            return body.identity
        case IssueInvoice() | IssueCertificate() | ConfirmPayment():
            return body.document.terms
        case _:
            return None


def _introduces(body: Body) -> TypeGuard[EnrolParty | RotateKey]:
    return isinstance(body, EnrolParty | RotateKey)
