"""The papers of other people's trouble, where they lie: each comparison gives what their table calls right."""

from pathlib import Path

import pytest

from hanse_documents import read_document
from hanse_documents.checks import Agreement, Finding, Weight, compare, disagrees
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument
from hanse_documents.model.errors import DocumentError
from hanse_documents.model.reports import payments_in


def findings_of(shared: Path, *names: str) -> tuple[Finding, ...]:
    """Compare the papers of these names."""
    invoice: InvoiceDocument | None = None
    certificate: CertificateDocument | None = None
    payments: list[PaymentDocument] = []
    for name in names:
        document = read_document((shared / "field" / name).read_bytes(), name)
        match document:
            case InvoiceDocument():
                invoice = document
            case CertificateDocument():
                certificate = document
            case tuple():
                payments.extend(payments_in(document))
            case _:
                raise AssertionError(name)
    return compare(invoice, certificate, payments)


def outcomes(findings: tuple[Finding, ...], check: str) -> set[Agreement]:
    """Give the outcomes of one check."""
    return {finding.outcome for finding in findings if finding.check == check}


def paid(findings: tuple[Finding, ...]) -> tuple[Agreement, str]:
    """Give the outcome of D-15 and what was paid."""
    (found,) = [finding for finding in findings if finding.check == "D-15"]
    return found.outcome, found.right_value


@pytest.mark.parametrize(
    "names",
    [
        ("ubl-legal-form-with-full-stops.xml", "pacs008-legal-form-without-full-stops.xml",
         "coo-legal-form-without-full-stops.json"),
        ("ubl-name-with-umlauts.xml", "pacs008-names-in-swift-letters.xml"),
        ("ubl-ordinary.xml", "pacs008-number-split-over-two-lines.xml"),
        ("ubl-ordinary.xml", "pacs008-number-without-hyphen.xml"),
        ("ubl-payment-reference-in-groups.xml", "pacs008-reference-rf-without-spaces.xml"),
        ("ubl-ordinary.xml", "pacs008-number-in-additional-remittance.xml"),
        ("ubl-account-without-iban.xml", "pacs008-account-other-not-iban.xml"),
        ("ubl-ordinary.xml", "camt054-batch-of-three.xml"),
        ("ubl-ordinary.xml", "coo-issued-in-utc-evening-before.json", "camt054-paid-same-day-west-of-the-seller.xml"),
    ],
)  # fmt: skip
def test_papers_of_one_trade_do_not_cry_wolf(shared: Path, names: tuple[str, ...]) -> None:
    """What people and banks write differently without meaning it is no difference of any weight."""
    findings = findings_of(shared, *names)
    assert [finding for finding in findings if finding.outcome is Agreement.DIFFERS] == []
    for check in ("D-14", "D-15", "D-16", "D-17", "D-18"):
        assert outcomes(findings, check) == {Agreement.AGREES}


def test_an_iban_in_small_letters_is_the_same(shared: Path) -> None:
    """How an account is printed is not what it is."""
    assert outcomes(findings_of(shared, "ubl-iban-in-small-letters.xml", "pacs008-ordinary.xml"), "D-18") == {
        Agreement.AGREES
    }


def test_a_changed_account_is_found(shared: Path) -> None:
    """An account without an IBAN that is somebody else's differs, as an error."""
    findings = findings_of(shared, "ubl-account-without-iban.xml", "pacs008-account-other-of-somebody-else.xml")
    assert outcomes(findings, "D-18") == {Agreement.DIFFERS}
    assert disagrees(findings)


def test_charges_on_the_way_are_told_and_no_error(shared: Path) -> None:
    """1190.00 instructed, 15.00 charged, 1175.00 credited: agreed, said, and warned of."""
    shown = findings_of(shared, "pacs008-ordinary.xml", "camt054-charges-deducted-share.xml", "ubl-ordinary.xml")
    assert paid(shown) == (Agreement.AGREES, "1175.00 EUR after charges of 15.00 EUR (SHAR)")
    gross = findings_of(shared, "camt054-transaction-gross-entry-net.xml", "ubl-ordinary.xml")
    assert paid(gross) == (Agreement.AGREES, "1175.00 EUR after charges of 15.00 EUR")
    for findings in (shown, gross):
        assert not disagrees(findings)
        (told,) = [finding for finding in findings if finding.outcome is Agreement.DIFFERS]
        assert (told.check, told.weight, told.left_value) == ("D-22", Weight.WARNING, "1190.00 EUR")


def test_a_notification_that_contradicts_itself_is_refused(shared: Path) -> None:
    """One file may not say two things about one sum."""
    with pytest.raises(DocumentError, match="contradicts itself"):
        findings_of(shared, "camt054-entry-differs-from-its-transactions.xml")


def test_what_came_back_is_not_a_payment(shared: Path) -> None:
    """A transfer of the seller's own that came back does not count, alone or beside a payment."""
    both = findings_of(shared, "camt054-return-of-own-refund.xml", "camt054-ordinary.xml", "ubl-ordinary.xml")
    assert paid(both) == (Agreement.AGREES, "1190.00 EUR")
    assert not disagrees(both)
    assert paid(findings_of(shared, "camt054-return-of-own-refund.xml", "ubl-ordinary.xml")) == (
        Agreement.CANNOT_COMPARE,
        "",
    )


def test_a_credit_that_was_taken_back_is_no_credit(shared: Path) -> None:
    """Nothing is left of the only credit: the payment differs, as an error."""
    findings = findings_of(shared, "camt054-reversed-and-nothing-else.xml", "pacs008-ordinary.xml", "ubl-ordinary.xml")
    assert paid(findings) == (Agreement.DIFFERS, "0.00 EUR after 1190.00 EUR were taken back")
    assert disagrees(findings)


def test_a_transfer_and_its_notification_without_ids_count_once(shared: Path) -> None:
    """Messages before version 8 have no UETR, and many have no end-to-end id."""
    findings = findings_of(
        shared, "ubl-ordinary.xml", "pacs008-no-uetr-not-provided.xml", "camt054-no-uetr-not-provided.xml"
    )
    assert paid(findings) == (Agreement.AGREES, "1190.00 EUR")


def test_a_message_without_uetr_reads(shared: Path) -> None:
    """The older message tells its one transaction by its end-to-end id."""
    read = read_document((shared / "field" / "camt054-version-02-no-uetr.xml").read_bytes())
    (payment,) = payments_in(read)
    assert (payment.amount_minor, payment.end_to_end, payment.uetr) == (107_100, "FW-114-PAY", None)


@pytest.mark.parametrize(
    ("name", "payable", "code", "micro"),
    [
        ("ubl-600-lines.xml", 71_400, None, 1_000_000),
        ("ubl-payment-terms-5000-characters.xml", 119_000, None, 10_000_000),
        ("ubl-encoding-named-utf8.xml", 119_000, None, 10_000_000),
        ("ubl-hs-code-12-digits-turkey.xml", 119_000, "691110000000", 10_000_000),
        ("ubl-hs-code-9-digits-japan-hyphen.xml", 119_000, "691110000", 10_000_000),
        ("ubl-hs-code-4-digit-heading.xml", 119_000, "6911", 10_000_000),
        ("ubl-quantity-four-decimals.xml", 35_700, None, 599_900),
        ("ubl-quantity-five-decimals-volume.xml", 966_504, None, 15_619_030),
        ("ubl-payable-alternative-amount-usd.xml", 119_000, None, 10_000_000),
        ("ubl-extension-amount-in-national-currency.xml", 119_000, None, 10_000_000),
    ],
)
def test_valid_invoices_read(shared: Path, name: str, payable: int, code: str | None, micro: int) -> None:
    """What is valid by EN 16931 is read, whatever is unusual about it."""
    document = read_document((shared / "field" / name).read_bytes(), name)
    assert isinstance(document, InvoiceDocument)
    line = document.lines[0]
    assert (document.payable_minor, line.hs_code, line.quantity_micro) == (payable, code, micro)


@pytest.mark.parametrize(
    ("name", "lines", "code", "micro"),
    [
        ("coo-quantity-java-double.json", 1, "691110", 12_000_000_000_000),
        ("coo-hs-code-12-digits.json", 1, "691110000000", 10_000_000),
        ("coo-hs-heading-4-digits.json", 1, "6911", 10_000_000),
        ("coo-70-lines.json", 70, "691110", 10_000_000),
    ],
)
def test_valid_certificates_read(shared: Path, name: str, lines: int, code: str, micro: int) -> None:
    """Numbers as programs write them, codes of every country, many lines."""
    document = read_document((shared / "field" / name).read_bytes(), name)
    assert isinstance(document, CertificateDocument)
    line = document.lines[0]
    assert (len(document.lines), line.hs_code, line.quantity_micro) == (lines, code, micro)
