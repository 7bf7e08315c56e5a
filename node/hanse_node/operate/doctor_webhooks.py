"""Looking at a node's webhooks: which are paused, which fail, and whether each has its secret."""

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, inspect

from hanse_ledger.values.moments import moment_words
from hanse_node.base.bounds import WEBHOOKS
from hanse_node.base.errors import CannotStart
from hanse_node.operate.diagnosis import Findings, bad, good, warn
from hanse_node.operate.doctor_hanging import connect_readonly
from hanse_node.store.databases.database import SQLITE, open_database, store_errors
from hanse_node.store.tables import webhook
from hanse_node.webhooks.secretfiles import read_secrets

NAME = "webhooks"

_SELECT = "SELECT name, paused, reason, failing, attempts FROM webhook ORDER BY name"
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'webhook'"


def examine_webhooks(folder: Path, url: URL) -> Findings:
    """Look at the webhooks of a node, whose database is only read.

    Args:
        folder: the node's.
        url: the database, of this release's shape or one that a start brings to it.

    Raises:
        StoreFailed, sqlite3.Error: it cannot be read.
    """
    found = _found_in_file(Path(str(url.database))) if url.get_backend_name() == SQLITE else _found_in_server(url)
    if found is None:
        yield good(NAME, "none yet: the next start makes room for them")
        return
    for name, paused, reason, failing, attempts in found:
        try:
            read_secrets(folder, name)
        except CannotStart as error:
            yield bad(NAME, error.reason, error.next_step)
        if paused is not None:
            fix = f"See hanse webhook deliveries {name}; then: hanse webhook resume {name}, or remove it"
            yield warn(NAME, f"{name} is paused: {reason}", fix)
        elif failing is not None:
            fix = f"See what its receiver answers: hanse webhook deliveries {name}"
            yield warn(NAME, f"{name} fails since {moment_words(failing)}, {attempts} attempts", fix)
    yield good(NAME, f"{len(found)} of at most {WEBHOOKS}" if found else "none")


def _found_in_file(path: Path) -> list[Any] | None:
    with closing(connect_readonly(path)) as opened:
        if opened.execute(_IS_THERE).fetchone() is None:
            return None
        return list(opened.execute(_SELECT).fetchall())


def _found_in_server(url: URL) -> list[Any] | None:
    database = open_database(url)
    try:
        with store_errors(), database.connect() as connection, connection.begin():
            if webhook.name not in inspect(connection).get_table_names():
                return None
            return list(connection.exec_driver_sql(_SELECT).all())
    finally:
        database.dispose()
