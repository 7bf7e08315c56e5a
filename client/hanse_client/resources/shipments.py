"""Shipments: goods that a carrier has taken over, and how they arrive."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import ShipmentView
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import submit_body, submit_opening
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_client.home.unsettled import without_chance
from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment, Packages
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.catalogue import CommittedKind


class AsyncShipments:
    """Shipments. Reached as `client.shipments`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def dispatch(
        self,
        file: Path | str | bytes,
        *,
        consignor: Id,
        consignee: Id,
        packages: Sequence[Packages],
        terms: Mapping[str, str],
        carrier: Id | None = None,
        consignment: Id | None = None,
    ) -> Receipt:
        """Record that goods have been taken over; the client's identity is the carrier's. Rule T-1.

        The transport document stays here: the ledger gets a salted commitment to it and to its terms.

        Args:
            file: the transport document, in whatever format.
            consignor: the party from which the goods are; the seller of every invoice named.
            consignee: the party to which they go.
            packages: how many of which kind, and the invoice whose goods are in them.
            terms: what the document says, by the names of the catalogue `transport`, such as `number`.
            carrier: the carrier's party, where the home folder does not know it.
            consignment: where the carrier writes into one, it is put into it by this record. Rule U-3.

        Raises as `submit` does.
        """
        data, name = read_source(file)
        opening = new_opening(CommittedKind.TRANSPORT, data, terms, name=name, discoverable=False)
        body = DispatchShipment(
            carrier=await own_party(self._session, carrier),
            consignee=parse_id(consignee, "consignee"),
            consignment=parse_id_if(consignment, "consignment"),
            consignor=parse_id(consignor, "consignor"),
            document=opening.commitment(),
            packages=sorted_packages(packages),
            payload=None,
        )
        asked = replace(body, document=without_chance(opening))
        return await submit_opening(self._session, body, asked, opening)

    async def arrive(self, shipment: Id, *, missing: Sequence[Packages] = ()) -> Receipt:
        """Record that the goods have arrived; the client's identity is the carrier's. Rule T-2.

        Args:
            shipment: the shipment.
            missing: the packages that have not arrived, as they were dispatched.
        """
        body = ArriveShipment(missing=sorted_packages(missing), shipment=parse_id(shipment, "shipment"))
        return await submit_body(self._session, body)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[ShipmentView]:
        """Walk over shipments, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no shipment has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, ShipmentView, sought)

    async def show(self, shipment: Id) -> ShipmentView:
        """Show a shipment as it stands, from a verified proof of its status."""
        return await show(self._session, shipment, ShipmentView)


def sorted_packages(packages: Sequence[Packages]) -> tuple[Packages, ...]:
    """Put packages into the order in which a record names them."""
    return tuple(sorted(packages, key=lambda line: (line.invoice, line.unit)))
