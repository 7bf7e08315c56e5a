"""SQLite: the one library through which this process speaks it, and whether it can lose what was committed.

Two copies of SQLite in one process must never have the same file open: where one closes it, the system lets go of the
other's locks. So nothing else imports `sqlite3` or `pysqlite3` (`tests/test_tidy.py` insists).

From 3.7.0 to 3.51.2 a checkpoint that begins right after one that has moved everything, while a commit begins the
write-ahead log anew, can take frames of the new log for moved ones: committed pages are lost. 3.51.3 has it mended, and
so have 3.50.7 and 3.44.6. Source: https://sqlite.org/wal.html#the_wal_reset_bug
"""

from typing import TYPE_CHECKING

from hanse_node.base.errors import CannotStart

if TYPE_CHECKING:
    import sqlite3 as driver
else:
    try:
        # It brings an SQLite of its own; the standard library's is the system's, which is years older.
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        # There is no wheel of it for every machine.
        import sqlite3 as driver

__all__ = ["STEP", "Version", "can_lose_commits", "driver", "verify_sqlite"]

Version = tuple[int, int, int]

FIRST_AFFECTED: Version = (3, 7, 0)
MENDED: Version = (3, 51, 3)
MENDED_BRANCHES: tuple[Version, ...] = ((3, 50, 7), (3, 44, 6))

STEP = (
    "Install one that is mended: pip install 'pysqlite3>=0.6' where it has a wheel, else a Python whose SQLite is "
    "3.51.3 or later"
)


def can_lose_commits(version: Version) -> bool:
    """Tell whether a release of SQLite can lose committed pages."""
    if any(version[:2] == branch[:2] and version >= branch for branch in MENDED_BRANCHES):
        return False
    return FIRST_AFFECTED <= version < MENDED


def verify_sqlite(version: Version | None = None) -> str:
    """Insist on an SQLite that keeps what was committed, and give its release.

    Args:
        version: the release; the driver's own, if nil.

    Raises:
        CannotStart: it is one that can lose commits.
    """
    version = driver.sqlite_version_info if version is None else version
    written = ".".join(map(str, version))
    if can_lose_commits(version):
        raise CannotStart(f"SQLite {written} can lose what was committed", STEP)
    return written
