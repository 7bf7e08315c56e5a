"""What holds of a store in an SQLite file alone."""

from itertools import pairwise
from pathlib import Path
from threading import Semaphore, current_thread, main_thread
from time import sleep
from typing import Any

import pytest
from sqlalchemy import URL

from hanse_ledger.blocks.block import Block
from hanse_node.base.errors import StoreFailed
from hanse_node.store.databases import wal
from hanse_node.store.databases.database import AUTOMATIC_PAGES, open_database
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.sql import SqlLedgerStore
from tests.world.node_ledger import (
    PARTIES,
    build,
    commit,
    invoice,
    look,
)


def test_commits_are_durable_settings(tmp_path: Path) -> None:
    """SQLite is told to write ahead, to force each commit to disk, and to keep foreign keys."""
    database = open_database(URL.create("sqlite", database=str(tmp_path / "ledger.db")))
    with database.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 2, 1, 64000]
    database.dispose()


def test_the_write_ahead_log_is_moved_beside_the_writer(
    lite: SqlLedgerStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite begins the log anew again and again, though the writer never stops: it does not grow with the ledger."""
    monkeypatch.setattr(wal, "CHANGES", 5)
    log = tmp_path / "ledger.db-wal"
    commit(lite, *PARTIES)
    beginnings = {log.read_bytes()[16:24]}
    for number in range(200):
        commit(lite, invoice(number))
        beginnings.add(log.read_bytes()[16:24])
    assert len(beginnings) > 2, "the salt in its header changes with each beginning"
    assert log.stat().st_size < 4 * 1024 * 1024


def test_a_log_of_single_records_is_moved_in_time(lite: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit is reckoned as ten pages besides what it changes: without them such a log would be thrice as long."""
    begun, wanted = list[int](), list[int]()
    done: list[Block] = []
    monkeypatch.setattr(wal, "CHANGES", 600)
    monkeypatch.setattr(wal.Mover, "_begin", lambda *_given: begun.append(len(done)))
    reckoned = 0
    for number in range(100):
        done.append(commit(lite, *(() if number else PARTIES), invoice(number)))
        reckoned += 10 + len(done[-1].entries) + len(done[-1].objects) + len(done[-1].claims)
        if reckoned >= 600:
            wanted.append(number)
            reckoned = 0
    assert len(wanted) > 1
    assert begun == wanted


def test_one_checkpoint_runs_at_a_time_and_none_begins_with_nothing_to_move(
    lite: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each begins after a commit that none has seen, so that no commit can begin the log anew while one runs."""
    real, under_way, begun_at = wal._move, Semaphore(1), [0]
    automatic: list[int] = []  # what the writer would move by itself, while a checkpoint runs beside it
    together: list[int] = []
    told = [AUTOMATIC_PAGES]
    tell = wal._automatic

    def keep(connection: Any, pages: int) -> None:
        told.append(pages)
        tell(connection, pages)

    def move(connection: Any) -> int:
        begun_at.append(lite.head.size)
        if not under_way.acquire(blocking=False):
            together.append(lite.head.size)
            return real(connection)
        try:
            if current_thread() is not main_thread():
                automatic.append(told[-1])
                sleep(0.002)  # the writer goes on
            return real(connection)
        finally:
            under_way.release()

    monkeypatch.setattr(wal, "CHANGES", 5)
    monkeypatch.setattr(wal, "REST", -1_000_000)
    monkeypatch.setattr(wal, "_move", move)
    monkeypatch.setattr(wal, "_automatic", keep)
    commit(lite, *PARTIES)
    for number in range(100):
        commit(lite, invoice(number))
    lite.close()
    assert len(begun_at) > 3 * wal.ROUNDS
    assert not together, "two checkpoints ran at once"
    assert set(automatic) == {0}, "a commit could move the log while a checkpoint runs"
    assert all(before < after for before, after in pairwise(begun_at)), begun_at


def test_a_log_that_cannot_be_moved_hinders_nobody(
    lite: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said, and the commits go on: what is not moved now is moved later."""

    def fail(_driver: object) -> int:
        raise driver.OperationalError("disk I/O error")

    monkeypatch.setattr(wal, "CHANGES", 5)
    monkeypatch.setattr(wal, "_move", fail)
    commit(lite, *PARTIES)
    for number in range(20):
        commit(lite, invoice(number))
    lite.close()
    assert lite.head.size == 1 + 3 + 20 * 2
    assert "was not moved" in caplog.text


def test_a_full_disk_changes_nothing(lite: SqlLedgerStore) -> None:
    """When the database cannot grow, the group is refused whole, and nothing in memory has moved."""
    commit(lite, *PARTIES)
    before, root = lite.head, lite.trees.objects.root()
    pages = lite._writer.exec_driver_sql("PRAGMA page_count").scalar()
    lite._writer.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    lite._writer.rollback()
    group = build(lite, *(invoice(number) for number in range(200)))
    with pytest.raises(StoreFailed, match="full"):
        lite.append(group)
    assert (lite.head, lite.trees.objects.root()) == (before, root)
    assert look(lite).find_record(invoice(0).id) is None
    with lite.present() as view:
        assert view.standing == before
