"""Verifying signatures on threads and in a process: the same answers, whatever becomes of the process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.refusals import SIGNATURE_INVALID
from hanse_ledger.records.envelope import Signed
from hanse_node.base.verifying import LARGE, Verifiers
from tests.world.node_ledger import invoice

PATIENCE_S = 30

PARENT = """
import signal
from tests.unit.node.engine.test_node_verifying import LARGE, Verifiers, mixed, process_of

if __name__ == "__main__":
    verifiers = Verifiers(1, 1)
    verifiers.submit(mixed(LARGE)).result(30)
    print(process_of(verifiers), flush=True)
    signal.pause()
"""


@pytest.fixture
def verifiers() -> Iterator[Verifiers]:
    """Give verifiers with a process."""
    made = Verifiers(2, 1)
    yield made
    made.stop()


def mixed(count: int) -> list[Signed]:
    """Make records, each third of which bears the signature of another."""
    good = [invoice(number) for number in range(count)]
    other = good[0].envelope.signatures
    return [
        Signed(each.id, each.record, replace(each.envelope, signatures=other)) if place % 3 == 1 else each
        for place, each in enumerate(good)
    ]


def process_of(verifiers: Verifiers) -> int:
    """Find the verifying process."""
    (number,) = verifiers.process_numbers()
    return number


@pytest.mark.slow
def test_a_process_says_what_a_thread_says(verifiers: Verifiers) -> None:
    """The reasons, places and values of a large batch's refusals are those that threads give."""
    batch = mixed(LARGE * 2)
    threads = Verifiers(1, 0)
    expected, found = threads.submit(batch).result(PATIENCE_S), verifiers.submit(batch).result(PATIENCE_S)
    threads.stop()
    assert [place for place, error in enumerate(found) if error is not None] == list(range(1, LARGE * 2, 3))
    for mine, theirs in zip(found, expected, strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            assert mine.reason is theirs.reason is SIGNATURE_INVALID
            assert (mine.pointer, mine.seen, mine.wanted) == (theirs.pointer, theirs.seen, theirs.wanted)


def test_small_batches_start_no_process(verifiers: Verifiers) -> None:
    """Below a size the threads are quicker."""
    assert len(verifiers.submit(mixed(LARGE - 1)).result(PATIENCE_S)) == LARGE - 1
    assert verifiers.process_numbers() == []


@pytest.mark.slow
def test_a_killed_process_is_replaced(verifiers: Verifiers) -> None:
    """A batch whose process is killed is verified all the same, and the next one has a process again."""
    batch = mixed(LARGE)
    wanted = [error is None for error in verifiers.submit(batch).result(PATIENCE_S)]
    first = process_of(verifiers)
    os.kill(first, signal.SIGKILL)
    for _ in range(3):
        assert [error is None for error in verifiers.submit(batch).result(PATIENCE_S)] == wanted
    assert process_of(verifiers) != first


@pytest.mark.slow
def test_the_process_ends_with_its_parent(root: Path) -> None:
    """A parent that is killed leaves no process behind."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=root, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    number = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = monotonic() + PATIENCE_S
    while _runs(number):
        assert monotonic() < end, "the process has outlived its parent"
        sleep(0.02)


def _runs(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_stopping_twice_is_harmless() -> None:
    """Verifiers may be stopped again, with and without a process."""
    made = Verifiers(1, 1)
    made.stop()
    made.stop()
