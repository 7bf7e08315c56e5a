"""A consortium on hosts of its own, in network namespaces: parted, healed, far away, and on bad lines."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.conftest import ROOT, give_up
from tests.system.stage.consortium_processes import NAMES, Consortium, consortium, judge, send

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

SWITCH = ROOT / "tests" / "system" / "stage" / "switch.py"
HEAL_SECONDS = 10.0
OBSERVER = 254


class Hosts:
    """A namespace with its own address for each member, and the switch between them."""

    def __init__(self, switch: "subprocess.Popen[str]", prefix: str, net: str) -> None:
        self._switch = switch
        self.addresses = {name: f"{net}.{port}" for port, name in enumerate(NAMES, 1)}
        self.before = {name: ("ip", "netns", "exec", f"{prefix}{port}") for port, name in enumerate(NAMES, 1)}

    def order(self, *groups: Sequence[str], delay: float = 0.0, loss: float = 0.0) -> None:
        """Have the network be so: parted into groups, slow (seconds one way), or losing frames."""
        ports = [[NAMES.index(name) + 1 for name in group] for group in groups]
        assert self._switch.stdin is not None
        self._switch.stdin.write(json.dumps({"groups": ports, "delay": delay, "loss": loss}) + "\n")
        self._switch.stdin.flush()


def ip(*words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run iproute2."""
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=check)


@contextmanager
def hosts() -> Iterator[Hosts]:
    """Make namespaces and the switch; nothing of them is left in the end."""
    number = os.getpid() % 10_000
    prefix, net = f"hs{number}n", f"10.{77 + number % 100}.{number % 250}"
    if os.geteuid() != 0 or shutil.which("ip") is None or ip("netns", "add", f"{prefix}0", check=False).returncode != 0:
        give_up("needs the right to make network namespaces, and iproute2")
    with ExitStack() as undo:
        undo.callback(ip, "netns", "del", f"{prefix}0", check=False)
        words = [sys.executable, str(SWITCH), prefix, str(len(NAMES) + 1)]
        switch = undo.enter_context(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        undo.callback(switch.kill)
        assert switch.stdout is not None
        assert switch.stdout.readline() == "ready\n"
        for port in range(len(NAMES) + 1):
            card, inside = f"{prefix}{port}", ("-n", f"{prefix}{port}") if port else ()
            if port:
                ip("netns", "add", card)
                undo.callback(ip, "netns", "del", card, check=False)
                ip("link", "set", card, "netns", card)
                ip(*inside, "link", "set", "lo", "up")
            ip(*inside, "link", "set", card, "address", f"02:00:00:00:00:{port:02x}")
            ip(*inside, "addr", "add", f"{net}.{port or OBSERVER}/24", "dev", card)
            ip(*inside, "link", "set", card, "up")
        yield Hosts(switch, prefix, net)


@pytest.fixture
def lan() -> Iterator[Hosts]:
    """Give four hosts."""
    with hosts() as found:
        yield found


def acknowledged(found: Consortium, name: str, timeout: float = 20) -> bool:
    """Send an invoice to a member's node; tell whether it is acknowledged."""
    return send(found.nodes[name].url, found.present.invoices(1), timeout=timeout)


def test_a_parted_network_does_not_fork(lan: Hosts, tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Three of four go on without the fourth; two and two stand still; healed, all are one again within ten seconds."""
    program = require_tool("cometbft")
    with consortium(tmp_path / "four", program, hosts=lan.addresses, before=lan.before) as found:
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties))
        lan.order(["bank"], ["chamber", "customs", "market"])
        for _ in range(3):
            found.settle(lambda: acknowledged(found, "market"))
        assert not acknowledged(found, "bank", timeout=3)
        lan.order()
        assert found.settle(found.agree) < HEAL_SECONDS + 5

        lan.order(["bank", "chamber"], ["customs", "market"])
        before = {name: node.head() for name, node in found.nodes.items()}
        for name in ("bank", "market"):
            assert not acknowledged(found, name, timeout=4)
        assert {name: node.head() for name, node in found.nodes.items()} == before
        lan.order()
        begun = monotonic()
        found.settle(lambda: acknowledged(found, "market", timeout=HEAL_SECONDS))
        assert monotonic() - begun < HEAL_SECONDS
        found.settle(lambda: acknowledged(found, "bank"))
        found.settle(found.agree)
        judge(found, found.present.parties)


def test_far_away_and_on_bad_lines(lan: Hosts, tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """With 150 ms each way and every twentieth frame lost it is slow, and works."""
    program = require_tool("cometbft")
    with consortium(tmp_path / "four", program, hosts=lan.addresses, before=lan.before, wide=True) as found:
        lan.order(delay=0.150, loss=0.05)
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties, timeout=40))
        for name in NAMES:
            took = found.settle(partial(acknowledged, found, name, timeout=40))
            assert took > 4 * 0.150, "a proposal, two votes and a cosignature cross the network"
        found.settle(found.agree)
        sleep(1)
        judge(found, found.present.parties)
