"""The records that were addressed to each office, in order: the second of its chains, as `histories` has the first.

As of a head: the office as it stood then says how many there were, and no more are read.
"""

from collections import Counter

from sqlalchemy import BigInteger, Column, Table, bindparam, select

from hanse_ledger.kinds.office.state import Office
from hanse_node.store.index.histories import HistoryRow
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts

inbox = Table(
    "inbox",
    metadata,
    Column("object", BigInteger, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    """List (object number, sequence, position): what was last addressed in the block has the inbox's count less one."""
    block, numbers = change.block, change.numbers
    counts = Counter(name for row in block.entries for name in row.addressed)
    offices = (row.value for row in block.objects if row.value.id in counts)
    following = {value.id: value.inbox.count - counts[value.id] for value in offices if isinstance(value, Office)}
    rows = []
    for row in block.entries:
        for name in row.addressed:
            rows.append((numbers[name], following[name], row.position))
            following[name] += 1
    return Written(rows)


INDEX = Index(table=inbox, write=_write, seen=Seen.OBJECT)


class InboxTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        self.part = texts.text(
            select(inbox.c.sequence, inbox.c.position)
            .where(
                inbox.c.object == bindparam("a"),
                inbox.c.sequence >= bindparam("b"),
                inbox.c.sequence < bindparam("c"),
            )
            .order_by(inbox.c.sequence.desc())
        )


def find(run: Run, texts: InboxTexts, number: int, begin: int, end: int) -> list[HistoryRow]:
    """List what was addressed to an office from sequence `begin` up to `end` (excluded), newest first."""
    return [HistoryRow(row[0], row[1]) for row in run(texts.part, (number, begin, max(0, end)))]
