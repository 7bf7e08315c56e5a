"""What stands in the state of an order."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, MemberId, MinorDigits, ObjectId


class OrderAmounts(Value, frozen=True, kw_only=True):
    """What was ordered for, in minor units of `currency`."""

    amount_minor: int
    currency: Currency
    minor_digits: MinorDigits


class OrderLinks(Value, frozen=True, kw_only=True):
    """Who ordered of whom, and the marketplace that attests it."""

    buyer: ObjectId
    marketplace: MemberId
    seller: ObjectId


class Order(Object, frozen=True, kw_only=True, gc=False, tag="order"):
    """An order that a marketplace attests: nothing of it changes any more."""

    amounts: OrderAmounts
    history: History
    links: OrderLinks
