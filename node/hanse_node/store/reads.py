"""What can be read of a ledger on one connection: of the committed state, or of a transaction's own."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, Select, Table, func, select

from hanse_ledger.blocks.group import Head
from hanse_ledger.kinds.object import Object, object_id
from hanse_ledger.kinds.objects import decode_object, object_value
from hanse_ledger.tlog.tlog_tiles import TILE_LEVELS, TILE_WIDTH, encode_entry_bundle
from hanse_ledger.trees.claims_map import Claim
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.headform import decode_head
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements, chunks
from hanse_node.store.tables import mark
from hanse_node.store.tiles import HASH_BYTES, node_hash

ROWS_READ = 1_000
ENTRIES_READ = 1_000
"""The most entries that one call reads."""


_NOWHERE = (b"\xff" * 33, b"")
"""Bounds between which no place lies."""


class Published(NamedTuple):
    """A signed head: the log's size, and the C2SP checkpoint."""

    size: int
    note: str


class HistoryRow(Struct, frozen=True):
    """One record of an object's history: how many came before it, and its position in the ledger."""

    sequence: int
    position: int


class MarkRow(Struct, frozen=True):
    """A way mark: an object as it stood when its history had `count` records, under the state entry at `position`."""

    count: int
    position: int
    value: Object
    path: tuple[Digest, ...]


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
        with self._connection.execute(statement.execution_options(yield_per=ROWS_READ)) as found:
            yield from found

    def count(self, table: Table) -> int:
        """Count a table's rows."""
        return int(self._connection.execute(select(func.count()).select_from(table)).scalar_one())

    def head(self) -> Head | None:
        """Where the ledger stands; nothing before its genesis is stored."""
        rows = self._run(self._statements.select_head)
        if rows and [row[0] for row in rows] != [HEAD_ID, MEMBERS_ID]:
            raise StoreFailed("the stored head is damaged: one of its two rows is missing")
        return decode_head(*(bytes(row[1]) for row in rows)) if rows else None

    def block(self) -> int:
        """Give the height of the newest block of the consortium's engine; 0 before the first."""
        row = self._first(self._statements.select_block, (HEAD_ID,))
        return 0 if row is None else int(row[0])

    def entry(self, position: int) -> bytes | None:
        """Find an entry's bytes by its position."""
        found = self.entries(position, position + 1)
        return found[0] if found else None

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
        keys = {object_id(name): name for name in names}
        rows = (row for part in chunks(list(keys)) for row in self._run(self._statements.record_in[len(part)], part))
        return {keys[row[0]]: row[1] for row in rows}

    def find_record(self, name: RecordId) -> int | None:
        """Find the position at which a record stands."""
        return self.records([name]).get(name)

    def objects(self, names: Collection[ObjectId]) -> dict[ObjectId, tuple[int, Object]]:
        """Find objects and their numbers by their ids; those that do not exist are left out.

        Raises:
            StoreFailed: one is damaged: its value is not the one whose hash is stored beside it.
        """
        rows = (row for part in chunks(list(names)) for row in self._run(self._statements.object_in[len(part)], part))
        return {row[0]: (row[1], _object(row)) for row in rows}

    def object(self, name: ObjectId) -> tuple[int, Object] | None:
        """Find an object and its number by its id."""
        return self.objects([name]).get(name)

    def claims(self, keys: Collection[Digest]) -> dict[Digest, bytes]:
        """Find the values of claims; those that do not exist are left out."""
        places = {hash_bytes(key): key for key in keys}
        return {
            places[row[0]]: row[1]
            for part in chunks(list(places))
            for row in self._run(self._statements.claim_in[len(part)], part)
        }

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim."""
        return self.claims([key]).get(key)

    def bucket(self, first: Digest, last: Digest) -> list[Claim]:
        """Read the claims whose places lie from `first` to `last` (a `ClaimBuckets`)."""
        return self._run(self._statements.select_bucket, (first, last))

    def buckets(self, bounds: Collection[tuple[Digest, Digest]]) -> dict[Digest, list[Claim]]:
        """Read the claims of many buckets, by the first place of each; in order of their places."""
        found: dict[Digest, list[Claim]] = {first: [] for first, _ in bounds}
        for part in chunks(list(bounds)):
            # What the list is padded with would be read again.
            wanted = [*dict.fromkeys(part), *[_NOWHERE] * (len(part) - len(set(part)))]
            parameters = [place for pair in wanted for place in pair]
            for first, place, value in self._run(self._statements.bucket_in[len(part)], parameters):
                found[first].append((place, value))
        for claims in found.values():
            claims.sort()
        return found

    def history(self, name: ObjectId, before: int | None = None, limit: int = TILE_WIDTH) -> list[HistoryRow]:
        """List the records that touched an object, newest first.

        Args:
            name: the object.
            before: where the page before ended: only older records, of a smaller sequence; nil begins with the newest.
            limit: how many at most, up to 1,000.
        """
        found = self.object(name)
        if found is None:
            return []
        number, value = found
        end = value.history.count if before is None else min(before, value.history.count)
        begin = max(0, end - min(limit, ENTRIES_READ))
        rows = self._run(self._statements.select_history, (number, begin, max(0, end)))
        return [HistoryRow(row[0], row[1]) for row in rows]

    def marks(self, number: int, *, after: int, size: int) -> Iterator[MarkRow]:
        """Read an object's way marks in order: those of more than `after` records, in a log of so many entries.

        Raises:
            StoreFailed: one is damaged.
        """
        query = select(mark.c.count, mark.c.position, mark.c.data, mark.c.path).where(
            mark.c.object == number, mark.c.count > after, mark.c.position < size
        )
        for row in self.rows(query.order_by(mark.c.count)):
            yield _mark(number, row)

    def last_mark(self, number: int, size: int) -> MarkRow | None:
        """Find an object's last way mark in a log of so many entries. Raises StoreFailed if it is damaged."""
        row = self._first(self._statements.select_mark, (number, number, size))
        return None if row is None else _mark(number, row)

    def tile(self, level: int, index: int) -> bytes:
        """Give the hashes of a tile, 32 bytes each, as far as it is filled; nothing where there is none.

        Raises:
            StoreFailed: it is damaged.
        """
        if not (0 <= level < TILE_LEVELS and 0 <= index <= limits.LOG_SIZE):
            return b""
        row = self._first(self._statements.select_tile, (level, index))
        if row is None:
            return b""
        if hash_bytes(row[0]) != row[1]:
            raise StoreFailed(f"the tile {index} on level {level} is damaged")
        return bytes(row[0])

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
        found = self.entries(start, start + width) if 1 <= width <= TILE_WIDTH else []
        return encode_entry_bundle(found) if len(found) == width >= 1 else None

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


def _object(row: Sequence[Any]) -> Object:
    """Read the value of an object's row: id, number, data, leaf."""
    name, number, data, leaf = row
    if data is None:
        raise StoreFailed(f"object {number} is missing, though a record is said to have created it")
    try:
        value = decode_object(data)
    except UNREADABLE as error:
        raise StoreFailed(f"object {number} is damaged: {error}") from error
    if value.id != name or object_leaf(name, object_value(value)) != leaf:
        raise StoreFailed(f"object {number} is damaged: its value is not the one whose hash is stored beside it")
    return value


def _mark(number: int, row: Sequence[Any]) -> MarkRow:
    count, position, data, path = row
    try:
        value = decode_object(data)
    except UNREADABLE as error:
        raise StoreFailed(f"the way mark of object {number} at {count} records is damaged: {error}") from error
    if value.history.count != count or len(path) % HASH_BYTES:
        raise StoreFailed(f"the way mark of object {number} at {count} records is damaged")
    hashes = (bytes(path[at : at + HASH_BYTES]) for at in range(0, len(path), HASH_BYTES))
    return MarkRow(count, position, value, tuple(hashes))


def standing_head(reads: Reads) -> Head:
    """Give the head of a ledger whose genesis is stored. Raises StoreFailed if it is not."""
    found = reads.head()
    if found is None:
        raise StoreFailed("the database holds no ledger yet")
    return found
