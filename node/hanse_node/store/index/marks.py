"""Way marks: objects as they stood when their histories passed a multiple of 256, `count` records long.

`position` is that of the block's state entry, `path` the hashes from the object's leaf to the root that this states.

As of a head: a mark bears its position, and the database leaves out what lies beyond the head.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Column, LargeBinary, Select, Table, bindparam, func, select

from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object, encode_object
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Digest
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts
from hanse_node.store.tiles import HASH_BYTES

mark = Table(
    "mark",
    metadata,
    Column("object", BigInteger, primary_key=True),
    Column("count", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("path", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    """Keep the objects that have passed a way mark, each with its path under the block's state entry."""
    block = change.block
    rows = []
    for row in block.marked:
        assert change.tree is not None, "a block that follows another has the tree under it"
        path = b"".join(change.tree.path_after(block.object_nodes, row.number))
        rows.append((row.number, row.value.history.count, block.head.size - 1, encode_object(row.value), path))
    return Written(rows)


INDEX = Index(table=mark, write=_write, seen=Seen.POSITION)


class MarkRow(Struct, frozen=True):
    """A way mark: an object as it stood when its history had `count` records, under the state entry at `position`."""

    count: int
    position: int
    value: Object
    path: tuple[Digest, ...]


_COLUMNS = (mark.c.count, mark.c.position, mark.c.data, mark.c.path)


class MarkTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        last = select(func.max(mark.c.count)).where(mark.c.object == bindparam("b"), mark.c.position < bindparam("c"))
        self.last = texts.text(
            select(*_COLUMNS).where(mark.c.object == bindparam("a"), mark.c.count == last.scalar_subquery())
        )


def find_last(run: Run, texts: MarkTexts, number: int, size: int) -> MarkRow | None:
    """Find an object's last way mark in a log of so many entries. Raises StoreFailed if it is damaged."""
    row = next(iter(run(texts.last, (number, number, size))), None)
    return None if row is None else read_mark(number, row)


def between(number: int, *, after: int, size: int) -> Select[Any]:
    """Ask for an object's way marks in order: those of more than `after` records, in a log of so many entries."""
    query = select(*_COLUMNS).where(mark.c.object == number, mark.c.count > after, mark.c.position < size)
    return query.order_by(mark.c.count)


def read_mark(number: int, row: Sequence[Any]) -> MarkRow:
    """Read a row of `between`. Raises StoreFailed if it is damaged."""
    count, position, data, path = row
    try:
        value = decode_object(data)
    except UNREADABLE as error:
        raise StoreFailed(f"the way mark of object {number} at {count} records is damaged: {error}") from error
    if value.history.count != count or len(path) % HASH_BYTES:
        raise StoreFailed(f"the way mark of object {number} at {count} records is damaged")
    hashes = (bytes(path[at : at + HASH_BYTES]) for at in range(0, len(path), HASH_BYTES))
    return MarkRow(count, position, value, tuple(hashes))
