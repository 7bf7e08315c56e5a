"""Evidence against members, of whatever form: who is accused, and whether the file proves it."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from hanse_ledger.misbehaviour import contradiction, double_vote, misstatement
from hanse_ledger.proofs.report import Accusation, Report, ReportSaid, Step, step_of
from hanse_ledger.proofs.statement import ended, meaning
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import Checkpoint
from hanse_ledger.values.errors import Malformed, NotJudged, ProofInvalid, Unknown, Untrusted
from hanse_ledger.values.jsonform import begins_as
from hanse_ledger.values.messages import Said, said, unsaid
from hanse_ledger.values.verdict import Verdict


class _Form(Struct, frozen=True):
    """A form of evidence: how its files begin, what it is about, what it claims, and what reads and judges it."""

    mark: bytes
    about: Said
    claim: Said
    read: Callable[[bytes], Any]
    judge: Callable[[Any, TrustFile], Accusation]


_CONTRADICTION = _Form(
    contradiction.MARK,
    said("evidence.contradiction", "a contradiction"),
    said("step.contradiction", "two heads of this ledger contradict each other, and members have signed them"),
    contradiction.read_contradiction,
    contradiction.judge_contradiction,
)
_FORMS = (
    _CONTRADICTION,
    _Form(
        double_vote.MARK,
        said("evidence.double-vote", "a double vote"),
        said("step.double-vote", "the member's engine has signed two votes that contradict each other"),
        double_vote.read_double_vote,
        double_vote.judge_double_vote,
    ),
    _Form(
        misstatement.MARK,
        said("evidence.misstatement", "a misstatement"),
        said("step.misstatement", "a block under the signed head is not what the rules write"),
        misstatement.read_misstatement,
        misstatement.judge_misstatement,
    ),
)


def is_evidence(data: bytes) -> bool:
    """Tell whether a file begins as evidence does."""
    return _form_of(data) is not None


def accusation(
    data: bytes,
    trust: TrustFile,
    own: Callable[[Checkpoint], bool] = lambda _: False,
    most_alone: int = misstatement.FILE_BYTES,
) -> Accusation:
    """Judge evidence.

    Args:
        data: the file.
        trust: whom to trust.
        own: tells whether whoever judges has the log under a head itself, as its own rules have written it: then no
            block in it misstates anything, and none is applied again.
        most_alone: how many bytes a misstatement may have that is about a head without a quorum. A member makes such
            heads as it likes, and the block under one may follow: it would be applied for nothing. Who has signed a log
            of its own is proven by its two heads.

    Raises:
        Malformed: it is none, or not canonical.
        Untrusted, ProofInvalid, Unknown: it proves nothing under this trust file.
    """
    form = _form_of(data)
    if form is None:
        raise Malformed("no evidence of a known form")
    evidence = form.read(data)
    if isinstance(evidence, misstatement.Misstatement):
        if own(misstatement.head_of(evidence)):
            raise ProofInvalid("the block stands in the log of whoever judges it, whose own rules have written it")
        if len(data) > most_alone and not misstatement.has_quorum(evidence, trust):
            raise ProofInvalid(
                f"more than {most_alone} bytes are about a head without a quorum: two heads prove as much"
            )
    return form.judge(evidence, trust)


def check_evidence(data: bytes, trust: TrustFile) -> Report:
    """Check evidence; `valid` means that it proves what it says, and `detail` names whom.

    Whatever is wrong with it is a verdict, never an exception.
    """
    form = _form_of(data) or _CONTRADICTION
    title = said("step.evidence", "the file is evidence of {evidence}, byte for byte canonical", form.about)
    steps, reason = list[Step](), ""
    try:
        evidence = form.read(data)
        steps.append(step_of(1, title, passed=True, detail=said("seen.bytes", "{bytes} bytes", len(data))))
        title = form.claim
        found = form.judge(evidence, trust)
    except Untrusted as error:
        verdict, detail = Verdict.UNKNOWN_ISSUER, error.said
    except Unknown as error:
        verdict, detail = Verdict.CANNOT_CHECK, error.said
    except NotJudged as error:
        verdict, detail, reason = Verdict.UNSUPPORTED_FORMAT, error.said, error.code
    except (Malformed, ProofInvalid) as error:
        verdict, detail = Verdict.TAMPERED, error.said
    else:
        steps.append(step_of(2, title, passed=True, detail=unsaid(found.shown)))
        words = ReportSaid(
            detail=unsaid(found.detail),
            meaning=meaning(Verdict.VALID, None),
            vouchers=said("vouch.accused", "the signatures of those whom it names"),
        )
        return Report(
            verdict=Verdict.VALID,
            detail=words.detail.words,
            steps=tuple(steps),
            ledger=evidence.ledger,
            size=found.size,
            vouchers="the signatures of those whom it names",
            said=words,
        )
    steps.append(step_of(len(steps) + 1, title, passed=False, detail=detail))
    return ended(verdict, detail, steps, reason)


def _form_of(data: bytes) -> _Form | None:
    return next((form for form in _FORMS if begins_as(data, form.mark)), None)
