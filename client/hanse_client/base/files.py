"""Documents that a caller names: by path or as bytes."""

from pathlib import Path
from typing import TypeVar

import hanse_documents as documents
from hanse_client.base.errors import DocumentError, UnsupportedDocument
from hanse_client.base.streams import read_named
from hanse_documents import Fault, Reading
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument
from hanse_io.durable import STREAM

DOCUMENT_BYTES = 20 * 1024 * 1024
"""A larger document is refused unread; networks carry invoices of 10 MB and more, with a PDF inside."""

Single = TypeVar("Single", InvoiceDocument, CertificateDocument)

_WANTED = {InvoiceDocument: "invoice", CertificateDocument: "certificate of origin", PaymentDocument: "payment message"}


def read_source(source: Path | str | bytes, most: int = DOCUMENT_BYTES) -> tuple[bytes, str]:
    """Read a file; bytes are taken as they are.

    Returns:
        Its bytes and its name, without the folders.

    Raises:
        DocumentError: it cannot be read, or has more than `most` bytes.
    """
    if isinstance(source, bytes):
        if len(source) > most:
            raise _too_large("The document", len(source), most)
        return source, "document"
    path = Path(source)
    try:
        if path.is_file() and (size := path.stat().st_size) > most:
            raise _too_large(str(path), size, most)
        return read_named(path, most), "the standard input" if path == STREAM else path.name
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error


def _too_large(what: str, size: int, most: int) -> DocumentError:
    return DocumentError(
        f"{what} has {size:,} bytes; at most {most:,} are read.",
        "Leave out what is embedded in it, or give it as a file of its own.",
        seen=f"{size:,} bytes",
        wanted=f"at most {most:,} bytes",
    )


def read_typed(data: bytes, name: str, kind: type[Single]) -> tuple[Single, tuple[Fault, ...]]:
    """Read a document of one kind, and what was found in it. Raises DocumentError, UnsupportedDocument."""
    reading = _read(data, name)
    if not isinstance(reading.document, kind):
        raise DocumentError(f"{name} is no {_WANTED[kind]}.", f"Give the {_WANTED[kind]} itself.")
    return reading.document, reading.findings


def read_payments(data: bytes, name: str) -> tuple[tuple[PaymentDocument, ...], tuple[Fault, ...]]:
    """Read the payments of a message, and what was found in it. Raises DocumentError, UnsupportedDocument."""
    reading = _read(data, name)
    if not isinstance(reading.document, tuple):
        raise DocumentError(f"{name} is no payment message.", "Give a pacs.008 or camt.054 message.")
    return reading.document, reading.findings


def _read(data: bytes, name: str) -> Reading:
    try:
        return documents.examine_document(data, name)
    except documents.DocumentError as error:
        faults = error.faults
        # What is wrong with a file as a whole names it already.
        one = f"{faults[0]}." if faults[0].field == name else f"{name}: {faults[0]}."
        heading = one if len(faults) == 1 else f"{name} has {len(faults)} faults:"
        raise DocumentError(
            heading, error.action, field=error.field, seen=error.seen, wanted=error.wanted, faults=faults
        ) from error
    except documents.UnsupportedFormat as error:
        raise UnsupportedDocument(f"{error.seen}.", error.action) from error
