"""A corridor with a real node in a process of its own, for the tests of the SDK and whoever else needs one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hanse_cli.folders.corridor import Plan, PlannedMember
from hanse_cli.folders.networkfolder import running_network
from hanse_cli.with_node.networks import make_network
from hanse_client.home.identity import Identity
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Cosigner, Member, MemberKey, MemberRole, Membership, Parameters
from hanse_node.main import init_node
from tests.conftest import ROOT

MEMBERS = {
    "bank-a": MemberRole.BANK,
    "bank-b": MemberRole.BANK,
    "chamber": MemberRole.ORIGIN_ISSUER,
    "customs": MemberRole.CUSTOMS,
    "market": MemberRole.MARKETPLACE,
}
LOG_SEED, COSIGNING_SEED = bytes(31) + b"\x01", bytes(31) + b"\x02"
STOP_SECONDS = 30
YEAR_MS = 365 * 24 * 3_600_000

PROGRAM = """
import sys
from pathlib import Path
from hanse_node.main import run_node
run_node(Path(sys.argv[1]), host="127.0.0.1", port=0, ready=lambda url: print(url, flush=True))
"""

SAMPLES = ROOT / "ledger" / "hanse_documents" / "samples"


def now_ms() -> int:
    """Give the present in milliseconds."""
    return time.time_ns() // 1_000_000


class NodeCorridor:
    """The identities of five members, and the genesis in which they stand."""

    def __init__(self, name: str = "sdk corridor") -> None:
        self.members = {member: Identity.generate(member) for member in MEMBERS}
        self.spares = {member: Identity.generate(member) for member in MEMBERS}
        self.genesis = self._genesis(name)

    @property
    def trust(self) -> TrustFile:
        """Whom a verifier trusts."""
        return read_trust(write_trust(self.genesis))

    def make_node(self, folder: Path) -> Path:
        """Create the node's folder."""
        init_node(folder, encode(self.genesis), "market", log_seed=LOG_SEED, cosigning_seed=COSIGNING_SEED)
        return folder

    def _genesis(self, name: str) -> Genesis:
        now = now_ms()
        members = tuple(
            Member(
                id=member,
                keys=tuple(
                    MemberKey(key=identity.public_key, valid_from=0, valid_until=now + YEAR_MS)
                    for identity in (self.members[member], self.spares[member])
                ),
                name=f"The {member}",
                roles=(role,),
            )
            for member, role in MEMBERS.items()
        )
        log, cosign = Identity("", LOG_SEED, bytes(32)), Identity("", COSIGNING_SEED, bytes(32))
        cosigner = Cosigner(
            cosigning_key=cosign.public_key[1:], id="market", log_key=log.public_key[1:], ml_dsa_key=None
        )
        membership = Membership(
            cosigners=(cosigner,),
            epoch=0,
            members=members,
            parameters=Parameters(quorum=1, tag_epochs=(1,)),
        )
        return Genesis(created=now - 3_600_000, membership=membership, name=name, nonce=os.urandom(16), version=2)


class ConsortiumCorridor(NodeCorridor):
    """The same members, four of whom run a node on CometBFT."""

    def __init__(self, folder: Path) -> None:
        self.members = {member: Identity.generate(member) for member in MEMBERS}
        self.spares = {member: Identity.generate(member) for member in MEMBERS}
        planned = tuple(
            PlannedMember(
                id=member,
                name=f"The {member}",
                roles=(role,),
                key=self.members[member].public_key.hex(),
                spare=self.spares[member].public_key.hex(),
            )
            for member, role in MEMBERS.items()
        )
        plan = Plan(name="sdk corridor", operator="market", members=planned)
        self.folder = folder
        self.genesis = make_network(plan, folder, nodes=("bank-b", "chamber", "customs", "market")).genesis

    @contextmanager
    def running(self, program: Path) -> Iterator[dict[str, str]]:
        """Run all nodes, and give their URLs by member."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
            with running_network(self.folder) as nodes:
                yield {name: node.url for name, node in nodes.items()}


@contextmanager
def running_node(folder: Path) -> Iterator[str]:
    """Run the node in a folder as a process on loopback, and give its URL."""
    paths = os.pathsep.join(str(ROOT / part) for part in ("ledger", "client", "node"))
    log = folder.parent / f"{folder.name}.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, f"the node did not start:\n{log.read_text()}"
            yield url
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
