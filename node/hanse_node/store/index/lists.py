"""In which state each object is, and in whose lists it stands: what a row of `Listed` says, for every kind of object.

A row's key is made of kind, whose list, state and number, so that a list lies together, in order of creation; it holds
the object's id. One row stands in everybody's list. A row goes when the state changes, and another comes.

What stands in the lists of two is a list of theirs, in a table of its own: a row for each two of them.

As of a head: what later blocks have changed is kept as it stood before them (`published.Before`).
"""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import Column, LargeBinary, Table, bindparam, literal_column, select

from hanse_ledger.kinds import OBJECT_NAMED, type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_node.store.index.objects import Numbered
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts

NUMBER_BYTES = 8
EVERYBODY = b""

Names = tuple[bytes, ...]
"""Whose list it is: one's, or that of two, in the order of their bytes."""


def _table(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("key", LargeBinary, primary_key=True),
        Column("object", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


listed, paired = _table("listed"), _table("paired")


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

    @property
    def names(self) -> Names:
        """Say whose list has all of them, and nothing else."""
        return tuple(sorted({self.whose, self.other or EVERYBODY} - {EVERYBODY})) or (EVERYBODY,)

    def holds(self, number: int, value: Object) -> bool:
        """Tell whether an object is wanted."""
        if type_of(value).name != self.kind or not self.begin <= number < self.end:
            return False
        row = OBJECT_NAMED[self.kind].listed
        names = row.of_whom(value) | {EVERYBODY}
        return self.whose in names and (self.other is None or self.other in names) and row.state(value) in self.states


def _prefix(kind: str, names: Names, state: str) -> bytes:
    whose = b"".join(len(name).to_bytes(1, "big") + name for name in names)
    return b"".join((kind.encode(), b"\0", whose, state.encode(), b"\0"))


def _keys(width: int, number: int, value: Object) -> set[bytes]:
    """Name the rows of an object: in the lists of one, or of two."""
    row = type_of(value)
    state, whose = row.listed.state(value), sorted(row.listed.of_whom(value))
    lists = [(EVERYBODY,), *((name,) for name in whose)] if width == 1 else combinations(whose, width)
    return {_prefix(row.name, names, state) + _number(number) for names in lists}


def _write(width: int, change: RowChange) -> Written:
    """Put and take away the rows of what the block lists otherwise than before."""
    put, gone = [], []
    for row in change.block.objects:
        before = change.before(row.value.id)
        old = set() if before is None else _keys(width, row.number, before)
        new = _keys(width, row.number, row.value)
        put += [(key, row.value.id) for key in new - old]
        gone += [(key,) for key in old - new]
    return Written(sorted(put), sorted(gone))


INDEXES = tuple(
    Index(table=table, write=partial(_write, width), seen=Seen.KEPT, shrinks=True)
    for width, table in enumerate((listed, paired), 1)
)


class ListTexts:
    """The statement that reads one of them."""

    def __init__(self, texts: Texts, table: Table) -> None:
        self.part = texts.text(
            select(table.c.key, table.c.object)
            .where(table.c.key >= bindparam("a"), table.c.key < bindparam("b"))
            .order_by(table.c.key.desc())
            .limit(bindparam("c"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )


def find(
    run: Run,
    texts: Mapping[int, ListTexts],
    wanted: Wanted,
    limit: int,
    earlier: Mapping[ObjectId, Numbered | None],
) -> list[ListedRow]:
    """List objects, the newest first, as of a state.

    Args:
        run: runs the statements.
        texts: those of lists of one, and of two, by that number.
        wanted: what is to be listed.
        limit: how many at most.
        earlier: what stood before later blocks.
    """
    found = [row for state in wanted.states for row in _of_state(run, texts, wanted, state, limit, earlier)]
    state_of = OBJECT_NAMED[wanted.kind].listed.state
    for numbered in earlier.values():
        if numbered is not None and wanted.holds(*numbered):
            number, value = numbered
            found.append(ListedRow(number, value.id, state_of(value)))
    return sorted(found, reverse=True)[:limit]


def _of_state(
    run: Run,
    texts: Mapping[int, ListTexts],
    wanted: Wanted,
    state: str,
    limit: int,
    earlier: Collection[ObjectId],
) -> Iterator[ListedRow]:
    """List so many of one state that no later block has changed."""
    prefix, part = _prefix(wanted.kind, wanted.names, state), texts[len(wanted.names)].part
    end, left = min(wanted.end, limits.LOG_SIZE), limit
    while left:
        rows = run(part, (prefix + _number(wanted.begin), prefix + _number(end), limit))
        for key, name in rows:
            end = int.from_bytes(key[-NUMBER_BYTES:], "big")
            if name not in earlier and left:
                yield ListedRow(end, bytes(name), state)
                left -= 1
        if len(rows) < limit:
            return


def _number(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big")
