"""Documents that a caller names: by path or as bytes."""

from pathlib import Path
from typing import TypeVar

from hanse_client import documents
from hanse_client.durable import read_bounded
from hanse_client.errors import DocumentError
from hanse_ledger.documents import CertificateDocument, InvoiceDocument, PaymentDocument

DOCUMENT_BYTES = 16 * 1024 * 1024

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
            raise DocumentError(f"The document has {len(source)} bytes; at most {most} are read.")
        return source, "document"
    path = Path(source)
    try:
        return read_bounded(path, most), path.name
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error


def read_typed(data: bytes, name: str, kind: type[Single]) -> Single:
    """Read a document of one kind. Raises DocumentError."""
    document = _read(data, name)
    if not isinstance(document, kind):
        raise DocumentError(f"{name} is no {_WANTED[kind]}.", f"Give the {_WANTED[kind]} itself.")
    return document


def read_payments(data: bytes, name: str) -> tuple[PaymentDocument, ...]:
    """Read the payments of an ISO 20022 message. Raises DocumentError."""
    document = _read(data, name)
    if not isinstance(document, tuple):
        raise DocumentError(f"{name} is no payment message.", "Give a pacs.008 or camt.054 message.")
    return document


def _read(data: bytes, name: str) -> InvoiceDocument | CertificateDocument | tuple[PaymentDocument, ...]:
    try:
        return documents.read_document(data, name)
    except documents.DocumentError as error:
        raise DocumentError(
            f"{name}: {error.field}.", error.action, field=error.field, seen=error.seen, wanted=error.wanted
        ) from error
    except documents.UnsupportedFormat as error:
        raise DocumentError(f"{error.seen}.", error.action) from error
