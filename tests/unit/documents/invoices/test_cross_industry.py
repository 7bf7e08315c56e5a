"""Cross industry invoices, bare and in PDFs: the same typed invoice as from UBL, judged by their profile's rules."""

import zlib

import pytest

from hanse_documents import DocumentError, DocumentVerdict, UnsupportedFormat, check_document, read_document
from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import FaultWeight
from hanse_documents.pipeline.detect import examine_credit_note
from hanse_documents.samples import sample
from hanse_documents.semantics.invoiceprofiles import RULES_OF_PROFILE
from hanse_documents.syntax.attachments import invoices_in
from tests.unit.documents.crossindustry import NAMED, cross_industry, day, pdf

CII = cross_industry()
ZUGFERD_1 = b'<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'


def changed(old: str, new: str) -> bytes:
    """Give the invoice with one of its texts replaced."""
    assert old in CII
    return CII.replace(old, new, 1).encode()


def read(data: bytes) -> InvoiceDocument:
    """Read an invoice."""
    document = read_document(data, "invoice.xml")
    assert isinstance(document, InvoiceDocument)
    return document


def bomb() -> bytes:
    """Write a PDF whose attachment unpacks to 400 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(400)), packer.flush()])
    whole = pdf((NAMED, b"@" * 64))
    start = whole.index(b"stream\n" + b"@" * 64)
    head = whole[: whole.rindex(b"<<", 0, start)]
    entry = f"<< /Type /EmbeddedFile /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    return head + entry + packed + whole[start + len(b"stream\n") + 64 :]


def test_it_is_read_as_the_same_invoice_in_ubl_is() -> None:
    """Parties, amounts, dates, accounts, HS codes and origins do not hang on the syntax."""
    cii, ubl = read(CII.encode()), read(sample("invoice.xml"))
    for name in ("number", "issued", "due", "currency", "exponent", "type_code", "payable_minor", "totals", "accounts"):
        assert getattr(cii, name) == getattr(ubl, name), name
    for name in ("buyer", "seller", "payment_reference", "payee_name"):
        assert getattr(cii, name) == getattr(ubl, name), name
    assert cii.incoterms is not None
    assert cii.incoterms.code == "FCA"
    first, second = cii.lines
    assert (first.hs_code, first.origin, first.quantity_micro, first.price) == ("691110", "CN", 120_000_000, "18.50")
    assert (first.base_quantity, first.base_unit, second.net_minor) == ("1", "C62", 278000)
    texts = dict(cii.texts)
    assert (texts["BT-2"], texts["BT-72"], texts["BG-1/1/BT-22"]) == (
        "2026-09-17",
        "2026-09-21",
        "#AAI#Painted by hand.",
    )
    assert texts["BG-21/1/BT-99"] == "150.00"


def test_it_is_judged_by_its_rules() -> None:
    """Schema, the official rules, and code lists by the names that EN 16931 has for them."""
    report = check_document(CII.encode(), "invoice.xml")
    assert (report.verdict, report.kind, report.structure_valid) == (DocumentVerdict.VALID, "cii", True)
    assert report.rule_set is not None
    assert report.rule_set.id == "Factur-X EN16931 1.09.2"


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (">5150.00</ram:DuePayableAmount>", ">5151.00</ram:DuePayableAmount>", {"BR-CO-16"}),
        ('unitCode="C62">120<', 'unitCode="QQQ">120<', {"BR-CL-23"}),
        ("<ram:ID>CN</ram:ID>", "<ram:ID>QX</ram:ID>", {"BR-CL-15"}),
        ("<ram:TypeCode>380<", "<ram:TypeCode>999<", {"BR-CL-01"}),
        ("<ram:TypeCode>30<", "<ram:TypeCode>999<", {"BR-CL-16"}),
        ("<ram:CityName>Antwerpen</ram:CityName><ram:CountryID>BE", "<ram:CountryID>QX", {"BR-CL-14"}),
        ('schemeID="0208"', 'schemeID="9999"', {"BR-CL-11"}),
        ("<ram:Reason>Export packing</ram:Reason>", "<ram:ReasonCode>QQQ</ram:ReasonCode>", {"BR-CL-20"}),
        ("<ram:Name>Tafelrood BV</ram:Name>", "", {"BR-07"}),
    ],
)
def test_what_is_wrong_has_its_rule(old: str, new: str, rules: set[str]) -> None:
    """Whatever our own reader thinks of it."""
    report = check_document(changed(old, new), "invoice.xml")
    assert report.verdict is DocumentVerdict.INVALID
    assert rules <= {each.id for each in report.fatal()}
    assert isinstance(report.document, InvoiceDocument)


def test_what_facturx_asks_for_besides_counts_in_a_pdf_alone() -> None:
    """Alone, a cross industry invoice follows EN 16931; in a PDF, and where BT-24 names a profile, it is Factur-X."""
    odd = changed("<ram:Content>Painted by hand.</ram:Content>", "<ram:ContentCode>X</ram:ContentCode>")
    alone = check_document(odd, "invoice.xml")
    inside = check_document(pdf((NAMED, odd)), "invoice.pdf")
    names = {each.id for each in alone.findings if each.weight is FaultWeight.WARNING and each.id.startswith("FX-SCH")}
    assert names
    assert names <= {each.id for each in inside.fatal()}
    assert alone.verdict is DocumentVerdict.VALID


def test_a_code_of_exemption_counts_in_any_case() -> None:
    """EN 16931 compares it in capitals; the lists of Factur-X hold capitals alone."""
    reason = "<ram:ExemptionReason>Export of goods</ram:ExemptionReason><ram:BasisAmount>5150.00</ram:BasisAmount>"
    category = "<ram:CategoryCode>G</ram:CategoryCode>"
    for code, right in (("vatex-eu-g", True), ("VATEX-EU-G", True), ("vatex-eu-none", False)):
        exempt = f"<ram:ExemptionReasonCode>{code}</ram:ExemptionReasonCode>"
        joined = CII.replace("\n", "").replace(f"{reason}{category}", f"{reason}{category}{exempt}")
        assert exempt in joined
        report = check_document(joined.encode(), "invoice.xml")
        assert report.structure_valid
        assert ("BR-CL-22" not in {each.id for each in report.findings}) is right


def test_dates_are_calendar_dates() -> None:
    """CCYYMMDD is read as YYYY-MM-DD; another format, and a day that is none, are faults."""
    for wrong in (day("2026-13-01"), day("20260917").replace("102", "610"), day("2026091")):
        report = check_document(changed(day("2026-09-17"), wrong), "invoice.xml")
        assert (report.document, report.verdict) == (None, DocumentVerdict.INVALID)
        assert "BT-2" in {each.field for each in report.fatal()}


def test_an_amount_in_another_currency_is_refused() -> None:
    """Where the syntax names one at all, it is the invoice's, or that of VAT accounting in a total of VAT."""
    with pytest.raises(DocumentError, match="USD"):
        read(changed("<ram:GrandTotalAmount>", '<ram:GrandTotalAmount currencyID="USD">'))
    assert read(changed("<ram:GrandTotalAmount>", '<ram:GrandTotalAmount currencyID="EUR">')).currency == "EUR"
    with pytest.raises(DocumentError, match="BR-05"):
        read(changed("<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>", ""))


def test_a_credit_note_is_one_by_its_type() -> None:
    """Of UBL it is a document of its own; of CII an invoice of type 381, bare or in a PDF."""
    note = cross_industry(type_code="381").encode()
    for data in (note, pdf((NAMED, note))):
        document = examine_credit_note(data).document
        assert isinstance(document, InvoiceDocument)
        assert document.type_code == "381"
    with pytest.raises(DocumentError, match="BR-CL-01"):
        examine_credit_note(CII.encode())


@pytest.mark.parametrize(
    ("specification", "rule_set", "note"),
    [
        ("urn:factur-x.eu:1p0:minimum", "Factur-X MINIMUM 1.09", "no full invoice"),
        ("urn:factur-x.eu:1p0:basicwl", "Factur-X BASIC WL 1.09.2", "no full invoice"),
        ("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "Factur-X BASIC 1.09", ""),
        ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", "Factur-X EN16931 1.09.2", "alone"),
    ],
)
def test_each_profile_has_its_rules(specification: str, rule_set: str, note: str) -> None:
    """Which ran stands in the report; that a profile is no full invoice, or has rules of its own, is a note."""
    report = check_document(cross_industry(specification).encode(), "invoice.xml")
    assert report.rule_set is not None
    assert report.rule_set.id == rule_set
    notes = [each.message for each in report.findings if each.weight is FaultWeight.NOTE]
    assert [note in each for each in notes] == ([True] if note else [])


def test_small_profiles_are_read_without_lines() -> None:
    """MINIMUM has four sums and no line; our own rules ask it for no more."""
    assert "BR-16" not in RULES_OF_PROFILE["MINIMUM"]
    start, end = (
        CII.index("<ram:IncludedSupplyChainTradeLineItem>"),
        CII.rindex("</ram:IncludedSupplyChainTradeLineItem>"),
    )
    small = CII[:start] + CII[end + len("</ram:IncludedSupplyChainTradeLineItem>") :]
    document = read(small.replace("urn:cen.eu:en16931:2017", "urn:factur-x.eu:1p0:basicwl").encode())
    assert (document.lines, document.payable_minor) == ((), 515000)


@pytest.mark.parametrize("name", [NAMED, "xrechnung.xml", "zugferd-invoice.xml", "Factur-X.xml"])
def test_a_pdf_is_read_by_what_it_carries(name: str) -> None:
    """The invoice inside is the document; the report says which attachment it was."""
    data = pdf(("terms.txt", b"none"), (name, CII.encode()))
    report = check_document(data, "invoice.pdf")
    assert (report.verdict, report.inside, report.file) == (DocumentVerdict.VALID, name, "invoice.pdf")
    assert report.document == read(CII.encode()) == read_document(data)


@pytest.mark.parametrize(
    ("data", "verdict", "told"),
    [
        (pdf(), DocumentVerdict.UNSUPPORTED, "a PDF that carries no invoice"),
        (pdf(("ZUGFeRD-invoice.xml", ZUGFERD_1)), DocumentVerdict.UNSUPPORTED, "ZUGFeRD 1"),
        (pdf((NAMED, b"<a")), DocumentVerdict.INVALID, "not well-formed"),
        (pdf((NAMED, CII.encode()), (NAMED, CII.encode() + b" ")), DocumentVerdict.INVALID, "which differ"),
        (pdf((NAMED, CII.encode()), ("xrechnung.xml", b"<a/>")), DocumentVerdict.INVALID, "which differ"),
        (pdf((NAMED, CII.encode()), password="secret"), DocumentVerdict.UNSUPPORTED, "encrypted"),
        (b"%PDF-1.7\nnothing of one", DocumentVerdict.UNSUPPORTED, "no PDF that is read here"),
        (b"%PDF-1.7\n" + bytes(20 * 1024 * 1024), DocumentVerdict.INVALID, "bytes"),
        (bomb(), DocumentVerdict.INVALID, "unpacks to too much"),
    ],
    ids=["no-invoice", "zugferd-1", "broken", "twice", "two-names", "password", "no-pdf", "large", "bomb"],
)
def test_other_pdfs_are_named_for_what_they_are(data: bytes, verdict: DocumentVerdict, told: str) -> None:
    """A printed form is not read, an ambiguous or a broken one is refused, and a bomb ends early."""
    report = check_document(data, "invoice.pdf")
    assert (report.verdict, report.document) == (verdict, None)
    assert told in str(report.findings[0])


def test_attachments_are_unpacked_here_too() -> None:
    """What runs in the engine's process is a plain function: the same bytes are one invoice by any name."""
    twice = pdf((NAMED, CII.encode()), (NAMED, CII.encode()))
    assert [name for name, _ in invoices_in(twice).files] == [NAMED]
    other = pdf((NAMED, CII.encode()), (NAMED.upper(), CII.encode()), ("zugferd-invoice.xml", CII.encode()))
    assert [content for _, content in invoices_in(other).files] == [CII.encode()]
    assert invoices_in(pdf()).files == ()
    assert "encrypted" in invoices_in(pdf((NAMED, b"<a/>"), password="secret")).fault
    assert invoices_in(b"%PDF-1.7").fault
    assert zlib.crc32(invoices_in(twice).files[0][1]) == zlib.crc32(CII.encode())


def test_a_pdf_is_no_credit_note_by_accident() -> None:
    """What is neither XML nor a PDF is refused before it is opened."""
    with pytest.raises(UnsupportedFormat, match="no XML"):
        examine_credit_note(b"{}")
