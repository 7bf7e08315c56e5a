"""What an invoice says in other places than EN 16931 has for it, and dates that contradict each other."""

import pytest

from hanse_documents import check_document
from hanse_documents.model.documents import HsCandidate, InvoiceDocument
from hanse_documents.model.errors import DocumentError, FaultWeight
from hanse_documents.samples import sample
from hanse_documents.semantics.checkdigits import verify_scheme

INVOICE = sample("invoice.xml").decode()
CLASS = """      <cac:CommodityClassification>
        <cbc:ItemClassificationCode listID="HS">691110</cbc:ItemClassificationCode>
      </cac:CommodityClassification>
"""


def first_line(old: str, new: str) -> tuple[HsCandidate, ...]:
    """Read the candidates of the first line, its own class taken off, with one of its texts replaced."""
    assert old in INVOICE
    report = check_document(INVOICE.replace(CLASS, "", 1).replace(old, new, 1).encode())
    assert isinstance(report.document, InvoiceDocument)
    line = report.document.lines[0]
    assert line.hs_code is None
    notes = [each for each in report.findings if each.weight is FaultWeight.NOTE and "HS code" in each.message]
    assert [(each.field, each.seen) for each in notes] == [
        (f"BG-25/1/{each.term}", each.code) for each in line.hs_candidates
    ]
    return line.hs_candidates


@pytest.mark.parametrize(
    ("old", "new", "code", "term"),
    [
        (">QW-P27<", ">6911.10<", "691110", "BT-155"),
        (">QW-P27<", ">69111000<", "69111000", "BT-155"),
        (">Dinner plate<", ">Dinner plate, HS code 6911.10.00<", "69111000", "BT-153"),
        (">Dinner plate<", ">Plate; Zolltarifnummer: 6911 10 00<", "69111000", "BT-153"),
        ("Porcelain, 27 cm", "Tariff 691110, 27 cm", "691110", "BT-154"),
    ],
)
def test_what_may_be_an_hs_code_is_a_candidate(old: str, new: str, code: str, term: str) -> None:
    """It stands beside the line with its term, and is told; the line's own code stays none."""
    assert first_line(old, new) == (HsCandidate(code=code, term=term),)


@pytest.mark.parametrize("other", ["QW-P27", "4711", "00123456", "99123456", "1234567"])
def test_what_is_none_is_no_candidate(other: str) -> None:
    """Of other lengths, and of chapters that there are not."""
    assert first_line(">QW-P27<", f">{other}<") == ()


def test_an_attribute_that_is_called_so_is_one() -> None:
    """Its name says what its value is; a number with a scheme, such as a GTIN, is one of that."""
    item, value = "cac:AdditionalItemProperty", "<cbc:Value>691110</cbc:Value>"
    end = "        </cac:TaxScheme>\n      </cac:ClassifiedTaxCategory>\n    </cac:Item>"
    for name, found in (("HS code", True), ("Colour", False)):
        attribute = f"<{item}><cbc:Name>{name}</cbc:Name>{value}</{item}>"
        assert bool(first_line(end, end.replace("    </cac:Item>", f"{attribute}</cac:Item>"))) is found
    before = "      <cac:OriginCountry>"
    for scheme, found in (("", True), (' schemeID="0160"', False)):
        number = f"<cbc:ID{scheme}>69111000</cbc:ID>"
        standard = f"<cac:StandardItemIdentification>{number}</cac:StandardItemIdentification>"
        assert bool(first_line(before, standard + before)) is found


def test_a_code_in_its_place_needs_no_candidates() -> None:
    """Where BT-158 has one nothing else is looked at."""
    report = check_document(INVOICE.replace(">QW-P27<", ">6911.10<").encode())
    assert isinstance(report.document, InvoiceDocument)
    assert report.document.lines[0].hs_candidates == ()


@pytest.mark.parametrize(
    ("old", "new", "term"),
    [
        (">2026-09-17</cbc:IssueDate>", ">1926-09-17</cbc:IssueDate>", "BT-2"),
        (">2026-10-17</cbc:DueDate>", ">2026-09-16</cbc:DueDate>", "BT-9"),
        (
            "  <cac:OrderReference>",
            "  <cac:InvoicePeriod><cbc:StartDate>2026-09-02</cbc:StartDate><cbc:EndDate>2026-09-01</cbc:EndDate>"
            "</cac:InvoicePeriod><cac:OrderReference>",
            "BT-74",
        ),
    ],
)
def test_dates_that_contradict_each_other_are_found(old: str, new: str, term: str) -> None:
    """A warning of ours, whatever the rules say of it."""
    assert old in INVOICE
    report = check_document(INVOICE.replace(old, new, 1).encode())
    assert term in {each.field for each in report.findings if each.weight is FaultWeight.WARNING}


def test_an_eori_number_has_its_shape() -> None:
    """A country, and up to fifteen letters and digits."""
    verify_scheme("DE1234567890", "EORI", "BT-29")
    for wrong in ("QX123", "DE", "DE12345678901234567", "de123"):
        with pytest.raises(DocumentError, match="EORI"):
            verify_scheme(wrong, "EORI", "BT-29")
