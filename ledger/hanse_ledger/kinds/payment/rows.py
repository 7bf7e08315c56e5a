"""The rows of payments."""

from collections.abc import Iterator

from msgspec import Struct

from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.kind import Commits, CreatedBy, Kind, ObjectType, no_claims, no_key, no_object
from hanse_ledger.kinds.payment.bodies import (
    ConfirmPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.refusals import PAYMENT_UNKNOWN
from hanse_ledger.kinds.payment.rules import (
    confirm_payment,
    instruct_payment,
    reject_payment,
    return_payment,
    withdraw_payment,
)
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.payment.status import judged
from hanse_ledger.values.types import Currency, Digest, MinorDigits, ObjectId, Uetr
from hanse_ledger.wire.catalogue import CommittedKind

PAYMENT = ObjectType(
    name="payment",
    state=Payment,
    unknown=PAYMENT_UNKNOWN,
    beside=frozenset({"history", "status"}),
    sums={},
    judged=judged,
    behind=lambda payment: frozenset(share.invoice for share in payment.amounts.allocations),
)


class Confirmed(Struct, frozen=True, kw_only=True):
    """The clear header of a payment's message: what was credited, and what the instruction says."""

    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits
    uetr: Uetr | None


def _confirmed(body: ConfirmPayment, created_by: CreatedBy) -> Confirmed | None:
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


def _instructed(body: InstructPayment) -> tuple[ObjectId, ...]:
    return (body.payee, body.payer, *(part.invoice for part in body.allocations))


def _claims(body: InstructPayment) -> Iterator[Digest]:
    if body.uetr is not None:
        yield claim_key(ClaimKind.UETR, body.payer_bank.encode(), body.uetr.encode())
    yield from (ended_claim(part.invoice, body.payer) for part in body.allocations)


Deciding = ConfirmPayment | ReturnPayment | RejectPayment | WithdrawPayment


def _own(body: Deciding) -> ObjectId:
    return body.payment


def _named(body: Deciding) -> tuple[ObjectId, ...]:
    return (body.payment,)


INSTRUCT = Kind(
    name="payment.instruct",
    number="S-1",
    body=InstructPayment,
    rule=instruct_payment,
    object=PAYMENT,
    creates=True,
    about=no_object,
    references=_instructed,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=None,
    frees=False,
)

CONFIRM = Kind(
    name="payment.confirm",
    number="S-2",
    body=ConfirmPayment,
    rule=confirm_payment,
    object=PAYMENT,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=Commits[ConfirmPayment](
        kind=CommittedKind.PAYMENT, terms=lambda body: body.document.terms, header=_confirmed
    ),
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

KINDS = (INSTRUCT, CONFIRM, RETURN, REJECT, WITHDRAW)
