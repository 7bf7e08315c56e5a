"""Four organisations: a seller's document reaches customs and bank on their own nodes; erased, it is gone from all.

Real processes and engines; the seller's marketplace's node is killed in the middle of giving it away.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from hanse_client import Client, Identity, Verdict, verify_file
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import HanseError, Refused
from hanse_ledger.proofs.trustfile import read_trust
from tests.system.stage.consortium_processes import NAMES, PATIENCE_S, Node
from tests.system.stage.processes import said
from tests.world.sdk_world import INVOICE

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

ROLES = {"bank": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}


class Four:
    """The nodes of four organisations, and who works with them."""

    def __init__(self, folder: Path, program: Path, urls: Mapping[str, str], secret: bytes) -> None:
        self.folder, self.urls, self._secret = folder, urls, secret
        self.nodes = {name: Node(folder / name, urls[name], program) for name in NAMES}
        self.trust = read_trust((folder / "trust.json").read_bytes())
        self.seller, self.buyer = Identity.generate("seller"), Identity.generate("buyer")
        self.seller_id, self.buyer_id = b"", b""

    def client(self, who: str | Identity, node: str) -> Client:
        """Open a client of a member's node, for a member or a party."""
        pem = self.folder / "keys" / "members" / f"{who}.pem"
        identity = Identity.load(pem, self._secret) if isinstance(who, str) else who
        return Client(
            self.urls[node], identity=identity, trust=self.trust, home=self.folder / "home" / node, timeout_ms=60_000
        )

    def files(self, node: str, digest: bytes) -> list[Path]:
        """List the files of a document in a node's folder, what is known of its readers included."""
        return [each for each in (self.folder / node / "payloads").rglob("*") if each.name[:64] == digest.hex()]

    def has(self, node: str, digest: bytes) -> bool:
        """Tell whether a node keeps a document."""
        return (self.folder / node / "payloads" / "kept" / digest.hex()[:2] / digest.hex()).exists()


def soon(what: object, *given: object) -> None:
    """Wait until something is the case, or works."""
    assert callable(what)
    until = monotonic() + PATIENCE_S
    while True:
        with suppress(HanseError):
            if what(*given) is not False:
                return
        assert monotonic() < until
        sleep(0.05)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, require_tool: object) -> Iterator[Four]:
    """Make and run the network of four; customs and bank open their offices, the market enrols seller and buyer."""
    assert callable(require_tool)
    program, folder = require_tool("cometbft"), tmp_path_factory.mktemp("four") / "corridor"
    members, secret = folder.with_suffix(".toml"), folder.with_suffix(".pw")
    lines = [f'[[members]]\nid = "{name}"\nname = "{name}"\nroles = ["{role}"]\n' for name, role in ROLES.items()]
    members.write_text('name = "four"\noperator = "market"\n' + "".join(lines))
    secret.write_text("a passphrase of this test\n")
    secret.chmod(0o600)
    # The engine is found where the tests' tools are, and not only where this machine has one installed.
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        made = said("network", "create", members, "--dir", folder, "--passphrase-file", secret)
    urls = {each["member"]: each["url"] for each in made["nodes"]}
    here = Four(folder, program, urls, secret.read_bytes().strip())
    with ExitStack() as stack:
        for node in here.nodes.values():
            stack.callback(node.kill, node=True, engine=True)
            node.start()
        soon(lambda: all(node.ready() for node in here.nodes.values()))
        for name in ("customs", "bank"):
            with here.client(name, name) as client:
                soon(lambda client=client, name=name: _office(client, name))
        with here.client("market", "market") as market:
            here.seller_id = market.parties.enrol(here.seller, roles=["seller"], terms={"name": "a seller"}).id
            here.buyer_id = market.parties.enrol(here.buyer, roles=["buyer"], terms={"name": "a buyer"}).id
        yield here
        for node in here.nodes.values():
            node.stop()


def _office(client: Client, name: str) -> bool:
    """Have a member's office open: its node does so by itself where its keys lie there."""
    with suppress(Refused):
        client.offices.open()
    return client.offices.of(name).links.member == name


def test_a_document_reaches_its_readers_and_leaves(four: Four, tmp_path: Path) -> None:
    """Sent to the market's node, which is killed in the middle: customs and bank open it at their own; then erased."""
    paper, nodes = tmp_path / "invoice.xml", four.nodes
    paper.write_bytes(INVOICE.read_bytes() + (b"<!--" + os.urandom(30_000).hex().encode() + b"-->\n") * 80)
    nodes["customs"].kill(node=True, engine=True)
    with four.client(four.seller, "market") as seller:
        receipt = seller.invoices.issue(paper, buyer=four.buyer_id, seller=four.seller_id, share=["customs", "bank"])
        assert receipt.object_id is not None
        (view,) = seller.documents.of(receipt.object_id)
        proof = seller.proof(receipt.object_id)
    digest, before = view.seal.hash, verify_file(proof, four.trust, now_ms())
    soon(four.has, "bank", digest)
    assert view.seal.size > 4 * 1024 * 1024
    nodes["market"].kill(node=True, engine=True)
    nodes["customs"].start()
    # Two of four commit nothing; customs' node knows of no document that it lacks.
    sleep(2)
    assert four.files("customs", digest) == []
    nodes["market"].start()
    killed = _kill_in_the_middle(four, digest)
    nodes["market"].start()
    for name in ("customs", "bank"):
        soon(four.has, name, digest)
        with four.client(name, name) as client:
            opened = client.documents.get(receipt.object_id)
            (file,) = client.documents.deliveries(view.id)
        assert (opened.content.file, file.state) == (paper.read_bytes(), "here")
        assert opened.report.verdict is Verdict.VALID
    assert killed, "the node was killed before customs had all of it"
    assert four.files("chamber", digest) == []
    soon(nodes["market"].ready)
    with four.client(four.seller, "market") as seller:
        seller.documents.erase(view.id)
    for name in ("bank", "customs", "market"):
        soon(lambda name=name: not four.files(name, digest))
    with four.client("customs", "customs") as customs, pytest.raises(Refused) as caught:
        customs.documents.get(receipt.object_id)
    assert caught.value.code == "payload-erased"
    after = verify_file(proof, four.trust, now_ms())
    assert after.verdict is before.verdict is Verdict.VALID_WITH_WARNINGS
    assert after.warnings == before.warnings


def _kill_in_the_middle(four: Four, digest: bytes) -> bool:
    """Kill the market's node as soon as a part of a document is at customs; tell whether it was not all of it."""
    until = monotonic() + PATIENCE_S
    while not any(each.suffix == ".part" for each in four.files("customs", digest)):
        if four.has("customs", digest):
            return False
        assert monotonic() < until
    four.nodes["market"].kill(node=True, engine=True)
    return not four.has("customs", digest)
