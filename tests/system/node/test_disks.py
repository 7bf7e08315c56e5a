"""A disk that fills up, and one that becomes read-only, under a running node. Needs the right to mount a tmpfs."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from hanse_cli.output.exits import ExitCode
from hanse_ledger.wire.codec import encode
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.main import CANNOT_START, init_node
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, command, environment, hanse, running_node, start
from tests.system.stage.smalldisk import fill, small_disk
from tests.world.node_ledger import COSIGN, LOG, look

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

DISK = "24m"
PATIENCE_S = 60


@pytest.fixture
def disk(tmp_path: Path, require_tool: Callable[[str], Path]) -> Iterator[Path]:
    """Mount a small disk in memory."""
    with small_disk(tmp_path / "disk", DISK, require_tool) as place:
        yield place


def remount(disk: Path, how: str) -> None:
    """Change a mounted disk's options."""
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@pytest.fixture
def present() -> Present:
    """Give a ledger that begins now."""
    return Present()


@pytest.fixture
def folder(disk: Path, present: Present) -> Path:
    """Give the folder of a node on that disk."""
    init_node(disk / "node", encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    return disk / "node"


def send(node: NodeProcess, present: Present, told: list[bytes]) -> httpx2.Response | None:
    """Send batches until one is not taken, and give that answer."""
    for _ in range(1_000):
        batch = present.invoices(50)
        data = [encode(each.envelope) for each in batch]
        try:
            node.submit(*batch)
        except AssertionError:
            assert data
            return httpx2.get(f"{node.url}/readyz")
        told.extend(each.id for each in batch)
    return None


def test_a_full_disk_stops_the_node_and_loses_nothing(disk: Path, folder: Path, present: Present) -> None:
    """It says so, tells nobody of success, does not start while there is no room, and goes on when there is."""
    told: list[bytes] = []
    with running_node(folder) as node:
        node.submit(*present.parties)
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 3 * 1024 * 1024))
        refused = send(node, present, told)
        assert refused is not None
        assert refused.status_code == 503
        assert "engine has failed" in refused.json()["reason"]
        node.process.terminate()
        node.process.wait(PATIENCE_S)
        node.wait_for_end()
    assert any("disk is full" in json.dumps(line) or "No space" in json.dumps(line) for line in node.log), node.log
    assert told
    (disk / "ballast").unlink()
    with open_folder(folder, {}) as opened:
        store, _ = start_ledger(opened, Present.clock)
        assert [name for name in told if look(store).find_record(name) is None] == []
        assert audit(store).difference is None
        store.close()
    with running_node(folder) as node:
        assert node.submit(*present.invoices(1))["results"][0]["outcome"] == "created"
        node.stop()


def test_a_node_does_not_start_where_there_is_no_room(disk: Path, folder: Path, present: Present) -> None:
    """Whatever it cannot write, it says which and what to do, and leaves everything as it was."""
    with running_node(folder) as node:
        node.submit(*present.parties, *present.invoices(100))
        node.stop()
    ballast = fill(disk)
    process = start(command(folder))
    _, said = process.communicate(timeout=PATIENCE_S)
    if process.returncode == CANNOT_START:
        assert json.loads(said.splitlines()[-1])["next_step"]
    ballast.unlink()
    with running_node(folder) as node:
        assert node.submit(*present.invoices(1))["results"][0]["outcome"] == "created"
        node.stop()


def test_a_read_only_disk_is_named(disk: Path, folder: Path, present: Present, tmp_path: Path) -> None:
    """A node does not start on it, an audit says that it could not check, and nothing has changed afterwards."""
    with running_node(folder) as node:
        node.submit(*present.parties, *present.invoices(100))
        node.stop()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    remount(disk, "ro")
    process = start(command(folder))
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == CANNOT_START
    refusal = json.loads(said.splitlines()[-1])
    assert refusal["next_step"]
    words = hanse("log", "verify", "--dir", folder, "--json", "--work", tmp_path / "work")
    audited = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert audited.returncode in (ExitCode.SUCCESS, ExitCode.CANNOT_CHECK), audited.stdout
    remount(disk, "rw")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
    with running_node(folder) as node:
        assert node.submit(*present.invoices(1))["results"][0]["outcome"] == "created"
        node.stop()


def test_a_disk_that_becomes_read_only_stops_the_node(disk: Path, folder: Path, present: Present) -> None:
    """Under way: what was acknowledged stands, and reading goes on as far as it can."""
    told: list[bytes] = []
    with running_node(folder) as node:
        node.submit(*present.parties)
        batch = present.invoices(50)
        node.submit(*batch)
        told.extend(each.id for each in batch)
        # A mount with files open for writing is made read-only by shrinking it: no more can be written.
        remount(disk, f"size={used(disk)}k")
        refused = send(node, present, told)
        assert refused is not None
        assert refused.status_code == 503
        assert httpx2.get(f"{node.url}/log/checkpoint").status_code == 200
        node.process.kill()
        node.process.wait(PATIENCE_S)
    remount(disk, f"size={DISK}")
    with open_folder(folder, {}) as opened:
        store, _ = start_ledger(opened, Present.clock)
        assert [name for name in told if look(store).find_record(name) is None] == []
        store.close()


def used(disk: Path) -> int:
    """Tell how many KiB of a disk are used."""
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize // 1024 + 64
