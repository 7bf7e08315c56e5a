"""How the status of a shipment is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.shipment.state import ShipmentState, ShipmentStatus
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a shipment by what its carrier has said of it."""
    status: ShipmentStatus = aspects["status"]
    return _JUDGED[status.state]


_JUDGED: Mapping[ShipmentState, Judgement] = {
    ShipmentState.ARRIVED: Judgement(
        Verdict.VALID,
        said("state.shipment.arrived", "arrived"),
        said("standing.shipment.arrived", "the carrier says that all of it has arrived"),
    ),
    ShipmentState.DISPATCHED: Judgement(
        Verdict.VALID,
        said("state.shipment.dispatched", "dispatched"),
        said("standing.shipment.dispatched", "the carrier has taken it over, and does not say that it has arrived"),
    ),
    ShipmentState.SHORT: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.shipment.short", "arrived short"),
        said("standing.shipment.short", "the carrier says that some of its packages have not arrived"),
    ),
}
"""By state: what it is called, and what it means for whoever relies on the shipment."""
