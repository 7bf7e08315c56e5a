"""The statements of the hot path, written once for the database at hand (see `texts`)."""

from typing import Any, NamedTuple

from sqlalchemy import Dialect, bindparam, func, select

from hanse_node.store.index import INDEXES, found_by
from hanse_node.store.index.claims import ClaimTexts
from hanse_node.store.index.discoverable import DiscoverableTexts
from hanse_node.store.index.found_by import FoundByTexts
from hanse_node.store.index.hashes import TileTexts
from hanse_node.store.index.histories import HistoryTexts
from hanse_node.store.index.inboxes import InboxTexts
from hanse_node.store.index.lists import ListTexts
from hanse_node.store.index.marks import MarkTexts
from hanse_node.store.index.objects import ObjectTexts
from hanse_node.store.index.records import RecordTexts
from hanse_node.store.index.row import Index, RowChange, Rows
from hanse_node.store.index.waiting import WaitingTexts
from hanse_node.store.tables import block, checkpoint, entry, head
from hanse_node.store.texts import Texts

HEAD_ID = 1
"""The key of the row that says where the ledger stands."""

MEMBERS_ID = 2
"""The key of the row beside it that says who the members are."""


class Writing(NamedTuple):
    """An index, and the statements that write it; `delete` is empty where it never shrinks."""

    kept: Index
    delete: str
    put: str


class Statements:
    """Each attribute is the text of one statement, or those of an index.

    `insert_…` and `put_…` take the table's columns in order; a put replaces what stands under the key.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._texts = texts = Texts(dialect)
        self.records, self.objects, self.claims = RecordTexts(texts), ObjectTexts(texts), ClaimTexts(texts)
        self.histories, self.inboxes = HistoryTexts(texts), InboxTexts(texts)
        self.lists, self.waiting = ListTexts(texts), WaitingTexts(texts)
        self.discoverable = DiscoverableTexts(texts)
        self.marks, self.tiles = MarkTexts(texts), TileTexts(texts)
        self.found_by = {index.table.name: FoundByTexts(texts, index.table) for index in found_by.INDEXES}
        self.indexes = tuple(_writing(index, texts) for index in INDEXES)
        self.insert_entry = texts.insert(entry)
        self.put_head = texts.put(head, ("data",))
        self.put_checkpoint = texts.put_one(checkpoint, ("note",))
        self.put_block = texts.put_one(block, ("height",))
        self.select_block = texts.text(select(block.c.height).where(block.c.id == bindparam("key")))
        self.select_head = texts.text(select(head.c.id, head.c.data).order_by(head.c.id))
        self.select_entries = texts.text(
            select(entry.c.data, entry.c.leaf, entry.c.position)
            .where(entry.c.position >= bindparam("a"), entry.c.position < bindparam("b"))
            .order_by(entry.c.position)
        )
        self.select_checkpoint = texts.text(select(checkpoint.c.note).where(checkpoint.c.size == bindparam("key")))
        newest = select(func.max(checkpoint.c.size)).scalar_subquery()
        self.select_latest = texts.text(select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.size == newest))

    def write(self, driver: Any, change: RowChange) -> None:
        """Write what a block changes into every index, in the open transaction."""
        for index, delete, put in self.indexes:
            rows, gone = index.write(change)
            self.run_many(driver, delete, gone)
            self.run_many(driver, put, rows)

    def run_many(self, driver: Any, text: str, rows: Rows) -> None:
        """Run `insert_entry` or `put_head` for many rows; nothing for none."""
        if rows:
            self._texts.run_many(driver, text, rows)


def _writing(index: Index, texts: Texts) -> Writing:
    put = texts.put(index.table, index.replaces) if index.replaces else texts.insert(index.table)
    return Writing(index, texts.delete(index.table) if index.shrinks else "", put)
