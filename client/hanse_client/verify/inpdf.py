"""The proof inside a PDF: found, taken out, and put in."""

from importlib.util import find_spec
from pathlib import Path

from hanse_client.base.errors import DocumentError, SetupError, UnsupportedDocument
from hanse_client.verify.report import Report, reported
from hanse_documents.model.errors import DocumentError as Unsound
from hanse_documents.model.errors import UnsupportedFormat
from hanse_documents.paper.insidefiles import Addition
from hanse_documents.syntax.pdfbeginnings import FIRST_BYTES, place_of_pdf
from hanse_ledger.proofs import stepnames
from hanse_ledger.proofs.prooffile import MEDIA_TYPE, read_proof
from hanse_ledger.proofs.report import step_of
from hanse_ledger.proofs.statement import ended
from hanse_ledger.records.entry import StateEntry, decode_entry
from hanse_ledger.values import limits
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.verdict import Verdict

PDF_BYTES = 36 * 1024 * 1024
"""A larger PDF is not opened: a document of 20 MB, and the largest proof."""

ENDING = ".hanse"
NAME = "proof.hanse"
INSTALL = "Install hanse with its extra `documents`."


def is_pdf(data: bytes) -> bool:
    """Tell whether a file begins as a PDF does, within its first 1,024 bytes."""
    return place_of_pdf(data) is not None


def begins_as_pdf(path: Path) -> bool:
    """Tell whether a file on disk does. Raises OSError."""
    with path.open("rb") as file:
        return is_pdf(file.read(FIRST_BYTES))


def proofs_in(data: bytes) -> tuple[bytes, ...]:
    """Give the proofs inside a PDF; each once, however often it is attached. Nothing of them is checked.

    Raises:
        DocumentError: it is no sound PDF.
        UnsupportedDocument: it is encrypted.
        SetupError: what reads PDFs is not installed.
    """
    need_reader()
    from hanse_documents.paper.pdffile import files_inside  # noqa: PLC0415 (pypdf is an extra: not all install it)

    try:
        found = files_inside(data, ending=ENDING, media_type=MEDIA_TYPE, most=limits.PROOF_FILE_BYTES)
    except Unsound as error:
        raise DocumentError(f"The PDF cannot be read: {error.faults[0]}.", error.action) from error
    except UnsupportedFormat as error:
        raise UnsupportedDocument(f"{error.seen}.", error.action) from error
    return tuple(each.data for each in found)


def proof_of(data: bytes) -> bytes | Report:
    """Give the one proof inside a PDF, or the report that says why none could be checked."""
    try:
        found = proofs_in(data)
    except SetupError as error:
        return _unjudged(
            Verdict.CANNOT_CHECK,
            said("pdf.no-reader", "this is a PDF, and what reads PDFs is missing here: {what}", str(error)),
        )
    except (DocumentError, UnsupportedDocument) as error:
        return _unjudged(
            Verdict.UNSUPPORTED_FORMAT,
            said("pdf.unsound", "this is a PDF, and no proof can be taken out of it: {what}", str(error)),
        )
    if not found:
        return _unjudged(Verdict.UNSUPPORTED_FORMAT, said("pdf.none", "this is a PDF, and no proof is attached to it"))
    if len(found) > 1:
        several = said(
            "pdf.several",
            "this is a PDF with {count} proofs attached, and nobody says which of them is meant",
            len(found),
        )
        return _unjudged(Verdict.CANNOT_CHECK, several)
    return found[0]


def too_large_pdf(size: int) -> Report:
    """Report a PDF that is not opened, because it is larger than one may be."""
    detail = said("pdf.too-large", "this is a PDF of {bytes} bytes; at most {most} are opened", size, PDF_BYTES)
    return _unjudged(Verdict.UNSUPPORTED_FORMAT, detail)


def with_proof(pdf: bytes, proof: bytes, *, replace: bool = False) -> bytes:
    """Give a PDF with a proof attached, as PDF/A-3 has it. All bytes of the given one stand first, unchanged.

    Args:
        pdf: the PDF, such as an invoice's.
        proof: the proof file.
        replace: proofs that are attached already are taken out.

    Raises:
        DocumentError: the proof is none, the PDF is not sound, or it has a proof already.
        UnsupportedDocument: it is encrypted, whoever signed it allows no change, or a proof in it that would go is
            signed too.
        SetupError: what writes PDFs is not installed.
    """
    need_reader()
    from hanse_documents.paper.pdffile import with_file  # noqa: PLC0415 (likewise)

    if not replace and proofs_in(pdf):
        raise DocumentError("The PDF has a proof attached already.", "Replace it (--replace), or name another PDF.")
    try:
        added = Addition(
            name=NAME, media_type=MEDIA_TYPE, description="Hanse proof", date=pdf_date(written_ms(proof)), data=proof
        )
        return with_file(pdf, added, instead_of=ENDING)
    except Unsound as error:
        raise DocumentError(f"The PDF cannot be written: {error.faults[0]}.", error.action) from error
    except UnsupportedFormat as error:
        raise UnsupportedDocument(f"{error.seen}.", error.action) from error


def written_ms(proof: bytes) -> int:
    """Give the time of the state that a proof shows, in milliseconds. Raises DocumentError where it is no proof."""
    try:
        state = decode_entry(read_proof(proof).state.entry)
    except LedgerError as error:
        raise DocumentError(f"This is no proof: {error}.", "Give a proof file, such as trade.hanse.") from error
    if not isinstance(state, StateEntry):
        raise DocumentError(
            "This is no proof: its last entry states no state.", "Give a proof file, such as trade.hanse."
        )
    return state.time


def pdf_date(moment_ms: int) -> str:
    """Write a moment as PDF does: `D:20261130083000Z`."""
    return "D:" + "".join(letter for letter in moment_words(moment_ms) if letter.isdigit()) + "Z"


def need_reader() -> None:
    """Insist that PDFs can be read and written. Raises SetupError."""
    if find_spec("pypdf") is None or find_spec("typst") is None:
        raise SetupError("This installation reads and writes no PDF.", INSTALL)


def _unjudged(verdict: Verdict, detail: Said) -> Report:
    reason = "not-a-proof" if verdict is Verdict.UNSUPPORTED_FORMAT else ""
    return reported(ended(verdict, detail, (step_of(1, stepnames.FORM, passed=False, detail=detail),), reason))
