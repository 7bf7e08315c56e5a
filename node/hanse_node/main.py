"""The composition root: nothing else builds the parts of a node and puts them together.

`python -m hanse_node.main FOLDER` runs the node in a folder, as `hanse node run` does.
"""

import argparse
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from hanse_ledger.misbehaviour.double_vote import chain_id
from hanse_ledger.values.types import Moment
from hanse_node.access.caller import ITSELF
from hanse_node.access.membernodes import MemberNodes
from hanse_node.access.quotas import QuotaKeeper
from hanse_node.access.readnotes import Way
from hanse_node.access.shares import Shares
from hanse_node.api.access import Access
from hanse_node.api.app import create_app
from hanse_node.api.edge.signedaccess import SignedAccess
from hanse_node.api.peeraccess import PeerAccess
from hanse_node.api.peers import create_peer_app
from hanse_node.base.bounds import (
    PAYLOAD_SWEEP_SECONDS,
    READS_WRITTEN_SECONDS,
    RENEWAL_ROUND_SECONDS,
    TAG_KEYS_SECONDS,
)
from hanse_node.base.errors import CannotStart, Stopped
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.base.logs import describe, log_lines
from hanse_node.base.metrics import Metrics
from hanse_node.base.worker import Lookout, Worker, working
from hanse_node.comet.abci.admission import EngineBook
from hanse_node.comet.engine import CometEngine
from hanse_node.comet.place import open_place
from hanse_node.comet.program.sockets import find_sockets, leave_sockets
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.engine.engine import Engine
from hanse_node.feed import Feed
from hanse_node.front.connections import BoundedConnection, PeerConnection
from hanse_node.front.frontdoor import FrontDoor, front_door
from hanse_node.front.serving import Serving, bind, make_serving, resolve, serve
from hanse_node.intake.waitingoffices import LOOK_SECONDS, WaitingOffices
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.thisprocess import prepare_process
from hanse_node.operate.creating import NodeInfo, init_node
from hanse_node.payloads.anew import ask_where_new
from hanse_node.payloads.commits import CommittedPayloads
from hanse_node.peers.delivering import Delivering
from hanse_node.peers.evidences import Evidences, members_of, own_log
from hanse_node.peers.peerbook import PeerBook
from hanse_node.service import Service
from hanse_node.signing.cosign import HeadSigner
from hanse_node.signing.tlscertificates import TlsCertificates
from hanse_node.signing.tokens import TokenBook
from hanse_node.store.beside.webhooks import Hooks
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.webhooks.courses import Webhooks
from hanse_node.webhooks.onecall import read_reach
from hanse_node.webhooks.onehook import Surroundings
from hanse_node.webhooks.owners import Owners
from hanse_node.whereabouts import noted

__all__ = ["CANNOT_START", "NodeInfo", "init_node", "main", "run_node"]

# By its name: `python -m` would call this module `__main__`, which nobody listens to.
log = logging.getLogger("hanse_node.main")

CANNOT_START = 30


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
    begun = _now()
    prepare_process()
    with log_lines(), ExitStack() as opened:
        folder = opened.enter_context(open_folder(directory))
        door = opened.enter_context(front_door(folder, host, port, _now))
        store, signer = start_ledger(folder, _now, alone=not folder.config.comet.enabled)
        opened.enter_context(closing(store))
        certificates = _certificates(folder)
        nodes = MemberNodes(lambda: store.head.membership, members_of(store), EngineBook(folder.path).observers)
        evidences = Evidences(folder.path, members_of(store), own=own_log(store))
        engine = _engine(folder, store, signer, certificates, nodes, evidences, opened)
        metrics = Metrics()
        quotas = QuotaKeeper(folder.config.quotas)
        service = Service(store, engine, signer, metrics, quotas, evidences, folder.config, _now)
        feed = Feed(service.events.read, service.events.tells)
        service.listen(feed.notify)
        callers = partial(_callers, door.access, store)
        webhooks = _webhooks(folder, store, service, metrics)
        shares = Shares(callers, records=folder.config.limits.queue_records)
        signed = SignedAccess(service.keyowners.who, store.ledger, _now, begun=begun, names=door.names, callers=callers)
        app = create_app(service, feed, metrics, door.access, shares, _warnings(door, webhooks), signed)
        offices = WaitingOffices(folder.path, service.intake, lambda: store.head.membership, _now)
        # Each may rely on those before it, and is stopped before them.
        workers: list[Worker] = [engine] if certificates is None else [certificates, engine]
        workers.extend((*_beside(folder, service, store, certificates, nodes), webhooks))
        if certificates is not None:
            workers.append(Lookout("offices to open", offices.send, LOOK_SECONDS))
        _start(workers, opened)
        if certificates is None:
            offices.send()  # the first records of a new ledger, before anybody else's
        log.info("the ledger is open", extra={"size": store.head.size, "ledger": store.ledger.hex()})
        opened.callback(log.info, "the node stops")
        serving = [make_serving(app, door.listener, BoundedConnection, door.tls)]
        if certificates is not None:
            peers = PeerAccess(certificates, nodes)
            serving.append(_peer_serving(folder, service, metrics, peers, opened))
        opened.enter_context(noted(folder.path, door.url))
        serve(serving, [feed], stop, _announce(door.url, ready))


def _certificates(folder: NodeFolder) -> TlsCertificates | None:
    """Give a consortium's node its certificates, and have it ask for documents if it has no folder for them yet."""
    if not folder.config.comet.enabled:
        return None
    ask_where_new(folder.path, _now())
    return TlsCertificates(folder.path, _now)


def _callers(access: Access, store: SqlLedgerStore) -> int:
    """Tell how many have a share: where tokens are asked for, parties have one together, and each member's signers."""
    return access.callers + (1 + len(store.head.membership.members) if access.asks else 0)


def _beside(
    folder: NodeFolder,
    service: Service,
    store: SqlLedgerStore,
    certificates: TlsCertificates | None,
    nodes: MemberNodes,
) -> Iterator[Worker]:
    """Make what looks after proofs, keys of tags and sealed documents, which travel between members' nodes."""
    holdings = service.deliveries.holdings
    yield Lookout("published proofs", partial(service.publications.renew_due, ITSELF), RENEWAL_ROUND_SECONDS)
    yield Lookout("keys of tags", partial(service.tagging.take_up, ITSELF), TAG_KEYS_SECONDS)
    yield Lookout("read log", partial(service.readlog.write, ITSELF), READS_WRITTEN_SECONDS, at_last=True)
    yield Lookout("sealed documents", partial(service.payloads.sweep, ITSELF), PAYLOAD_SWEEP_SECONDS)
    if certificates is not None:
        delivering = Delivering(service.deliveries, PeerBook(folder.path, certificates, nodes.may))
        service.deliveries.news = delivering.news
        yield delivering
    committed = CommittedPayloads(store, holdings, service.deliveries.news)
    store.watch(committed.news)
    yield committed


def _start(workers: Sequence[Worker], opened: ExitStack) -> None:
    """Start workers, which are stopped with `opened`. Raises CannotStart."""
    try:
        opened.enter_context(working(workers))
    except Stopped as error:
        raise CannotStart(str(error), "Look into comet/cometbft.log in the node's folder") from error


def _peer_serving(
    folder: NodeFolder, service: Service, metrics: Metrics, access: PeerAccess, opened: ExitStack
) -> Serving:
    """Put what members' nodes ask behind its listener, which is closed with `opened`. Raises CannotStart."""
    access.tls()  # what cannot be used is said now
    host, port = folder.config.peering.host, folder.config.peering.port
    listener = opened.enter_context(closing(bind(host, port, resolve(host, port))))
    app = create_peer_app(service, metrics, access, find_sockets(folder.path).rpc)
    return make_serving(app, listener, partial(PeerConnection, access.caller), access.tls)


def _engine(
    folder: NodeFolder,
    store: SqlLedgerStore,
    signer: HeadSigner,
    certificates: TlsCertificates | None,
    nodes: MemberNodes,
    evidences: Evidences,
    opened: ExitStack,
) -> Engine:
    """Make the engine that the settings ask for; what it needs is closed with `opened`. Raises CannotStart."""
    bounds = folder.config.limits
    if certificates is None:
        return EmbeddedEngine(store, signer, clock=_now, bounds=bounds)
    place = open_place(folder.path, folder.config, chain_id(store.ledger))
    opened.callback(leave_sockets, folder.path)
    peers = PeerBook(folder.path, certificates, nodes.may)
    engine = CometEngine(store, signer, bounds=bounds, place=place, peers=peers, clock=_now, keep=evidences.keep)
    evidences.tell = engine.tell
    return engine


def _warnings(door: FrontDoor, webhooks: Webhooks) -> Callable[[], tuple[str, ...]]:
    return lambda: (*door.warnings(), webhooks.warning)


def _webhooks(folder: NodeFolder, store: SqlLedgerStore, service: Service, metrics: Metrics) -> Webhooks:
    """Make what delivers to webhooks, on an event loop of its own. Raises CannotStart."""
    feed = Feed(service.events.read, service.events.tells)
    service.watch(feed.notify)
    owners = Owners(TokenBook(folder.token_file, _now), store.reading, _now)
    reach = read_reach(folder.config.webhooks.inside)
    told = partial(service.events.told, way=Way.WEBHOOK)
    around = Surroundings(folder.path, service.source, feed, owners, reach, metrics, _now, told)
    return Webhooks(Hooks(store), around, lambda: store.head.size)


def _announce(url: str, ready: Callable[[str], None] | None) -> Callable[[], None]:
    def announce() -> None:
        log.info("the node is ready", extra={"url": url})
        if ready is not None:
            ready(url)

    return announce


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
