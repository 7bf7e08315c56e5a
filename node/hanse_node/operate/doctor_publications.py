"""Looking at what a node publishes: how much there is room for, and whether it is renewed."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect

from hanse_ledger.values.moments import span_words
from hanse_ledger.values.types import Moment
from hanse_node.base.config import PublishedProofs
from hanse_node.operate.diagnosis import Findings, good, warn
from hanse_node.operate.doctor_hanging import connect_readonly
from hanse_node.publications.publishing import OVERDUE
from hanse_node.store.databases.database import SQLITE, open_database, store_errors
from hanse_node.store.tables import publication

NAME = "published proofs"

NEARLY_FULL = 0.9

_SELECT = "SELECT count(*), min(CASE WHEN ended IS NULL THEN renewed END) FROM publication"
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'publication'"

_Found = tuple[int, Moment | None]
"""How many rows there are, and when the oldest of those that stand was renewed."""


def examine_publications(url: URL, settings: PublishedProofs, now: Moment, *, running: bool) -> Findings:
    """Look at the published proofs of a database, which is only read.

    Args:
        url: the database, of this release's shape or one that a start brings to it.
        settings: how many there may be, and how often they are renewed.
        now: the present in milliseconds since 1970.
        running: whether the node runs, which renews them.

    Raises:
        StoreFailed, sqlite3.Error: it cannot be read.
    """
    found = _found_in_file(Path(str(url.database))) if url.get_backend_name() == SQLITE else _found_in_server(url)
    if found is None:
        yield good(NAME, "none yet: the next start makes room for them")
        return
    every, oldest = found
    if every >= NEARLY_FULL * settings.count and every:
        fix = "Give them more room: count in [publishing] of node.toml; what is withdrawn counts for 30 days"
        yield warn(NAME, f"{every} of at most {settings.count}", fix)
    if oldest is None:
        yield good(NAME, "none")
        return
    age = max(0, now - oldest)
    seen = f"{every} of at most {settings.count}; the oldest was renewed {span_words(age)} ago"
    if age <= 1_000 * OVERDUE * settings.renew_seconds:
        yield good(NAME, seen)
    elif running:
        yield warn(NAME, seen, "Look into the node's log: what was revoked since does not show in them")
    else:
        yield good(NAME, f"{seen}; a start renews them")


def _found_in_file(path: Path) -> _Found | None:
    with closing(connect_readonly(path)) as opened:
        if opened.execute(_IS_THERE).fetchone() is None:
            return None
        every, oldest = opened.execute(_SELECT).fetchone()
        return every, oldest


def _found_in_server(url: URL) -> _Found | None:
    database = open_database(url)
    try:
        with store_errors(), database.connect() as connection, connection.begin():
            if publication.name not in inspect(connection).get_table_names():
                return None
            every, oldest = connection.exec_driver_sql(_SELECT).one()
            return every, oldest
    finally:
        database.dispose()
