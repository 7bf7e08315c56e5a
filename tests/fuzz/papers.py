"""Readers of papers, one for each sort of document, and what each is fed with at first.

What is shipped, what the tests write, and what lies in the folder of published samples, each where it belongs: which
reader a file belongs to says the table of kinds itself.
"""

import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import msgspec

from hanse_documents import check_document
from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.model.reports import terms_of
from hanse_documents.paper.insidefiles import Addition
from hanse_documents.paper.pdffile import conformance, files_inside, signatures, with_file
from hanse_documents.pipeline.detect import unread
from hanse_documents.pipeline.documentkinds import kind_of
from hanse_documents.pipeline.opened import open_file
from hanse_documents.samples import NAMES, sample
from hanse_documents.syntax.attachments import invoices_in
from hanse_documents.syntax.iso.messagetable import MESSAGES
from hanse_documents.syntax.pdfbeginnings import PDF_MARK
from hanse_documents.syntax.sheets.cells import read_rows
from hanse_documents.syntax.sheets.sheetinvoices import invoices_of
from hanse_documents.syntax.sheets.template import template_xlsx
from hanse_documents.syntax.typedpaper import read_typed, write_typed
from hanse_documents.syntax.ubl_writing import write_ubl
from tests.conftest import ROOT
from tests.fuzz.target import Target
from tests.unit.documents.crossindustry import NAMED, cross_industry, pdf
from tests.unit.documents.iso.planting import message_of, planted_in
from tests.unit.documents.iso.schemas import ClassSchema
from tests.unit.documents.iso.test_iso_versions import versions_with_classes
from tests.unit.documents.trade.test_carriage import DECLARATION, SHIPMENT, packing_list
from tests.unit.documents.trade.test_certificate_shapes import AANZFTA, D23B, UBL, USMCA
from tests.unit.documents.trade.test_certificate_wrappers import CERTIFICATE, credential, version_2, version_3
from tests.world.typed.orders import row, sheet_of

SORTS: Mapping[str, tuple[str, ...]] = {
    "UBL invoice": ("ubl-Invoice", "ubl-CreditNote"),
    "cross industry invoice": ("cii",),
    "certificate in edi3 JSON": ("edi3-CertificateOfOrigin",),
    "certificate of UN/CEFACT": ("uncefact-PreferentialCoO",),
    "UBL certificate": ("ubl-CertificateOfOrigin", "ubl-GoodsCertificate"),
    "OpenAttestation": ("OpenAttestation-2.0",),
    "W3C credential": ("W3C-VerifiableCredential", "tradetrust-BillOfLading"),
    "transfers of ISO 20022": ("pacs.004", "pacs.008", "pain.001"),
    "bookings of ISO 20022": ("camt.053", "camt.054"),
    "statuses of ISO 20022": ("camt.029", "camt.056", "pacs.002"),
    "UBL transport document": ("ubl-BillOfLading", "ubl-PackingList", "ubl-Waybill"),
    "DCSA transport document": ("dcsa-TransportDocument",),
    "WCO declaration": ("wco-Declaration",),
    "typed JSON": ("hanse-",),
}
"""Sorts of documents, with the beginnings of the kinds' names that belong to each."""

DCSA = {
    "transportDocumentTypeCode": "SWB",
    "transportDocumentReference": "SWB-1",
    "carrierCode": "MSK",
    "documentParties": [{"party": {"partyName": "Seller"}, "partyFunction": "OS"}],
    "consignmentItems": [{"HSCode": "691110", "cargoItems": [{"weight": 12, "weightUnit": "KGM"}]}],
}
PROOF = Addition(
    name="proof.hanse", media_type="application/x-proof", description="A proof", date="D:20261130083000Z", data=b"{}"
)
INSIDE_BYTES = 1024 * 1024
IN_PDF, SHEET = "PDF", "sheet"
FIRST_SHEET = "xl/worksheets/sheet1.xml"


def read_paper(data: bytes) -> None:
    """Judge and read a document as a check of a file does, but for the published rules; name its terms."""
    opened = open_file(data)
    _, kind = kind_of(opened)
    if kind is None:
        raise unread(opened)
    if kind.structure is not None:
        kind.structure(opened)
    document, _ = kind.read(opened)
    msgspec.json.encode(terms_of(document))
    assert read_typed(write_typed(document)) == document, "what is written of it is read again"
    if kind.rewritten is not None:
        kind.rewritten(opened)


def _wrapped(wrap: Callable[[dict[str, object]], dict[str, object]]) -> Callable[[bytes], None]:
    """Read a paper; and wrap it with hashes that are right, so that what is inside is reached."""

    def read(data: bytes) -> None:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and not {"signature", "proof"} & value.keys():
            try:
                whole = json.dumps(wrap(value)).encode()
            except (KeyError, TypeError, ValueError, RecursionError):
                whole = data  # what the tests' own wrapping does not know
            read_paper(whole)
        else:
            read_paper(data)

    return read


def _in_pdf(data: bytes) -> None:
    """Take invoices, and then proofs, out of a PDF, and add a file."""
    invoices_in(data)
    files_inside(data, ending=".hanse", media_type=PROOF.media_type, most=INSIDE_BYTES)
    conformance(data)
    signatures(data)
    with_file(data, PROOF)


def _sheet(data: bytes) -> None:
    """Read a sheet: CSV, a workbook, or the XML of the first sheet of one, packed anew around it."""
    if data.startswith(b"<"):
        packed = BytesIO()
        with zipfile.ZipFile(BytesIO(template_xlsx())) as made, zipfile.ZipFile(packed, "w") as written:
            for part in made.namelist():
                written.writestr(part, data if part == FIRST_SHEET else made.read(part))
        data = packed.getvalue()
    for invoice in invoices_of(read_rows(data, "sheet"), "sheet"):
        if invoice.terms and not invoice.faults:
            write_ubl(invoice.terms)


def sheets() -> list[bytes]:
    """Write sheets: as CSV, as a workbook, and the first sheet of one."""
    workbook = template_xlsx()
    with zipfile.ZipFile(BytesIO(workbook)) as packed:
        first = packed.read(FIRST_SHEET)
    rows = sheet_of([row("A-1", Paid_amount="10.00"), row("A-1", Item_name="Bowl"), row("B-2")])
    cells = "".join(f'<c r="{letter}2" t="str"><v>A-1</v></c>' for letter in "ABC")
    filled = first.replace(b"</sheetData>", f'<row r="2">{cells}</row></sheetData>'.encode())
    return [rows.encode(), sheet_of([row("A-1")], ";").encode(), workbook, first, filled]


def published() -> Iterator[bytes]:
    """Give the published samples, where they lie: HANSE_SHARED, else `shared` beside the project."""
    folder = Path(ROOT / os.environ.get("HANSE_SHARED", "../shared")) / "samples"
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in {".xml", ".json", ".pdf"}:
            yield path.read_bytes()


def messages() -> Iterator[bytes]:
    """Write a message of ISO 20022 of the oldest and the newest version of each kind."""
    names = versions_with_classes()
    for definition in MESSAGES:
        own = [name for name in names if name.startswith(definition)]
        for name in (own[0], own[-1]):
            schema = ClassSchema(name[:8], name[9:])
            yield message_of(schema, planted_in(schema, MESSAGES[name[:8]])[0])


def sort_of(data: bytes) -> str:
    """Tell to which sort of documents a file belongs; an empty text where it belongs to none."""
    try:
        kind, _ = kind_of(open_file(data))
    except (DocumentError, UnsupportedFormat):
        return ""
    return next((name for name, kinds in SORTS.items() if kind and kind.startswith(kinds)), "")


def written_papers() -> list[bytes]:
    """Write papers of which no sample is shipped: wrapped certificates, other shapes, carriage, a declaration."""
    wrapped = [version_2(CERTIFICATE), version_3(credential(CERTIFICATE)), AANZFTA, USMCA, D23B]
    return [
        *(json.dumps(value).encode() for value in (*wrapped, DECLARATION)),
        UBL.replace("KIND", "EUR.1").encode(),
        packing_list("PackingList", SHIPMENT).encode(),
    ]


def shipped() -> Iterator[bytes]:
    """Give the papers of which the project has one."""
    yield from (sample(name) for name in NAMES)
    yield from written_papers()
    yield cross_industry().encode()
    yield from (write_typed(check_document(sample(name)).document) for name in NAMES)  # type: ignore[arg-type] # all are read
    yield json.dumps(DCSA).encode()


def first_inputs(name: str) -> list[bytes]:
    """Collect what a sort of documents is fed with at first."""
    is_message = any(each in MESSAGES for each in SORTS[name])
    every = [*shipped(), *published(), *(messages() if is_message else ())]
    return [data for data in every if not data.startswith(PDF_MARK) and sort_of(data) == name]


def paper(name: str) -> Target:
    """Give the reader of a sort of papers, of PDFs, or of sheets."""
    refusals = (DocumentError, UnsupportedFormat)
    if name == IN_PDF:
        made = [pdf((NAMED, cross_industry().encode())), with_file(pdf(), PROOF)]
        return Target(name, [*made, *(data for data in published() if data.startswith(PDF_MARK))], _in_pdf, refusals)
    if name == SHEET:
        return Target(name, sheets(), _sheet, refusals)
    wrap = {"OpenAttestation": version_2, "W3C credential": version_3}.get(name)
    inner = [] if wrap is None else [json.dumps(CERTIFICATE).encode()]
    return Target(name, [*first_inputs(name), *inner], read_paper if wrap is None else _wrapped(wrap), refusals)


PAPERS = (*SORTS, IN_PDF, SHEET)
