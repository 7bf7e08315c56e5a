"""What can be said of a proof file without anybody to trust: that it has the form of one, and nothing more."""

from hanse_ledger.proofs import stepnames
from hanse_ledger.proofs.prooffile import UnsupportedFormat, read_proof, too_large
from hanse_ledger.proofs.report import Report, Step, step_of
from hanse_ledger.proofs.statement import ended
from hanse_ledger.values.errors import Malformed, NotJudged
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.verdict import Verdict


def check_form(data: bytes) -> Report:
    """Look at a proof file without a trust file: at best it cannot be checked."""
    try:
        proof = read_proof(data)
    except (UnsupportedFormat, NotJudged) as error:
        return _failed(Verdict.UNSUPPORTED_FORMAT, error.said, reason=error.code)
    except Malformed as error:
        return _failed(Verdict.TAMPERED, error.said)
    seen = said("seen.form", "{bytes} bytes, {records} records", len(data), len(proof.records))
    form = step_of(1, stepnames.FORM, passed=True, detail=seen)
    detail = said(
        "proof.no-trust",
        "without a trust file nothing says who may vouch; the proof is of ledger {ledger}",
        proof.ledger.hex(),
    )
    ledger = step_of(2, stepnames.LEDGER, passed=False, detail=detail)
    return ended(Verdict.CANNOT_CHECK, detail, (form, ledger))


def check_size(size: int) -> Report:
    """Report a file of so many bytes, too many to be read."""
    return _failed(Verdict.UNSUPPORTED_FORMAT, too_large(size), reason="too-large")


def _failed(verdict: Verdict, detail: Said, *, reason: str = "") -> Report:
    form: Step = step_of(1, stepnames.FORM, passed=False, detail=detail)
    return ended(verdict, detail, (form,), reason)
