"""What can be written of shipments."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId, PackageCount, UnitCode
from hanse_ledger.wire.part import Body, Commitment, Part


class Packages(Part, frozen=True, kw_only=True):
    """So many packages of one kind, and the invoice whose goods are in them.

    `unit` says what kind of packages they are: a code of UN/ECE Recommendation 21, such as CT for cartons.
    """

    count: PackageCount
    invoice: ObjectId
    unit: UnitCode


class DispatchShipment(Body, frozen=True, kw_only=True):
    """A carrier has taken goods over. Signed by the carrier. Rule T-1.

    `document` commits to the transport document: a bill of lading, a waybill, a consignment note.
    """

    carrier: ObjectId
    consignee: ObjectId
    consignment: ObjectId | None
    consignor: ObjectId
    document: Commitment
    packages: Annotated[tuple[Packages, ...], Meta(min_length=1, max_length=limits.PACKAGES)]
    payload: Payload | None


class ArriveShipment(Body, frozen=True, kw_only=True):
    """The goods have arrived. Signed by the carrier. Rule T-2.

    `missing` names the packages that have not; it is empty where all have.
    """

    missing: Annotated[tuple[Packages, ...], Meta(max_length=limits.PACKAGES)]
    shipment: ObjectId
