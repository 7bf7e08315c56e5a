"""Payments and their allocation to invoices."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import uetr_claim
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    find,
    find_active_member,
    member_is_active,
    require,
    require_alone,
    require_only,
    require_role,
)
from hanse_ledger.kinds.ended import count_ended
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import DUPLICATE_INVOICE, INVOICE_NOT_OPEN, INVOICE_PLEDGED
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party, find_party
from hanse_ledger.kinds.payment.allocating import added_to, settle, settle_pledges, state_of
from hanse_ledger.kinds.payment.banks import carries, confirms, is_member
from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    ConfirmPayment,
    CorrectPayment,
    Debit,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.conditions import require_conditions, require_met
from hanse_ledger.kinds.payment.payable import find_payable
from hanse_ledger.kinds.payment.refusals import (
    ALLOCATIONS_DIFFER,
    CHARGES_DIFFER,
    DEBIT_DIFFERS,
    DEBIT_IN_SAME_CURRENCY,
    LESS_THAN_RETURNED,
    MORE_THAN_INSTRUCTED,
    NO_MEMBER_BANK,
    NOT_PAYEE_BANK,
    NOT_PAYER,
    NOT_PAYER_BANK,
    NOT_PAYER_OR_PAYEE,
    OVERPAID,
    PAYMENT_NOT_ACCEPTED,
    PAYMENT_NOT_CONFIRMED,
    PAYMENT_NOT_INSTRUCTED,
    PAYMENT_UNKNOWN,
    RETURNED_TOO_MUCH,
    UETR_TAKEN,
    WITHDRAWN_TOO_SOON,
)
from hanse_ledger.kinds.payment.state import Payment, PaymentAmounts, PaymentLinks, PaymentState, PaymentStatus, Share
from hanse_ledger.kinds.pledge.rules import find_pledge
from hanse_ledger.kinds.pledge.state import Pledge
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_ledger.wire.membership import MemberRole


def instruct_payment(state: StateView, body: InstructPayment, signers: Signers, context: Context) -> Delta:
    """S-1. A buyer instructs the payment of its invoices, never more than is outstanding."""
    find_active_party(state, body.payer, PartyRole.BUYER, context.at, "/body/payer")
    require_alone(signers, body.payer, NOT_PAYER)
    find_party(state, body.payee, "/body/payee")
    for bank, pointer in ((body.payer_bank, "/body/payer_bank"), (body.payee_bank, "/body/payee_bank")):
        if is_member(bank):
            find_active_member(state, bank, MemberRole.BANK, context.at, pointer)
    require(is_member(body.payer_bank) or is_member(body.payee_bank), NO_MEMBER_BANK, "/body/payee_bank")
    uetr = None if body.uetr is None else uetr_claim(body.payer_bank, body.uetr)
    require(uetr is None or state.claim(uetr) is None, UETR_TAKEN, "/body/uetr", seen=body.uetr)
    total = sum(part.amount_minor for part in body.allocations)
    require(
        total == body.amount_minor,
        ALLOCATIONS_DIFFER,
        "/body/allocations",
        seen=lambda: money_text(total, body),
        wanted=lambda: money_text(body.amount_minor, body),
    )
    require(
        body.debit is None or body.debit.currency != body.currency,
        DEBIT_IN_SAME_CURRENCY,
        "/body/debit/currency",
        seen=body.currency,
    )
    names = [part.invoice for part in body.allocations]
    require(len(set(names)) == len(names), DUPLICATE_INVOICE, "/body/allocations")
    invoices = [find_payable(state, body, place) for place in range(len(body.allocations))]
    require_conditions(state, body)

    # From here the instruction must succeed.
    payment = _instructed(body, context)
    return Delta(
        objects=(payment, *settle(invoices, None, payment.amounts), *_pledges(state, payment)),
        claims={} if uetr is None else {uetr: payment.id},
    )


def confirm_payment(state: StateView, body: ConfirmPayment, signers: Signers, context: Context) -> Delta:
    """S-2. The payee's bank confirms a credit; what was under way is settled, whatever was charged on the way."""
    payment = _of_payee_bank(state, body.payment, signers)
    _require_under_way(payment)
    # The payer's bank has signed the debit with its acceptance; with this the payee's does.
    require(
        payment.amounts.debit is None or payment.status.accepted is not None,
        PAYMENT_NOT_ACCEPTED,
        "/body/payment",
        seen=payment.status.state,
    )
    _require_debit(payment, body.debit)
    require_met(state, payment, body, context.at)
    amounts, charged = payment.amounts, sum(charge.amount_minor for charge in body.charges)
    credited_words, charged_words, open_words = (
        money_text(minor, amounts) for minor in (body.credited_minor, charged, amounts.under_way_minor)
    )
    arrived = body.credited_minor + charged
    require(
        body.partial or arrived == amounts.under_way_minor,
        CHARGES_DIFFER,
        "/body/credited_minor",
        seen=f"credited {credited_words} and charges of {charged_words}",
        wanted=f"together {open_words}, which are under way",
    )
    require(
        arrived <= amounts.under_way_minor,
        MORE_THAN_INSTRUCTED,
        "/body/credited_minor",
        seen=f"credited {credited_words} and charges of {charged_words}",
        wanted=f"together at most {open_words}, which are under way",
    )

    # From here the confirmation must succeed.
    confirmed = replace(
        amounts,
        charged_minor=amounts.charged_minor + charged,
        credited_minor=amounts.credited_minor + body.credited_minor,
        last_charged_minor=charged,
        last_credited_minor=body.credited_minor,
        under_way_minor=amounts.under_way_minor - arrived,
    )
    return _changed(state, payment, confirmed)


def return_payment(state: StateView, body: ReturnPayment, signers: Signers, _: Context) -> Delta:
    """S-3. The payee's bank records that a payment went back, or a part; what that had settled is outstanding again."""
    payment = _of_payee_bank(state, body.payment, signers)
    amounts = payment.amounts
    _require_confirmed(payment, standing_minor=amounts.settled_minor)
    require(
        body.amount_minor <= amounts.settled_minor,
        RETURNED_TOO_MUCH,
        "/body/amount_minor",
        seen=lambda: money_text(body.amount_minor, amounts),
        wanted=lambda: f"at most {money_text(amounts.settled_minor, amounts)}",
    )

    # From here the return must succeed.
    return _changed(state, payment, replace(amounts, returned_minor=amounts.returned_minor + body.amount_minor))


def reject_payment(state: StateView, body: RejectPayment, signers: Signers, _: Context) -> Delta:
    """S-4. The payer's bank does not carry an instruction out; what was under way is outstanding again."""
    payment = _of_payer_bank(state, body.payment, signers)
    _require_under_way(payment)

    # From here the rejection must succeed.
    return _ended(state, payment, PaymentState.REJECTED)


def withdraw_payment(state: StateView, body: WithdrawPayment, signers: Signers, context: Context) -> Delta:
    """S-5. The payer or the payee takes back what no bank carries out; what was under way is outstanding again."""
    payment = find_payment(state, body.payment, "/body/payment")
    links, status = payment.links, payment.status
    require(
        not signers.parties.isdisjoint({links.payer, links.payee}),
        NOT_PAYER_OR_PAYEE,
        "/signers",
        wanted=links.payer,
    )
    require_only(signers, 1)
    _require_under_way(payment)
    banks = (carries(links), confirms(links))
    stranded = not all(member_is_active(state, bank, MemberRole.BANK, context.at) for bank in banks)
    soonest = (status.accepted or status.instructed) + limits.WITHDRAW_MS
    require(
        context.at >= soonest or (stranded and links.payer in signers.parties),
        WITHDRAWN_TOO_SOON,
        "/body/payment",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: f"from {moment_words(soonest)}",
    )

    # From here the withdrawal must succeed.
    return _ended(state, payment, PaymentState.WITHDRAWN)


def accept_payment(state: StateView, body: AcceptPayment, signers: Signers, context: Context) -> Delta:
    """S-6. The payer's bank carries an instruction out; the invoices' histories say so too."""
    payment = _of_payer_bank(state, body.payment, signers)
    present = payment.status.state
    require(present is PaymentState.INSTRUCTED, PAYMENT_NOT_INSTRUCTED, "/body/payment", seen=present)
    _require_debit(payment, body.debit)

    # From here the acceptance must succeed.
    accepted = replace(payment, status=replace(payment.status, accepted=context.at, state=PaymentState.ACCEPTED))
    return Delta(objects=(accepted, *_paid(state, payment), *_pledges(state, payment)))


def correct_payment(state: StateView, body: CorrectPayment, signers: Signers, _: Context) -> Delta:
    """S-7. The payee's bank corrects its last confirmation; what is then missing is under way again, if anything is."""
    payment = _of_payee_bank(state, body.payment, signers)
    amounts, charged = payment.amounts, sum(charge.amount_minor for charge in body.charges)
    _require_confirmed(payment, standing_minor=amounts.arrived_minor)
    credited = amounts.credited_minor - amounts.last_credited_minor + body.credited_minor
    corrected = replace(
        amounts,
        charged_minor=amounts.charged_minor - amounts.last_charged_minor + charged,
        credited_minor=credited,
        last_charged_minor=charged,
        last_credited_minor=body.credited_minor,
    )
    arrived = corrected.arrived_minor
    require(
        arrived >= amounts.returned_minor,
        LESS_THAN_RETURNED,
        "/body/credited_minor",
        seen=lambda: f"together {money_text(arrived, amounts)}",
        wanted=lambda: f"at least {money_text(amounts.returned_minor, amounts)}",
    )
    require(
        arrived <= amounts.amount_minor,
        MORE_THAN_INSTRUCTED,
        "/body/credited_minor",
        seen=lambda: f"together {money_text(arrived, amounts)}",
        wanted=lambda: f"at most {money_text(amounts.amount_minor, amounts)}",
    )
    if amounts.ended_minor == 0:
        corrected = replace(corrected, under_way_minor=amounts.amount_minor - arrived)
    _require_room_for(_paid(state, payment), amounts, corrected)

    # From here the correction must succeed.
    return _changed(state, payment, corrected)


def _instructed(body: InstructPayment, context: Context) -> Payment:
    return Payment(
        id=context.creates,
        seed=context.seed,
        amounts=PaymentAmounts(
            allocations=tuple(
                Share(amount_minor=part.amount_minor, invoice=part.invoice, pledge=part.pledge)
                for part in body.allocations
            ),
            amount_minor=body.amount_minor,
            charged_minor=0,
            credited_minor=0,
            currency=body.currency,
            debit=body.debit,
            last_charged_minor=0,
            last_credited_minor=0,
            minor_digits=body.minor_digits,
            returned_minor=0,
            under_way_minor=body.amount_minor,
        ),
        history=NO_HISTORY,
        links=PaymentLinks(
            conditions=body.conditions,
            payee=body.payee,
            payee_bank=body.payee_bank,
            payer=body.payer,
            payer_bank=body.payer_bank,
            rail=body.rail,
            uetr=body.uetr,
        ),
        status=PaymentStatus(accepted=None, instructed=context.at, state=PaymentState.INSTRUCTED),
    )


def _of_payee_bank(state: StateView, object_id: ObjectId, signers: Signers) -> Payment:
    payment = find_payment(state, object_id, "/body/payment")
    _require_bank(state, confirms(payment.links), signers, NOT_PAYEE_BANK)
    return payment


def _of_payer_bank(state: StateView, object_id: ObjectId, signers: Signers) -> Payment:
    payment = find_payment(state, object_id, "/body/payment")
    _require_bank(state, carries(payment.links), signers, NOT_PAYER_BANK)
    return payment


def _require_bank(state: StateView, bank: MemberId, signers: Signers, reason: Reason) -> None:
    require(bank in signers.members, reason, "/signers", wanted=bank)
    require_role(state, bank, MemberRole.BANK)
    require_only(signers, 1)


def _require_debit(payment: Payment, debit: Debit | None) -> None:
    instructed = payment.amounts.debit
    require(
        debit == instructed,
        DEBIT_DIFFERS,
        "/body/debit",
        seen=lambda: "none" if debit is None else money_text(debit.amount_minor, debit),
        wanted=lambda: "none" if instructed is None else money_text(instructed.amount_minor, instructed),
    )


def _require_under_way(payment: Payment) -> None:
    require(
        payment.amounts.under_way_minor > 0,
        PAYMENT_NOT_INSTRUCTED,
        "/body/payment",
        seen=payment.status.state,
    )


def _require_confirmed(payment: Payment, *, standing_minor: int) -> None:
    require(standing_minor > 0, PAYMENT_NOT_CONFIRMED, "/body/payment", seen=payment.status.state)


def _require_room_for(invoices: list[Invoice], before: PaymentAmounts, after: PaymentAmounts) -> None:
    """Refuse what would pay more of an invoice than is open: others may have paid what had been ended or returned."""
    for share, invoice, (settled, under_way) in zip(after.allocations, invoices, added_to(before, after), strict=True):
        more, present, amounts = settled + under_way, invoice.status.state, invoice.amounts
        require(more <= 0 or present in OPEN, INVOICE_NOT_OPEN, "/body/credited_minor", seen=present)
        # Of an invoice that is over nothing is outstanding, and nothing is added to it.
        require(
            more <= 0 or more <= amounts.outstanding_minor,
            OVERPAID,
            "/body/credited_minor",
            seen=money_text(more, amounts),
            wanted=f"at most {money_text(amounts.outstanding_minor, amounts)} more on invoice {invoice.id.hex()}",
        )
        # What is pledged is paid under its pledge alone.
        require(
            more <= 0 or invoice.pledge.pledged_by in (None, share.pledge),
            INVOICE_PLEDGED,
            "/body/credited_minor",
            seen=invoice.pledge.pledged_by or "",
        )


def _paid(state: StateView, payment: Payment) -> list[Invoice]:
    return [find_invoice(state, part.invoice, "/body/payment") for part in payment.amounts.allocations]


def _pledges(state: StateView, payment: Payment) -> list[Pledge]:
    """Find the pledges that a payment names: whatever is said of it stands in their histories too."""
    named = (part.pledge for part in payment.amounts.allocations)
    return [find_pledge(state, pledge, "/body/payment") for pledge in named if pledge is not None]


def _settled(state: StateView, payment: Payment, after: PaymentAmounts) -> tuple[Invoice | Pledge, ...]:
    """Move the sums of a payment's invoices and pledges as its amounts change."""
    invoices = settle(_paid(state, payment), payment.amounts, after)
    return (*invoices, *settle_pledges(_pledges(state, payment), payment.amounts, after))


def _changed(state: StateView, payment: Payment, after: PaymentAmounts) -> Delta:
    """Change a payment's amounts, with its state and its invoices' sums, which follow from them."""
    status = replace(payment.status, state=state_of(after, payment.status.state))
    return Delta(objects=(replace(payment, amounts=after, status=status), *_settled(state, payment, after)))


def _ended(state: StateView, payment: Payment, ended: PaymentState) -> Delta:
    """End what is under way of a payment: it is outstanding again. What came to nothing as a whole is counted."""
    after = replace(payment.amounts, under_way_minor=0)
    invoices = _paid(state, payment)
    present = state_of(after, ended)
    return Delta(
        objects=(
            replace(payment, amounts=after, status=replace(payment.status, state=present)),
            *_settled(state, payment, after),
        ),
        claims=count_ended(state, invoices, payment.links.payer) if present is ended else {},
    )


def find_payment(state: StateView, object_id: ObjectId, pointer: str) -> Payment:
    """Find a payment, or refuse."""
    return find(state, object_id, Payment, PAYMENT_UNKNOWN, pointer)
