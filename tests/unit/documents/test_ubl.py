"""UBL invoices: every published valid sample reads, and what is wrong is refused by the name of its term."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hanse_documents.model.documents import Classification, Incoterms, InvoiceDocument, terms
from hanse_documents.model.errors import DocumentError, Examiner, UnsupportedFormat
from hanse_documents.samples import sample
from hanse_documents.semantics import values
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_documents.semantics.en16931 import RULES, Branch
from hanse_documents.syntax.ubl import INVOICE, InvoiceTerms, read_ubl
from hanse_documents.syntax.ubl_terms import GROUPS, HEADER
from hanse_ledger.values.errors import LedgerError, Malformed
from hanse_ledger.values.figures import decimal_text

SAMPLE = sample("invoice.xml").decode()
FACTS = re.compile(r"type (\d+), ([A-Z]{3}), (\d+) lines, VAT ([^,]*), ([A-Z]{2})→([A-Z]{2}), due (-?[\d.]+) \|")


def branch_of(root: etree._Element) -> Branch:
    """Collect the terms of an invoice, or of a part of one, without judging them.

    Raises:
        DocumentError: a term stands twice with different texts, or is no simple text.
    """
    examiner = Examiner()
    branch = InvoiceTerms(root, examiner, HEADER, GROUPS).branch()
    examiner.finish()
    return branch


def changed(old: str, new: str, *, times: int = 1) -> bytes:
    """Give the sample invoice with one of its texts replaced."""
    assert old in SAMPLE
    return SAMPLE.replace(old, new, times).encode()


def element(name: str, text: str) -> str:
    """Write an element without attributes."""
    return f"<cbc:{name}>{text}</cbc:{name}>"


def samples_of(shared: Path, kind: str) -> list[str]:
    """List the published samples of a kind that no official rule refuses."""
    files = json.loads((shared / "samples" / "expected.json").read_text("utf-8"))["files"]
    return [name for name, says in files.items() if says.get("kind") == kind and says.get("en16931_failed") == {}]


def test_every_valid_invoice_reads(shared: Path) -> None:
    """The CEN samples read, and agree with what their list says of type, currency, lines, VAT, countries and amount."""
    listed = (shared / "samples" / "SOURCES.md").read_text("utf-8")
    names = [name for name in samples_of(shared, "ubl-Invoice") if name.startswith("ubl/")]
    assert len(names) == 18
    for name in names:
        invoice = read_ubl((shared / "samples" / name).read_bytes(), name)
        row = next(line for line in listed.splitlines() if line.startswith(f"| {name} "))
        facts = FACTS.search(row)
        assert facts, row
        type_code, currency, lines, vat, seller, buyer, due = facts.groups()
        assert (invoice.type_code, invoice.currency, str(len(invoice.lines))) == (type_code, currency, lines)
        assert (invoice.seller.country, invoice.buyer.country) == (seller, buyer)
        assert invoice.payable_minor == values.minor_of(due, invoice.exponent, "due")
        breakdown = {f"{part.category}:{part.rate}" if part.rate else part.category for part in invoice.vat}
        assert breakdown == set(vat.split()), name


def test_typed_fields_and_terms_are_one_view(shared: Path) -> None:
    """What the typed fields say stands among the terms, for every published invoice."""
    for name in samples_of(shared, "ubl-Invoice"):
        invoice = read_ubl((shared / "samples" / name).read_bytes(), name)
        named = terms(invoice)
        assert list(named) == sorted(named)
        assert named["BT-1"] == invoice.number
        assert values.minor_of(named["BT-115"], invoice.exponent, "BT-115") == invoice.payable_minor
        for place, line in enumerate(invoice.lines, 1):
            prefix = f"BG-25/{place}/"
            assert named[f"{prefix}BT-126"] == line.identifier
            assert named[f"{prefix}BT-153"] == line.name
            assert values.micro_of(named[f"{prefix}BT-129"], "BT-129") == line.quantity_micro
            assert values.minor_of(named[f"{prefix}BT-131"], invoice.exponent, "BT-131") == line.net_minor


def test_credit_notes_are_no_invoices(shared: Path) -> None:
    """A credit note is another document, which lowers an invoice, not a broken one."""
    names = samples_of(shared, "ubl-CreditNote")
    assert names
    for name in names:
        with pytest.raises(UnsupportedFormat, match="credit note"):
            read_ubl((shared / "samples" / name).read_bytes(), name)


def test_official_fragments_get_the_official_verdict(shared: Path) -> None:
    """Each rule that is checked here judges CEN's own test fragments as CEN does."""
    judged = 0
    for path in sorted((shared / "samples" / "ubl").glob("unit-Invoice-*.xml")):
        rule = RULES.get(path.stem.removeprefix("unit-Invoice-"))
        if rule is None:
            continue
        for case in etree.parse(path).iterfind("{*}test"):
            fragment = case.find(f"{{{INVOICE}}}Invoice")
            if fragment is None:
                continue
            refused = case.find("{*}assert/{*}error") is not None
            try:
                rule(branch_of(fragment))
            except DocumentError:
                assert refused, f"{path.name}: {etree.tostring(case)!r}"
            else:
                assert not refused, f"{path.name}: {etree.tostring(case)!r}"
            judged += 1
    assert judged >= 20


def test_the_sample_says_what_it_shows() -> None:
    """The shipped invoice is three lines of tableware, 5150.00 EUR, FCA Ningbo."""
    invoice = read_ubl(sample("invoice.xml"))
    assert (invoice.number, invoice.issued, invoice.due) == ("QW-2026-0917", "2026-09-17", "2026-10-17")
    assert (invoice.payable_minor, invoice.currency, invoice.exponent) == (515_000, "EUR", 2)
    assert (invoice.totals.lines_minor, invoice.totals.charges_minor, invoice.totals.vat_minor) == (500_000, 15_000, 0)
    assert invoice.incoterms == Incoterms(code="FCA", place="Ningbo")
    assert invoice.accounts == ("BE68539007547034",)
    assert invoice.payment_reference == "RF24QW20260917"
    assert (invoice.seller.country, invoice.buyer.country, invoice.delivery_country) == ("CN", "BE", "BE")
    assert [(line.hs_code, line.origin, line.quantity_micro, line.unit) for line in invoice.lines] == [
        ("691110", "CN", 120_000_000, "C62"),
        ("691110", "CN", 240_000_000, "C62"),
        ("691200", "CN", 40_000_000, "C62"),
    ]
    assert invoice.lines[0].classifications == (Classification(code="691110", list_id="HS"),)
    assert (invoice.vat[0].category, invoice.vat[0].rate, invoice.vat[0].taxable_minor) == ("G", "0", 515_000)


def test_terms_are_named_by_their_groups() -> None:
    """Terms of groups that repeat are counted; a term that repeats is counted and its attributes stand below it."""
    named = terms(read_ubl(sample("invoice.xml")))
    assert named["BG-25/2/BT-153"] == "Tea bowl"
    assert named["BG-25/1/BT-158/1/BT-158"] == "691110"
    assert named["BG-25/1/BT-158/1/BT-158-1"] == "HS"
    assert named["BT-29/1/BT-29-1"] == "0199"
    assert named["BG-21/1/BT-99"] == "150.00"
    assert named["UBL/DeliveryTerms/ID"] == "FCA"


def test_an_attachment_is_named_by_its_hash() -> None:
    """An embedded document is too large for a term: its SHA-256 stands there."""
    reference = (
        "<cac:AdditionalDocumentReference><cbc:ID>packing</cbc:ID><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="p.csv">YWJj</cbc:EmbeddedDocumentBinaryObject>'
        "</cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>"
    )
    named = terms(read_ubl(changed("<cac:AccountingSupplierParty>", reference)))
    assert named["BG-24/1/BT-125"] == "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(DocumentError, match="base64"):
        read_ubl(changed("<cac:AccountingSupplierParty>", reference.replace("YWJj", "YWJ")))


PAYABLE = '<cbc:PayableAmount currencyID="EUR">5150.00</cbc:PayableAmount>'
PLATES = '<cbc:InvoicedQuantity unitCode="C62">120</cbc:InvoicedQuantity>'
PLATE_CODE = '<cbc:ItemClassificationCode listID="HS">691110</cbc:ItemClassificationCode>'
NET = '<cbc:LineExtensionAmount currencyID="EUR">2220.00</cbc:LineExtensionAmount>'


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (element("CustomizationID", "urn:cen.eu:en16931:2017"), "", "BT-24", "BR-01"),
        (element("ID", "QW-2026-0917"), "", "BT-1", "BR-02"),
        (element("ID", "QW-2026-0917"), element("ID", "  "), "BT-1", "BR-02"),
        (element("ID", "QW-2026-0917"), element("ID", "A") + element("ID", "B"), "BT-1", "one value"),
        (element("ID", "QW-2026-0917"), element("ID", "<cbc:ID>1</cbc:ID>"), "BT-1", "simple text"),
        (element("IssueDate", "2026-09-17"), "", "BT-2", "BR-03"),
        (element("IssueDate", "2026-09-17"), element("IssueDate", "2026-02-30"), "BT-2", "YYYY-MM-DD"),
        (element("IssueDate", "2026-09-17"), element("IssueDate", "17.09.2026"), "BT-2", "YYYY-MM-DD"),
        (element("DueDate", "2026-10-17"), element("DueDate", "soon"), "BT-9", "YYYY-MM-DD"),
        (element("InvoiceTypeCode", "380"), "", "BT-3", "BR-04"),
        (element("InvoiceTypeCode", "380"), element("InvoiceTypeCode", "381"), "BT-3", "BR-CL-01"),
        (element("DocumentCurrencyCode", "EUR"), "", "BT-5", "BR-05"),
        (element("RegistrationName", "Qingwan Kiln Studio Co., Ltd."), "", "BT-27", "BR-06"),
        (element("RegistrationName", "Tafelrood BV"), "", "BT-44", "BR-07"),
        (element("IdentificationCode", "CN"), "", "BT-40", "BR-09"),
        (element("IdentificationCode", "BE"), "", "BT-55", "BR-11"),
        (element("IdentificationCode", "CN"), element("IdentificationCode", "China"), "BT-40", "capital letters"),
        (PAYABLE, "", "BT-115", "BR-15"),
        (PAYABLE, PAYABLE.replace("5150.00", "5150.01"), "BT-115", "BR-CO-16"),
        (PAYABLE, PAYABLE.replace("5150.00", "5.15e3"), "BT-115", "decimal number"),
        (PAYABLE, PAYABLE.replace("5150.00", "NaN"), "BT-115", "decimal number"),
        (PAYABLE, PAYABLE.replace("5150.00", "1" * 30), "BT-115", "decimal number"),
        (PAYABLE, PAYABLE.replace("EUR", "JPY"), "BT-115/@currencyID", "EUR"),
        (PAYABLE, PAYABLE.replace(' currencyID="EUR"', ""), "BT-115/@currencyID", "EUR"),
        (PLATES, "", "BG-25/1/BT-129", "BR-22"),
        (PLATES, PLATES.replace(' unitCode="C62"', ""), "BG-25/1/BT-130", "BR-23"),
        (PLATES, PLATES.replace("C62", "pieces"), "BG-25/1/BT-130", "Recommendation 20"),
        (PLATES, PLATES.replace("120", "120.0000005"), "BG-25/1/BT-129", "6 decimal places"),
        (PLATES, PLATES.replace("120", "9" * 20), "BG-25/1/BT-129", "at most 1,000,000,000,000"),
        (NET, "", "BG-25/1/BT-131", "BR-24"),
        (NET, NET.replace("2220.00", "2220.01"), "BT-106", "BR-CO-10"),
        (element("Name", "Dinner plate"), "", "BG-25/1/BT-153", "BR-25"),
        ('<cbc:PriceAmount currencyID="EUR">18.50</cbc:PriceAmount>', "", "BG-25/1/BT-146", "BR-26"),
        ('<cbc:Amount currencyID="EUR">150.00</cbc:Amount>', "", "BG-21/1/BT-99", "BR-36"),
        ('"EUR">150.00</cbc:Amount>', '"EUR">150.01</cbc:Amount>', "BT-108", "BR-CO-12"),
        ('"EUR">150.00</cbc:ChargeTotal', '"EUR">150.01</cbc:ChargeTotal', "BT-108", "BR-CO-12"),
        ('"EUR">5150.00</cbc:TaxExclusive', '"EUR">5000.00</cbc:TaxExclusive', "BT-109", "BR-CO-13"),
        ('"EUR">0.00</cbc:TaxAmount>', '"EUR">1.00</cbc:TaxAmount>', "BT-110", "BR-CO-14"),
        ('"EUR">5150.00</cbc:TaxInclusive', '"EUR">5150.10</cbc:TaxInclusive', "BT-112", "BR-CO-15"),
        (PLATE_CODE, PLATE_CODE.replace("691110", ""), "BG-25/1/BT-158/1/BT-158", "BT-158-1 asks for"),
    ],
)
def test_refusals_name_the_term_and_the_rule(old: str, new: str, field: str, words: str) -> None:
    """Whatever is missing or wrong is refused by the number of its term, with what is wanted instead."""
    with pytest.raises(DocumentError) as refused:
        read_ubl(changed(old, new))
    assert refused.value.field == field
    assert words in refused.value.wanted
    assert refused.value.action
    assert isinstance(refused.value, Malformed)


def test_an_invoice_needs_lines_and_a_vat_breakdown() -> None:
    """An invoice without lines breaks BR-16, one without a VAT breakdown BR-CO-18."""
    without_lines = re.sub(r"<cac:InvoiceLine>.*</cac:InvoiceLine>", "", SAMPLE, flags=re.DOTALL)
    with pytest.raises(DocumentError, match="BR-16"):
        read_ubl(without_lines.encode())
    without_vat = re.sub(r"<cac:TaxSubtotal>.*</cac:TaxSubtotal>", "", SAMPLE, flags=re.DOTALL)
    with pytest.raises(DocumentError, match="BR-CO-18"):
        read_ubl(without_vat.encode())


def test_an_amount_must_fit_its_currency() -> None:
    """Cents of yen do not exist, mills of dinar do, and no currency is guessed."""
    yen = SAMPLE.replace("EUR", "JPY")
    assert read_ubl(yen.encode()).payable_minor == 5_150
    with pytest.raises(DocumentError) as refused:
        read_ubl(yen.replace("2220.00", "2219.50").replace("1280.00", "1280.50").encode())
    assert refused.value.field == "BG-25/1/BT-131"
    assert read_ubl(SAMPLE.replace("EUR", "KWD").encode()).payable_minor == 5_150_000
    for code in ("XAU", "XXX", "EURO", "eur"):
        with pytest.raises(DocumentError, match="BT-5"):
            read_ubl(SAMPLE.replace("EUR", code).encode())


@pytest.mark.parametrize(
    ("codes", "read"),
    [
        (["6911"], "6911"),
        (["6911.10.00"], "69111000"),
        (["6911.10-0009"], "6911100009"),
        (["691110-190"], "691110190"),
        (["6911 10 00 00 19"], "691110000019"),
        (["6911", "6911.10", "691110000019"], "691110000019"),
        (["69"], None),
        (["plates"], None),
        (["6911100000199"], None),
        (["691110", "691200"], None),
    ],
)
def test_codes_of_four_to_twelve_digits_are_read_and_others_stand_in_nobodys_way(
    codes: list[str], read: str | None
) -> None:
    """BT-158 is optional and unbounded: what is no code of the Harmonized System leaves a line without one."""
    invoice = read_ubl(changed(PLATE_CODE, "".join(PLATE_CODE.replace("691110", code) for code in codes)))
    assert invoice.lines[0].hs_code == read
    assert [item.code for item in invoice.lines[0].classifications] == codes


@pytest.mark.parametrize(
    ("written", "read"),
    [("120.5999", 120_599_900), ("15.61903", 15_619_030), ("0.000001", 1), ("120.5000000", 120_500_000)],
)
def test_quantities_are_read_to_the_millionth(written: str, read: int) -> None:
    """EN 16931 bounds no quantity: volumes and hours have four decimal places and more."""
    invoice = read_ubl(changed(PLATES, PLATES.replace("120", written)))
    assert invoice.lines[0].quantity_micro == read


def test_dates_are_written_one_way() -> None:
    """A time zone behind a date changes nothing."""
    zoned = read_ubl(changed(element("IssueDate", "2026-09-17"), element("IssueDate", "2026-09-17+08:00")))
    assert zoned.issued == "2026-09-17"


def test_other_formats_are_unsupported_and_not_malformed() -> None:
    """An unknown root is no broken invoice."""
    with pytest.raises(UnsupportedFormat) as refused:
        read_ubl(SAMPLE.replace("xsd:Invoice-2", "xsd:Order-2").encode(), "order.xml")
    assert "order.xml" in str(refused.value)
    assert isinstance(refused.value, LedgerError)
    assert not isinstance(refused.value, Malformed)


def test_every_currency_has_its_places() -> None:
    """The table holds the currencies of ISO 4217 and what it is for: yen 0, dinar 3, unidad de fomento 4."""
    assert [EXPONENTS[code] for code in ("EUR", "JPY", "KWD", "CLF", "XCG", "ZWG", "HRK")] == [2, 0, 3, 4, 2, 2, 2]
    assert {places: list(EXPONENTS.values()).count(places) for places in range(5)} == {0: 17, 1: 0, 2: 145, 3: 7, 4: 2}


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 4))
def test_amounts_survive_writing_and_reading(minor: int, exponent: int) -> None:
    """An amount in minor units, written as a decimal, reads as the same amount."""
    assert values.minor_of(decimal_text(minor, exponent), exponent, "BT-115") == minor


@given(st.text(alphabet="0123456789.+-eE", max_size=40), st.integers(0, 4))
def test_an_amount_is_exact_or_refused(text: str, exponent: int) -> None:
    """No text is rounded: what reads, reads as exactly its value."""
    try:
        minor = values.minor_of(text, exponent, "BT-115")
    except DocumentError:
        return
    assert values.decimal_of(decimal_text(minor, exponent), "") == values.decimal_of(text, "")


def test_there_are_four_samples() -> None:
    """A sample that does not exist is refused with the names of those that do."""
    with pytest.raises(KeyError, match=r"invoice\.xml"):
        sample("../secret")


def test_a_document_is_a_frozen_value() -> None:
    """Two readings of one file are equal, and neither can be changed."""
    invoice: InvoiceDocument = read_ubl(sample("invoice.xml"))
    assert invoice == read_ubl(sample("invoice.xml"))
    with pytest.raises(AttributeError):
        invoice.number = "2"  # type: ignore[misc]  # what the type checker refuses, the value refuses too
