"""A consortium whose nodes and engines are killed under load: nothing acknowledged is lost or doubled, nobody forks.

HANSE_KILLS says how often, HANSE_SEED from which number the moments follow.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.system.stage.consortium_processes import NAMES, Load, consortium, judge, send

ROUNDS = int(os.environ.get("HANSE_KILLS", "3"))
SEED = int(os.environ.get("HANSE_SEED", "20261125"))

pytestmark = [pytest.mark.system, pytest.mark.timeout(300 + 60 * ROUNDS)]


def test_kills_lose_nothing(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Nodes, engines, or both, at random moments: in the end all nodes hold the same, and all that was acknowledged."""
    chance = Random(SEED)  # noqa: S311 (the same moments in every run)
    with consortium(tmp_path / "four", require_tool("cometbft")) as found:
        found.settle(lambda: all(node.ready() for node in found.nodes.values()))
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties))
        with Load(found) as load:
            for number in range(ROUNDS):
                sleep(chance.uniform(0.5, 3))
                before, victim = len(load.acknowledged), found.nodes[chance.choice(NAMES)]
                what = {"node": True, "engine": True} | [{}, {"engine": False}, {"node": False}][number % 3]
                victim.kill(**what)
                # The other three go on.
                found.settle(partial(load.more_than, before))
                if what["node"]:
                    victim.start()
                found.settle(victim.ready)
                found.settle(victim.has_engine)
        found.settle(found.agree)
        assert load.seen["refused"] == 0
        assert len(load.acknowledged) > ROUNDS
        judge(found, [*found.present.parties, *load.acknowledged])
