"""The other side of what the tables of shipments meet exactly: what `make mutation` found that no row tried."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.shipment import refusals as why
from hanse_ledger.kinds.shipment.state import Shipment, ShipmentState
from tests.tables.refusals import Refused, try_row
from tests.unit.ledger.kinds.carriage.test_rules_shipments import ARRIVE, DISPATCH, READY, SHIPPED, cartons, shipped
from tests.world.corridor import Corridor

LEAST, GREATEST = sorted(cartons("invoice", "second", count=1), key=lambda line: line.invoice)
TWICE = (LEAST, LEAST, GREATEST)
"""Compared with what it should be, as a whole, it is the lesser one."""


def short() -> Corridor:
    """One carton is missing of what has arrived."""
    corridor = shipped()
    corridor.submit(replace(ARRIVE, missing=cartons("invoice", count=1)), "carrier")
    return corridor


SHORT = short()

BEYOND = [
    Refused(READY, replace(DISPATCH, packages=TWICE), ("carrier",), why.PACKAGES_NOT_SORTED, "/body/packages"),
    Refused(
        READY,
        replace(DISPATCH, consignor=READY.id["other"]),
        ("carrier",),
        why.INVOICE_OF_ANOTHER_CONSIGNOR,
        "/body/packages/0/invoice",
    ),
    Refused(SHORT, ARRIVE, ("carrier",), why.SHIPMENT_ARRIVED, "/body/shipment"),
    Refused(SHIPPED, replace(ARRIVE, missing=TWICE), ("carrier",), why.PACKAGES_NOT_SORTED, "/body/missing"),
]


@pytest.mark.parametrize("row", BEYOND)
def test_what_lies_beyond_a_bound_is_refused(row: Refused) -> None:
    """A line that stands twice before a greater one, another consignor's invoice, what has arrived in part."""
    try_row(row)


def test_a_part_of_the_packages_may_be_missing() -> None:
    """Fewer than were dispatched, not all of them alone."""
    shipment = short().ledger.objects[ARRIVE.shipment]
    assert isinstance(shipment, Shipment)
    assert shipment.status.state is not ShipmentState.DISPATCHED
