"""A ledger begins on one node and moves to a consortium, its history and its proofs intact."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from hanse_client import Client, Identity, Verdict, verify_file
from hanse_client.base.clock import now_ms
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.proofs.trustfile import read_trust
from tests.system.stage.consortium import free_port
from tests.system.stage.consortium_processes import Node
from tests.system.stage.prepared import ROLES, Members
from tests.system.stage.processes import run_json, said

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

FOUNDERS = 'name = "Alone"\noperator = "market"\n' + "".join(
    f'[[members]]\nid = "{name}"\nname = "The {name}"\nroles = ["{role}"]\n' for name, role in ROLES.items()
)


def begin(members: Members, program: Path) -> tuple[Node, Path]:
    """Make and start the one node; give it, and the trust file."""
    folder, port = members.folder / "alone", free_port()
    (members.folder / "members.toml").write_text(FOUNDERS)
    words = ("--dir", folder, "--members", members.folder / "members.toml", "--passphrase-file", members.secret)
    said("node", "init", *words, "--port", port)
    node = Node(folder, f"http://127.0.0.1:{port}", program)
    members.nodes["alone"] = node
    members.start("alone")
    return node, folder / "trust.json"


def take_over(members: Members, program: Path, folder: str, parts: list[Path], *words: str) -> None:
    """Complete a prepared node from the copy."""
    own = free_port()
    listening = ("--listen", f"127.0.0.1:{own}")
    target = members.folder / folder
    said("network", "take-over", "--yes", members.folder / "copy", *parts, "--dir", target, *listening, *words)
    members.nodes[folder] = Node(target, f"http://127.0.0.1:{own}", program)


def go_on(members: Members, market: Identity, trust: Path, seller: bytes, old_proof: bytes) -> None:
    """The four vouch for what follows, and the founding trust file is enough for proofs from before and after."""
    urls = [members.nodes[name].url for name in ROLES]
    home = members.folder / "homes" / "sdk"
    with Client(urls, identity=market, trust=trust, home=home, timeout_ms=60_000, quorum=4) as client:
        members.settle(lambda: client.members.present().membership.epoch == 1)
        buyer = client.parties.enrol(Identity.generate("b"), roles=[PartyRole.BUYER], terms={"name": "b"})
        assert buyer.vouchers == tuple(sorted(ROLES))
        founding = read_trust(trust.read_bytes())
        for data, vouchers in ((old_proof, "one operator"), (client.proof(seller), "of 4 organisations")):
            report = verify_file(data, founding, now_ms())
            assert report.verdict is Verdict.VALID, report.detail
            assert vouchers in report.vouchers
        assert verify_file(old_proof, client.trust(), now_ms()).verdict is Verdict.VALID


def come_later(members: Members, program: Path, parts: list[Path]) -> None:
    """Who comes later takes the same copy over, and follows from there."""
    late = members.prepare("late", "auditor")
    take_over(members, program, "late", parts, "--quick")
    for name in ROLES:
        said("network", "peer", "--yes", late, "--dir", members.folder / name)
    members.start("late")
    members.settle(lambda: members.agree("late", "market"))


def test_a_ledger_moves_to_a_consortium(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Voted for on one node, handed over, taken over by four; old proofs hold, the old node never starts again."""
    program = require_tool("cometbft")
    with ExitStack() as stack:
        members = Members(tmp_path, program, stack)
        alone, trust = begin(members, program)
        keys = {name: tmp_path / "alone" / "keys" / "members" / f"{name}.pem" for name in ROLES}
        passphrase = members.secret.read_bytes().strip()

        def signing(name: str) -> tuple[object, ...]:
            own = ("--identity", keys[name], "--passphrase-file", members.secret)
            return ("--node", alone.url, "--trust", trust, "--home", tmp_path / "homes" / name, *own)

        market = Identity.load(keys["market"], passphrase)
        with Client(alone.url, identity=market, trust=trust, home=tmp_path / "homes" / "sdk") as client:
            seller = client.parties.enrol(Identity.generate("s"), roles=[PartyRole.SELLER], terms={"name": "s"})
            old_proof = client.proof(seller.object_id)

        # Nothing is handed over before the members have voted.
        parts = [
            members.prepare(
                name,
                role,
                keys=[
                    Identity.load(tmp_path / "alone" / "keys" / kind / f"{name}.pem", passphrase).public_key.hex()
                    for kind in ("members", "spare")
                ],
            )
            for name, role in ROLES.items()
        ]
        admitted = [word for part in parts for word in ("--admit", part)]
        proposed = said("member", "propose", *admitted, *signing("market"))
        proposal = proposed["receipt"]["object_id"]
        code, answer = run_json("network", "hand-over", tmp_path / "early", "--dir", tmp_path / "alone")
        assert code != 0
        assert "Another process" in answer["error"]["message"]
        said("member", "vote", proposal, "--approve", *signing("bank"))
        voted = said("member", "vote", proposal, "--approve", *signing("customs"))
        assert [each["accepted"] for each in voted["proposals"]] == [True]
        size = alone.head()
        alone.stop()

        said("network", "hand-over", tmp_path / "copy", "--dir", tmp_path / "alone")
        alone.start()
        assert alone.process is not None
        assert alone.process.wait(60) == 30, "who has handed its ledger over starts no more"
        for name in ROLES:
            take_over(members, program, name, parts)
        members.start(*ROLES)
        members.settle(lambda: members.agree(*ROLES) and members.nodes["bank"].head() != size)
        go_on(members, market, trust, seller.object_id, old_proof)
        come_later(members, program, parts)
        for name in (*ROLES, "late"):
            members.nodes[name].stop()
            said("log", "verify", "--dir", tmp_path / name)
