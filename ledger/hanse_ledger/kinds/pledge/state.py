"""What stands in the state of a pledge."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, MemberId, MinorDigits, ObjectId


class PledgeState(StrEnum):
    """Where a pledge stands: whether it is settled follows from its amounts."""

    LIVE = "live"
    RELEASED = "released"


class PledgeAmounts(Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: pledged, settled by payments that name the pledge, paid out to the seller.

    What is paid out is so by the word of the banks that had the pledge.
    """

    amount_minor: int
    currency: Currency
    minor_digits: MinorDigits
    paid_out_minor: int
    settled_minor: int


class PledgeLinks(Value, frozen=True, kw_only=True):
    """The invoice, its seller, and the bank to which it is pledged now."""

    bank: MemberId
    invoice: ObjectId
    seller: ObjectId


class PledgeStatus(Value, frozen=True, kw_only=True):
    """The pledge's state."""

    state: PledgeState


class Pledge(Object, frozen=True, kw_only=True, gc=False, tag="pledge"):
    """A pledge of an invoice to a bank: payments of the invoice go to that bank, and name it."""

    amounts: PledgeAmounts
    history: History
    links: PledgeLinks
    status: PledgeStatus
