"""What was published stays so through whatever happens to the database: restart, backup, rebuild, an older shape."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from hanse_cli.main import run
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.backup import make_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import rebuild_folder, restore
from hanse_node.operate.diagnosis import Level
from hanse_node.operate.doctor import examine
from hanse_node.publications.publicnames import write_name
from hanse_node.store.beside.publications import KeptPublication, Publications
from hanse_node.store.databases.revision import REVISIONS, revision_of_file
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import HOUR, PARTIES, START, commit, digest, fixed_clock, make_folder

NOW = START + HOUR
KEPT = KeptPublication(
    name=digest("name")[:16],
    holder="token seller",
    given=digest("given"),
    secret=digest("secret"),
    made=START,
    renewed=START,
    ended=None,
    file=b"proof",
)


def quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give the folder of a node that has published something, and was stopped."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, fixed_clock())
        commit(store, *PARTIES, sign=signer.sign)
        Publications(store).add(KEPT, most=10, most_of_holder=10)
        store.close()
    return path


def found_in(node: Path) -> KeptPublication | None:
    """Read what a node has published under the name."""
    with open_folder(node, {}) as folder:
        store, _ = start_ledger(folder, fixed_clock())
        try:
            return Publications(store).find(KEPT.name)
        finally:
            store.close()


def to_older_shape(database: Path) -> None:
    """Make a database one of before published proofs."""
    with closing(driver.connect(database)) as opened:
        opened.execute("DROP TABLE publication")
        opened.execute("UPDATE alembic_version SET version_num = '0002'")
        opened.commit()


def published(node: Path, now: int = NOW) -> list[tuple[Level, str]]:
    """Say what the doctor finds of published proofs."""
    return [(each.level, each.seen) for each in examine(node, {}, now) if each.name == "published proofs"]


def test_a_rebuilt_database_has_them(node: Path) -> None:
    """They follow from no entry, and are taken over from the database in whose place the new one comes."""
    rebuild_folder(node, NOW, 0, quiet)
    assert found_in(node) == KEPT


def test_a_backup_has_them(node: Path, tmp_path: Path) -> None:
    """A restored node shows what was published when the backup was made."""
    make_backup(node, tmp_path / "backup", NOW, quiet, None)
    restore(
        tmp_path / "backup",
        node,
        own=Own(),
        known=(),
        nothing_signed_since=False,
        now=NOW,
        progress=quiet,
        processes=None,
    )
    assert found_in(node) == KEPT


def test_a_database_of_before_them_is_rebuilt(node: Path) -> None:
    """It lacks what came after them too: a start says so and changes nothing, and a rebuild makes all of it."""
    database = node / "ledger.db"
    to_older_shape(database)
    with pytest.raises(CannotStart, match="of before payments in parts"):
        found_in(node)
    assert revision_of_file(database) == "0002"
    rebuild_folder(node, NOW, 0, quiet)
    assert found_in(node) is None
    assert revision_of_file(database) == REVISIONS[-1]


def test_a_damaged_table_hinders_no_rebuild(node: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The ledger comes back without them, and it is said."""
    with closing(driver.connect(node / "ledger.db")) as opened:
        opened.execute("ALTER TABLE publication DROP COLUMN holder")
        opened.commit()
    rebuild_folder(node, NOW, 0, quiet)
    assert found_in(node) is None
    assert "cannot be taken over" in caplog.text


def test_an_audit_has_nothing_to_say_of_them(node: Path) -> None:
    """They are no part of the ledger."""
    with open_folder(node, {}) as folder:
        store, _ = start_ledger(folder, fixed_clock())
        try:
            assert audit(store).difference is None
        finally:
            store.close()


def test_the_doctor_counts_them(node: Path) -> None:
    """How many, how old, and how much room is left; a node that is stopped renews none."""
    ((level, seen),) = published(node)
    assert level is Level.OK
    assert seen.startswith("1 of at most 10000; the oldest was renewed")
    ((level, seen),) = published(node, START + 30 * HOUR)
    assert (level, seen.endswith("a start renews them")) == (Level.OK, True)
    text = (node / "node.toml").read_text().replace("count = 10000", "count = 1")
    (node / "node.toml").write_text(text)
    assert [level for level, _ in published(node)] == [Level.WARNING, Level.OK]


def test_an_operator_lists_and_takes_down(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the secret, while the node runs; the name of what was withdrawn stays for a while."""
    name = write_name(KEPT.name)
    assert run(["node", "publications", "--dir", str(node), "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["holder"], listed["withdrawn"]) == (name, "token seller", None)
    with open_folder(node, {}) as folder:
        store, _ = start_ledger(folder, fixed_clock())
        for _ in range(2):
            assert run(["node", "withdraw", name.lower(), "--dir", str(node)]) == 0
        found = Publications(store).find(KEPT.name)
        store.close()
    assert found is not None
    assert (found.file, found.ended is None) == (None, False)
    assert run(["node", "publications", "--dir", str(node)]) == 0
    assert "withdrawn" in capsys.readouterr().out
    for wrong in ("A" * 26, "no name"):
        assert run(["node", "withdraw", wrong, "--dir", str(node)]) == 2
    to_older_shape(node / "ledger.db")
    assert run(["node", "publications", "--dir", str(node)]) == 30
