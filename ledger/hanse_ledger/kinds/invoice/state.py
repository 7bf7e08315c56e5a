"""What stands in the state of an invoice."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, Day, Digest, MinorDigits, ObjectId


class InvoiceState(StrEnum):
    """Where an invoice stands between seller and buyer."""

    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    ISSUED = "issued"
    REFUSED = "refused"


OPEN = (InvoiceState.ISSUED, InvoiceState.ACCEPTED)
"""The states in which an invoice can still be declared, paid or cancelled."""


class InvoiceAcceptance(Value, frozen=True, kw_only=True):
    """What the buyer has accepted as its debt, and when that is due; nil where neither it nor the invoice says."""

    accepted_due: Day | None
    accepted_minor: int
    currency: Currency
    minor_digits: MinorDigits


class InvoiceAmounts(Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: payable (BT-115), credited, settled by confirmed payments, under way."""

    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits
    payable_minor: int
    settled_minor: int
    under_way_minor: int

    @property
    def owed_minor(self) -> int:
        """What credit notes leave of what was payable."""
        return self.payable_minor - self.credited_minor

    @property
    def outstanding_minor(self) -> int:
        """What may still be allocated, or credited."""
        return self.owed_minor - self.settled_minor - self.under_way_minor


class InvoiceDates(Value, frozen=True, kw_only=True):
    """What the invoice says: when it was issued (BT-2), and when it is due (BT-9) or nil."""

    due: Day | None
    issued: Day


class InvoiceLinks(Value, frozen=True, kw_only=True):
    """The parties, and how many declarations that are lodged or released name the invoice."""

    buyer: ObjectId
    declarations: int
    seller: ObjectId
    tags: tuple[Digest, ...]


class InvoicePledge(Value, frozen=True, kw_only=True):
    """The pledge that stands on the invoice, or nil: then it is pledged to nobody."""

    pledged_by: ObjectId | None


class InvoiceStatus(Value, frozen=True, kw_only=True):
    """The invoice's state."""

    state: InvoiceState


class Invoice(Object, frozen=True, kw_only=True, gc=False, tag="invoice"):
    """A registered invoice. `acceptance` is nil until its buyer accepts it."""

    acceptance: InvoiceAcceptance | None
    amounts: InvoiceAmounts
    dates: InvoiceDates
    history: History
    links: InvoiceLinks
    pledge: InvoicePledge
    status: InvoiceStatus
