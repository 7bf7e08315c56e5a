"""Backups that an earlier audit has opened: taken where nothing else has changed."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import audit, audit_database
from hanse_node.lifecycle.backup import BackupDamaged, make_backup, read_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import restore
from tests.world.node_ledger import GENESIS, HOUR, PARTIES, START, commit, fixed_clock, invoice, make_folder

CLOCK = fixed_clock()
NOW = START + HOUR


def quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


def test_a_backup_that_was_audited_before_audits_wrote_nothing_is_taken(tmp_path: Path) -> None:
    """The first page then said another journal mode, and one change more: that alone, and no other bit."""
    node, backup, new = tmp_path / "node", tmp_path / "backup", tmp_path / "new"
    with open_folder(make_folder(node), {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, *PARTIES, invoice(1), sign=signer.sign)
        store.close()
    made = make_backup(node, backup, NOW, quiet, 0)
    database = backup / "ledger.db"
    before = database.read_bytes()
    audit_database(URL.create("sqlite", database=str(database)), GENESIS)
    after = database.read_bytes()
    assert [at for at in range(len(before)) if before[at] != after[at]] == [18, 19, 27, 95]
    assert read_backup(backup, quiet)[0] == made
    own = Own(keys=node / "keys")
    restore(backup, new, own=own, known=(), nothing_signed_since=True, now=NOW, progress=quiet, processes=0)
    with open_folder(new, {}) as folder:
        store, _ = start_ledger(folder, CLOCK)
        assert audit(store).difference is None
        store.close()
    for place in (16, 18, 27, 95, 99, 100, 4_096, len(after) - 1):
        changed = bytearray(after)
        changed[place] ^= 1
        database.write_bytes(changed)
        with pytest.raises(BackupDamaged, match=r"ledger\.db is damaged"):
            read_backup(backup, quiet)
    database.write_bytes(after)
    (backup / "ledger.db-wal").write_bytes(b"x")
    with pytest.raises(BackupDamaged, match=r"ledger\.db is damaged"):
        read_backup(backup, quiet)
