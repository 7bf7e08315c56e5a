"""Where the records stand that make an object what it is, among the many that only name it."""

from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import or_, select

from hanse_ledger.kinds import own_objects, type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.sums import same_but_for_sums
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import ObjectId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.histories import history
from hanse_node.store.reads import Reads
from hanse_node.store.tables import entry
from hanse_node.store.texts import contains

KNOWN_OBJECTS = 1_000

_NOUNS = {"document": (".",), "party": ("party.", "key.")}
"""How the names of the kinds begin by which objects are made what they are, where not by the object's own: what creates
a document is of any kind, and has a dot in its name."""


class OwnRecord(NamedTuple):
    """One of an object's own records: where it stands, and its kind."""

    position: int
    kind: str


class _ReadSoFar(Struct, frozen=True):
    """How far a history has been read, how the object stood there if that was a way mark, and what was found."""

    count: int
    marked: Object | None
    found: tuple[OwnRecord, ...]


class OwnRecords:
    """The own records of objects, as far as histories have been read. Any thread may ask.

    A history may be a million records long. Between two way marks that differ in nothing but sums no own record is
    looked for: none there has made the object anything else.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[ObjectId, _ReadSoFar] = {}

    def of(self, reads: Reads, number: int, value: Object, size: int) -> tuple[OwnRecord, ...]:
        """List an object's own records, in order. Only what is new in its history is read.

        Args:
            reads: the state in which the object stands so.
            number: the object's number.
            value: the object.
            size: of the log of that state.
        """
        with self._lock:
            known = self._known.get(value.id, _ReadSoFar(0, None, ()))
        if known.count >= value.history.count:
            # Another proof has read further already; what it found last may lie beyond this state.
            return tuple(record for record in known.found if record.position < size)
        found, marked, begin = list(known.found), known.marked, known.count
        for mark in reads.marks(number, after=begin, size=size):
            if marked is None or not same_but_for_sums(marked, mark.value):
                found += _read(reads, number, value, begin, mark.count)
            marked, begin = mark.value, mark.count
        found += _read(reads, number, value, begin, value.history.count)
        # How the object stood where the reading ends is known only if that is a way mark.
        count = value.history.count
        with self._lock:
            self._known.pop(value.id, None)
            self._known[value.id] = _ReadSoFar(count, marked if begin == count else None, tuple(found))
            if len(self._known) > KNOWN_OBJECTS:
                del self._known[next(iter(self._known))]
        return tuple(found)


def open_entry(data: bytes) -> tuple[RecordEntry, Signed]:
    """Open a stored entry that holds a record. Raises StoreFailed if it holds none."""
    try:
        decoded = decode_entry(data)
        if not isinstance(decoded, RecordEntry):
            raise StoreFailed(f"entry {decoded.position}: it holds no record, though one is said to stand there")
        return decoded, open_decoded(decoded.payload)
    except Malformed as error:
        raise StoreFailed(f"a stored entry is damaged: {error.detail}") from error


def _read(reads: Reads, number: int, value: Object, begin: int, end: int) -> Iterator[OwnRecord]:
    """Look for own records in a part of a history: the database looks for their kinds' names in their bytes."""
    noun = type_of(value).name
    nouns = _NOUNS.get(noun, (f"{noun}.",))
    query = (
        select(entry.c.position, entry.c.data)
        .join(history, history.c.position == entry.c.position)
        .where(
            history.c.object == number,
            history.c.sequence >= begin,
            history.c.sequence < end,
            or_(*(contains(entry.c.data, each.encode()) for each in nouns)),
        )
        .order_by(history.c.sequence)
    )
    for position, data in list(reads.rows(query)):
        signed = open_entry(data)[1]
        if value.id in own_objects(signed.record.body, signed.id):
            yield OwnRecord(position, signed.record.kind)
