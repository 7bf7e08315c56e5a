"""Rules S-1 to S-5: instruction, confirmation, return, rejection and withdrawal of payments."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice import refusals as invoices
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_UNKNOWN
from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.bodies import Allocation, ConfirmPayment, InstructPayment, ReturnPayment
from hanse_ledger.kinds.payment.state import Payment, PaymentAmounts, PaymentLinks, PaymentState, PaymentStatus, Share
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER, TOO_MANY_ENDED
from hanse_ledger.values import limits
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_bodies import a_member, change
from tests.world.corridor_genesis import DAY, T0, YEAR, uetr_of
from tests.world.departures import GONE, KEYS_END, after, leave, let_keys_end, lose_role, suspend


def two_invoices() -> Corridor:
    """Two invoices of 1,000.00 and 200.00, of which 300.00 of the first is under way; a second buyer and seller."""
    corridor = traders()
    corridor.enrol("other", PartyRole.BUYER, PartyRole.SELLER)
    corridor.issue_invoice()
    corridor.issue_invoice(2, payable_minor=20_000, name="second")
    corridor.submit(replace(corridor.make.invoice(3), currency="CNY"), "seller", name="yuan")
    corridor.submit(replace(corridor.make.invoice(4), seller=corridor.id["other"]), "other", name="of other")
    corridor.submit(replace(corridor.make.invoice(5), buyer=corridor.id["other"]), "seller", name="to other")
    corridor.issue_invoice(6, name="closed")
    corridor.submit(corridor.make.cancellation("closed"), "seller")
    corridor.instruct_payment(30_000)
    return corridor


def returned() -> Corridor:
    """A payment that was confirmed and has gone back."""
    corridor = story()
    corridor.submit(corridor.make.payment_return(), "bank-cn")
    return corridor


def worn() -> Corridor:
    """The payer's bank has rejected as many payments of the first invoice as the buyer may have ended."""
    corridor = two_invoices()
    for number in range(limits.ENDED):
        corridor.instruct_payment(1, number=100 + number, name="worn")
        corridor.submit(corridor.make.payment_rejection("worn"), "bank-be")
    return corridor


STORY, OPEN, RETURNED, WORN = story(), two_invoices(), returned(), worn()
SUSPENDED_BE, SUSPENDED_CN = after(two_invoices(), (suspend, "bank-be")), after(two_invoices(), (suspend, "bank-cn"))
KEYLESS_BE, KEYLESS_CN = (after(two_invoices(), (let_keys_end, name)) for name in ("bank-be", "bank-cn"))
NO_BANK_BE, NO_BANK_CN = after(story(), (lose_role, "bank-be")), after(story(), (lose_role, "bank-cn"))
LATE = T0 + 2 * YEAR
PAY = OPEN.make.instruction(70_000, number=2)


def pay(*parts: tuple[str, int], amount_minor: int | None = None, currency: str = "EUR") -> InstructPayment:
    """The payment with other allocations, and the sum of them unless told otherwise."""
    allocations = tuple(Allocation(amount_minor=amount, invoice=OPEN.id[name]) for name, amount in parts)
    total = sum(amount for _, amount in parts) if amount_minor is None else amount_minor
    return replace(PAY, allocations=allocations, amount_minor=total, currency=currency)


NOBODY, UNEVEN = bytes(32), replace(PAY, amount_minor=70_001)
TAKEN = replace(UNEVEN, uetr=uetr_of(1))
OF_OTHER = replace(pay(("closed", 1)), payer=OPEN.id["other"], currency="CNY")
FIRST = "/body/allocations/0"

INSTRUCTION = [
    Refused(OPEN, replace(PAY, payer=NOBODY, payee=NOBODY), ("chamber",), PARTY_UNKNOWN, "/body/payer"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("chamber",), PARTY_INACTIVE, "/body/payer", LATE),
    Refused(OPEN, replace(PAY, payer=OPEN.id["seller"]), ("chamber",), PARTY_LACKS_ROLE, "/body/payer"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("seller", "agent"), why.NOT_PAYER, "/signers"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("buyer", "bank-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(PAY, payee=NOBODY, payer_bank="none"), ("buyer",), PARTY_UNKNOWN, "/body/payee"),
    Refused(OPEN, replace(PAY, payer_bank="none", payee_bank="none"), ("buyer",), MEMBER_UNKNOWN, "/body/payer_bank"),
    Refused(SUSPENDED_BE, replace(PAY, payee_bank="none"), ("buyer",), MEMBER_SUSPENDED, "/body/payer_bank"),
    Refused(
        KEYLESS_BE,
        replace(PAY, payee_bank="none"),
        ("buyer",),
        MEMBER_WITHOUT_KEY,
        "/body/payer_bank",
        KEYS_END,
    ),
    Refused(
        OPEN,
        replace(PAY, payer_bank="market", payee_bank="none"),
        ("buyer",),
        MEMBER_LACKS_ROLE,
        "/body/payer_bank",
    ),
    Refused(OPEN, replace(TAKEN, payee_bank="none"), ("buyer",), MEMBER_UNKNOWN, "/body/payee_bank"),
    Refused(SUSPENDED_CN, TAKEN, ("buyer",), MEMBER_SUSPENDED, "/body/payee_bank"),
    Refused(KEYLESS_CN, TAKEN, ("buyer",), MEMBER_WITHOUT_KEY, "/body/payee_bank", KEYS_END),
    Refused(OPEN, replace(TAKEN, payee_bank="customs-cn"), ("buyer",), MEMBER_LACKS_ROLE, "/body/payee_bank"),
    Refused(OPEN, TAKEN, ("buyer",), why.UETR_TAKEN, "/body/uetr"),
    Refused(
        OPEN,
        pay(("second", 1), ("second", 1), amount_minor=1),
        ("buyer",),
        why.ALLOCATIONS_DIFFER,
        "/body/allocations",
    ),
    Refused(OPEN, UNEVEN, ("buyer",), why.ALLOCATIONS_DIFFER, "/body/allocations"),
    Refused(OPEN, pay(("closed", 1), ("closed", 1)), ("buyer",), invoices.DUPLICATE_INVOICE, "/body/allocations"),
    Refused(
        OPEN,
        replace(PAY, allocations=(Allocation(amount_minor=70_000, invoice=OPEN.id["payment"]),)),
        ("buyer",),
        invoices.INVOICE_UNKNOWN,
        f"{FIRST}/invoice",
    ),
    Refused(OPEN, replace(OF_OTHER, payee=OPEN.id["other"]), ("other",), why.PAYER_NOT_BUYER, "/body/payer"),
    Refused(OPEN, pay(("to other", 1)), ("buyer",), why.PAYER_NOT_BUYER, "/body/payer"),
    Refused(
        OPEN,
        replace(pay(("closed", 1)), payee=OPEN.id["other"], currency="CNY"),
        ("buyer",),
        why.PAYEE_NOT_SELLER,
        "/body/payee",
    ),
    Refused(OPEN, pay(("of other", 1)), ("buyer",), why.PAYEE_NOT_SELLER, "/body/payee"),
    Refused(
        WORN,
        replace(pay(("invoice", 200_000)), currency="CNY"),
        ("buyer",),
        TOO_MANY_ENDED,
        f"{FIRST}/invoice",
    ),
    Refused(OPEN, pay(("closed", 200_000), currency="CNY"), ("buyer",), invoices.INVOICE_NOT_OPEN, f"{FIRST}/invoice"),
    Refused(OPEN, replace(pay(("yuan", 200_000)), minor_digits=0), ("buyer",), why.CURRENCY_DIFFERS, "/body/currency"),
    Refused(
        OPEN,
        replace(pay(("invoice", 70_001)), minor_digits=3),
        ("buyer",),
        why.CURRENCY_DIFFERS,
        "/body/minor_digits",
    ),
    Refused(OPEN, pay(("invoice", 70_001)), ("buyer",), why.OVERPAID, f"{FIRST}/amount_minor"),
    Refused(
        OPEN,
        pay(("invoice", 70_000), ("second", 20_001)),
        ("buyer",),
        why.OVERPAID,
        "/body/allocations/1/amount_minor",
    ),
]

CONFIRM, RETURN = STORY.make.confirmation(credited_minor=1), OPEN.make.payment_return()
SHORT = OPEN.make.confirmation(credited_minor=29_000, charged_minor=(999,))

CONFIRMATION = [
    Refused(STORY, replace(CONFIRM, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(STORY, CONFIRM, ("bank-be",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(STORY, CONFIRM, ("seller",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(NO_BANK_CN, CONFIRM, ("bank-cn", "bank-be"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, CONFIRM, ("bank-cn", "bank-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, CONFIRM, ("bank-cn",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
    Refused(
        RETURNED,
        replace(CONFIRM, payment=RETURNED.id["payment"]),
        ("bank-cn",),
        why.PAYMENT_NOT_INSTRUCTED,
        "/body/payment",
    ),
    Refused(OPEN, SHORT, ("bank-cn",), why.CHARGES_DIFFER, "/body/credited_minor"),
    Refused(OPEN, replace(RETURN, payment=NOBODY), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(OPEN, RETURN, ("bank-be",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(NO_BANK_CN, NO_BANK_CN.make.payment_return(), ("bank-cn", "bank-be"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(OPEN, RETURN, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, RETURN, ("bank-cn",), why.PAYMENT_NOT_CONFIRMED, "/body/payment"),
    Refused(RETURNED, RETURNED.make.payment_return(), ("bank-cn",), why.PAYMENT_NOT_CONFIRMED, "/body/payment"),
]

REJECT = STORY.make.payment_rejection()

REJECTION = [
    Refused(STORY, replace(REJECT, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(STORY, REJECT, ("bank-cn",), why.NOT_PAYER_BANK, "/signers"),
    Refused(STORY, REJECT, ("buyer",), why.NOT_PAYER_BANK, "/signers"),
    Refused(NO_BANK_BE, REJECT, ("bank-be", "bank-cn"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, REJECT, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, REJECT, ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
    Refused(RETURNED, RETURNED.make.payment_rejection(), ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
]

WITHDRAW, PAYMENT = STORY.make.payment_withdrawal(), "/body/payment"
INSTRUCTED_AT = OPEN.head.time
ALMOST = INSTRUCTED_AT + 30 * DAY - 1

WITHDRAWAL = [
    Refused(STORY, replace(WITHDRAW, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, PAYMENT),
    Refused(STORY, WITHDRAW, ("agent",), why.NOT_PAYER_OR_PAYEE, "/signers"),
    Refused(STORY, WITHDRAW, ("bank-be",), why.NOT_PAYER_OR_PAYEE, "/signers"),
    Refused(STORY, WITHDRAW, ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, WITHDRAW, ("buyer",), why.PAYMENT_NOT_INSTRUCTED, PAYMENT),
    Refused(OPEN, OPEN.make.payment_withdrawal(), ("buyer",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
    Refused(OPEN, OPEN.make.payment_withdrawal(), ("seller",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
    Refused(SUSPENDED_CN, SUSPENDED_CN.make.payment_withdrawal(), ("seller",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
]

REFUSALS = INSTRUCTION + CONFIRMATION + REJECTION + WITHDRAWAL


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


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
        seed=signed.record.nonce,
        amounts=PaymentAmounts(
            allocations=(
                Share(amount_minor=70_000, invoice=corridor.id["invoice"]),
                Share(amount_minor=5_000, invoice=corridor.id["second"]),
            ),
            amount_minor=75_000,
            charged_minor=0,
            credited_minor=0,
            currency="EUR",
            minor_digits=2,
        ),
        history=NO_HISTORY.after(signed.id),
        links=PaymentLinks(
            payee=corridor.id["seller"],
            payee_bank="bank-cn",
            payer=corridor.id["buyer"],
            payer_bank="bank-be",
            uetr=uetr_of(2),
        ),
        status=PaymentStatus(instructed=corridor.head.time, state=PaymentState.INSTRUCTED),
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
    corridor.submit(corridor.make.payment_return("both"), "bank-cn")
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
    assert payment.status == PaymentStatus(instructed=INSTRUCTED_AT, state=PaymentState.WITHDRAWN)
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
