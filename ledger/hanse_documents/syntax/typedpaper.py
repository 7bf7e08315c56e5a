"""Typed documents as JSON: what is written of one is read as the same document.

An invoice is its terms, from which its typed fields follow: so the two cannot disagree. Every other document has the
fields of its class by their names; what it does not say is left out. Units are those of the classes.
What was found in the file that a document was read from is not in it: what is found again is what its values tell, and
what no reader of its kind makes is refused (`semantics.typedvalues`).
"""

import json
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, PaymentReport, terms
from hanse_documents.model.errors import DocumentError, Examiner, Fault, FaultWeight
from hanse_documents.model.reports import Document
from hanse_documents.semantics.en16931 import CREDIT_RULES, Rule, branch_of
from hanse_documents.semantics.invoiceprofiles import RULES_OF_PROFILE, profile_of
from hanse_documents.semantics.typed_invoice import invoice_of
from hanse_documents.semantics.typedvalues import (
    examine_certificate,
    examine_declaration,
    examine_payments,
    examine_reports,
    examine_transport,
)
from hanse_documents.syntax.openjson import open_json

Shape = TypeVar("Shape", bound=Struct)

INVOICE = "invoice"
_ONE: Mapping[str, type[CertificateDocument | DeclarationDocument | TransportDocument]] = {
    "certificate": CertificateDocument,
    "declaration": DeclarationDocument,
    "transport": TransportDocument,
}
_SEVERAL: Mapping[str, type[PaymentDocument | PaymentReport]] = {
    "payments": PaymentDocument,
    "reports": PaymentReport,
}
BESIDE_INVOICES = (*_ONE, *_SEVERAL)
_KINDS = ", ".join((INVOICE, *BESIDE_INVOICES))

READ_BEFORE = Fault(
    field="/",
    seen="",
    wanted="this is what was read of a document, and not that document: what was wrong with its file is not in here",
    id="typed",
    weight=FaultWeight.NOTE,
)
"""Found in each document that was written so."""


def write_typed(document: Document) -> bytes:
    """Write a document as JSON, one object under the name of its kind; the same document gives the same bytes."""
    return f"{json.dumps(_named(document), ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()


def read_typed(data: bytes, name: str = "") -> Document:
    """Read what `write_typed` has written.

    Args:
        data: the file's bytes.
        name: how messages call the file.

    Raises:
        DocumentError: it is no such JSON, has a field that its class has not, a value that the class forbids, or what
            no reader of its kind makes; of an invoice, everything without which none can be made.
    """
    return read_typed_with_findings(data, name)[0]


def read_typed_with_findings(data: bytes, name: str = "") -> tuple[Document, tuple[Fault, ...]]:
    """Read it and tell what was found in it; that it was read before is a note. Raises as `read_typed`."""
    kind, inside = _opened(data, name or "file")
    if kind == INVOICE:
        invoice, findings = _invoice(inside)
        return invoice, (*findings, READ_BEFORE)
    examiner = Examiner()
    if kind in _ONE:
        one = _typed(inside, _ONE[kind], kind)
        _examine_one(one, kind, examiner)
        return one, (*examiner.finish(), READ_BEFORE)
    if not isinstance(inside, list):
        raise DocumentError(kind, seen="no list", wanted="a list of them")
    several: tuple[PaymentDocument, ...] | tuple[PaymentReport, ...]
    if kind == "payments":
        several = tuple(_typed(each, PaymentDocument, f"{kind}/{place}") for place, each in enumerate(inside, 1))
        examine_payments(several, kind, examiner)
    else:
        several = tuple(_typed(each, PaymentReport, f"{kind}/{place}") for place, each in enumerate(inside, 1))
        examine_reports(several, kind, examiner)
    return several, (*examiner.finish(), READ_BEFORE)


def _examine_one(
    document: CertificateDocument | DeclarationDocument | TransportDocument, where: str, examiner: Examiner
) -> None:
    match document:
        case CertificateDocument():
            examine_certificate(document, where, examiner)
        case DeclarationDocument():
            examine_declaration(document, where, examiner)
        case TransportDocument():
            examine_transport(document, where, examiner)


def read_typed_credit_note(data: bytes, name: str = "") -> tuple[Document, tuple[Fault, ...]]:
    """Read an invoice that must be a credit note. Raises as `read_typed`."""
    kind, inside = _opened(data, name or "file")
    if kind != INVOICE:
        raise DocumentError(name or "file", seen=kind, wanted=f"a credit note, under the name {INVOICE}")
    note, findings = _invoice(inside, {"BR-CL-01": CREDIT_RULES["BR-CL-01"]})
    return note, (*findings, READ_BEFORE)


def typed_terms(data: bytes, name: str = "") -> dict[str, str]:
    """Give the terms of an invoice, as they are written. Raises DocumentError."""
    return _texts(_opened(data, name or "file")[1])


def _opened(data: bytes, file: str) -> tuple[str, object]:
    value = open_json(data, file)
    if not isinstance(value, dict) or len(value) != 1:
        raise DocumentError(file, seen="JSON of another form", wanted=f"an object with one key of these: {_KINDS}")
    ((kind, inside),) = value.items()
    if kind != INVOICE and kind not in BESIDE_INVOICES:
        raise DocumentError(file, seen=kind, wanted=f"one of these: {_KINDS}")
    return kind, inside


def _named(document: Document) -> dict[str, object]:
    if isinstance(document, InvoiceDocument):
        return {INVOICE: terms(document)}
    if isinstance(document, tuple):
        # A statement in which nothing was booked has no payments; of reports there is one at least.
        kind = next(kind for kind, cls in _SEVERAL.items() if not document or isinstance(document[0], cls))
        return {kind: [_said(msgspec.to_builtins(each)) for each in document]}
    return {next(kind for kind, cls in _ONE.items() if isinstance(document, cls)): _said(msgspec.to_builtins(document))}


def _said(value: object) -> object:
    """Leave out what is None."""
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items() if each is not None}
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value


def _typed(value: object, cls: type[Shape], where: str) -> Shape:
    try:
        read = msgspec.convert(value, cls)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at ")
        field = "/".join((where, *path.strip("`$").replace("[", ".").replace("]", "").split(".")[1:]))
        raise DocumentError(field, seen=detail, wanted=f"a {cls.__name__} as it is written") from error
    for field in _unknown(value, msgspec.to_builtins(read), where):
        raise DocumentError(field, seen="a field that is not known", wanted=f"a field of {cls.__name__}")
    return read


def _unknown(value: object, known: object, where: str) -> Iterator[str]:
    """List the fields that nothing was made of."""
    if isinstance(value, dict) and isinstance(known, dict):
        for name, each in value.items():
            if name not in known:
                yield f"{where}/{name}"
            else:
                yield from _unknown(each, known[name], f"{where}/{name}")
    elif isinstance(value, list) and isinstance(known, list | tuple):
        for place, (each, other) in enumerate(zip(value, known, strict=True), 1):
            yield from _unknown(each, other, f"{where}/{place}")


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise DocumentError(INVOICE, seen="JSON of another form", wanted="an object of texts by their terms")
    return value


def _invoice(value: object, other: Mapping[str, Rule] | None = None) -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Make an invoice of its terms; whether it credits, where no `other` rule asks, is for whoever uses it."""
    branch = branch_of(_texts(value))
    examiner = Examiner()
    rules = RULES_OF_PROFILE[profile_of(branch.get("BT-24") or "")]
    invoice = invoice_of(branch, examiner, {**rules, **(other or {})})
    return invoice, examiner.finish()
