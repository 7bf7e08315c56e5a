"""What the rules of payments change: what is settled, under way and outstanding after each of them."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice import refusals as invoices
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, ReturnPayment
from hanse_ledger.kinds.payment.state import Payment, PaymentAmounts, PaymentLinks, PaymentState, PaymentStatus, Share
from tests.unit.ledger.kinds.test_rules_payments import (
    ALMOST,
    INSTRUCTED_AT,
    OPEN,
    PAY,
    RETURNED,
    STORY,
    pay,
    two_invoices,
)
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_member, change
from tests.world.corridor_genesis import T0, uetr_of
from tests.world.departures import GONE, KEYS_END, after, leave


def money(corridor: Corridor, name: str = "invoice") -> tuple[int, int, int]:
    """Give what of an invoice is outstanding, under way and settled."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Invoice)
    return found.amounts.outstanding_minor, found.amounts.under_way_minor, found.amounts.settled_minor


def test_two_allocations_to_one_invoice_are_refused() -> None:
    """Each part would fit what is outstanding, both together would overpay: an invoice is named once."""
    error = OPEN.refusal(pay(("invoice", 40_000), ("invoice", 40_000)), "buyer")
    assert error is not None
    assert error.reason is invoices.DUPLICATE_INVOICE


def test_payments_in_one_group_see_each_other() -> None:
    """Two instructions that each fit, in one group: the second finds only what the first has left."""
    corridor = two_invoices()
    first = corridor.sign(corridor.make.instruction(50_000, number=7), "buyer")
    second = corridor.sign(corridor.make.instruction(50_000, number=8), "buyer")
    outcomes = corridor.apply_all([first, second])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Created", "Refused"]
    assert money(corridor) == (20_000, 80_000, 0)


def test_instruction_creates_a_payment_and_claims_its_reference() -> None:
    """S-1 puts every allocation under way, and the sending bank's UETR is taken."""
    corridor = two_invoices()
    body = pay(("invoice", 70_000), ("second", 5_000))
    name = corridor.submit(body, "buyer", name="both")
    signed = corridor.signed["both"]
    assert corridor.ledger.objects[name] == Payment(
        id=name,
        seed=step_seed(signed.record.nonce),
        amounts=PaymentAmounts(
            allocations=(
                Share(amount_minor=70_000, invoice=corridor.id["invoice"], pledge=None),
                Share(amount_minor=5_000, invoice=corridor.id["second"], pledge=None),
            ),
            amount_minor=75_000,
            charged_minor=0,
            credited_minor=0,
            currency="EUR",
            debit=None,
            last_charged_minor=0,
            last_credited_minor=0,
            minor_digits=2,
            returned_minor=0,
            under_way_minor=75_000,
        ),
        history=NO_HISTORY.after(signed.id),
        links=PaymentLinks(
            conditions=(),
            payee=corridor.id["seller"],
            payee_bank="bank-cn",
            payer=corridor.id["buyer"],
            payer_bank="bank-be",
            rail="swift",
            uetr=uetr_of(2),
        ),
        status=PaymentStatus(accepted=None, instructed=corridor.head.time, state=PaymentState.INSTRUCTED),
    )
    assert corridor.ledger.claim(claim_key(ClaimKind.UETR, b"bank-be", uetr_of(2).encode())) == name
    assert money(corridor) == (0, 100_000, 0)
    assert money(corridor, "second") == (15_000, 5_000, 0)


def test_reference_is_unique_for_each_sending_bank() -> None:
    """S-1: another bank may use the same UETR, and one bank may be on both sides."""
    assert OPEN.refusal(replace(PAY, uetr=uetr_of(1), payer_bank="bank-cn"), "buyer") is None


def test_payee_need_not_be_enrolled_now() -> None:
    """S-1: debts to a party whose enrolment has ended can still be paid."""
    corridor = traders()
    brief = replace(corridor.make.enrolment("brief", PartyRole.SELLER), valid_until=T0 + 60_000)
    corridor.id["seller"] = corridor.submit(brief, "market", "brief")
    corridor.submit(corridor.make.invoice(), "brief", name="invoice")
    assert corridor.refusal(corridor.make.instruction(), "buyer", at=T0 + 60_000) is None


def test_confirmation_settles_what_was_under_way() -> None:
    """S-2 moves each allocation; S-3 gives it back, and the payment is over."""
    corridor = two_invoices()
    body = pay(("invoice", 70_000), ("second", 5_000))
    corridor.submit(body, "buyer", name="both")
    corridor.confirm_payment("both")
    assert money(corridor) == (0, 30_000, 70_000)
    assert money(corridor, "second") == (15_000, 0, 5_000)
    corridor.submit(corridor.make.payment_return("both", amount_minor=75_000), "bank-cn")
    assert money(corridor) == (70_000, 30_000, 0)
    assert money(corridor, "second") == (20_000, 0, 0)
    payment = corridor.ledger.objects[corridor.id["both"]]
    assert isinstance(payment, Payment)
    assert payment.status.state is PaymentState.RETURNED


def test_rejection_reopens_what_was_under_way() -> None:
    """S-4 makes each allocation outstanding again, the payment is over, and its UETR stays taken."""
    corridor = two_invoices()
    corridor.submit(pay(("invoice", 70_000), ("second", 5_000)), "buyer", name="both")
    corridor.submit(corridor.make.payment_rejection("both"), "bank-be")
    assert money(corridor) == (70_000, 30_000, 0)
    assert money(corridor, "second") == (20_000, 0, 0)
    payment = corridor.ledger.objects[corridor.id["both"]]
    assert isinstance(payment, Payment)
    assert payment.status.state is PaymentState.REJECTED
    error = corridor.refusal(pay(("invoice", 1)), "buyer")
    assert error is not None
    assert error.reason is why.UETR_TAKEN


def test_reference_stays_taken_after_the_return() -> None:
    """S-3 leaves the UETR's claim: a bank never uses one twice."""
    error = RETURNED.refusal(RETURNED.make.instruction(), "buyer")
    assert error is not None
    assert error.reason is why.UETR_TAKEN


@pytest.mark.parametrize(
    "body", [OPEN.make.confirmation(credited_minor=30_000), STORY.make.payment_return()], ids=["confirm", "return"]
)
def test_bank_decides_alone(body: ConfirmPayment | ReturnPayment) -> None:
    """S-2 and S-3 ask for nobody but the payee's bank."""
    corridor = OPEN if isinstance(body, ConfirmPayment) else STORY
    assert corridor.refusal(body, "bank-cn") is None


def withdrawn(corridor: Corridor, signer: str, at: int) -> Corridor:
    """The payment of 300.00 is withdrawn, and everything of the invoice is outstanding again."""
    assert money(corridor) == (70_000, 30_000, 0)
    corridor.submit(corridor.make.payment_withdrawal(), signer, at=at)
    assert money(corridor) == (100_000, 0, 0)
    payment = corridor.ledger.objects[corridor.id["payment"]]
    assert isinstance(payment, Payment)
    assert payment.status == PaymentStatus(accepted=None, instructed=INSTRUCTED_AT, state=PaymentState.WITHDRAWN)
    return corridor


@pytest.mark.parametrize("signer", ["buyer", "seller"])
def test_payment_that_no_bank_carries_out_is_taken_back(signer: str) -> None:
    """S-5: after thirty days payer or payee end it; no bank confirms it then, and its UETR stays taken."""
    corridor = withdrawn(two_invoices(), signer, ALMOST + 1)
    late = corridor.refusal(corridor.make.confirmation(), "bank-cn")
    assert late is not None
    assert late.reason is why.PAYMENT_NOT_INSTRUCTED
    again = corridor.refusal(corridor.make.instruction(1), "buyer")
    assert again is not None
    assert again.reason is why.UETR_TAKEN


@pytest.mark.parametrize("bank", ["bank-be", "bank-cn"])
@pytest.mark.parametrize("how", GONE)
def test_payer_takes_a_payment_back_at_once_where_a_bank_is_gone(how: str, bank: str) -> None:
    """S-5: a bank that has left, is suspended, is no bank any more or has no key can carry nothing out."""
    corridor = after(two_invoices(), (GONE[how], bank))
    withdrawn(corridor, "buyer", KEYS_END)
    if how == "has lost its role":
        other = replace(corridor.make.instruction(1, number=9), payer_bank=bank, payee_bank=bank)
        error = corridor.refusal(other, "buyer")
        assert error is not None
        assert error.reason is MEMBER_LACKS_ROLE


def test_both_banks_leave_and_the_invoice_is_free_again() -> None:
    """What was under way with two members that are gone is withdrawn; then other banks carry a payment."""
    corridor = two_invoices()
    corridor.change_members(change(members=[a_member("bank-us")]))
    after(corridor, (leave, "bank-be"), (leave, "bank-cn"))
    cancel = corridor.make.cancellation()
    stuck = corridor.refusal(cancel, "seller")
    assert stuck is not None
    assert stuck.reason is invoices.INVOICE_PAYMENT_UNDER_WAY
    withdrawn(corridor, "buyer", corridor.next_time())
    other = replace(corridor.make.instruction(100_000, number=9), payer_bank="bank-us", payee_bank="bank-us")
    assert corridor.refusal(other, "buyer") is None
    assert corridor.refusal(cancel, "seller") is None
