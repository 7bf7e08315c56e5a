"""PostgreSQL as a node's store: how it is told to keep the same promises as SQLite. Needs the extra `postgres`."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from hanse_node.base.errors import CannotStart

try:
    import psycopg
    from psycopg.pq import Format
except ImportError:  # the extra is not installed: `open_postgres` says so
    psycopg = None  # type: ignore[assignment]  # only ever asked whether it is there

DRIVER_ERRORS: tuple[type[Exception], ...] = () if psycopg is None else (psycopg.Error,)

WRITER_LOCK = 0x48414E5345
"""An advisory lock of this database: whoever writes holds it from the beginning of its transaction."""

CONNECT_SECONDS = 5
SETTINGS = {
    # A commit is on disk when it returns: what was acknowledged survives a loss of power.
    "synchronous_commit": "on",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10min",
    # Look-ups by key alone: the planner has nothing to find out.
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}


def open_postgres(url: URL, *, connections: int, writes: str) -> Engine:
    """Make the engine for a database of PostgreSQL. Nothing is opened yet.

    Args:
        url: the database; without a password, which libpq finds in its own files.
        connections: how many there are at most.
        writes: the execution option of connections that write.

    Raises:
        CannotStart: psycopg is not installed.
    """
    if psycopg is None:
        raise CannotStart("psycopg is not installed", "Install the extra: pip install 'hanse[node,postgres]'")

    class BinaryCursor(psycopg.Cursor[tuple[object, ...]]):
        """A cursor whose rows come in binary form: hashes would be written out in hexadecimal otherwise."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.format = Format.BINARY

    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # parameters are content, and an error's text ends in a log
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        paramstyle="format",
        # What a transaction reads is one state.
        isolation_level="REPEATABLE READ",
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, "cursor_factory": BinaryCursor},
    )

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(writes, False):
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (WRITER_LOCK,))

    event.listen(engine, "begin", begin)
    return engine
