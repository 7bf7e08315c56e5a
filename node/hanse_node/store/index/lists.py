"""In which state each object is, and in whose lists it stands: what a row of `Listed` says, for every kind of object.

A row's key is made of kind, whose list, state and number, so that a list lies together, in order of creation; it holds
the object's id. One row stands in everybody's list. A row goes when the state changes, and another comes.

As of a head: what later blocks have changed is kept as it stood before them (`published.Before`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Column, LargeBinary, Table, bindparam, literal_column, select

from hanse_ledger.kinds import OBJECT_NAMED, type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_node.store.index.objects import Numbered
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import IN_WIDTHS, Run, Texts, chunks

NUMBER_BYTES = 8
EVERYBODY = b""

listed = Table(
    "listed",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("object", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


class ListedRow(NamedTuple):
    """An object in a list: its number, its id, and its state's word."""

    number: int
    object_id: ObjectId
    state: str


class Wanted(NamedTuple):
    """What of a kind of objects is to be listed.

    Attributes:
        kind: their name.
        whose: in whose list: a party's id, a member's name as bytes, or `EVERYBODY`.
        states: the states' words.
        other: who else must have them listed; nil for whoever.
        begin: the least number.
        end: one more than the greatest.
    """

    kind: str
    whose: bytes
    states: tuple[str, ...]
    other: bytes | None
    begin: int
    end: int

    def holds(self, number: int, value: Object) -> bool:
        """Tell whether an object is wanted."""
        if type_of(value).name != self.kind or not self.begin <= number < self.end:
            return False
        row = OBJECT_NAMED[self.kind].listed
        names = row.of_whom(value) | {EVERYBODY}
        return self.whose in names and (self.other is None or self.other in names) and row.state(value) in self.states


def _prefix(kind: str, whose: bytes, state: str) -> bytes:
    return b"".join((kind.encode(), b"\0", len(whose).to_bytes(1, "big"), whose, state.encode(), b"\0"))


def _keys(number: int, value: Object) -> set[bytes]:
    """Name the rows of an object."""
    row = type_of(value)
    state, last = row.listed.state(value), number.to_bytes(NUMBER_BYTES, "big")
    return {_prefix(row.name, whose, state) + last for whose in (EVERYBODY, *row.listed.of_whom(value))}


def _write(change: RowChange) -> Written:
    """Put and take away the rows of what the block lists otherwise than before."""
    put, gone = [], []
    for row in change.block.objects:
        before = change.before(row.value.id)
        old = set() if before is None else _keys(row.number, before)
        new = _keys(row.number, row.value)
        put += [(key, row.value.id) for key in new - old]
        gone += [(key,) for key in old - new]
    return Written(sorted(put), sorted(gone))


INDEX = Index(table=listed, write=_write, seen=Seen.KEPT, shrinks=True)


class ListTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        query = select(listed.c.key, listed.c.object)
        self.part = texts.text(
            query.where(listed.c.key >= bindparam("a"), listed.c.key < bindparam("b"))
            .order_by(listed.c.key.desc())
            .limit(bindparam("c"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )
        self.there = texts.among(select(listed.c.key), listed.c.key)


def find(
    run: Run, texts: ListTexts, wanted: Wanted, limit: int, earlier: Mapping[ObjectId, Numbered | None]
) -> list[ListedRow]:
    """List objects, the newest first, as of a state; `earlier` is what stood before later blocks."""
    found = [row for state in wanted.states for row in _of_state(run, texts, wanted, state, limit, earlier)]
    state_of = OBJECT_NAMED[wanted.kind].listed.state
    for numbered in earlier.values():
        if numbered is not None and wanted.holds(*numbered):
            number, value = numbered
            found.append(ListedRow(number, value.id, state_of(value)))
    return sorted(found, reverse=True)[:limit]


def _of_state(
    run: Run, texts: ListTexts, wanted: Wanted, state: str, limit: int, earlier: Collection[ObjectId]
) -> list[ListedRow]:
    """List so many of one state that no later block has changed."""
    end, step = min(wanted.end, limits.LOG_SIZE), limit if wanted.other is None else max(limit, IN_WIDTHS[-1])
    whose, other = wanted.whose, wanted.other
    if other is not None:
        theirs = _prefix(wanted.kind, other, state)
        if len(run(texts.part, (theirs + _number(wanted.begin), theirs + _number(end), step))) < step:
            # Who has few of them is asked first: the other list may be long, and hold none of these.
            whose, other = other, whose
    prefix = _prefix(wanted.kind, whose, state)
    found: list[ListedRow] = []
    while len(found) < limit:
        bounds = (prefix + _number(wanted.begin), prefix + _number(end))
        rows = [(int.from_bytes(key[-NUMBER_BYTES:], "big"), name) for key, name in run(texts.part, (*bounds, step))]
        end = rows[-1][0] if rows else 0
        kept = [ListedRow(number, bytes(name), state) for number, name in rows if name not in earlier]
        found += kept if other is None else _also(run, texts, wanted.kind, other, kept)
        if len(rows) < step:
            break
    return found[:limit]


def _also(run: Run, texts: ListTexts, kind: str, other: bytes, rows: Iterable[ListedRow]) -> Iterator[ListedRow]:
    """Keep those rows whose objects stand in another's list too."""
    keys = {_prefix(kind, other, row.state) + _number(row.number): row for row in rows}
    there = {bytes(row[0]) for part in chunks(list(keys)) for row in run(texts.there[len(part)], part)}
    return (row for key, row in keys.items() if key in there)


def _number(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big")
