"""Members are admitted, removed and given new keys by vote, while the ledger goes on."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from hanse_client import Client, Identity, Verdict, verify_file
from hanse_client.clock import now_ms
from hanse_ledger.records import PartyRole
from tests.system.prepared import ROLES, Members
from tests.system.processes import run_json, said

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def vote(members: Members, proposal: str, *names: str, at: str = "market") -> dict[str, object]:
    """Have members approve a proposal; give what the last of them saw."""
    answer: dict[str, object] = {}
    for name in names:
        answer = said("member", "vote", proposal, "--approve", *members.signing(name, at))
    return answer


def enrol(client: Client, name: str) -> bytes:
    """Enrol a party, and give its id."""
    return client.parties.enrol(Identity.generate(name), roles=[PartyRole.SELLER], terms={"name": name}).object_id


def epoch(members: Members, node: str) -> int:
    """Ask a node for the members' epoch."""
    words = ("--node", members.nodes[node].url, "--trust", members.folder / "market" / "trust.json")
    return int(said("member", "show", *words, "--home", members.folder / "homes" / f"ask-{node}")["epoch"])


def test_members_come_and_go(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """A fifth member follows, is voted in and vouches; one leaves and follows; one gets new keys; proofs hold on."""
    with ExitStack() as stack:
        members = Members(tmp_path, require_tool("cometbft"), stack)
        members.found()
        members.start(*ROLES)
        with members.client("market", "market", "bank") as client:
            early = enrol(client, "early")
            early_proof = client.proof(early)

            # The newcomer follows before anybody has voted, and shows what a quorum has signed.
            part = members.prepare("carrier", "carrier")
            members.join("carrier", "--follow")
            for name in ROLES:
                said("network", "peer", part, "--dir", tmp_path / name)
            members.start("carrier")
            members.settle(lambda: members.agree("carrier", "market"))
            with members.client("market", "carrier") as reader:
                assert reader.parties.show(early).state

            proposed = said("member", "propose", "--admit", part, *members.signing("market", "market"))
            proposal = proposed["receipt"]["object_id"]
            code, answer = run_json("member", "vote", proposal, "--approve", *members.signing("market", "market"))
            assert code != 0
            assert "already-voted" in answer["error"]["message"]
            vote(members, proposal, "bank", "chamber")
            members.settle(lambda: epoch(members, "carrier") == 1)
            with members.client("market", "carrier", quorum=5) as strict:
                party = enrol(strict, "with five")
                report = verify_file(strict.proof(party), members.trust, now_ms())
            assert report.verdict is Verdict.VALID, report.detail
            assert report.vouchers.startswith("5 of 5 organisations")

            # One leaves: it has no vote on that, follows from then on, and is missed by nobody.
            gone = said("member", "propose", "--remove", "chamber", *members.signing("carrier", "carrier"))
            vote(members, gone["receipt"]["object_id"], "bank", "market")
            members.settle(lambda: epoch(members, "chamber") == 2)
            after = enrol(client, "without the chamber")
            members.settle(lambda: members.agree("chamber", "bank"))
            report = verify_file(client.proof(after), members.trust, now_ms())
            assert "of 4 organisations" in report.vouchers
            assert "chamber" not in report.vouchers
            assert verify_file(early_proof, client.trust(), now_ms()).verdict is Verdict.VALID

            # Who has left cannot start as a member any more, but may go on watching.
            members.nodes["chamber"].stop()
            members.nodes["chamber"].start()
            process = members.nodes["chamber"].process
            assert process is not None
            assert process.wait(60) == 30
            settings = tmp_path / "chamber" / "node.toml"
            settings.write_text(settings.read_text().replace("follow = false", "follow = true"))
            members.start("chamber")
            members.settle(lambda: members.agree("chamber", "bank"))

            # The bank's node gets new keys: another folder, followed, voted for, ready; the old one vouches no more.
            key = members.identity("bank").public_key.hex()
            renewed = members.prepare("bank", "bank", folder="bank2", key=key)
            members.join("bank2", "--follow", "--peer", part)
            for name in ("market", "customs", "carrier", "chamber"):
                said("network", "peer", renewed, "--dir", tmp_path / name)
            members.start("bank2")
            members.settle(lambda: members.agree("bank2", "market"))
            swapped = said("member", "propose", "--admit", renewed, *members.signing("market", "market"))
            vote(members, swapped["receipt"]["object_id"], "carrier", "customs")
            members.settle(lambda: epoch(members, "bank2") == 3)
            members.nodes["bank"].stop()
            with members.client("market", "bank2", quorum=4) as strict:
                last = enrol(strict, "with the bank's new keys")
                assert strict.head().vouchers == ("bank", "carrier", "customs", "market")
                report = verify_file(strict.proof(last), members.trust, now_ms())
            assert report.verdict is Verdict.VALID, report.detail
        for name in ("market", "bank2", "chamber"):
            members.nodes[name].stop()
            said("log", "verify", "--dir", tmp_path / name)
