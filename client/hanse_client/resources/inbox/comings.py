"""An inbox as it changes: what comes, and what has gone, told by the events of the log, none of which is left out."""

from collections.abc import AsyncIterator

from msgspec import Struct

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import RecordView
from hanse_client.exchange.events import follow_events
from hanse_client.exchange.listing import value_of
from hanse_client.exchange.reading import show_all
from hanse_client.exchange.session import Session
from hanse_client.home.knownnames import KnownNames
from hanse_client.resources.inbox.cases import (
    InboxCase,
    InboxQuery,
    WhoseTurn,
    asked_for,
    known_names,
    turn_of,
    walk_inbox_cases,
    worths_of,
)
from hanse_ledger.kinds import own_objects
from hanse_ledger.values.types import MemberId, ObjectId

FOLLOWED = 200_000
"""So many cases are known at a time at most; of more, that one has gone is not told."""


class InboxChange(Struct, frozen=True, kw_only=True):
    """What has changed in an inbox.

    Attributes:
        gone: the id of an object that does not wait any more, or not for this; nil where one came.
        case: what came, or waits for something else now; nil where one has gone.
        record: by which record; nil of what waited already.
    """

    gone: ObjectId | None
    case: InboxCase | None
    record: RecordView | None


async def follow_inbox(
    session: Session, query: InboxQuery, own: Id | MemberId | None = None
) -> AsyncIterator[InboxChange]:
    """Tell what waits, and then what comes and goes, for ever: see `AsyncClient.follow_inbox`."""
    position = (await session.head()).size - 1
    turn, known = await turn_of(session, own, query), dict[ObjectId, tuple[str, ...]]()
    async for case in walk_inbox_cases(session, query, own):
        _note(known, case)
        yield InboxChange(gone=None, case=case, record=None)
    async for record in follow_events(session, position):
        for change in await _changes(session, turn, query, known, record):
            yield change


async def _changes(
    session: Session, turn: WhoseTurn, query: InboxQuery, known: dict[ObjectId, tuple[str, ...]], record: RecordView
) -> list[InboxChange]:
    """Say what a record has changed in an inbox: of its own objects, and of what it names that waited."""
    own = own_objects(record.record.body, record.id)
    names = list(dict.fromkeys((*map(bytes, own), *(bytes(name) for name in record.objects if name in known))))
    changes = list[InboxChange]()
    views = await show_all(session, names, ObjectView)
    for view in views:
        name, waits = bytes(view.id), turn.of(value_of(view), view.as_of_ms)
        created = record.time_ms if view.history.count == 1 else None
        before, case = known.get(name), None
        if waits:
            case = InboxCase(
                view=view,
                waits=waits,
                created_ms=created,
                worth=(await worths_of(session, [view]))[view.id],
                names=known_names(KnownNames(session.home, session.openings), view),
                cursor=None,
            )
            case = case if asked_for(query, case) else None
        if case is None and before is not None:
            del known[name]
            changes.append(InboxChange(gone=name, case=None, record=record))
        elif case is not None and before != _records(case):
            _note(known, case)
            changes.append(InboxChange(gone=None, case=case, record=record))
    return changes


def _note(known: dict[ObjectId, tuple[str, ...]], case: InboxCase) -> None:
    if len(known) < FOLLOWED:
        known[bytes(case.view.id)] = _records(case)


def _records(case: InboxCase) -> tuple[str, ...]:
    return tuple(each.record for each in case.waits)
