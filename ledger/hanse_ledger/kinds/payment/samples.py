"""A sample of each record of payments."""

from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    Allocation,
    ConfirmPayment,
    CorrectPayment,
    InstructPayment,
    PaymentCharge,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.standins import commitment, stand_in
from hanse_ledger.values.types import ChargeBearer


def instruct() -> InstructPayment:
    """The buyer instructs the payment of the whole invoice."""
    return InstructPayment(
        allocations=(Allocation(amount_minor=100_000, invoice=stand_in("invoice"), pledge=None),),
        amount_minor=100_000,
        conditions=(),
        consignment=None,
        currency="EUR",
        debit=None,
        minor_digits=2,
        payee=stand_in("seller"),
        payee_bank="bank-cn",
        payer=stand_in("buyer"),
        payer_bank="bank-be",
        rail="swift",
        uetr="00000000-0000-4000-8000-000000000001",
    )


def confirm() -> ConfirmPayment:
    """The payee's bank has credited all of it."""
    return ConfirmPayment(
        charges=(),
        conditions=(),
        credited_minor=100_000,
        debit=None,
        document=commitment("message", discoverable=False),
        partial=False,
        payload=None,
        payment=stand_in("payment"),
    )


def give_back() -> ReturnPayment:
    """The payee's account is closed: the payment goes back."""
    return ReturnPayment(amount_minor=100_000, payment=stand_in("payment"), reason="AC04")


def reject() -> RejectPayment:
    """The payer's account does not cover it."""
    return RejectPayment(payment=stand_in("payment"), reason="AM04")


def withdraw() -> WithdrawPayment:
    """The buyer takes the instruction back."""
    return WithdrawPayment(payment=stand_in("payment"))


def accept() -> AcceptPayment:
    """The payer's bank carries it out."""
    return AcceptPayment(debit=None, payment=stand_in("payment"))


def correct() -> CorrectPayment:
    """A bank took 15.00 on the way, which the confirmation had left out."""
    return CorrectPayment(
        charges=(PaymentCharge(agent="HNSABEB0XXX", amount_minor=1_500, bearer=ChargeBearer.SHARED),),
        credited_minor=98_500,
        document=commitment("message", discoverable=False),
        payload=None,
        payment=stand_in("payment"),
    )
