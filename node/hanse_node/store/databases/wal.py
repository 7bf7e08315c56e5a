"""Moving SQLite's write-ahead log into the database beside the writer, so that commits do not wait for it.

A checkpoint writes each page that has changed to its own place, which takes as long as ten commits. A thread with a
connection of its own does that while the writer goes on; the writer then moves the little that came meanwhile, and
SQLite begins the log anew. Where that fails, SQLite's automatic checkpoint tries it in each commit, once the log has
`AUTOMATIC_PAGES`. Neither can begin a log anew that a reader holds: as long as somebody reads, it grows. What holds it
for long is an audit or a backup; `hanse doctor` says so.

One checkpoint runs at a time, and each begins after a commit that no checkpoint has seen. SQLite begins the log anew
only once all of it is moved: as long as a checkpoint has something left to move, no commit can do so beneath it. (One
that begins right after another has moved everything is what SQLite's releases before 3.51.3 lose pages by; see
`sqlite`. Such a release is refused; this holds besides.)
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from hanse_ledger.blocks.block import Block
from hanse_node.store.databases.database import AUTOMATIC_PAGES
from hanse_node.store.databases.sqlite import driver

log = logging.getLogger(__name__)

CHANGES = 24_000
"""Move after about so many pages, at most 100 MB: rarely costs room, and often moves the same pages again and again.

They are reckoned, not counted: each changed row as one. In an index by hash it has one of its own, elsewhere many share
one, so that a log of large blocks has about half as many.
"""

COMMIT_CHANGES = 10
"""A commit is reckoned as so many pages besides: it writes those at the ends of its tables, however little it holds."""

REST = 1_000
"""Move again beside the writer while more pages than these have come meanwhile, but not for ever."""

ROUNDS = 4


class Mover:
    """Counts what is committed, and moves it in time. Only one thread calls it at a time."""

    def __init__(self, database: Engine) -> None:
        """Prepare; nothing runs yet."""
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._changes = self._rounds = self._pages = 0
        self._moving: Future[int] | None = None

    def start(self) -> None:
        """Begin; the thread starts with the first move."""

    def committed(self, block: Block, writer: Connection) -> None:
        """Take note of a committed block, and move what is due. What cannot be moved now is moved later."""
        self.wrote(len(block.entries) + len(block.objects) + len(block.claims), writer)

    def wrote(self, changes: int, writer: Connection) -> None:
        """Take note of a commit of so many pages, as `committed` does."""
        self._changes += COMMIT_CHANGES + changes
        if self._moving is None:
            if self._changes >= CHANGES:
                self._changes = self._rounds = self._pages = 0
                self._begin(writer.connection.driver_connection)
        elif self._moving.done():
            self._go_on(self._moving.result(), writer.connection.driver_connection)

    def stop(self) -> None:
        """Finish a move that is under way. May be called twice."""
        self._thread.shutdown()

    def _begin(self, writer: Any) -> None:
        """Let the thread move once. Until it has, no commit of the writer moves anything by itself."""
        _automatic(writer, 0)
        self._rounds += 1
        self._moving = self._thread.submit(_try, self._move)

    def _go_on(self, pages: int, writer: Any) -> None:
        """After a move beside the writer: another one, if much has come meanwhile; else move the rest here."""
        self._moving = None
        came, self._pages = pages - self._pages, pages
        if came > REST and self._rounds < ROUNDS:
            self._begin(writer)
            return
        _automatic(writer, AUTOMATIC_PAGES)
        _try(lambda: _move(writer))

    def _move(self) -> int:
        connection = self._database.raw_connection()
        try:
            return _move(connection.driver_connection)
        finally:
            connection.close()


def _try(move: Callable[[], int]) -> int:
    """Move, and tell how many pages the log has; none, if that fails."""
    try:
        return move()
    except (SQLAlchemyError, driver.Error) as error:
        log.warning("the write-ahead log was not moved into the database; it is tried again", exc_info=error)
        return 0


def _move(connection: Any) -> int:
    """Move what readers do not need any more, and tell how many pages the log has."""
    _busy, pages, _moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)


def _automatic(connection: Any, pages: int) -> None:
    """Have the commits of a connection move the log once it has so many pages; never, with 0."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {pages}").close()
