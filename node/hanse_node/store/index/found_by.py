"""What objects are found by, besides their ids: a table for each `FoundBy` in the rows of objects.

A row is an object's key, its number and its id. It is written with the object's first record and stays.

As of a head: it says how many objects there are, and none of a later number is read.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, bindparam, literal_column, select

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.kind import FoundBy, ObjectType
from hanse_ledger.values.types import ObjectId
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts


class Found(NamedTuple):
    """An object that was found by a key: its number, and its id."""

    number: int
    object_id: ObjectId


def indexes_of(objects: Iterable[ObjectType[Any]], tables: MetaData) -> tuple[Index, ...]:
    """Make the indexes for which the rows of objects ask, with their tables."""
    return tuple(_index(row, found_by, tables) for row in objects for found_by in row.found_by)


def _index(row: ObjectType[Any], found_by: FoundBy[Any], tables: MetaData) -> Index:
    table = Table(
        found_by.name,
        tables,
        Column("key", LargeBinary, primary_key=True),
        Column("number", BigInteger, primary_key=True),
        Column("object", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )

    def write(change: RowChange) -> Written:
        """List the objects of this kind that the block has created, in the order of their keys."""
        new, numbers = change.created.get(row.state, ()), change.numbers
        return Written(sorted((key, numbers[value.id], value.id) for value in new for key in set(found_by.keys(value))))

    return Index(table=table, write=write, seen=Seen.NUMBER)


INDEXES = indexes_of(OBJECTS, metadata)
"""One for each `FoundBy`."""


class FoundByTexts:
    """The statements that read one of them."""

    def __init__(self, texts: Texts, table: Table) -> None:
        self.part = texts.text(
            select(table.c.number, table.c.object)
            .where(table.c.key == bindparam("a"), table.c.number >= bindparam("b"), table.c.number < bindparam("c"))
            .order_by(table.c.number)
            .limit(bindparam("d"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )


def find(run: Run, texts: FoundByTexts, key: bytes, begin: int, end: int, limit: int) -> list[Found]:
    """List the objects of a key whose numbers lie from `begin` up to `end` (excluded), the oldest first."""
    return [Found(row[0], row[1]) for row in run(texts.part, (key, begin, end, limit))]
