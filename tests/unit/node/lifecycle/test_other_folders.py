"""Folders and databases of other releases: nothing opens them, nothing changes in them, and each says what to do."""

from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, inspect

from hanse_cli.main import run
from hanse_ledger.values.errors import OtherRelease
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import encode_json
from hanse_ledger.values.releases import FIRST
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import decode_genesis
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import audit_database
from hanse_node.lifecycle.backup import MANIFEST, BackupFailed, make_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import rebuild_folder, restore
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.databases import migrations
from hanse_node.store.databases.database import migrate, open_database
from hanse_node.store.databases.revision import BEGIN_EMPTY, REVISIONS, SHAPES, revision_of_file
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import GENESIS, HOUR, PARTIES, START, commit, fixed_clock, invoice, make_folder

STEPS = Path(migrations.__file__).parent / "versions"

CLOCK, NOW = fixed_clock(), START + HOUR


def quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give a node's folder with a few records, stopped in good order."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, *PARTIES, invoice(1), sign=signer.sign)
        store.close()
    return path


def old_genesis() -> bytes:
    """Write a genesis as the first release did: its membership held the one proposal that was open."""
    shown = msgspec.msgpack.decode(encode(GENESIS))
    membership = dict(sorted({**shown["membership"], "proposal": None}.items()))
    return msgspec.msgpack.encode({**shown, "membership": membership, "version": 1})


def make_old(node: Path) -> None:
    """Make a folder one of the first release: its genesis, and a setting that there is no more."""
    (node / "genesis.msgpack").write_bytes(old_genesis())
    with (node / "node.toml").open("a") as settings:
        settings.write("\n[comet]\nrpc_port = 26657\n")


def held(node: Path) -> dict[str, bytes]:
    """Read all that a folder holds, but for what a reader's own locks leave."""
    return {path.name: path.read_bytes() for path in node.rglob("*") if path.is_file() and path.suffix != ".lock"}


def set_revision(database: Path, revision: str) -> None:
    """Write another number into a database; an older shape has no tables of what came after it."""
    later = tables(REVISIONS[-1]) - tables(revision) if revision in REVISIONS else set()
    with closing(driver.connect(database)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        for name in later:
            opened.execute(f"DROP TABLE {name}")
        opened.commit()


def tables(revision: str) -> set[str]:
    """Name the tables of a shape."""
    config = Config()
    config.set_main_option("script_location", str(STEPS.parent))
    config.set_main_option("path_separator", "os")
    database = open_database(URL.create("sqlite"), lasting=False)
    try:
        with database.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            return set(inspect(connection).get_table_names())
    finally:
        database.dispose()


@pytest.mark.parametrize("version", [3, 0, 7_000])
def test_a_genesis_of_another_number_is_named(version: int) -> None:
    """Newer ones too, whatever else stands in them."""
    with pytest.raises(OtherRelease, match=f"genesis/{version}"):
        decode_genesis(msgspec.msgpack.encode({"more": [], "version": version}))


def test_a_folder_of_the_first_release_is_refused_by_name(node: Path) -> None:
    """Its genesis says whose it is, before any of its settings is called wrong."""
    make_old(node)
    before = held(node)
    with pytest.raises(CannotStart, match=rf"genesis/1, which release {FIRST} reads.*docs/upgrading\.md"):
        open_folder(node, {})
    assert held(node) == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["node", "run", "--port", "0"], 30),
        (["node", "rebuild"], 30),
        (["log", "verify"], 20),
        (["doctor"], 1),
        (["token", "list"], 30),
    ],
)
def test_every_command_says_which_release_runs_it(
    words: list[str], code: int, node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`log verify` cannot check it, which is no verdict on it; nothing ends in a traceback."""
    make_old(node)
    before = held(node)
    assert run([*words, "--dir", str(node)]) == code
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert f"release {FIRST} reads" in said
    assert "Traceback" not in said
    assert "damaged" not in said
    assert held(node) == before


def test_a_backup_of_the_first_release_is_refused_by_name(node: Path, tmp_path: Path) -> None:
    """Its manifest has the same form; its genesis has not. The node that it would replace stays."""
    target = tmp_path / "backup"
    made = make_backup(node, target, NOW, quiet, None)
    (target / "genesis.msgpack").write_bytes(old_genesis())
    files = dict(made.files)
    data = (target / "genesis.msgpack").read_bytes()
    files["genesis.msgpack"] = type(files["genesis.msgpack"])(bytes=len(data), sha256=hash_bytes(data))
    (target / MANIFEST).write_bytes(encode_json(msgspec.structs.replace(made, files=files)))
    before = held(node)
    with pytest.raises(CannotStart, match=f"release {FIRST} reads"):
        bring_back(target, node)
    assert held(node) == before


def test_a_newer_backup_is_refused_by_name(node: Path, tmp_path: Path) -> None:
    """It is not called damaged, though its manifest has other fields."""
    target = tmp_path / "backup"
    make_backup(node, target, NOW, quiet, None)
    shown = msgspec.json.decode((target / MANIFEST).read_bytes())
    (target / MANIFEST).write_bytes(msgspec.json.encode({**shown, "format": "hanse.backup/2", "more": 1}))
    with pytest.raises(BackupFailed, match=r"hanse\.backup/2, which is newer than release") as caught:
        bring_back(target, node)
    assert type(caught.value) is BackupFailed


def test_a_newer_mark_is_refused_by_name(node: Path) -> None:
    """What was signed binds the node, whichever release signed it."""
    mark = node / "highwater"
    with open_folder(node, {}) as folder:
        signer = HeadSigner(folder, CLOCK)
        assert signer.mark is not None
        signer._remember(msgspec.structs.replace(signer.mark, format="hanse.highwater/3"))
        before = mark.read_bytes()
        with pytest.raises(CannotStart, match=r"hanse\.highwater/3, which is newer than release"):
            HeadSigner(folder, CLOCK)
    assert mark.read_bytes() == before


def start(node: Path) -> None:
    """Open a folder and start its ledger."""
    with open_folder(node, {}) as folder:
        start_ledger(folder, CLOCK)[0].close()


def verify(node: Path) -> None:
    """Audit its database."""
    with open_folder(node, {}) as folder:
        audit_database(folder.database, GENESIS)


def copy(node: Path) -> None:
    """Take a backup."""
    make_backup(node, node.parent / "backup", NOW, quiet, None)


def anew(node: Path) -> None:
    """Write its database anew."""
    rebuild_folder(node, NOW, 0, quiet)


READERS: dict[str, Callable[[Path], None]] = {"start": start, "verify": verify, "backup": copy}


@pytest.mark.parametrize("reader", [*READERS, "rebuild"])
def test_a_newer_database_is_refused_by_name(reader: str, node: Path) -> None:
    """Nothing is read of it, written to it, or made of it by a release that does not know its shape."""
    set_revision(node / "ledger.db", "0099")
    with pytest.raises(CannotStart, match=r"newer release than .*'0099'.*Use the release that wrote it"):
        {**READERS, "rebuild": anew}[reader](node)
    assert revision_of_file(node / "ledger.db") == "0099"
    assert not (node.parent / "backup").exists()


LACKING = [(older, newer) for older, newer in pairwise(REVISIONS) if newer not in BEGIN_EMPTY]
"""Shapes that lack what follows from the entries, and the step that makes it."""


@pytest.mark.parametrize(("revision", "following"), LACKING)
@pytest.mark.parametrize("reader", READERS)
def test_a_database_of_an_older_shape_asks_for_a_rebuild(
    reader: str, revision: str, following: str, node: Path
) -> None:
    """It says what it lacks first, is not taken up without, and not called damaged; rebuilt, it does all again."""
    database = node / "ledger.db"
    set_revision(database, revision)
    with pytest.raises(CannotStart, match=rf"of before {SHAPES[following]}: .*Run: hanse node rebuild"):
        READERS[reader](node)
    assert revision_of_file(database) == revision
    anew(node)
    assert revision_of_file(database) == REVISIONS[-1]
    READERS[reader](node)


@pytest.mark.parametrize("revision", ["0099", *(older for older, _ in LACKING)])
def test_the_doctor_names_the_shape(revision: str, node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure with what to do."""
    set_revision(node / "ledger.db", revision)
    assert run(["doctor", "--dir", str(node)]) == 1
    assert ("newer release" if revision == "0099" else "hanse node rebuild") in capsys.readouterr().out


def test_a_backup_with_a_newer_database_is_refused_by_name(node: Path, tmp_path: Path) -> None:
    """Its tables are none of a ledger's here, and nobody is accused of it."""
    target = tmp_path / "backup"
    made = make_backup(node, target, NOW, quiet, None)
    database = target / "ledger.db"
    with closing(driver.connect(database)) as opened:
        opened.execute("CREATE TABLE newer (id INTEGER)")
        opened.execute("UPDATE alembic_version SET version_num = '0099'")
        opened.commit()
    data = database.read_bytes()
    files = {**made.files, "ledger.db": type(made.files["ledger.db"])(bytes=len(data), sha256=hash_bytes(data))}
    (target / MANIFEST).write_bytes(encode_json(msgspec.structs.replace(made, files=files)))
    with pytest.raises(BackupFailed, match="newer release") as caught:
        bring_back(target, node)
    assert type(caught.value) is BackupFailed


def test_this_release_knows_the_steps_that_it_has(tmp_path: Path) -> None:
    """A new step of the migrations has its number in the list, and each that is listed is there."""
    steps = {path.name[1:5]: path.name for path in sorted(STEPS.glob("v*.py"))}
    unknown = [name for number, name in steps.items() if number not in SHAPES]
    assert unknown == [], "the numbers of these steps are not in SHAPES of store/databases/revision.py"
    assert list(steps) == list(REVISIONS), "SHAPES has numbers of no step, or in another order"
    with open_folder(make_folder(tmp_path / "new"), {}) as opened:
        database = open_database(opened.database)
        migrate(database)
        database.dispose()
    assert revision_of_file(tmp_path / "new" / "ledger.db") == REVISIONS[-1]


def bring_back(backup: Path, folder: Path) -> None:
    """Restore over a node that stands."""
    restore(
        backup,
        folder,
        own=Own(keys=None),
        known=(),
        nothing_signed_since=False,
        now=NOW,
        progress=quiet,
        processes=None,
    )
