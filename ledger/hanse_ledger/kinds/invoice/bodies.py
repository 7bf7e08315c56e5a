"""What can be written of invoices."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import Currency, Day, Digest, Minor, MinorDigits, ObjectId, Payable
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
    consignment: ObjectId | None
    currency: Currency
    document: Commitment
    due: Day | None
    issued: Day
    minor_digits: MinorDigits
    payable_minor: Payable
    payload: Payload | None
    seller: ObjectId
    tags: Annotated[tuple[Tag, ...], Meta(max_length=limits.TAGS)]
    type_code: TypeCode


class AcceptInvoice(Body, frozen=True, kw_only=True):
    """The buyer accepts an invoice as its own debt: how much of it, until when. Signed by the buyer. Rule I-2.

    `amount_minor` is what is payable when it is accepted; `due` is the invoice's, where that names one.
    """

    amount_minor: Payable
    currency: Currency
    due: Day | None
    invoice: ObjectId
    minor_digits: MinorDigits


class RefuseInvoice(Body, frozen=True, kw_only=True):
    """The buyer refuses an invoice. Signed by the buyer. Rule I-3."""

    invoice: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class CancelInvoice(Body, frozen=True, kw_only=True):
    """The seller cancels an invoice. Signed by the seller. Rule I-4."""

    invoice: ObjectId


class CreditInvoice(Body, frozen=True, kw_only=True):
    """A credit note lowers what is payable of an invoice. Signed by the seller. Rule I-5.

    `amount_minor` is what the credit note states as payable (BT-115); `document` commits to the note.
    """

    amount_minor: Minor
    currency: Currency
    document: Commitment
    invoice: ObjectId
    minor_digits: MinorDigits
    payload: Payload | None


class RetagInvoice(Body, frozen=True, kw_only=True):
    """Give an invoice the tags of the epochs in use, before an epoch is dropped. Signed by the seller. Rule I-6.

    `tags` are all that it bears from now on: one of each epoch in use, the older epoch first. `pledge` is the one that
    stands on the invoice, nil where none does; then its bank signs too, which has made the tags itself.
    """

    invoice: ObjectId
    pledge: ObjectId | None
    tags: Annotated[tuple[Tag, ...], Meta(min_length=1, max_length=limits.TAGS)]
