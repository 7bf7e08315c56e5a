"""The listener for members' nodes inside the test: a real folder, store and TLS, and members that call it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import uvicorn
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.proofs.heads import log_key
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, log_line
from hanse_ledger.tlog.notes import Note, format_note
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.genesis import Genesis, origin_of
from hanse_ledger.wire.membership import Cosigner
from hanse_node.access.membernodes import MemberNodes
from hanse_node.api.peeraccess import PeerAccess
from hanse_node.api.peers import create_peer_app
from hanse_node.base.metrics import Metrics
from hanse_node.front.connections import PeerConnection
from hanse_node.front.serving import make_serving
from hanse_node.peers.evidences import members_of
from hanse_node.signing import tls
from hanse_node.signing.tlscertificates import TlsCertificates
from tests.world.front import Front, front
from tests.world.node_ledger import COSIGN, GENESIS, LOG, START, digest

NAMES = ("bank", "chamber", "customs", "market")


def seeds(name: str) -> tuple[bytes, bytes]:
    """Give the seeds of a member's log key and cosigning key."""
    return (LOG, COSIGN) if name == "market" else (digest("log", name), digest("cosign", name))


def cosigner(name: str) -> Cosigner:
    """Make a member's node, as the members name it."""
    log, cosigning = (SigningKey(seed).verify_key.encode() for seed in seeds(name))
    validator = SigningKey(digest("validator", name)).verify_key.encode()
    return Cosigner(cosigning_key=cosigning, id=name, log_key=log, ml_dsa_key=None, validator_key=validator)


def genesis_of_four() -> Genesis:
    """Make the genesis of a ledger of four members, each with a node. One is a quorum: the others are this test's."""
    (market,) = GENESIS.membership.members
    members = tuple(
        market
        if name == "market"
        else replace(
            market,
            id=name,
            keys=tuple(replace(held, key=b"\x01" + digest("key", name, held.key)) for held in market.keys),
        )
        for name in NAMES
    )
    cosigners = tuple(map(cosigner, NAMES))
    membership = replace(GENESIS.membership, members=members, cosigners=cosigners)
    return replace(GENESIS, membership=membership)


class PeerListener:
    """The market's listener, and what the other members' nodes do with it."""

    def __init__(self, node: Front, folders: dict[str, Path], port: int) -> None:
        self.node, self.folders, self.port = node, folders, port

    def context(self, member: str) -> ssl.SSLContext:
        """Make the TLS with which a member's node calls."""
        return TlsCertificates(self.folders[member], lambda: START).client("market")

    def connect(self, member: str) -> HTTPSConnection:
        """Open a connection of a member's node."""
        made = HTTPSConnection("127.0.0.1", self.port, context=self.context(member), timeout=30)
        made.connect()
        return made

    def ask(self, member: str, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
        """Ask on a connection of its own; the answer is read."""
        with closing(self.connect(member)) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
            return answer

    def head(self, member: str, size: int, root: Digest) -> bytes:
        """Write a head as a member's own log, signed by it."""
        ledger = self.node.store.ledger
        body = body_text(Checkpoint(origin_of(ledger, member), size, root))
        signature = SigningKey(seeds(member)[0]).sign(body.encode()).signature
        return format_note(Note(body, (log_line(log_key(ledger, cosigner(member)), signature),)))

    def expel(self, member: str) -> None:
        """Have the ledger say that somebody is a member no more, as a vote would."""
        head = self.node.store._head
        before = head.membership
        self.node.store._head = replace(
            head,
            membership=replace(
                before,
                epoch=before.epoch + 1,
                members=tuple(each for each in before.members if each.id != member),
                cosigners=tuple(each for each in before.cosigners if each.id != member),
            ),
        )


@contextmanager
def peer_listener(path: Path, observers: tuple[str, ...] = ()) -> Iterator[PeerListener]:
    """Run the market's node and its listener for members' nodes; an observer and a stranger have folders too."""
    folders = {name: path / "members" / name for name in (*NAMES, "observer", "stranger")}
    authorities = {name: tls.create_authority(folder, name, START) for name, folder in folders.items()}
    for name, folder in folders.items():
        for other in NAMES if name != "market" else (*NAMES, "observer"):
            if other != name:
                (folder / "tls" / "peers" / f"{other}.pem").write_bytes(authorities[other])
    with front(path / "node", genesis_of_four(), seeds=seeds("market"), cosigner="market") as node:
        store = node.store
        certificates = TlsCertificates(folders["market"], lambda: START)
        nodes = MemberNodes(lambda: store.head.membership, members_of(store), lambda: observers)
        access = PeerAccess(certificates, nodes)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        app = create_peer_app(node.service, Metrics(), access, path / "no-engine.sock")
        serving = make_serving(app, listener, partial(PeerConnection, access.caller), access.tls)
        thread = threading.Thread(target=asyncio.run, args=(_run(serving.server, serving.door.run()),))
        thread.start()
        try:
            yield PeerListener(node, folders, listener.getsockname()[1])
        finally:
            serving.server.should_exit = True
            thread.join()
            listener.close()


async def _run(server: uvicorn.Server, accepting: Coroutine[None, None, None]) -> None:
    serving = asyncio.create_task(server.serve(sockets=[]))
    while not server.started:
        await asyncio.sleep(0.01)
    door = asyncio.create_task(accepting)
    await serving
    door.cancel()
