"""Four organisations make a network without ever sharing a secret: each prepares its node, and sends its part."""

import os
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
from tests.system.stage.processes import said

pytestmark = [pytest.mark.system, pytest.mark.timeout(200)]

ROLES = {"bank": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}


def test_members_exchange_their_parts(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """Prepared apart, put together once, completed apart: the same ledger on each, and together a quorum."""
    secret = tmp_path / "passphrase"
    secret.write_text("a passphrase of this test\n")
    secret.chmod(0o600)
    listening = {}
    for name, role in ROLES.items():
        tls, p2p, own = free_port(), free_port(), free_port()
        listening[name] = f"127.0.0.1:{own}"
        made = said(
            *("network", "prepare", "--dir", tmp_path / name, "--member", name, "--name", f"The {name}"),
            *("--role", role, "--url", f"https://127.0.0.1:{tls}", "--p2p", f"127.0.0.1:{p2p}"),
            *("--passphrase-file", secret),
        )
        assert b"PRIVATE" not in Path(made["part"]).read_bytes()
    parts, network = [tmp_path / name / "member.json" for name in ROLES], tmp_path / "network.json"
    together = said("network", "assemble", "--yes", *parts, "--name", "Four", "--out", network)
    assert together["quorum"] == 3
    for name in ROLES:
        words = ("--listen", listening[name])
        joined = said("network", "join", "--yes", network, "--dir", tmp_path / name, *words)
        assert joined["ledger"] == together["ledger"]
    assert len({(tmp_path / name / "trust.json").read_bytes() for name in ROLES}) == 1

    trust = read_trust((tmp_path / "market" / "trust.json").read_bytes())
    program = require_tool("cometbft")
    with ExitStack() as stack:
        for name in ROLES:
            node = Node(tmp_path / name, f"http://{listening[name]}", program)
            stack.callback(node.kill, node=True, engine=True)
            node.start()
            stack.callback(node.stop)
        until = now_ms() + 60_000
        while not all(_ready(f"http://{listening[name]}") for name in ROLES):
            assert now_ms() < until
        market = Identity.load(tmp_path / "market" / "keys" / "members" / "market.pem", secret.read_bytes().strip())
        urls = [f"http://{each}" for each in listening.values()]
        with Client(urls, identity=market, trust=trust, home=tmp_path / "home", timeout_ms=60_000, quorum=4) as client:
            receipt = client.parties.enrol(Identity.generate("x"), roles=[PartyRole.SELLER], terms={"name": "x"})
            assert receipt.vouchers == tuple(sorted(ROLES))
            report = verify_file(client.proof(receipt.object_id), trust, now_ms())
        assert report.verdict is Verdict.VALID, report.detail
    assert os.stat(tmp_path / "bank" / "comet" / "config" / "priv_validator_key.json").st_mode & 0o077 == 0


def _ready(url: str) -> bool:
    return Node(Path(), url, Path()).ready()
