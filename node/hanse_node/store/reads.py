"""What can be read of a ledger on one connection: of the committed state, or of a transaction's own."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, func, select

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds.kind import FoundBy
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH, encode_entry_bundle
from hanse_ledger.trees.claims_map import Claim
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.headform import decode_head
from hanse_node.store.index import claims, discoverable, hashes, histories, inboxes, lists, marks, objects, records
from hanse_node.store.index import found_by as found_by_index
from hanse_node.store.index import waiting as waiting_index
from hanse_node.store.index.found_by import Found
from hanse_node.store.index.histories import HistoryRow
from hanse_node.store.index.lists import ListedRow, Wanted
from hanse_node.store.index.marks import MarkRow
from hanse_node.store.index.waiting import WaitingRow, WantedWaiting
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements
from hanse_node.store.tiles import node_hash

ROWS_READ = 1_000
ENTRIES_READ = 1_000
"""The most entries that one call reads."""


class Published(NamedTuple):
    """A signed head: the log's size, and the C2SP checkpoint."""

    size: int
    note: str


class Reads:
    """Reads on one connection, inside whatever transaction stands on it."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection, self._statements = connection, statements
        # The statements of the hot path go to the driver itself: SQLAlchemy's way there costs more than they do.
        self._driver: Any = connection.connection.driver_connection

    def _run(self, text: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Run one of the prepared statements, and give its rows."""
        rows: list[Any] = self._driver.execute(text, parameters).fetchall()
        return rows

    def _first(self, text: str, parameters: Sequence[object] = ()) -> Any:
        return next(iter(self._run(text, parameters)), None)

    def database_bytes(self) -> int:
        """Ask PostgreSQL how large the database is."""
        return int(self._connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())

    def rows(self, statement: Select[Any]) -> Iterator[Any]:
        """Run any query, and give its rows as they come."""
        with self._connection.execute(statement.execution_options(yield_per=ROWS_READ)) as rows:
            yield from rows

    def count(self, table: Table) -> int:
        """Count a table's rows."""
        return int(self._connection.execute(select(func.count()).select_from(table)).scalar_one())

    def head(self) -> Tip | None:
        """Where the ledger stands; nothing before its genesis is stored."""
        rows = self._run(self._statements.select_head)
        if rows and [row[0] for row in rows] != [HEAD_ID, MEMBERS_ID]:
            raise StoreFailed("the stored head is damaged: one of its two rows is missing")
        return decode_head(*(bytes(row[1]) for row in rows)) if rows else None

    def engine_height(self) -> int:
        """Give the height of the newest block of the consortium's engine; 0 before the first."""
        row = self._first(self._statements.select_block, (HEAD_ID,))
        return 0 if row is None else int(row[0])

    def entry(self, position: int) -> bytes | None:
        """Find an entry's bytes by its position."""
        entries = self.entries(position, position + 1)
        return entries[0] if entries else None

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Read the entries from `start` up to `stop` (excluded), at most 1,000 of them; fewer where the log ends.

        Raises:
            StoreFailed: one is damaged: what is stored is not given to anybody unless its hash is the one beside it.
        """
        if not 0 <= start < stop <= limits.LOG_SIZE:
            return []
        bounds = (start, min(stop, start + ENTRIES_READ))
        rows = self._run(self._statements.select_entries, bounds)
        for data, leaf, position in rows:
            if hash_leaf(data) != leaf:
                raise StoreFailed(f"entry {position} is damaged: its hash is not the one that is stored beside it")
        return [row[0] for row in rows]

    def records(self, names: Collection[RecordId]) -> dict[RecordId, int]:
        """Find the positions of records by their ids; those not in the ledger are left out."""
        return records.find(self._run, self._statements.records, names)

    def find_record(self, name: RecordId) -> int | None:
        """Find the position at which a record stands."""
        return self.records([name]).get(name)

    def objects(self, object_ids: Collection[ObjectId]) -> dict[ObjectId, tuple[int, Object]]:
        """Find objects and their numbers by their ids; those that do not exist are left out.

        Raises:
            StoreFailed: one is damaged: its value is not the one whose hash is stored beside it.
        """
        return objects.find(self._run, self._statements.objects, object_ids)

    def object_row(self, number: int) -> Sequence[Any] | None:
        """Give the row of the object of a number as it stands now, unopened; nothing where there is none."""
        row: Sequence[Any] | None = self._first(self._statements.objects.numbered, (number,))
        return row

    def open_object_row(self, row: Sequence[Any]) -> Object:
        """Open what `object_row` has given. Raises StoreFailed."""
        return objects.open_row(row)

    def object(self, object_id: ObjectId) -> tuple[int, Object] | None:
        """Find an object and its number by its id."""
        return self.objects([object_id]).get(object_id)

    def claims(self, keys: Collection[Digest]) -> dict[Digest, bytes]:
        """Find the values of claims; those that do not exist are left out."""
        return claims.find(self._run, self._statements.claims, keys)

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim."""
        return self.claims([key]).get(key)

    def bucket(self, first: Digest, last: Digest) -> list[Claim]:
        """Read the claims whose places lie from `first` to `last` (a `ClaimBuckets`)."""
        return self._run(self._statements.claims.bucket, (first, last))

    def buckets(self, bounds: Collection[tuple[Digest, Digest]]) -> dict[Digest, list[Claim]]:
        """Read the claims of many buckets, by the first place of each; in order of their places."""
        return claims.find_buckets(self._run, self._statements.claims, bounds)

    def history(self, object_id: ObjectId, before: int | None = None, limit: int = TILE_WIDTH) -> list[HistoryRow]:
        """List the records that touched an object, newest first.

        Args:
            object_id: the object.
            before: where the page before ended: only older records, of a smaller sequence; nil begins with the newest.
            limit: how many at most, up to 1,000.
        """
        numbered = self.object(object_id)
        if numbered is None:
            return []
        number, value = numbered
        end = value.history.count if before is None else min(before, value.history.count)
        begin = max(0, end - min(limit, ENTRIES_READ))
        return histories.find(self._run, self._statements.histories, number, begin, end)

    def inbox(self, office: ObjectId, before: int | None = None, limit: int = TILE_WIDTH) -> list[HistoryRow]:
        """List the records that were addressed to an office, newest first; nothing of any other object.

        Args:
            office: the office.
            before: where the page before ended: only older records, of a smaller sequence; nil begins with the newest.
            limit: how many at most, up to 1,000.
        """
        numbered = self.object(office)
        if numbered is None or not isinstance(numbered[1], Office):
            return []
        number, value = numbered[0], numbered[1]
        end = value.inbox.count if before is None else min(before, value.inbox.count)
        begin = max(0, end - min(limit, ENTRIES_READ))
        return inboxes.find(self._run, self._statements.inboxes, number, begin, end)

    def creation(self, number: int) -> int | None:
        """Give the position of the record that created an object; nothing where none has that number."""
        rows = histories.find(self._run, self._statements.histories, number, 0, 1)
        return rows[0].position if rows else None

    def listed(self, wanted: Wanted, *, limit: int = TILE_WIDTH) -> list[ListedRow]:
        """List objects of a kind by state and by whose lists they stand in, the newest first, up to 1,000."""
        return lists.find(self._run, self._statements.lists, wanted, min(limit, ENTRIES_READ), {})

    def waiting(self, wanted: WantedWaiting) -> Iterator[WaitingRow]:
        """Walk over what waits for somebody, the oldest object first; what is read follows what is taken."""
        return waiting_index.walk(self._run, self._statements.waiting, wanted, {})

    def found_by(self, found_by: FoundBy[Any], key: bytes, *, begin: int = 0, limit: int = TILE_WIDTH) -> list[Found]:
        """List objects that are found by a key, the oldest first.

        Args:
            found_by: by what, as it stands in the row of the objects' kind.
            key: the key.
            begin: the least number of an object: one more than the last of the page before.
            limit: how many at most, up to 1,000.
        """
        return self._found_by(found_by, key, begin, limits.LOG_SIZE, limit)

    def discoverable(self, digest: Digest, *, begin: int = 0, limit: int = TILE_WIDTH) -> list[int]:
        """List the positions of the records that show a file's SHA-256, the oldest first, from `begin` on."""
        return self._discoverable(digest, begin, limits.LOG_SIZE, limit)

    def _discoverable(self, digest: Digest, begin: int, end: int, limit: int) -> list[int]:
        return discoverable.find(self._run, self._statements.discoverable, digest, begin, end, min(limit, ENTRIES_READ))

    def _found_by(self, found_by: FoundBy[Any], key: bytes, begin: int, end: int, limit: int) -> list[Found]:
        texts = self._statements.found_by[found_by.name]
        return found_by_index.find(self._run, texts, key, begin, end, min(limit, ENTRIES_READ))

    def marks(self, number: int, *, after: int, size: int) -> Iterator[MarkRow]:
        """Read an object's way marks in order: those of more than `after` records, in a log of so many entries.

        Raises:
            StoreFailed: one is damaged.
        """
        return (marks.read_mark(number, row) for row in self.rows(marks.between(number, after=after, size=size)))

    def last_mark(self, number: int, size: int) -> MarkRow | None:
        """Find an object's last way mark in a log of so many entries. Raises StoreFailed if it is damaged."""
        return marks.find_last(self._run, self._statements.marks, number, size)

    def tile(self, level: int, index: int) -> bytes:
        """Give the hashes of a tile, 32 bytes each, as far as it is filled; nothing where there is none.

        Raises:
            StoreFailed: it is damaged.
        """
        return hashes.find(self._run, self._statements.tiles, level, index)

    def node(self, level: int, index: int) -> Digest:
        """Give the log's hash over the entries from `index << level` to `(index + 1) << level`.

        Raises:
            IndexError: the log is not that long.
        """
        return node_hash(self.tile, level, index)

    def entry_bundle(self, index: int, width: int = TILE_WIDTH) -> bytes | None:
        """Give `width` entries from `256 * index` on, each after its length as 2 bytes; nothing if there are fewer.

        Source: C2SP tlog-tiles, "Log entries".
        """
        start = index * TILE_WIDTH
        entries = self.entries(start, start + width) if 1 <= width <= TILE_WIDTH else []
        return encode_entry_bundle(entries) if len(entries) == width >= 1 else None

    def checkpoint(self, size: int) -> str | None:
        """Find the signed checkpoint of a size."""
        if not 0 <= size <= limits.LOG_SIZE:
            return None
        row = self._first(self._statements.select_checkpoint, (size,))
        return None if row is None else str(row[0])

    def newest_checkpoint(self) -> Published | None:
        """Give the newest stored checkpoint; nothing before the first is stored."""
        row = self._first(self._statements.select_latest)
        return None if row is None else Published(int(row[0]), str(row[1]))


def standing_head(reads: Reads) -> Tip:
    """Give the head of a ledger whose genesis is stored. Raises StoreFailed if it is not."""
    head = reads.head()
    if head is None:
        raise StoreFailed("the database holds no ledger yet")
    return head
