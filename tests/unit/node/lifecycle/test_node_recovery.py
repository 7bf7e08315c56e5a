"""Starting on what a crash or a damage has left, and the audit of a whole database."""

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.values.hashing import hash_leaf
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.base.folder import NodeFolder, database_url, open_folder, read_folder
from hanse_node.lifecycle.audit import audit, audit_database
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.sql import open_store
from tests.world.node_ledger import GENESIS, PARTIES, commit, enrol, fixed_clock, invoice, look, make_folder, revoke

CLOCK = fixed_clock()


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose ledger has a few groups, stopped in good order; tests copy it."""
    path = make_folder(tmp_path_factory.mktemp("pattern") / "node")
    with open_folder(path, {}) as opened:
        store, signer = start_ledger(opened, CLOCK)
        commit(store, *PARTIES, sign=signer.sign)
        commit(store, *(invoice(number, tagged=True) for number in range(300)), sign=signer.sign)
        commit(store, enrol("third"), revoke("buyer"), sign=signer.sign)
        store.close()
    return path


@pytest.fixture
def folder(pattern: Path, tmp_path: Path) -> Iterator[NodeFolder]:
    """Give an open folder whose ledger has a few groups, stopped in good order."""
    shutil.copytree(pattern, tmp_path / "node")
    with open_folder(tmp_path / "node", {}) as opened:
        yield opened


def change(folder: NodeFolder, *statements: str) -> None:
    """Change the database behind the node's back."""
    database = driver.connect(str(folder.database.database))
    database.create_function("flip", 1, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    database.create_function("sha256", 1, lambda data: sha256(data).digest())
    for statement in statements:
        assert database.execute(statement).rowcount != 0, statement
    database.commit()
    database.close()


class Step(NamedTuple):
    """How far an audit has told that it has come."""

    words: str
    done: int
    total: int


def test_a_ledger_starts_where_it_stopped(folder: NodeFolder) -> None:
    """After a clean stop everything stands, the head is signed, and the audit finds nothing."""
    store, signer = start_ledger(folder, CLOCK)
    assert store.published is not None
    checkpoint = parse_checkpoint(parse_note(store.published.note.encode()).text)
    assert (checkpoint.size, checkpoint.root) == (store.head.size, store.head.root)
    assert signer.mark is not None
    assert signer.mark.root == store.head.root
    seen: list[Step] = []
    report = audit(store, lambda *step: seen.append(Step(*step)))
    assert (report.difference, report.size, report.records) == (None, store.head.size, 304)
    assert [each.done for each in seen if each.words == "entries replayed"] == [308]
    assert {each.words for each in seen} >= {"rows of history compared", "checkpoints verified"}
    store.close()


def test_a_head_that_a_crash_left_unsigned_is_signed(folder: NodeFolder) -> None:
    """A group that was committed and not signed gets its checkpoint at the next start."""
    store = open_store(folder.database, GENESIS)
    commit(store, invoice(1_000, "seller", "third"))
    size = store.head.size
    assert look(store).checkpoint(size) is None
    store.close()
    store, signer = start_ledger(folder, CLOCK)
    assert look(store).checkpoint(size) is not None
    assert signer.mark is not None
    assert signer.mark.size == size
    assert audit(store).difference is None
    store.close()


def test_a_checkpoint_that_a_crash_left_out_is_signed_again(folder: NodeFolder) -> None:
    """A high-water mark without its checkpoint leads to the same head's signature."""
    change(folder, "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)")
    store, _ = start_ledger(folder, CLOCK)
    assert look(store).checkpoint(store.head.size) is not None
    store.close()


def test_a_database_from_an_old_backup_is_refused(folder: NodeFolder, tmp_path: Path) -> None:
    """A node that has signed more than its database holds does not go on, and says what to bring."""
    path = Path(str(folder.database.database))
    shutil.copy(path, tmp_path / "backup.db")
    store, signer = start_ledger(folder, CLOCK)
    commit(store, invoice(1_000, "seller", "third"), sign=signer.sign)
    store.close()
    shutil.copy(tmp_path / "backup.db", path)
    with pytest.raises(CannotStart, match="does not hold what this node has signed") as caught:
        start_ledger(folder, CLOCK)
    assert "newest database" in caught.value.next_step


def test_another_history_is_refused(folder: NodeFolder) -> None:
    """A database that is sound in itself, and not what this node has signed, is refused."""
    Path(str(folder.database.database)).unlink()
    store = open_store(folder.database, GENESIS)
    commit(store, *PARTIES)
    commit(store, *(invoice(number) for number in range(400)))
    store.close()
    with pytest.raises(CannotStart, match="does not extend"):
        start_ledger(folder, CLOCK)


def test_a_lost_database_is_not_begun_again(folder: NodeFolder) -> None:
    """Without its database a node that has signed does not start a new history."""
    Path(str(folder.database.database)).unlink()
    with pytest.raises(CannotStart, match="empty"):
        start_ledger(folder, CLOCK)


def test_a_lost_mark_is_not_begun_again(folder: NodeFolder) -> None:
    """Without its high-water mark a node that has signed does not sign."""
    folder.high_water.unlink()
    with pytest.raises(CannotStart, match=r"highwater is missing"):
        start_ledger(folder, CLOCK)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE entry SET data = flip(data) WHERE position = 0", "entry 0 is damaged"),
        ("UPDATE entry SET data = flip(data) WHERE position = 200", "entry 200: its leaf"),
        ("UPDATE entry SET data = x'9600' WHERE position = 200", "entry 200:"),
        ("UPDATE entry SET leaf = flip(leaf) WHERE position = 200", "entry 200: its leaf"),
        ("DELETE FROM entry WHERE position = 200", "entry 200: position 201"),
        ("DELETE FROM entry WHERE position = 307", "holds 307 entries"),
        ('UPDATE tile SET hashes = flip(hashes) WHERE level = 0 AND "index" = 0', "tile 0 on level 0 is damaged"),
        (
            "UPDATE tile SET hashes = zeroblob(32), checksum = sha256(zeroblob(32)) WHERE level = 1",
            "lead to another root",
        ),
        ("DELETE FROM tile WHERE level = 1", "the log has no complete subtree"),
        ("UPDATE object SET leaf = flip(leaf) WHERE number = 7", "object tree has another root"),
        ("DELETE FROM object WHERE number = 7", "object 7 is missing"),
        ("DELETE FROM object WHERE number = 302", "more or fewer objects|object tree has another root"),
        ("UPDATE claim SET value = flip(value) WHERE place = (SELECT max(place) FROM claim)", "claims map has another"),
        ("DELETE FROM claim WHERE place = (SELECT max(place) FROM claim)", "claims map has another root"),
        ("UPDATE claim SET place = x'00' WHERE place = (SELECT max(place) FROM claim)", "place of a claim is damaged"),
        ("UPDATE head SET data = x'80'", "stored head is damaged"),
        ("DELETE FROM head", "empty"),
    ],
)
def test_damage_is_found_at_the_start(folder: NodeFolder, statement: str, reason: str) -> None:
    """A start after a crash reads the whole state, and names the first difference."""
    folder.trees.unlink()
    change(folder, statement)
    with pytest.raises(CannotStart, match=reason) as caught:
        start_ledger(folder, CLOCK)
    assert caught.value.next_step


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data.replace(b"hanse.trees/1", b"hanse.trees/2"),
        lambda data: b"",
        lambda data: b"{}\n",
        lambda data: b"\xff" * 10_000,
    ],
)
def test_saved_trees_that_are_damaged_are_built_anew(folder: NodeFolder, spoil: Callable[[bytes], bytes]) -> None:
    """The file beside the database is believed only whole; without it the rows say the same."""
    before = folder.trees.read_bytes()
    folder.trees.write_bytes(spoil(before))
    store, _ = start_ledger(folder, CLOCK)
    store.close()
    assert folder.trees.read_bytes() == before


def test_saved_trees_of_another_head_are_not_taken(folder: NodeFolder) -> None:
    """After a crash the file is that of an earlier stop; the ledger goes on from its rows."""
    before = folder.trees.read_bytes()
    store, signer = start_ledger(folder, CLOCK)
    commit(store, invoice(1_000, "seller", "third", tagged=True), sign=signer.sign)
    store.close()
    folder.trees.write_bytes(before)
    store, signer = start_ledger(folder, CLOCK)
    commit(store, invoice(1_001, "seller", "third", tagged=True), sign=signer.sign)
    assert audit(store).difference is None
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE object SET data = (SELECT data FROM object WHERE number = 1) WHERE number = 0",
        "UPDATE claim SET value = flip(value)",
        "DELETE FROM claim",
    ],
)
def test_a_rule_believes_no_damaged_row(folder: NodeFolder, statement: str) -> None:
    """What a quick start has not read is compared with the trees before a record is built upon it."""
    change(folder, statement)
    store, _ = start_ledger(folder, CLOCK)
    head = store.head
    with pytest.raises(StoreFailed, match=r"object 0|damaged in bucket"):
        commit(store, invoice(1_000, "seller", "third"))
    assert store.head == head
    store.close()


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("UPDATE entry SET data = flip(data) WHERE position = 200", "entry 200:"),
        ("UPDATE entry SET leaf = flip(leaf) WHERE position = 200", "entry 200:"),
        ("DELETE FROM entry WHERE position = 200", "entry 200: it is missing"),
        ("DELETE FROM entry WHERE position = 307", "the ledger ends inside a block"),
        ("UPDATE record SET position = 9 WHERE position = 8", "record "),
        ("UPDATE record SET object = 3 WHERE position = 8", "record "),
        ("UPDATE record SET object = NULL WHERE position = 8", "record "),
        ("DELETE FROM record WHERE position = 8", ": it is missing"),
        ("INSERT INTO record VALUES (zeroblob(32), 1, NULL)", "record 00000000"),
        ("UPDATE object SET data = flip(data) WHERE number = 8", "object 8:"),
        ("INSERT INTO object SELECT 303, data, leaf FROM object WHERE number = 8", "object 303:"),
        ("UPDATE claim SET value = flip(value) WHERE place = (SELECT max(place) FROM claim)", "claim "),
        ("DELETE FROM claim WHERE place = (SELECT max(place) FROM claim)", ": it is missing"),
        ("INSERT INTO claim VALUES (zeroblob(32), x'00')", "claim 00000000"),
        ('UPDATE tile SET hashes = flip(hashes) WHERE level = 0 AND "index" = 1', "tile (0, 1):"),
        ("DELETE FROM tile WHERE level = 1", "tile (1, 0): it is missing"),
        ("UPDATE history SET position = 9 WHERE object = 0 AND sequence = 7", "history (0, 7): what is stored is not"),
        ("DELETE FROM history WHERE object = 0 AND sequence = 7", "history (0, 7): it is missing"),
        ("DELETE FROM history WHERE object = 302", "history (302, 0): it is missing"),
        ("INSERT INTO history VALUES (999, 0, 4)", "history (999, 0): nothing in the ledger leads"),
        ("UPDATE history SET position = 3 WHERE object = 0 AND sequence = 7", "history (0, 7): what is stored is not"),
        ("UPDATE checkpoint SET note = replace(note, '305', '306') WHERE size = 305", "checkpoint 305:"),
        (
            "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 4) WHERE size = 305",
            "checkpoint 305:",
        ),
        ("UPDATE checkpoint SET size = 6 WHERE size = 305", "checkpoint 6:"),
        ("UPDATE checkpoint SET note = note || '— x AAAAAAAA' WHERE size = 305", "checkpoint 305:"),
        ("DELETE FROM checkpoint WHERE size > 4", "checkpoint: the newest is of 4 entries"),
    ],
)
def test_the_audit_finds_every_damage(folder: NodeFolder, statement: str, difference: str) -> None:
    """Whatever row is changed, added or removed behind the node's back, the audit names it."""
    store, _ = start_ledger(folder, CLOCK)
    change(folder, statement)
    report = audit(store)
    store.close()
    assert report.difference is not None
    assert report.difference.startswith(difference) or difference in report.difference


def test_a_running_node_is_audited_from_outside(folder: NodeFolder) -> None:
    """Whoever may read the folder can audit it while the node has it open; where there is nothing, nothing is made."""
    store, _ = start_ledger(folder, CLOCK)
    config, genesis = read_folder(folder.path, {})
    url = database_url(folder.path, config)
    assert audit_database(url, genesis) == audit(store)
    store.close()
    missing = folder.path / "none.db"
    with pytest.raises(StoreFailed, match="there is no database"):
        audit_database(url.set(database=str(missing)), genesis)
    assert not missing.exists()


def test_a_file_that_is_no_database_is_refused(folder: NodeFolder) -> None:
    """Whatever else stands in the place of the database, the start and the audit say that it cannot be read."""
    Path(str(folder.database.database)).write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(CannotStart, match="cannot be opened"):
        start_ledger(folder, CLOCK)
    with pytest.raises(StoreFailed, match="not a database"):
        audit_database(folder.database, GENESIS)


def test_the_audit_verifies_signatures(folder: NodeFolder) -> None:
    """An entry whose signature was changed, with every hash made to fit, is still found."""
    store, _ = start_ledger(folder, CLOCK)
    data = look(store).entry(4)
    assert data is not None
    forged = data[:-1] + bytes([data[-1] ^ 1])
    change(folder, "UPDATE entry SET data = flip(data) WHERE position = 4")
    database = driver.connect(str(folder.database.database))
    database.execute("UPDATE entry SET leaf = ? WHERE position = 4", (hash_leaf(forged),))
    database.commit()
    database.close()
    report = audit(store)
    store.close()
    assert report.difference is not None
    assert "entry 4: signature-invalid" in report.difference
