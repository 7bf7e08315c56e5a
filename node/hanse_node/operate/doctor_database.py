"""What `hanse doctor` says of a node's database, whichever it is."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from hanse_ledger.blocks.block import Tip
from hanse_ledger.values.types import Moment
from hanse_node.base.errors import StoreFailed
from hanse_node.lifecycle.copying import kept_schemas
from hanse_node.operate.diagnosis import Diagnosis, Findings, bad, good, size_in_words, warn
from hanse_node.operate.doctor_hanging import connect_readonly
from hanse_node.queries.voting import ahead_words
from hanse_node.store.databases.database import SQLITE, open_database, store_errors
from hanse_node.store.databases.revision import check_revision, revision_of
from hanse_node.store.databases.shape import verify_parts
from hanse_node.store.headform import decode_head
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements
from hanse_node.store.tables import entry

LARGE_LOG_BYTES = 512 * 1024 * 1024
CLOCK_FIX = "Set the clock of the machine that is wrong: run NTP"

Look = Generator[Diagnosis, None, Tip | None]
"""What is found, one after the other; and where the ledger stands, where that could be read."""


def examine_database(url: URL, now: Moment) -> Look:
    """Look at a ledger's database without changing it; `now` is the present in milliseconds since 1970.

    Raises as the driver does, and CannotStart for a database of another release.
    """
    if url.get_backend_name() != SQLITE:
        return (yield from _server(url, now))
    return (yield from _file(Path(str(url.database)), now))


def _server(url: URL, now: Moment) -> Look:
    """Look at a ledger in PostgreSQL."""
    database = open_database(url)
    try:
        with store_errors(), database.connect() as connection, connection.begin():
            check_revision(revision_of(connection))
            reads = Reads(connection, Statements(database.dialect))
            head, entries = standing_head(reads), reads.count(entry)
            size = reads.database_bytes()
    except StoreFailed as error:
        fix = "Start PostgreSQL, or correct `database`; a new node makes its tables at its first start"
        yield bad("database", str(error), fix)
        return None
    finally:
        database.dispose()
    yield _whole(head, entries, f"{size_in_words(size)} in PostgreSQL")
    yield from _clock(head, now)
    kept = kept_schemas(url)
    if kept:
        yield warn("leftovers", ", ".join(kept), "Drop these schemas once the node runs well")
    return head


def _file(path: Path, now: Moment) -> Look:
    """Look at a ledger in an SQLite file."""
    if not path.exists():
        yield warn("database", "there is none yet", "Start the node; if it has run, bring its database back")
        return None
    log = path.with_name(path.name + "-wal")
    with closing(connect_readonly(path)) as opened:
        try:
            verify_parts(opened)
        except StoreFailed as error:
            fix = "Find out who put it there; restore a backup, or run: hanse node rebuild"
            yield bad("database", str(error), fix)
            return None
        release = opened.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        check_revision(release)
        parts = [row[0] for row in opened.execute("SELECT data FROM head ORDER BY id")]
        (entries,) = opened.execute("SELECT coalesce(max(position) + 1, 0) FROM entry").fetchone()
    if len(parts) != len((HEAD_ID, MEMBERS_ID)):
        yield bad("database", "its head is not whole", "Run: hanse node rebuild")
        return None
    head = decode_head(*parts)
    yield _whole(head, entries, f"schema {release}")
    yield from _clock(head, now)
    if log.exists() and log.stat().st_size > LARGE_LOG_BYTES:
        fix = "End whoever reads the database for hours: an audit, a backup, a shell"
        yield warn("write-ahead log", size_in_words(log.stat().st_size), fix)
    return head


def _whole(head: Tip, entries: int, form: str) -> Diagnosis:
    """Say whether the database holds as many entries as its head covers."""
    if entries != head.size:
        return bad("database", f"its head says {head.size} entries, it holds {entries}", "Run: hanse node rebuild")
    return good("database", f"{head.size} entries, {head.objects_count} objects, {form}")


def _clock(head: Tip, now: Moment) -> Findings:
    """Say where the ledger is ahead of the present."""
    if ahead := ahead_words(head.time, head.time - now, head.membership):
        yield warn("clock", ahead.removesuffix("."), CLOCK_FIX)
