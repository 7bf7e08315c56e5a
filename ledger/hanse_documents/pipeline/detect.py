"""Reading a file whose kind its content tells, for whoever wants the document or a refusal."""

from typing import Any

from msgspec import Struct

from hanse_documents.model.errors import Fault, UnsupportedFormat
from hanse_documents.model.reports import Document, strict
from hanse_documents.pipeline.documentkinds import CROSS_INDUSTRY, UBL, ZUGFERD_1, kind_of, of_data, of_root
from hanse_documents.pipeline.opened import READ_HERE, OpenedFile, open_file, start_of_file
from hanse_documents.syntax.typedpaper import INVOICE


class Reading(Struct, frozen=True, kw_only=True):
    """A document, and what was found in it that does not make it invalid.

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
    opened = open_file(data, name)
    kind, row = kind_of(opened)
    if kind == "ubl-CreditNote":
        raise UnsupportedFormat(
            f"{opened.file} is a UBL credit note",
            action="A credit note lowers the invoice that it corrects: hanse invoice credit ID FILE.",
        )
    if row is None:
        raise unread(opened)
    document, findings = strict(row.read(opened))
    return Reading(document=document, findings=findings)


def examine_credit_note(data: bytes, name: str = "") -> Reading:
    """Read a credit note: a UBL CreditNote, or an invoice of such a type. Errors are those of `read_document`."""
    other = UnsupportedFormat(f"{name or 'file'} is no XML", action="Give a credit note in UBL 2.1, CII or Factur-X.")
    if start_of_file(data)[:1] not in {b"<", b"%", b"{"}:
        raise other
    opened = open_file(data, name)
    if opened.root is None:
        if kind_of(opened)[0] != f"hanse-{INVOICE}":
            raise other
        document, findings = strict(of_data("typedpaper", "read_typed_credit_note")(opened))
        return Reading(document=document, findings=findings)
    root: Any = opened.root
    is_cross_industry = str(root.tag).startswith(f"{{{CROSS_INDUSTRY}}}")
    module, reader = ("cii", "read_cii_credit_note_root") if is_cross_industry else ("ubl", "read_credit_note_root")
    document, findings = strict(of_root(module, reader)(opened))
    return Reading(document=document, findings=findings)


def unread(opened: OpenedFile) -> UnsupportedFormat:
    """Say of a file that no row of the table tells what it is, as far as it shows."""
    file, root = opened.file, opened.root
    if root is None and isinstance(opened.value, dict) and "$schema" in opened.value:
        return UnsupportedFormat(f"{file} is a JSON schema: it describes documents", action=READ_HERE)
    if root is None:
        return UnsupportedFormat(
            f"{file} is JSON, but no certificate of origin of the UN/CEFACT model",
            action="Give the certificate in the edi3 JSON form.",
        )
    namespace, _, kind = str(root.tag).rpartition("}")
    namespace = namespace.removeprefix("{")
    if namespace.startswith(UBL):
        return UnsupportedFormat(f"{file} is a UBL {kind}", action="Give a UBL 2.1 Invoice.")
    if namespace.startswith(ZUGFERD_1):
        action = "Ask for it as Factur-X or ZUGFeRD 2, in which the invoice is another one."
        return UnsupportedFormat(f"{file} carries an invoice of ZUGFeRD 1", action=action)
    return UnsupportedFormat(
        f"{file} is XML of an unknown kind: {kind} in {namespace or 'no namespace'}", action=READ_HERE
    )
