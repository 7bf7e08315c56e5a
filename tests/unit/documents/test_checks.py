"""Cross-document checks: each finds exactly the difference that it is there for."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_documents import read_document
from hanse_documents.checks import CHECKS, Agreement, Finding, Weight, compare, disagrees
from hanse_documents.checks.folding import words
from hanse_documents.checks.likeness import bare, mentions, same_hs, same_name, same_number
from hanse_documents.checks.pairing import pair
from hanse_documents.model.documents import (
    CertificateDocument,
    CertificateGoods,
    Direction,
    DocumentParty,
    Incoterms,
    InvoiceDocument,
    MessageKind,
    Money,
    PaymentDocument,
)
from hanse_documents.model.reports import payments_in
from hanse_documents.samples import sample
from hanse_ledger.values.figures import decimal_text, money_text, quantity_text

_read = [read_document(sample(name)) for name in ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml")]
assert isinstance(_read[0], InvoiceDocument)
assert isinstance(_read[1], CertificateDocument)
INVOICE, CERTIFICATE, TRANSFER, NOTICE = _read[0], _read[1], payments_in(_read[2])[0], payments_in(_read[3])[0]
NOBODY = DocumentParty()
UNPAID = replace(NOTICE, documents=(), creditor_reference=None)


def with_line(place: int, **changes: Any) -> CertificateDocument:
    """Give the certificate with one of its lines changed."""
    lines = list(CERTIFICATE.lines)
    lines[place] = replace(lines[place], **changes)
    return replace(CERTIFICATE, lines=tuple(lines))


def outcomes(findings: Sequence[Finding], outcome: Agreement) -> list[str]:
    """List the numbers of the checks that found this, each once, in order."""
    return list(dict.fromkeys(finding.check for finding in findings if finding.outcome is outcome))


def test_documents_of_one_trade_agree() -> None:
    """On the shipped samples every check runs and every check agrees, although names are spelt differently."""
    findings = compare(INVOICE, CERTIFICATE, (TRANSFER, NOTICE))
    assert {finding.outcome for finding in findings} == {Agreement.AGREES}
    assert list(dict.fromkeys(finding.check for finding in findings)) == [check.number for check in CHECKS[:22]]
    assert not disagrees(findings)


@pytest.mark.parametrize(
    ("certificate", "differ", "cannot"),
    [
        (replace(CERTIFICATE, exporter=replace(CERTIFICATE.exporter, name="Qingwan Studio")), ["D-1"], []),
        (replace(CERTIFICATE, exporter=replace(CERTIFICATE.exporter, name=None)), [], ["D-1"]),
        (replace(CERTIFICATE, exporter=replace(CERTIFICATE.exporter, identifiers=("id:x",))), ["D-2"], []),
        (replace(CERTIFICATE, exporter=replace(CERTIFICATE.exporter, identifiers=())), [], ["D-2"]),
        (replace(CERTIFICATE, consignee=DocumentParty(name="Blauw BV", identifiers=("1",))), ["D-3", "D-4"], []),
        (replace(CERTIFICATE, consignee=None), [], ["D-3", "D-4"]),
        (replace(CERTIFICATE, lines=tuple(replace(x, invoice="QW-2026-0918") for x in CERTIFICATE.lines)), ["D-5"], []),
        (replace(CERTIFICATE, lines=tuple(replace(x, invoice=None) for x in CERTIFICATE.lines)), [], ["D-5"]),
        (with_line(2, hs_code="691390"), ["D-6"], []),
        (with_line(2, hs_code="6912002300"), [], []),
        (with_line(2, hs_code=None), [], ["D-6"]),
        (with_line(1, origin="VN"), ["D-7"], []),
        (with_line(1, origin=None), [], ["D-7"]),
        (with_line(0, quantity_micro=120_001_000), ["D-8"], []),
        (with_line(0, unit="KGM"), ["D-8"], []),
        (with_line(0, unit="KGM", quantity_micro=96_000_000), [], ["D-8"]),
        (with_line(0, unit="H87"), [], []),
        (with_line(0, unit="XCT"), [], ["D-8"]),
        (with_line(0, quantity_micro=None, unit=None), [], ["D-8"]),
        (replace(CERTIFICATE, lines=CERTIFICATE.lines[:2]), ["D-9"], []),
        (replace(CERTIFICATE, lines=(*CERTIFICATE.lines, CertificateGoods(hs_code="392410"))), ["D-10"], []),
        (replace(CERTIFICATE, lines=(*CERTIFICATE.lines, CertificateGoods(invoice="other"))), [], []),
        (replace(CERTIFICATE, issued="2026-09-16", issued_at=None), ["D-11"], []),
        (replace(CERTIFICATE, issued=None), [], ["D-11"]),
        (replace(CERTIFICATE, import_country="NL"), ["D-12"], []),
        (replace(CERTIFICATE, import_country=None), [], ["D-12"]),
    ],
)
def test_each_difference_from_the_certificate_is_found(
    certificate: CertificateDocument, differ: list[str], cannot: list[str]
) -> None:
    """One change, one check: what differs is told from what cannot be compared, and all else still agrees."""
    findings = compare(INVOICE, certificate, (TRANSFER, NOTICE))
    assert outcomes(findings, Agreement.DIFFERS) == differ
    assert outcomes(findings, Agreement.CANNOT_COMPARE) == cannot
    errors = {check.number for check in CHECKS if check.weight is Weight.BLOCK}
    assert disagrees(findings) == bool(errors.intersection(differ))


@pytest.mark.parametrize(
    ("invoice", "differ", "cannot"),
    [
        (replace(INVOICE, incoterms=None), [], ["D-13"]),
        (replace(INVOICE, incoterms=Incoterms(code="ex works")), ["D-13"], []),
        (replace(INVOICE, delivery_country=None), [], []),
        (replace(INVOICE, delivery_country=None, buyer=replace(INVOICE.buyer, country="FR")), ["D-12"], []),
        (replace(INVOICE, accounts=()), [], ["D-18"]),
        (replace(INVOICE, accounts=("DE89370400440532013000",)), ["D-18"], []),
        (replace(INVOICE, payee_name="Factor NV"), ["D-17"], []),
        (replace(INVOICE, payable_minor=515_001), ["D-15"], []),
        (replace(INVOICE, issued="2026-10-13"), ["D-11", "D-20"], []),
    ],
)
def test_each_difference_in_the_invoice_is_found(
    invoice: InvoiceDocument, differ: list[str], cannot: list[str]
) -> None:
    """A change of the invoice is found by the checks of what was changed."""
    findings = compare(invoice, CERTIFICATE, (TRANSFER, NOTICE))
    assert outcomes(findings, Agreement.DIFFERS) == differ
    assert outcomes(findings, Agreement.CANNOT_COMPARE) == cannot


@pytest.mark.parametrize(
    ("payments", "differ", "cannot"),
    [
        ([replace(NOTICE, currency="USD")], ["D-14"], ["D-15"]),
        ([replace(NOTICE, amount_minor=514_000)], ["D-15"], []),
        ([TRANSFER, replace(NOTICE, amount_minor=514_000)], ["D-15", "D-21"], []),
        ([TRANSFER, replace(NOTICE, currency="USD")], ["D-14", "D-21"], ["D-15"]),
        ([replace(NOTICE, status="PDNG")], [], ["D-15"]),
        ([replace(NOTICE, direction=Direction.DEBIT)], [], ["D-15"]),
        ([NOTICE, replace(NOTICE, reversal=True, direction=Direction.DEBIT)], ["D-15"], []),
        ([NOTICE, replace(NOTICE, reversal=True)], [], ["D-15"]),
        ([NOTICE, replace(NOTICE, uetr=None, end_to_end="again")], ["D-15"], []),
        ([NOTICE, NOTICE], [], []),
        ([replace(UNPAID, documents=("QW-2026-0918",))], ["D-16"], []),
        ([replace(UNPAID, unstructured=("for plates",))], ["D-16"], []),
        ([replace(UNPAID, unstructured=("Invoice QW-2026-0917, thanks",))], [], []),
        ([replace(UNPAID, unstructured=("RF24QW20260917",))], [], []),
        ([replace(UNPAID, creditor_reference="RF24QW20260917")], [], []),
        ([UNPAID], [], ["D-16"]),
        ([replace(NOTICE, creditor_name="Qingwan Trading")], ["D-17"], []),
        ([replace(NOTICE, creditor_name=None)], [], ["D-17"]),
        ([replace(NOTICE, creditor_iban="BE71096123456769")], ["D-18"], []),
        ([replace(NOTICE, creditor_iban=None)], [], ["D-18"]),
        ([replace(NOTICE, debtor_name="Somebody else")], ["D-19"], []),
        ([replace(NOTICE, debtor_name=None)], [], ["D-19"]),
        ([replace(NOTICE, valued="2026-09-16")], ["D-20"], []),
        ([replace(NOTICE, valued=None, booked="2026-09-16")], ["D-20"], []),
        ([replace(NOTICE, valued=None, booked=None)], [], ["D-20"]),
    ],
)
def test_each_difference_in_a_payment_is_found(
    payments: list[PaymentDocument], differ: list[str], cannot: list[str]
) -> None:
    """Currency, amount, reference, creditor, account, debtor and date: each difference has its check."""
    findings = compare(INVOICE, CERTIFICATE, payments)
    assert outcomes(findings, Agreement.DIFFERS) == differ
    assert outcomes(findings, Agreement.CANNOT_COMPARE) == cannot


def test_parts_add_up() -> None:
    """Two instalments pay an invoice; the second one told twice, by transfer and by notification, counts once."""
    half = replace(NOTICE, amount_minor=257_500)
    rest = replace(half, uetr=None, end_to_end="second", kind=MessageKind.CREDIT_TRANSFER, status=None)
    told_again = replace(rest, kind=MessageKind.NOTIFICATION)
    paid = [finding for finding in compare(INVOICE, None, (half, rest, told_again)) if finding.check == "D-15"]
    assert [(finding.outcome, finding.right_value) for finding in paid] == [(Agreement.AGREES, "5150.00 EUR")]


def test_the_same_id_from_two_payers_is_two_payments() -> None:
    """An end-to-end id is the payer's own: two buyers may use the same one."""
    one = replace(NOTICE, uetr=None, end_to_end="1")
    paid = [f for f in compare(INVOICE, None, (one, replace(one, debtor_name="B"))) if f.check == "D-15"]
    assert [(finding.outcome, finding.right_value) for finding in paid] == [(Agreement.DIFFERS, "10300.00 EUR")]


def test_only_what_there_is_is_compared() -> None:
    """Checks of a document that is absent find nothing, rather than something reassuring."""
    assert compare(None, CERTIFICATE, ()) == ()
    assert [finding.check for finding in compare(INVOICE, None, ())] == ["D-13"]
    assert [finding.check for finding in compare(None, None, (TRANSFER, NOTICE))] == ["D-21", "D-22"]
    certified = dict.fromkeys(finding.check for finding in compare(INVOICE, CERTIFICATE, ()))
    assert list(certified) == [f"D-{number}" for number in range(1, 14)]


def test_a_finding_names_both_documents() -> None:
    """A finding shows both documents, both fields and both values."""
    (found,) = [finding for finding in compare(INVOICE, with_line(1, origin="VN"), ()) if finding.right_value == "VN"]
    assert found == Finding(
        check="D-7",
        left_document="invoice QW-2026-0917",
        left_field="BG-25/2/BT-159",
        left_value="CN",
        outcome=Agreement.DIFFERS,
        right_document="certificate qiantang-chamber.example:coo:QT26-03318",
        right_field="lines/2/origin",
        right_value="VN",
        weight=Weight.BLOCK,
        action="Ask the chamber or authority that issued the certificate.",
    )


@given(st.permutations(CERTIFICATE.lines))
def test_lines_may_stand_in_another_order(lines: list[CertificateGoods]) -> None:
    """Lines are paired by what they are, not by where they stand."""
    findings = compare(INVOICE, replace(CERTIFICATE, lines=tuple(lines)), ())
    assert {finding.outcome for finding in findings} == {Agreement.AGREES}


_GOODS = st.builds(
    CertificateGoods,
    hs_code=st.sampled_from(["691110", "691200", "090220", None]),
    invoice=st.sampled_from([INVOICE.number, "other", None]),
    origin=st.sampled_from(["CN", "VN", None]),
    quantity_micro=st.sampled_from([120_000_000, 240_000_000, None]),
    unit=st.sampled_from(["C62", "KGM"]),
)


@given(st.lists(_GOODS, min_size=1, max_size=8), st.lists(st.sampled_from(INVOICE.lines), min_size=1, max_size=8))
def test_every_line_is_paired_or_left_over_once(goods: list[CertificateGoods], lines: list[Any]) -> None:
    """No line is lost and none is used twice; lines are left over on one side only."""
    invoice = replace(INVOICE, lines=tuple(lines))
    pairing = pair(invoice, replace(CERTIFICATE, lines=tuple(goods)))
    assert sorted([place for place, _ in pairing.pairs] + list(pairing.only_invoice)) == list(range(1, len(lines) + 1))
    used = [place for _, place in pairing.pairs] + list(pairing.only_certificate)
    assert len(used) == len(set(used))
    assert set(used) <= set(range(1, len(goods) + 1))
    assert not (pairing.only_invoice and pairing.only_certificate)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Ex. Co., Ltd.", "EX CO LTD", True),
        ("Straße & Söhne", "STRASSE  söhne", True),
        ("清湾窑", "清湾窑", True),
        ("Ex Co Ltd", "Ex Ltd", False),
        ("Ex", None, None),
        (None, "Ex", None),
    ],
)
def test_names_are_compared_by_their_words(left: str | None, right: str | None, same: bool | None) -> None:
    """Case, punctuation and spacing do not make another company; a missing word does."""
    assert same_name(left, right) is same


def test_numbers_and_codes_are_compared_as_people_write_them() -> None:
    """References may be URIs, numbers may stand in a sentence, codes may be longer on one side."""
    assert same_number("example.com:invoice:INV-7", "INV-7")
    assert same_number("inv 7", "INV-7")
    assert not same_number("INV-77", "INV-7")
    assert not same_number("---", "...")
    assert mentions("pays INV-7 and INV-8", "INV-8")
    assert not mentions("pays INV-77", "INV-7")
    assert not mentions("anything", "-")
    assert bare("abr.gov.au:abn:55 004 094 599") == "55004094599"
    assert same_hs("691110", "6911101000") is True
    assert same_hs("6911100000", "691110001") is True  # the United States and Japan: what follows is their own
    assert same_hs("69111010", "69120010") is False
    assert same_hs("6911", "691110") is True
    assert same_hs(None, "691110") is None
    assert words("") == ()


def test_amounts_and_quantities_are_written_for_people() -> None:
    """Amounts show their currency's places, quantities no needless zeros."""
    assert money_text(-5, Money(amount_minor=0, currency="EUR", exponent=2)) == "-0.05 EUR"
    assert money_text(5_150, Money(amount_minor=0, currency="JPY", exponent=0)) == "5150 JPY"
    assert decimal_text(1, 3) == "0.001"
    assert quantity_text(100_000_000, "KGM") == "100 KGM"
    assert quantity_text(12_500_000, None) == "12.5"


def test_the_page_lists_every_check(root: Path) -> None:
    """The table of checks in the documentation has each check's number, title and weight, in order."""
    page = (root / "docs" / "formats" / "documents.md").read_text("utf-8")
    rows = re.findall(r"^\| (D-\d+) \| ([^|]+) \| [^|]+ \| [^|]+ \| (block|warning|note) \|$", page, re.MULTILINE)
    assert rows == [(check.number, check.title, check.weight.value) for check in CHECKS]


def test_a_party_lists_its_identifiers() -> None:
    """The register number comes first; what is not given is not listed."""
    assert DocumentParty(identifiers=("c",), legal_id="a", vat_id="b").all_identifiers() == ("a", "b", "c")
    assert NOBODY.all_identifiers() == ()
