"""What every reachable state satisfies of shipments."""

from collections.abc import Iterator

from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import Invariants, ReachedState, all_of, are, no_claims, nothing_ended, words
from hanse_ledger.kinds.shipment.state import Shipment, ShipmentState


def _breaches(state: ReachedState) -> Iterator[str]:
    for shipment in all_of(state, Shipment):
        links, status = shipment.links, shipment.status
        if not are(state, Party, links.carrier, links.consignee, links.consignor):
            yield f"{words(shipment)} is carried by, from or to what is no party"
        if not are(state, Invoice, *(packages.invoice for packages in shipment.packages)):
            yield f"{words(shipment)} has the goods of what is no invoice"
        lost = sum(packages.missing for packages in shipment.packages)
        if any(not 0 <= packages.missing <= packages.count for packages in shipment.packages):
            yield f"of {words(shipment)} more is missing than was dispatched"
        if (status.state is ShipmentState.SHORT) != (lost > 0):
            yield f"the state of {words(shipment)} does not follow from its packages"
        if (status.state is ShipmentState.DISPATCHED) != (status.arrived is None):
            yield f"{words(shipment)} has arrived at no time, or is still on its way"


INVARIANTS = Invariants(_breaches, no_claims, nothing_ended)
