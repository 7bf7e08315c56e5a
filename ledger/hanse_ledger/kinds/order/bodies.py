"""What can be written of orders."""

from hanse_ledger.values.types import Currency, Digest, MemberId, Minor, MinorDigits, ObjectId
from hanse_ledger.wire.part import Body


class AttestOrder(Body, frozen=True, kw_only=True):
    """A marketplace attests an order that was placed there. Signed by the marketplace. Rule X-2.

    `amount_minor` is what was ordered for; `terms` commits to the order's number and day.
    """

    amount_minor: Minor
    buyer: ObjectId
    consignment: ObjectId | None
    currency: Currency
    marketplace: MemberId
    minor_digits: MinorDigits
    seller: ObjectId
    terms: Digest
