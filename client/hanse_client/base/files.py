"""Documents that a caller names: by path or as bytes."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import hanse_documents as documents
from hanse_client.base.errors import DocumentError, UnsupportedDocument
from hanse_client.base.streams import read_named
from hanse_documents import Fault, Reading
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, PaymentReport
from hanse_documents.model.reports import payments_in
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
        return read_named(path, most), "the standard input" if path == STREAM else text_of(path.name)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error


def text_of(path: Path | str) -> str:
    """Give a path as a text that can be kept and sent: of its bytes what is no UTF-8 becomes U+FFFD."""
    return os.fsencode(path).decode(errors="replace")


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


def read_judged(data: bytes, name: str, *, despite_findings: bool) -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read an invoice that its published rules have judged, and what was found in it.

    Raises:
        DocumentError: it is none, or something fatal was found in it, unless it is taken `despite_findings`.
        UnsupportedDocument: nothing here reads it.
    """
    reading = _read(data, name, partial(documents.examine_judged, despite_findings=despite_findings))
    if not isinstance(reading.document, InvoiceDocument):
        raise DocumentError(f"{name} is no {_WANTED[InvoiceDocument]}.", f"Give the {_WANTED[InvoiceDocument]} itself.")
    return reading.document, reading.findings


def read_credit_note(data: bytes, name: str, *, despite_findings: bool) -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read a credit note that its published rules have judged, and what was found in it. Raises as `read_judged`."""
    reading = _read(data, name, partial(documents.examine_judged_credit_note, despite_findings=despite_findings))
    assert isinstance(reading.document, InvoiceDocument), "a credit note has the terms of an invoice"
    return reading.document, reading.findings


def read_payments(data: bytes, name: str) -> tuple[tuple[PaymentDocument, ...], tuple[Fault, ...]]:
    """Read the payments of a message, and what was found in it. Raises DocumentError, UnsupportedDocument."""
    reading = _read(data, name)
    if not isinstance(reading.document, tuple):
        raise DocumentError(f"{name} is no payment message.", "Give a message of ISO 20022, such as a camt.054.")
    payments = payments_in(reading.document)
    if len(payments) < len(reading.document):
        kind = next(each.kind.value for each in reading.document if isinstance(each, PaymentReport))
        raise DocumentError(
            f"{name} is a {kind}: it says how a payment fares, and tells of none itself.",
            "Give the message of the payment, such as a camt.054.",
        )
    return payments, reading.findings


def read_booked(data: bytes, name: str) -> tuple[PaymentDocument, ...]:
    """Read the payments of a message of which some may be faulty: each says by itself if it contradicts itself.

    Raises:
        DocumentError: no payments can be made of it.
        UnsupportedDocument: it is of no kind that is read.
    """
    report = documents.check_document(data, name)
    if report.document is None or not payments_in(report.document):
        return read_payments(data, name)[0]  # which says in words what is wrong
    return payments_in(report.document)


def _read(data: bytes, name: str, examine: Callable[[bytes, str], Reading] = documents.examine_document) -> Reading:
    try:
        return examine(data, name)
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
