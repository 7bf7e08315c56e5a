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
from tests.system.stage.processes import run_json, said

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


KEYS = ("--key", "01" + "ab" * 32, "--spare", "01" + "cd" * 32)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    """Names, addresses and keys that cannot be: each with what to do, and nothing is made."""
    good = {
        "--member": "x",
        "--name": "X",
        "--role": "bank",
        "--url": "https://x:1",
        "--p2p": "x:2",
        "--key": KEYS[1],
        "--spare": KEYS[3],
    }
    for option, wrong in (
        ("--member", "../x"),
        ("--name", ""),
        ("--url", "http://x:1"),
        ("--url", "https://x"),
        ("--p2p", "nowhere"),
        ("--key", "01ab"),
        ("--spare", "01ab"),
    ):
        changed = [word for pair in (good | {option: wrong}).items() for word in pair]
        code, answer = run_json("network", "prepare", "--dir", tmp_path / "wrong", *changed)
        assert code == 2, (option, answer)
        assert not (tmp_path / "wrong").exists()


def test_parts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Parts twice, of the same keys or damaged, too few without a word, a network without one's own part."""
    place = ("--url", "https://127.0.0.1:1", "--p2p", "127.0.0.1:2", *KEYS)
    for name in ("one", "two", "three"):
        said("network", "prepare", "--dir", tmp_path / name, "--member", name, "--name", name, "--role", "bank", *place)
    one, two, three = (tmp_path / name / "member.json" for name in ("one", "two", "three"))
    code, answer = run_json("network", "assemble", "--yes", one, one, "--name", "x", "--out", tmp_path / "twice.json")
    assert code == 2
    assert "do not fit" in answer["error"]["message"]
    code, answer = run_json("network", "assemble", one, two, "--name", "x", "--out", tmp_path / "two.json")
    assert code == 2
    assert "every change of the members needs all of them" in answer["error"]["message"]
    words = ("--name", "x", "--out", tmp_path / "same-key.json", "--yes")
    code, answer = run_json("network", "assemble", one, two, *words)
    assert code == 2
    assert "do not fit" in answer["error"]["message"]
    (tmp_path / "bad.json").write_bytes(three.read_bytes()[:-2] + b" }")
    words = ("--name", "x", "--out", tmp_path / "bad.out", "--yes")
    code, answer = run_json("network", "assemble", one, tmp_path / "bad.json", *words)
    assert code == 2
    said("network", "assemble", "--yes", one, "--name", "x", "--out", tmp_path / "net.json")
    code, answer = run_json("network", "join", "--yes", tmp_path / "net.json", "--dir", tmp_path / "two")
    assert code != 0
    assert "has not the part of two" in answer["error"]["message"]
    code, answer = run_json("network", "join", "--yes", tmp_path / "net.json", "--dir", tmp_path / "nowhere")
    assert code != 0
    assert "no prepared node" in answer["error"]["message"]
    code, answer = run_json("network", "peer", "--yes", two, "--dir", tmp_path / "nowhere")
    assert code != 0
    assert "holds no node" in answer["error"]["message"]
    said("network", "join", "--yes", tmp_path / "net.json", "--dir", tmp_path / "one")
    code, answer = run_json("network", "join", "--yes", tmp_path / "net.json", "--dir", tmp_path / "one")
    assert code != 0


def test_what_others_sent_is_agreed_to(tmp_path: Path) -> None:
    """Without a terminal and --yes nothing is taken, and what would be is shown; a part that injects is refused."""
    place = (
        "--url",
        "https://127.0.0.1:1",
        "--p2p",
        "127.0.0.1:2",
        "--key",
        "01" + "ab" * 32,
        "--spare",
        "01" + "cd" * 32,
    )
    said("network", "prepare", "--dir", tmp_path / "one", "--member", "one", "--name", "One", "--role", "bank", *place)
    part, network = tmp_path / "one" / "member.json", tmp_path / "net.json"
    words = ("network", "assemble", part, "--name", "x", "--out", network)
    code, answer = run_json(*words)
    assert code == 2
    assert "--yes" in answer["error"]["action"]
    assert not network.exists()
    said(*words, "--yes")
    for command in (
        ("network", "join", network, "--dir", tmp_path / "one"),
        ("network", "peer", part, "--dir", tmp_path / "one"),
    ):
        code, answer = run_json(*command)
        assert code == 2
        assert "--yes" in answer["error"]["action"]
    assert not (tmp_path / "one" / "node.toml").exists()

    own = part.read_bytes()
    for field, was, now in (
        ("p2p", b"127.0.0.1:2", rb"127.0.0.1:2\"\ntest_fuzz = true\n[instrumentation]\nprometheus = true\n#"),
        ("name", b'"One"', rb'"One\nfingerprint  0123 4567"'),
        ("url", b"https://127.0.0.1:1", rb"https://127.0.0.1:1\u001b[2J"),
    ):
        assert was in own, field
        part.write_bytes(own.replace(was, now))
        code, answer = run_json("network", "assemble", "--yes", part, "--name", "x", "--out", tmp_path / "bad.json")
        assert code == 2, field
        assert field in answer["error"]["message"]
        assert not (tmp_path / "bad.json").exists()
    for name in ("two\nlines", "two  spaces", "\u202eturned", " "):
        part.write_bytes(own)
        code, _ = run_json("network", "assemble", "--yes", part, "--name", name, "--out", tmp_path / "bad.json")
        assert code == 2
