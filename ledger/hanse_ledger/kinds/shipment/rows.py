"""The rows of shipments."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.document.payload import payload_claims
from hanse_ledger.kinds.kind import (
    Commits,
    FoundBy,
    Kind,
    Listed,
    ObjectType,
    Waits,
    itself,
    no_claims,
    no_key,
    no_object,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.shipment import samples
from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment
from hanse_ledger.kinds.shipment.refusals import SHIPMENT_UNKNOWN
from hanse_ledger.kinds.shipment.rules import arrive_shipment, dispatch_shipment
from hanse_ledger.kinds.shipment.state import Shipment, ShipmentState
from hanse_ledger.kinds.shipment.status import judged
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


def _arrived_by(shipment: Shipment) -> Iterator[Waits]:
    if shipment.status.state is ShipmentState.DISPATCHED:
        yield Waits(shipment.links.carrier, shipment.status.dispatched)


SHIPMENT = ObjectType(
    name="shipment",
    state=Shipment,
    unknown=SHIPMENT_UNKNOWN,
    beside=frozenset({"history", "status"}),
    sums={},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(
        FoundBy[Shipment](
            name="shipment_of_invoice",
            keys=lambda shipment: (packages.invoice for packages in shipment.packages),
        ),
    ),
    listed=Listed(
        state=lambda shipment: shipment.status.state,
        open=frozenset({ShipmentState.DISPATCHED}),
        ended=frozenset({ShipmentState.ARRIVED, ShipmentState.SHORT}),
        whose=lambda shipment: (shipment.links.carrier, shipment.links.consignor, shipment.links.consignee),
        waits={"shipment.arrive": _arrived_by},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)


def _dispatched(body: DispatchShipment) -> tuple[ObjectId | None, ...]:
    named = (body.carrier, body.consignee, body.consignment, body.consignor)
    return (*named, *(packages.invoice for packages in body.packages))


def _arrived(body: ArriveShipment) -> tuple[ObjectId, ...]:
    return (body.shipment, *(packages.invoice for packages in body.missing))


def _own(body: ArriveShipment) -> ObjectId:
    return body.shipment


DISPATCH = Kind(
    name="shipment.dispatch",
    number="T-1",
    body=DispatchShipment,
    rule=dispatch_shipment,
    object=SHIPMENT,
    creates=True,
    about=no_object,
    references=_dispatched,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[DispatchShipment](
        kind=CommittedKind.TRANSPORT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.dispatch,
)

ARRIVE = Kind(
    name="shipment.arrive",
    number="T-2",
    body=ArriveShipment,
    rule=arrive_shipment,
    object=SHIPMENT,
    creates=False,
    about=_own,
    references=_arrived,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.arrive,
)

KINDS = (DISPATCH, ARRIVE)
