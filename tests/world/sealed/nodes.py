"""Nodes of several members inside the test, which carry sealed documents to each other over mutual TLS.

Real folders, stores, listeners and certificates. Each has an engine of its own: what is recorded is sent to each.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from hanse_io.outgoing import Answer, Outgoing
from hanse_ledger.kinds.document.bodies import EraseDocument
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.kinds.object import created_id, document_id
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.party.bodies import EnrolParty, PartyRole
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Cosigner, Member, MemberKey, MemberRole
from hanse_node.access.membernodes import MemberNodes
from hanse_node.api.peeraccess import PeerAccess
from hanse_node.api.peers import create_peer_app
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_PIECE_BYTES
from hanse_node.base.metrics import Metrics
from hanse_node.front.connections import PeerConnection
from hanse_node.front.serving import make_serving
from hanse_node.payloads.commits import CommittedPayloads
from hanse_node.payloads.holdings import Holdings
from hanse_node.payloads.knownreaders import OpenedReader, write_openings
from hanse_node.peers.collecting import Peer
from hanse_node.peers.delivering import Delivering
from hanse_node.peers.evidences import members_of
from hanse_node.signing import tls
from hanse_node.signing.tlscertificates import TlsCertificates
from tests.world.front import Front, front
from tests.world.node_ledger import GENESIS, HOUR, START, digest, invoice, key_of, public, sign
from tests.world.peer_listener import _run, cosigner, seeds

NAMES = ("bank", "chamber", "customs", "market")
PATIENCE_S = 30.0


@cache
def genesis() -> Genesis:
    """Make the genesis of a ledger of four members whose keys these tests have."""
    members = tuple(
        Member(
            id=name,
            keys=tuple(
                MemberKey(key=public(key_of(each)), valid_from=0, valid_until=START * 2)
                for each in (name, f"{name} spare")
            ),
            name=name,
            roles=(MemberRole.MARKETPLACE,),
        )
        for name in NAMES
    )
    cosigners: tuple[Cosigner, ...] = tuple(map(cosigner, NAMES))
    return replace(GENESIS, membership=replace(GENESIS.membership, members=members, cosigners=cosigners))


LEDGER = ledger_id(genesis())


@cache
def enrol(name: str, member: str = "market") -> Signed:
    """Have a member enrol a party."""
    body = EnrolParty(
        encryption_key=digest("encryption", name),
        identity=digest("identity", name),
        key=public(key_of(name)),
        member=member,
        repair=None,
        roles=(PartyRole.BUYER, PartyRole.SELLER),
        valid_from=START,
        valid_until=START * 2,
    )
    return sign(body, key_of(member), key_of(name), nonce=name, ledger=LEDGER)


@cache
def open_office(member: str) -> Signed:
    """Have a member open its office."""
    body = OpenOffice(encryption_key=digest("encryption", member), member=member, profile=None)
    return sign(body, key_of(member), nonce=f"office of {member}", ledger=LEDGER)


def party(name: str, member: str = "market") -> ObjectId:
    """Name a party."""
    return created_id(enrol(name, member).id)


def office(member: str) -> ObjectId:
    """Name an office."""
    return created_id(open_office(member).id)


GROUND: Sequence[Signed] = (
    *(enrol(name) for name in ("seller", "buyer")),
    enrol("importer", "bank"),
    *(open_office(name) for name in ("bank", "customs")),
)


class Shared:
    """A sealed document, the record that names it, and who reads it."""

    def __init__(self, number: int, *readers: ObjectId, size: int = 100_000) -> None:
        self.data = (digest("sealed", number) * (size // 32 + 1))[:size]
        self.digest = sha256(self.data).digest()
        self.opened = tuple(OpenedReader(each, digest("salt", number, each)[:16]) for each in readers)
        commitments = sorted(commit_reader(each.reader, each.salt) for each in self.opened)
        payload = Payload(hash=self.digest, readers=tuple(commitments), size=size)
        body = replace(invoice(number).record.body, buyer=party("buyer"), payload=payload, seller=party("seller"))
        self.record = sign(body, key_of("seller"), nonce=f"shared {number}", ledger=LEDGER)
        self.document = document_id(self.record.id)
        erase = EraseDocument(declarations=(), document=self.document)
        self.erased = sign(erase, key_of("seller"), nonce=f"erase {number}", ledger=LEDGER)

    def told(self, *readers: ObjectId) -> bytes:
        """Write the openings of its readers, or of some of them."""
        return write_openings(each for each in self.opened if not readers or each.reader in readers)


class MemberNode:
    """A member's node, and what it does about sealed documents while it runs."""

    def __init__(self, name: str, node: Front, port: int, peers: Callable[[], dict[str, Peer]]) -> None:
        self.name, self.node, self.port = name, node, port
        self.holdings: Holdings = node.service.deliveries.holdings
        self._peers = peers
        self.delivering = self._delivering()
        node.service.deliveries.news = self.delivering.news
        self.committed = CommittedPayloads(node.store, self.holdings, self.delivering.news)
        node.store.watch(self.committed.news)

    def _delivering(self) -> Delivering:
        return Delivering(self.node.service.deliveries, self._peers, pause_seconds=0.1)

    def again(self) -> Delivering:
        """Begin to deliver anew, as a node does that starts. Whoever asks for it stops it."""
        self.delivering = self._delivering()
        self.node.service.deliveries.news = self.delivering.news
        self.delivering.start()
        return self.delivering

    def send(self, shared: Shared, told: bytes | None = None) -> None:
        """Send a document, and tell who reads it."""
        path, size = f"/v1/payloads/{shared.digest.hex()}", len(shared.data)
        for at in range(0, size, PAYLOAD_PIECE_BYTES):
            piece = shared.data[at : at + PAYLOAD_PIECE_BYTES]
            place = f"bytes {at}-{at + len(piece) - 1}/{size}"
            fields = {"hanse-expires": str(START + HOUR + 600_000), "content-range": place}
            assert self.node.request("PUT", path, content=piece, headers=fields).is_success
        answer = self.node.request("PUT", f"{path}/readers", content=shared.told() if told is None else told)
        assert answer.status_code == 204, answer.text

    def has(self, shared: Shared) -> bool:
        """Tell whether it has a document, among those that records name."""
        return shared.digest in self.holdings.store.kept()

    def delivery(self, shared: Shared) -> dict[str, object]:
        """Say how it stands with a document there."""
        found: dict[str, object] = self.node.get(f"/v1/payloads/{shared.digest.hex()}/delivery").json()
        return found


class MemberNodesHere:
    """All of them."""

    def __init__(self, nodes: dict[str, MemberNode], certificates: dict[str, TlsCertificates]) -> None:
        self._nodes, self.certificates = nodes, certificates

    def __getitem__(self, name: str) -> MemberNode:
        return self._nodes[name]

    def record(self, *records: Signed, at: Sequence[str] = ()) -> None:
        """Have records stand at each node that runs, or at some."""
        for name in at or self._nodes:
            self._nodes[name].node.must_stand(records)

    def ask(self, who: str, whom: str, method: str, path: str, body: bytes | None = None, *, shown: str = "") -> Answer:
        """Ask a node as another member's; `shown` are openings of readers."""
        url, context = f"https://127.0.0.1:{self._nodes[whom].port}", self.certificates[who].client(whom)
        headers = (("Hanse-Readers", shown),) if shown else ()

        async def asked() -> Answer:
            async with Outgoing(url, seconds=PATIENCE_S, context=context) as calls:
                return await calls.ask(method, path, most=PAYLOAD_BYTES, body=body, headers=headers)

        return asyncio.run(asked())

    def holding(self, shared: Shared) -> set[str]:
        """Name those that have a document."""
        return {name for name, node in self._nodes.items() if node.has(shared)}


def soon(what: Callable[[], bool]) -> None:
    """Wait until something is the case."""
    until = monotonic() + PATIENCE_S
    while not what():
        assert monotonic() < until
        sleep(0.02)


@contextmanager
def member_nodes(path: Path, names: Sequence[str] = NAMES, *, delivering: bool = True) -> Iterator[MemberNodesHere]:
    """Run the nodes of some of the four members, where parties and offices stand."""
    folders = {name: path / "tls" / name for name in NAMES}
    with ExitStack() as opened:
        opened.enter_context(pytest.MonkeyPatch.context()).setattr(tls, "GRACE", timedelta(days=3_650))
        authorities = {name: tls.create_authority(folder, name, START) for name, folder in folders.items()}
        for name, folder in folders.items():
            for other in NAMES:
                if other != name:
                    (folder / "tls" / "peers" / f"{other}.pem").write_bytes(authorities[other])
        certificates = {name: TlsCertificates(folder, lambda: START) for name, folder in folders.items()}
        ports: dict[str, int] = {}

        def peers(own: str) -> dict[str, Peer]:
            return {
                name: Peer(f"https://127.0.0.1:{port}", certificates[own].client(name))
                for name, port in ports.items()
                if name != own
            }

        nodes: dict[str, MemberNode] = {}
        for name in names:
            seed = seeds(name)
            node = opened.enter_context(front(path / name, genesis(), seeds=seed, cosigner=name))
            port = opened.enter_context(_listening(node, certificates[name], path))
            nodes[name] = MemberNode(name, node, port, partial(peers, name))
            node.must_stand(GROUND)
        ports |= {name: node.port for name, node in nodes.items()}
        for each in nodes.values() if delivering else ():
            for worker in (each.delivering, each.committed):
                opened.callback(worker.stop)
                worker.start()
        yield MemberNodesHere(nodes, certificates)


@contextmanager
def _listening(node: Front, certificates: TlsCertificates, path: Path) -> Iterator[int]:
    """Run a node's listener for members' nodes; give its port."""
    store = node.store
    access = PeerAccess(certificates, MemberNodes(lambda: store.head.membership, members_of(store)))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_peer_app(node.service, Metrics(), access, path / "no-engine.sock")
    serving = make_serving(app, listener, partial(PeerConnection, access.caller), access.tls)
    thread = threading.Thread(target=asyncio.run, args=(_run(serving.server, serving.door.run()),))
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        serving.server.should_exit = True
        thread.join()
        listener.close()
