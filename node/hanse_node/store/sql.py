"""The ledger in an SQL database: one writer, many readers."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine

from hanse_ledger.blocks.block import Block, Tip, genesis_block
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_node.base.errors import Busy, CannotStart, StoreFailed
from hanse_node.store.blockstate import StateCache
from hanse_node.store.databases.database import SQLITE, Sizes, file_sizes, migrate, open_database, store_errors, writing
from hanse_node.store.databases.gate import Gate
from hanse_node.store.databases.wal import Mover
from hanse_node.store.knownnodes import KnownNodes, RememberedLog
from hanse_node.store.members import KnownMembers
from hanse_node.store.nextblock import Work
from hanse_node.store.published import AsOf, Before, PublishedState, StandingReads
from hanse_node.store.reads import Published, Reads, standing_head
from hanse_node.store.signedheads import NO_QUORUM, Sign, SignedHeads
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.statements import Statements
from hanse_node.store.trees import open_trees, outgrown, save_trees
from hanse_node.store.writes import write_block

log = logging.getLogger(__name__)

RESTORE = "Rebuild it from its entries: `hanse node rebuild`; or restore this node's newest backup: `hanse restore`"
"""What an operator can do about a damaged database."""


class SqlLedgerStore:
    """The durable home of one ledger, and the object tree over it in memory.

    One thread writes at a time; any number read. What readers see through `snapshot` is one committed state.
    """

    def __init__(
        self, database: Engine, writer: Connection, genesis: Genesis, *, fresh: bool, alone: bool, saved: Path | None
    ) -> None:
        """Take up a migrated database; `open_store` does it all."""
        self.genesis, self.ledger = genesis, ledger_id(genesis)
        self._database = database
        self.statements = Statements(database.dialect)
        self._gate, self._writing = Gate(), Lock()
        self.cache, self.nodes = StateCache(), KnownNodes()
        self._writer = writer
        self._mover = Mover(database) if database.dialect.name == SQLITE else None
        if self._mover is not None:
            self._mover.start()
        with store_errors(), self._writer.begin():
            reads = Reads(self._writer, self.statements)
            head = reads.head()
            if head is None:
                if not fresh:
                    raise StoreFailed("it is empty, but this node has signed heads of it")
                first = genesis_block(genesis)
                write_block(self._writer, self.statements, reads, first, head=None, before=lambda _: None)
                head = first.head
            self.trees = open_trees(reads, head, saved)
            self._heads = SignedHeads(reads.newest_checkpoint())
        self._head, self._saved = head, saved
        self.members = KnownMembers(genesis)
        self.shown: PublishedState | None = None
        self._showing = Gate()
        if not alone:
            self.shown = PublishedState(head if self._is_signed() else None, self.trees)

    @property
    def head(self) -> Tip:
        """Where the ledger stands after the newest committed block."""
        return self._head

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell somebody, on the thread that does it, after each commit and each newly shown head. It must not wait."""
        self._heads.watch(watcher)

    @property
    def published(self) -> Published | None:
        """The newest signed head; nothing before the first is signed. What it covers is seen by every later read."""
        return self._heads.newest

    @property
    def recent(self) -> tuple[int, ...]:
        """The sizes of the newest signed heads, in order."""
        return self._heads.recent

    def append(self, block: Block, sign: Sign | None = None) -> None:
        """Store a block, all or nothing; durable on return.

        Args:
            block: made by a BlockBuilder on this store's state and trees.
            sign: makes the checkpoint once the block is durable. Readers see the block and its checkpoint together.

        Raises:
            Conflict: the block is not the next one; nothing has changed.
            StoreFailed: the database refused; nothing has changed, or `sign` failed after the block was stored.
        """
        with self.work() as work:
            work.append(block, sign)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Begin the next block: everything read in it is the state that it is built on. Only one at a time."""
        with self._writing, store_errors():
            try:
                self._writer.begin()
                yield Work(self, self._writer)
            finally:
                # Also after a commit that failed, which leaves a transaction that is none any more.
                if self._writer.get_transaction() is not None:
                    self._writer.rollback()

    @contextmanager
    def beside(self, pages: int) -> Iterator[Connection]:
        """Write what is no part of the ledger, of about so many pages, in one transaction; the next group waits."""
        with self._writing, store_errors():
            with self._writer.begin():
                yield self._writer
            if self._mover is not None:
                self._mover.wrote(pages, self._writer)

    def sign_again(self, sign: Sign) -> None:
        """Sign the present head, and store its checkpoint in the place of an older one."""
        with self._writing, store_errors():
            self._heads.put_up(self._sign(sign))
            self._save()

    def sign_present(self, sign: Sign) -> Published:
        """Sign the present head, and show it to nobody: see `publish`."""
        with self._writing, store_errors():
            return self._sign(sign)

    def publish(self, signed: Published) -> bool:
        """Show a signed head to readers, once others have signed it too; tell whether it could be shown."""
        with self._showing.exclusive(), self._gate.exclusive():
            shown = self.shown
            if shown is None or not shown.reach(signed.size):
                if signed.size != self._head.size:
                    return False
                if shown is not None:
                    shown.catch_up(self._head, self.trees)
            self._heads.put_up(signed)
            return True

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """See the state that the newest published head covers, whole: rows, trees and log fit each other.

        Keep it as short as the making of a proof: the next commit, or the next published head, waits for it. Never nest
        two in one thread.

        Raises:
            StoreFailed: the database refused.
            Busy: no head was published in time.
        """
        self._heads.await_shown(self._shows)
        if self.shown is None:
            with self.present() as view:
                yield view
            return
        with store_errors(), self._database.connect() as connection, self._showing.shared():
            with self._gate.shared():
                as_of = self._pin(connection)
                published = self._heads.newest
            yield Snapshot(connection, self.statements, as_of, self.shown.trees, published)

    @contextmanager
    def present(self) -> Iterator[Snapshot]:
        """See the newest committed state whole, signed or not; the next commit waits."""
        with store_errors(), self._database.connect() as connection, self._gate.shared(), connection.begin():
            yield Snapshot(
                connection, self.statements, AsOf(self._head, self._head.size), self.trees, self._heads.newest
            )

    @contextmanager
    def showing(self) -> Iterator[Reads]:
        """See the rows as of a published head, without the trees. It holds nobody up. Raises as `snapshot` does."""
        self._heads.await_shown(self._shows)
        with store_errors(), self._database.connect() as connection:
            with self._showing.shared(), self._gate.shared():
                as_of = self._pin(connection)
            yield StandingReads(connection, self.statements, as_of)

    @contextmanager
    def reading(self) -> Iterator[Reads]:
        """See the rows of the newest committed state, signed or not, without the trees. It holds nobody up."""
        with store_errors(), self._database.connect() as connection, connection.begin():
            yield Reads(connection, self.statements)

    def _pin(self, connection: Connection) -> AsOf:
        """Begin to read what is committed now, and give what of it is shown; within both gates."""
        connection.begin()
        # A transaction sees what stands when it first reads.
        head = standing_head(Reads(connection, self.statements))
        as_of = AsOf(head, head.size) if self.shown is None else self.shown.state(head.size)
        if as_of is None:
            raise Busy(NO_QUORUM)
        return as_of

    def sizes(self) -> Sizes:
        """Measure the database's files, and their disk; of PostgreSQL the database alone. Raises StoreFailed."""
        if self._mover is None:
            with self.reading() as reads:
                return Sizes(reads.database_bytes(), None, None)
        return file_sizes(Path(str(self._database.url.database)))

    def close(self) -> None:
        """Store what is left to be stored, and close every connection. May be called twice."""
        if not self._writer.closed:
            with self._writing, suppress(StoreFailed), store_errors():
                # A checkpoint that is lost here is signed again at the next start.
                self._save()
            self._save_trees()
        if self._mover is not None:
            self._mover.stop()
        self._writer.close()
        self._database.dispose()

    def commit(self, block: Block | None, earlier: Before | None, sign: Sign | None) -> None:
        """Commit what a `Work` wrote, and then sign its head: see `append`, whose errors it raises."""
        with self._gate.exclusive():
            # The point of no return. A crash before it leaves the state before the block; a crash after it leaves
            # the block without a checkpoint, which the next start signs. Nobody has been answered either way.
            self._writer.commit()
            self._heads.unsaved = False
            if block is None:
                return
            self.trees.apply(block)
            self.cache.commit(block)
            self.nodes.append(block.entries[0].position, [row.leaf for row in block.entries])
            self._head = block.head
            if self.shown is not None and earlier is not None:
                self.shown.keep(earlier)
            if sign is not None:
                self._heads.put_up(self._sign(sign))
        self._heads.tell()
        if self._mover is not None:
            self._mover.committed(block, self._writer)

    def _sign(self, sign: Sign) -> Published:
        with ExitStack() as reading:

            def stored() -> Reads:
                reading.enter_context(self._writer.begin())
                return Reads(self._writer, self.statements)

            return Published(self._head.size, sign(self._head, RememberedLog(self.nodes, stored)))

    def _shows(self) -> bool:
        if self.shown is not None:
            return self.shown.ready
        return self._is_signed()

    def _is_signed(self) -> bool:
        newest = self._heads.newest
        return newest is not None and newest.size == self._head.size

    def _save(self) -> None:
        """Store the newest checkpoint in a transaction of its own."""
        if self._heads.unsaved:
            with self._writer.begin():
                self.put_checkpoint()
            self._heads.unsaved = False

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

    def put_checkpoint(self) -> None:
        """Write the newest checkpoint into the open transaction, if it is not stored yet."""
        if self._heads.unsaved and self._heads.newest is not None:
            self.run(self.statements.put_checkpoint, tuple(self._heads.newest))

    def run(self, text: str, parameters: Sequence[object]) -> None:
        """Run a statement in the writer's transaction, past SQLAlchemy."""
        driven: Any = self._writer.connection.driver_connection
        driven.execute(text, parameters).close()


def open_store(
    url: URL,
    genesis: Genesis,
    *,
    fresh: bool = True,
    alone: bool = True,
    saved: Path | None = None,
    lasting: bool = True,
) -> SqlLedgerStore:
    """Open the database of a ledger and migrate it.

    What stands in it is not judged here: see `recovery.start_ledger`.

    Args:
        url: the database.
        genesis: the ledger's genesis.
        fresh: whether an empty database may become the ledger's, by storing the genesis.
        alone: whether a block is shown when this node has signed it; else when `publish` says that others have too.
        lasting: whether a commit is on disk when it returns; false for what can be made anew.
        saved: the file in which `close` leaves the trees for the next start; none is read or written without it.

    Raises:
        CannotStart: the database cannot be opened, is of another release, is damaged, or is empty and may not be.
    """
    database = open_database(url, lasting=lasting)
    with ExitStack() as undo:
        undo.callback(database.dispose)
        migrate(database)
        try:
            with store_errors():
                writer = undo.enter_context(writing(database))
            store = SqlLedgerStore(database, writer, genesis, fresh=fresh, alone=alone, saved=saved)
        except StoreFailed as error:
            raise CannotStart(f"The database cannot be used: {error}", RESTORE) from error
        undo.pop_all()  # from here on `close` does it
        return store
