"""The history chains of objects, replayed as far as somebody asks.

A history stores which records touched an object, not the head after each of them: the heads of a page are replayed,
from the nearest one that is remembered.
"""

from collections.abc import Iterator
from threading import Lock

from sqlalchemy import Table, select

from hanse_ledger.kinds.history import NO_HISTORY, History
from hanse_ledger.values.types import RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.entries import read_record_id
from hanse_node.store.index.histories import history
from hanse_node.store.reads import Reads
from hanse_node.store.tables import entry

STEP = 1_000
"""A head is remembered every so many records."""

KNOWN_OBJECTS = 1_000


class Chains:
    """Heads of histories, and those that were met on the way. Any thread may ask."""

    def __init__(self, table: Table = history) -> None:
        """Replay the chains of a table: histories, or inboxes."""
        self._lock, self._table = Lock(), table
        self._known: dict[int, dict[int, History]] = {}

    def at(self, reads: Reads, number: int, count: int) -> History:
        """Give an object's history as it stood after its first `count` records.

        Args:
            reads: a state in which the object has that many records, or more.
            number: the object's number.
            count: from 0.

        Raises:
            StoreFailed: a record of the history is missing.
        """
        chain = self._nearest(number, count)
        for name in self._records(reads, number, chain.count, count):
            chain = chain.after(name)
            if chain.count % STEP == 0:
                self._remember(number, chain)
        if chain.count != count:
            raise StoreFailed(f"the history of object {number} has fewer records than are counted")
        return chain

    def _nearest(self, number: int, count: int) -> History:
        with self._lock:
            known = self._known.get(number, {})
            best = max((place for place in known if place <= count), default=0)
            return known[best] if best else NO_HISTORY

    def _remember(self, number: int, chain: History) -> None:
        with self._lock:
            known = self._known.pop(number, {})
            known[chain.count] = chain
            self._known[number] = known
            if len(self._known) > KNOWN_OBJECTS:
                del self._known[next(iter(self._known))]

    def _records(self, reads: Reads, number: int, begin: int, end: int) -> Iterator[RecordId]:
        """Walk over the ids of a chain's records, in order."""
        table = self._table
        query = (
            select(entry.c.data)
            .join(table, table.c.position == entry.c.position)
            .where(table.c.object == number, table.c.sequence >= begin, table.c.sequence < end)
            .order_by(table.c.sequence)
        )
        return (read_record_id(row[0]) for row in reads.rows(query))
