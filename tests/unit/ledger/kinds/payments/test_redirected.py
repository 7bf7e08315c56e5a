"""Payments of pledged invoices: they name the pledge, and go to the bank that has it."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.invoice.refusals import INVOICE_PLEDGED
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.kinds.pledge.refusals import PAYEE_BANK_NOT_PLEDGEE, PLEDGE_DIFFERS
from hanse_ledger.kinds.pledge.state import PledgeState
from hanse_ledger.proofs.sums import same_but_for_sums
from tests.world.corridor import Corridor, traders
from tests.world.trade.pledging import assign, invoice_of, pay, paying, pledge, pledge_of, release


@pytest.fixture
def corridor() -> Corridor:
    """An accepted invoice of 1,000.00 EUR, pledged to bank-cn."""
    made = traders()
    made.issue_invoice()
    made.accept_invoice()
    pledge(made)
    return made


def settled(corridor: Corridor) -> tuple[int, int]:
    """Give what is settled of the pledge, and of its invoice."""
    return pledge_of(corridor).amounts.settled_minor, invoice_of(corridor).amounts.settled_minor


def test_it_is_settled_by_payments_that_name_it(corridor: Corridor) -> None:
    """What is confirmed in parts adds up on both; what goes back is open again, and still pledged."""
    pay(corridor, 100_000)
    assert settled(corridor) == (0, 0)
    corridor.submit(corridor.make.payment_acceptance(), "bank-be")
    corridor.submit(corridor.make.confirmation(credited_minor=60_000, partial=True), "bank-cn")
    assert settled(corridor) == (60_000, 60_000)
    corridor.submit(corridor.make.confirmation(credited_minor=40_000), "bank-cn")
    assert settled(corridor) == (100_000, 100_000)
    corridor.submit(corridor.make.payment_return(amount_minor=25_000), "bank-cn")
    assert settled(corridor) == (75_000, 75_000)
    assert pledge_of(corridor).status.state is PledgeState.LIVE
    # create, instruct, accept, two confirmations, return
    assert pledge_of(corridor).history.count == 6


def test_its_history_has_what_came_to_nothing(corridor: Corridor) -> None:
    """A payment that is rejected changes nothing of the pledge but its history."""
    before = pledge_of(corridor)
    pay(corridor)
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    after, payment = pledge_of(corridor), corridor.ledger.objects[corridor.id["payment"]]
    assert isinstance(payment, Payment)
    assert payment.status.state is PaymentState.REJECTED
    assert same_but_for_sums(before, after)
    assert after.history.count == before.history.count + 2


def test_it_goes_to_the_bank_that_has_it_now(corridor: Corridor) -> None:
    """After an assignment the new bank is paid, and no other."""
    assign(corridor)
    error = corridor.refusal(paying(corridor), "buyer")
    assert error is not None
    assert (error.reason, error.seen, error.wanted) == (PAYEE_BANK_NOT_PLEDGEE, "bank-cn", "bank-be")
    corridor.submit(replace(paying(corridor), payee_bank="bank-be"), "buyer")


def test_after_its_release_no_payment_names_it(corridor: Corridor) -> None:
    """The bank has given the invoice free: whoever names its pledge still is told so."""
    release(corridor)
    error = corridor.refusal(paying(corridor), "buyer")
    assert error is not None
    assert (error.reason, error.wanted) == (PLEDGE_DIFFERS, "none")
    corridor.submit(paying(corridor, pledge=None), "buyer")


def test_a_released_pledge_keeps_what_was_paid_under_it(corridor: Corridor) -> None:
    """What is under way when it is released arrives where it was sent, and is counted."""
    pay(corridor, 40_000)
    release(corridor)
    corridor.submit(corridor.make.confirmation(credited_minor=40_000), "bank-cn")
    assert settled(corridor) == (40_000, 40_000)
    pledge(corridor, 60_000, name="next")
    assert pledge_of(corridor, "next").amounts.settled_minor == 0


def test_what_was_paid_before_is_not_corrected_upwards() -> None:
    """S-7: another bank's later word takes nothing off what is pledged; the pledgee releases first."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.instruct_payment(50_000)
    corridor.submit(corridor.make.confirmation(credited_minor=30_000, partial=True), "bank-cn")
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    pledge(corridor, 70_000)
    more = corridor.make.correction(credited_minor=40_000)
    error = corridor.refusal(more, "bank-cn")
    assert error is not None
    assert (error.reason, error.seen) == (INVOICE_PLEDGED, corridor.id["pledge"].hex())
    corridor.submit(corridor.make.correction(credited_minor=20_000), "bank-cn")
    release(corridor)
    corridor.submit(more, "bank-cn")
