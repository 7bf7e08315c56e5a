"""Checking a proof file without a network: the file, whom to trust, and a moment."""

from pathlib import Path

from hanse_client.base.errors import DocumentError, SetupError
from hanse_client.base.streams import is_stream, read_named
from hanse_client.verify.inpdf import PDF_BYTES, begins_as_pdf, is_pdf, proof_of, too_large_pdf
from hanse_client.verify.report import Report, reported
from hanse_ledger.misbehaviour.accusing import check_evidence, is_evidence
from hanse_ledger.misbehaviour.refusalfile import check_refusal, is_refusal
from hanse_ledger.proofs.formcheck import check_form, check_size
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.report import step_of
from hanse_ledger.proofs.statement import ended
from hanse_ledger.proofs.statuscode import check_status, is_code
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values import limits
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.signature_cases import misjudged_case
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict

INSTALL = "Install the PyNaCl that this release names, with the library that it brings."
LIBRARY = said("step.library", "signatures are judged by the ledger's rule here")


def verify_file(
    data: bytes,
    trust: TrustFile | None,
    at_ms: Moment,
    known: KnownHeads | None = None,
    *,
    max_age_ms: int | None = None,
) -> Report:
    """Check a proof file, a status code, evidence, or a signed refusal. No socket is opened, nothing read or written.

    Args:
        data: the file's bytes; of a PDF the one proof that is attached to it is checked, and not its pages.
        trust: whom the verifier trusts; None answers "cannot check" where the file has the form of a proof.
        at_ms: the moment at which validities and the proof's age are judged, in milliseconds.
        known: heads that were verified under this trust file before: `KnownHeads(trust)` at first, then the same for
            every file, so that many proofs of one head cost its signatures once.
        max_age_ms: a sound proof that is older "cannot be checked"; None takes any, with a warning past seven days.

    Returns:
        The report. Whatever is wrong with the file is a verdict in it, never an exception.
    """
    misjudged = misjudged_case()
    if misjudged is not None:
        detail = _library_said(misjudged)
        step = step_of(1, LIBRARY, passed=False, detail=detail)
        return reported(ended(Verdict.CANNOT_CHECK, detail, (step,)))
    inside = proof_of(data) if is_pdf(data) else data
    return inside if isinstance(inside, Report) else _judged(inside, trust, at_ms, known, max_age_ms)


def _judged(
    data: bytes, trust: TrustFile | None, at_ms: Moment, known: KnownHeads | None, max_age_ms: int | None
) -> Report:
    """Check what is no PDF."""
    if len(data) <= limits.STATUS_TEXT and data.isascii() and is_code(data.decode()):
        return reported(check_status(data.decode(), trust, at_ms, known, max_age_ms=max_age_ms))
    if trust is not None:
        if is_evidence(data):
            return reported(check_evidence(data, trust))
        if is_refusal(data):
            return reported(check_refusal(data, trust))
        return reported(check_proof(data, trust, at_ms, known, max_age_ms=max_age_ms))
    return reported(check_form(data))


def verify_path(path: Path, trust: TrustFile | None, at_ms: Moment, *, max_age_ms: int | None = None) -> Report:
    """Check a proof file on disk, as `verify_file` does. What is larger than a proof may be is not read.

    Raises:
        DocumentError: it cannot be read.
    """
    try:
        size = 0 if is_stream(path) else path.stat().st_size
        in_pdf = size > limits.PROOF_FILE_BYTES and begins_as_pdf(path)
        most = PDF_BYTES if in_pdf else limits.PROOF_FILE_BYTES
        if size > most:
            return too_large_pdf(size) if in_pdf else reported(check_size(size))
        data = read_named(path, most)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error
    return verify_file(data, trust, at_ms, max_age_ms=max_age_ms)


def need_ledger_signatures() -> None:
    """Insist that signatures are judged here as the ledger does. Raises SetupError."""
    misjudged = misjudged_case()
    if misjudged is not None:
        raise SetupError(f"Nothing can be verified here: {_library_said(misjudged)}.", INSTALL)


def _library_said(misjudged: str) -> Said:
    return said(
        "library.misjudges", "PyNaCl's library decides a signature otherwise than the ledger ({case})", misjudged
    )
