"""The disk of the engine's blocks fills up: the node says so, loses nothing, and goes on when there is room."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from hanse_node.base.config import Limits
from hanse_node.base.errors import NodeError
from hanse_node.lifecycle.audit import audit
from tests.conftest import give_up
from tests.system.stage.consortium import PATIENCE_S, CometNode, genesis_of, make_nodes
from tests.system.stage.present import Present
from tests.world.node_ledger import look

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

DISK = "12m"
RECORDS = 400


@pytest.fixture
def present() -> Present:
    """Give a ledger of one validator that begins now."""
    return Present(genesis_of(["market"]))


@pytest.fixture
def node(tmp_path: Path, present: Present, require_tool: Callable[[str], Path]) -> Iterator[CometNode]:
    """Give a node whose engine keeps its blocks on a small disk in memory."""
    (made,) = make_nodes(tmp_path, require_tool("cometbft"), present, Limits(verify_processes=0))
    data = made.path / "comet" / "data"
    state = (data / "priv_validator_state.json").read_bytes()
    mounted = subprocess.run(
        [require_tool("mount"), "-t", "tmpfs", "-o", f"size={DISK}", "hanse-test", data],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        give_up(f"needs the right to mount a tmpfs ({mounted.stderr.strip()})")
    kept = data / "priv_validator_state.json"
    kept.write_bytes(state)
    kept.chmod(0o600)
    try:
        yield made
    finally:
        made.close()
        subprocess.run(["umount", data], check=True)


def test_a_full_disk_of_the_engine_is_named(node: CometNode, present: Present) -> None:
    """What was acknowledged stands, the reason is said with the next step, and more room is all that it takes."""
    node.start()
    node.send(*present.parties)
    data = node.path / "comet" / "data"
    (data / "ballast").write_bytes(bytes(shutil.disk_usage(data).free - 2 * 1024 * 1024))
    told: list[bytes] = []
    with suppress(NodeError, TimeoutError):
        for _ in range(1_000):
            batch = present.invoices(RECORDS)
            node.send(*batch)
            told.extend(each.id for each in batch)
    until = monotonic() + PATIENCE_S
    while "disk is full" not in (node.engine.status().failure or ""):
        assert monotonic() < until, node.engine.status()
        sleep(0.2)
    node.close()
    (data / "ballast").unlink()
    node.start()
    assert [name for name in told if look(node.store).find_record(name) is None] == []
    assert [receipt.position is not None for receipt in node.send(*present.invoices(1))] == [True]
    assert audit(node.store).difference is None
