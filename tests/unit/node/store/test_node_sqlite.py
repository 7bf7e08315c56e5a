"""SQLite's releases that can lose what was committed are refused, in words."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from hanse_node.base.errors import CannotStart
from hanse_node.main import run_node
from hanse_node.operate.doctor import examine
from hanse_node.store.databases import sqlite
from hanse_node.store.databases.database import open_database
from hanse_node.store.databases.sqlite import Version, can_lose_commits, driver, verify_sqlite
from tests.world.corridor_genesis import T0
from tests.world.node_ledger import make_folder


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False),  # before there was a write-ahead log
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 46, 1), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_affected_releases_are_told_from_mended_ones(version: Version, *, affected: bool) -> None:
    """Each branch is mended from its own release on."""
    assert can_lose_commits(version) is affected


def test_what_is_installed_keeps_what_was_committed() -> None:
    """The driver of this installation is a mended one."""
    assert verify_sqlite() == driver.sqlite_version


def test_an_affected_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No node starts on it, no database is opened with it, and doctor says what to do."""
    folder = make_folder(tmp_path / "node")
    monkeypatch.setattr(sqlite.driver, "sqlite_version_info", (3, 46, 1))
    with pytest.raises(CannotStart, match=r"SQLite 3\.46\.1 can lose what was committed") as refused:
        run_node(folder, port=0)
    assert "pysqlite3" in refused.value.next_step
    with pytest.raises(CannotStart, match="can lose"):
        open_database(URL.create("sqlite", database=str(tmp_path / "ledger.db")))
    (finding,) = (found for found in examine(folder, {}, T0) if found.name == "SQLite")
    assert (finding.level.value, finding.seen, finding.fix) == (
        "failure",
        refused.value.reason,
        refused.value.next_step,
    )
