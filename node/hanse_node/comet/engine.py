"""The engine of a consortium: CometBFT orders and commits, this node applies, and answers after the commit.

An event loop on a thread of its own holds the socket on which CometBFT asks, the gateway into its pool, and its
process. What moves the state happens on the consensus thread (see `abci`).
"""

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic, time_ns

from hanse_ledger.blocks.group import Head
from hanse_ledger.records.envelope import Signed
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_node.base.config import Limits
from hanse_node.base.errors import CannotStart, NodeError, Stopped, StoreFailed
from hanse_node.base.receipts import Receipt, refused, standing
from hanse_node.base.verifying import Refusals, Verifiers
from hanse_node.comet.abci.admission import Admission, Members
from hanse_node.comet.abci.application import CometApplication
from hanse_node.comet.abci.connection import AbciServer
from hanse_node.comet.abci.poolshares import keys_of
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.transactions import SALT_BYTES, Batch, KnownTransactions, encode_transaction
from hanse_node.comet.calling import Calling
from hanse_node.comet.covering import Covering, merge_receipts
from hanse_node.comet.gateway import Gateway, Submission
from hanse_node.comet.lasting import keep_on, watch
from hanse_node.comet.lightclient import run_from_snapshot
from hanse_node.comet.misbehaving import fetch_double_votes
from hanse_node.comet.place import CometPlace, Preparation
from hanse_node.comet.program.home import LightClient, check_home
from hanse_node.comet.program.process import CometProcess
from hanse_node.comet.rpc import EngineRpc
from hanse_node.comet.severing import Severing
from hanse_node.engine.engine import EngineStatus, Observer
from hanse_node.engine.room import Room, check_length
from hanse_node.peers.collecting import Collector, Peer
from hanse_node.peers.evidences import members_of
from hanse_node.peers.following import Follower
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.entries import read_block
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

NOT_STARTED = "the engine has not been started"
START_SECONDS = 30.0
ASK_SECONDS = 10.0
COMPARE_SECONDS = 10.0
QUORUM_SECONDS = 10.0
"""When a record has waited so long, the node says that it takes none for want of a quorum, though it still tries."""


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
    ) -> None:
        """Prepare an engine.

        Args:
            store: an open store, recovered.
            signer: signs the head of each group; it has signed the store's present head.
            bounds: how much to take on at once.
            place: where CometBFT is.
            peers: tells where the other members' nodes are; asked again now and then.
            clock: the present in milliseconds since 1970.
        """
        self._store, self._signer, self._bounds, self._place = store, signer, bounds, place
        self._admission = Admission(place.engines, self._members)
        self._verifiers = Verifiers(bounds.verify_threads, bounds.verify_processes)
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
        self.keep: Callable[[bytes], None] = lambda _data: None
        """What keeps evidence against members that the engine has found."""
        self._doubt: str | None = None
        self._given_up = False
        self._lock = Lock()
        self._failure: str | None = NOT_STARTED
        self._room, self._taken = Room(bounds), 0
        self._since: dict[int, float] = {}
        self._looking = ThreadPoolExecutor(2, thread_name_prefix="gateway")
        self._gateway: Gateway | None = None
        self._covering: Covering | None = None
        self._peers, self._clock = peers, clock
        self._follower: Follower | None = None
        self._collector: Collector | None = None
        self._meeting: asyncio.Task[None] | None = None
        self._epoch = -1
        self._unpublished: list[tuple[int, Mapping[Digest, list[Receipt]]]] = []
        self._ready: Future[None] = Future()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="comet", daemon=True)

    def start(self) -> None:
        """Listen for CometBFT, start it, and take records. Raises CannotStart, or Stopped if it cannot be."""
        check_home(self._place.home, self._store.ledger, self._root_at)
        self._thread.start()
        try:
            self._ready.result(START_SECONDS)
        except (OSError, TimeoutError) as error:
            raise Stopped(f"the engine cannot be started: {error}") from error
        with self._lock:
            # It may have failed already.
            self._failure = None if self._failure == NOT_STARTED else self._failure

    def _root_at(self, size: int) -> Digest | None:
        with self._store.reading() as reads:
            head = reads.head()
            assert head is not None
            return root_from_nodes(reads, size) if size <= head.size else None

    def submit(self, batch: Sequence[Signed], who: str = "") -> "Future[list[Receipt]]":
        """Queue a batch; see `EmbeddedEngine.submit`. The answer comes after the commit of a quorum."""
        check_length(batch)
        answer: Future[list[Receipt]] = Future()
        answer.set_running_or_notify_cancel()
        with self._lock:
            if self._failure is not None:
                raise Stopped(self._failure)
            if self._signer.ready_key not in keys_of(self._store.head, self._signer.cosigner):
                raise Stopped("this node follows and is no member's: send records to a member's node")
            self._room.take(batch)
            # Under the lock, so that `stop` cannot close the workers in between.
            verified = self._verifiers.submit(batch)
            number = self._taken = self._taken + 1
            self._since[number] = monotonic()
        answer.add_done_callback(lambda _: self._leave(number, batch))
        verified.add_done_callback(lambda done: self._looking.submit(self._sort, tuple(batch), who, answer, done))
        return answer

    def status(self) -> EngineStatus:
        """Tell how the engine does."""
        with self._lock:
            failure, oldest = self._failure, next(iter(self._since.values()), None)
            if failure is None:
                failure = self._doubt or self._process.restarting
            if failure is None:
                failure = self._taker.progress or (self._follower.progress if self._follower is not None else None)
            if failure is None and oldest is not None and monotonic() - oldest > QUORUM_SECONDS:
                failure = "no quorum of members commits and signs at the moment"
            return EngineStatus(failure=failure, queued_records=self._room.records, queued_bytes=self._room.bytes)

    def stop(self) -> None:
        """Take nothing more, stop CometBFT, and end the threads. May be called twice."""
        with self._lock:
            if self._failure is None:
                self._failure = "the engine is stopping"
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.ident is not None:
            self._thread.join()
        self._verifiers.stop()
        self._looking.shutdown()

    def observe(self, observer: Observer) -> None:
        """Have somebody told of each committed group: its records, and the seconds that it took."""
        self._application.observe(observer)

    def tell(self, evidence: bytes) -> None:
        """Give evidence to the other members' nodes; any thread may call."""
        if self._loop is not None and self._collector is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._collector.tell, evidence)

    def process_number(self) -> int | None:
        """Give the number of CometBFT's process, while it runs."""
        return self._process.number

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 (the thread's outermost boundary: whoever waits is told)
            self._fail(error)
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._rpc = engine = EngineRpc(self._place.settings.sockets.rpc, seconds=ASK_SECONDS)
        self._gateway = gateway = Gateway(engine, self._known, self._wrap)
        self._covering = Covering(lambda: self._store.published)
        self._collector = collector = Collector(self._store.ledger, self._signer.cosigner, self._quorum)
        await collector.meet(self._peers())
        self._follower = Follower(
            self._store,
            self._signer,
            collector,
            self._quorum,
            self.submit,
            self._clock,
            lambda: self._doubt is not None,
            self.keep,
        )
        # The application first: an engine that finds none gives up.
        await self._server.start()
        members = (lambda: self._store.head.membership, self._signer.cosigner)
        severing = Severing(engine, self._admission, *members, self._process.restart)
        calling = Calling(engine, self._admission, self._place.engines)
        beside = (severing.run, calling.run, self._sign_again, self._follower.run)
        lasting = (gateway.run(), self._run_engine(collector), *(keep_on(each.__qualname__, each) for each in beside))
        running = [watch(each, self._fail) for each in lasting]
        self._ready.set_result(None)
        self._server.run_in_order(self._sign_present_head)
        try:
            await self._stop.wait()
        finally:
            # The engine before the application.
            await self._process.stop()
            if self._given_up:
                # Others may have gone on with what this node's rules do not write: that is worth knowing, and showing.
                await self._follower.compare_for(COMPARE_SECONDS)
            await self._collector.close()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._covering.fail("the engine has stopped")
            self._server.run_in_order(self._application.close)
            await self._server.stop()
            await engine.close()

    async def _run_engine(self, collector: Collector) -> None:
        """Run the engine; where the ledger has no blocks yet, and shall begin with a snapshot, with what that needs."""
        with self._store.reading() as reads:
            begun = reads.block() > 0
        if begun or not self._place.snapshot:
            await self._process.run()
            return

        async def run(light_client: LightClient) -> None:
            self._prepare.light_client = light_client
            await self._process.run()

        await run_from_snapshot(self._place.settings.sockets, collector, run)

    def _members(self) -> Members:
        with self._store.reading() as reads:
            trust = self._store.members.as_of(reads)
        return Members(self._store.head.membership, trust)

    def _wrap(self, envelopes: list[bytes]) -> bytes:
        """Make a transaction of envelopes, signed as this node's."""
        salt = secrets.token_bytes(SALT_BYTES)
        batch = Batch(self._signer.cosigner, self._application.height, salt, envelopes)
        return encode_transaction(batch, self._store.ledger, self._signer.sign_own)

    def _warn(self, reason: str) -> None:
        log.critical(reason)

    async def _sign_again(self) -> None:
        """A head that is never signed again looks like that of a stale node."""
        while True:
            await asyncio.sleep(self._bounds.resign_seconds)
            await self._meet()
            self._server.run_in_order(self._sign_present_head)

    async def _meet(self) -> None:
        """Take up who the peers are now, as the node's settings say."""
        assert self._collector is not None
        try:
            await self._collector.meet(await asyncio.to_thread(self._peers))
        except (CannotStart, OSError) as error:
            log.exception("the peers' addresses cannot be read", exc_info=error)

    def _sign_present_head(self) -> None:
        try:
            if not self._application.busy and self._signer.may_sign(self._store.head):
                self._committed({}, self._store.sign_present(self._signer.sign))
        except NodeError as error:
            self._fail(error)

    def _sort(
        self, batch: tuple[Signed, ...], who: str, answer: "Future[list[Receipt]]", verified: "Future[Refusals]"
    ) -> None:
        """Answer at once what needs no block: false signatures, and records that all stand already. Send the rest."""
        try:
            refusals = verified.result()
            with self._store.reading() as reads:
                positions = reads.records({signed.id for signed in batch})
                head = reads.head()
                assert head is not None
                old = {name: read_block(reads.entry(position) or b"") for name, position in positions.items()}
        except Exception as error:  # noqa: BLE001 (whatever it is, whoever waits is told)
            answer.set_exception(StoreFailed(f"the ledger cannot be read: {type(error).__name__}"))
            return
        settled: dict[int, Receipt] = {}
        for place, (signed, refusal) in enumerate(zip(batch, refusals, strict=True)):
            if refusal is not None:
                settled[place] = refused(signed.id, refusal, head.height, head.time)
            elif signed.id in positions:
                settled[place] = standing(signed.id, positions[signed.id], *old[signed.id])
        left = [signed for place, signed in enumerate(batch) if place not in settled]
        if not left:
            assert self._covering is not None
            self._covering.give(answer, [settled[place] for place in range(len(batch))])
            return
        waiting: Future[list[Receipt]] = Future()
        waiting.add_done_callback(lambda done: merge_receipts(answer, len(batch), settled, done))
        gateway = self._gateway
        assert gateway is not None
        gateway.submit(Submission(left, waiting, who))

    def _committed(self, receipts: Mapping[Digest, list[Receipt]], signed: Published | None) -> None:
        """Keep the receipts of a block until its head has a quorum; on the consensus thread."""
        if receipts:
            self._doubt = None
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._await_quorum, self._store.head, receipts, signed)

    def _await_quorum(self, head: Head, receipts: Mapping[Digest, list[Receipt]], signed: Published | None) -> None:
        if receipts:
            self._unpublished.append((head.size, receipts))
        if self._collector is not None:
            known = {each.id for each in head.membership.cosigners} <= {self._signer.cosigner, *self._collector.met}
            if not known or head.membership.epoch != self._epoch:
                # Another member is to be asked, or one is not any more.
                self._epoch = head.membership.epoch
                self._meeting = asyncio.create_task(self._meet())
            if signed is not None:
                self._collector.collect(signed, head.membership)
        if self._follower is not None:
            self._follower.committed()
        published = self._store.published
        if published is not None:
            self._answer(published.size)

    def _quorum(self, signed: Published) -> None:
        """Show a head that a quorum has signed, and answer what it covers; on a thread of its own."""
        if self._store.publish(signed) and self._loop is not None:
            self._loop.call_soon_threadsafe(self._answer, signed.size)

    def _answer(self, size: int) -> None:
        covered = [receipts for end, receipts in self._unpublished if end <= size]
        self._unpublished = [each for each in self._unpublished if each[0] > size]
        for receipts in covered:
            if self._gateway is not None:
                self._gateway.committed(receipts)
        if self._covering is not None:
            self._covering.reached(size)

    def _set_doubt(self, reason: str) -> None:
        if self._doubt is None:
            log.critical("the engine does not get on", extra={"reason": reason})
        self._doubt = f"the engine does not get on: {reason}"

    def _misbehaved(self, height: int) -> None:
        """Fetch the votes in a block that holds evidence, and keep it; from the consensus thread."""
        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._gather_evidence(height), self._loop)

    async def _gather_evidence(self, height: int) -> None:
        trust = await asyncio.to_thread(members_of(self._store))
        for data in await fetch_double_votes(self._rpc, height, trust):
            try:
                await asyncio.to_thread(self.keep, data)
            except (LedgerError, OSError) as error:
                log.exception("the evidence cannot be kept", exc_info=error)

    def _leave(self, number: int, batch: Sequence[Signed]) -> None:
        with self._lock:
            self._since.pop(number, None)
            self._room.leave(batch)

    def _fail(self, error: BaseException) -> None:
        """Take nothing more, and tell everybody who waits. What is in the database is judged at the next start."""
        log.critical("the engine has failed and takes no more records", exc_info=error)
        self._given_up = True
        with self._lock:
            self._failure = f"the engine has failed: {error or type(error).__name__}; start the node again"
            reason = self._failure
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
            for waiting in (self._gateway, self._covering):
                if waiting is not None:
                    self._loop.call_soon_threadsafe(waiting.fail, reason)
