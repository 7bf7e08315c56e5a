"""A member whose owner has changed what its node does: told apart by the others, named, and never vouched for."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from hanse_client import Verdict, verify_file
from hanse_ledger.trustfile import read_trust, write_trust
from tests.system.consortium_processes import NAMES, Consortium, Node, consortium, send
from tests.system.present import Present

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

OWN_RULES = """
import hanse_ledger.group as group
from msgspec.structs import replace

honest = group.transition

def transition(view, signed, ledger, at):
    delta = honest(view, signed, ledger, at)
    if signed.record.kind != "invoice.issue":
        return delta
    objects = tuple(
        replace(each, amounts=replace(each.amounts, payable_minor=each.amounts.payable_minor + 1))
        if hasattr(each, "amounts") else each
        for each in delta.objects
    )
    return replace(delta, objects=objects)

group.transition = transition
"""


def evidence(node: Node) -> list[Path]:
    """List what a node has kept as evidence."""
    return sorted((node.folder / "evidence").glob("*.json"))


def acknowledged(found: Consortium, name: str) -> bool:
    """Send an invoice to a member's node; tell whether it is acknowledged."""
    return send(found.nodes[name].url, found.present.invoices(1))


def test_rules_of_one_s_own(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Who adds a cent to every invoice comes to another root: the others go on, name it, and its own engine stops."""
    place = tmp_path / "own"
    place.mkdir()
    (place / "sitecustomize.py").write_text(OWN_RULES)
    with consortium(tmp_path / "four", require_tool("cometbft")) as found:
        found.settle(lambda: all(node.ready() for node in found.nodes.values()))
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties))
        found.settle(found.agree)
        liar, others = found.nodes["bank"], [name for name in NAMES if name != "bank"]
        liar.stop()
        liar.environment = {
            **liar.environment,
            "PYTHONPATH": f"{place}{os.pathsep}{liar.environment['PYTHONPATH']}",
        }
        liar.start()
        found.settle(liar.ready)
        before = liar.head()
        for name in others:
            found.settle(partial(acknowledged, found, name))
        found.settle(partial(found.agree, others))
        # Nobody vouches for what it has come to, so that it shows nothing of it; and it says why it stands still.
        assert liar.head() == before
        found.settle(lambda: not liar.ready())
        reason = httpx.get(f"{liar.url}/readyz").json()["reason"]
        assert reason in ("the engine has failed", "the engine does not get on"), reason
        assert "another state than the network" in (liar.folder / "node.log").read_text()
        for name in others:
            found.settle(partial(_has_evidence, found.nodes[name]))
            report = verify_file(
                evidence(found.nodes[name])[0].read_bytes(),
                read_trust(write_trust(found.made.genesis)),
                Present.clock(),
            )
            assert report.verdict is Verdict.VALID, report.detail
            assert report.detail.startswith("bank signed")
            assert len(evidence(found.nodes[name])) < 10, "one for each head, however often it is signed"
        liar.kill(node=True, engine=True)


def _has_evidence(node: Node) -> bool:
    return bool(evidence(node))
