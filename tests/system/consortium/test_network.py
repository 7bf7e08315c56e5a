"""A consortium as its operators meet it: made and run in one command each, checked by the SDK as any ledger is."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from hanse_client import Client, Identity, Verdict, verify_file
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import HanseError, InvalidInput
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.proofs.heads import log_key
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, log_line, parse_checkpoint
from hanse_ledger.tlog.notes import Note, format_note, parse_note
from hanse_ledger.tlog.tlog_proof import TlogProof, format_tlog_proof
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.wire.genesis import origin_of
from hanse_node.base.folder import read_folder, read_keys
from hanse_node.comet.program.binary import VERSION
from hanse_node.signing.tlscertificates import TlsCertificates
from tests.system.stage.outside import check
from tests.system.stage.processes import children_of, environment, hanse

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

NAMES = ("bank", "chamber", "customs", "market")
ROLES = {"bank": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}
PATIENCE_S = 90


class Network:
    """A network of four members, its nodes running."""

    def __init__(self, folder: Path, made: dict[str, Any], up: "subprocess.Popen[str]", tools: dict[str, str]) -> None:
        self.folder, self.up, self.tools = folder, up, tools
        self.trust: TrustFile = read_trust((folder / "trust.json").read_bytes())
        self.urls = {each["member"]: each["url"] for each in made["nodes"]}
        self.home = folder / "home"
        self.market = Identity.load(folder / "keys" / "members" / "market.pem", (folder / "pw").read_bytes().strip())

    def client(self, member: str, quorum: int | None = None) -> Client:
        """Open a client of a member's node, for the market's identity."""
        return Client(
            self.urls[member],
            identity=self.market,
            trust=self.trust,
            home=self.home / member,
            timeout_ms=60_000,
            quorum=quorum,
        )

    def processes(self, member: str) -> list[int]:
        """List the processes of a member's node: itself, and what it has started."""
        found = subprocess.run(
            ["pgrep", "-f", f"node run --dir {self.folder / member}"], capture_output=True, text=True, check=True
        )
        (node,) = (int(line) for line in found.stdout.split())
        return [node, *children_of(node)]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], Path]) -> Iterator[Network]:
    """Make and run a network of four."""
    program = require_tool("cometbft")
    folder = tmp_path_factory.mktemp("network") / "corridor"
    members = folder.with_suffix(".toml")
    members.write_text(
        'name = "four"\noperator = "market"\n'
        + "".join(f'[[members]]\nid = "{name}"\nname = "{name}"\nroles = ["{ROLES[name]}"]\n' for name in NAMES)
    )
    passphrase = folder.with_suffix(".pw")
    passphrase.write_text("a passphrase of this test\n")
    passphrase.chmod(0o600)
    tools = {**environment(), "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    made = subprocess.run(
        hanse("network", "create", members, "--dir", folder, "--passphrase-file", passphrase, "--json"),
        capture_output=True,
        text=True,
        check=True,
        env=tools,
    )
    (folder / "pw").write_text(passphrase.read_text())
    up = subprocess.Popen(hanse("network", "up", "--dir", folder), stdout=subprocess.PIPE, text=True, env=tools)
    try:
        assert up.stdout is not None
        for name in NAMES:
            assert up.stdout.readline().startswith(name)
        yield Network(folder, json.loads(made.stdout), up, tools)
    finally:
        up.send_signal(signal.SIGINT)
        try:
            up.wait(60)
        finally:
            up.kill()
            assert up.stdout is not None
            up.stdout.close()


def enrol(client: Client, name: str) -> bytes:
    """Enrol a party; give its id."""
    identity = Identity.generate(name)
    return client.parties.enrol(identity, roles=[PartyRole.SELLER], terms={"name": name}).object_id


def settled(what: Callable[[], object]) -> object:
    """Try until it works: a network takes a moment to begin."""
    until = monotonic() + PATIENCE_S
    while True:
        try:
            return what()
        except HanseError:
            if monotonic() > until:
                raise
            sleep(0.5)


def test_every_member_s_word_is_in_a_proof(network: Network) -> None:
    """What is sent to one node is proven by another one, and three of four organisations vouch for it."""
    with network.client("market") as market, network.client("bank") as bank:
        party = settled(lambda: enrol(market, "a seller"))
        assert isinstance(party, bytes)
        proof = settled(lambda: bank.proof(party))
        assert isinstance(proof, bytes)
    report = verify_file(proof, network.trust, now_ms())
    assert report.verdict is Verdict.VALID, report.detail
    assert report.vouchers.startswith(("3 of 4 organisations", "4 of 4 organisations"))


def test_a_member_that_tells_two_stories_is_named(network: Network, tmp_path: Path) -> None:
    """A head that contradicts the others' is not cosigned; evidence of it reaches all, and anybody may check it."""
    with network.client("market") as market:
        settled(lambda: enrol(market, "whoever"))
    bank = read_folder(network.folder / "bank", {})[0]
    seed = read_keys(network.folder / "bank").log
    (cosigner,) = (each for each in network.trust.genesis.membership.cosigners if each.id == "bank")
    size = parse_checkpoint(parse_note(httpx2.get(f"{network.urls['customs']}/log/checkpoint").content).text).size
    body = body_text(Checkpoint(origin_of(network.trust.ledger, "bank"), size, bytes(32)))
    line = log_line(log_key(network.trust.ledger, cosigner), seed.sign(body.encode()).signature)
    note = format_note(Note(body, (line,)))
    bank_context = TlsCertificates(network.folder / "bank", now_ms).client("customs")
    with httpx2.Client(verify=bank_context, trust_env=False) as peer:
        refused = peer.post(f"{bank.peers['customs']}/v1/cosign", content=note)
    assert refused.status_code not in (200, 409), refused.text
    for name in ("customs", "market", "chamber"):
        until = monotonic() + PATIENCE_S
        while not (files := list((network.folder / name / "evidence").glob("*.json"))):
            assert monotonic() < until, name
            sleep(0.2)
        report = verify_file(files[0].read_bytes(), network.trust, now_ms())
        assert report.verdict is Verdict.VALID, report.detail
        assert report.detail.startswith("bank signed ")
    words = ("verify", files[0], "--trust", network.folder / "trust.json", "--offline", "--json")
    shown = subprocess.run(hanse(*words), capture_output=True, text=True, check=False, env=environment())
    assert shown.returncode == 0, shown.stdout
    assert "bank signed " in shown.stdout
    until = monotonic() + PATIENCE_S
    # Engines find each other one after the other, some of them seconds late.
    while (levels := doctor(network.folder / "market", network.tools))["peers"] != "ok":
        assert monotonic() < until, levels
        sleep(1)
    assert levels["evidence"] == "warning"
    assert levels["certificates"] == levels["engine"] == "ok"


def doctor(folder: Path, tools: dict[str, str]) -> dict[str, str]:
    """Have a node's folder looked at; give each finding's level."""
    found = subprocess.run(
        hanse("doctor", "--dir", folder, "--json"), capture_output=True, text=True, check=False, env=tools
    )
    return {each["name"]: each["level"] for each in json.loads(found.stdout)["findings"]}


def test_outside_tools_accept_every_member_s_log(
    network: Network, fsck: Path, build_go: Callable[[str], Path], tmp_path: Path
) -> None:
    """Tessera rebuilds each node's log; torchwood verifies an entry's proof under the policy that the node serves."""
    torchwood = build_go("tlogproof")
    with network.client("market") as market:
        settled(lambda: enrol(market, "somebody"))
    for name, url in network.urls.items():
        key, policy, entry = tmp_path / f"{name}.vkey", tmp_path / f"{name}.policy", tmp_path / f"{name}.entry"
        key.write_text(httpx2.get(f"{url}/log/vkey").text)
        policy.write_text(httpx2.get(f"{url}/log/policy").text)
        assert "Successfully fsck'd" in check(fsck, url, key)
        note = parse_note(httpx2.get(f"{url}/log/checkpoint").content)
        size = parse_checkpoint(note.text).size
        hashes = httpx2.get(f"{url}/log/tile/0/000.p/{size}").content
        leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
        entry.write_bytes(decode_entry_bundle(httpx2.get(f"{url}/log/tile/entries/000.p/{size}").content, size)[1])
        proof = format_tlog_proof(TlogProof(index=1, path=tuple(inclusion_path(leaves, 1)), checkpoint=note))
        verified = subprocess.run([torchwood, policy, entry], input=proof, capture_output=True, check=False)
        assert verified.stdout == b"verified\n", verified.stderr
        few = Note(note.text, note.signatures[:3])
        alone = format_tlog_proof(TlogProof(index=1, path=tuple(inclusion_path(leaves, 1)), checkpoint=few))
        assert subprocess.run([torchwood, policy, entry], input=alone, capture_output=True, check=False).returncode == 1


def test_a_receipt_carries_the_quorum_that_is_asked_for(network: Network) -> None:
    """Who wants all four members' signatures waits for them; who asks for five is told that there are four."""
    with network.client("market", quorum=4) as market:
        receipt = market.parties.enrol(Identity.generate("all"), roles=[PartyRole.SELLER], terms={"name": "all"})
        assert receipt.vouchers == NAMES
        assert receipt.missing == ()
    with network.client("market", quorum=5) as market, pytest.raises(InvalidInput, match="4 do"):
        enrol(market, "too many")


def test_nobody_else_is_served_what_members_ask(network: Network) -> None:
    """Members' questions are answered over mutual TLS alone."""
    assert httpx2.post(f"{network.urls['market']}/v1/cosign", content=b"x").status_code == httpx2.codes.NOT_FOUND
    peers = read_folder(network.folder / "bank", {})[0].peers
    with pytest.raises(httpx2.TransportError):
        httpx2.post(f"{peers['market']}/v1/cosign", content=b"x", verify=False)


def test_one_member_may_fail(network: Network) -> None:
    """With one node and its engine killed the others go on; `network up` tells of none of it, and no record is lost."""
    with network.client("market") as market:
        settled(lambda: enrol(market, "before"))
        for number in network.processes("chamber"):
            os.kill(number, signal.SIGKILL)
        party = settled(lambda: enrol(market, "after"))
        assert isinstance(party, bytes)
        report = verify_file(market.proof(party), network.trust, now_ms())
    assert report.vouchers.startswith("3 of 4 organisations")
    with network.client("market", quorum=4) as market:
        receipt = market.parties.enrol(Identity.generate("few"), roles=[PartyRole.SELLER], terms={"name": "few"})
        assert receipt.missing == ("chamber",)
    with network.client("customs") as customs:
        assert customs.show(party).id == party


def test_without_a_quorum_nothing_is_acknowledged(network: Network) -> None:
    """With a second node gone whoever sends waits for nothing; the node says why, and nothing forks."""
    for number in network.processes("customs"):
        os.kill(number, signal.SIGKILL)

    def send() -> None:
        with network.client("market") as market, suppress(HanseError):
            enrol(market, "too few")
            raise AssertionError("nobody could have committed it")

    threading.Thread(target=send, daemon=True).start()
    until = monotonic() + PATIENCE_S
    while (answer := httpx2.get(f"{network.urls['market']}/readyz")).status_code == httpx2.codes.OK:
        assert monotonic() < until
        sleep(0.5)
    assert "no quorum" in answer.json()["reason"]


def test_the_engine_is_checked_before_it_is_used(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """A binary is put in its place if it was built from the right version; another program is refused."""
    placed = tmp_path / "engine"
    found = subprocess.run(
        hanse("engine", "install", "--to", placed, "--from", require_tool("cometbft"), "--json"),
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    digest = sha256(require_tool("cometbft").read_bytes()).hexdigest()
    assert json.loads(found.stdout) == {"program": str(placed / "cometbft"), "version": VERSION, "sha256": digest}
    refused = subprocess.run(
        hanse("engine", "install", "--to", placed, "--from", require_tool("fsck"), "--json"),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert refused.returncode != 0
    assert "is no CometBFT" in json.loads(refused.stdout)["error"]["message"]


def test_what_ends_is_started_again(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """With `--restart` a node that is killed comes back by itself."""
    folder, program = tmp_path / "two", require_tool("cometbft")
    members = tmp_path / "members.toml"
    listed = "".join(
        f'[[members]]\nid = "{name}"\nname = "{name}"\nroles = ["bank"]\nkey = "{key}"\nspare = "{spare}"\n'
        for name, key, spare in (
            ("one", "01" + "11" * 32, "01" + "33" * 32),
            ("two", "01" + "22" * 32, "01" + "44" * 32),
        )
    )
    members.write_text(f'name = "two"\noperator = "one"\n{listed}')
    tools = {**environment(), "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
        hanse("network", "create", members, "--dir", folder, "--yes"),
        check=True,
        capture_output=True,
        env=tools,
    )
    up = subprocess.Popen(
        hanse("network", "up", "--dir", folder, "--restart"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=tools,
    )
    with up:
        assert up.stdout is not None
        assert up.stderr is not None
        urls = [up.stdout.readline().split()[1] for _ in range(2)]
        found = subprocess.run(
            ["pgrep", "-f", f"node run --dir {folder / 'one'}"], capture_output=True, text=True, check=True
        )
        os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
        while "started again" not in up.stderr.readline():
            assert up.poll() is None
        until = monotonic() + PATIENCE_S
        while not _answers(urls[0]):
            assert monotonic() < until
            sleep(0.2)
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 130


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/livez").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
