"""A node that is killed, or whose disk fails, under load: nothing acknowledged is lost, nothing half-done stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hanse_node.errors import CannotStart
from hanse_node.folder import open_folder
from hanse_node.store.audit import audit
from hanse_node.store.recovery import start_ledger
from tests.node_ledger import fixed_clock, invoice, make_folder
from tests.system.node_under_load import BATCH

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(__file__).with_name("node_under_load.py")

pytestmark = pytest.mark.system


def load(path: Path, first: int, batches: int, file_limit: int = 0) -> subprocess.Popen[str]:
    """Start a process that writes into a node's ledger."""
    arguments = [sys.executable, str(PROGRAM), str(path), str(first), str(batches), str(file_limit)]
    places = [str(ROOT), *(place for place in sys.path if place)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)


def judge(path: Path, acknowledged: list[int], size: int) -> int:
    """Start on what was left, and insist that everything acknowledged stands and everything audits.

    Args:
        path: the node's folder.
        acknowledged: the first number of each batch that was answered.
        size: how many entries the ledger had before.

    Returns:
        How many entries the ledger has now.
    """
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, fixed_clock())
        assert store.head.size >= size
        lost = [
            number + step
            for number in acknowledged
            for step in range(BATCH)
            if store.find_record(invoice(number + step).id) is None
        ]
        assert lost == []
        assert store.checkpoint(store.head.size) is not None
        assert signer.mark is not None
        assert signer.mark.size == store.head.size
        assert audit(store).difference is None
        store.close()
        return store.head.size


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_to_a_kill(tmp_path: Path) -> None:
    """Three times killed in the middle of its work, a node comes back each time with all that it had acknowledged."""
    path, acknowledged, size = make_folder(tmp_path / "node"), list[int](), 0
    for turn, patience in enumerate((3, 10, 25)):
        process = load(path, first=100_000 * turn, batches=4_000)
        assert process.stdout is not None
        acknowledged += [int(process.stdout.readline()) for _ in range(patience)]
        with pytest.raises(CannotStart, match="Another process"):
            open_folder(path, {})
        process.send_signal(signal.SIGKILL)
        # What it had said before it died counts too.
        acknowledged += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        assert process.wait(60) == -signal.SIGKILL
        process.stdout.close()
        size = judge(path, acknowledged, size)


@pytest.mark.timeout(300)
def test_a_disk_that_fails_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Wherever a file cannot grow any further, the node stops, tells nobody of success, and starts again sound."""
    path, acknowledged, size = make_folder(tmp_path / "node"), list[int](), 0
    for turn, kib in enumerate((300, 301, 350, 517, 800)):
        process = load(path, first=100_000 * turn, batches=400, file_limit=kib * 1024)
        said, _ = process.communicate(timeout=120)
        *numbers, end = said.split()
        assert process.returncode == 0
        assert end == "failed"
        acknowledged += map(int, numbers)
        size = judge(path, acknowledged, size)
    assert acknowledged
