"""What stands in the state of an invoice."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, Digest, MinorDigits, ObjectId


class InvoiceState(StrEnum):
    """Where an invoice stands between seller and buyer."""

    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    ISSUED = "issued"
    REFUSED = "refused"


OPEN = (InvoiceState.ISSUED, InvoiceState.ACCEPTED)
"""The states in which an invoice can still be declared, paid or cancelled."""


class InvoiceAmounts(Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: payable (BT-115), settled by confirmed payments, under way."""

    currency: Currency
    minor_digits: MinorDigits
    payable_minor: int
    settled_minor: int
    under_way_minor: int

    @property
    def outstanding_minor(self) -> int:
        """What may still be allocated."""
        return self.payable_minor - self.settled_minor - self.under_way_minor


class InvoiceLinks(Value, frozen=True, kw_only=True):
    """The parties, and how many declarations that are lodged or released name the invoice."""

    buyer: ObjectId
    declarations: int
    seller: ObjectId
    tags: tuple[Digest, ...]


class InvoiceStatus(Value, frozen=True, kw_only=True):
    """The invoice's state."""

    state: InvoiceState


class Invoice(Object, frozen=True, kw_only=True, gc=False, tag="invoice"):
    """A registered invoice. `pledge` names the pledge on it, or nil."""

    amounts: InvoiceAmounts
    history: History
    links: InvoiceLinks
    pledge: ObjectId | None
    status: InvoiceStatus
