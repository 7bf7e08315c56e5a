"""The shape of an SQLite file of others: the tables of a ledger, and nothing that would act when a node writes to it.

A trigger, a view or a constraint is a program, which runs within this node's own statements. No hash of rows shows it.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from hanse_node.base.errors import StoreFailed
from hanse_node.store.databases.database import SQLITE, migrate, open_database
from hanse_node.store.databases.sqlite import driver

SHOWN_LETTERS = 64

Parts = Mapping[tuple[str, str], str]
"""Everything that a database holds beside rows: kind and name, and the statement that made it, without white space."""


def verify_shape(path: Path, how: str = "mode=ro") -> None:
    """Insist that a file holds tables of a ledger and nothing else. What is missing is found later.

    Args:
        path: the file. It is only read, and of it the list of its parts alone.
        how: how SQLite opens it; `immutable=1` leaves no file beside it.

    Raises:
        StoreFailed: it is no SQLite file, or something else stands in it.
    """
    try:
        with closing(driver.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as opened:
            verify_parts(opened)
    except (driver.Error, TypeError) as error:
        raise StoreFailed(f"it is no database: {error}") from error


def verify_parts(opened: "driver.Connection") -> None:
    """Insist that a database that is open holds tables of a ledger and nothing else.

    Raises:
        StoreFailed: something else stands in it.
    """
    found, own = _parts(opened), _own_parts()
    for part, made_by in found.items():
        if own.get(part) != made_by:
            kind, name = part
            raise StoreFailed(f"the {kind} {name[:SHOWN_LETTERS]!r} is no part of a ledger")


@cache
def _own_parts() -> Parts:
    """Give the parts of a database of this release: steps only ever add some."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shape.db"
        engine = open_database(URL.create(SQLITE, database=str(path)), lasting=False)
        try:
            migrate(engine)
        finally:
            engine.dispose()
        with closing(driver.connect(path)) as opened:
            return _parts(opened)


def _parts(opened: "driver.Connection") -> Parts:
    rows = opened.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(str(kind), str(name)): re.sub(r"\s", "", made_by or "") for kind, name, made_by in rows}
