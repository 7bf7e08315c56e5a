"""The command line against a real node, in processes. What each command answers: `tests/unit/cli/commands`."""

import os
from collections.abc import Iterator

import pytest

from tests.system.stage.desk import open_desk
from tests.world.typed.desk import Desk, type_whole_trade

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def test_a_whole_trade_can_be_typed(desk: Desk) -> None:
    """Certificate, acceptance, both declarations, payment, proof: each a process, so that files alone remember."""
    type_whole_trade(desk)


def test_a_ledger_is_never_replaced(desk: Desk) -> None:
    """A second `node init` in the folder is refused, and so is a second process on it."""
    before = (desk.folder / "node" / "genesis.msgpack").read_bytes()
    desk.run("node", "init", "--dir", "node", "--members", "members.toml", code=2)
    assert (desk.folder / "node" / "genesis.msgpack").read_bytes() == before
    assert "Another process" in desk.run("node", "run", "--dir", "node", "--port", "0", code=30).err


@pytest.mark.parametrize("work", ["append", "verify", "read"])
def test_the_benchmarks_print_their_figures(desk: Desk, work: str) -> None:
    """Each prints the machine, the settings, the rate, three latencies and PyNaCl's own rate."""
    objects = ("--objects", "60") if work == "append" else ()
    words = ("--records", "25", "--batch", "10", "--callers", "2", "--json", *objects)
    measured = desk.run("bench", work, *words).json
    expected: dict[str, object] = {
        "records": 25,
        "batch": 10,
        "callers": 2,
        "objects": 60 if objects else 0,
        "every": 0,
    }
    expected |= {"consortium": 1, "database": "sqlite:///ledger.db"}
    assert measured["settings"] == expected
    assert measured["machine"]["cores"] == os.cpu_count()
    assert 0 < measured["p50_ms"] <= measured["p95_ms"] <= measured["p99_ms"]
    assert measured["records_per_second"] > 0
    rate = measured["pynacl_verify_per_second"]
    assert measured["p50_verifications"] == pytest.approx(measured["p50_ms"] * rate / 1_000, abs=0.2)
    assert measured["machine"]["python_build"]
