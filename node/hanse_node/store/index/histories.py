"""The records that touched each object, in order: the object's number, how many came before, the record's position.

As of a head: the object as it stood then says how many there were, and no more are read.
"""

from collections import Counter

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Table, bindparam, select

from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts

history = Table(
    "history",
    metadata,
    Column("object", BigInteger, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    """List (object number, sequence, position): an object's last touch in the block has its count less one."""
    block, numbers = change.block, change.numbers
    touches = Counter(name for row in block.entries for name in row.touched)
    following = {row.value.id: row.value.history.count - touches[row.value.id] for row in block.objects}
    rows = []
    for row in block.entries:
        for name in row.touched:
            rows.append((numbers[name], following[name], row.position))
            following[name] += 1
    return Written(rows)


INDEX = Index(table=history, write=_write, seen=Seen.OBJECT)


class HistoryRow(Struct, frozen=True):
    """One record of an object's history: how many came before it, and its position in the ledger."""

    sequence: int
    position: int


class HistoryTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        self.part = texts.text(
            select(history.c.sequence, history.c.position)
            .where(
                history.c.object == bindparam("a"),
                history.c.sequence >= bindparam("b"),
                history.c.sequence < bindparam("c"),
            )
            .order_by(history.c.sequence.desc())
        )


def find(run: Run, texts: HistoryTexts, number: int, begin: int, end: int) -> list[HistoryRow]:
    """List the records of an object's history from sequence `begin` up to `end` (excluded), newest first."""
    return [HistoryRow(row[0], row[1]) for row in run(texts.part, (number, begin, max(0, end)))]
