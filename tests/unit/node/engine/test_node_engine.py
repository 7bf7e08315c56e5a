"""The embedded engine alone. What holds of every engine stands in `tests/system/consortium/test_engines.py`."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from hanse_ledger.kinds.refusals import WRONG_LEDGER
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import verify_cosignature
from hanse_ledger.tlog.notes import parse_note
from hanse_node.base.config import Limits
from hanse_node.base.errors import Busy, Stopped
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore
from tests.world.node_ledger import (
    HOUR,
    PARTIES,
    START,
    enrol,
    fixed_clock,
    invoice,
    key_of,
    look,
    make_folder,
    sign,
)

STILL = fixed_clock()

Begin = Callable[..., "Node"]


class Node:
    """A folder, a store, a signer and a running engine."""

    def __init__(self, path: Path, limits: Limits, clock: Callable[[], int]) -> None:
        self.folder: NodeFolder = open_folder(make_folder(path, limits), {})
        self.store: SqlLedgerStore
        self.signer: HeadSigner
        self.store, self.signer = start_ledger(self.folder, clock)
        self.engine = EmbeddedEngine(self.store, self.signer, clock=clock, bounds=limits)
        self.engine.start()

    def send(self, *batch: Signed) -> list[Receipt]:
        """Submit a batch and wait for its receipts."""
        return self.engine.submit(batch).result(30)

    def close(self) -> None:
        """Stop everything."""
        self.engine.stop()
        self.store.close()
        self.folder.close()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Give a function that starts a node; it is stopped after the test."""
    nodes: list[Node] = []

    def start(clock: Callable[[], int] = STILL, **limits: int) -> Node:
        nodes.append(Node(tmp_path / f"node{len(nodes)}", Limits(**limits), clock))
        return nodes[-1]

    yield start
    for node in nodes:
        node.close()


def test_block_time_never_runs_backwards(begin: Begin) -> None:
    """When the clock is set back, blocks keep the time of the newest."""
    times = iter([START + HOUR, START + 2 * HOUR, START + 2 * HOUR, START, START, START + 3 * HOUR, START + 3 * HOUR])
    node = begin(clock=lambda: next(times))
    seen = [node.send(*batch)[0].time for batch in (PARTIES, [invoice(1)], [invoice(2)])]
    assert seen == [START + 2 * HOUR, START + 2 * HOUR, START + 3 * HOUR]


def test_many_callers_make_few_groups(begin: Begin) -> None:
    """Batches that wait are committed together, each in order, and the whole ledger audits."""
    node = begin(group_records=100)
    node.send(*PARTIES)
    answers = [node.engine.submit([invoice(10 * at + step) for step in range(10)]) for at in range(40)]
    receipts = [receipt for answer in answers for receipt in answer.result(30)]
    assert all(receipt.outcome is Outcome.CREATED for receipt in receipts)
    for at in range(40):
        positions = [receipt.position or 0 for receipt in receipts[10 * at : 10 * at + 10]]
        assert positions == list(range(positions[0], positions[0] + 10))
    assert 5 <= node.store.head.height <= 41
    assert audit(node.store).difference is None


def hold(node: Node) -> Event:
    """Keep the engine's thread busy until the event is set: whatever is submitted meanwhile waits."""
    leave, held = Event(), Event()

    def wait(_: Future[list[Receipt]]) -> None:
        held.set()
        leave.wait(30)

    # A callback that came too late would run here. The engine's thread signs before it answers, so it does not.
    node.engine.submit([invoice(0)]).add_done_callback(wait)
    assert held.wait(30)
    return leave


def test_a_full_queue_says_so(begin: Begin) -> None:
    """More than the queue holds is refused at once; what was queued is answered, and then there is room again."""
    node = begin(queue_records=20)
    node.send(*PARTIES)
    leave = hold(node)
    answer = node.engine.submit([invoice(number) for number in range(1, 16)])
    with pytest.raises(Busy):
        node.engine.submit([invoice(number) for number in range(16, 26)])
    assert node.engine.status().queued_records == 15
    leave.set()
    assert len(answer.result(30)) == 15
    assert len(node.send(*(invoice(number) for number in range(16, 26)))) == 10


def test_stopping_answers_what_is_queued(begin: Begin) -> None:
    """A clean stop finishes everything that was taken, and takes nothing more."""
    node = begin(group_records=50)
    node.send(*PARTIES)
    answers = [node.engine.submit([invoice(20 * at + step) for step in range(20)]) for at in range(10)]
    node.engine.stop()
    assert all(answer.done() for answer in answers)
    assert all(receipt.outcome is Outcome.CREATED for answer in answers for receipt in answer.result())
    with pytest.raises(Stopped, match="stopping"):
        node.engine.submit([invoice(999)])
    node.engine.stop()


def test_a_failed_commit_promises_nothing(begin: Begin) -> None:
    """When the disk is full nobody is told of success, the engine takes nothing more, and says why."""
    node = begin()
    node.send(*PARTIES)
    leave = hold(node)
    head, root = node.store.head, node.store.trees.objects.root()
    pages = node.store._writer.exec_driver_sql("PRAGMA page_count").scalar()
    node.store._writer.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    node.store._writer.rollback()
    answers = [node.engine.submit([invoice(100 * at + step) for step in range(100)]) for at in range(5)]
    leave.set()
    for answer in answers:
        with pytest.raises(Stopped, match="full"):
            answer.result(30)
    failure = node.engine.status().failure
    assert failure is not None
    assert "disk is full" in failure
    with pytest.raises(Stopped, match="full"):
        node.engine.submit([invoice(9_999)])
    assert (node.store.head, node.store.trees.objects.root()) == (head, root)


def test_a_head_that_cannot_be_signed_is_not_acknowledged(begin: Begin) -> None:
    """When the high-water mark cannot be written, the caller is not told of success; the next start signs the head."""
    node = begin()
    node.send(*PARTIES)
    mark = node.folder.high_water.read_bytes()
    node.folder.high_water.unlink()
    with pytest.raises(Stopped, match="high-water mark"):
        node.send(invoice(1))
    size = node.store.head.size
    node.engine.stop()
    node.store.close()
    node.folder.high_water.write_bytes(mark)
    node.store, node.signer = start_ledger(node.folder, fixed_clock())
    assert node.store.head.size == size
    assert look(node.store).find_record(invoice(1).id) is not None
    assert look(node.store).checkpoint(size) is not None
    assert audit(node.store).difference is None


@pytest.mark.slow
def test_an_idle_head_is_signed_again(begin: Begin) -> None:
    """Without records the head's cosignature gets a newer time, so that a quiet ledger does not look stale."""
    now = [START + HOUR]
    node = begin(clock=lambda: now[0], resign_seconds=1)
    node.send(*PARTIES)
    now[0] += 5_000
    key, deadline, seconds = node.signer.vkeys()[1], monotonic() + 20, 0
    while seconds != now[0] // 1000 and monotonic() < deadline:
        sleep(0.05)
        published = node.store.published
        assert published is not None
        seconds = verify_cosignature(parse_note(published.note.encode()), key)
    assert seconds == now[0] // 1000
    assert node.engine.status().failure is None


def test_a_record_of_another_ledger_is_refused(begin: Begin) -> None:
    """A record that was signed for another ledger has no place here."""
    node = begin()
    node.send(*PARTIES)
    stranger = sign(invoice(1).record.body, key_of("seller"), ledger=bytes(32))
    refusal = node.send(stranger, enrol("third"))[0].refusal
    assert refusal is not None
    assert refusal.reason is WRONG_LEDGER
