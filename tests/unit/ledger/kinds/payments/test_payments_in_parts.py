"""Payments in parts, corrected and returned: what is settled, under way and outstanding after each step."""

from msgspec.structs import replace

from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.allocating import shares_of
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from tests.unit.ledger.kinds.payments.test_payments import money
from tests.unit.ledger.kinds.test_rules_payments import ALMOST, cut_short, pay, two_invoices
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY


def of(corridor: Corridor, name: str = "payment") -> Payment:
    """Give a payment."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Payment)
    return found


def both() -> Corridor:
    """A payment of 700.00 of one invoice and 50.00 of another is under way."""
    corridor = two_invoices()
    corridor.submit(pay(("invoice", 70_000), ("second", 5_000)), "buyer", name="both")
    return corridor


def part(corridor: Corridor, credited_minor: int, *charged_minor: int) -> None:
    """Have a part of it arrive."""
    body = corridor.make.confirmation("both", credited_minor=credited_minor, charged_minor=charged_minor, partial=True)
    corridor.submit(body, "bank-cn")


def test_an_accepted_payment_says_since_when_and_is_under_way_as_before() -> None:
    """S-6 moves no money; a bank that has accepted may still reject, and the thirty days count from then."""
    corridor = two_invoices()
    accepted_at = corridor.head.time + DAY
    corridor.submit(corridor.make.payment_acceptance(), "bank-be", at=accepted_at)
    assert (of(corridor).status.state, of(corridor).status.accepted) == (PaymentState.ACCEPTED, accepted_at)
    assert money(corridor) == (70_000, 30_000, 0)
    withdrawal = corridor.make.payment_withdrawal()
    early = corridor.refusal(withdrawal, "buyer", at=ALMOST + 1)
    assert early is not None
    assert early.reason is why.WITHDRAWN_TOO_SOON
    assert corridor.refusal(withdrawal, "seller", at=accepted_at + 30 * DAY) is None
    assert corridor.refusal(corridor.make.payment_rejection(), "bank-be") is None
    assert corridor.refusal(corridor.make.confirmation(credited_minor=30_000), "bank-cn") is None


def test_parts_fill_the_allocations_in_their_order() -> None:
    """S-2: two parts with charges, then the rest: the first invoice is paid before the second."""
    corridor = both()
    part(corridor, 40_000, 500)
    assert of(corridor, "both").status.state is PaymentState.PARTLY_CONFIRMED
    assert money(corridor) == (0, 59_500, 40_500)
    assert money(corridor, "second") == (15_000, 5_000, 0)
    part(corridor, 30_000)
    assert money(corridor) == (0, 30_000, 70_000)
    assert money(corridor, "second") == (15_000, 4_500, 500)
    corridor.submit(corridor.make.confirmation("both", credited_minor=4_500), "bank-cn")
    amounts = of(corridor, "both").amounts
    assert (amounts.credited_minor, amounts.charged_minor, amounts.under_way_minor) == (74_500, 500, 0)
    assert of(corridor, "both").status.state is PaymentState.CONFIRMED
    assert money(corridor, "second") == (15_000, 0, 5_000)


def test_a_rest_that_does_not_come_is_outstanding_again() -> None:
    """S-4 ends what is under way alone: what has arrived stays settled, and it does not count as come to nothing."""
    corridor = cut_short()
    assert of(corridor).status.state is PaymentState.CUT_SHORT
    assert money(corridor) == (80_000, 0, 20_000)
    late = corridor.refusal(corridor.make.confirmation(credited_minor=10_000), "bank-cn")
    assert late is not None
    assert late.reason is why.PAYMENT_NOT_INSTRUCTED


def test_a_part_goes_back_from_the_last_invoice_first() -> None:
    """S-3 in two steps: what had been settled last is outstanding first; then the payment is over."""
    corridor = both()
    corridor.confirm_payment("both")
    corridor.submit(corridor.make.payment_return("both", amount_minor=6_000), "bank-cn")
    assert of(corridor, "both").status.state is PaymentState.PARTLY_RETURNED
    assert money(corridor, "second") == (20_000, 0, 0)
    assert money(corridor) == (1_000, 30_000, 69_000)
    corridor.submit(corridor.make.payment_return("both", amount_minor=69_000), "bank-cn")
    assert of(corridor, "both").status.state is PaymentState.RETURNED
    assert money(corridor) == (70_000, 30_000, 0)


def test_a_part_that_went_back_leaves_the_rest_under_way() -> None:
    """S-3 of a part while the rest is awaited: what comes then is settled, and what went back stays outstanding."""
    corridor = both()
    part(corridor, 40_000)
    corridor.submit(corridor.make.payment_return("both", amount_minor=40_000), "bank-cn")
    assert of(corridor, "both").status.state is PaymentState.PARTLY_RETURNED
    assert money(corridor) == (35_000, 65_000, 0)
    assert money(corridor, "second") == (20_000, 0, 0)
    corridor.submit(corridor.make.confirmation("both", credited_minor=35_000), "bank-cn")
    assert money(corridor) == (35_000, 30_000, 35_000)
    assert [*shares_of(of(corridor, "both").amounts)] == [(35_000, 0), (0, 0)]


def test_a_correction_stands_in_the_place_of_the_last_confirmation() -> None:
    """S-7: 50.00 less arrived than was said, and are under way again; then the confirmation is right after all."""
    corridor = both()
    part(corridor, 40_000)
    corridor.submit(corridor.make.confirmation("both", credited_minor=35_000), "bank-cn")
    corridor.submit(corridor.make.correction("both", credited_minor=29_000, charged_minor=(1_000,)), "bank-cn")
    amounts = of(corridor, "both").amounts
    assert (amounts.credited_minor, amounts.charged_minor, amounts.under_way_minor) == (69_000, 1_000, 5_000)
    assert (amounts.last_credited_minor, amounts.last_charged_minor) == (29_000, 1_000)
    assert of(corridor, "both").status.state is PaymentState.PARTLY_CONFIRMED
    assert money(corridor, "second") == (15_000, 5_000, 0)
    corridor.submit(corridor.make.correction("both", credited_minor=35_000), "bank-cn")
    assert of(corridor, "both").status.state is PaymentState.CONFIRMED
    assert money(corridor, "second") == (15_000, 0, 5_000)


def test_what_was_ended_is_not_under_way_after_a_correction() -> None:
    """S-7 on a payment whose rest was rejected: what is missing is outstanding, and what is more needs room."""
    corridor = cut_short()
    corridor.submit(corridor.make.correction(credited_minor=15_000), "bank-cn")
    assert money(corridor) == (85_000, 0, 15_000)
    corridor.submit(corridor.make.correction(credited_minor=30_000), "bank-cn")
    assert of(corridor).status.state is PaymentState.CONFIRMED
    assert money(corridor) == (70_000, 0, 30_000)


def test_a_correction_is_told_with_its_money() -> None:
    """A refusal says what would stand, and what may."""
    corridor = cut_short()
    corridor.submit(corridor.make.payment_return(amount_minor=5_000), "bank-cn")
    refused = corridor.refusal(corridor.make.correction(credited_minor=4_999), "bank-cn")
    assert refused is not None
    assert (refused.seen, refused.wanted) == ("together 49.99 EUR", "at least 50.00 EUR")
    paid = cut_short("paid")
    refused = paid.refusal(replace(paid.make.correction(credited_minor=20_001)), "bank-cn")
    assert refused is not None
    assert refused.seen == "0.01 EUR"
    assert refused.wanted.startswith("at most 0.00 EUR more on invoice ")
