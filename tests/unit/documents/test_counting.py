"""What counts as paid: each payment once, without what was taken back, with what banks took on the way."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from hanse_documents import read_document
from hanse_documents.checks import Agreement, Finding, Weight, compare, disagrees
from hanse_documents.model.documents import Charge, Direction, InvoiceDocument, MessageKind, Money, PaymentDocument
from hanse_documents.model.reports import payments_in
from hanse_documents.samples import sample

_invoice, _transfers, _notices = (read_document(sample(name)) for name in ("invoice.xml", "pacs008.xml", "camt054.xml"))
assert isinstance(_invoice, InvoiceDocument)
INVOICE, TRANSFER, NOTICE = _invoice, payments_in(_transfers)[0], payments_in(_notices)[0]
UNPAID = replace(NOTICE, documents=(), creditor_reference=None)


def test_an_account_that_is_no_iban_is_compared() -> None:
    """A changed account is the fraud that D-18 is for, in countries without IBANs too."""
    invoice = replace(INVOICE, accounts=("6222021001112223334",))
    for account, outcome in (("6222021001112223334", Agreement.AGREES), ("6217000099998888777", Agreement.DIFFERS)):
        payment = replace(NOTICE, creditor_iban=None, creditor_account=account)
        (found,) = [finding for finding in compare(invoice, None, [payment]) if finding.check == "D-18"]
        assert (found.outcome, found.right_value, found.right_field) == (outcome, account, "creditor_account")


def about_payment(
    number: int, payments: Sequence[PaymentDocument], invoice: InvoiceDocument = INVOICE
) -> list[Finding]:
    """Give what one check found."""
    return [finding for finding in compare(invoice, None, payments) if finding.check == f"D-{number}"]


def total(payments: Sequence[PaymentDocument]) -> tuple[Agreement, str]:
    """Give the outcome of D-15 and what it counted."""
    (found,) = about_payment(15, payments)
    return found.outcome, found.right_value


OTHER = replace(
    UNPAID, uetr=None, end_to_end="X-2", debtor_name="Zwart BV", unstructured=("andere",), amount_minor=6_000
)
IDLESS = replace(NOTICE, uetr=None, end_to_end=None, bank_reference=None)
TAKEN = replace(NOTICE, reversal=True, direction=Direction.DEBIT)
CHARGE = Charge(amount_minor=1_500, bearer="SHAR", currency="EUR", exponent=2)
ASKED = Money(amount_minor=515_000, currency="EUR", exponent=2)
CHARGED = replace(NOTICE, amount_minor=513_500, charges=(CHARGE,), instructed=ASKED)


def test_credits_of_other_customers_do_not_count() -> None:
    """Of a batch only those are compared that name this invoice, or name nothing and are its buyer's."""
    batch = [NOTICE, OTHER, replace(OTHER, end_to_end="X-3", unstructured=())]
    assert total(batch) == (Agreement.AGREES, "5150.00 EUR")
    assert len(about_payment(16, batch)) == 1
    assert not disagrees(compare(INVOICE, None, batch))
    # Where none names it, the reference is what differs, and the rest is compared.
    assert [finding.outcome for finding in about_payment(16, [OTHER])] == [Agreement.DIFFERS]
    silent = replace(UNPAID, uetr=None, end_to_end="second", amount_minor=1)
    assert total([NOTICE, silent])[0] is Agreement.DIFFERS


@pytest.mark.parametrize(
    ("payments", "outcome", "counted"),
    [
        # Charges on the way were paid.
        ([CHARGED], Agreement.AGREES, "5135.00 EUR after charges of 15.00 EUR (SHAR)"),
        ([TRANSFER, CHARGED], Agreement.AGREES, "5135.00 EUR after charges of 15.00 EUR (SHAR)"),
        ([replace(CHARGED, instructed=None)], Agreement.AGREES, "5135.00 EUR after charges of 15.00 EUR (SHAR)"),
        ([replace(CHARGED, charges=())], Agreement.DIFFERS, "5135.00 EUR"),
        ([replace(NOTICE, charges=(CHARGE,), instructed=ASKED)], Agreement.AGREES, None),
        # What was taken back was not.
        ([NOTICE, TAKEN], Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        ([TAKEN, NOTICE, TRANSFER], Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        (
            [NOTICE, replace(TAKEN, amount_minor=5_000)],
            Agreement.DIFFERS,
            "5100.00 EUR after 50.00 EUR were taken back",
        ),
        ([NOTICE, replace(TAKEN, reversal=False, returned=True)], Agreement.DIFFERS, None),
        ([NOTICE, replace(TAKEN, status="PDNG")], Agreement.AGREES, "5150.00 EUR"),
        ([NOTICE, replace(TAKEN, uetr=None, end_to_end=None)], Agreement.DIFFERS, None),
        ([TAKEN], Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        ([NOTICE, replace(NOTICE, reversal=True)], Agreement.CANNOT_COMPARE, None),
        ([NOTICE, replace(UNPAID, uetr=None, end_to_end=None, reversal=True, direction=Direction.DEBIT)],
         Agreement.CANNOT_COMPARE, None),
        ([replace(IDLESS, bank_reference="B-1"),
          replace(UNPAID, uetr=None, end_to_end=None, bank_reference="B-1", reversal=True, direction=Direction.DEBIT)],
         Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        # Money that came back pays nothing, and takes nothing.
        ([replace(NOTICE, returned=True)], Agreement.CANNOT_COMPARE, ""),
        ([NOTICE, replace(NOTICE, returned=True, uetr=None, end_to_end="REFUND")], Agreement.AGREES, "5150.00 EUR"),
        # A transfer and its notification are one payment, also where one of them or both have no ids.
        ([replace(TRANSFER, uetr=None, end_to_end=None), IDLESS], Agreement.AGREES, "5150.00 EUR"),
        ([TRANSFER, IDLESS], Agreement.AGREES, "5150.00 EUR"),
        ([TRANSFER, replace(NOTICE, uetr=None)], Agreement.AGREES, "5150.00 EUR"),
        ([replace(TRANSFER, end_to_end=None), replace(NOTICE, uetr=None)], Agreement.AGREES, "5150.00 EUR"),
        ([IDLESS, IDLESS], Agreement.DIFFERS, "10300.00 EUR"),
        ([replace(NOTICE, uetr=None, bank_reference=name) for name in ("1", "2")], Agreement.DIFFERS, "10300.00 EUR"),
        # Of a payment of several invoices nobody says which part is this one's.
        ([replace(NOTICE, amount_minor=600_000, documents=("QW-2026-0917", "QW-2026-0918"))], Agreement.CANNOT_COMPARE,
         "6000.00 EUR for QW-2026-0917, QW-2026-0918, RF24QW20260917"),
        ([replace(NOTICE, amount_minor=600_000, further_references=("RF18539007547034",))], Agreement.CANNOT_COMPARE,
         None),
    ],
)  # fmt: skip
def test_what_counts_as_paid(payments: list[PaymentDocument], outcome: Agreement, counted: str | None) -> None:
    """Charges, reversals, returns, messages without ids and payments of several invoices, each as what it is."""
    found, value = total(payments)
    assert found is outcome
    assert counted is None or value == counted


def test_a_deduction_is_told() -> None:
    """What was credited agrees with what was transferred, charges included; that they were taken is a warning."""
    (same,) = about_payment(21, [TRANSFER, CHARGED])
    assert (same.outcome, same.right_value) == (Agreement.AGREES, "5135.00 EUR after charges of 15.00 EUR (SHAR)")
    (deducted,) = about_payment(22, [TRANSFER, CHARGED])
    assert (deducted.outcome, deducted.weight, deducted.left_value) == (
        Agreement.DIFFERS,
        Weight.WARNING,
        "5150.00 EUR",
    )
    assert not disagrees(compare(INVOICE, None, [TRANSFER, CHARGED]))
    dollars = Money(amount_minor=600_000, currency="USD", exponent=2)
    changed = [replace(TRANSFER, currency="USD", amount_minor=600_000), replace(NOTICE, instructed=dollars)]
    assert [about_payment(number, changed)[0].outcome for number in (21, 22)] == [Agreement.CANNOT_COMPARE] * 2


def test_ten_thousand_payments_are_counted_in_a_moment() -> None:
    """No number of messages, alike or not, makes counting slow."""
    same_id = [replace(NOTICE, uetr=None, debtor_name=str(place)) for place in range(3_000)]
    no_id = [replace(IDLESS, message=str(place)) for place in range(3_000)]
    assert total([*same_id, *no_id, *(replace(each, kind=MessageKind.CREDIT_TRANSFER) for each in no_id)])
