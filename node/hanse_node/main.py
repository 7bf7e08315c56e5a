"""The composition root: nothing else builds the parts of a node and puts them together.

`python -m hanse_node.main FOLDER` runs the node in a folder, as `hanse node run` does.
"""

import argparse
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from hanse_ledger.misbehaviour.double_vote import chain_id
from hanse_ledger.proofs.heads import log_key
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.types import LedgerId, MemberId, Moment
from hanse_ledger.wire.genesis import Genesis, decode_genesis, ledger_id
from hanse_node.access.members import MemberNodes
from hanse_node.access.quotas import QuotaKeeper
from hanse_node.access.shares import Shares
from hanse_node.api.app import create_app
from hanse_node.api.peeraccess import PeerAccess
from hanse_node.api.peers import create_peer_app
from hanse_node.base.bounds import OPEN_FILES
from hanse_node.base.config import DATABASE, Config, Listen
from hanse_node.base.errors import CannotStart, Stopped
from hanse_node.base.folder import NodeFolder, create_folder, open_folder
from hanse_node.base.logs import describe, log_lines
from hanse_node.base.metrics import Metrics
from hanse_node.base.private import keep_to_itself
from hanse_node.comet.abci.admission import EngineBook
from hanse_node.comet.engine import CometEngine
from hanse_node.comet.place import open_place
from hanse_node.comet.program.sockets import find_sockets, leave_sockets
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.engine.engine import Engine
from hanse_node.feed import Feed
from hanse_node.front.clientcertificate import load_pair, tls_pair
from hanse_node.front.connections import BoundedConnection, PeerConnection
from hanse_node.front.frontdoor import front_door
from hanse_node.front.serving import Serving, bind, make_serving, resolve, serve
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.soundness import verify_signature_library
from hanse_node.peers.evidences import Evidences, members_of, own_log
from hanse_node.peers.peerbook import PeerBook
from hanse_node.service import Service
from hanse_node.signing.certificates import Certificates
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.whereabouts import noted

# By its name: `python -m` would call this module `__main__`, which nobody listens to.
log = logging.getLogger("hanse_node.main")

SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter from others. Each statement of the one that commits lets go of it, and at
the default of 5 ms it would wait that long, many times a group, for those that read and answer."""

CANNOT_START = 30


class NodeInfo(Struct, frozen=True, kw_only=True):
    """A node's folder and its ledger. `log_key` is the C2SP vkey of its log, `trust` the trust file."""

    directory: Path
    ledger: LedgerId
    name: str
    cosigner: MemberId
    log_key: str
    trust: bytes


def init_node(  # noqa: PLR0913 (settings, each given by its name)
    directory: Path,
    genesis_bytes: bytes,
    cosigner_id: MemberId,
    *,
    log_seed: bytes,
    cosigning_seed: bytes,
    host: str = "127.0.0.1",
    port: int = 8080,
    database: str = DATABASE,
    tls_certificate: str = "",
    tls_key: str = "",
) -> NodeInfo:
    """Create a node's folder.

    Args:
        directory: a folder that does not exist, or holds no node yet.
        genesis_bytes: the ledger's genesis in canonical bytes; it names the cosigner with its public keys.
        cosigner_id: which of the genesis's cosigners this node is.
        log_seed: 32 secret bytes, the Ed25519 key that signs as the log.
        cosigning_seed: 32 other secret bytes, the Ed25519 key that cosigns as the member.
        host: where the node will listen unless told otherwise.
        port: likewise.
        database: the URL of the database, as the settings have it.
        tls_certificate: the file with the certificate that clients see; none for plain HTTP.
        tls_key: the file with its key.

    Raises:
        CannotStart: a node is there already, the genesis is malformed or not this node's, or files cannot be written.
    """
    try:
        genesis = decode_genesis(genesis_bytes)
    except OtherRelease as error:
        raise CannotStart(f"The ledger is of another release: {error.detail}", "Use that release") from error
    except Malformed as error:
        raise CannotStart(f"The genesis is malformed: {error.detail}", "Get the ledger's genesis anew") from error
    listen = Listen(host=host, port=port, tls_certificate=tls_certificate, tls_key=tls_key)
    pair = tls_pair(directory, listen)
    if pair is not None:
        load_pair(*pair)
    config = Config(cosigner=cosigner_id, listen=listen, database=database)
    create_folder(directory, genesis, log_seed=log_seed, cosigning_seed=cosigning_seed, config=config)
    return _info(directory, genesis, cosigner_id)


def run_node(
    directory: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run the node in a folder until SIGTERM or SIGINT, or until it is told to stop.

    What is queued is committed and answered, streams end, the lock is released: within a few seconds.

    Args:
        directory: what `init_node` created.
        host: where to listen; what the settings say, if nil.
        port: likewise; 0 lets the system choose.
        ready: told the node's URL once it takes requests.
        stop: set by whoever runs the node in a thread, where signals do not arrive.

    Raises:
        CannotStart: the folder, a library, the database, the token file or the address cannot be used.
    """
    _prepare_process()
    with log_lines(), ExitStack() as opened:
        folder = opened.enter_context(open_folder(directory))
        door = opened.enter_context(front_door(folder, host, port, _now))
        store, signer = start_ledger(folder, _now, alone=not folder.config.comet.enabled)
        opened.enter_context(closing(store))
        certificates = opened.enter_context(_certificates(folder))
        nodes = MemberNodes(lambda: store.head.membership, members_of(store), EngineBook(folder.path).observers)
        engine = _engine(folder, store, signer, certificates, nodes, opened)
        opened.callback(engine.stop)
        metrics = Metrics()
        evidences = Evidences(folder.path, members_of(store), own=own_log(store))
        if isinstance(engine, CometEngine):
            evidences.tell = engine.tell
            engine.keep = evidences.keep
        service = Service(store, engine, signer, metrics, QuotaKeeper(folder.config.quotas), evidences)
        feed = Feed(service.events)
        service.listen(feed.notify)
        shares = Shares(lambda: door.access.callers, records=folder.config.limits.queue_records)
        app = create_app(service, feed, metrics, door.access, shares, door.warnings)
        try:
            engine.start()
        except Stopped as error:
            raise CannotStart(str(error), "Look into comet/cometbft.log in the node's folder") from error
        log.info("the ledger is open", extra={"size": store.head.size, "ledger": store.ledger.hex()})
        opened.callback(log.info, "the node stops")
        serving = [make_serving(app, door.listener, BoundedConnection, door.tls)]
        if certificates is not None:
            peers = PeerAccess(certificates, nodes)
            serving.append(_peer_serving(folder, service, metrics, peers, opened))
        opened.enter_context(noted(folder.path, door.url))
        serve(serving, feed, stop, _announce(door.url, ready))


def _peer_serving(
    folder: NodeFolder, service: Service, metrics: Metrics, access: PeerAccess, opened: ExitStack
) -> Serving:
    """Put what members' nodes ask behind its listener, which is closed with `opened`. Raises CannotStart."""
    access.tls()  # what cannot be used is said now
    host, port = folder.config.peering.host, folder.config.peering.port
    listener = opened.enter_context(closing(bind(host, port, resolve(host, port))))
    app = create_peer_app(service, metrics, access, find_sockets(folder.path).rpc)
    return make_serving(app, listener, partial(PeerConnection, access.caller), access.tls)


@contextmanager
def _certificates(folder: NodeFolder) -> Iterator[Certificates | None]:
    """Look after the certificates of a consortium's node, as long as it runs. Raises CannotStart."""
    if not folder.config.comet.enabled:
        yield None
        return
    certificates = Certificates(folder.path, _now)
    certificates.start()
    try:
        yield certificates
    finally:
        certificates.stop()


def _engine(
    folder: NodeFolder,
    store: SqlLedgerStore,
    signer: HeadSigner,
    certificates: Certificates | None,
    nodes: MemberNodes,
    opened: ExitStack,
) -> Engine:
    """Make the engine that the settings ask for; what it needs is closed with `opened`. Raises CannotStart."""
    if certificates is None:
        return EmbeddedEngine(store, signer, clock=_now, bounds=folder.config.limits)
    place = open_place(folder.path, folder.config, chain_id(store.ledger))
    opened.callback(leave_sockets, folder.path)
    peers = PeerBook(folder.path, certificates, nodes.may)
    return CometEngine(store, signer, bounds=folder.config.limits, place=place, peers=peers, clock=_now)


def _prepare_process() -> None:
    """Make this process fit for a node. Raises CannotStart."""
    keep_to_itself()
    verify_signature_library()
    _allow_open_files()
    sys.setswitchinterval(SWITCH_SECONDS)


def _allow_open_files() -> None:
    """Ask the system for as many open files as the node may need, as far as it gives them."""
    try:
        import resource  # noqa: PLC0415 (Unix has it alone)
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _announce(url: str, ready: Callable[[str], None] | None) -> Callable[[], None]:
    def announce() -> None:
        log.info("the node is ready", extra={"url": url})
        if ready is not None:
            ready(url)

    return announce


def _info(directory: Path, genesis: Genesis, cosigner_id: MemberId) -> NodeInfo:
    ledger = ledger_id(genesis)
    (cosigner,) = (each for each in genesis.membership.cosigners if each.id == cosigner_id)
    return NodeInfo(
        directory=directory,
        ledger=ledger,
        name=genesis.name,
        cosigner=cosigner_id,
        log_key=str(log_key(ledger, cosigner)),
        trust=write_trust(genesis),
    )


def _now() -> Moment:
    return time.time_ns() // 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a node from the command line, and give the process's exit code."""
    parser = argparse.ArgumentParser(prog="hanse_node", description="Run the node in a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    chosen = parser.parse_args(arguments)
    try:
        run_node(chosen.folder, host=chosen.host, port=chosen.port)
    except CannotStart as error:
        with log_lines():
            log.critical("the node cannot start", extra=describe(error) | {"next_step": error.next_step})
        return CANNOT_START
    return 0


if __name__ == "__main__":
    sys.exit(main())
