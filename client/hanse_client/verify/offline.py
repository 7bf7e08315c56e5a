"""Checking a proof file without a network: the file, whom to trust, and a moment."""

from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, SetupError
from hanse_client.base.streams import is_stream, read_named
from hanse_client.verify.report import Report, reported
from hanse_ledger.misbehaviour.accusing import check_evidence, is_evidence
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import UnsupportedFormat, read_proof, too_large
from hanse_ledger.proofs.report import Step
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, NotJudged
from hanse_ledger.values.signature_cases import misjudged_case
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict

FORM = "the file is a proof file, byte for byte canonical"
LEDGER = "the proof is of the ledger that is trusted"
INSTALL = "Install the PyNaCl that this release names, with the library that it brings."
LIBRARY = "signatures are judged by the ledger's rule here"


def verify_file(
    data: bytes,
    trust: TrustFile | None,
    at_ms: Moment,
    known: KnownHeads | None = None,
    *,
    max_age_ms: int | None = None,
) -> Report:
    """Check a proof file, or evidence against a member. No socket is opened and nothing is read or written.

    Args:
        data: the file's bytes.
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
        step = Step(number=1, title=LIBRARY, passed=False, detail=_library_words(misjudged))
        return Report(verdict=Verdict.CANNOT_CHECK, detail=step.detail, steps=(step,))
    if trust is not None:
        if is_evidence(data):
            return reported(check_evidence(data, trust))
        return reported(check_proof(data, trust, at_ms, known, max_age_ms=max_age_ms))
    try:
        proof = read_proof(data)
    except (UnsupportedFormat, NotJudged) as error:
        return replace(_ended(Verdict.UNSUPPORTED_FORMAT, error.detail), reason=error.code)
    except Malformed as error:
        return _ended(Verdict.TAMPERED, error.detail)
    form = Step(number=1, title=FORM, passed=True, detail=f"{len(data)} bytes, {len(proof.records)} records")
    detail = f"without a trust file nothing says who may vouch; the proof is of ledger {proof.ledger.hex()}"
    return _ended(Verdict.CANNOT_CHECK, detail, form)


def verify_path(path: Path, trust: TrustFile | None, at_ms: Moment, *, max_age_ms: int | None = None) -> Report:
    """Check a proof file on disk, as `verify_file` does. What is larger than a proof may be is not read.

    Raises:
        DocumentError: it cannot be read.
    """
    try:
        size = 0 if is_stream(path) else path.stat().st_size
        if size > limits.PROOF_FILE_BYTES:
            return replace(_ended(Verdict.UNSUPPORTED_FORMAT, too_large(size)), reason="too-large")
        data = read_named(path, limits.PROOF_FILE_BYTES)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error
    return verify_file(data, trust, at_ms, max_age_ms=max_age_ms)


def need_ledger_signatures() -> None:
    """Insist that signatures are judged here as the ledger does. Raises SetupError."""
    misjudged = misjudged_case()
    if misjudged is not None:
        raise SetupError(f"Nothing can be verified here: {_library_words(misjudged)}.", INSTALL)


def _library_words(misjudged: str) -> str:
    return f"PyNaCl's library decides a signature otherwise than the ledger ({misjudged})"


def _ended(verdict: Verdict, detail: str, *passed: Step) -> Report:
    title = LEDGER if passed else FORM
    failed = Step(number=len(passed) + 1, title=title, passed=False, detail=detail)
    return Report(verdict=verdict, detail=detail, steps=(*passed, failed))
