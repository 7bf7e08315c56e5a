"""Consignments: open, add, show, list, contents: the folder of one movement of goods."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import ConsignmentView, ObjectView, PutIn
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.listing import SHOWN, Sought, check_kind, find_objects, list_objects
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import own_party, own_party_or_member
from hanse_client.exchange.reading import show, show_all, walk_records
from hanse_client.exchange.session import Session
from hanse_ledger.kinds import put_into, steps_of
from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.putting import makers_of
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.patterns import UCR as UCR_PATTERN
from hanse_ledger.values.patterns import WORDS
from hanse_ledger.values.types import MemberId, Moment, ObjectId, Ucr
from hanse_ledger.wire.part import Body

UCR_LETTERS = 35
"""A UCR has so many letters at most: an id, of 64, is none."""


class AsyncConsignments:
    """Consignments: folders of movements of goods. Reached as `client.consignments`.

    A consignment is named by its id, or by its UCR where one opener alone has used it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open(
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
        body = OpenConsignment(
            members=tuple(sorted(set(members))),
            opener=await own_party(self._session, opener),
            parties=_ids(parties),
            ucr=ucr,
        )
        return await submit_body(self._session, body)

    async def add(
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
        name = (await self.show(consignment)).id
        member, party = await own_party_or_member(self._session, writer)
        body = AddToConsignment(
            consignment=name,
            item=parse_id_if(item, "item"),
            new_members=tuple(sorted(set(members))),
            new_parties=_ids(parties),
            writer_member=member,
            writer_party=party,
        )
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
    ) -> AsyncIterator[ConsignmentView]:
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
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, ConsignmentView, sought)

    def of_ucr(self, ucr: Ucr) -> AsyncIterator[ConsignmentView]:
        """Walk over the consignments under a UCR, each proven; of one opener there is one at most.

        That none is left out is the node's word.
        """
        return find_objects(self._session, ConsignmentView, "consignment_of_ucr", hash_bytes(ucr.encode()).hex())

    async def show(self, consignment: Id | Ucr) -> ConsignmentView:
        """Show a consignment as it stands, from a verified proof of its status.

        Raises:
            InvalidInput: no consignment is under this UCR, as the node says, or several openers have one.
        """
        if isinstance(consignment, bytes) or len(consignment) > UCR_LETTERS:
            return await show(self._session, consignment, ConsignmentView)
        found = [view async for view in self.of_ucr(consignment)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise InvalidInput(
                f"No consignment is under the UCR {consignment!r}, as the node says.",
                f"Check it: a UCR is {WORDS[UCR_PATTERN].removeprefix('a UCR of ')}.",
            )
        raise InvalidInput(
            f"{len(found)} openers have a consignment under the UCR {consignment!r}.",
            f"Name its id: {', '.join(view.id.hex() for view in found)}.",
        )

    def records(self, consignment: Id) -> AsyncIterator[RecordView]:
        """Walk over a consignment's records, newest first, each proven and none left out."""
        return walk_records(self._session, consignment, ConsignmentView)

    def contents(self, consignment: Id, *, kind: str | None = None) -> AsyncIterator[PutIn]:
        """Walk over what was put into a consignment and by whom, newest first, each proven and none left out.

        What is in it is shown as it stands now. An item that several have put in comes once for each.

        Args:
            consignment: the consignment.
            kind: only what is of this kind of object, such as `declaration`.

        Raises:
            InvalidInput: there is no such kind of object.
            BadAnswer: the history does not have as many items as the consignment says.
        """
        return _walk_contents(self._session, consignment, kind)


class _Added(NamedTuple):
    """That a record has put something in: its body of that step, and who wrote into the consignment then."""

    record: RecordView
    item: ObjectId
    body: Body
    writers: frozenset[MemberId | ObjectId]

    def writer(self, links: Any) -> str:
        """Name who put it in: who says so, or who made it by this record; of two, the first that might."""
        if isinstance(self.body, AddToConsignment):
            return self.body.writer_member or (self.body.writer_party or b"").hex()
        name = next((name for name in makers_of(self.body, links) if name in self.writers), None)
        if name is None:
            raise BadAnswer(f"The record {self.record.id.hex()} was made by nobody who writes into the consignment.")
        return name.hex() if isinstance(name, bytes) else name


async def _walk_contents(session: Session, consignment: Id, kind: str | None) -> AsyncIterator[PutIn]:
    """Walk over what was put in: see `AsyncConsignments.contents`."""
    check_kind(kind)
    view = await show(session, consignment, ConsignmentView)
    # Newest first: whoever a record has named was no writer before it.
    writers: set[MemberId | ObjectId] = {view.links.opener, *view.writers.parties, *view.writers.members}
    waiting: list[_Added] = []
    count = 0
    async for record in walk_records(session, view.id, ConsignmentView):
        for step in reversed(steps_of(record.record.body, record.id)):
            body = step.body
            if put_into(body) == view.id:
                item = step.creates if not isinstance(body, AddToConsignment) else body.item
                assert item is not None, "something was put in"
                waiting.append(_Added(record, item, body, frozenset(writers)))
                count += 1
            if isinstance(body, AddToConsignment) and body.consignment == view.id:
                writers.difference_update(body.new_parties, body.new_members)
        if len(waiting) >= SHOWN:
            for put_in in await _shown(session, waiting, kind):
                yield put_in
            waiting.clear()
    for put_in in await _shown(session, waiting, kind):
        yield put_in
    if count < view.contents.items:
        raise BadAnswer(f"The node's history has {count} items; the consignment says {view.contents.items}.")


async def _shown(session: Session, added: Sequence[_Added], kind: str | None) -> list[PutIn]:
    """Show what some records have put in, as it stands."""
    items = list(dict.fromkeys(each.item for each in added))
    views = {bytes(view.id): view for view in await show_all(session, items, ObjectView)}
    return [
        PutIn(
            item=views[bytes(each.item)],
            record_id=each.record.id,
            time_ms=each.record.time_ms,
            writer=each.writer(getattr(views[bytes(each.item)], "links", None)),
        )
        for each in added
        if kind in (None, views[bytes(each.item)].kind)
    ]


def _ids(names: Sequence[Id]) -> tuple[ObjectId, ...]:
    return tuple(sorted({parse_id(name, "party") for name in names}))
