"""Opening the database: how SQLite is told to keep its promises (for PostgreSQL see `postgres`), and the migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from hanse_io.durable import SECRET_MODE
from hanse_ledger.values.errors import Damaged
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.store.databases import postgres
from hanse_node.store.databases.revision import check_revision, revision_of
from hanse_node.store.databases.sqlite import driver, verify_sqlite

CACHE_KIB = 65_536
BUSY_MS = 5_000
AUTOMATIC_PAGES = 64_000
"""SQLite moves its log by itself, in each commit, once it has so many pages of 4 KiB: as far as no reader needs it."""
READERS = 8
"""Connections kept for readers, beside the writer's own and the mover's; more readers wait for one to come free."""

SQLITE, POSTGRESQL = "sqlite", "postgresql"

WRITES = "hanse_writes"
"""An execution option: this connection's transactions take the write lock when they begin."""

_JOURNAL = "PRAGMA journal_mode = WAL"
"""It stays in the file: whoever says it changes the file's first page."""

_PRAGMAS = (
    # A commit is on disk when it returns: what was acknowledged survives a loss of power.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # 260 MB: long before, the log is moved beside the writer (see `moving`, also for what no checkpoint can do).
    f"PRAGMA wal_autocheckpoint = {AUTOMATIC_PAGES}",
    f"PRAGMA busy_timeout = {BUSY_MS}",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA temp_store = MEMORY",
)


DRIVER_ERRORS: tuple[type[Exception], ...] = (driver.Error, *postgres.DRIVER_ERRORS)


class Sizes(NamedTuple):
    """Bytes: of the database's file, of its write-ahead log, and free on its disk; nil where it cannot be told."""

    database: int
    log: int | None
    free: int | None


def open_database(url: URL, *, lasting: bool = True, still: bool = False) -> Engine:
    """Make the engine for an SQLite file, or a database of PostgreSQL. Nothing is opened yet.

    Args:
        url: the file, or the database.
        lasting: whether a commit is on disk when it returns. What can be made anew need not be; it stays whole.
        still: whether it is a file that nobody writes, such as a backup's: it is read, and not one byte of it changes.

    Raises:
        CannotStart: PostgreSQL's driver is not installed, or SQLite is one that can lose commits.
    """
    if url.get_backend_name() == POSTGRESQL:
        return postgres.open_postgres(url, connections=READERS + 2, writes=WRITES)
    verify_sqlite()
    # Parameters are content, and an error's text ends in a log.
    if still:
        place = Path(str(url.database)).absolute().as_uri()
        url = URL.create(SQLITE, database=place, query={"immutable": "1", "uri": "true"})
    engine = create_engine(
        url, module=driver, hide_parameters=True, poolclass=QueuePool, pool_size=READERS + 2, max_overflow=0
    )
    event.listen(engine, "connect", _prepare_still if still else _prepare)
    if not lasting:
        event.listen(engine, "connect", _relax)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    # The driver would begin transactions when it sees fit; `_begin` does it instead, so that reads stand in them too.
    connection.isolation_level = None
    for pragma in (_JOURNAL, *_PRAGMAS):
        connection.execute(pragma).close()


def _prepare_still(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _relax(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    # Past SQLAlchemy, whose way to the driver costs several times what the statement does.
    driven: Any = connection.connection.driver_connection
    driven.execute("BEGIN IMMEDIATE" if writes else "BEGIN").close()


def writing(engine: Engine) -> Connection:
    """Open a connection whose transactions write: each sees what was committed when it got the lock to write."""
    options: dict[str, Any] = {WRITES: True}
    if engine.dialect.name == POSTGRESQL:
        options["isolation_level"] = "READ COMMITTED"
    return engine.connect().execution_options(**options)


def file_sizes(path: Path) -> Sizes:
    """Measure an SQLite file, and what stands beside it. Raises StoreFailed."""
    log = path.with_name(path.name + "-wal")
    try:
        return Sizes(path.stat().st_size, log.stat().st_size if log.exists() else 0, disk_usage(path.parent).free)
    except OSError as error:
        raise StoreFailed(f"the database's file cannot be seen: {error.strerror}") from error


def migrate(engine: Engine, *, replaced: bool = False) -> None:
    """Bring the database to this release's shape.

    Args:
        engine: the database.
        replaced: whether all that it holds is about to be written anew, so that it may be of an older shape.

    Raises:
        CannotStart: the database cannot be opened, or is of another release (see `revision`).
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    try:
        if engine.dialect.name == SQLITE:
            # What SQLite keeps beside a database has the database's own rights.
            Path(str(engine.url.database)).touch(SECRET_MODE)
        with writing(engine) as connection, connection.begin():
            check_revision(revision_of(connection), rebuilding=replaced)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise CannotStart(f"The database cannot be made: {error}", "Install this release anew, whole") from error
    except (SQLAlchemyError, OSError) as error:
        raise CannotStart(
            f"The database cannot be opened: {error}", "Check the file, its folder's rights and the free space"
        ) from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the database library's errors, and what the ledger says of damaged rows, into StoreFailed."""
    try:
        yield
    except Damaged as error:
        raise StoreFailed(str(error)) from error
    except DBAPIError as error:
        raise StoreFailed(f"the database failed: {error.orig}") from error.orig
    except DRIVER_ERRORS as error:  # of a statement that went to the driver itself
        raise StoreFailed(f"the database failed: {error}") from error
    except PoolTimeout as error:
        raise StoreFailed("every connection to the database is in use") from error
