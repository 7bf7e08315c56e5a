"""What can be written of consignments."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, ObjectId, Ucr
from hanse_ledger.wire.part import Body


class OpenConsignment(Body, frozen=True, kw_only=True):
    """Open the folder of one movement of goods. Signed by the opener, a seller or a buyer. Rule U-1.

    `members` and `parties` may put something into it, as the opener may; each list stands in order.
    """

    members: Annotated[tuple[MemberId, ...], Meta(max_length=limits.WRITERS)]
    opener: ObjectId
    parties: Annotated[tuple[ObjectId, ...], Meta(max_length=limits.WRITERS)]
    ucr: Ucr


class AddToConsignment(Body, frozen=True, kw_only=True):
    """Put what stands already into a consignment, or let others write into it. Signed by the writer. Rule U-2.

    The writer is the party `writer_party` or the member `writer_member`: one of the two. `item` is what it puts in, or
    nil; `new_members` and `new_parties` are further writers, whom the opener alone may name.
    """

    consignment: ObjectId
    item: ObjectId | None
    new_members: Annotated[tuple[MemberId, ...], Meta(max_length=limits.WRITERS)]
    new_parties: Annotated[tuple[ObjectId, ...], Meta(max_length=limits.WRITERS)]
    writer_member: MemberId | None
    writer_party: ObjectId | None
