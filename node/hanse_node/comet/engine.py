"""The engine of a consortium: CometBFT orders and commits, this node applies, and answers after the commit.

An event loop on a thread of its own holds the socket on which CometBFT asks, the gateway into its pool, and its
process. What moves the state happens on the consensus thread (see `abci`).
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import time_ns
from typing import NamedTuple

from hanse_ledger.blocks.block import Tip
from hanse_ledger.records.envelope import Signed
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_node.base.config import Limits
from hanse_node.base.errors import NodeError, Stopped
from hanse_node.base.receipts import Receipt
from hanse_node.base.verifying import Verifiers
from hanse_node.base.worker import Beside, Tasks
from hanse_node.comet.abci.admission import Admission, MembersSoFar
from hanse_node.comet.abci.application import CometApplication
from hanse_node.comet.abci.connection import AbciServer
from hanse_node.comet.abci.poolshares import keys_of
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.transactions import SALT_BYTES, Batch, KnownTransactions, encode_transaction
from hanse_node.comet.calling import Calling
from hanse_node.comet.covering import Covering
from hanse_node.comet.lightclient import run_from_snapshot
from hanse_node.comet.misbehaving import fetch_double_votes
from hanse_node.comet.place import CometPlace, Preparation
from hanse_node.comet.poolway import PoolGateway
from hanse_node.comet.program.home import LightClient, check_home
from hanse_node.comet.program.process import CometProcess
from hanse_node.comet.rpc import EngineRpc
from hanse_node.comet.severing import Severing
from hanse_node.comet.sorting import sort_batch
from hanse_node.comet.taking import Taking
from hanse_node.comet.vouching import Receipts, Vouching
from hanse_node.engine.backlog import check_length
from hanse_node.engine.engine import EngineStatus, Observer
from hanse_node.peers.collecting import Peer
from hanse_node.peers.evidences import members_of
from hanse_node.peers.following import Follower
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.reads import Published, standing_head
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

START_SECONDS = 30.0
ASK_SECONDS = 10.0
COMPARE_SECONDS = 10.0


class _Running(NamedTuple):
    """What lives on the engine's event loop."""

    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    rpc: EngineRpc
    tasks: Tasks
    gateway: PoolGateway
    covering: Covering
    vouching: Vouching
    follower: Follower

    def call(self, what: Callable[..., object], *given: object) -> None:
        """Have something done on the loop, from any thread; nothing once the loop has ended."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(what, *given)


class CometEngine:
    """Takes records from `start` until `stop`; the same methods, and the same receipts, as the embedded engine's."""

    def __init__(
        self,
        store: SqlLedgerStore,
        signer: HeadSigner,
        *,
        bounds: Limits,
        place: CometPlace,
        peers: Callable[[], Mapping[MemberId, Peer]] = dict,
        clock: Callable[[], Moment] = lambda: time_ns() // 1_000_000,
        keep: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        """Prepare an engine.

        Args:
            store: an open store, recovered.
            signer: signs the head of each block; it has signed the store's present head.
            bounds: how much to take on at once.
            place: where CometBFT is.
            peers: tells where the other members' nodes are; asked again now and then.
            clock: the present in milliseconds since 1970.
            keep: keeps evidence against members that the engine has found.
        """
        self._store, self._signer, self._bounds, self._place = store, signer, bounds, place
        self._peers, self._clock, self._keep = peers, clock, keep
        self._admission = Admission(place.engines, self._members)
        self._verifiers = Verifiers(bounds.verify_threads, bounds.verify_processes)
        self._looking = ThreadPoolExecutor(2, thread_name_prefix="gateway")
        self._known = KnownTransactions(self._verifiers.submit)
        self._taker = SnapshotTaker(store, place.home / "snapshot.part", self._warn)
        told = (self._committed, self._taker, self._misbehaved, place.keep_blocks)
        self._application = CometApplication(store, signer, self._known, place.chain, *told)
        answers = {**self._application.answers(), "query": self._admission.query}
        self._server = AbciServer(place.settings.sockets.application, answers, self._fail)
        self._prepare = Preparation(place, self._admission)
        self._process = CometProcess(
            place.program, place.home, self._prepare, lambda reason: self._fail(Stopped(reason)), self._set_doubt
        )
        self._doubt: str | None = None
        self._given_up = False
        self._taking = Taking(bounds, self._hindered)
        self._ready: Future[None] = Future()
        self._running: _Running | None = None
        self._thread = Beside("comet", lambda: asyncio.run(self._serve()), self._ended)

    def start(self) -> None:
        """Listen for CometBFT, start it, and take records. Raises CannotStart, or Stopped if it cannot be."""
        check_home(self._place.home, self._store.ledger, self._root_at)
        self._verifiers.start()
        self._thread.start()
        try:
            self._ready.result(START_SECONDS)
        except (OSError, TimeoutError) as error:
            raise Stopped(f"the engine cannot be started: {error}") from error
        self._taking.open()

    def submit(self, batch: Sequence[Signed], who: str = "") -> "Future[list[Receipt]]":
        """Queue a batch; see `EmbeddedEngine.submit`. The answer comes after the commit of a quorum."""
        check_length(batch)
        answer: Future[list[Receipt]] = Future()
        answer.set_running_or_notify_cancel()
        verified = self._taking.take(batch, answer, self._follows, self._verifiers.submit)
        running = self._running
        assert running is not None, "what is taken has been started"
        sort = partial(sort_batch, self._store, running.covering, running.gateway.submit, tuple(batch), who, answer)
        verified.add_done_callback(lambda done: self._looking.submit(sort, done))
        return answer

    def status(self) -> EngineStatus:
        """Tell how the engine does."""
        return self._taking.status()

    def stop(self) -> None:
        """Take nothing more, stop CometBFT, and end the threads. May be called twice."""
        self._taking.close("the engine is stopping")
        if self._running is not None and self._thread.running:
            self._running.call(self._running.stop.set)
        self._thread.stop()
        self._verifiers.stop()
        self._looking.shutdown()

    def observe(self, observer: Observer) -> None:
        """Have somebody told of each committed block: its records, and the seconds that it took."""
        self._application.observe(observer)

    def tell(self, evidence: bytes) -> None:
        """Give evidence to the other members' nodes; any thread may call."""
        if self._running is not None:
            self._running.call(self._running.vouching.collector.tell, evidence)

    def process_number(self) -> int | None:
        """Give the number of CometBFT's process, while it runs."""
        return self._process.number

    def _ended(self, error: BaseException) -> None:
        self._fail(error)
        if not self._ready.done():
            self._ready.set_exception(error)

    def _begin(self) -> _Running:
        """Make what lives on the loop; nothing of it runs yet."""
        tasks, rpc = Tasks(self._fail), EngineRpc(self._place.settings.sockets.rpc, seconds=ASK_SECONDS)
        gateway, covering = PoolGateway(rpc, self._known, self._wrap), Covering(lambda: self._store.published)
        own = self._signer.cosigner
        vouching = Vouching(self._store, own, self._peers, tasks, gateway.committed, covering.reached)
        follower = Follower(
            self._store,
            self._signer,
            vouching.collector,
            vouching.reached,
            self.submit,
            self._clock,
            lambda: self._doubt is not None,
            self._keep,
        )
        loop = asyncio.get_running_loop()
        return _Running(loop, asyncio.Event(), rpc, tasks, gateway, covering, vouching, follower)

    async def _serve(self) -> None:
        self._running = running = self._begin()
        await running.vouching.collector.meet(self._peers())
        # The application first: an engine that finds none gives up.
        await self._server.start()
        members = (lambda: self._store.head.membership, self._signer.cosigner)
        severing = Severing(running.rpc, self._admission, *members, self._process.restart)
        calling = Calling(running.rpc, self._admission, self._place.engines)
        running.tasks.need(running.gateway.run())
        running.tasks.need(self._run_engine(running.vouching))
        for beside in (severing.run, calling.run, self._sign_again, running.follower.run):
            running.tasks.keep(beside)
        self._ready.set_result(None)
        self._server.run_in_order(self._sign_present_head)
        try:
            await running.stop.wait()
        finally:
            await self._end(running)

    async def _end(self, running: _Running) -> None:
        """End the engine before the application, and both before what answers."""
        await self._process.stop()
        if self._given_up:
            # Others may have gone on with what this node's rules do not write: that is worth knowing, and showing.
            await running.follower.compare_for(COMPARE_SECONDS)
        await running.vouching.collector.close()
        await running.tasks.stop()
        running.covering.fail("the engine has stopped")
        self._server.run_in_order(self._application.close)
        await self._server.stop()
        await running.rpc.close()

    async def _run_engine(self, vouching: Vouching) -> None:
        """Run the engine; where the ledger has no blocks yet, and shall begin with a snapshot, with what that needs."""
        with self._store.reading() as reads:
            begun = reads.engine_height() > 0
        if begun or not self._place.snapshot:
            await self._process.run()
            return

        async def run(light_client: LightClient) -> None:
            self._prepare.light_client = light_client
            await self._process.run()

        await run_from_snapshot(self._place.settings.sockets, vouching.collector, run)

    def _root_at(self, size: int) -> Digest | None:
        with self._store.reading() as reads:
            return root_from_nodes(reads, size) if size <= standing_head(reads).size else None

    def _members(self) -> MembersSoFar:
        return MembersSoFar(self._store.head.membership, members_of(self._store)())

    def _follows(self) -> bool:
        return self._signer.ready_key not in keys_of(self._store.head, self._signer.cosigner)

    def _wrap(self, envelopes: list[bytes]) -> bytes:
        """Make a transaction of envelopes, signed as this node's."""
        salt = secrets.token_bytes(SALT_BYTES)
        batch = Batch(self._signer.cosigner, self._application.height, salt, envelopes)
        return encode_transaction(batch, self._store.ledger, self._signer.sign_own)

    def _warn(self, reason: str) -> None:
        log.critical(reason)

    async def _sign_again(self) -> None:
        """A head that is never signed again looks like that of a stale node."""
        assert self._running is not None
        while True:
            await asyncio.sleep(self._bounds.resign_seconds)
            await self._running.vouching.meet()
            self._server.run_in_order(self._sign_present_head)

    def _sign_present_head(self) -> None:
        try:
            if not self._application.busy and self._signer.may_sign(self._store.head):
                self._committed({}, self._store.sign_present(self._signer.sign))
        except NodeError as error:
            self._fail(error)

    def _committed(self, receipts: Receipts, signed: Published | None) -> None:
        """Let a block's head be vouched for; on the consensus thread."""
        if receipts:
            self._doubt = None
        assert self._running is not None
        self._running.call(self._vouch, self._store.head, receipts, signed)

    def _vouch(self, head: Tip, receipts: Receipts, signed: Published | None) -> None:
        assert self._running is not None
        self._running.vouching.committed(head, receipts, signed)
        self._running.follower.committed()

    def _hindered(self) -> str | None:
        """Say why the engine does not get on at the moment, though it still tries."""
        follower = None if self._running is None else self._running.follower.progress
        return self._doubt or self._process.restarting or self._taker.progress or follower

    def _set_doubt(self, reason: str) -> None:
        if self._doubt is None:
            log.critical("the engine does not get on", extra={"reason": reason})
        self._doubt = f"the engine does not get on: {reason}"

    def _misbehaved(self, height: int) -> None:
        """Fetch the votes in a block that holds evidence, and keep it; from the consensus thread."""
        if self._running is not None:
            self._running.call(self._gather, height)

    def _gather(self, height: int) -> None:
        assert self._running is not None
        self._running.tasks.once("gathering evidence", self._gather_evidence(self._running.rpc, height))

    async def _gather_evidence(self, rpc: EngineRpc, height: int) -> None:
        trust = await asyncio.to_thread(members_of(self._store))
        for data in await fetch_double_votes(rpc, height, trust):
            try:
                await asyncio.to_thread(self._keep, data)
            except (LedgerError, OSError) as error:
                log.exception("the evidence cannot be kept", exc_info=error)

    def _fail(self, error: BaseException) -> None:
        """Take nothing more, and tell everybody who waits. What is in the database is judged at the next start."""
        log.critical("the engine has failed and takes no more records", exc_info=error)
        self._given_up = True
        reason = f"the engine has failed: {error or type(error).__name__}; start the node again"
        self._taking.fail(reason)
        if self._running is not None:
            self._running.call(self._running.stop.set)
            for waiting in (self._running.gateway, self._running.covering):
                self._running.call(waiting.fail, reason)
