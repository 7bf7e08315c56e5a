"""What waits for somebody: whose turn it is with which objects, the oldest first. A node's own word."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from hanse_ledger.kinds import OBJECT_NAMED, OBJECTS, type_of
from hanse_ledger.kinds.amount import Amount, sum_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Currency, Moment, ObjectId
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.lists import created, first_since
from hanse_node.queries.readers.rights import restricted
from hanse_node.store.index.waiting import WaitingRow, WantedWaiting
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.sql import SqlLedgerStore

EXAMINED = 1_000
"""So many objects are looked at for a page at most: where few fit, it ends early, and says where the next begins."""

TOGETHER = 50
"""So many are looked at before what they are worth is read, of all of them at once."""

WAITS = {row.name: tuple(row.listed.waits) for row in OBJECTS if row.listed.waits}
"""For which records objects of each kind wait."""


class WaitingAsked(Struct, frozen=True, kw_only=True):
    """What is sought.

    Attributes:
        who: a party's id, or a member's name as bytes.
        kinds: only of these kinds of objects; none for all.
        records: only for these kinds of records; none for all.
        states: only of these states; none for all.
        since: created at this block time or later.
        until: created before this block time.
        currency: only what is about money in this currency; nil for whatever.
        least: at least so much of it, in minor units.
        most: at most so much of it.
        after: only of greater numbers: where the page before ended.
        limit: how many, from 1.
    """

    who: bytes
    kinds: tuple[str, ...]
    records: tuple[str, ...]
    states: tuple[str, ...]
    since: Moment | None
    until: Moment | None
    currency: Currency | None
    least: int | None
    most: int | None
    after: int | None
    limit: int


class ObjectWaiting(Struct, frozen=True, kw_only=True):
    """An object that waits, its kind, when it was created, its state, and what it is worth, as far as is known."""

    row: WaitingRow
    kind: str
    created: Moment
    state: str
    worth: Amount | None


class WaitingList(Struct, frozen=True, kw_only=True):
    """Objects as of a log of `size` entries; `following` is behind which the next page begins, nil for none."""

    size: int
    rows: tuple[ObjectWaiting, ...]
    following: int | None


class WaitingLists:
    """Use cases about what waits for somebody."""

    def __init__(self, store: SqlLedgerStore, notes: ReadNotes) -> None:
        self._store, self._notes = store, notes

    def page(self, caller: Caller, asked: WaitingAsked) -> WaitingList:
        """List what waits for somebody, the oldest object first; a party is told of nobody but itself.

        Raises:
            Malformed: nothing of such a kind, or in such a state, or for such a record waits; an amount is asked for
                without its currency.
        """
        records = _records(asked)
        if asked.currency is None and (asked.least is not None or asked.most is not None):
            raise Malformed("currency: an amount is sought, and not in which currency")
        party = restricted(caller)
        with self._store.showing() as reads:
            head = standing_head(reads)
            if party is not None and asked.who != party:
                return WaitingList(size=head.size, rows=(), following=None)
            begin, end = 0 if asked.after is None else asked.after + 1, head.objects_count
            if asked.since is not None:
                begin = max(begin, first_since(reads, asked.since, head.objects_count))
            if asked.until is not None:
                end = min(end, first_since(reads, asked.until, head.objects_count))
            wanted = WantedWaiting(asked.who, records, begin, end)
            rows, following = take_page(reads, wanted, asked)
        self._notes.note(caller, Way.LIST, [each.row.value.id for each in rows])
        return WaitingList(size=head.size, rows=rows, following=following)


def _records(asked: WaitingAsked) -> tuple[tuple[str, str], ...]:
    """Name the kinds of objects, each with a record for which it waits, that are asked for. Raises Malformed."""
    every = tuple((kind, record) for kind, records in WAITS.items() for record in records)
    _require_known("kind", asked.kinds, WAITS)
    _require_known("record", asked.records, [record for _, record in every])
    states = {state for kind in asked.kinds or WAITS for state in OBJECT_NAMED[kind].listed.open}
    _require_known("state", asked.states, states)
    return tuple(
        (kind, record)
        for kind, record in every
        if (not asked.kinds or kind in asked.kinds) and (not asked.records or record in asked.records)
    )


def _require_known(what: str, names: Sequence[str], known: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        every = ", ".join(sorted(set(known)))
        raise Malformed(f"{what}: what waits for somebody is one of {every}; not {unknown[0][:32]!r}")


def take_page(reads: Reads, wanted: WantedWaiting, asked: WaitingAsked) -> tuple[tuple[ObjectWaiting, ...], int | None]:
    """Take from what waits as many as are asked for and fit, and say behind which number more may come."""
    found, rows, examined = list[ObjectWaiting](), reads.waiting(wanted), 0
    while examined < EXAMINED:
        part = list(islice(rows, min(TOGETHER, asked.limit)))
        if not part:
            return tuple(found), None
        examined += len(part)
        fitting = [row for row in part if not asked.states or _state(row.value) in asked.states]
        worths = _worths(reads, [row.value for row in fitting])
        for row in fitting:
            if _fits(worths[row.value.id], asked):
                found.append(_opened(reads, row, worths[row.value.id]))
            if len(found) == asked.limit:
                return tuple(found), row.number
    return tuple(found), part[-1].number


def _state(value: Object) -> str:
    return type_of(value).listed.state(value)


def _opened(reads: Reads, row: WaitingRow, worth: Amount | None) -> ObjectWaiting:
    kind, begun = type_of(row.value).name, created(reads, row.number)
    return ObjectWaiting(row=row, kind=kind, created=begun, state=_state(row.value), worth=worth)


def _fits(worth: Amount | None, asked: WaitingAsked) -> bool:
    """Tell whether what an object is worth is sought; what says nothing of it is not, where that is asked for."""
    if asked.currency is None:
        return True
    if worth is None or worth.currency != asked.currency:
        return False
    return (asked.least or 0) <= worth.minor and (asked.most is None or worth.minor <= asked.most)


def _worths(reads: Reads, values: Sequence[Object]) -> Mapping[ObjectId, Amount | None]:
    """Say what objects are worth: as they say, or in sum those to which they leave it."""
    named = {value.id: tuple(type_of(value).listed.worth_of(value)) for value in values}
    others = reads.objects({name for names in named.values() for name in names})
    worths = dict[ObjectId, Amount | None]()
    for value in values:
        worth = type_of(value).listed.worth(value)
        if worth is None and named[value.id]:
            parts = [others.get(name) for name in named[value.id]]
            if None in parts:
                raise StoreFailed("an object names another that is not there")
            worth = sum_of(type_of(part[1]).listed.worth(part[1]) for part in parts if part is not None)
        worths[value.id] = worth
    return worths
