"""The embedded engine: group commit on one machine.

Batches wait in a bounded queue while their signatures are verified beside it; a few are verified by whoever submits
them, so that a single record goes to another thread once, and comes back (see `verifying`). One thread applies
everything that waits in order, as one block: commit, then sign the checkpoint, then answer.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition
from time import monotonic

from msgspec import Struct

from hanse_ledger.kinds.member.bodies import ReportReady
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import Moment
from hanse_node.base.config import Limits
from hanse_node.base.errors import Stopped
from hanse_node.base.receipts import Receipt
from hanse_node.base.roundrobin import Turns
from hanse_node.base.verifying import Refusals, Verifiers, are_few, verify_here
from hanse_node.base.worker import Beside
from hanse_node.engine.applying import apply_batch
from hanse_node.engine.backlog import Backlog, check_length
from hanse_node.engine.engine import EngineStatus, Observer
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)


class _Submission(Struct, eq=False):
    """A batch on its way. `refusals` says for each record whether its signatures were refused."""

    batch: tuple[Signed, ...]
    answer: Future[list[Receipt]]
    refusals: Refusals
    who: str


class EmbeddedEngine:
    """Orders, applies and commits records. Takes them from `start` until `stop`."""

    def __init__(
        self, store: SqlLedgerStore, signer: HeadSigner, *, clock: Callable[[], Moment], bounds: Limits
    ) -> None:
        """Prepare an engine.

        Args:
            store: an open store, recovered.
            signer: signs the head of each block; it has signed the store's present head.
            clock: the present in milliseconds since 1970.
            bounds: how much to take on at once.
        """
        self._store, self._signer, self._clock, self._bounds = store, signer, clock, bounds
        self._changed = Condition()
        self._ready: Turns[_Submission] = Turns()
        self._under_way: set[_Submission] = set()
        self._room = Backlog(bounds)
        self._failure: str | None = "the engine has not been started"
        self._resign_at = monotonic() + bounds.resign_seconds
        self._observer: Observer = lambda _records, _seconds: None
        self._verifiers = Verifiers(bounds.verify_threads, bounds.verify_processes)
        self._applier = Beside("apply", self._run, self._fail)

    def observe(self, observer: Observer) -> None:
        """Have somebody told of each committed block: its records, and the seconds that it took."""
        self._observer = observer

    def start(self) -> None:
        """Begin to take records."""
        with self._changed:
            self._failure = None
        self._verifiers.start()
        self._applier.start()

    def submit(self, batch: Sequence[Signed], who: str = "") -> Future[list[Receipt]]:
        """Queue a batch of opened envelopes, their signatures not verified yet.

        Args:
            batch: up to `limits.BATCH_RECORDS` records; applied in order, each for itself.
            who: whose turn it waits for: a sender's batches stay in order, and wait behind no other sender's second.

        Returns:
            The receipts in the batch's order, once everything they say is durable and under a signed
            checkpoint. It raises Stopped if the engine stops or fails before that. It cannot be cancelled.

        Raises:
            Malformed: the batch is too long.
            Busy: the queue is full.
            Stopped: the engine takes nothing more.
        """
        check_length(batch)
        if any(isinstance(signed.record.body, ReportReady) for signed in batch):
            raise Stopped("this ledger has one node, and must be moved before others report themselves")
        submission, few = _Submission(tuple(batch), Future(), [], who), are_few(batch)
        submission.answer.set_running_or_notify_cancel()
        with self._changed:
            if self._failure is not None:
                raise Stopped(self._failure)
            self._room.take(batch)
            self._under_way.add(submission)
            # Under the lock, so that `stop` cannot close the workers in between.
            verified = None if few else self._verifiers.submit(submission.batch)
        if verified is None:
            self._enter(submission, verify_here(submission.batch))
        else:
            verified.add_done_callback(lambda done: self._verified(submission, done))
        return submission.answer

    def status(self) -> EngineStatus:
        """Tell how the engine does."""
        with self._changed:
            room = self._room
            return EngineStatus(failure=self._failure, queued_records=room.records, queued_bytes=room.bytes)

    def stop(self) -> None:
        """Take nothing more, finish and answer what is queued, and end the threads. May be called twice."""
        with self._changed:
            if self._failure is None:
                self._failure = "the engine is stopping"
            self._changed.notify_all()
        self._verifiers.stop()
        self._applier.stop()

    def _verified(self, submission: _Submission, done: Future[Refusals]) -> None:
        error = done.exception()
        if error is not None:
            self._fail(error)
            return
        self._enter(submission, done.result())

    def _enter(self, submission: _Submission, refusals: Refusals) -> None:
        """Let a verified batch be applied, unless the engine has failed meanwhile: whoever waits was told so."""
        submission.refusals = refusals
        with self._changed:
            if submission not in self._under_way:
                return
            self._ready.put(submission.who, submission)
            self._changed.notify_all()

    def _run(self) -> None:
        """Apply what is ready, block by block, until the engine stops. Any error ends it: see `_fail`."""
        while True:
            taken = self._take()
            if taken:
                self._commit(taken)
            elif monotonic() >= self._resign_at:
                # A head that is never signed again looks like that of a stale node.
                self._store.sign_again(self._signer.sign)
                self._rest()
            elif self._done():
                return

    def _take(self) -> list[_Submission]:
        """Wait for work, until the head is due for its signature or the engine stops: then there may be none."""
        with self._changed:
            self._changed.wait_for(self._awake, timeout=max(0.0, self._resign_at - monotonic()))
            taken: list[_Submission] = []
            room = self._bounds.group_records
            while self._ready and (not taken or len(self._ready.next().batch) <= room):
                submission = self._ready.take()
                room -= len(submission.batch)
                taken.append(submission)
            return taken

    def _awake(self) -> bool:
        return bool(self._ready) or self._finished()

    def _finished(self) -> bool:
        return self._failure is not None and not self._under_way

    def _done(self) -> bool:
        with self._changed:
            return self._finished()

    def _commit(self, taken: list[_Submission]) -> None:
        begun = monotonic()
        with self._store.work() as work:
            at = max(work.head.time, self._clock())
            builder = work.builder(at)
            work.state.prefetch([signed for submission in taken for signed in submission.batch])
            receipts = [apply_batch(submission.batch, submission.refusals, builder, work, at) for submission in taken]
            block = work.finish(builder)
            if block is not None:
                # Commit, then sign, then answer: what a crash between any two leaves is repaired at the next start.
                work.append(block, self._signer.sign)
                self._rest()
                self._observer(len(block.entries) - 1, monotonic() - begun)
        for submission, answer in zip(taken, receipts, strict=True):
            self._leave(submission)
            submission.answer.set_result(answer)

    def _leave(self, submission: _Submission) -> None:
        with self._changed:
            self._room.leave(submission.batch)
            self._under_way.discard(submission)
            self._changed.notify_all()

    def _rest(self) -> None:
        self._resign_at = monotonic() + self._bounds.resign_seconds

    def _fail(self, error: BaseException) -> None:
        """Take nothing more, and tell everybody who waits. What is in the database is judged at the next start."""
        log.critical("the engine has failed and takes no more records", exc_info=error)
        reason = f"the engine has failed: {error or type(error).__name__}; start the node again"
        with self._changed:
            self._failure = reason
            left = list(self._under_way)
            self._under_way.clear()
            self._ready.clear()
            self._room.clear()
            self._changed.notify_all()
        for submission in left:
            submission.answer.set_exception(Stopped(reason))
