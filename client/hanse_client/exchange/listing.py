"""Lists of objects: each is shown from a proof; that none is left out is proven where a chain of records says so.

A list by state is the node's word: it may leave something out, and nothing would tell. What is in it is proven. What
addresses an office or a party is complete: the records are those of its inbox, or history, and replay to its head.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import BadAnswer, IdentityError, InvalidInput, NotFound
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import InvoiceView, ObjectView, OfficeView, aspects_of, kind_of
from hanse_client.base.views import RecordView
from hanse_client.base.wording import ID_LETTERS
from hanse_client.exchange.answers import ListPage, StoredObject, read_answer
from hanse_client.exchange.ownparties import acting_member, own_party
from hanse_client.exchange.reading import (
    PAGE_BYTES,
    RECORD_BYTES,
    show,
    show_all,
    show_listed,
    walk_inbox,
    walk_records,
)
from hanse_client.exchange.session import Session
from hanse_client.exchange.transport import Query
from hanse_ledger import kinds
from hanse_ledger.kinds import OBJECT_NAMED, steps_of
from hanse_ledger.kinds import kind_of as row_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import MemberId, Moment, ObjectId

SHOWN = 50
"""So many objects are listed, and proven, at a time."""

Shown = TypeVar("Shown", bound=ObjectView)


class Sought(Struct, frozen=True, kw_only=True):
    """What is to be listed: see `AsyncClient.list`."""

    state: str | Sequence[str] | None = None
    open: bool | None = None
    whose: Id | MemberId | None = None
    other: Id | MemberId | None = None
    since_ms: Moment | None = None
    until_ms: Moment | None = None

    @property
    def states(self) -> tuple[str, ...]:
        """The states that are asked for; none for all."""
        return () if self.state is None else (self.state,) if isinstance(self.state, str) else tuple(self.state)

    def holds(self, value: Object) -> bool:
        """Tell whether an object is wanted, as far as its present value says."""
        listed = kinds.type_of(value).listed
        state, names = listed.state(value), listed.of_whom(value)
        wanted = all(_bytes_of(who) in names for who in (self.whose, self.other) if who is not None)
        if self.open is not None:
            wanted = wanted and (state in listed.open) is self.open
        return wanted and (not self.states or state in self.states)


async def list_objects(session: Session, kind: type[Shown], sought: Sought) -> AsyncIterator[Shown]:
    """Walk over objects of a kind, the newest first, each proven. That none is left out is the node's word.

    Raises:
        InvalidInput: objects of this kind have no such state.
        BadAnswer: the node lists what is not so.
    """
    noun = kind_of(kind)
    _check_states(noun, sought.states)
    own = sought if sought.whose is not None else await _with_own(session, sought)
    before: int | None = None
    while True:
        query = (*_query(own), ("limit", str(SHOWN)), *((("before", str(before)),) if before is not None else ()))
        data = await session.transport.get(f"/v1/lists/{noun}", most=PAGE_BYTES, query=query)
        page = read_answer(data, ListPage)
        numbers = [each.number for each in page.objects]
        if numbers != sorted(set(numbers), reverse=True) or (before is not None and numbers and numbers[0] >= before):
            raise BadAnswer("The node's list is not in order.")
        for view in await show_listed(session, _named(page), kind):
            if own.holds(value_of(view)):
                yield view
            elif view.size == page.size:
                raise BadAnswer(f"The node lists {noun} {view.id.hex()}, which its own proof shows to be otherwise.")
        if page.following is None:
            return
        if not numbers or page.following != numbers[-1]:
            raise BadAnswer("The node's list does not go on where it ends.")
        before = page.following


async def find_objects(session: Session, kind: type[Shown], name: str, key: str) -> AsyncIterator[Shown]:
    """Walk over the objects that are found by a key, the oldest first, each proven.

    That none is left out is the node's word.
    """
    path, after = f"/v1/lists/{kind_of(kind)}/by/{name}/{key}", 0
    while True:
        query = (("after", str(after)), ("limit", str(SHOWN)))
        page = read_answer(await session.transport.get(path, most=PAGE_BYTES, query=query), ListPage)
        numbers = [each.number for each in page.objects]
        if numbers != sorted(set(numbers)) or (numbers and numbers[0] < after):
            raise BadAnswer("The node's list is not in order.")
        for view in await show_listed(session, _named(page), kind):
            value = value_of(view)
            by = next(each for each in kinds.type_of(value).found_by if each.name == name)
            if not {key.encode(), _hex(key)} & set(by.keys(value)):
                raise BadAnswer(f"The node finds {view.kind} {view.id.hex()} by what it has not.")
            yield view
        if page.following is None:
            return
        if not numbers or page.following != numbers[-1] + 1:
            raise BadAnswer("The node's list does not go on where it ends.")
        after = page.following


async def walk_numbered(session: Session, number: str, seller: Id | None) -> AsyncIterator[InvoiceView]:
    """Walk over invoices of a number that were sent from this home folder: see `AsyncInvoices.of_number`."""
    ledger, owner = (await session.trust()).ledger, await own_party(session, seller)
    kept = session.alike.numbered(ledger, owner, number)
    for name in dict.fromkeys(each.object for each in reversed(kept)):
        try:
            yield await show(session, name, InvoiceView)
        except NotFound:
            continue  # it was refused, or never came to stand


async def walk_addressed(
    session: Session, kind: str | None, sought: Sought, *, own: Id | None = None
) -> AsyncIterator[ObjectView]:
    """Walk over what addresses an office or a party, the newest first, each proven, and none left out.

    Args:
        session: who asks.
        kind: of the objects; nil for all.
        sought: their states.
        own: the party, or the office; by default the client's own.
    """
    check_kind(kind)
    if kind is not None:
        _check_states(kind, sought.states)
    waiting: list[ObjectId] = []
    async for record in _addressing(session, own):
        waiting += [name for name in _cases_of(record, kind) if name not in waiting]
        if len(waiting) >= SHOWN:
            for view in await show_all(session, waiting, ObjectView):
                if sought.holds(value_of(view)):
                    yield view
            waiting.clear()
    for view in await show_all(session, waiting, ObjectView):
        if sought.holds(value_of(view)):
            yield view


async def _addressing(session: Session, own: Id | None) -> AsyncIterator[RecordView]:
    """Walk over the records that address an office, or touch a party that has not signed them."""
    office = None if own is not None else await own_office(session)
    if office is not None:
        async for record in walk_inbox(session, office):
            yield record
        return
    key = None if session.identity is None else session.identity.public_key
    async for record in walk_records(session, await own_party(session, own)):
        if key not in record.signers:
            yield record


async def own_office(session: Session) -> ObjectId | None:
    """Name the office of the member for whom the client's key signs; nil where it signs for none."""
    try:
        member = await acting_member(session)
    except IdentityError:
        return None
    return (await office_of(session, member)).id


async def office_of(session: Session, member: MemberId) -> OfficeView:
    """Show the office of a member: see `AsyncOffices.of`."""
    try:
        data = await session.transport.get(f"/v1/members/{quote(member, safe='')}/office", most=RECORD_BYTES)
    except NotFound as error:
        raise NotFound(replace(error.refusal, seen=member, wanted="a member whose office is open")) from error
    view = await show(session, read_answer(data, StoredObject).id, OfficeView)
    if view.links.member != member:
        raise BadAnswer(f"The node shows the office of {view.links.member} for that of {member}.")
    return view


async def _with_own(session: Session, sought: Sought) -> Sought:
    """Have listed what is the client's own; of nobody everybody's."""
    if session.identity is None:
        return sought
    try:
        return replace(sought, whose=await acting_member(session))
    except IdentityError:
        return replace(sought, whose=await own_party(session))


def _named(page: ListPage) -> list[tuple[ObjectId, int]]:
    return [(bytes.fromhex(each.id), each.number) for each in page.objects]


def _query(sought: Sought) -> Query:
    """Write what is sought as a query."""
    asked = (
        ("whose", sought.whose),
        ("other", sought.other),
        *(("state", state) for state in sought.states),
        ("open", None if sought.open is None else str(sought.open).lower()),
        ("since", sought.since_ms),
        ("until", sought.until_ms),
    )
    return tuple((name, _text_of(value)) for name, value in asked if value is not None)


def _text_of(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes) else str(value)


def _bytes_of(who: Id | MemberId) -> bytes:
    return who if isinstance(who, bytes) else _hex(who)


def _hex(text: str) -> bytes:
    """Read an id; a name that is none stands for itself."""
    return parse_id(text) if len(text) == ID_LETTERS else text.encode()


def check_kind(kind: str | None) -> None:
    """Insist that there is such a kind of object, where one is named. Raises InvalidInput."""
    if kind is not None and kind not in OBJECT_NAMED:
        raise InvalidInput(f"There is no kind of object {kind!r}.", f"It is one of: {', '.join(sorted(OBJECT_NAMED))}.")


def _check_states(kind: str, states: Sequence[str]) -> None:
    """Insist that objects of a kind have these states. Raises InvalidInput."""
    listed = OBJECT_NAMED[kind].listed
    every = listed.open | listed.ended
    for state in states:
        if state not in every:
            raise InvalidInput(f"No {kind} is {state!r}.", f"It is one of: {', '.join(sorted(every))}.")


def _cases_of(record: RecordView, kind: str | None) -> Iterator[ObjectId]:
    """Name the objects of a kind that a record opens: one or none, and of a bundle one a step."""
    for step in steps_of(record.record.body, record.id):
        row = row_of(step.body)
        if row.creates and row.object is not None and kind in (None, row.object.name):
            yield step.creates


def value_of(view: ObjectView) -> Object:
    """Make the object of a view again, but for its salts."""
    value: Object = OBJECT_NAMED[view.kind].state(id=view.id, seed=bytes(16), **aspects_of(view))
    return value
