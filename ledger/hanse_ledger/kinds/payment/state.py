"""What stands in the state of a payment."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.payment.bodies import Condition, Debit
from hanse_ledger.values.types import Bank, Currency, MinorDigits, Moment, ObjectId, Rail, Uetr


class PaymentState(StrEnum):
    """How far a payment has come: `cut-short` is one of which a part arrived, and the rest will not."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    CUT_SHORT = "cut-short"
    INSTRUCTED = "instructed"
    PARTLY_CONFIRMED = "partly-confirmed"
    PARTLY_RETURNED = "partly-returned"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Share(Value, frozen=True, kw_only=True):
    """What of a payment is allocated to one invoice, in minor units, under which pledge of it, or nil."""

    amount_minor: int
    invoice: ObjectId
    pledge: ObjectId | None


class PaymentAmounts(Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: instructed, credited, charged, returned, still under way; its allocation.

    `last_credited_minor` and `last_charged_minor` are those of the last confirmation, as corrected; `debit` is what the
    payer is debited where that is in another currency.
    """

    allocations: tuple[Share, ...]
    amount_minor: int
    charged_minor: int
    credited_minor: int
    currency: Currency
    debit: Debit | None
    last_charged_minor: int
    last_credited_minor: int
    minor_digits: MinorDigits
    returned_minor: int
    under_way_minor: int

    @property
    def arrived_minor(self) -> int:
        """What was confirmed: credited, and charged on the way."""
        return self.credited_minor + self.charged_minor

    @property
    def settled_minor(self) -> int:
        """What is paid by it: what was confirmed, less what went back."""
        return self.arrived_minor - self.returned_minor

    @property
    def ended_minor(self) -> int:
        """What will not arrive any more: it was rejected or withdrawn."""
        return self.amount_minor - self.arrived_minor - self.under_way_minor


class PaymentLinks(Value, frozen=True, kw_only=True):
    """Who pays whom through which banks, by which rail and after what; the UETR, where there is one.

    A bank is a member by its name, or another one by its BIC.
    """

    conditions: tuple[Condition, ...]
    payee: ObjectId
    payee_bank: Bank
    payer: ObjectId
    payer_bank: Bank
    rail: Rail | None
    uetr: Uetr | None


class PaymentStatus(Value, frozen=True, kw_only=True):
    """The payment's state, and the block times at which it was instructed, and accepted, or nil."""

    accepted: Moment | None
    instructed: Moment
    state: PaymentState


class Payment(Object, frozen=True, kw_only=True, gc=False, tag="payment"):
    """A payment of one or more invoices."""

    amounts: PaymentAmounts
    history: History
    links: PaymentLinks
    status: PaymentStatus
