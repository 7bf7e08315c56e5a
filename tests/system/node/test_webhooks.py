"""Webhooks of real nodes that are killed: nothing that was committed is left out, nothing is told that was not.

HANSE_ROUNDS says how often a node is killed, HANSE_SEED from which number the moments follow.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Thread
from time import monotonic, sleep

import httpx2
import pytest

from hanse_ledger.records.entry import RECORD
from hanse_ledger.wire.codec import encode
from hanse_node.base.bounds import WEBHOOK_UNWRITTEN
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.main import init_node
from hanse_node.store.entries import read_type
from tests.system.stage.consortium_processes import consortium, send
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, running_node, said
from tests.system.stage.receiver import Receiver, receiver
from tests.world.node_ledger import COSIGN, LOG, fixed_clock, look

ROUNDS = int(os.environ.get("HANSE_ROUNDS", "4"))
SEED = int(os.environ.get("HANSE_SEED", "20261201"))
PATIENCE_S = 60

pytestmark = [pytest.mark.system, pytest.mark.timeout(300 + 30 * ROUNDS)]


def allow_loopback(folder: Path) -> None:
    """Let a node call receivers on this machine."""
    settings = folder / "node.toml"
    text = settings.read_text()
    changed = text.replace('inside = ""', 'inside = "127.0.0.0/8"')
    assert changed != text
    settings.write_text(changed)


def records_of(folder: Path) -> list[int]:
    """List the positions of the records of a stopped node's log."""
    with open_folder(folder, {}) as opened:
        store, _ = start_ledger(opened, fixed_clock())
        try:
            return [
                start + offset
                for start in range(0, store.head.size, 1_000)
                for offset, data in enumerate(look(store).entries(start, start + 1_000))
                if read_type(data) == RECORD
            ]
        finally:
            store.close()


def judge(came: list[int], stand: list[int], crashes: int) -> None:
    """Insist that all that stands has come, in order but for what was sent again after a crash, and nothing else."""
    assert set(came) == set(stand)
    backwards = [(before, after) for before, after in pairwise(came) if after <= before]
    assert len(backwards) <= crashes, backwards
    known = set[int]()
    for before, after in pairwise([0, *came]):
        # Whatever a position was sent back to, nothing between has been skipped on the way there.
        assert after in known or all(at in known for at in stand if at < after), (before, after)
        known.add(after)
    assert len(came) <= len(stand) + crashes * (WEBHOOK_UNWRITTEN + 1)


def write(node: NodeProcess, present: Present) -> None:
    """Send batches until the node is gone."""
    with suppress(httpx2.TransportError):
        while True:
            node.submit(*present.invoices(10))
            sleep(0.02)


def test_a_killed_node_leaves_nothing_out(tmp_path: Path) -> None:
    """Killed at any moment under load, a node tells a webhook every record, in order, at least once, by one id."""
    chance, present = Random(SEED), Present()  # noqa: S311 (moments of a test)
    path = tmp_path / "node"
    init_node(path, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    allow_loopback(path)
    with receiver() as place, receiver() as filtered:
        with running_node(path) as node:
            node.submit(*present.parties)
            node.stop()
        said("webhook", "add", "erp", place.url, "--from", "0", "--dir", path)
        said("webhook", "add", "parties", filtered.url, "--from", "0", "--kind", "party", "--dir", path)
        for _ in range(ROUNDS):
            with running_node(path) as node:
                writing = Thread(target=write, args=(node, present))
                writing.start()
                sleep(chance.uniform(0.2, 2.5))
                node.process.send_signal(signal.SIGKILL)
                node.process.wait(PATIENCE_S)
                writing.join(PATIENCE_S)
        with running_node(path) as node:
            size = int(httpx2.get(f"{node.url}/log/checkpoint").text.split("\n")[1])
            wait_for_end(place, size)
            listed = said("webhook", "list", "--dir", path)
            node.stop()
        stand = records_of(path)
        assert len(stand) > ROUNDS * 10
        judge(place.positions(), stand, ROUNDS)
        assert [each["behind"] for each in said("webhook", "list", "--dir", path)] == [0, 0]
        assert [each["name"] for each in listed] == ["erp", "parties"]
        ids = {came.event["data"]["position"]: came.id for came in place.came}
        assert all(ids[came.event["data"]["position"]] == came.id for came in place.came)
        assert {came.event["type"] for came in filtered.came} == {"hanse.party.enrol"}
        assert len({came.id for came in filtered.came}) == 2


def wait_for_end(place: Receiver, size: int) -> None:
    """Wait until the last record of a log has come: before its last entry, which closes the block."""
    ends = monotonic() + PATIENCE_S
    while not place.came or max(place.positions()) < size - 2:
        assert monotonic() < ends, (place.positions()[-1:], size)
        sleep(0.05)


def measured(url: str, line: str) -> None:
    """Wait until a node measures something."""
    until = monotonic() + 20
    while line not in httpx2.get(f"{url}/metrics").text.splitlines():
        assert monotonic() < until, line
        sleep(0.1)


def test_what_is_replayed_while_a_node_runs_comes_again(tmp_path: Path) -> None:
    """From a position, in order and under the same ids; a hook that is paused gets nothing until it is resumed."""
    present, path = Present(), tmp_path / "node"
    init_node(path, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    allow_loopback(path)
    with receiver() as place, running_node(path) as node:
        said("webhook", "add", "erp", place.url, "--dir", path)
        node.submit(*present.parties)
        first = place.wait(2)
        assert said("webhook", "trigger", "erp", "--dir", path)["status"] == 204
        said("webhook", "replay", "erp", "--from", "1", "--dir", path)
        came = place.wait(5)
        assert [each.id for each in came[3:5]] == [each.id for each in first]
        said("webhook", "pause", "erp", "--dir", path)
        measured(node.url, "hanse_webhooks_paused 1.0")
        node.submit(*present.invoices(1))
        sleep(1)
        assert len(place.came) == 5
        said("webhook", "resume", "erp", "--dir", path)
        assert place.wait(6)[5].event["type"] == "hanse.invoice.issue"
        # The receiver has answered before the node has heard so, and counts.
        measured(node.url, 'hanse_webhook_deliveries_total{outcome="accepted"} 5.0')
        measured(node.url, "hanse_webhooks 1.0")
        node.stop()


def test_members_tell_of_the_same_records_alike(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """In a consortium each node has its own webhooks; one that is killed leaves nothing out, and ids are the same."""
    with consortium(tmp_path / "four", require_tool("cometbft")) as found, receiver() as bank, receiver() as market:
        for name, place in (("bank", bank), ("market", market)):
            node = found.nodes[name]
            found.settle(node.ready)
            node.stop()
            allow_loopback(node.folder)
            said("webhook", "add", "erp", place.url, "--from", "0", "--dir", node.folder)
            node.start()
        found.settle(lambda: all(node.ready() for node in found.nodes.values()))
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties))
        for _ in range(3):
            sent = found.present.invoices(5)
            found.settle(lambda: send(found.nodes["market"].url, sent))  # noqa: B023 (settled within this round)
        begun = monotonic()
        found.nodes["bank"].kill(node=True, engine=True)
        last = found.present.invoices(5)
        found.settle(lambda: send(found.nodes["market"].url, last))
        found.nodes["bank"].start()
        wanted = {each.id.hex() for each in (*found.present.parties, *last)}
        for place in (bank, market):
            found.settle(lambda: wanted <= {came.id for came in place.came})  # noqa: B023 (likewise)
        assert monotonic() - begun < PATIENCE_S
        told = [
            {(came.id, came.event["source"], came.event["data"]["position"]) for came in place.came}
            for place in (bank, market)
        ]
        assert told[0] == told[1]
