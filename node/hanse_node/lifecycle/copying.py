"""A ledger's tables from one database into another: from PostgreSQL into a file, as of one moment, and back.

A backup is an SQLite file whatever the node stores in, so that it is checked and audited the same.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, insert, inspect, select, text

from hanse_ledger.values.types import Moment
from hanse_node.store.databases.database import SQLITE, migrate, open_database, store_errors, writing
from hanse_node.store.databases.revision import check_revision, revision_of
from hanse_node.store.index import TABLES
from hanse_node.store.reads import ROWS_READ, Reads
from hanse_node.store.statements import Statements
from hanse_node.store.tables import entry, publication, read_row, webhook, webhook_delivery

Copied = Callable[[str, int, int], None]
"""Told what is done, how much of it, and how much there is."""


def copy_out(source: URL, target: Path, progress: Copied) -> None:
    """Copy a ledger from PostgreSQL into a new SQLite file. Raises StoreFailed, CannotStart."""
    with _between(source, URL.create(SQLITE, database=str(target))) as (reading, connection):
        _copy(reading, connection, progress)


def copy_in(source: Path, target: URL, now: Moment, progress: Copied) -> None:
    """Put an SQLite file's ledger in the place of the one in PostgreSQL; the old tables are kept in a schema beside.

    All or nothing; durable on return.

    Args:
        source: the file.
        target: the database.
        now: the present in milliseconds since 1970: the schema is named `before_<now>`.
        progress: see `Copied`.

    Raises:
        StoreFailed, CannotStart: a database cannot be used. Nothing has changed.
    """
    with _between(URL.create(SQLITE, database=str(source)), target) as (reading, connection):
        connection.execute(text(f"CREATE SCHEMA before_{now:d}"))
        for table in TABLES.sorted_tables:
            name = connection.dialect.identifier_preparer.quote(table.name)
            connection.execute(text(f"ALTER TABLE {name} SET SCHEMA before_{now:d}"))
        TABLES.create_all(connection)
        _copy(reading, connection, progress)
        # The point of no return is the commit: a crash before it leaves everything as it was.


@contextmanager
def read_entries_of(source: URL) -> Iterator[tuple[Iterator[bytes], int]]:
    """Read the entries of a database of which nothing else is believed. Raises StoreFailed."""
    with _opened(source) as old, store_errors(), old.connect() as connection, connection.begin():
        check_revision(revision_of(connection), rebuilding=True)
        reads = Reads(connection, Statements(old.dialect))
        rows = reads.rows(select(entry.c.data).order_by(entry.c.position))
        yield (bytes(row[0]) for row in rows), reads.count(entry)


def kept_schemas(source: URL) -> list[str]:
    """List the schemas in which `copy_in` has kept older tables. Raises StoreFailed."""
    with _opened(source) as old, store_errors():
        return sorted(name for name in inspect(old).get_schema_names() if name.startswith("before_"))


@contextmanager
def _between(source: URL, target: URL) -> Iterator[tuple[Connection, Connection]]:
    """Open one database for reading, as of one moment, and the other, migrated, for writing in one transaction."""
    with ExitStack() as opened:
        old = opened.enter_context(_opened(source))
        new = opened.enter_context(_opened(target, fresh=True))
        opened.enter_context(store_errors())
        reading, connection = opened.enter_context(old.connect()), opened.enter_context(writing(new))
        opened.enter_context(reading.begin())
        check_revision(revision_of(reading))
        opened.enter_context(connection.begin())
        yield reading, connection


@contextmanager
def _opened(url: URL, *, fresh: bool = False) -> Iterator[Engine]:
    database = open_database(url)
    try:
        if fresh:
            migrate(database, replaced=True)
        yield database
    finally:
        database.dispose()


BESIDE = {
    publication: "published proofs",
    read_row: "rows of the read log",
    webhook: "webhooks",
    webhook_delivery: "deliveries to webhooks",
}
"""The tables that follow from no entry, and what stands in them."""


def carry(table: Table, source: URL, target: URL) -> int:
    """Copy one of the tables of `BESIDE` into another database, where it is empty; say how many rows it has.

    A ledger that is rebuilt has them from the database in whose place it comes.

    Raises:
        StoreFailed, CannotStart: a database cannot be read or written. Nothing was copied.
    """
    old, new = open_database(source), open_database(target)
    try:
        with store_errors(), old.connect() as reading, writing(new) as connection, reading.begin(), connection.begin():
            if table.name not in inspect(reading).get_table_names():  # a view would be a program
                return 0
            return _copy_table(table, reading, connection, lambda _words, _done, _total: None)
    finally:
        old.dispose()
        new.dispose()


def _copy(source: Connection, target: Connection, progress: Copied) -> None:
    known = set(inspect(source).get_table_names())
    for table in TABLES.sorted_tables:
        # One that a start would have made empty: see `revision`.
        if table.name in known:
            _copy_table(table, source, target, progress)


def _copy_table(table: Table, source: Connection, target: Connection, progress: Copied) -> int:
    total, done = Reads(source, Statements(source.dialect)).count(table), 0
    query = select(table).execution_options(yield_per=ROWS_READ)
    with source.execute(query) as found:
        for part in found.mappings().partitions():
            rows: list[dict[str, Any]] = [dict(row) for row in part]
            target.execute(insert(table), rows)
            done += len(rows)
            progress(f"rows of {table.name} copied", done, total)
    return done
