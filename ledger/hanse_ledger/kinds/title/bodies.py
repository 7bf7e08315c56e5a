"""What can be written of titles."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body, Commitment, ReasonCode


class Medium(StrEnum):
    """In which form a title is: on this ledger, or on paper."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class IssueTitle(Body, frozen=True, kw_only=True):
    """A carrier issues a title on a shipment to its first holder. Signed by the carrier. Rule T-3.

    `document` commits to the bill of lading or other transport document whose bearer may claim the goods.
    """

    consignment: ObjectId | None
    document: Commitment
    holder: ObjectId
    payload: Payload | None
    shipment: ObjectId


class TransferTitle(Body, frozen=True, kw_only=True):
    """Pass exclusive control of a title from its holder to another party. Signed by the present holder. Rule T-4."""

    new_holder: ObjectId
    title: ObjectId


class RejectTitle(Body, frozen=True, kw_only=True):
    """Give a title back to whom it came from. Signed by the present holder. Rule T-5.

    `reasons` are codes of the holder's own list.
    """

    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]
    title: ObjectId


class SurrenderTitle(Body, frozen=True, kw_only=True):
    """Surrender a title to the carrier, against delivery. Signed by the holder and by the carrier. Rule T-6.

    Of a title on paper the carrier says, and signs alone, that the paper has been presented.
    """

    title: ObjectId


class AmendTitle(Body, frozen=True, kw_only=True):
    """Put an amended document in the place of a title's. Signed by the carrier and by the holder. Rule T-7."""

    document: Commitment
    payload: Payload | None
    title: ObjectId


class ConvertTitle(Body, frozen=True, kw_only=True):
    """Change the medium of a title; the old form ends with this record. Signed by the carrier and `holder`. Rule T-8.

    `document` commits to the new form, which states the change; `holder` gives the old form up: to paper the present
    holder, to the ledger whoever brings the paper, and holds the title from then on.
    """

    document: Commitment
    holder: ObjectId
    medium: Medium
    payload: Payload | None
    title: ObjectId
