"""Rule S-2: what is credited and what banks take on the way are together what was instructed, and that is settled."""

from msgspec.structs import replace

from hanse_ledger.kinds.invoice.refusals import AMOUNT_NEGATIVE
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.refusals import CHARGES_DIFFER, OVERPAID
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from tests.world.corridor import Corridor, traders


def instructed(amount_minor: int = 119_000) -> Corridor:
    """A payment of a whole invoice is under way."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), payable_minor=amount_minor), "seller", name="invoice")
    corridor.submit(corridor.make.instruction(amount_minor), "buyer", name="payment")
    return corridor


def found(corridor: Corridor) -> tuple[Payment, Invoice]:
    """Give the payment and its invoice."""
    payment, invoice = (corridor.ledger.objects[corridor.id[name]] for name in ("payment", "invoice"))
    assert isinstance(payment, Payment)
    assert isinstance(invoice, Invoice)
    return payment, invoice


def test_charges_on_the_way_leave_the_debt_settled() -> None:
    """1190.00 were instructed, banks took 10.00 and 5.00, 1175.00 arrived: the invoice is paid."""
    corridor = instructed()
    body = corridor.make.confirmation(credited_minor=117_500, charged_minor=(1_000, 500))
    corridor.submit(body, "bank-cn", name="confirmation")
    payment, invoice = found(corridor)
    assert payment.status.state is PaymentState.CONFIRMED
    assert (payment.amounts.amount_minor, payment.amounts.credited_minor, payment.amounts.charged_minor) == (
        119_000,
        117_500,
        1_500,
    )
    assert (invoice.amounts.settled_minor, invoice.amounts.outstanding_minor) == (119_000, 0)


def test_a_return_gives_back_what_was_settled() -> None:
    """S-3 reopens what was instructed; what had been credited and charged stays told."""
    corridor = instructed()
    corridor.submit(corridor.make.confirmation(credited_minor=117_500, charged_minor=(1_500,)), "bank-cn")
    corridor.submit(corridor.make.payment_return(amount_minor=119_000), "bank-cn")
    payment, invoice = found(corridor)
    assert (payment.amounts.credited_minor, payment.amounts.charged_minor) == (117_500, 1_500)
    assert invoice.amounts.outstanding_minor == 119_000


def test_a_refusal_tells_all_three_amounts_in_money() -> None:
    """Whoever reads it sees what was instructed, what was credited and what was charged."""
    corridor = instructed()
    refused = corridor.refusal(corridor.make.confirmation(credited_minor=117_500, charged_minor=(1_000,)), "bank-cn")
    assert refused is not None
    assert refused.reason is CHARGES_DIFFER
    assert refused.seen == "credited 1175.00 EUR and charges of 10.00 EUR"
    assert refused.wanted == "together 1190.00 EUR, which are under way"


def test_a_payment_may_have_no_reference_of_its_own() -> None:
    """S-1: messages before version 8 have no place for a UETR, and a bank may send several such."""
    corridor = traders()
    corridor.issue_invoice()
    for name in ("payment", "another"):
        corridor.submit(replace(corridor.make.instruction(1_000), uetr=None), "buyer", name=name)
    for name in ("payment", "another"):
        corridor.submit(corridor.make.confirmation(name, credited_minor=1_000), "bank-cn")
    _, invoice = found(corridor)
    assert invoice.amounts.settled_minor == 2_000


def test_nothing_to_pay_is_an_amount_payable() -> None:
    """I-1: a prepaid invoice is registered, accepted and declared as any; nothing of it is paid."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), payable_minor=0), "seller", name="invoice")
    corridor.accept_invoice()
    corridor.issue_certificate()
    corridor.lodge_export()
    refused = corridor.refusal(corridor.make.instruction(1), "buyer")
    assert refused is not None
    assert (refused.reason, refused.seen, refused.wanted) == (OVERPAID, "0.01 EUR", "at most 0.00 EUR")


def test_less_than_nothing_is_refused_in_words() -> None:
    """I-1: below zero is no amount payable, and the refusal says so in money."""
    corridor = traders()
    refused = corridor.refusal(replace(corridor.make.invoice(), payable_minor=-119_000), "seller")
    assert refused is not None
    assert (refused.reason, refused.pointer) == (AMOUNT_NEGATIVE, "/body/payable_minor")
    assert (refused.seen, refused.wanted) == ("-1190.00 EUR", "0.00 EUR or more")
