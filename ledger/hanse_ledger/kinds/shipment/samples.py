"""A sample of each record of shipments."""

from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment, Packages
from hanse_ledger.kinds.standins import commitment, stand_in


def dispatch() -> DispatchShipment:
    """The carrier has taken forty cartons over, in which are the goods of the invoice."""
    return DispatchShipment(
        carrier=stand_in("carrier"),
        consignee=stand_in("buyer"),
        consignment=None,
        consignor=stand_in("seller"),
        document=commitment("transport document", discoverable=False),
        packages=(Packages(count=40, invoice=stand_in("invoice"), unit="CT"),),
        payload=None,
    )


def arrive() -> ArriveShipment:
    """All forty have arrived."""
    return ArriveShipment(missing=(), shipment=stand_in("shipment"))
