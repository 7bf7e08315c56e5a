"""The doctor's look at all objects: it keeps nothing from the node, and is not misled by one that starts meanwhile."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, insert

from hanse_ledger.kinds.object import Object
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.operate import doctor_hanging
from hanse_node.operate.doctor_hanging import all_objects
from hanse_node.store.databases.database import migrate, open_database, writing
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.index.objects import object_
from tests.world.node_ledger import PARTIES, commit, fixed_clock, invoice, make_folder

CLOCK = fixed_clock()
COUNT = 400


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the database of a node that was stopped in good order."""
    path = make_folder(tmp_path_factory.mktemp("kept") / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, *PARTIES, *(invoice(number) for number in range(COUNT - 2)), sign=signer.sign)
        store.close()
    return (path / "ledger.db").read_bytes()


@pytest.fixture
def ledger(tmp_path: Path, kept: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of it, read in many small pages."""
    monkeypatch.setattr(doctor_hanging, "PAGE", 50)
    path = tmp_path / "ledger.db"
    path.write_bytes(kept)
    return path


def objects(path: Path) -> Iterator[Object]:
    """Read a database as the doctor does."""
    return all_objects(URL.create("sqlite", database=str(path)))


def begin(path: Path) -> driver.Connection:
    """Open a database as a node does: with a write-ahead log beside it."""
    writer = driver.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL").close()
    writer.execute("PRAGMA synchronous = OFF").close()
    return writer


def turn_round(writer: driver.Connection) -> None:
    """Write every object in another's place, with other pages between them, and move all of it into the file."""
    writer.execute("BEGIN")
    values = writer.execute("SELECT number, data, leaf FROM object ORDER BY number").fetchall()
    writer.execute("DELETE FROM object")
    writer.execute("CREATE TABLE filler (data BLOB)")
    for (number, _, _), (_, data, leaf) in zip(values, reversed(values), strict=True):
        writer.execute("INSERT INTO filler VALUES (?)", (bytes(5_000),))
        writer.execute("INSERT INTO object VALUES (?, ?, ?)", (number, data, leaf))
    writer.execute("COMMIT")
    assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_a_running_nodes_log_is_not_held(ledger: Path) -> None:
    """Between two pages the log is moved whole, and begun anew."""
    with closing(begin(ledger)) as writer:
        writer.execute("UPDATE object SET leaf = randomblob(32)")
        reading = objects(ledger)
        first = next(reading)
        busy, _, _ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0, "the look holds the log"
        assert len({each.id for each in (first, *reading)}) == COUNT


def test_a_node_that_starts_meanwhile_misleads_nobody(ledger: Path) -> None:
    """What is read after it has written is what it has written: no torn page, and no object that is damaged."""
    before = [each.id for each in objects(ledger)]
    reading = objects(ledger)
    found = [next(reading).id for _ in range(120)]  # amid the third page
    with closing(begin(ledger)) as writer:
        turn_round(writer)
        found += [each.id for each in reading]
    assert found == before[:150] + before[::-1][150:]


def test_a_node_that_starts_within_a_page_misleads_nobody(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is read again."""
    before = [each.id for each in objects(ledger)]
    real, writers = doctor_hanging._connect, list[driver.Connection]()

    def connect(path: Path, **how: Any) -> driver.Connection:
        opened = real(path, **how)
        if not writers:
            opened.execute("SELECT count(*) FROM object").fetchone()  # some of the pages are known to it already
            writers.append(begin(path))
            turn_round(writers[0])
        return opened

    monkeypatch.setattr(doctor_hanging, "_connect", connect)
    assert [each.id for each in objects(ledger)] == before[::-1]
    writers[0].close()


def test_what_never_stands_still_could_not_be_read(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that starts and stops all the time is no damage."""
    real = doctor_hanging._connect

    def connect(path: Path, **how: Any) -> driver.Connection:
        opened = real(path, **how)
        with closing(begin(path)) as writer:
            writer.execute("UPDATE object SET leaf = randomblob(32)")
        return opened

    monkeypatch.setattr(doctor_hanging, "_connect", connect)
    with pytest.raises(CannotStart, match="could not be checked"):
        list(objects(ledger))


def test_what_is_damaged_is_said(ledger: Path) -> None:
    """Nobody writes, and an object is none: then it is damage."""
    with closing(driver.connect(ledger)) as writer:
        writer.execute("UPDATE object SET data = x'00' WHERE number = 70")
        writer.commit()
    before = ledger.read_bytes()
    with pytest.raises(StoreFailed, match="object 70 is damaged"):
        list(objects(ledger))
    assert ledger.read_bytes() == before
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.db"]


def test_a_servers_objects_are_read_in_pages_too(ledger: Path, postgres: URL) -> None:
    """PostgreSQL gives the same objects, and no transaction stands between two pages."""
    with closing(driver.connect(ledger)) as opened:
        kept = opened.execute("SELECT number, data, leaf FROM object").fetchall()
    database = open_database(postgres)
    migrate(database)
    with writing(database) as connection, connection.begin():
        rows = [dict(zip(("number", "data", "leaf"), row, strict=True)) for row in kept]
        connection.execute(insert(object_), rows)
    reading = all_objects(postgres)
    found = [next(reading).id]
    with database.connect() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xmin IS NOT NULL"
        assert connection.exec_driver_sql(asked).scalar_one() == 1, "its own alone"
    database.dispose()
    found += [each.id for each in reading]
    assert found == [each.id for each in objects(ledger)]
