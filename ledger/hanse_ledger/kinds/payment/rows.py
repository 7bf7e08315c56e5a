"""The rows of payments."""

from collections.abc import Iterator

from msgspec import Struct

from hanse_ledger.kinds.amount import Amount, named_amount, no_amount
from hanse_ledger.kinds.claims import ended_claim, uetr_claim
from hanse_ledger.kinds.document.payload import payload_claims
from hanse_ledger.kinds.kind import (
    Commits,
    CreatedBy,
    FoundBy,
    Kind,
    Listed,
    ObjectType,
    Waits,
    no_claims,
    no_key,
    no_object,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.payment import samples
from hanse_ledger.kinds.payment.banks import carries, confirms, is_member
from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    ConfirmPayment,
    CorrectPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.refusals import PAYMENT_UNKNOWN
from hanse_ledger.kinds.payment.rules import (
    accept_payment,
    confirm_payment,
    correct_payment,
    instruct_payment,
    reject_payment,
    return_payment,
    withdraw_payment,
)
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.kinds.payment.status import judged
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Currency, Digest, MemberId, MinorDigits, ObjectId, Uetr
from hanse_ledger.wire.catalogue import CommittedKind

UNDER_WAY = frozenset({PaymentState.INSTRUCTED, PaymentState.ACCEPTED, PaymentState.PARTLY_CONFIRMED})
"""The states in which something may still arrive."""


def _accepted_by(payment: Payment) -> Iterator[Waits]:
    """Wait for the bank that carries it."""
    if payment.status.state is PaymentState.INSTRUCTED:
        yield Waits(carries(payment.links), payment.status.instructed)


def _confirmed_by(payment: Payment) -> Iterator[Waits]:
    """Wait for the bank that says what has been credited, whether or not the other one has said that it carries it."""
    status = payment.status
    if status.state in UNDER_WAY:
        yield Waits(confirms(payment.links), status.instructed if status.accepted is None else status.accepted)


def _worth(payment: Payment) -> Amount:
    return Amount(payment.amounts.amount_minor, payment.amounts.currency, payment.amounts.minor_digits)


PAYMENT = ObjectType(
    name="payment",
    state=Payment,
    unknown=PAYMENT_UNKNOWN,
    beside=frozenset({"history", "status"}),
    sums={},
    judged=judged,
    behind=lambda payment: frozenset(share.invoice for share in payment.amounts.allocations),
    acts=False,
    found_by=(
        FoundBy[Payment](
            name="payment_of_uetr",
            keys=lambda payment: () if payment.links.uetr is None else (payment.links.uetr.encode(),),
        ),
    ),
    listed=Listed(
        state=lambda payment: payment.status.state,
        open=UNDER_WAY,
        ended=frozenset(PaymentState) - UNDER_WAY,
        whose=lambda payment: (
            payment.links.payer,
            payment.links.payee,
            *filter(is_member, (payment.links.payer_bank, payment.links.payee_bank)),
        ),
        waits={"payment.accept": _accepted_by, "payment.confirm": _confirmed_by},
        worth=_worth,
        worth_of=of_no_others,
    ),
)


class Confirmed(Struct, frozen=True, kw_only=True):
    """The clear header of a payment's message: what was credited, and what the instruction says."""

    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits
    uetr: Uetr | None


def _confirmed(body: ConfirmPayment | CorrectPayment, created_by: CreatedBy) -> Confirmed | None:
    """Give the header of a payment's message: the instruction has a part of it."""
    instruction = created_by(body.payment)
    if not isinstance(instruction, InstructPayment):
        return None
    return Confirmed(
        credited_minor=body.credited_minor,
        currency=instruction.currency,
        minor_digits=instruction.minor_digits,
        uetr=instruction.uetr,
    )


def _instructed(body: InstructPayment) -> tuple[ObjectId | None, ...]:
    invoices = (part.invoice for part in body.allocations)
    pledges = (part.pledge for part in body.allocations)
    named = (body.consignment, body.payee, body.payer)
    return (*named, *invoices, *pledges, *(condition.object for condition in body.conditions))


def _banks(body: InstructPayment) -> tuple[MemberId, ...]:
    return tuple(bank for bank in (body.payer_bank, body.payee_bank) if is_member(bank))


def _claims(body: InstructPayment) -> Iterator[Digest]:
    if body.uetr is not None:
        yield uetr_claim(body.payer_bank, body.uetr)
    yield from (ended_claim(part.invoice, body.payer) for part in body.allocations)


Deciding = AcceptPayment | ConfirmPayment | CorrectPayment | ReturnPayment | RejectPayment | WithdrawPayment


def _own(body: Deciding) -> ObjectId:
    return body.payment


def _named(body: Deciding) -> tuple[ObjectId, ...]:
    return (body.payment,)


def _confirmed_names(body: ConfirmPayment) -> tuple[ObjectId, ...]:
    return (body.payment, *body.conditions)


INSTRUCT = Kind(
    name="payment.instruct",
    number="S-1",
    body=InstructPayment,
    rule=instruct_payment,
    object=PAYMENT,
    creates=True,
    about=no_object,
    references=_instructed,
    addresses=_banks,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=named_amount,
    sample=samples.instruct,
)

CONFIRM = Kind(
    name="payment.confirm",
    number="S-2",
    body=ConfirmPayment,
    rule=confirm_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_confirmed_names,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[ConfirmPayment](
        kind=CommittedKind.PAYMENT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=_confirmed,
    ),
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.confirm,
)

RETURN = Kind(
    name="payment.return",
    number="S-3",
    body=ReturnPayment,
    rule=return_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.give_back,
)

REJECT = Kind(
    name="payment.reject",
    number="S-4",
    body=RejectPayment,
    rule=reject_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.reject,
)

WITHDRAW = Kind(
    name="payment.withdraw",
    number="S-5",
    body=WithdrawPayment,
    rule=withdraw_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.withdraw,
)

ACCEPT = Kind(
    name="payment.accept",
    number="S-6",
    body=AcceptPayment,
    rule=accept_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.accept,
)

CORRECT = Kind(
    name="payment.correct",
    number="S-7",
    body=CorrectPayment,
    rule=correct_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[CorrectPayment](
        kind=CommittedKind.PAYMENT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=_confirmed,
    ),
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.correct,
)

KINDS = (INSTRUCT, CONFIRM, RETURN, REJECT, WITHDRAW, ACCEPT, CORRECT)
