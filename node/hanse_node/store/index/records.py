"""Where each record stands, and the number of the object that it creates.

The key is that object's id, which follows from the record's: one look-up by hash, where two tables would dirty two
pages for each new invoice. What the later steps of a bundle create has rows of its own.

As of a head: a row bears its record's position, and what lies beyond the head is left out.
"""

from collections.abc import Collection

from sqlalchemy import BigInteger, Column, LargeBinary, Table, select

from hanse_ledger.kinds.object import created_id
from hanse_ledger.values.types import RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts, chunks

record = Table(
    "record",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("object", BigInteger, nullable=True),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    entries = change.block.entries
    keys = {
        key: row.position for row in entries if row.record is not None for key in (created_id(row.record), *row.created)
    }
    # In the order of their keys: neighbours find each other's pages at hand.
    return Written(sorted((key, position, change.numbers.get(key)) for key, position in keys.items()))


INDEX = Index(table=record, write=_write, seen=Seen.POSITION)


class RecordTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        self.positions = texts.among(select(record.c.key, record.c.position), record.c.key)


def find(run: Run, texts: RecordTexts, names: Collection[RecordId]) -> dict[RecordId, int]:
    """Find the positions of records by their ids; those not in the ledger are left out."""
    keys = {created_id(name): name for name in names}
    rows = (row for part in chunks(list(keys)) for row in run(texts.positions[len(part)], part))
    return {keys[row[0]]: row[1] for row in rows}


def as_of(positions: dict[RecordId, int], size: int, present: int) -> dict[RecordId, int]:
    """Leave out what lies beyond a head.

    Args:
        positions: positions of records.
        size: how many entries the head covers.
        present: how many are committed.

    Raises:
        StoreFailed: a position lies beyond the log.
    """
    for position in positions.values():
        if position >= present:
            raise StoreFailed(f"a record's row names position {position}, where no entry stands")
    return {name: position for name, position in positions.items() if position < size}
