"""What Hanse writes is its user's alone, whatever the umask, and what was open before is closed or refused."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hanse_client.base.clock import now_ms
from hanse_node.operate.doctor import examine
from tests.system.stage.processes import environment, hanse, said
from tests.system.stage.processes import running_node as node_process
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import World

pytestmark = [pytest.mark.system, pytest.mark.slow]

OTHERS = 0o077
GIVEN_AWAY = {"trust.json", "proof.hanse", "tampered.hanse", "verify.html", "documents"}
"""What a demonstration makes for others to read, beside folders that nobody else enters."""


@contextmanager
def generous() -> Iterator[None]:
    """Have this process, and those that it starts, open everything to everybody unless told otherwise."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def wide(folder: Path) -> dict[str, str]:
    """List what other users could read, write or enter, with its mode; links have none of their own."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            found[str(path)] = f"{stat.S_IMODE(mode):04o}"
    return found


def open_up(folder: Path) -> None:
    """Give everybody every right, as a careless copy does."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


def test_a_demonstration_leaves_nothing_open(tmp_path: Path) -> None:
    """A whole trade under umask 000: node, database, log, keys, identities, homes with openings, the passphrase."""
    with generous():
        ended = subprocess.run(
            hanse("demo", "--dir", tmp_path / "demo"), env=environment(), capture_output=True, check=False
        )
    assert ended.returncode == 0, ended.stderr
    demo = tmp_path / "demo"
    assert {"ledger.db", "highwater", "trees"} <= {path.name for path in (demo / "node").iterdir()}
    assert list((demo / "homes").rglob("openings/*"))
    open_ = {name for name in wide(demo) if not GIVEN_AWAY & set(Path(name).relative_to(demo).parts)}
    assert open_ == set()
    assert stat.S_IMODE(demo.stat().st_mode) == 0o700, "what is in it to be given away is reached by its owner alone"


def test_every_command_of_a_node_keeps_it_closed(tmp_path: Path) -> None:
    """Made, run, given tokens, audited, backed up, restored and rebuilt under umask 000; SQLite's log too."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("pw\n")
    passphrase.chmod(0o600)
    members = tmp_path / "members.toml"
    members.write_text('name = "x"\noperator = "m"\n[[members]]\nid = "m"\nname = "M"\nroles = ["marketplace"]\n')
    node, backup = tmp_path / "made" / "below" / "node", tmp_path / "copies" / "backup"
    with generous():
        said("node", "init", "--dir", node, "--members", members, "--passphrase-file", passphrase)
        said("token", "create", "auditor", "--dir", node, "--scope", "read", "--out", tmp_path / "tokens" / "auditor")
        said("token", "create", "other", "--dir", node, "--scope", "metrics")
        with node_process(node) as running:
            assert (node / "ledger.db-wal").exists()
            assert wide(tmp_path / "made") == {}
            running.stop()
        said("backup", backup, "--dir", node)
        said("log", "verify", "--dir", node, "--work", tmp_path / "work")
        said("node", "rebuild", "--dir", node)
        said("restore", backup, "--dir", node, "--yes")
    for folder in ("made", "copies", "tokens", "work"):
        assert wide(tmp_path / folder) == {}, folder


def test_what_was_open_before_is_closed_at_the_start(tmp_path: Path) -> None:
    """All but secrets: those were open too long, and the node says so instead of starting."""
    corridor = NodeCorridor()
    node = corridor.make_node(tmp_path / "node")
    with node_process(node) as running:
        running.stop()
    open_up(node)
    with pytest.raises(AssertionError, match=r"keys/.* can be read by other users"), node_process(node):
        pass
    said_by_doctor = {found.name: found for found in examine(node, {}, now_ms())}
    assert "open to other users" in said_by_doctor["rights"].seen
    for path in (node / "keys").iterdir():
        path.chmod(0o600)
    with node_process(node) as running:
        assert wide(node) == {}
        assert any("were open to other users" in line["message"] for line in running.log)
        running.stop()


def test_a_clients_home_is_its_users_alone(tmp_path: Path) -> None:
    """Heads, members, parties, openings, whom to trust: made so under umask 000, and closed where they were open."""
    corridor = NodeCorridor()
    home = tmp_path / "made" / "below" / "home"
    with generous(), running_node(corridor.make_node(tmp_path / "node")) as url:
        world = World(url, corridor, home)
        receipt = world.issue()
        with world.client("seller") as seller:
            proof = seller.proof(receipt.object_id, disclose=["BT-1"])
            assert proof
        assert {"heads", "openings", "parties"} <= {path.name for path in home.iterdir()}
        assert wide(tmp_path / "made") == {}
        assert wide(tmp_path / "node") == {}
        open_up(home)
        with world.client("seller") as seller:
            assert wide(home) == {}
            assert seller.proof(receipt.object_id, disclose=["BT-1"])
