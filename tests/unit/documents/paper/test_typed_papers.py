"""Typed documents as JSON, and invoices as UBL: what is written is read as the same document, whatever it was."""

import binascii
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hanse_documents import DocumentError, check_document, examine_credit_note
from hanse_documents.model.documents import (
    InvoiceDocument,
    terms,
)
from hanse_documents.pipeline.documentkinds import kind_of
from hanse_documents.pipeline.opened import open_file
from hanse_documents.samples import BESIDE, NAMES, sample
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_documents.syntax.typedpaper import read_typed, write_typed
from hanse_documents.syntax.ubl_needs import completed
from hanse_documents.syntax.ubl_terms import NAMESPACES
from hanse_documents.syntax.ubl_writing import write_ubl
from hanse_ledger.values.errors import LedgerError
from tests.unit.documents.trade.test_carriage import SHIPMENT, packing_list
from tests.unit.documents.trade.test_paper_mutants import PAPERS as MUTATED
from tests.unit.documents.trade.test_paper_mutants import mutants

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.dictionaries(st.sampled_from(["BT-10", "BT-13", "BT-20", "BT-41", "BG-1/1/BT-22", "BG-25/1/BT-154"]), WORDS))
@settings(max_examples=30)
def test_an_invoice_is_its_terms(said: dict[str, str]) -> None:
    """Its typed fields follow from them; a text that no document can say is refused."""
    shipped = read_of(sample("invoice.xml"))
    assert isinstance(shipped, InvoiceDocument)
    written = json.dumps({"invoice": {**terms(shipped), **said}}).encode()
    if all(text and text == text.strip() for text in said.values()):
        document = read_typed(written)
        assert terms(document) == {**terms(shipped), **said}  # type: ignore[arg-type] # one document
        assert read_typed(write_typed(document)) == document
    else:
        with pytest.raises(DocumentError, match="without space around it"):
            read_typed(written)


def read_of(data: bytes) -> Any:
    """Read a file by its kind; nothing where it is of none, or nothing can be made of it."""
    try:
        opened = open_file(data, "file")
        _, row = kind_of(opened)
        return None if row is None else row.read(opened)[0]
    except LedgerError:
        return None


@pytest.mark.parametrize("name", [*NAMES, *(name for name in BESIDE if name.endswith(".xml"))])
def test_each_shipped_document_is_read_again(name: str) -> None:
    """Invoice, credit note, certificate and messages of payments."""
    document = read_of(sample(name))
    assert document is not None
    assert read_typed(write_typed(document)) == document


PAPERS = {
    "ubl-Waybill",
    "dcsa-TransportDocument",
    "edi3-CertificateOfOrigin",
    "ubl-GoodsCertificate",
    "W3C-VerifiableCredential",
    "cii",
    "ubl-Invoice",
    "ubl-CreditNote",
    "pain.001.001.09",
    "pacs.008.001.08",
    "camt.053.001.02",
    "pacs.004.001.10",
    "camt.056.001.08",
    "camt.029.001.09",
    "pacs.002.001.10",
}
"""Kinds of which published documents must have been read, so that nobody passes over all of them."""


def test_each_published_document_is_read_again(shared: Path) -> None:
    """Every file of other people that is read, of every kind: as JSON, and invoices and credit notes as UBL too."""
    read: set[str] = set()
    for path in sorted((shared / "samples").glob("*/*")):
        if path.suffix == ".pdf" or (document := read_of(path.read_bytes())) is None:
            continue
        read.add(kind_of(open_file(path.read_bytes(), path.name))[0])
        assert read_typed(write_typed(document)) == document, path.name
        if isinstance(document, InvoiceDocument):
            again = read_of(write_ubl(terms(document), attachments_of(path.read_bytes())))
            said = {"invoice": completed(terms(document))}  # with what UBL alone asks for
            assert again == read_typed(json.dumps(said).encode()), path.name
    assert read >= PAPERS, PAPERS - read


def attachments_of(data: bytes) -> dict[str, bytes]:
    """Take embedded documents out of an invoice, by the terms that stand for them."""
    found = {}
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True))
    references = root.xpath(
        "cac:AdditionalDocumentReference[not(cbc:DocumentTypeCode='130' or cbc:DocumentTypeCode='50')]"
        "| //ram:ApplicableHeaderTradeAgreement/ram:AdditionalReferencedDocument[ram:TypeCode='916']",
        namespaces=NAMESPACES,
    )
    assert isinstance(references, list)
    for place, reference in enumerate(references, 1):
        assert isinstance(reference, etree._Element)
        paths = ("cac:Attachment/cbc:EmbeddedDocumentBinaryObject", "ram:AttachmentBinaryObject")
        for path in paths:
            if (text := reference.findtext(path, None, NAMESPACES)) is not None:
                found[f"BG-24/{place}/BT-125"] = binascii.a2b_base64(text)
    return found


BILLS = {kind: packing_list(kind, SHIPMENT).encode() for kind in ("BillOfLading", "PackingList", "Waybill")}
READ = {name: value for name, value in MUTATED.items() if name != "oa3"}  # which is a wrapping of nothing that is read
SHAPES = {**BILLS, **{name: json.dumps(value).encode() for name, value in READ.items()}}


@pytest.mark.parametrize("name", SHAPES)
def test_papers_of_carriage_customs_and_origin_are_read_again(name: str) -> None:
    """Waybill, bill of lading, packing list, DCSA's transport document, WCO's declaration, certificates."""
    document = check_document(SHAPES[name], name).document
    assert document is not None
    assert read_typed(write_typed(document)) == document


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_odd_papers_are_read_again(name: str) -> None:
    """Whatever is made of one that has another value in some place: empty texts, zeros, characters that nobody sees."""
    read = 0
    for spoilt in mutants(READ[name]):
        if (document := read_of(json.dumps(spoilt).encode())) is not None:
            assert read_typed(write_typed(document)) == document, spoilt
            read += 1
    assert read > 50


def said(kind: str, fields: object) -> bytes:
    """Write JSON of one key."""
    return json.dumps({kind: fields}).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[]", "an object with one key"),
        (b"{}", "an object with one key"),
        (said("letter", {}), "one of these: invoice"),
        (said("payments", {}), "a list of them"),
        (said("payments", ["x"]), "payments/1: Expected `object`"),
        (said("transport", {"document_type": "waybill"}), "missing required field `number`"),
        (said("transport", {"document_type": "waybill", "number": 7}), "transport/number: Expected `str`, got `int`"),
        (said("transport", {"document_type": "waybill", "number": "7", "vesel": "x"}), "transport/vesel: a field that"),
        (
            said("transport", {"document_type": "waybill", "number": "7", "lines": [{"x": 1}]}),
            "transport/lines/1/x: a f",
        ),
        (
            said("transport", {"document_type": "waybill", "number": "7", "packages": 1.5}),
            "transport/packages: Expected",
        ),
        (said("transport", {"document_type": "waybill", "number": "7", "import_country": "nl"}), "import_country: Exp"),
        (said("invoice", {"BT-1": 7}), "texts by their terms"),
        (said("invoice", {"BT-1": "7"}), "BT-2: nothing"),
        (said("invoice", {"BG-25/2/BT-126": "7"}), "BG-25/2: 2; wanted: BG-25 counted from 1"),
        (said("invoice", {"BG-25/01/BT-126": "7"}), "BG-25/01: 01; wanted: BG-25 counted from 1"),
        (b'{"invoice": {"BT-1": "7", "BT-1": "8"}}', "a key stands twice"),
    ],
)
def test_what_is_no_such_json_is_refused(data: bytes, words: str) -> None:
    """The place is named; no field is passed over."""
    with pytest.raises(DocumentError) as refused:
        read_typed(data, "typed.json")
    assert words in str(refused.value)


def credited(**more: str) -> dict[str, str]:
    """Give the terms of the shipped credit note, and what else it says."""
    read = examine_credit_note(sample("credit-note.xml")).document
    assert isinstance(read, InvoiceDocument)
    return {**terms(read), **{name.replace("_", "-"): text for name, text in more.items()}}


@pytest.mark.parametrize("code", sorted(CREDIT_CODES))
def test_a_credit_note_is_written_as_the_rules_ask(code: str) -> None:
    """Every code of one: a UBL CreditNote whose structure and rules are judged valid, and which is read as it was."""
    stated = credited(BT_3=code)
    written = write_ubl(stated)
    report = check_document(written, "note.xml")
    assert (report.kind, report.verdict.value) == ("ubl-CreditNote", "valid")
    assert report.rule_set is not None
    assert isinstance(report.document, InvoiceDocument)
    assert terms(report.document) == stated


def test_what_stands_elsewhere_in_a_credit_note_is_written_there() -> None:
    """Project, due date, day of the tax, originator's document: the published schema takes it, and it is read again."""
    stated = credited(
        BT_7="2026-11-30",
        BT_9="2026-12-30",
        BT_11="PRJ-1",
        BT_12="C-1",
        BT_17="T-1",
        BT_18="METER-7",
        BT_81="30",
        BT_83="RF24QW20260917",
    ) | {"BG-17/1/BT-84": "BE68539007547034", "BG-17/2/BT-84": "NL91ABNA0417164300", "BG-24/1/BT-122": "DOC-1"}
    written = write_ubl(stated)
    report = check_document(written, "note.xml")
    assert (report.structure_valid, report.verdict.value) == (True, "valid"), report.findings
    assert isinstance(report.document, InvoiceDocument)
    assert terms(report.document) == stated
    root = etree.fromstring(written)
    assert root.find("cac:ProjectReference", NAMESPACES) is None
    assert root.findtext("cac:PaymentMeans/cbc:PaymentDueDate", None, NAMESPACES) == "2026-12-30"


def test_the_project_of_a_published_credit_note_is_read(shared: Path) -> None:
    """It stands among additional documents, with the code 50 (CEN/TS 16931-3-2), and is none of them."""
    data = (shared / "samples" / "ubl" / "CreditNote-Max_content.xml").read_bytes()
    stated = terms(examine_credit_note(data).document)  # type: ignore[arg-type] # one document
    assert stated["BT-11"] == "11111111"
    assert [stated[f"BG-24/{place}/BT-122"] for place in (1, 2, 3)] == ["MT123", "Time report 1", "Example 1"]
    assert "BG-24/4/BT-122" not in stated


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"BT-10": ""}, "BT-10", "a text, without space around it"),
        ({"BT-10": " x"}, "BT-10", "a text, without space around it"),
        ({"BG-25/7/BT-153": "x"}, "BG-25/7", "BG-25 counted from 1, none left out"),
        ({"BG-25/1_0/BT-153": "x"}, "BG-25/1_0/BT-153", "a term that stands in a UBL invoice"),
        ({"BG-25/x/BT-153": "x"}, "BG-25/x/BT-153", "a term that stands in a UBL invoice"),
        ({"BT-111": "1.00"}, "BT-6", "another currency than BT-5"),
        ({"BT-111": "1.00", "BT-6": "EUR"}, "BT-6", "another currency than BT-5"),
    ],
)
def test_what_would_not_be_read_again_is_not_written(more: dict[str, str], field: str, words: str) -> None:
    """A text that nobody reads, a group with a gap, a total that no currency tells from another one."""
    with pytest.raises(DocumentError, match=words) as refused:
        write_ubl({**terms(read_of(sample("invoice.xml"))), **more})
    assert refused.value.field == field


def test_an_attachment_is_written_where_it_is_given() -> None:
    """It is the one whose digest the term has; without it, or with another, nothing is written."""
    content = b"a page"
    digest = "sha-256:73c5ff4a5a3c97c2f9f6a8e0f6b7d3e0"
    stated = {**terms(read_of(sample("invoice.xml"))), "BG-24/1/BT-122": "DOC-1", "BG-24/1/BT-125": digest}
    for given_ in ({}, {"BG-24/1/BT-125": content}):
        with pytest.raises(DocumentError, match="the attachment itself"):
            write_ubl(stated, given_)
