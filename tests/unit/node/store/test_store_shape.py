"""Databases of others: what stands in one beside rows would run within this node's own statements."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import URL

from hanse_ledger.values.jsonform import encode_json
from hanse_node.base.errors import StoreFailed
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import audit_database
from hanse_node.lifecycle.backup import DATABASE, MANIFEST, BackedUp, BackupDamaged, Manifest, make_backup, read_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import restore
from hanse_node.operate.doctor import examine
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import GENESIS, HOUR, PARTIES, START, commit, fixed_clock, make_folder

NOW = START + HOUR


def quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Give a backup of a node."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, fixed_clock())
        commit(store, *PARTIES, sign=signer.sign)
        store.close()
    make_backup(path, tmp_path / "backup", NOW, quiet, None)
    return tmp_path / "backup"


VIEWS = (
    "ALTER TABLE alembic_version RENAME TO old; CREATE VIEW alembic_version AS SELECT '9999' AS version_num",
    "ALTER TABLE entry RENAME TO old; CREATE VIEW entry AS SELECT * FROM old",
    "ALTER TABLE head RENAME TO old; CREATE VIEW head AS SELECT * FROM old",
)
"""Programs in the place of tables: these end, and say what reads them; another one does not end."""


def forge(backup: Path, statements: str) -> None:
    """Run statements in a backup's database, and have its manifest say that it is so."""
    path = backup / DATABASE
    database = driver.connect(path)
    database.execute("PRAGMA writable_schema = ON")
    database.executescript(statements)
    database.commit()
    database.close()
    manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    kept = BackedUp(bytes=path.stat().st_size, sha256=sha256(path.read_bytes()).digest())
    made = msgspec.structs.replace(manifest, files={**manifest.files, DATABASE: kept})
    (backup / MANIFEST).write_bytes(encode_json(made))


@pytest.mark.parametrize("statement", VIEWS)
@pytest.mark.parametrize("still", [True, False])
def test_an_audit_runs_no_program_of_a_database(backup: Path, statement: str, *, still: bool) -> None:
    """An auditor who is handed a folder asks its tables, and no view that stands in the place of one."""
    url = URL.create("sqlite", database=str(backup / DATABASE))
    assert audit_database(url, GENESIS, still=still).difference is None
    forge(backup, statement)
    with pytest.raises(StoreFailed, match="is no part of a ledger"):
        audit_database(url, GENESIS, still=still)


@pytest.mark.parametrize(
    "statement",
    [
        *VIEWS,
        "CREATE TRIGGER t AFTER INSERT ON checkpoint BEGIN DELETE FROM entry WHERE position = 3; END",
        "CREATE TABLE more (a BLOB)",
        "CREATE UNIQUE INDEX one ON entry (leaf)",
        "CREATE VIEW all_of_it AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n",
        "UPDATE sqlite_master SET sql = replace(sql, 'BLOB NOT NULL', 'BLOB NOT NULL CHECK (position < 90)')"
        " WHERE name = 'entry'",
    ],
)
def test_a_database_that_acts_by_itself_is_refused(backup: Path, tmp_path: Path, statement: str) -> None:
    """Whoever made a backup may have put a trigger, a constraint or anything else beside the rows: it is not taken."""
    read_backup(backup, quiet)
    forge(backup, statement)
    with pytest.raises(BackupDamaged, match="is no part of a ledger"):
        restore(
            backup,
            tmp_path / "new",
            own=Own(keys=tmp_path / "node" / "keys"),
            known=(),
            nothing_signed_since=True,
            now=NOW,
            progress=quiet,
            processes=None,
        )
    assert not (tmp_path / "new").exists()


def test_a_doctor_names_what_acts_by_itself(backup: Path, tmp_path: Path) -> None:
    """It looks at the list of a database's parts first, and asks nothing that is no table of a ledger."""
    node = tmp_path / "node"
    assert any(each.seen.startswith("4 entries") for each in examine(node, {}, NOW) if each.name == "database")
    forge(backup, VIEWS[0])
    (node / DATABASE).write_bytes((backup / DATABASE).read_bytes())
    found = [each.seen for each in examine(node, {}, NOW) if each.name == "database"]
    assert len(found) == 1
    assert found[0].endswith("is no part of a ledger")
