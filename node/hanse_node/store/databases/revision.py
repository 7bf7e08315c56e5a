"""The number of a database's shape, and what this release makes of it: read before anything else of the database is.

Each step of `migrations` has a number. A number that this release does not know is of a newer one. A ledger of before
way marks is not changed where it stands: its marks follow from its entries, and `hanse node rebuild` makes them.
"""

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hanse_ledger.values.releases import THIS
from hanse_node.base.errors import CannotStart
from hanse_node.store.databases.sqlite import driver

REVISIONS = ("0001", "0002")
"""What this release knows, the newest last: it writes that."""

_TABLE = "alembic_version"
_QUERY = f"SELECT version_num FROM {_TABLE}"  # noqa: S608 — a name of this module's own
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"


def check_revision(found: str | None, *, rebuilding: bool = False) -> None:
    """Insist that a database has this release's shape, or none yet.

    Args:
        found: the number that stands in it; nil where there is no table of it.
        rebuilding: whether only entries are read, which older shapes have alike.

    Raises:
        CannotStart: it is of a newer release, or of before way marks. It names the release and what to do.
    """
    if found is None or found == REVISIONS[-1]:
        return
    if found not in REVISIONS:
        raise CannotStart(
            f"The database is of a newer release than {THIS} of Hanse: its shape is {found[:32]!r}, and this one knows "
            f"{REVISIONS[-1]}",
            "Nothing in it was changed. Use the release that wrote it, or a later one",
        )
    if not rebuilding:
        raise CannotStart(
            f"The database is of before way marks: its shape is {found}, and this release writes {REVISIONS[-1]}",
            "Nothing in it was changed. Run: hanse node rebuild, which writes it anew from its entries",
        )


def revision_of(connection: Connection) -> str | None:
    """Read a database's number; nil where there is none."""
    # A view of that name is a program of whoever made the database, and is not asked.
    if _TABLE not in inspect(connection).get_table_names():
        return None
    return connection.execute(text(_QUERY)).scalar()


def revision_of_file(path: Path, how: str = "mode=ro") -> str | None:
    """Read the number of an SQLite file, without changing it. Raises the driver's errors."""
    with closing(driver.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as opened:
        if opened.execute(_IS_THERE, (_TABLE,)).fetchone() is None:
            return None
        row = opened.execute(_QUERY).fetchone()
    return None if row is None else str(row[0])
