"""The records that show the hash of their document's file, by that hash: whoever holds the very file looks it up.

As of a head: a row bears its record's position, and what lies beyond the head is left out.
"""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, bindparam, literal_column, select

from hanse_ledger.values.types import Digest
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts

discoverable = Table(
    "discoverable",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    """List (SHA-256 of the file, position), in the order of the hashes."""
    entries = change.block.entries
    return Written(sorted((digest, row.position) for row in entries for digest in row.discoverable))


INDEX = Index(table=discoverable, write=_write, seen=Seen.POSITION)


class DiscoverableTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        column = discoverable.c
        self.part = texts.text(
            select(column.position)
            .where(column.key == bindparam("a"), column.position >= bindparam("b"), column.position < bindparam("c"))
            .order_by(column.position)
            .limit(bindparam("d"))
            .offset(literal_column("0"))  # SQLite's has one always, and it would be a parameter too
        )


def find(run: Run, texts: DiscoverableTexts, digest: Digest, begin: int, end: int, limit: int) -> list[int]:
    """List the positions from `begin` up to `end` (excluded) at which records show a file's hash, the oldest first."""
    return [row[0] for row in run(texts.part, (digest, begin, end, limit))]
