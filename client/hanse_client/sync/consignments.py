"""Consignments, for callers that block.

Written from `hanse_client.resources.consignments` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ConsignmentView, PutIn
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView
from hanse_client.resources.consignments import AsyncConsignments
from hanse_ledger.values.types import MemberId, Moment, Ucr


class Consignments:
    """Consignments: folders of movements of goods. Reached as `client.consignments`.

    A consignment is named by its id, or by its UCR where one opener alone has used it.
    """

    def __init__(self, portal: Portal, calls: AsyncConsignments) -> None:
        self._portal, self._calls = portal, calls

    def open(
        self,
        ucr: Ucr,
        *,
        parties: Sequence[Id] = (),
        members: Sequence[MemberId] = (),
        opener: Id | None = None,
    ) -> Receipt:
        """Open the folder of one movement of goods; the client's identity is the seller's or the buyer's. Rule U-1.

        Args:
            ucr: the unique consignment reference; of one opener it names one consignment.
            parties: who else puts something in.
            members: the authorities, banks and other members that do.
            opener: the opener's party, where the home folder does not know it.

        Returns:
            The receipt; `object_id` names the consignment.

        Raises as `submit` does.
        """
        return self._portal.run(self._calls.open, ucr, parties=parties, members=members, opener=opener)

    def add(
        self,
        consignment: Id | Ucr,
        item: Id | None = None,
        *,
        parties: Sequence[Id] = (),
        members: Sequence[MemberId] = (),
        writer: Id | MemberId | None = None,
    ) -> Receipt:
        """Put what stands already into a consignment, or name further writers; the identity is a writer's. Rule U-2.

        Args:
            consignment: the consignment, or its UCR.
            item: what is put in, of which the writer is a part: an invoice, a declaration, a shipment.
            parties: parties that write into it from now on; the opener alone names them.
            members: members that do.
            writer: the party's id or the member's name for which the identity signs; by default its own.

        Raises as `submit` does.
        """
        return self._portal.run(self._calls.add, consignment, item, parties=parties, members=members, writer=writer)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[ConsignmentView]:
        """Walk over consignments, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no consignment has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def of_ucr(self, ucr: Ucr) -> Iterator[ConsignmentView]:
        """Walk over the consignments under a UCR, each proven; of one opener there is one at most.

        That none is left out is the node's word.
        """
        return self._portal.iterate(self._calls.of_ucr(ucr))

    def show(self, consignment: Id | Ucr) -> ConsignmentView:
        """Show a consignment as it stands, from a verified proof of its status.

        Raises:
            InvalidInput: no consignment is under this UCR, as the node says, or several openers have one.
        """
        return self._portal.run(self._calls.show, consignment)

    def records(self, consignment: Id) -> Iterator[RecordView]:
        """Walk over a consignment's records, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(consignment))

    def contents(self, consignment: Id, *, kind: str | None = None) -> Iterator[PutIn]:
        """Walk over what was put into a consignment and by whom, newest first, each proven and none left out.

        What is in it is shown as it stands now. An item that several have put in comes once for each.

        Args:
            consignment: the consignment.
            kind: only what is of this kind of object, such as `declaration`.

        Raises:
            InvalidInput: there is no such kind of object.
            BadAnswer: the history does not have as many items as the consignment says.
        """
        return self._portal.iterate(self._calls.contents(consignment, kind=kind))
