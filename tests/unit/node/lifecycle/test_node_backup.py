"""Backups: taken while the node writes, brought back whole, and never so that a node contradicts itself."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_ledger.tlog.checkpoint import Checkpoint
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.access.caller import ITSELF
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.lifecycle import backup as backups
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import AuditReport, audit, audit_database
from hanse_node.lifecycle.backup import (
    MANIFEST,
    BackupDamaged,
    BackupFailed,
    Manifest,
    check_copy,
    make_backup,
    read_backup,
)
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import Known, WouldContradict, read_known, rebuild_folder, restore
from hanse_node.queries.prove import View
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.sql import SqlLedgerStore
from tests.world.front import front
from tests.world.node_ledger import (
    DEFAULTS,
    GENESIS,
    HOUR,
    PARTIES,
    START,
    commit,
    fixed_clock,
    invoice,
    make_folder,
    party,
)

CLOCK = fixed_clock()
NOW = START + HOUR


def quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


def write(folder: NodeFolder, *numbers: int) -> tuple[int, str]:
    """Commit invoices on a node that starts and stops again; give its size and its newest checkpoint."""
    store, signer = start_ledger(folder, CLOCK)
    if store.head.size == 1:
        commit(store, *PARTIES, sign=signer.sign)
    commit(store, *(invoice(number, tagged=True) for number in numbers), sign=signer.sign)
    assert store.published is not None
    found = (store.head.size, store.published.note)
    store.close()
    return found


def bring_back(
    backup: Path,
    folder: Path,
    *,
    keys: Path | None = None,
    known: tuple[Known, ...] = (),
    nothing_signed_since: bool = False,
    processes: int | None = 0,
) -> Manifest:
    """Restore with these tests' defaults."""
    return restore(
        backup,
        folder,
        own=Own(keys=keys),
        known=known,
        nothing_signed_since=nothing_signed_since,
        now=NOW,
        progress=quiet,
        processes=processes,
    )


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give a node's folder with a few groups, stopped in good order."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        write(folder, *range(20))
    return path


@pytest.fixture
def backup(node: Path, tmp_path: Path) -> Path:
    """Give a backup of it."""
    make_backup(node, tmp_path / "backup", NOW, quiet, 0)
    return tmp_path / "backup"


@pytest.fixture
def running(node: Path) -> Iterator[SqlLedgerStore]:
    """Open the node's ledger, as a running node does."""
    with open_folder(node, {}) as folder:
        store, _ = start_ledger(folder, CLOCK)
        yield store
        store.close()


def everything(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_taken_while_the_node_writes(node: Path, tmp_path: Path) -> None:
    """The copy is the ledger as of one moment, whatever is committed while it is made."""
    told = set()
    with open_folder(node, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, *(invoice(number) for number in range(100, 400)), sign=signer.sign)
        size = store.head.size

        def write_on(words: str, _done: int, _total: int) -> None:
            if words not in told:
                told.add(words)
                commit(store, invoice(1_000 + len(told)), sign=signer.sign)

        made = make_backup(node, tmp_path / "backup", NOW, write_on, 0)
        store.close()
    assert told >= {"pages copied", "entries replayed", "bytes checked"}
    assert (made.size, made.audited, made.ledger) == (size, True, ledger_id(GENESIS))
    manifest, genesis, config = read_backup(tmp_path / "backup", quiet)
    assert (manifest, genesis) == (made, GENESIS)
    assert config.database == "sqlite:///ledger.db"
    names = {path.name for path in (tmp_path / "backup").iterdir()}
    assert names == {"backup.json", "genesis.msgpack", "ledger.db", "node.toml"}


def test_a_ledger_is_restored_on_a_new_machine(node: Path, backup: Path, tmp_path: Path) -> None:
    """With the keys, and the operator's word, a new folder holds the ledger, and goes on."""
    made = bring_back(backup, tmp_path / "new", keys=node / "keys", nothing_signed_since=True)
    with open_folder(tmp_path / "new", {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        assert store.head.size == made.size
        commit(store, invoice(500), sign=signer.sign)
        assert audit(store).difference is None
        store.close()
    assert (tmp_path / "new" / "keys" / "log.pem").stat().st_mode & 0o077 == 0


def test_what_is_replaced_is_kept(node: Path, backup: Path) -> None:
    """A restore over a damaged database leaves that beside the new one, with its log."""
    database = node / "ledger.db"
    database.write_bytes(b"\0" * 4_096 + database.read_bytes()[4_096:])
    damaged = database.read_bytes()
    with open_folder(node, {}) as folder, pytest.raises(CannotStart):
        start_ledger(folder, CLOCK)
    bring_back(backup, node)
    assert (node / f"ledger.db.before-{NOW}").read_bytes() == damaged
    with open_folder(node, {}) as folder:
        write(folder, 700)


def test_an_old_backup_is_refused_and_changes_nothing(node: Path, backup: Path) -> None:
    """The folder's own mark says that more was signed."""
    with open_folder(node, {}) as folder:
        write(folder, 600)
    before = everything(node)
    with pytest.raises(WouldContradict, match=r"has signed .* as the high-water mark shows"):
        bring_back(backup, node)
    left = everything(node)
    assert {name: left[name] for name in before} == before


def test_nobody_to_ask_is_a_reason_to_refuse(node: Path, backup: Path, tmp_path: Path) -> None:
    """Without a mark, a witness or the operator's word, nothing is restored; a second try may bring one of them."""
    with pytest.raises(WouldContradict, match="Nobody says"):
        bring_back(backup, tmp_path / "new", keys=node / "keys")
    assert not (tmp_path / "new" / "ledger.db").exists()
    with pytest.raises(BackupFailed, match="a backup holds no keys"):
        bring_back(backup, tmp_path / "other")
    shutil.copy(node / "highwater", tmp_path / "new" / "highwater")
    bring_back(backup, tmp_path / "new", processes=None)


def test_whoever_saw_the_log_is_believed(node: Path, backup: Path, tmp_path: Path) -> None:
    """A checkpoint of more than the backup holds stops the restore; one of what it holds lets it pass."""
    with open_folder(node, {}) as folder:
        with (folder.path / "highwater").open("rb") as file:
            file.read()
        store, signer = start_ledger(folder, CLOCK)
        assert store.published is not None
        held = read_known(store.published.note.encode(), "an old client", GENESIS, "market")
        commit(store, invoice(601), sign=signer.sign)
        newer = read_known(store.published.note.encode(), "a client", GENESIS, "market")
        store.close()
    with pytest.raises(WouldContradict, match="as a client shows"):
        bring_back(backup, tmp_path / "new", keys=node / "keys", known=(held, newer))
    made = bring_back(backup, tmp_path / "new", known=(held,))
    assert made.size == held.head.size


def test_a_proof_file_is_a_witness(tmp_path: Path) -> None:
    """The head in a proof that a seller kept counts; what another node, or nobody, signed does not."""
    with front(tmp_path / "node", limits=DEFAULTS) as node:
        node.must_stand(PARTIES)
        proof = node.service.proofs.of_objects(ITSELF, [party("seller")], View.STATUS)
        size = node.store.head.size
    assert read_known(proof, "a seller", GENESIS, "market").head.size == size
    for data in (b"{}", b"text", proof.replace(b"hanse.proof/2", b"hanse.proof/9"), proof[:-20]):
        with pytest.raises(BackupFailed, match="no head of this node"):
            read_known(data, "a seller", GENESIS, "market")


def test_another_history_is_refused(node: Path, backup: Path, tmp_path: Path) -> None:
    """A head of the same size and another root is evidence, not a reason to go on."""
    made, _, _ = read_backup(backup, quiet)
    with open_folder(node, {}) as folder:
        origin = HeadSigner(folder, CLOCK).origin
    other = Known(Checkpoint(origin, made.size, bytes(32)), "a bank")
    with pytest.raises(WouldContradict, match="another history"):
        bring_back(backup, tmp_path / "new", keys=node / "keys", known=(other,))
    stranger = Known(Checkpoint("example.org/log", 1, bytes(32)), "a bank")
    with pytest.raises(BackupFailed, match="another log"):
        bring_back(backup, tmp_path / "new", known=(stranger,))


@pytest.mark.parametrize("name", ["ledger.db", "genesis.msgpack", "node.toml", MANIFEST])
def test_a_damaged_backup_is_named(backup: Path, name: str) -> None:
    """One changed bit in any of its files, or one that is missing."""
    data = (backup / name).read_bytes()
    (backup / name).write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    with pytest.raises((BackupDamaged, BackupFailed), match=name):
        read_backup(backup, quiet)
    (backup / name).unlink()
    with pytest.raises(BackupFailed):
        read_backup(backup, quiet)


def test_a_backup_is_never_replaced(node: Path, backup: Path, tmp_path: Path) -> None:
    """Neither a complete one nor anything else; what an interrupted one has left is."""
    with pytest.raises(BackupFailed, match="holds something already"):
        make_backup(node, backup, NOW, quiet, None)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    with pytest.raises(BackupFailed, match="holds something already"):
        make_backup(node, tmp_path / "mine", NOW, quiet, None)
    (backup / MANIFEST).unlink()
    (backup / "ledger.db").write_bytes(b"half")
    assert not make_backup(node, backup, NOW, quiet, None).audited


def test_a_damaged_ledger_makes_no_backup(node: Path, tmp_path: Path) -> None:
    """What an audit of the copy finds is said, and the folder does not count as a backup."""
    database = driver.connect(node / "ledger.db")
    database.execute("DELETE FROM history WHERE object = 0 AND sequence = 7")
    database.commit()
    database.close()
    with pytest.raises(BackupDamaged, match=r"history \(0, 7\): it is missing"):
        make_backup(node, tmp_path / "backup", NOW, quiet, 0)
    with pytest.raises(BackupFailed, match="no complete backup"):
        read_backup(tmp_path / "backup", quiet)


def test_a_backup_of_another_node_is_refused(backup: Path, tmp_path: Path) -> None:
    """A folder of another ledger is never overwritten."""
    manifest = backups.read_backup(backup, quiet)[0]
    other = make_folder(tmp_path / "other", name="another corridor")
    before = everything(other)
    with pytest.raises(BackupFailed, match=manifest.ledger.hex()):
        bring_back(backup, other, nothing_signed_since=True)
    assert before.items() <= everything(other).items()


def test_a_running_node_is_not_restored(node: Path, backup: Path, running: SqlLedgerStore) -> None:
    """The lock keeps a restore and a rebuild out."""
    with pytest.raises(CannotStart, match="Another process"):
        bring_back(backup, node)
    with pytest.raises(CannotStart, match="Another process"):
        rebuild_folder(node, NOW, 0, quiet)
    assert running.head.size > 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE object SET leaf = zeroblob(32) WHERE number = 3",
        "DELETE FROM claim",
        "DELETE FROM tile",
        "DELETE FROM record",
        "DELETE FROM head",
        "DELETE FROM checkpoint",
    ],
)
def test_a_database_is_rebuilt_from_its_entries(node: Path, statement: str) -> None:
    """Whatever else is damaged, the entries lead to it again; the node goes on."""
    database = driver.connect(node / "ledger.db")
    database.execute(statement)
    database.commit()
    database.close()
    size = rebuild_folder(node, NOW, 0, quiet)
    with open_folder(node, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        assert store.head.size == size
        commit(store, invoice(800), sign=signer.sign)
        assert audit(store).difference is None
        store.close()


def test_damaged_entries_are_not_rebuilt(node: Path) -> None:
    """An entry that is not the rules', or one that was signed and is gone, is named; the database stays."""
    before = everything(node)
    database = driver.connect(node / "ledger.db")
    kept = database.execute("SELECT max(position) FROM entry").fetchone()[0]
    database.execute("DELETE FROM entry WHERE position = ?", (kept,))
    database.commit()
    with pytest.raises(WouldContradict, match="has signed"):
        rebuild_folder(node, NOW, 0, quiet)
    database.execute("UPDATE entry SET data = zeroblob(40) WHERE position = 9")
    database.commit()
    database.close()
    with pytest.raises(BackupDamaged, match="entry 9"):
        rebuild_folder(node, NOW, 0, quiet)
    assert (node / "highwater").read_bytes() == before["highwater"]
    assert not list(node.glob("ledger.db.before*"))


class Interrupted(BaseException):
    """What a user does."""


def interrupt(words: str, _done: int, _total: int) -> None:
    """Stop an audit at its first comparison."""
    if "compared" in words:
        raise Interrupted


def audit_again(node: Path, scratch: Path) -> AuditReport:
    """Audit a node's database with a scratch of one's own."""
    with open_folder(node, {}) as folder:
        return audit_database(folder.database, GENESIS, scratch=scratch)


def test_an_audit_goes_on_where_it_was_interrupted(node: Path, tmp_path: Path) -> None:
    """What was replayed is not replayed again, and yet what was changed in it since is found."""
    scratch = tmp_path / "scratch.db"
    for _ in range(2):
        with open_folder(node, {}) as folder, pytest.raises(Interrupted):
            audit_database(folder.database, GENESIS, interrupt, scratch)
        assert scratch.exists()
    with open_folder(node, {}) as folder:
        size, _ = write(folder, 900)
    report = audit_again(node, scratch)
    assert (report.difference, report.size) == (None, size)
    assert 0 < report.resumed_at < size
    assert list(tmp_path.glob("scratch*")) == []
    with open_folder(node, {}) as folder, pytest.raises(Interrupted):
        audit_database(folder.database, GENESIS, interrupt, scratch)
    database = driver.connect(node / "ledger.db")
    database.execute("UPDATE entry SET data = zeroblob(40), leaf = zeroblob(32) WHERE position = 9")
    database.commit()
    database.close()
    report = audit_again(node, scratch)
    assert report.resumed_at > 0
    assert report.difference == "entry 9: what is stored is not what the entries lead to"


def test_a_scratch_of_something_else_is_made_anew(node: Path, tmp_path: Path) -> None:
    """Rubbish, or what another ledger's audit left, costs time and nothing else."""
    scratch = tmp_path / "scratch.db"
    scratch.write_bytes(b"no database at all, but long enough to look like one" * 50)
    assert audit_again(node, scratch).difference is None
    other = make_folder(tmp_path / "other", name="another corridor")
    with open_folder(other, {}) as folder:
        store, _ = start_ledger(folder, CLOCK)
        store.close()
    shutil.copy(other / "ledger.db", scratch)
    report = audit_again(node, scratch)
    assert (report.difference, report.resumed_at) == (None, 0)


def test_a_copy_that_sqlite_finds_damaged_is_damaged(backup: Path) -> None:
    """Whatever its integrity check names is damage, not a wrong word of the user's."""
    database = driver.connect(backup / "ledger.db")
    database.execute("PRAGMA writable_schema = ON")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, 'note TEXT NOT NULL', 'note TEXT')")
    database.commit()
    database.close()
    database = driver.connect(backup / "ledger.db")
    database.execute("UPDATE checkpoint SET note = NULL")
    database.execute("PRAGMA writable_schema = ON")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, 'note TEXT', 'note TEXT NOT NULL')")
    database.commit()
    database.close()
    with pytest.raises(BackupDamaged, match=r"NULL value in checkpoint\.note"):
        check_copy(backup / "ledger.db", GENESIS)
