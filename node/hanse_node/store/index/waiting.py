"""What waits for somebody, the oldest object first: read from the lists that `lists` writes, a list for each record.

As of a head: what later blocks have changed is told as it stood before them.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import bindparam, literal_column, select

from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.kind import Waits
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import ObjectId
from hanse_node.store.index.lists import listed, object_of, waiting_of
from hanse_node.store.index.objects import Numbered, object_
from hanse_node.store.texts import Run, Texts

ROWS = 50
"""So many rows of a list are read at a time."""

_Found = tuple[int, Object | bytes | None]
"""A number, and its object, or that as bytes."""


class WaitingRow(NamedTuple):
    """An object that waits for somebody: its number, itself, and for which records of his it waits."""

    number: int
    value: Object
    waits: tuple[tuple[str, Waits], ...]


class WantedWaiting(NamedTuple):
    """What is sought of what waits for somebody.

    Attributes:
        who: a party's id, or a member's name as bytes.
        records: of which kinds of objects, and for which kinds of records.
        begin: the least number.
        end: one more than the greatest.
    """

    who: bytes
    records: tuple[tuple[str, str], ...]
    begin: int
    end: int

    def of(self, number: int, value: Object) -> tuple[tuple[str, Waits], ...]:
        """Say for what of it an object waits."""
        if not self.begin <= number < self.end:
            return ()
        row = type_of(value)
        waiting = ((record, each) for record, name, each in row.listed.waiting(value) if name == self.who)
        return tuple((record, each) for record, each in waiting if (row.name, record) in self.records)


class WaitingTexts:
    """The statement that reads it."""

    def __init__(self, texts: Texts) -> None:
        self.part = texts.text(
            select(listed.c.number, object_.c.data)
            .outerjoin(object_, object_.c.number == listed.c.number)
            .where(
                listed.c.list == bindparam("a"),
                listed.c.number >= bindparam("b"),
                listed.c.number < bindparam("c"),
            )
            .order_by(listed.c.number)
            .limit(bindparam("d"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )


def walk(
    run: Run, texts: WaitingTexts, wanted: WantedWaiting, earlier: Mapping[ObjectId, Numbered | None]
) -> Iterator[WaitingRow]:
    """Walk over what waits, the oldest object first, each once.

    Args:
        run: runs the statements.
        texts: of the database.
        wanted: what is sought.
        earlier: what stood before later blocks.
    """
    before: list[_Found] = sorted((each for each in earlier.values() if each is not None), key=_number)
    lists = [_rows(run, texts, wanted, waiting_of(kind, wanted.who, record)) for kind, record in wanted.records]
    for number, found in groupby(merge(before, *lists, key=_number), key=_number):
        # What stood before later blocks comes first.
        _, stands = next(found)
        value = stands if isinstance(stands, Object) else object_of(number, stands)
        if not isinstance(stands, Object) and value.id in earlier:
            continue  # it did not stand at all
        waits = wanted.of(number, value)
        if waits:
            yield WaitingRow(number, value, waits)


def _number(found: _Found) -> int:
    return found[0]


def _rows(run: Run, texts: WaitingTexts, wanted: WantedWaiting, name: bytes) -> Iterator[_Found]:
    """Read a list of numbers, with the bytes of their objects, page by page."""
    begin = wanted.begin
    while True:
        rows = run(texts.part, (name, begin, wanted.end, ROWS))
        yield from ((number, data) for number, data in rows)
        if len(rows) < ROWS:
            return
        begin = rows[-1][0] + 1
