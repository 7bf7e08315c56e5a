"""What a check found: a verdict, the numbered steps that led to it, and what was proven, in words."""

from typing import Any

from msgspec import Struct

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import Said
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId, RecordId
from hanse_ledger.values.verdict import Verdict


class StepSaid(Struct, frozen=True, kw_only=True):
    """What a step says, for any language."""

    title: Said
    detail: Said


class Step(Struct, frozen=True, kw_only=True):
    """One verification step: its number, what was checked, whether it passed, and what was seen."""

    number: int
    title: str
    passed: bool
    detail: str
    said: StepSaid


def step_of(number: int, title: Said, *, passed: bool, detail: Said) -> Step:
    """Make a step of what it says."""
    words = StepSaid(title=title, detail=detail)
    return Step(number=number, title=title.words, passed=passed, detail=detail.words, said=words)


class SubjectSaid(Struct, frozen=True, kw_only=True):
    """What is said of a subject, for any language. `told` is its state as sentences have it."""

    kind: Said
    state: Said
    told: Said
    note: Said | None


class Subject(Struct, frozen=True, kw_only=True):
    """An object that the proof is about, as it stood at `Report.as_of`.

    `facts` are its shown aspects by name, values of `hanse_ledger.kinds`; `note` says what limits them.
    """

    id: ObjectId
    kind: str
    state: str
    facts: dict[str, Any]
    note: str = ""
    said: SubjectSaid


def kind_said(kind: str) -> Said:
    """Name a kind of object."""
    return Said(f"object.{kind}", (), kind)


def subject_of(name: ObjectId, kind: str, judgement: Judgement, facts: dict[str, Any], note: Said | None) -> Subject:
    """Make a subject of what is said of it."""
    state = judgement.state
    told = state if judgement.told is None else judgement.told
    words = SubjectSaid(kind=kind_said(kind), state=state, told=told, note=note)
    limited = "" if note is None else note.words
    return Subject(id=name, kind=kind, state=state.words, facts=facts, note=limited, said=words)


SEVERITY = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.EXPIRED_OR_SUPERSEDED, Verdict.REVOKED)
"""From the best to the worst, of what steps that all passed come to."""


class Act(Struct, frozen=True, kw_only=True):
    """One record in the proof: who did what, when. `said` names the signers again, for any language."""

    id: RecordId
    position: int
    time: Moment
    kind: str
    signers: tuple[str, ...]
    objects: tuple[ObjectId, ...]
    said: tuple[Said | str, ...]


class ShownTerm(Struct, frozen=True, kw_only=True):
    """A term that the proof discloses.

    `value` is nil where the document is proven not to state it. `field` is the pointer of the field in the record with
    which it agrees; nil where there is none, and the term is the document's word alone.
    """

    record: RecordId
    name: str
    value: str | None
    field: str | None


class Attestation(Struct, frozen=True):
    """What is disclosed of a look at who a party is: terms of its identity for which it was, and of who saw what.

    `record` is nil for what is disclosed of an identity and no attestation in the file says.
    """

    party: ObjectId
    record: RecordId | None
    identity: tuple[tuple[str, str], ...]
    seen: tuple[tuple[str, str], ...]


class Accusation(Struct, frozen=True, kw_only=True):
    """What evidence proves, and against whom.

    What has the same `name` says the same, however often it was found. `shown` is what the check has shown, `detail`
    all of it in a sentence; `size` is that of the log of which it speaks, if it speaks of one.
    """

    name: Digest
    members: tuple[MemberId, ...]
    shown: str
    detail: str
    size: int | None = None


class ReportSaid(Struct, frozen=True, kw_only=True):
    """The sentences of a report, for any language: each stands in the report's field of the same name, in English."""

    detail: Said
    meaning: Said
    established: tuple[Said, ...] = ()
    not_established: tuple[Said, ...] = ()
    keys: tuple[Said, ...] = ()
    vouchers: Said | None = None
    warnings: tuple[Said, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """The result of checking a proof.

    `as_of` is when a quorum of the cosigners last said that this was the state, in milliseconds, `age_ms` how long
    before the verifier's present that was (less than nothing: it lies in the verifier's future), `size` the log's size.
    All are nil, and the lists short, where checking ended early. `vouchers` says whose signatures stand behind it;
    `established`, `not_established` and `keys` are the sentences of the statement (see `statement`). `reason` is a word
    for programs where the file's form is at fault, not what it says: `form-changed` (something was added on the way),
    `ends-early`, `not-a-proof`, `other-version` or `too-large`. `said` has the sentences for any language.
    """

    verdict: Verdict
    detail: str
    steps: tuple[Step, ...]
    reason: str = ""
    ledger: Digest | None = None
    size: int | None = None
    as_of: Moment | None = None
    age_ms: int | None = None
    established: tuple[str, ...] = ()
    not_established: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    vouchers: str = ""
    subjects: tuple[Subject, ...] = ()
    acts: tuple[Act, ...] = ()
    terms: tuple[ShownTerm, ...] = ()
    warnings: tuple[str, ...] = ()
    said: ReportSaid

    def __bool__(self) -> bool:
        """Refuse to be a yes or no: a report that was taken for one would pass, whatever it says. Raises TypeError."""
        raise TypeError("a report is neither true nor false: compare its verdict")
