"""The ledger in an SQL database: one writer, many readers."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from threading import Condition, Lock
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine

from hanse_ledger.errors import Conflict
from hanse_ledger.group import Group, GroupBuilder, Head, genesis_group
from hanse_ledger.merkle import TileReader
from hanse_ledger.state import Object
from hanse_ledger.tlog_tiles import TILE_WIDTH
from hanse_ledger.trust import Genesis, ledger_id
from hanse_ledger.types import Digest, ObjectId, RecordId
from hanse_node.errors import Busy, CannotStart, StoreFailed
from hanse_node.store.database import WRITES, migrate, open_database, store_errors
from hanse_node.store.gate import Gate
from hanse_node.store.groupstate import GroupState, StateCache
from hanse_node.store.moving import Mover
from hanse_node.store.reads import HistoryRow, Published, Reads
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.statements import HEAD_ID, Statements
from hanse_node.store.trees import open_trees, outgrown, save_trees
from hanse_node.store.writes import write_group

log = logging.getLogger(__name__)

RESTORE = "Rebuild it from its entries: `hanse node rebuild`; or restore this node's newest backup: `hanse restore`"
"""What an operator can do about a damaged database."""

PUBLISH_SECONDS = 5.0
"""How long a reader waits for a head that is published: with one operator it is there at once."""

RECENT = 16
"""So many of the newest signed heads are known by their sizes."""

Sign = Callable[[Head, TileReader], str]
"""Makes the signed checkpoint of a durable head; `HeadSigner.sign` is one."""


class Sizes(NamedTuple):
    """Bytes: of the database's file, of its write-ahead log, and free on its disk."""

    database: int
    log: int
    free: int


class SqlLedgerStore:
    """The durable home of one ledger, and the object tree over it in memory.

    One thread writes at a time; any number read. What readers see through `snapshot` is one committed state.
    """

    def __init__(self, database: Engine, genesis: Genesis, *, fresh: bool, saved: Path | None) -> None:
        """Take up a migrated database; `open_store` does it all."""
        self.genesis, self.ledger = genesis, ledger_id(genesis)
        self._database = database
        self._statements = Statements(database.dialect)
        self._gate, self._writing = Gate(), Lock()
        self._cache = StateCache()
        self._writer = database.connect().execution_options(**{WRITES: True})
        self._mover = Mover(database)
        with store_errors(), self._writer.begin():
            reads = Reads(self._writer, self._statements)
            head = reads.head()
            if head is None:
                if not fresh:
                    raise StoreFailed("it is empty, but this node has signed heads of it")
                first = genesis_group(genesis)
                write_group(self._writer, self._statements, reads, first)
                head = first.head
            self.trees = open_trees(reads, head, saved)
            self._published = reads.newest_checkpoint()
        self._head, self._unsaved, self._saved = head, False, saved
        self._recent: tuple[int, ...] = ()
        self._news = Condition()

    @property
    def head(self) -> Head:
        """Where the ledger stands after the newest committed group."""
        return self._head

    @property
    def published(self) -> Published | None:
        """The newest signed head; nothing before the first is signed. What it covers is seen by every later read."""
        return self._published

    @property
    def recent(self) -> tuple[int, ...]:
        """The sizes of the newest signed heads, in order."""
        return self._recent

    def append(self, group: Group, sign: Sign | None = None) -> None:
        """Store a group, all or nothing; durable on return.

        Args:
            group: made by a GroupBuilder on this store's state and trees.
            sign: makes the checkpoint once the group is durable. Readers see the group and its checkpoint together.

        Raises:
            Conflict: the group is not the next one; nothing has changed.
            StoreFailed: the database refused; nothing has changed, or `sign` failed after the group was stored.
        """
        with self.work() as work:
            work.append(group, sign)

    @contextmanager
    def work(self) -> Iterator["Work"]:
        """Begin the next group: everything read in it is the state that it is built on. Only one at a time."""
        with self._writing, store_errors():
            try:
                self._writer.begin()
                yield Work(self, self._writer)
            finally:
                # Also after a commit that failed, which leaves a transaction that is none any more.
                if self._writer.get_transaction() is not None:
                    self._writer.rollback()

    def sign_again(self, sign: Sign) -> None:
        """Sign the present head, and store its checkpoint in the place of an older one."""
        with self._writing, store_errors():
            self._put_up(self._sign(sign))
            self._save()

    def sign_present(self, sign: Sign) -> Published:
        """Sign the present head, and show it to nobody: see `publish`."""
        with self._writing, store_errors():
            return self._sign(sign)

    def publish(self, signed: Published) -> bool:
        """Show a signed head to readers, once others have signed it too; tell whether it is still the present one."""
        with self._gate.exclusive():
            if signed.size != self._head.size:
                return False
            self._put_up(signed)
            return True

    @contextmanager
    def snapshot(self, *, published: bool = False) -> Iterator[Snapshot]:
        """See one committed state whole: rows, object tree, claims and log as of the same head.

        Keep it as short as the making of a proof: the next commit waits for it. Never nest two in one thread.

        Args:
            published: wait, for a while, until a head is published that is the state's own.

        Raises:
            StoreFailed: the database refused.
            Busy: no such head came in time.
        """
        if published:
            self._await_published()
        with store_errors(), self._database.connect() as connection, self._gate.shared(), connection.begin():
            yield Snapshot(connection, self._statements, self.trees, self._published)

    @contextmanager
    def reading(self) -> Iterator[Reads]:
        """See the rows of one committed state, without the object tree. It holds nobody up."""
        with store_errors(), self._database.connect() as connection, connection.begin():
            yield Reads(connection, self._statements)

    def entry(self, position: int) -> bytes | None:
        """Find an entry's bytes by its position."""
        with self.reading() as reads:
            return reads.entry(position)

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Read entries, at most 1,000: see `Reads.entries`."""
        with self.reading() as reads:
            return reads.entries(start, stop)

    def find_record(self, name: RecordId) -> int | None:
        """Find the position at which a record stands."""
        with self.reading() as reads:
            return reads.find_record(name)

    def object(self, name: ObjectId) -> tuple[int, Object] | None:
        """Find an object and its number by its id."""
        with self.reading() as reads:
            return reads.object(name)

    def objects(self, names: Collection[ObjectId]) -> dict[ObjectId, tuple[int, Object]]:
        """Find objects and their numbers by their ids; those that do not exist are left out."""
        with self.reading() as reads:
            return reads.objects(names)

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim."""
        with self.reading() as reads:
            return reads.claim(key)

    def claims(self, keys: Collection[Digest]) -> dict[Digest, bytes]:
        """Find the values of claims; those that do not exist are left out."""
        with self.reading() as reads:
            return reads.claims(keys)

    def history(self, name: ObjectId, before: int | None = None, limit: int = TILE_WIDTH) -> list[HistoryRow]:
        """List the records that touched an object, newest first: see `Reads.history`."""
        with self.reading() as reads:
            return reads.history(name, before, limit)

    def tile(self, level: int, index: int) -> bytes:
        """Give the hashes of a tile as far as it is filled: see `Reads.tile`."""
        with self.reading() as reads:
            return reads.tile(level, index)

    def node(self, level: int, index: int) -> Digest:
        """Give the log's hash over a complete subtree: see `Reads.node`."""
        with self.reading() as reads:
            return reads.node(level, index)

    def entry_bundle(self, index: int, width: int = TILE_WIDTH) -> bytes | None:
        """Give `width` entries from `256 * index` on: see `Reads.entry_bundle`."""
        with self.reading() as reads:
            return reads.entry_bundle(index, width)

    def checkpoint(self, size: int) -> str | None:
        """Find the stored checkpoint of a size; the newest one is stored with the group after it."""
        with self.reading() as reads:
            return reads.checkpoint(size)

    def sizes(self) -> "Sizes":
        """Measure the database's files, and the room beside them. Raises StoreFailed."""
        path = Path(str(self._database.url.database))
        try:
            log = path.with_name(path.name + "-wal")
            found = Sizes(path.stat().st_size, log.stat().st_size if log.exists() else 0, disk_usage(path.parent).free)
        except OSError as error:
            raise StoreFailed(f"the database's file cannot be seen: {error.strerror}") from error
        return found

    def close(self) -> None:
        """Store what is left to be stored, and close every connection. May be called twice."""
        if not self._writer.closed:
            with self._writing, suppress(StoreFailed), store_errors():
                # A checkpoint that is lost here is signed again at the next start.
                self._save()
            self._save_trees()
        self._mover.stop()
        self._writer.close()
        self._database.dispose()

    def _commit(self, group: Group | None, sign: Sign | None) -> None:
        with self._gate.exclusive():
            # The point of no return. A crash before it leaves the state before the group; a crash after it leaves
            # the group without a checkpoint, which the next start signs. Nobody has been answered either way.
            self._writer.commit()
            self._unsaved = False
            if group is None:
                return
            self.trees.apply(group)
            self._cache.commit(group)
            self._head = group.head
            if sign is not None:
                self._put_up(self._sign(sign))
        self._mover.committed(group, self._writer)

    def _sign(self, sign: Sign) -> Published:
        with self._writer.begin():
            return Published(self._head.size, sign(self._head, Reads(self._writer, self._statements)))

    def _put_up(self, signed: Published) -> None:
        with self._news:
            self._published, self._unsaved = signed, True
            if signed.size not in self._recent:
                self._recent = (*self._recent[1 - RECENT :], signed.size)
            self._news.notify_all()

    def _await_published(self) -> None:
        with self._news:
            current = self._news.wait_for(
                lambda: self._published is not None and self._published.size == self._head.size, PUBLISH_SECONDS
            )
        if not current:
            raise Busy("the newest head is not signed by a quorum yet")

    def _save(self) -> None:
        """Store the newest checkpoint in a transaction of its own."""
        if self._unsaved:
            with self._writer.begin():
                self._put_checkpoint()
            self._unsaved = False

    def _save_trees(self) -> None:
        if self._saved is not None:
            try:
                with self.reading() as reads:
                    if outgrown(self.trees, reads):
                        self._saved.unlink(missing_ok=True)
                        return
                save_trees(self.trees, self._saved)
            except (OSError, StoreFailed) as error:
                log.warning("the trees cannot be saved; the next start builds them anew", exc_info=error)

    def _put_checkpoint(self) -> None:
        """Write the newest checkpoint into the open transaction, if it is not stored yet."""
        if self._unsaved and self._published is not None:
            self._writer.exec_driver_sql(self._statements.put_checkpoint, tuple(self._published))


class Work:
    """The next group's transaction, from its first read to its commit. What is not appended leaves nothing."""

    def __init__(self, store: SqlLedgerStore, connection: Connection) -> None:
        self._store, self._connection = store, connection
        self._reads = Reads(connection, store._statements)
        self.head = store.head
        self.state = GroupState(self._reads, store.trees, store._cache, store.genesis.membership)
        found = self._reads.head()
        if found is None or found.last_entry != self.head.last_entry:
            raise Conflict("the database is not where this process left it: another writer came first")

    def block(self) -> int:
        """Give the height of the newest block of the consortium's engine; 0 before the first."""
        return self._reads.block()

    def finish(self, builder: GroupBuilder) -> Group | None:
        """Close a group that was begun on this state."""
        trees = self._store.trees
        return builder.finish(trees.objects, trees.claims, self.state)

    def append(self, group: Group, sign: Sign | None = None) -> None:
        """Write the group and commit it: see `SqlLedgerStore.append`. Nothing more can be done with this work."""
        self.write(group)
        self.commit(group, sign)

    def write(self, group: Group | None, block: int | None = None) -> None:
        """Write into the transaction, which stays open: a group, if the block held one, and the block's height."""
        if group is not None:
            write_group(self._connection, self._store._statements, self._reads, group)
        if block is not None:
            self._connection.exec_driver_sql(self._store._statements.put_block, (HEAD_ID, block))
        # The checkpoint before it travels along: a commit of its own would cost as much as the group's.
        self._store._put_checkpoint()

    def commit(self, group: Group | None, sign: Sign | None = None) -> None:
        """Commit what was written. The errors are those of `SqlLedgerStore.append`."""
        self._store._commit(group, sign)


def open_store(
    url: URL, genesis: Genesis, *, fresh: bool = True, saved: Path | None = None, lasting: bool = True
) -> SqlLedgerStore:
    """Open the database of a ledger and migrate it.

    What stands in it is not judged here: see `recovery.start_ledger`.

    Args:
        url: the database.
        genesis: the ledger's genesis.
        fresh: whether an empty database may become the ledger's, by storing the genesis.
        lasting: whether a commit is on disk when it returns; false for what can be made anew.
        saved: the file in which `close` leaves the trees for the next start; none is read or written without it.

    Raises:
        CannotStart: the database cannot be opened, is of another release, is damaged, or is empty and may not be.
    """
    database = open_database(url, lasting=lasting)
    migrate(database)
    try:
        return SqlLedgerStore(database, genesis, fresh=fresh, saved=saved)
    except StoreFailed as error:
        database.dispose()
        raise CannotStart(f"The database cannot be used: {error}", RESTORE) from error
