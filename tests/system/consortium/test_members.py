"""Members are admitted, removed and given new keys by vote, while the ledger goes on."""

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest

from hanse_client import Client, Identity, Verdict, verify_file
from hanse_client.base.clock import now_ms
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, Tag
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.tlog.tlog_proof import TlogProof, format_tlog_proof
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.wire.part import Commitment
from hanse_node.base.folder import read_folder
from hanse_node.operate.joinforms import read_part
from hanse_node.signing.tlscertificates import TlsCertificates
from tests.system.stage.engine_rpc import BEING_STARTED, connected
from tests.system.stage.outside import check
from tests.system.stage.prepared import ROLES, Members
from tests.system.stage.processes import run_json, said

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

INVOICES = 450
"""Three chunks of a snapshot."""

CUT = "the engine is started again, once, to end connections of engines that may not be connected any more"
CUT_SECONDS = 60
LOOK_S = 3


def vote(members: Members, proposed: dict[str, dict[str, str]], *names: str) -> str:
    """Have members approve what was proposed; give the proposal."""
    proposal = proposed["receipt"]["object_id"]
    for name in names:
        said("member", "vote", proposal, "--approve", *members.signing(name, "market"))
    return proposal


def enrol(client: Client, name: str) -> bytes:
    """Enrol a party, and give its id."""
    return client.parties.enrol(Identity.generate(name), roles=[PartyRole.SELLER], terms={"name": name}).object_id


def epoch(members: Members, node: str) -> int:
    """Ask a node for the members' epoch."""
    words = ("--node", members.nodes[node].url, "--trust", members.folder / "market" / "trust.json")
    return int(said("member", "show", *words, "--home", members.folder / "homes" / f"ask-{node}")["epoch"])


def logged(members: Members, node: str, message: str) -> bool:
    """Tell whether a node's log has a message."""
    return members.nodes[node].logged(message) > 0


def issue_many(members: Members, client: Client) -> None:
    """Have a seller issue invoices enough for a snapshot of several chunks."""
    seller = Identity.generate("seller")
    parties = [
        client.parties.enrol(who, roles=[role], terms={"name": "x"}).object_id
        for who, role in ((seller, PartyRole.SELLER), (Identity.generate("buyer"), PartyRole.BUYER))
    ]
    document = Commitment(discoverable=None, file=hash_bytes(b"file"), terms=hash_bytes(b"t"))
    bodies = [
        IssueInvoice(
            buyer=parties[1],
            consignment=None,
            currency="EUR",
            document=document,
            due=None,
            issued="2026-11-28",
            minor_digits=2,
            payable_minor=number + 1,
            payload=None,
            seller=parties[0],
            tags=(Tag(epoch=1, value=hash_bytes(b"tag %d" % number)),),
            type_code="380",
        )
        for number in range(INVOICES)
    ]
    urls = [members.nodes[name].url for name in ("market", "bank")]
    home = members.folder / "homes" / "seller"
    with Client(urls, identity=seller, trust=members.trust, home=home, timeout_ms=60_000) as own:
        assert len(own.submit_many(bodies)) == INVOICES


def admit(members: Members, early: bytes) -> Path:
    """A fifth member follows from a snapshot, is voted in, and vouches; give its part."""
    part = members.prepare("carrier", "carrier")
    members.join("carrier", "--follow", "--snapshot")
    for name in ROLES:
        said("network", "peer", "--yes", part, "--dir", members.folder / name)
    # It follows before anybody has voted, and shows what a quorum has signed.
    members.start("carrier")
    members.settle(lambda: members.agree("carrier", "market"))
    assert logged(members, "carrier", "the snapshot is taken")
    with members.client("market", "carrier") as reader:
        assert reader.parties.show(early).state
    proposed = said("member", "propose", "--admit", part, *members.signing("market", "market"))
    code, answer = run_json(
        *("member", "vote", proposed["receipt"]["object_id"], "--approve"), *members.signing("market", "market")
    )
    assert code != 0
    assert "already-voted" in answer["error"]["message"]
    vote(members, proposed, "bank", "chamber")
    members.settle(lambda: epoch(members, "carrier") == 1)
    with members.client("market", "carrier", quorum=5) as strict:
        report = verify_file(strict.proof(enrol(strict, "with five")), members.trust, now_ms())
    assert report.verdict is Verdict.VALID, report.detail
    assert report.vouchers.startswith("5 of 5 organisations")
    return part


def rotate_tags(members: Members) -> None:
    """The members vote for a key of tags: each node opens its own box, and all have the same key."""
    begun = said("tag", "begin", *members.signing("bank", "bank"))
    proposal = begun["proposal"]
    said("tag", "check", proposal, "--dir", members.folder / "customs", *members.signing("customs", "customs"))
    for name in ("market", "customs", "carrier"):
        said("member", "vote", proposal, "--approve", *members.signing(name, "market"))
    members.settle(lambda: len(keys_of_tags(members, 2)) == len(members.nodes))
    assert len(set(keys_of_tags(members, 2).values())) == 1


def keys_of_tags(members: Members, epoch: int) -> dict[str, bytes]:
    """Give the key of an epoch of tags that each node has."""
    paths = {name: members.folder / name / "tags" / f"{epoch}.key" for name in members.nodes}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


def leave(members: Members, client: Client, early_proof: bytes) -> None:
    """The chamber leaves: its engine is cut within a minute, nobody misses it, and it follows if it is named anew.

    Meanwhile it has proposed something itself, and withdrawn it, and proposed again: that is in nobody's way.
    """
    left = engine_of(members, "chamber")
    other = said("member", "propose", "--remove", "bank", *members.signing("chamber", "chamber"))
    taken = said("member", "withdraw", other["receipt"]["object_id"], *members.signing("chamber", "chamber"))
    assert taken["proposals"] == []
    said("member", "propose", "--remove", "market", *members.signing("chamber", "chamber"))
    gone = said("member", "propose", "--remove", "chamber", *members.signing("carrier", "carrier"))
    assert [each["proposer"] for each in gone["proposals"]] == ["carrier", "chamber"]
    vote(members, gone, "bank", "market", "customs")
    members.settle(lambda: epoch(members, "carrier") == 3)
    others, begun = ("bank", "carrier", "customs", "market"), monotonic()
    members.settle(lambda: all(not {left, BEING_STARTED} & connected(members.folder / name) for name in others))
    assert monotonic() - begun < CUT_SECONDS
    # Nor does any node answer what its node asks, though its authority's file is there still, and nobody was restarted.
    members.settle(lambda: not any(answers(members, name, "chamber") for name in others))
    assert monotonic() - begun < CUT_SECONDS
    members.settle(lambda: all(members.nodes[name].ready() for name in others))
    after = enrol(client, "without the chamber")
    members.settle(lambda: members.agree(*others))
    seen = members.nodes["market"].head()
    sleep(LOOK_S)
    assert members.nodes["chamber"].head() != seen, "it gets no new block"
    for name in others:
        assert members.nodes[name].logged(CUT) == 1, name
    report = verify_file(client.proof(after), members.trust, now_ms())
    assert "of 4 organisations" in report.vouchers
    assert "chamber" not in report.vouchers
    assert verify_file(early_proof, client.trust(), now_ms()).verdict is Verdict.VALID
    # It may go on watching, where the others say so. As a member it cannot start any more.
    for name in others:
        said(
            "network",
            "peer",
            "--yes",
            members.folder / "chamber" / "member.json",
            "--observer",
            "--dir",
            members.folder / name,
        )
    members.settle(lambda: members.agree("chamber", "bank"))
    assert all(answers(members, name, "chamber") for name in others)
    node = members.nodes["chamber"]
    node.stop()
    node.start()
    assert node.process is not None
    assert node.process.wait(60) == 30
    settings = members.folder / "chamber" / "node.toml"
    settings.write_text(settings.read_text().replace("follow = false", "follow = true"))
    members.start("chamber")
    members.settle(lambda: members.agree("chamber", "bank"))


def answers(members: Members, name: str, asking: str) -> bool:
    """Tell whether a member's node answers what another's asks."""
    folder = members.folder / asking
    try:
        context = TlsCertificates(folder, now_ms).client(name)
        url = f"https://127.0.0.1:{read_folder(members.folder / name)[0].peering.port}/v1/head"
        return httpx2.get(url, verify=context, trust_env=False).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def engine_of(members: Members, name: str) -> str:
    """Give the id of a member's engine."""
    node = read_part((members.folder / name / "member.json").read_bytes()).node
    assert node is not None
    return node.validator.node_id


def renew(members: Members, carrier: Path) -> None:
    """The bank's node gets new keys: another folder, followed, voted for, ready; the old one vouches no more."""
    keys = [members.identity("bank", kind).public_key.hex() for kind in ("members", "spare")]
    renewed = members.prepare("bank", "bank", folder="bank2", keys=keys)
    members.join("bank2", "--follow", "--peer", carrier)
    for name in ("market", "customs", "carrier", "chamber"):
        said("network", "peer", "--yes", renewed, "--dir", members.folder / name)
    members.start("bank2")
    members.settle(lambda: members.agree("bank2", "market"))
    swapped = said("member", "propose", "--admit", renewed, *members.signing("market", "market"))
    vote(members, swapped, "carrier", "customs")
    members.settle(lambda: epoch(members, "bank2") == 4)
    members.nodes["bank"].stop()
    with members.client("market", "bank2", quorum=4) as strict:
        last = enrol(strict, "with the bank's new keys")
        assert strict.head().vouchers == ("bank", "carrier", "customs", "market")
        report = verify_file(strict.proof(last), members.trust, now_ms())
    assert report.verdict is Verdict.VALID, report.detail


def accepted_outside(members: Members, names: tuple[str, ...], fsck: Path, torchwood: Path) -> None:
    """Tessera rebuilds the logs that nodes show, and torchwood an entry's proof, under the policy of the new epoch."""
    for name in names:
        url, folder = members.nodes[name].url, members.folder
        key, policy, entry = folder / f"{name}.vkey", folder / f"{name}.policy", folder / f"{name}.entry"
        key.write_text(httpx2.get(f"{url}/log/vkey").text)
        policy.write_text(httpx2.get(f"{url}/log/policy").text)
        assert "Successfully fsck'd" in check(fsck, url, key), name
        note = parse_note(httpx2.get(f"{url}/log/checkpoint").content)
        leaves = [hash_leaf(data) for data in entries_of(url, parse_checkpoint(note.text).size)]
        entry.write_bytes(entries_of(url, 2)[1])
        proof = format_tlog_proof(TlogProof(index=1, path=tuple(inclusion_path(leaves, 1)), checkpoint=note))
        verified = subprocess.run([torchwood, policy, entry], input=proof, capture_output=True, check=False)
        assert verified.stdout == b"verified\n", (name, verified.stderr)


def entries_of(url: str, size: int) -> list[bytes]:
    """Read a log's first entries by its bundles."""
    found: list[bytes] = []
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        path = f"{index:03}" if width == 256 else f"{index:03}.p/{width}"
        found += decode_entry_bundle(httpx2.get(f"{url}/log/tile/entries/{path}").content, width)
    return found


def test_members_come_and_go(
    tmp_path: Path, require_tool: Callable[[str], Path], fsck: Path, build_go: Callable[[str], Path]
) -> None:
    """A fifth member is voted in, one leaves, one gets new keys; proofs hold on, and every node's log is whole."""
    with ExitStack() as stack:
        members = Members(tmp_path, require_tool("cometbft"), stack)
        members.found()
        members.start(*ROLES)
        with members.client("market", "market", "bank") as client:
            early = enrol(client, "early")
            early_proof = client.proof(early)
            issue_many(members, client)
            carrier = admit(members, early)
            rotate_tags(members)
            leave(members, client, early_proof)
            # Who has left knows no key that came with its leaving.
            members.settle(lambda: len(keys_of_tags(members, 3)) == len(members.nodes) - 1)
            assert "chamber" not in keys_of_tags(members, 3)
            renew(members, carrier)
        accepted_outside(members, ("market", "chamber", "bank2"), fsck, build_go("tlogproof"))
        for name in ("market", "carrier", "bank2", "chamber"):
            members.nodes[name].stop()
            said("log", "verify", "--dir", tmp_path / name)
