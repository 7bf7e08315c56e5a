"""The history chains of objects, replayed as far as somebody asks.

A history stores which records touched an object, not the head after each: a page's heads are replayed, from
the nearest one that is remembered.
"""

from threading import Lock
from typing import Any

from sqlalchemy import Select, select

from hanse_ledger.hashing import hash_bytes
from hanse_ledger.state import NO_HISTORY, History
from hanse_ledger.types import RecordId
from hanse_node.errors import StoreFailed
from hanse_node.paths import read_payload
from hanse_node.store.reads import Reads
from hanse_node.store.tables import entry, history

STEP = 1_000
"""A head is remembered every so many records."""

KNOWN_OBJECTS = 1_000


class Chains:
    """Heads of histories, and those that were met on the way. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[int, list[History]] = {}

    def at(self, reads: Reads, number: int, count: int) -> History:
        """Give an object's history as it stood after its first `count` records.

        Args:
            reads: a state in which the object has that many records, or more.
            number: the object's number.
            count: from 0.

        Raises:
            StoreFailed: a record of the history is missing.
        """
        with self._lock:
            known = self._known.get(number, [])
            # Every head of a chain stands for good, so a list that another thread lengthens stays right.
            chain = known[count // STEP - 1] if 0 < count // STEP <= len(known) else (known or [NO_HISTORY])[-1]
        if chain.count > count:
            chain = NO_HISTORY
        met: list[History] = []
        for name in self._records(reads, number, chain.count, count):
            chain = chain.after(name)
            if chain.count % STEP == 0:
                met.append(chain)
        if chain.count != count:
            raise StoreFailed(f"the history of object {number} has fewer records than are counted")
        self._remember(number, met)
        return chain

    def _remember(self, number: int, met: list[History]) -> None:
        with self._lock:
            known = self._known.pop(number, [])
            known += [chain for chain in met if chain.count // STEP == len(known) + 1 + met.index(chain)]
            self._known[number] = known
            if len(self._known) > KNOWN_OBJECTS:
                del self._known[next(iter(self._known))]
