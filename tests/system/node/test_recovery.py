"""A node that is killed, or whose disk fails, under load: nothing acknowledged is lost, nothing half-done stays.

HANSE_ROUNDS says how often it is killed, HANSE_SEED from which number the moments follow.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic, sleep

import httpx2
import pytest

from hanse_ledger.records.entry import RECORD
from hanse_ledger.wire.codec import encode
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.main import init_node
from hanse_node.store.entries import read_record_id, read_type
from tests.conftest import ROOT
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, children_of, environment, hanse, running_node
from tests.world.node_ledger import COSIGN, LOG, fixed_clock, invoice, look, make_folder

PROGRAM = ROOT / "tests" / "system" / "stage" / "node_under_load.py"
ROUNDS = int(os.environ.get("HANSE_ROUNDS", "5"))
SEED = int(os.environ.get("HANSE_SEED", "20261125"))
BATCH = 20
NUMBERS = 100_000
"""So far apart the rounds' invoices are numbered."""

PATIENCE_S = 60

pytestmark = [pytest.mark.system, pytest.mark.timeout(300 + 30 * ROUNDS)]


def load(
    path: Path, first: int, batches: int, *, size: int = BATCH, again: int = -1, file_limit: int = 0
) -> subprocess.Popen[str]:
    """Start a process that writes into a node's ledger."""
    numbers = map(str, (first, batches, size, again, file_limit))
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(path), *numbers], stdout=subprocess.PIPE, text=True, env=environment()
    )


def judge(path: Path, acknowledged: list[int], size: int) -> int:
    """Start on what was left, and insist that everything acknowledged stands once and everything audits.

    Args:
        path: the node's folder.
        acknowledged: the numbers of the invoices that were answered.
        size: how many entries the ledger had before.

    Returns:
        How many entries the ledger has now.
    """
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, fixed_clock())
        assert store.head.size >= size
        stand = Counter[bytes]()
        for start in range(0, store.head.size, 1_000):
            for data in look(store).entries(start, start + 1_000):
                if read_type(data) == RECORD:
                    stand[read_record_id(data)] += 1
        assert set(stand.values()) == {1}
        assert [number for number in acknowledged if invoice(number).id not in stand] == []
        assert look(store).checkpoint(store.head.size) is not None
        assert signer.mark is not None
        assert (signer.mark.size, signer.mark.root) == (store.head.size, store.head.root)
        assert audit(store).difference is None
        store.close()
        return store.head.size


def test_nothing_acknowledged_is_lost_to_a_kill(tmp_path: Path) -> None:
    """Killed at any moment, a node comes back each time with all that it had acknowledged, each record once."""
    chance = Random(SEED)  # noqa: S311 (moments of a test)
    path, acknowledged, size = make_folder(tmp_path / "node"), list[int](), 0
    for turn in range(ROUNDS):
        single = turn % 2
        again = chance.choice(acknowledged) if acknowledged and turn % 4 > 1 else -1
        step = 1 if single else BATCH
        process = load(path, NUMBERS * turn, NUMBERS // BATCH, size=step, again=again)
        assert process.stdout is not None
        first = int(process.stdout.readline())
        with pytest.raises(CannotStart, match="Another process"):
            open_folder(path, {})
        sleep(chance.uniform(0, 1.5))
        process.send_signal(signal.SIGKILL)
        # What it had said before it died counts too.
        said = [first, *(int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n"))]
        assert process.wait(PATIENCE_S) == -signal.SIGKILL, f"seed {SEED}, round {turn}"
        process.stdout.close()
        acknowledged += [number + offset for number in said for offset in range(step)]
        size = judge(path, acknowledged, size)
    words = hanse("log", "verify", "--dir", path, "--work", tmp_path / "work")
    assert subprocess.run(words, env=environment(), check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_disk_that_fails_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Wherever a file cannot grow any further, the node stops, tells nobody of success, and starts again sound."""
    path, acknowledged, size = make_folder(tmp_path / "node"), list[int](), 0
    for turn, kib in enumerate((300, 301, 350, 517, 800)):
        process = load(path, NUMBERS * turn, 400, file_limit=kib * 1024)
        said, _ = process.communicate(timeout=120)
        *numbers, end = said.split()
        assert process.returncode == 0
        assert end == "failed"
        acknowledged += [int(number) + offset for number in numbers for offset in range(BATCH)]
        size = judge(path, acknowledged, size)
    assert acknowledged


def write(node: NodeProcess, present: Present, told: list[bytes]) -> None:
    """Send batches until the node is gone, and note what was acknowledged."""
    with suppress(httpx2.TransportError):
        while True:
            batch = present.invoices(40)
            node.submit(*batch)
            told.extend(each.id for each in batch)


def test_a_whole_node_is_killed_while_clients_write(tmp_path: Path) -> None:
    """Over HTTP too: what a client was told stands; the processes of the node go with it; the next start serves."""
    chance, present = Random(SEED), Present()  # noqa: S311 (moments of a test)
    path = tmp_path / "node"
    init_node(path, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    told: list[bytes] = []
    for _ in range(2):
        with running_node(path) as node:
            node.submit(*present.parties)
            writers = [threading.Thread(target=write, args=(node, present, told)) for _ in range(3)]
            for writer in writers:
                writer.start()
            before = len(told)
            until = monotonic() + PATIENCE_S
            while len(told) == before:
                assert monotonic() < until
            sleep(chance.uniform(0, 1))
            children = children_of(node.process.pid)
            assert children, "large batches are verified by a process of their own"
            node.process.kill()
            node.process.wait(PATIENCE_S)
            for writer in writers:
                writer.join()
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert monotonic() < until + PATIENCE_S, "a verifying process outlived its node"
        with open_folder(path, {}) as folder:
            store, _ = start_ledger(folder, Present.clock)
            assert [name for name in told if look(store).find_record(name) is None] == []
            assert audit(store).difference is None
            store.close()
