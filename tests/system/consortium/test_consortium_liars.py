"""A member whose owner has changed what its node does: told apart by the others, named, and never vouched for."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes

import httpx2
import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_client import Identity, Verdict, verify_file
from hanse_ledger.misbehaviour.double_vote import FORMAT, DoubleVote, Vote, VotedBlock, sign_bytes
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.values.hashing import hash_bytes
from tests.system.stage.consortium_processes import NAMES, TOKEN, Consortium, Node, consortium, send
from tests.system.stage.engine_rpc import ask_engine
from tests.system.stage.present import Present
from tests.system.stage.processes import run_json, said
from tests.world.node_ledger import MARKET

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

DAY_S = 86_400

OWN_RULES = """
import hanse_ledger.blocks.block as group
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


OWN_CLOCK = """
import time

honest = time.time_ns

time.time_ns = lambda: honest() + 86_400_000_000_000
"""


def run_with(found: Consortium, name: str, place: Path) -> None:
    """Start a member's node again with what its owner has put into a place of its own."""
    node = found.nodes[name]
    node.stop()
    node.environment = {**node.environment, "PYTHONPATH": f"{place}{os.pathsep}{node.environment['PYTHONPATH']}"}
    node.start()


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
        # A clock that runs a day ahead makes no head look fresher than a quorum says, and keeps nobody from working.
        (tmp_path / "clock").mkdir()
        (tmp_path / "clock" / "sitecustomize.py").write_text(OWN_CLOCK)
        run_with(found, "customs", tmp_path / "clock")
        found.settle(found.nodes["customs"].ready)
        found.settle(partial(acknowledged, found, "customs"))
        found.settle(found.agree)
        assert abs(signed_at(found, "customs") - Present.clock() // 1_000) < DAY_S // 2
        # An engine that votes twice is found out by the engines, and kept as evidence by every node.
        vote_twice(found, "chamber")
        for name in NAMES:
            found.settle(partial(_has_evidence, found.nodes[name]))
            (path,) = evidence(found.nodes[name])
            report = verify_file(path.read_bytes(), read_trust(write_trust(found.made.genesis)), Present.clock())
            assert report.verdict is Verdict.VALID, report.detail
            assert report.detail.startswith("the engine of chamber voted for two blocks")
        put_on_record(found, path)
        liar, others = found.nodes["bank"], [name for name in NAMES if name != "bank"]
        run_with(found, "bank", place)
        found.settle(liar.ready)
        before = liar.head()
        for name in others:
            found.settle(partial(acknowledged, found, name))
        found.settle(partial(found.agree, others))
        # Nobody vouches for what it has come to, so that it shows nothing of it; and it says why it stands still.
        assert liar.head() == before
        found.settle(lambda: not liar.ready())
        reason = httpx2.get(f"{liar.url}/readyz").json()["reason"]
        assert reason in ("the engine has failed", "the engine does not get on"), reason
        assert "another state than the network" in (liar.folder / "node.log").read_text()
        for name in others:
            found.settle(partial(_accuses, found, name, "bank signed"))
            assert len(evidence(found.nodes[name])) < 10, "one for each head, however often it is signed"
        liar.kill(node=True, engine=True)


def test_a_quorum_of_liars_is_proven_wrong(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Three of four add a cent to every invoice: the fourth stops, and has what proves it to anybody, offline."""
    place = tmp_path / "own"
    place.mkdir()
    (place / "sitecustomize.py").write_text(OWN_RULES)
    with consortium(tmp_path / "four", require_tool("cometbft")) as found:
        found.settle(lambda: all(node.ready() for node in found.nodes.values()))
        found.settle(lambda: send(found.nodes["market"].url, found.present.parties))
        found.settle(found.agree)
        liars, honest = [name for name in NAMES if name != "market"], found.nodes["market"]
        for name in liars:
            run_with(found, name, place)
        found.settle(lambda: all(found.nodes[name].ready() for name in liars))
        before = honest.head()
        found.settle(partial(acknowledged, found, "bank"))
        found.settle(partial(_accuses, found, "market", "bank, chamber, customs signed what does not follow"))
        assert honest.head() == before, "it shows nothing of what it does not hold to be so"
        found.settle(lambda: not honest.ready())
        for node in found.nodes.values():
            node.kill(node=True, engine=True)


def vote_twice(found: Consortium, member: str) -> None:
    """Sign two votes with a member's own validator key, and give them to another member's engine."""
    folder = found.nodes[member].folder
    key = json.loads((folder / "comet" / "config" / "priv_validator_key.json").read_text())
    signer = SigningKey(base64.b64decode(key["priv_key"]["value"])[:32])
    ask = partial(ask_engine, found.nodes["market"].folder)
    height = int(ask("status")["sync_info"]["latest_block_height"]) - 1
    header = ask("block", height=str(height))["block"]["header"]
    listed = ask("validators", height=str(height))["validators"]
    place = next(at for at, each in enumerate(listed) if each["address"] == key["address"])
    unsigned = Vote(block=None, nanos=0, seconds=1_795_000_000, signature=bytes(64))
    evidence = DoubleVote(
        format=FORMAT,
        first=unsigned,
        height=height,
        ledger=found.present.ledger,
        member=member,
        round=0,
        second=unsigned,
        step=2,
        validator_key=signer.verify_key.encode(),
    )
    votes = []
    for name in (b"a", b"b"):
        block = VotedBlock(hash=hash_bytes(name), parts=1, parts_hash=hash_bytes(name * 2))
        signature = signer.sign(sign_bytes(evidence, replace(unsigned, block=block))).signature
        votes.append(
            {
                "type": 2,
                "height": str(height),
                "round": 0,
                "block_id": {
                    "hash": block.hash.hex().upper(),
                    "parts": {"total": 1, "hash": block.parts_hash.hex().upper()},
                },
                "timestamp": datetime.fromtimestamp(unsigned.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "validator_address": key["address"],
                "validator_index": place,
                "signature": base64.b64encode(signature).decode(),
                "extension": None,
                "extension_signature": None,
            }
        )
    # The engine wants them in the order of their blocks.
    first, second = sorted(votes, key=lambda vote: str(vote["block_id"]))
    value = {
        "vote_a": first,
        "vote_b": second,
        "TotalVotingPower": str(sum(int(each["voting_power"]) for each in listed)),
        "ValidatorPower": listed[place]["voting_power"],
        "Timestamp": header["time"],
    }
    ask("broadcast_evidence", evidence={"type": "tendermint/DuplicateVoteEvidence", "value": value})


def signed_at(found: Consortium, name: str) -> int:
    """Tell when a quorum has signed what a node shows, in seconds."""
    note = parse_note(httpx2.get(f"{found.nodes[name].url}/log/checkpoint").content)
    return verify_head(note, read_trust(write_trust(found.made.genesis))).signed_at_seconds


def put_on_record(found: Consortium, path: Path) -> None:
    """Report evidence as a member does; once is enough, and what proves nothing is not even sent."""
    identity, trust = found.folder / "market.pem", found.folder / "trust.json"
    Identity("market", bytes(MARKET), token_bytes(32)).save(identity, None)
    token = found.folder / "token"
    token.touch(0o600)
    token.write_text(TOKEN)
    signing = ("--node", found.nodes["market"].url, "--trust", trust, "--identity", identity)
    words = (
        *signing,
        "--home",
        found.folder / "home",
        "--token-file",
        token,
    )
    said("member", "report", path, *words)
    code, answer = run_json("member", "report", path, *words)
    assert code != 0
    assert "evidence-reported" in answer["error"]["message"]
    (found.folder / "nothing.json").write_bytes(path.read_bytes().replace(b"chamber", b"customs"))
    code, answer = run_json("member", "report", found.folder / "nothing.json", *words)
    assert code == 2
    assert "proves nothing" in answer["error"]["message"]


def _accuses(found: Consortium, name: str, words: str) -> bool:
    trust = read_trust(write_trust(found.made.genesis))
    reports = [verify_file(path.read_bytes(), trust, Present.clock()) for path in evidence(found.nodes[name])]
    assert all(report.verdict is Verdict.VALID for report in reports), reports
    return any(report.detail.startswith(words) for report in reports)


def _has_evidence(node: Node) -> bool:
    return bool(evidence(node))
