"""Every write of a commit in turn fails, or is done and reported as failed; then the node starts again, and is audited.

Whatever happens: nobody is told of success that a restart does not find, nothing stands twice, and every head that was
ever signed is one of the log that is left.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hanse_ledger.blocks.block import Tip
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import TileReader, root_from_nodes
from hanse_node.base.errors import CannotStart, Stopped
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import DEFAULTS, PARTIES, fixed_clock, invoice, look, make_folder

T = TypeVar("T")

CLOCK = fixed_clock()
PATIENCE_S = 30

TABLES = ("entry", "record", "object", "history", "claim", "tile", "head", "checkpoint")


class How(Enum):
    """How a write fails."""

    UNDONE = "an error, and nothing is done"
    DONE = "done, and reported as failed"


@dataclass
class Plan:
    """Which statement fails how, once it is armed."""

    statement: str = ""
    how: How = How.UNDONE
    armed: bool = False
    struck: int = 0

    def strikes(self, statement: str) -> bool:
        """Tell whether this statement is the one; it fails once."""
        if self.armed and self.struck == 0 and statement.startswith(self.statement):
            self.struck += 1
            return True
        return False

    def arm(self, statement: str, how: How) -> None:
        """Have the next such statement fail."""
        self.statement, self.how, self.armed, self.struck = statement, how, True, 0


PLAN = Plan()


class FailingConnection(driver.Connection):
    """A real connection whose statements fail as the plan says."""

    def executemany(self, sql: str, rows: Iterable[Any]) -> driver.Cursor:
        """Run a statement for many rows."""
        return self._run(sql, lambda: super(FailingConnection, self).executemany(sql, rows))

    def cursor(self, *arguments: object) -> driver.Cursor:  # type: ignore[override]  # as it is called
        """Give a cursor that fails likewise: what SQLAlchemy runs goes through one."""
        return super().cursor(FailingCursor)

    def commit(self) -> None:
        """Commit."""
        self._run("COMMIT", super().commit)

    @staticmethod
    def _run(statement: str, work: Callable[[], T]) -> T:
        struck = PLAN.strikes(statement)
        if struck and PLAN.how is How.UNDONE:
            raise driver.OperationalError("disk I/O error")
        done = work()
        if struck:
            raise driver.OperationalError("disk I/O error")
        return done


class FailingCursor(driver.Cursor):
    """A cursor whose statements fail as the plan says."""

    def execute(self, sql: str, values: Any = ()) -> driver.Cursor:  # type: ignore[override]  # as it is called
        """Run a statement."""
        return FailingConnection._run(sql, lambda: super(FailingCursor, self).execute(sql, values))


class Witness(HeadSigner):
    """A signer that keeps every head that it signs: once it is signed it may be anywhere."""

    def __init__(self, folder: NodeFolder) -> None:
        super().__init__(folder, CLOCK)
        self.heads: list[Checkpoint] = []

    def sign(self, head: Tip, log: TileReader) -> str:
        """Sign a head, and keep it."""
        note = super().sign(head, log)
        self.heads.append(parse_checkpoint(parse_note(note.encode()).text))
        return note


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plan]:
    """Have every connection to a database be one that can fail."""
    real = driver.connect

    def connect(*arguments: Any, **named: Any) -> Any:
        return real(*arguments, **named, factory=FailingConnection)

    monkeypatch.setattr(driver, "connect", connect)
    PLAN.armed, PLAN.struck = False, 0
    yield PLAN
    PLAN.armed, PLAN.struck = False, 0


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose ledger has a few records, stopped in good order."""
    path = make_folder(tmp_path_factory.mktemp("pattern") / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        engine = EmbeddedEngine(store, signer, clock=CLOCK, bounds=DEFAULTS)
        engine.start()
        engine.submit([*PARTIES, *(invoice(number, tagged=True) for number in range(30))]).result(PATIENCE_S)
        engine.stop()
        store.close()
    return path


@pytest.fixture
def path(pattern: Path, tmp_path: Path) -> Path:
    """Give a copy of it."""
    shutil.copytree(pattern, tmp_path / "node")
    return tmp_path / "node"


def batch(number: int) -> list[Signed]:
    """Make records: some new, some that stand already."""
    return [invoice(0, tagged=True), *(invoice(number + step, tagged=True) for step in range(8))]


def strike(path: Path, arm: Callable[[], None], left: Path) -> tuple[list[Signed], list[Checkpoint]]:
    """Run a node into a fault, and copy what a crash at that moment would leave.

    Args:
        path: the node's folder.
        arm: has the next commit fail.
        left: where the copy goes.

    Returns:
        The records that were acknowledged, and the heads that were signed.
    """
    acknowledged: list[Signed] = []
    with open_folder(path, {}) as folder:
        store, _ = start_ledger(folder, CLOCK)
        witness = Witness(folder)
        engine = EmbeddedEngine(store, witness, clock=CLOCK, bounds=DEFAULTS)
        engine.start()
        engine.submit(batch(100)).result(PATIENCE_S)
        acknowledged += batch(100)
        arm()
        for number in (200, 300):
            acknowledged += _submit(engine, batch(number))
        failure = engine.status().failure
        shutil.copytree(path, left)
        PLAN.armed = False
        engine.stop()
        store.close()
    if PLAN.struck:
        assert failure is not None, "a node that does not know what it has written must not go on"
    return acknowledged, witness.heads


def _submit(engine: EmbeddedEngine, records: list[Signed]) -> list[Signed]:
    try:
        answer: Future[list[Receipt]] = engine.submit(records)
        receipts = answer.result(PATIENCE_S)
    except Stopped:
        return []
    assert all(receipt.outcome is not Outcome.REFUSED for receipt in receipts)
    return records


def judge(left: Path, acknowledged: list[Signed], heads: list[Checkpoint]) -> None:
    """Start on what a crash has left: everything that was promised stands, and the node goes on."""
    with open_folder(left, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        assert [each.id for each in acknowledged if look(store).find_record(each.id) is None] == []
        assert audit(store).difference is None
        with store.reading() as reads:
            for head in heads:
                assert head.size <= store.head.size
                assert root_from_nodes(reads, head.size) == head.root
        engine = EmbeddedEngine(store, signer, clock=CLOCK, bounds=DEFAULTS)
        engine.start()
        for number in (200, 300, 400):
            outcomes = {each.outcome for each in engine.submit(batch(number)).result(PATIENCE_S)}
            assert outcomes <= {Outcome.CREATED, Outcome.EXISTS}
        engine.stop()
        assert audit(store).difference is None
        store.close()


@pytest.mark.parametrize("how", How, ids=lambda how: how.name.lower())
@pytest.mark.parametrize("statement", [*(f"INSERT INTO {table}" for table in TABLES), "BEGIN IMMEDIATE", "COMMIT"])
def test_a_statement_fails(path: Path, tmp_path: Path, failing: Plan, statement: str, how: How) -> None:
    """Each statement of a commit, and the commit itself."""
    acknowledged, heads = strike(path, lambda: failing.arm(statement, how), tmp_path / "left")
    assert failing.struck == 1
    judge(tmp_path / "left", acknowledged, heads)


@pytest.mark.parametrize("action", ["ABORT", "FAIL", "ROLLBACK"])
@pytest.mark.parametrize("table", TABLES)
def test_a_constraint_fails(path: Path, tmp_path: Path, table: str, action: str) -> None:
    """The database itself refuses a row, in each of its ways: also one that has ended the transaction meanwhile."""

    def arm() -> None:
        database = driver.connect(path / "ledger.db")
        refused = f"SELECT RAISE({action}, 'refused')"
        database.execute(f"CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN {refused}; END")
        database.commit()
        database.close()

    acknowledged, heads = strike(path, arm, tmp_path / "left")
    database = driver.connect(tmp_path / "left" / "ledger.db")
    database.execute("DROP TRIGGER fault")
    database.commit()
    database.close()
    judge(tmp_path / "left", acknowledged, heads)
    assert len(acknowledged) < 3 * len(batch(0))


@pytest.mark.parametrize("share", [0, 0.5, 1], ids=["nothing", "half", "all of it"])
def test_the_mark_cannot_be_written(path: Path, tmp_path: Path, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The high-water mark fails with so much of it written: no signature leaves, and the next start signs the head."""
    real = os.pwrite

    def write(handle: int, data: bytes, place: int) -> int:
        if share:
            real(handle, data[: int(len(data) * share)], place)
        raise OSError(5, "Input/output error")

    def arm() -> None:
        monkeypatch.setattr(os, "pwrite", write)

    acknowledged, heads = strike(path, arm, tmp_path / "left")
    monkeypatch.undo()
    assert len(acknowledged) == len(batch(0))
    judge(tmp_path / "left", acknowledged, heads)


@pytest.mark.parametrize("share", [0, 0.5, 1], ids=["nothing", "half", "all of it"])
def test_the_trees_cannot_be_saved(path: Path, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that cannot leave the trees costs the next start some time, and nothing else."""
    real = os.replace

    def move(old: Path, new: Path) -> None:
        if Path(new).name != "trees":
            real(old, new)
            return
        data = Path(old).read_bytes()
        Path(new).write_bytes(data[: int(len(data) * share)])
        raise OSError(5, "Input/output error")

    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        engine = EmbeddedEngine(store, signer, clock=CLOCK, bounds=DEFAULTS)
        engine.start()
        engine.submit(batch(100)).result(PATIENCE_S)
        engine.stop()
        monkeypatch.setattr(os, "replace", move)
        store.close()
        monkeypatch.undo()
    judge(path, batch(100), [])


@pytest.mark.parametrize("part", range(0, 101, 10))
@pytest.mark.parametrize("name", ["ledger.db-wal", "ledger.db"])
def test_a_torn_file_is_never_believed(path: Path, tmp_path: Path, name: str, part: int) -> None:
    """Only so many percent of a file were written: either all that was signed is there, or there is no start."""
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        engine = EmbeddedEngine(store, signer, clock=CLOCK, bounds=DEFAULTS)
        engine.start()
        for number in range(100, 600, 50):
            engine.submit(batch(number)).result(PATIENCE_S)
        shutil.copytree(path, tmp_path / "left")
        engine.stop()
        store.close()
    torn = tmp_path / "left" / name
    size = torn.stat().st_size
    os.truncate(torn, size * part // 100 + (1_000 if 0 < part < 100 else 0))
    acknowledged = [each for number in range(100, 600, 50) for each in batch(number)]
    with open_folder(tmp_path / "left", {}) as folder:
        try:
            store, _ = start_ledger(folder, CLOCK)
        except CannotStart:
            return  # which names a next step, or it could not be raised
        assert [each.id for each in acknowledged if look(store).find_record(each.id) is None] == []
        assert audit(store).difference is None
        store.close()
