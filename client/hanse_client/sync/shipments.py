"""Shipments, for callers that block.

Written from `hanse_client.resources.shipments` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ShipmentView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.shipments import AsyncShipments
from hanse_ledger.kinds.shipment.bodies import Packages
from hanse_ledger.values.types import MemberId, Moment


class Shipments:
    """Shipments. Reached as `client.shipments`."""

    def __init__(self, portal: Portal, calls: AsyncShipments) -> None:
        self._portal, self._calls = portal, calls

    def dispatch(
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
        return self._portal.run(
            self._calls.dispatch,
            file,
            consignor=consignor,
            consignee=consignee,
            packages=packages,
            terms=terms,
            carrier=carrier,
            consignment=consignment,
        )

    def arrive(self, shipment: Id, *, missing: Sequence[Packages] = ()) -> Receipt:
        """Record that the goods have arrived; the client's identity is the carrier's. Rule T-2.

        Args:
            shipment: the shipment.
            missing: the packages that have not arrived, as they were dispatched.
        """
        return self._portal.run(self._calls.arrive, shipment, missing=missing)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[ShipmentView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, shipment: Id) -> ShipmentView:
        """Show a shipment as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, shipment)
