"""Moving SQLite's write-ahead log into the database beside the writer, so that commits do not wait for it.

A checkpoint writes each page that has changed to its own place, which takes as long as ten commits. A thread with a
connection of its own does that while the writer goes on; the writer then moves the little that came meanwhile, and
SQLite begins the log anew. Where that fails, or readers hold the log, SQLite's automatic checkpoint bounds it.
"""

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from hanse_ledger.group import Group

log = logging.getLogger(__name__)

CHANGES = 24_000
"""Move after about so many changed rows: rarely costs room, and often moves the same pages again and again."""

REST = 1_000
"""Move again while more pages than these have come meanwhile, but not for ever."""

ROUNDS = 4


class Mover:
    """Counts what is committed, and moves it in time. Only one thread calls it at a time."""

    def __init__(self, database: Engine) -> None:
        """Prepare; the thread starts with the first move."""
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._changes = 0
        self._moving: Future[None] | None = None

    def committed(self, group: Group, writer: Connection) -> None:
        """Take note of a committed group, and move what is due. What cannot be moved now is moved later."""
        self._changes += len(group.entries) + len(group.objects) + len(group.claims)
        if self._moving is not None:
            if self._moving.done():
                self._moving = None
                _try(lambda: _move(writer.connection.driver_connection))
        elif self._changes >= CHANGES:
            self._changes = 0
            self._moving = self._thread.submit(_try, self._move)

    def stop(self) -> None:
        """Finish a move that is under way. May be called twice."""
        self._thread.shutdown()

    def _move(self) -> None:
        connection = self._database.raw_connection()
        try:
            before = 0
            for _ in range(ROUNDS):
                pages = _move(connection.driver_connection)
                if pages - before <= REST:
                    return
                before = pages
        finally:
            connection.close()


def _try(move: Callable[[], object]) -> None:
    try:
        move()
    except (SQLAlchemyError, sqlite3.Error) as error:
        log.warning("the write-ahead log was not moved into the database; it is tried again", exc_info=error)


def _move(driver: Any) -> int:
    """Move what readers do not need any more, and tell how many pages the log has."""
    _busy, pages, _moved = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)
