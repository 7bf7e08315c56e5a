"""The present value of each object, under its number; its leaf as in the object tree.

As of a head: what later blocks have changed is kept as it stood before them (`published.Before`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, select

from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object, encode_object, object_value
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import ObjectId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.records import record
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import Number, metadata
from hanse_node.store.texts import Run, Texts, chunks

Numbered = tuple[int, Object]

object_ = Table(
    "object",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)


def _write(change: RowChange) -> Written:
    return Written([(row.number, encode_object(row.value), row.leaf) for row in change.block.objects])


INDEX = Index(table=object_, write=_write, seen=Seen.KEPT, replaces=("data", "leaf"))


class ObjectTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        created = record.outerjoin(object_, object_.c.number == record.c.object)
        columns = (record.c.key, record.c.object, object_.c.data, object_.c.leaf)
        query = select(*columns).select_from(created).where(record.c.object.is_not(None))
        self.values = texts.among(query, record.c.key)
        row = select(object_.c.number, object_.c.data, object_.c.leaf)
        self.numbered = texts.text(row.where(object_.c.number == bindparam("number")))


def find(run: Run, texts: ObjectTexts, object_ids: Collection[ObjectId]) -> dict[ObjectId, Numbered]:
    """Find objects and their numbers by their ids; those that do not exist are left out.

    Raises:
        StoreFailed: one is damaged: its value is not the one whose hash is stored beside it.
    """
    rows = (row for part in chunks(list(object_ids)) for row in run(texts.values[len(part)], part))
    return {row[0]: (row[1], _value(row)) for row in rows}


def open_row(row: Sequence[Any]) -> Object:
    """Read the value of an object that was found by its number: number, data, leaf. Raises StoreFailed."""
    number, data, leaf = row
    return _opened(number, data, leaf, None)


def as_of(
    objects: dict[ObjectId, Numbered], earlier: Mapping[ObjectId, Numbered | None], object_ids: Collection[ObjectId]
) -> dict[ObjectId, Numbered]:
    """Put objects as they stood before later blocks in the place of what stands now; some were not there yet."""
    if not earlier:
        return objects
    objects |= {object_id: old for object_id in object_ids if (old := earlier.get(object_id)) is not None}
    return {name: value for name, value in objects.items() if name not in earlier or earlier[name] is not None}


def _value(row: Sequence[Any]) -> Object:
    """Read the value of an object's row: id, number, data, leaf."""
    name, number, data, leaf = row
    if data is None:
        raise StoreFailed(f"object {number} is missing, though a record is said to have created it")
    return _opened(number, data, leaf, name)


def _opened(number: int, data: bytes, leaf: bytes, name: ObjectId | None) -> Object:
    """Decode an object, and insist that it is the one whose hash is stored, and of its name, where one is known."""
    try:
        value = decode_object(data)
    except UNREADABLE as error:
        raise StoreFailed(f"object {number} is damaged: {error}") from error
    if name not in (None, value.id) or object_leaf(value.id, object_value(value)) != leaf:
        raise StoreFailed(f"object {number} is damaged: its value is not the one whose hash is stored beside it")
    return value
