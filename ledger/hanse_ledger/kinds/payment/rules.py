"""Payments and their allocation to invoices."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
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
from hanse_ledger.kinds.ended import count_ended, require_room
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import DUPLICATE_INVOICE, INVOICE_NOT_OPEN
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party, find_party
from hanse_ledger.kinds.payment.bodies import (
    ConfirmPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.refusals import (
    ALLOCATIONS_DIFFER,
    CHARGES_DIFFER,
    CURRENCY_DIFFERS,
    NOT_PAYEE_BANK,
    NOT_PAYER,
    NOT_PAYER_BANK,
    NOT_PAYER_OR_PAYEE,
    OVERPAID,
    PAYEE_NOT_SELLER,
    PAYER_NOT_BUYER,
    PAYMENT_NOT_CONFIRMED,
    PAYMENT_NOT_INSTRUCTED,
    PAYMENT_UNKNOWN,
    UETR_TAKEN,
    WITHDRAWN_TOO_SOON,
)
from hanse_ledger.kinds.payment.state import Payment, PaymentAmounts, PaymentLinks, PaymentState, PaymentStatus, Share
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import MemberRole


def instruct_payment(state: StateView, body: InstructPayment, signers: Signers, context: Context) -> Delta:
    """S-1. A buyer instructs the payment of its invoices, never more than is outstanding."""
    find_active_party(state, body.payer, PartyRole.BUYER, context.at, "/body/payer")
    require_alone(signers, body.payer, NOT_PAYER)
    find_party(state, body.payee, "/body/payee")
    find_active_member(state, body.payer_bank, MemberRole.BANK, context.at, "/body/payer_bank")
    find_active_member(state, body.payee_bank, MemberRole.BANK, context.at, "/body/payee_bank")
    uetr = None if body.uetr is None else claim_key(ClaimKind.UETR, body.payer_bank.encode(), body.uetr.encode())
    require(uetr is None or state.claim(uetr) is None, UETR_TAKEN, "/body/uetr", seen=body.uetr)
    total = sum(part.amount_minor for part in body.allocations)
    require(
        total == body.amount_minor,
        ALLOCATIONS_DIFFER,
        "/body/allocations",
        seen=lambda: money_text(total, body.minor_digits, body.currency),
        wanted=lambda: money_text(body.amount_minor, body.minor_digits, body.currency),
    )
    names = [part.invoice for part in body.allocations]
    require(len(set(names)) == len(names), DUPLICATE_INVOICE, "/body/allocations")
    invoices = [_payable(state, body, place) for place in range(len(body.allocations))]

    # From here the instruction must succeed.
    payment = Payment(
        id=context.creates,
        seed=context.nonce,
        amounts=PaymentAmounts(
            allocations=tuple(Share(amount_minor=part.amount_minor, invoice=part.invoice) for part in body.allocations),
            amount_minor=body.amount_minor,
            charged_minor=0,
            credited_minor=0,
            currency=body.currency,
            minor_digits=body.minor_digits,
        ),
        history=NO_HISTORY,
        links=PaymentLinks(
            payee=body.payee,
            payee_bank=body.payee_bank,
            payer=body.payer,
            payer_bank=body.payer_bank,
            uetr=body.uetr,
        ),
        status=PaymentStatus(instructed=context.at, state=PaymentState.INSTRUCTED),
    )
    under_way = _settle(invoices, payment.amounts.allocations, settled=0, under_way=1)
    return Delta(objects=(payment, *under_way), claims={} if uetr is None else {uetr: payment.id})


def confirm_payment(state: StateView, body: ConfirmPayment, signers: Signers, _: Context) -> Delta:
    """S-2. The payee's bank confirms the credit; what was under way is settled, whatever was charged on the way."""
    payment = _of_payee_bank(state, body.payment, signers)
    _require_instructed(payment)
    amounts, charged = payment.amounts, sum(charge.amount_minor for charge in body.charges)
    credited_words, charged_words, instructed_words = (
        money_text(minor, amounts.minor_digits, amounts.currency)
        for minor in (body.credited_minor, charged, amounts.amount_minor)
    )
    require(
        body.credited_minor + charged == amounts.amount_minor,
        CHARGES_DIFFER,
        "/body/credited_minor",
        seen=f"credited {credited_words} and charges of {charged_words}",
        wanted=f"together {instructed_words}, as instructed",
    )

    # From here the confirmation must succeed.
    settled = _settle(_paid(state, payment), amounts.allocations, settled=1, under_way=-1)
    arrived = replace(payment, amounts=replace(amounts, charged_minor=charged, credited_minor=body.credited_minor))
    return Delta(objects=(_moved(arrived, PaymentState.CONFIRMED), *settled))


def return_payment(state: StateView, body: ReturnPayment, signers: Signers, _: Context) -> Delta:
    """S-3. The payee's bank records that a confirmed payment went back; what it had settled is outstanding again."""
    payment = _of_payee_bank(state, body.payment, signers)
    present = payment.status.state
    require(
        present is PaymentState.CONFIRMED,
        PAYMENT_NOT_CONFIRMED,
        "/body/payment",
        seen=present,
    )

    # From here the return must succeed.
    reopened = _settle(_paid(state, payment), payment.amounts.allocations, settled=-1, under_way=0)
    return Delta(objects=(_moved(payment, PaymentState.RETURNED), *reopened))


def reject_payment(state: StateView, body: RejectPayment, signers: Signers, _: Context) -> Delta:
    """S-4. The payer's bank does not carry an instruction out; what was under way is outstanding again."""
    payment = find_payment(state, body.payment, "/body/payment")
    bank = payment.links.payer_bank
    require(bank in signers.members, NOT_PAYER_BANK, "/signers", wanted=bank)
    require_role(state, bank, MemberRole.BANK)
    require_only(signers, 1)
    _require_instructed(payment)

    # From here the rejection must succeed.
    return _reopened(state, payment, PaymentState.REJECTED)


def withdraw_payment(state: StateView, body: WithdrawPayment, signers: Signers, context: Context) -> Delta:
    """S-5. The payer or the payee takes back what no bank carries out; what was under way is outstanding again."""
    payment = find_payment(state, body.payment, "/body/payment")
    links, instructed = payment.links, payment.status.instructed
    require(
        not signers.parties.isdisjoint({links.payer, links.payee}),
        NOT_PAYER_OR_PAYEE,
        "/signers",
        wanted=links.payer,
    )
    require_only(signers, 1)
    _require_instructed(payment)
    banks = (links.payer_bank, links.payee_bank)
    stranded = not all(member_is_active(state, bank, MemberRole.BANK, context.at) for bank in banks)
    soonest = instructed + limits.WITHDRAW_MS
    require(
        context.at >= soonest or (stranded and links.payer in signers.parties),
        WITHDRAWN_TOO_SOON,
        "/body/payment",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: f"from {moment_words(soonest)}",
    )

    # From here the withdrawal must succeed.
    return _reopened(state, payment, PaymentState.WITHDRAWN)


def _payable(state: StateView, body: InstructPayment, place: int) -> Invoice:
    """The invoice of one allocation: open, between these two, in this currency, with enough outstanding."""
    part, pointer = body.allocations[place], f"/body/allocations/{place}"
    invoice = find_invoice(state, part.invoice, f"{pointer}/invoice")
    links, amounts = invoice.links, invoice.amounts
    require(
        links.buyer == body.payer,
        PAYER_NOT_BUYER,
        "/body/payer",
        seen=body.payer,
        wanted=links.buyer,
    )
    require(
        links.seller == body.payee,
        PAYEE_NOT_SELLER,
        "/body/payee",
        seen=body.payee,
        wanted=links.seller,
    )
    require_room(state, invoice, body.payer, f"{pointer}/invoice")
    present = invoice.status.state
    require(
        present in OPEN,
        INVOICE_NOT_OPEN,
        f"{pointer}/invoice",
        seen=present,
    )
    require(
        (amounts.currency, amounts.minor_digits) == (body.currency, body.minor_digits),
        CURRENCY_DIFFERS,
        "/body/currency" if amounts.currency != body.currency else "/body/minor_digits",
        seen=f"{body.currency} of {body.minor_digits} decimal places",
        wanted=f"{amounts.currency} of {amounts.minor_digits}",
    )
    require(
        part.amount_minor <= amounts.outstanding_minor,
        OVERPAID,
        f"{pointer}/amount_minor",
        seen=lambda: money_text(part.amount_minor, body.minor_digits, body.currency),
        wanted=lambda: f"at most {money_text(amounts.outstanding_minor, amounts.minor_digits, amounts.currency)}",
    )
    return invoice


def _of_payee_bank(state: StateView, name: ObjectId, signers: Signers) -> Payment:
    payment = find_payment(state, name, "/body/payment")
    bank = payment.links.payee_bank
    require(bank in signers.members, NOT_PAYEE_BANK, "/signers", wanted=bank)
    require_role(state, bank, MemberRole.BANK)
    require_only(signers, 1)
    return payment


def _require_instructed(payment: Payment) -> None:
    present = payment.status.state
    require(present is PaymentState.INSTRUCTED, PAYMENT_NOT_INSTRUCTED, "/body/payment", seen=present)


def _paid(state: StateView, payment: Payment) -> list[Invoice]:
    return [find_invoice(state, part.invoice, "/body/payment") for part in payment.amounts.allocations]


def _settle(
    invoices: Sequence[Invoice], parts: Sequence[Share], *, settled: int, under_way: int
) -> tuple[Invoice, ...]:
    """Move each allocation; `settled` and `under_way` are -1, 0 or 1."""
    return tuple(
        replace(
            invoice,
            amounts=replace(
                invoice.amounts,
                settled_minor=invoice.amounts.settled_minor + settled * part.amount_minor,
                under_way_minor=invoice.amounts.under_way_minor + under_way * part.amount_minor,
            ),
        )
        for invoice, part in zip(invoices, parts, strict=True)
    )


def _reopened(state: StateView, payment: Payment, ended: PaymentState) -> Delta:
    """End a payment that has credited nothing: what was under way is outstanding again, and it counts as ended."""
    invoices = _paid(state, payment)
    reopened = _settle(invoices, payment.amounts.allocations, settled=0, under_way=-1)
    return Delta(
        objects=(_moved(payment, ended), *reopened),
        claims=count_ended(state, invoices, payment.links.payer),
    )


def _moved(payment: Payment, state: PaymentState) -> Payment:
    return replace(payment, status=replace(payment.status, state=state))


def find_payment(state: StateView, name: ObjectId, pointer: str) -> Payment:
    """Find a payment, or refuse."""
    return find(state, name, Payment, PAYMENT_UNKNOWN, pointer)
