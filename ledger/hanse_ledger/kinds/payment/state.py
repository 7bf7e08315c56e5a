"""What stands in the state of a payment."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, MemberId, MinorDigits, Moment, ObjectId, Uetr


class PaymentState(StrEnum):
    """How far a payment has come."""

    CONFIRMED = "confirmed"
    INSTRUCTED = "instructed"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Share(Value, frozen=True, kw_only=True):
    """What of a payment is allocated to one invoice, in minor units."""

    amount_minor: int
    invoice: ObjectId


class PaymentAmounts(Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: instructed; once confirmed, credited and charged; its allocation."""

    allocations: tuple[Share, ...]
    amount_minor: int
    charged_minor: int
    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits


class PaymentLinks(Value, frozen=True, kw_only=True):
    """Who pays whom through which banks; the UETR, where there is one."""

    payee: ObjectId
    payee_bank: MemberId
    payer: ObjectId
    payer_bank: MemberId
    uetr: Uetr | None


class PaymentStatus(Value, frozen=True, kw_only=True):
    """The payment's state, and the block time at which it was instructed."""

    instructed: Moment
    state: PaymentState


class Payment(Object, frozen=True, kw_only=True, gc=False, tag="payment"):
    """A payment of one or more invoices."""

    amounts: PaymentAmounts
    history: History
    links: PaymentLinks
    status: PaymentStatus
