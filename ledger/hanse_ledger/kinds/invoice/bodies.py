"""What can be written of invoices."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import Currency, Day, Digest, MinorDigits, ObjectId, Payable
from hanse_ledger.wire.part import Body, Commitment, Part, ReasonCode

TypeCode = Annotated[str, Meta(pattern=patterns.TYPE_CODE)]
"""BT-3, a UNTDID 1001 code, such as 380."""


class Tag(Part, frozen=True, kw_only=True):
    """Makes two invoices comparable without showing them; a claim, of which rules check uniqueness."""

    epoch: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    value: Digest


class IssueInvoice(Body, frozen=True, kw_only=True):
    """Register an invoice. Signed by the seller. Rule I-1.

    BT-5 `currency`, BT-9 `due`, BT-2 `issued`, BT-115 `payable_minor`, BT-3 `type_code`. A minor unit has
    `minor_digits` decimal places.
    """

    buyer: ObjectId
    currency: Currency
    document: Commitment
    due: Day | None
    issued: Day
    minor_digits: MinorDigits
    payable_minor: Payable
    seller: ObjectId
    tags: Annotated[tuple[Tag, ...], Meta(max_length=limits.TAGS)]
    type_code: TypeCode


class AcceptInvoice(Body, frozen=True, kw_only=True):
    """The buyer accepts an invoice as its own debt. Signed by the buyer. Rule I-2."""

    invoice: ObjectId


class RefuseInvoice(Body, frozen=True, kw_only=True):
    """The buyer refuses an invoice. Signed by the buyer. Rule I-3."""

    invoice: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class CancelInvoice(Body, frozen=True, kw_only=True):
    """The seller cancels an invoice. Signed by the seller. Rule I-4."""

    invoice: ObjectId
