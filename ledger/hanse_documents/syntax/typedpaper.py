"""Typed documents as JSON: what is written of one is read as the same document.

An invoice is its terms, from which its typed fields follow: so the two cannot disagree. Every other document has the
fields of its class by their names; what it does not say is left out. Units are those of the classes.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, PaymentReport, terms
from hanse_documents.model.errors import DocumentError, Examiner
from hanse_documents.model.reports import Document
from hanse_documents.semantics.en16931 import CREDIT_CODES, branch_of
from hanse_documents.semantics.invoiceprofiles import RULES_OF_PROFILE, profile_of
from hanse_documents.semantics.typed_invoice import invoice_of
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
_KINDS = ", ".join((INVOICE, *_ONE, *_SEVERAL))


def write_typed(document: Document) -> bytes:
    """Write a document as JSON, one object under the name of its kind; the same document gives the same bytes."""
    return f"{json.dumps(_named(document), ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()


def read_typed(data: bytes, name: str = "") -> Document:
    """Read what `write_typed` has written.

    Args:
        data: the file's bytes.
        name: how messages call the file.

    Raises:
        DocumentError: it is no such JSON, has a field that its class has not, or a value that the class forbids; of an
            invoice, everything without which none can be made.
    """
    file = name or "file"
    value = open_json(data, file)
    if not isinstance(value, dict) or len(value) != 1:
        raise DocumentError(file, seen="JSON of another form", wanted=f"an object with one key of these: {_KINDS}")
    ((kind, inside),) = value.items()
    if kind == INVOICE:
        return _invoice(inside)
    if kind in _ONE:
        return _typed(inside, _ONE[kind], kind)
    if kind not in _SEVERAL:
        raise DocumentError(file, seen=kind, wanted=f"one of these: {_KINDS}")
    if not isinstance(inside, list):
        raise DocumentError(kind, seen="no list", wanted="a list of them")
    return tuple(_typed(each, _SEVERAL[kind], f"{kind}/{place}") for place, each in enumerate(inside, 1))  # type: ignore[return-value] # all are of one class


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


def _invoice(value: object) -> InvoiceDocument:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise DocumentError(INVOICE, seen="JSON of another form", wanted="an object of texts by their terms")
    branch = branch_of(value)
    examiner = Examiner()
    rules = dict(RULES_OF_PROFILE[profile_of(branch.get("BT-24") or "")])
    if branch.get("BT-3") in CREDIT_CODES:
        # Whether it credits is for whoever uses it: here it is read as it is.
        rules.pop("BR-CL-01", None)
    invoice = invoice_of(branch, examiner, rules)
    examiner.finish()
    return invoice
