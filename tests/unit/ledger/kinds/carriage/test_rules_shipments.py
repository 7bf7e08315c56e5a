"""Rules T-1 and T-2: a carrier takes goods over, and they arrive."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import INVOICE_NOT_OPEN, INVOICE_UNKNOWN
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.shipment import refusals as why
from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment, Packages
from hanse_ledger.kinds.shipment.state import (
    Shipment,
    ShipmentLinks,
    ShipmentState,
    ShipmentStatus,
    ShippedPackages,
)
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0
from tests.world.departures import after, hold


def ready() -> Corridor:
    """A carrier is enrolled, two invoices stand, a third one is cancelled, and a fourth is another seller's."""
    corridor = traders()
    corridor.enrol("carrier", PartyRole.CARRIER)
    corridor.enrol("other", PartyRole.SELLER)
    brief = replace(corridor.make.enrolment("brief", PartyRole.SELLER), valid_until=T0 + DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    corridor.issue_invoice()
    corridor.issue_invoice(2, name="second")
    corridor.issue_invoice(3, name="closed")
    corridor.submit(corridor.make.cancellation("closed"), "seller")
    corridor.submit(replace(corridor.make.invoice(4), seller=corridor.id["other"]), "other", name="of other")
    return corridor


def shipped(*, arrived: bool = False) -> Corridor:
    """Forty cartons are on their way, or have arrived."""
    corridor = ready()
    corridor.dispatch_shipment()
    if arrived:
        corridor.submit(corridor.make.sample(ArriveShipment), "carrier")
    return corridor


READY, SHIPPED, ARRIVED = ready(), shipped(), shipped(arrived=True)
HELD_SELLER, HELD_BUYER = after(ready(), (hold, "seller")), after(ready(), (hold, "buyer"))
HELD_CARRIER = after(ready(), (hold, "carrier"))
NOBODY = bytes(32)
DISPATCH = READY.make.sample(DispatchShipment)
ARRIVE = SHIPPED.make.sample(ArriveShipment)


def cartons(*invoices: str, count: int = 40, unit: str = "CT") -> tuple[Packages, ...]:
    """So many cartons with the goods of each invoice."""
    return tuple(Packages(count=count, invoice=READY.id.get(name, NOBODY), unit=unit) for name in invoices)


TWICE = replace(DISPATCH, packages=cartons("invoice", "invoice"))
UNSORTED = tuple(sorted(cartons("invoice", "second"), key=lambda line: line.invoice, reverse=True))
LOST = cartons("invoice", count=41)

REFUSALS = [
    Refused(READY, replace(TWICE, carrier=NOBODY), ("seller",), PARTY_UNKNOWN, "/body/carrier"),
    Refused(READY, replace(TWICE, carrier=READY.id["brief"]), ("seller",), PARTY_INACTIVE, "/body/carrier", T0 + DAY),
    Refused(HELD_CARRIER, TWICE, ("seller",), PARTY_SUSPENDED, "/body/carrier"),
    Refused(READY, replace(TWICE, carrier=READY.id["seller"]), ("buyer",), PARTY_LACKS_ROLE, "/body/carrier"),
    Refused(READY, replace(TWICE, consignor=NOBODY), ("seller",), why.NOT_CARRIER, "/signers"),
    Refused(READY, replace(TWICE, consignor=NOBODY), ("carrier", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(READY, replace(TWICE, consignor=NOBODY, consignee=NOBODY), ("carrier",), PARTY_UNKNOWN, "/body/consignor"),
    Refused(HELD_SELLER, replace(TWICE, consignee=NOBODY), ("carrier",), PARTY_SUSPENDED, "/body/consignor"),
    Refused(READY, replace(TWICE, consignee=NOBODY), ("carrier",), PARTY_UNKNOWN, "/body/consignee"),
    Refused(HELD_BUYER, TWICE, ("carrier",), PARTY_SUSPENDED, "/body/consignee"),
    Refused(READY, TWICE, ("carrier",), why.PACKAGES_NOT_SORTED, "/body/packages"),
    Refused(READY, replace(DISPATCH, packages=UNSORTED), ("carrier",), why.PACKAGES_NOT_SORTED, "/body/packages"),
    Refused(
        READY,
        replace(DISPATCH, packages=cartons("carrier")),
        ("carrier",),
        INVOICE_UNKNOWN,
        "/body/packages/0/invoice",
    ),
    Refused(
        READY,
        replace(DISPATCH, consignor=READY.id["other"], packages=cartons("closed")),
        ("carrier",),
        INVOICE_NOT_OPEN,
        "/body/packages/0/invoice",
    ),
    Refused(
        READY,
        replace(DISPATCH, packages=cartons("of other")),
        ("carrier",),
        why.INVOICE_OF_ANOTHER_CONSIGNOR,
        "/body/packages/0/invoice",
    ),
    Refused(SHIPPED, replace(ARRIVE, shipment=NOBODY), ("seller",), why.SHIPMENT_UNKNOWN, "/body/shipment"),
    Refused(ARRIVED, ARRIVE, ("seller",), why.NOT_CARRIER, "/signers"),
    Refused(ARRIVED, ARRIVE, ("carrier", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ARRIVED, replace(ARRIVE, missing=LOST), ("carrier",), why.SHIPMENT_ARRIVED, "/body/shipment"),
    Refused(SHIPPED, replace(ARRIVE, missing=(*LOST, *LOST)), ("carrier",), why.PACKAGES_NOT_SORTED, "/body/missing"),
    Refused(SHIPPED, replace(ARRIVE, missing=LOST), ("carrier",), why.MISSING_NOT_DISPATCHED, "/body/missing/0"),
    Refused(
        SHIPPED,
        replace(ARRIVE, missing=cartons("invoice", count=1, unit="PX")),
        ("carrier",),
        why.MISSING_NOT_DISPATCHED,
        "/body/missing/0",
    ),
    Refused(
        SHIPPED,
        replace(ARRIVE, missing=cartons("second", count=1)),
        ("carrier",),
        why.MISSING_NOT_DISPATCHED,
        "/body/missing/0",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_a_carrier_takes_goods_over() -> None:
    """T-1 says who carries which packages from whom to whom; parties and invoices have it in their histories."""
    corridor = ready()
    before = {name: corridor.ledger.objects[corridor.id[name]].history.count for name in ("carrier", "invoice")}
    shipment = corridor.dispatch_shipment()
    signed, at = corridor.signed["shipment"], corridor.head.time
    assert corridor.ledger.objects[shipment] == Shipment(
        id=shipment,
        seed=step_seed(signed.record.nonce),
        history=NO_HISTORY.after(signed.id),
        links=ShipmentLinks(
            carrier=corridor.id["carrier"], consignee=corridor.id["buyer"], consignor=corridor.id["seller"]
        ),
        packages=(ShippedPackages(count=40, invoice=corridor.id["invoice"], missing=0, unit="CT"),),
        status=ShipmentStatus(arrived=None, dispatched=at, state=ShipmentState.DISPATCHED),
    )
    for name, count in before.items():
        assert corridor.ledger.objects[corridor.id[name]].history.count == count + 1


@pytest.mark.parametrize(("missing", "state"), [(0, ShipmentState.ARRIVED), (40, ShipmentState.SHORT)])
def test_goods_arrive_whole_or_short(missing: int, state: ShipmentState) -> None:
    """T-2 says when they arrived, and what is missing."""
    corridor = ready()
    both = tuple(sorted((*cartons("invoice"), *cartons("second", count=2)), key=lambda line: line.invoice))
    shipment = corridor.submit(replace(DISPATCH, packages=both), "carrier", name="shipment")
    dispatched = corridor.head.time
    lines = cartons("invoice", count=missing) if missing else ()
    corridor.submit(ArriveShipment(missing=lines, shipment=shipment), "carrier")
    value = corridor.ledger.objects[shipment]
    assert isinstance(value, Shipment)
    assert value.status == ShipmentStatus(arrived=corridor.head.time, dispatched=dispatched, state=state)
    assert {line.invoice: line.missing for line in value.packages} == {
        corridor.id["invoice"]: missing,
        corridor.id["second"]: 0,
    }
