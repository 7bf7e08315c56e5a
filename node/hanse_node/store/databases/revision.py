"""The number of a database's shape, and what this release makes of it: read before anything else of the database is.

Each step of `migrations` has a number. A number that this release does not know is of a newer one. A database of an
older shape is not changed where it stands: what it lacks follows from its entries, and `hanse node rebuild` makes it.
One that lacks no more than tables which begin empty is brought here by the next start.
"""

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hanse_ledger.values.releases import THIS
from hanse_node.base.errors import CannotStart
from hanse_node.store.databases.sqlite import driver

SHAPES = {
    "0001": "the first tables",
    "0002": "way marks",
    "0003": "published proofs",
    "0004": "payments in parts",
    "0005": "amounts that buyers accept, and credit notes",
    "0006": "officers of offices",
    "0007": "shipments",
    "0008": "inboxes of offices",
    "0009": "pledges",
    "0010": "titles",
    "0011": "lists by state",
    "0012": "consignments",
    "0013": "documents by the hash of their file",
    "0014": "lists of two",
    "0015": "lists under short names",
    "0016": "documents with their sealed files",
    "0017": "lists of what waits for whom",
    "0018": "webhooks",
    "0019": "the read log",
}
"""What this release knows, by its number, and what came with it: the newest stands last, and is what is written."""

REVISIONS = tuple(SHAPES)

BEGIN_EMPTY = frozenset({"0003", "0018", "0019"})
"""Steps that make tables which begin empty: a database that lacks no others is taken, and a start makes them."""

_TABLE = "alembic_version"
_QUERY = f"SELECT version_num FROM {_TABLE}"  # noqa: S608 — a name of this module's own
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"


def check_revision(found: str | None, *, rebuilding: bool = False) -> None:
    """Insist that a database has this release's shape, or one that a start makes it of, or none yet.

    Args:
        found: the number that stands in it; nil where there is no table of it.
        rebuilding: whether only entries are read, which older shapes have alike.

    Raises:
        CannotStart: it is of a newer release, or of an older shape. It names the release, or what is lacking, and what
            to do.
    """
    if found is None or found == REVISIONS[-1]:
        return
    if found not in REVISIONS:
        raise CannotStart(
            f"The database is of a newer release than {THIS} of Hanse: its shape is {found[:32]!r}, and this one knows "
            f"{REVISIONS[-1]}",
            "Nothing in it was changed. Use the release that wrote it, or a later one",
        )
    lacking = [revision for revision in REVISIONS[REVISIONS.index(found) + 1 :] if revision not in BEGIN_EMPTY]
    if lacking and not rebuilding:
        lacks = SHAPES[lacking[0]]
        raise CannotStart(
            f"The database is of before {lacks}: its shape is {found}, and this release writes {REVISIONS[-1]}",
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
