"""What can be written of pledges."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.values import limits
from hanse_ledger.values.types import Currency, MemberId, Minor, MinorDigits, ObjectId, Rail, Uetr
from hanse_ledger.wire.part import Body


class CreatePledge(Body, frozen=True, kw_only=True):
    """Pledge an accepted invoice to a bank that finances it. Signed by the bank and the seller. Rule L-1.

    `amount_minor` is all that is outstanding of it; `tags` are those that the bank has made itself from the invoice's
    file, one for each epoch in use.
    """

    amount_minor: Minor
    bank: MemberId
    consignment: ObjectId | None
    currency: Currency
    invoice: ObjectId
    minor_digits: MinorDigits
    tags: Annotated[tuple[Tag, ...], Meta(min_length=1, max_length=limits.TAGS)]


class ReleasePledge(Body, frozen=True, kw_only=True):
    """Give the invoice free. Signed by the bank; where it is no member any more, by seller and buyer. Rule L-2."""

    pledge: ObjectId


class AssignPledge(Body, frozen=True, kw_only=True):
    """Hand a pledge on to another bank. Signed by both banks. Rule L-3.

    `bank` is the one that has it from now on.
    """

    bank: MemberId
    pledge: ObjectId


class PayOutPledge(Body, frozen=True, kw_only=True):
    """Say that the seller has been paid what is lent on a pledge, or a part. Signed by the bank. Rule L-4.

    `bank` is the one that has the pledge, and has sent the money; `uetr` and `rail` are the transfer's.
    """

    amount_minor: Minor
    bank: MemberId
    currency: Currency
    minor_digits: MinorDigits
    pledge: ObjectId
    rail: Rail
    uetr: Uetr
