"""What stands in the state of a shipment."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Moment, ObjectId, UnitCode


class ShipmentState(StrEnum):
    """How far a shipment has come: `short` is one that arrived without some of its packages."""

    ARRIVED = "arrived"
    DISPATCHED = "dispatched"
    SHORT = "short"


class ShippedPackages(Value, frozen=True, kw_only=True):
    """So many packages of one kind with the goods of one invoice, and how many of them did not arrive."""

    count: int
    invoice: ObjectId
    missing: int
    unit: UnitCode


class ShipmentLinks(Value, frozen=True, kw_only=True):
    """Who carries the goods, from whom and to whom."""

    carrier: ObjectId
    consignee: ObjectId
    consignor: ObjectId


class ShipmentStatus(Value, frozen=True, kw_only=True):
    """The shipment's state, and the block times at which it was dispatched, and arrived, or nil."""

    arrived: Moment | None
    dispatched: Moment
    state: ShipmentState


class Shipment(Object, frozen=True, kw_only=True, gc=False, tag="shipment"):
    """Goods on their way under one transport document."""

    history: History
    links: ShipmentLinks
    packages: tuple[ShippedPackages, ...]
    status: ShipmentStatus
