"""In which state each object is, and in whose lists it stands: what a row of `Listed` says, for every kind of object.

A list has a name of 16 bytes, which follows from kind, whose list, and state; a row is the list's name and the object's
number, so that a list lies together in order of creation. Everybody has a list, each one, and each two of those in
whose lists an object stands; and whoever an object waits for has one of what waits for him for the same record (see
`waiting`). Rows go when the state changes, and others come.

As of a head: what later blocks have changed is kept as it stood before them (`published.Before`).
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, LargeBinary, Table, bindparam, literal_column, select

from hanse_ledger.kinds import OBJECT_NAMED, type_of
from hanse_ledger.kinds.kind import listed_names
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.objects import Numbered, object_
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts

LIST_BYTES = 16
"""Of a name's hash. What stands in a list is held to what was wanted besides, should two names ever have the same."""

LISTS_KEPT = 1_024
"""Of so many sets of those in whose lists an object stands the lists' names are kept: at most 32 MB, mostly 1."""

EVERYBODY = b""

Names = tuple[bytes, ...]
"""Whose list it is: one's, or that of two, in the order of their bytes."""

listed = Table(
    "listed",
    metadata,
    Column("list", LargeBinary, primary_key=True),
    Column("number", BigInteger, primary_key=True),
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


def list_of(kind: str, names: Names, state: str) -> bytes:
    """Name a list by 16 bytes."""
    whose = b"".join(len(name).to_bytes(1, "big") + name for name in names)
    return hash_bytes(b"".join((kind.encode(), b"\0", whose, state.encode())))[:LIST_BYTES]


def waiting_of(kind: str, who: bytes, record: str) -> bytes:
    """Name the list of what waits for somebody who is to do the same. No state has a blank in it."""
    return list_of(kind, (who,), f"waits for {record}")


@lru_cache(LISTS_KEPT)
def _lists(
    kind: str,
    whose: tuple[ObjectId | MemberId | None, ...],
    state: str,
    waiting: tuple[tuple[str, bytes], ...],
) -> frozenset[bytes]:
    """Name the lists in which an object stands: everybody's, those of one and of two, and where it waits."""
    ordered = sorted(listed_names(whose))
    names = [(EVERYBODY,), *((name,) for name in ordered), *combinations(ordered, 2)]
    lists = [list_of(kind, each, state) for each in names]
    return frozenset((*lists, *(waiting_of(kind, name, record) for record, name in waiting)))


NOWHERE: frozenset[bytes] = frozenset()


def _lists_of(value: Object | None) -> frozenset[bytes]:
    """Name the lists in which an object stands; one that is not there yet stands in none."""
    if value is None:
        return NOWHERE
    row = type_of(value)
    waiting = tuple((record, name) for record, name, _ in row.listed.waiting(value))
    return _lists(row.name, tuple(row.listed.whose(value)), row.listed.state(value), waiting)


def _write(change: RowChange) -> Written:
    """Put and take away the rows of what the block lists otherwise than before."""
    put, gone = [], []
    for row in change.block.objects:
        old, new = _lists_of(change.before(row.value.id)), _lists_of(row.value)
        if new != old:
            put += [(name, row.number) for name in new - old]
            gone += [(name, row.number) for name in old - new]
    return Written(sorted(put), sorted(gone))


INDEX = Index(table=listed, write=_write, seen=Seen.KEPT, shrinks=True)


class ListTexts:
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
            .order_by(listed.c.number.desc())
            .limit(bindparam("d"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )


def find(
    run: Run,
    texts: ListTexts,
    wanted: Wanted,
    limit: int,
    earlier: Mapping[ObjectId, Numbered | None],
) -> list[ListedRow]:
    """List objects, the newest first, as of a state.

    Args:
        run: runs the statements.
        texts: of the database.
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
    texts: ListTexts,
    wanted: Wanted,
    state: str,
    limit: int,
    earlier: Collection[ObjectId],
) -> Iterator[ListedRow]:
    """List so many of one state that no later block has changed."""
    name, end, left = list_of(wanted.kind, wanted.names, state), min(wanted.end, limits.LOG_SIZE), limit
    while left:
        rows = run(texts.part, (name, wanted.begin, end, limit))
        for number, data in rows:
            end = number
            value = object_of(number, data)
            if left and value.id not in earlier and wanted.holds(number, value):
                yield ListedRow(number, value.id, state)
                left -= 1
        if len(rows) < limit:
            return


def object_of(number: int, data: bytes | None) -> Object:
    """Read an object that stands in a list. Raises StoreFailed: it is missing, or damaged."""
    if data is None:
        raise StoreFailed(f"object {number} is missing, though it stands in a list")
    try:
        return decode_object(data)
    except UNREADABLE as error:
        raise StoreFailed(f"object {number} is damaged: {error}") from error
