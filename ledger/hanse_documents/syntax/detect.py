"""Telling what a file is from its content, and reading it. Its name is used in messages alone."""

from msgspec import Struct

from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument
from hanse_documents.model.errors import DocumentError, Fault, UnsupportedFormat
from hanse_documents.syntax.coo import read_coo_with_findings

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SPACE = b" \t\r\n"
_PDF = b"%PDF-"
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")
_CROSS_INDUSTRY = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"

READ_HERE = "Give a UBL 2.1 invoice, an edi3 JSON certificate of origin, or a pacs.008 or camt.054 message."

Document = InvoiceDocument | CertificateDocument | tuple[PaymentDocument, ...]


class Reading(Struct, frozen=True, kw_only=True):
    """A document, and what was found in it that does not keep it from being read.

    `findings` are such as a wrong check digit, a country that ISO 3166-1 does not have, or a count of transactions that
    is wrong: whoever uses the document decides what they are worth.
    """

    document: Document
    findings: tuple[Fault, ...] = ()


def read_document(data: bytes, name: str = "") -> Document:
    """Read a trade document of any format that this release knows.

    Args:
        data: the file's bytes.
        name: how messages call the file.

    Raises:
        DocumentError: the format is known, and the file is not what it asks for; `faults` tell all that is wrong.
        UnsupportedFormat: the format is not read here, or its readers are not installed (the extra `documents`).
    """
    return examine_document(data, name).document


def examine_document(data: bytes, name: str = "") -> Reading:
    """Read a trade document and tell what was found in it. Arguments and errors are those of `read_document`."""
    file = name or "file"
    body = data
    for mark in _MARKS:
        body = body.removeprefix(mark)
    # UTF-16 has a zero byte beside each letter; the XML reader says what to do about it.
    start = body.lstrip(_SPACE + b"\0")[:8]
    if not start:
        raise DocumentError(file, seen="an empty file", wanted="a document")
    if start.startswith(b"<"):
        return _read_xml(data, file)
    if start.startswith(b"{"):
        certificate, findings = read_coo_with_findings(data, file)
        return Reading(document=certificate, findings=findings)
    if start.startswith(_PDF):
        raise UnsupportedFormat(f"{file} is a PDF", action=f"Give the data file itself. {READ_HERE}")
    if body.startswith(_PACKED):
        raise UnsupportedFormat(
            f"{file} is packed (zip or gzip)", action=f"Unpack it, and give the file inside. {READ_HERE}"
        )
    raise UnsupportedFormat(f"{file} is neither XML nor JSON", action=READ_HERE)


def _read_xml(data: bytes, file: str) -> Reading:
    try:
        from hanse_documents.syntax import iso20022, ubl, xml  # noqa: PLC0415 — lxml is an extra: not all install it
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "lxml":
            raise
        raise UnsupportedFormat(
            f"{file} is XML, which this installation does not read", action="Install hanse with its extra `documents`."
        ) from error
    root = xml.open_xml(data, file)
    namespace, kind = xml.name_of(ubl.unwrapped(root))
    if namespace.startswith(ubl.UBL):
        invoice, findings = ubl.read_ubl_root(root, file)
        return Reading(document=invoice, findings=findings)
    if namespace == _CROSS_INDUSTRY:
        raise UnsupportedFormat(f"{file} is a UN/CEFACT cross industry invoice", action="Give the invoice as UBL 2.1.")
    if iso20022.holds_message(root):
        payments, findings = iso20022.read_iso20022_root(root, file)
        return Reading(document=payments, findings=findings)
    raise UnsupportedFormat(
        f"{file} is XML of an unknown kind: {kind} in {namespace or 'no namespace'}", action=READ_HERE
    )
