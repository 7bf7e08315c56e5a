"""Which kinds of documents there are: how each is told from all others, and what reads it.

To add one, write its reader and add a row to `KINDS`:

1. A reader in `syntax/` that takes the root of an XML file and the file's name (`of_root`), or the bytes and the name
   (`of_data`), and gives `(document, findings)`. It raises `DocumentError` only where no typed document can be made;
   everything else that is wrong is a finding, by `Examiner.find`: `rule=` its name where it has one, such as BR-CO-10,
   `weight=` `FaultWeight.FATAL` where it makes the document invalid.
2. The document's type in `model/documents.py`, and in the union `Document` of `model/reports.py`.
3. The row. `tells` gives the kind's name where a file is of it, else an empty text: `root_is` looks at the root of XML,
   `message_is` for a message of ISO 20022 in whatever envelope, `has_keys` at the keys of a JSON object. The first row
   that tells counts. Where the structure can be judged apart from the terms, `structure` does, and says None where it
   cannot. What published rules judge in another syntax alone, `rewritten` writes in it.

Readers are named by module, because what they import is an extra, and is loaded for a file that needs it.
"""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from msgspec import Struct

from hanse_documents.model.errors import Fault
from hanse_documents.pipeline.opened import OpenedFile, Read, Reader
from hanse_documents.pipeline.rewriting import invoice_as_ubl
from hanse_documents.syntax.typedpaper import BESIDE_INVOICES, INVOICE

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CROSS_INDUSTRY = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
ZUGFERD_1 = "urn:ferd:"
AGGREGATE = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"

_DEFINITION = re.compile(
    r"\{urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})\}Document", re.ASCII
)

Tells = Callable[[OpenedFile], str]


class Structure(Struct, frozen=True, kw_only=True):
    """Whether a file has the structure of its kind, None where nobody could say, and what is wrong with it."""

    valid: bool | None
    findings: tuple[Fault, ...] = ()


class DocumentKind(Struct, frozen=True, kw_only=True):
    """One row: how a kind is told, what reads it, what judges its structure.

    `specification` gives what the document says that it follows (BT-24), where published rules judge it by that.
    `rewritten` gives the document as it is judged, where that is of another kind; it raises DocumentError where the
    document cannot be written so, UnsupportedFormat where that would say nothing of it.
    """

    tells: Tells
    read: Reader
    structure: Callable[[OpenedFile], Structure] | None = None
    specification: Callable[[OpenedFile], str] | None = None
    rewritten: Callable[[OpenedFile], OpenedFile] | None = None


def root_is(namespace: str, local: str, kind: str) -> Tells:
    """Tell XML by its root, envelopes taken off."""
    tag = f"{{{namespace}}}{local}"
    return lambda opened: kind if opened.root is not None and opened.root.tag == tag else ""


def message_is(*families: str) -> Tells:
    """Tell a message of ISO 20022, such as of `pacs.008`; without families any. Its kind is its definition."""

    def tells(opened: OpenedFile) -> str:
        if opened.root is None:
            return ""
        found = [
            matched[1] for each in opened.root.iter("{*}Document") if (matched := _DEFINITION.fullmatch(str(each.tag)))
        ]
        return found[0] if found and (not families or found[0][:8] in families) else ""

    return tells


def has_keys(*keys: str, kind: str) -> Tells:
    """Tell a JSON object by keys that stand at its top."""
    return lambda opened: kind if isinstance(opened.value, dict) and set(keys) <= opened.value.keys() else ""


def has_one_key(key: str, kind: str) -> Tells:
    """Tell a JSON object by the only key that it has."""
    return lambda opened: kind if isinstance(opened.value, dict) and [*opened.value] == [key] else ""


def of_root(module: str, reader: str) -> Reader:
    """Name a reader of XML: `reader(root, file)` of a module in `syntax/`."""

    def read(opened: OpenedFile) -> Read:
        given: Read = _named(module, reader)(opened.root, opened.file)
        return given

    return read


def of_data(module: str, reader: str) -> Reader:
    """Name a reader of bytes: `reader(data, file)` of a module in `syntax/`."""

    def read(opened: OpenedFile) -> Read:
        given: Read = _named(module, reader)(opened.data, opened.file)
        return given

    return read


def judged_by(module: str, judge: str) -> Callable[[OpenedFile], Structure]:
    """Name what judges the structure of XML: `judge(root, file)` of a module in `syntax/`, which gives both fields."""

    def structure(opened: OpenedFile) -> Structure:
        valid, findings = _named(module, judge)(opened.root, opened.file)
        return Structure(valid=valid, findings=findings)

    return structure


def by_schema(kind: str) -> Callable[[OpenedFile], Structure]:
    """Judge the structure by the published schema of a kind."""

    def judge(opened: OpenedFile) -> Structure:
        from hanse_documents.rules import rulesets, structures  # noqa: PLC0415 (lxml is an extra: not all install it)

        schema = rulesets.schema_of(kind)
        if schema is None or opened.root is None:
            return Structure(valid=None)
        faults = structures.structure_faults(opened.root, schema)
        return Structure(valid=not faults, findings=faults)

    return judge


def text_at(path: str) -> Callable[[OpenedFile], str]:
    """Take a text of XML by its path."""
    return lambda opened: "" if opened.root is None else (opened.root.findtext(path) or "").strip()


def _named(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(f"hanse_documents.syntax.{module}"), name)
    return found


_TYPED = of_data("typedpaper", "read_typed_with_findings")
_UBL_CERTIFICATE = ("certificates.ubl_certificate", "read_ubl_certificate")

KINDS: tuple[DocumentKind, ...] = (
    DocumentKind(
        tells=root_is(f"{UBL}Invoice-2", "Invoice", "ubl-Invoice"),
        read=of_root("ubl", "read_ubl_root"),
        structure=by_schema("ubl-Invoice"),
        specification=text_at(f"{{{UBL}CommonBasicComponents-2}}CustomizationID"),
    ),
    DocumentKind(
        tells=root_is(f"{UBL}CreditNote-2", "CreditNote", "ubl-CreditNote"),
        read=of_root("ubl", "read_credit_note_root"),
        structure=by_schema("ubl-CreditNote"),
        specification=text_at(f"{{{UBL}CommonBasicComponents-2}}CustomizationID"),
    ),
    DocumentKind(
        tells=root_is(CROSS_INDUSTRY, "CrossIndustryInvoice", "cii"),
        read=of_root("cii", "read_cii_root"),
        structure=by_schema("cii"),
        specification=text_at(
            f"{{{CROSS_INDUSTRY}}}ExchangedDocumentContext/{{{AGGREGATE}}}GuidelineSpecifiedDocumentContextParameter"
            f"/{{{AGGREGATE}}}ID"
        ),
    ),
    DocumentKind(
        tells=message_is(),
        read=of_root("iso20022", "read_iso20022_root"),
        structure=judged_by("iso20022", "structure_of_message"),
    ),
    *(
        DocumentKind(tells=root_is(f"{UBL}{name}-2", name, f"ubl-{name}"), read=of_root(*_UBL_CERTIFICATE))
        for name in ("CertificateOfOrigin", "GoodsCertificate")
    ),
    *(
        DocumentKind(tells=has_keys(*keys, kind=kind), read=of_data("coo", "read_coo_with_findings"))
        for kind, keys in (
            ("edi3-CertificateOfOrigin", ("supplyChainConsignment",)),
            ("uncefact-PreferentialCoO", ("exchangedDocument", "specifiedConsignment")),
        )
    ),
    *(
        DocumentKind(tells=has_keys(*keys, kind=kind), read=of_data("credential", "read_credential"))
        for kind, keys in (
            ("OpenAttestation-2.0", ("data", "signature")),
            ("W3C-VerifiableCredential", ("credentialSubject",)),
            ("W3C-VerifiableCredential", ("verifiableCredential",)),
            ("tradetrust-BillOfLading", ("blNumber",)),
        )
    ),
    *(
        DocumentKind(
            tells=root_is(f"{UBL}{name}-2", name, f"ubl-{name}"),
            read=of_root("carriage.ubl_transport", "read_ubl_transport"),
        )
        for name in ("BillOfLading", "PackingList", "Waybill")
    ),
    DocumentKind(
        tells=has_keys("transportDocumentTypeCode", kind="dcsa-TransportDocument"),
        read=of_data("carriage.dcsa", "read_dcsa"),
    ),
    *(
        DocumentKind(tells=has_keys(key, kind="wco-Declaration"), read=of_data("carriage.wco", "read_declaration"))
        for key in ("Declaration", "GoodsShipment")
    ),
    DocumentKind(tells=has_one_key(INVOICE, f"hanse-{INVOICE}"), read=_TYPED, rewritten=invoice_as_ubl),
    *(DocumentKind(tells=has_one_key(key, f"hanse-{key}"), read=_TYPED) for key in BESIDE_INVOICES),
)
"""All kinds that are read, in the order in which they are tried."""


def kind_of(opened: OpenedFile) -> tuple[str, DocumentKind | None]:
    """Tell what a file is, and by which row; an empty name and None where no row tells."""
    for row in KINDS:
        if name := row.tells(opened):
            return name, row
    return "", None
