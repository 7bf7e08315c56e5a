"""What waits for somebody, the oldest first: each is shown from a proof; that none is left out is the node's word.

For whom an object waits follows from its proven state, by its kind's row, and not from what the node says of it.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ObjectView, OfficeView
from hanse_client.exchange.answers import WaitingObject, WaitingPage, read_answer
from hanse_client.exchange.listing import value_of
from hanse_client.exchange.ownparties import known_parties, own_party_or_member
from hanse_client.exchange.reading import PAGE_BYTES, show, show_all, show_listed
from hanse_client.exchange.session import Session
from hanse_client.exchange.transport import Query
from hanse_client.home.knownnames import KnownName, KnownNames
from hanse_ledger.kinds import KIND_NAMED, OBJECT_NAMED, OBJECTS, type_of
from hanse_ledger.kinds.amount import Amount, sum_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import MemberId, Moment, ObjectId

ORDERED = 1_000
"""So many cases at most are put into another order than that in which they come: all must be here before the first."""

SHOWN = 50
"""So many cases are listed, and proven, at a time."""


class InboxWait(Struct, frozen=True, kw_only=True):
    """The kind of record with which is done what a case waits for; since and until when, where the case says so."""

    record: str
    since_ms: Moment | None
    until_ms: Moment | None


class InboxCase(Struct, frozen=True, kw_only=True):
    """An object that waits for somebody.

    Attributes:
        view: it, as a proof shows it.
        waits: for which records.
        created_ms: when it was created, in milliseconds since 1970, as the node says; nil where that was not asked.
        worth: how much money it is about, itself or in sum those that it names, each proven; nil where none says so.
        names: what the parties that it names are called, as far as this home folder knows.
        cursor: behind it another process goes on, see `after` of `client.inbox`; nil of what an event has told.
    """

    view: ObjectView
    waits: tuple[InboxWait, ...]
    created_ms: Moment | None
    worth: Amount | None
    names: tuple[KnownName, ...]
    cursor: int | None


class InboxWorth(Struct, frozen=True, kw_only=True):
    """An amount of money in minor units (cents) of a currency, from `least_minor` to `most_minor`, or whatever."""

    currency: str
    least_minor: int = 0
    most_minor: int | None = None

    def holds(self, worth: Amount | None) -> bool:
        """Tell whether an amount is such a one; what is not known is none."""
        if worth is None or worth.currency != self.currency or worth.minor < self.least_minor:
            return False
        return self.most_minor is None or worth.minor <= self.most_minor


class InboxQuery(Struct, frozen=True):
    """What of it is sought: see `AsyncClient.inbox`."""

    kind: str | Sequence[str] | None = None
    record: str | Sequence[str] | None = None
    state: str | Sequence[str] | None = None
    since_ms: Moment | None = None
    until_ms: Moment | None = None
    worth: InboxWorth | None = None
    after: int | None = None


class InboxOrder(StrEnum):
    """In which order cases come, if not that of their creation: what waits longest first, or the largest amounts.

    Amounts of several currencies are not compared: they come one currency after the other. Cases of which nothing says
    what they are worth come last.
    """

    AGE = "age"
    VALUE = "value"


class WhoseTurn(Struct, frozen=True):
    """Whose turn it is: a party by its id, a member by its name; and which records the client's key signs for it."""

    who: ObjectId | MemberId
    records: frozenset[str]

    @property
    def name(self) -> bytes:
        """As lists name them."""
        return self.who if isinstance(self.who, bytes) else self.who.encode()

    def of(self, value: Object, at: Moment) -> tuple[InboxWait, ...]:
        """Say for which records of theirs an object waits at a time."""
        return tuple(
            InboxWait(record=record, since_ms=each.since, until_ms=each.until)
            for record, name, each in type_of(value).listed.waiting(value)
            if name == self.name and record in self.records and (each.until is None or at < each.until)
        )


EVERY_RECORD = frozenset(record for row in OBJECTS for record in row.listed.waits)
WAITING_KINDS = frozenset(row.name for row in OBJECTS if row.listed.waits)


async def turn_of(session: Session, own: Id | MemberId | None, query: InboxQuery) -> WhoseTurn:
    """Say for whom the client's key signs, and what of that is sought: an officer's powers are for some records alone.

    Raises:
        InvalidInput: nothing of such a kind waits, or in such a state, or for such a record.
        IdentityError: it is not known for whom the key signs.
    """
    _check("record", query.record, EVERY_RECORD)
    _check("kind of object", query.kind, WAITING_KINDS)
    kinds = _several(query.kind) or tuple(WAITING_KINDS)
    _check("state", query.state, {state for kind in kinds for state in OBJECT_NAMED[kind].listed.open})
    records = EVERY_RECORD if query.record is None else frozenset(_several(query.record))
    member, party = await own_party_or_member(session, own)
    if member is None:
        assert party is not None, "it is one of both"
        return WhoseTurn(party, records)
    powers = await _powers(session) if own is None else None
    allowed = {record for record in records if powers is None or powers & set(KIND_NAMED[record].powers)}
    return WhoseTurn(member, frozenset(allowed))


async def _powers(session: Session) -> set[object] | None:
    """Give the powers of the officer whose key it is; nil of a member's own key, which signs everything."""
    identity = session.need_identity()
    for name in await known_parties(session):
        view = await show(session, name, ObjectView)
        if isinstance(view, OfficeView):
            return {power for each in view.officers if each.key == identity.public_key for power in each.powers}
    return None


async def walk_inbox_cases(
    session: Session, query: InboxQuery, own: Id | MemberId | None = None
) -> AsyncIterator[InboxCase]:
    """Walk over what waits for the client's member or party: see `AsyncClient.inbox`."""
    turn, after = await turn_of(session, own, query), query.after
    while turn.records:
        page = await _page(session, turn, query, after)
        for case in await _cases(session, turn, page):
            yield case
        if page.following is None:
            return
        if page.following <= (-1 if after is None else after):
            raise BadAnswer("The node's list of what waits does not go on where it ends.")
        after = page.following


def inbox_cases(
    session: Session, query: InboxQuery, order: str | None, own: Id | MemberId | None
) -> AsyncIterator[InboxCase]:
    """Walk over what waits, in an order: see `AsyncClient.inbox`."""
    if order is None:
        return walk_inbox_cases(session, query, own)
    if order not in set(InboxOrder):
        raise InvalidInput(f"Cases have no order {order[:80]!r}.", "Order them by age, or by value.")
    if query.after is not None:
        raise InvalidInput("A cursor leads through cases in order of their creation.", "Leave out after, or the order.")
    return _ordered(session, query, InboxOrder(order), own)


async def _ordered(
    session: Session, query: InboxQuery, order: InboxOrder, own: Id | MemberId | None
) -> AsyncIterator[InboxCase]:
    """Gather all that waits, and give it in another order. Raises InvalidInput: it is too much."""
    found = list[InboxCase]()
    async for case in walk_inbox_cases(session, query, own):
        if len(found) == ORDERED:
            raise InvalidInput(
                f"More than {ORDERED:,} cases wait: so many are put into no order by {order.value}.",
                "Ask for a part of them: by kind, record, state, time or worth.",
            )
        found.append(replace(case, cursor=None))
    for case in sorted(found, key=_by_age if order is InboxOrder.AGE else _by_value):
        yield case


def _by_age(case: InboxCase) -> tuple[int, bytes]:
    """Since when a case waits: as it says itself, else since it was created."""
    waited = [each.since_ms for each in case.waits if each.since_ms is not None]
    return min(waited, default=case.created_ms or 0), bytes(case.view.id)


def _by_value(case: InboxCase) -> tuple[bool, str, int, bytes]:
    name, worth = bytes(case.view.id), case.worth
    return (True, "", 0, name) if worth is None else (False, worth.currency, -worth.minor, name)


async def _page(session: Session, turn: WhoseTurn, query: InboxQuery, after: int | None) -> WaitingPage:
    who = turn.who.hex() if isinstance(turn.who, bytes) else turn.who
    asked: tuple[tuple[str, object], ...] = (
        ("who", who),
        *(("kind", kind) for kind in _several(query.kind)),
        *(("record", record) for record in sorted(turn.records) if turn.records != EVERY_RECORD),
        *(("state", state) for state in _several(query.state)),
        ("since", query.since_ms),
        ("until", query.until_ms),
        ("currency", None if query.worth is None else query.worth.currency),
        ("least", None if query.worth is None else query.worth.least_minor),
        ("most", None if query.worth is None else query.worth.most_minor),
        ("after", after),
        ("limit", SHOWN),
    )
    sent: Query = tuple((name, str(value)) for name, value in asked if value is not None)
    page = read_answer(await session.transport.get("/v1/waiting", most=PAGE_BYTES, query=sent), WaitingPage)
    numbers = [each.number for each in page.objects]
    if numbers != sorted(set(numbers)) or (after is not None and numbers and numbers[0] <= after):
        raise BadAnswer("The node's list of what waits is not in order.")
    return page


async def _cases(session: Session, turn: WhoseTurn, page: WaitingPage) -> list[InboxCase]:
    """Prove what a page lists, and leave out what does not wait any more."""
    listed = [(bytes.fromhex(each.id), each.number) for each in page.objects]
    found = list[tuple[WaitingObject, ObjectView, tuple[InboxWait, ...]]]()
    for each, view in zip(page.objects, await show_listed(session, listed, ObjectView), strict=True):
        value = value_of(view)
        waits = turn.of(value, view.as_of_ms)
        if waits:
            found.append((each, view, waits))
        elif view.size == page.size and not turn.of(value, 0):
            raise BadAnswer(f"The node lists {view.kind} {view.id.hex()}, which waits for others, as its proof shows.")
    worths, names = await worths_of(session, [view for _, view, _ in found]), KnownNames(session.home, session.openings)
    return [
        InboxCase(
            view=view,
            waits=waits,
            created_ms=each.created,
            worth=worths[view.id],
            names=known_names(names, view),
            cursor=each.number,
        )
        for each, view, waits in found
    ]


async def worths_of(session: Session, views: Sequence[ObjectView]) -> dict[ObjectId, Amount | None]:
    """Say how much money objects are about, each proven; what they leave to others is shown from a proof too."""
    named = {view.id: tuple(type_of(value_of(view)).listed.worth_of(value_of(view))) for view in views}
    names = list(dict.fromkeys(name for others in named.values() for name in others))
    shown = dict[ObjectId, ObjectView]()
    for start in range(0, len(names), SHOWN):
        shown |= {bytes(view.id): view for view in await show_all(session, names[start : start + SHOWN], ObjectView)}
    return {
        view.id: own_worth(view) if not named[view.id] else sum_of(own_worth(shown[name]) for name in named[view.id])
        for view in views
    }


def own_worth(view: ObjectView) -> Amount | None:
    """Say how much money an object is about by itself, as its proof shows; nil where it says nothing of that."""
    value = value_of(view)
    return type_of(value).listed.worth(value)


def known_names(names: KnownNames, view: ObjectView) -> tuple[KnownName, ...]:
    """Give what is known here of the parties in whose lists an object stands."""
    value = value_of(view)
    parties = [who for who in type_of(value).listed.whose(value) if isinstance(who, bytes)]
    return tuple(known for known in map(names.find, dict.fromkeys(parties)) if known is not None)


def asked_for(query: InboxQuery, case: InboxCase) -> bool:
    """Tell whether a case is sought, by its kind, state, and what it is worth."""
    state, kind = type_of(value_of(case.view)).listed.state(value_of(case.view)), case.view.kind
    if kind not in (_several(query.kind) or (kind,)) or state not in (_several(query.state) or (state,)):
        return False
    return query.worth is None or query.worth.holds(case.worth)


def _check(what: str, asked: str | Sequence[str] | None, known: Collection[str]) -> None:
    """Insist that something may wait that is such. Raises InvalidInput."""
    unknown = sorted(set(_several(asked)) - set(known))
    if unknown:
        raise InvalidInput(
            f"Nothing that is in an inbox has the {what} {unknown[0][:80]!r}.",
            f"It is one of: {', '.join(sorted(known))}.",
        )


def _several(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if said is None else (said,) if isinstance(said, str) else tuple(said)
