"""Shipments: goods that a carrier takes over, and how they arrive."""

from msgspec.structs import replace

from hanse_ledger.kinds.common import Context, Signers, find, require, require_alone
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import INVOICE_NOT_OPEN
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment, Packages
from hanse_ledger.kinds.shipment.refusals import (
    INVOICE_OF_ANOTHER_CONSIGNOR,
    MISSING_NOT_DISPATCHED,
    NOT_CARRIER,
    PACKAGES_NOT_SORTED,
    SHIPMENT_ARRIVED,
    SHIPMENT_UNKNOWN,
)
from hanse_ledger.kinds.shipment.state import (
    Shipment,
    ShipmentLinks,
    ShipmentState,
    ShipmentStatus,
    ShippedPackages,
)
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.types import ObjectId


def dispatch_shipment(state: StateView, body: DispatchShipment, signers: Signers, context: Context) -> Delta:
    """T-1. A carrier has taken goods over from a consignor, and says which invoices' goods are in which packages."""
    find_active_party(state, body.carrier, PartyRole.CARRIER, context.at, "/body/carrier")
    require_alone(signers, body.carrier, NOT_CARRIER)
    find_active_party(state, body.consignor, None, context.at, "/body/consignor")
    find_active_party(state, body.consignee, None, context.at, "/body/consignee")
    _require_sorted(body.packages, "/body/packages")
    for place, packages in enumerate(body.packages):
        pointer = f"/body/packages/{place}/invoice"
        invoice = find_invoice(state, packages.invoice, pointer)
        require(invoice.status.state in OPEN, INVOICE_NOT_OPEN, pointer, seen=invoice.status.state)
        require(
            invoice.links.seller == body.consignor,
            INVOICE_OF_ANOTHER_CONSIGNOR,
            pointer,
            seen=body.consignor,
            wanted=invoice.links.seller,
        )

    # From here the dispatch must succeed.
    shipment = Shipment(
        id=context.creates,
        seed=context.seed,
        history=NO_HISTORY,
        links=ShipmentLinks(carrier=body.carrier, consignee=body.consignee, consignor=body.consignor),
        packages=tuple(
            ShippedPackages(count=packages.count, invoice=packages.invoice, missing=0, unit=packages.unit)
            for packages in body.packages
        ),
        status=ShipmentStatus(arrived=None, dispatched=context.at, state=ShipmentState.DISPATCHED),
    )
    return Delta(objects=(shipment,))


def arrive_shipment(state: StateView, body: ArriveShipment, signers: Signers, context: Context) -> Delta:
    """T-2. The carrier says that the goods have arrived, and which packages have not."""
    shipment = find_shipment(state, body.shipment, "/body/shipment")
    require_alone(signers, shipment.links.carrier, NOT_CARRIER)
    require_on_its_way(shipment, "/body/shipment")
    _require_sorted(body.missing, "/body/missing")
    missing = {(packages.invoice, packages.unit): packages.count for packages in body.missing}
    dispatched = {(packages.invoice, packages.unit): packages.count for packages in shipment.packages}
    for place, packages in enumerate(body.missing):
        most = dispatched.get((packages.invoice, packages.unit), 0)
        require(
            packages.count <= most,
            MISSING_NOT_DISPATCHED,
            f"/body/missing/{place}",
            seen=packages.count,
            wanted=f"at most {most}",
        )

    # From here the arrival must succeed.
    lines = tuple(replace(line, missing=missing.get((line.invoice, line.unit), 0)) for line in shipment.packages)
    arrived = ShipmentState.SHORT if body.missing else ShipmentState.ARRIVED
    status = replace(shipment.status, arrived=context.at, state=arrived)
    return Delta(objects=(replace(shipment, packages=lines, status=status),))


def find_shipment(state: StateView, object_id: ObjectId, pointer: str) -> Shipment:
    """Find a shipment, or refuse."""
    return find(state, object_id, Shipment, SHIPMENT_UNKNOWN, pointer)


def require_on_its_way(shipment: Shipment, pointer: str) -> None:
    """Refuse what can be done of a shipment only until it has arrived."""
    state = shipment.status.state
    require(state is ShipmentState.DISPATCHED, SHIPMENT_ARRIVED, pointer, seen=state)


def _require_sorted(packages: tuple[Packages, ...], pointer: str) -> None:
    keys = [(line.invoice, line.unit) for line in packages]
    require(keys == sorted(set(keys)), PACKAGES_NOT_SORTED, pointer)
