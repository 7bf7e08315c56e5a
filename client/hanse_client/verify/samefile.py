"""Comparing a document on disk with the documents to which a proof's records commit."""

from hashlib import sha256
from pathlib import Path

from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_client.base.streams import read_named
from hanse_client.verify.inpdf import PDF_BYTES, is_pdf, proof_of
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.samedocument import DocumentAnswer, compare_document
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest

PIECE_BYTES = 1024 * 1024


def compare_path(file: Path, report: Report, document: Path, opening: Path | None = None) -> DocumentAnswer:
    """Compare a document with what the proven records of a proof commit to.

    Args:
        file: the proof file.
        report: its report: of records that it does not list nothing is said.
        document: the file, of any size.
        opening: the file of its opening, as whoever issued it keeps it: needed where the record hides which file it is.

    Raises:
        DocumentError: a file cannot be read.
        InvalidInput: the opening is none.
    """
    digest = _digest(document)
    kept = None if opening is None else _read(opening, limits.OPENING_BYTES)
    data = _proof(file) if report.acts else b""
    try:
        return compare_document(data, [act.id for act in report.acts], digest, kept)
    except Malformed as error:
        raise InvalidInput(
            f"{opening} is not used: {error}.", "An opening lies in the home folder of whoever issued the document."
        ) from error


def _proof(file: Path) -> bytes:
    """Read the proof again: of a PDF what is attached."""
    data = _read(file, PDF_BYTES)
    inside = proof_of(data) if is_pdf(data) else data
    assert isinstance(inside, bytes), "it was checked, and lists records"
    return inside


def _read(path: Path, most: int) -> bytes:
    try:
        return read_named(path, most)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error


def _digest(document: Path) -> Digest:
    hashed = sha256()
    try:
        with document.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                hashed.update(piece)
    except OSError as error:
        what = f"{document} cannot be read: {error.strerror}."
        raise DocumentError(what, "Check its name and its rights.") from error
    return hashed.digest()
