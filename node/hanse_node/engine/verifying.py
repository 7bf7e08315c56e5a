"""Verifying signatures beside the thread that applies: large batches in a process of their own, small ones on threads.

On a thread each signature waits for the interpreter lock, which applying holds; a process waits for nothing, but to
reach it costs as much as a few signatures do.
"""

import logging
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from hanse_ledger.envelope import Signed, verify_envelope, verify_signatures
from hanse_ledger.errors import Rejected
from hanse_ledger.reasons import Reason
from hanse_ledger.types import PublicKey

log = logging.getLogger(__name__)

LARGE = 32
"""Batches from this size on go to the process."""

Refusals = list[Rejected | None]

_Parts = tuple[bytes, tuple[PublicKey, ...], list[bytes]]
_Words = tuple[str, str, str, str]


class Verifiers:
    """Threads and processes. Any thread may submit."""

    def __init__(self, threads: int, processes: int) -> None:
        """Prepare; the process starts with the first large batch.

        Args:
            threads: how many verify small batches, at least one.
            processes: how many verify large ones; with 0 the threads do.
        """
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="verify")
        self._processes, self._lock = processes, threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, batch: Sequence[Signed]) -> "Future[Refusals]":
        """Verify a batch; the answer says for each record why it is refused, or nil."""
        if not self._processes or len(batch) < LARGE:
            return self._threads.submit(_verify, batch)
        answer: Future[Refusals] = Future()
        parts: list[_Parts] = [
            (each.envelope.payload, each.record.signers, [signature.sig for signature in each.envelope.signatures])
            for each in batch
        ]
        pool = self._open()
        try:
            done = pool.submit(_verify_parts, parts)
        except BrokenProcessPool as error:
            self._replace(pool, error)
            return self._threads.submit(_verify, batch)
        done.add_done_callback(lambda found: self._finish(answer, batch, pool, found))
        return answer

    def stop(self) -> None:
        """Finish what was submitted, and end threads and processes. May be called twice."""
        with self._lock:
            pool, self._pool, self._processes = self._pool, None, 0
        if pool is not None:
            pool.shutdown()
        self._threads.shutdown()

    def _finish(
        self,
        answer: "Future[Refusals]",
        batch: Sequence[Signed],
        pool: ProcessPoolExecutor,
        found: "Future[list[_Words | None]]",
    ) -> None:
        error = found.exception()
        if error is None:
            answer.set_result([None if words is None else _rejected(words) for words in found.result()])
            return
        if isinstance(error, BrokenProcessPool):
            self._replace(pool, error)
            answer.set_result(_verify(batch))
            return
        answer.set_exception(error)

    def _open(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Spawned, not forked: the child has neither our threads' locks nor the listening socket.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=_begin)
            return self._pool

    def _replace(self, broken: ProcessPoolExecutor, error: BrokenProcessPool) -> None:
        """Let the next large batch start another process: this one was killed."""
        with self._lock:
            if self._pool is broken:
                log.warning("the verifying process has ended and is started anew", exc_info=error)
                self._pool = None
        broken.shutdown(wait=False)


def _begin() -> None:
    """Watch the parent: a node that is killed leaves no process behind."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=watch, name="watch", daemon=True).start()


def _verify(batch: Sequence[Signed]) -> Refusals:
    return [_refusal(signed) for signed in batch]


def _refusal(signed: Signed) -> Rejected | None:
    try:
        verify_envelope(signed)
    except Rejected as error:
        return error
    return None


def _verify_parts(batch: list[_Parts]) -> list[_Words | None]:
    """Verify a batch in the process, and give refusals as words: an error does not travel whole."""
    return [_words(*parts) for parts in batch]


def _words(payload: bytes, signers: tuple[PublicKey, ...], signatures: list[bytes]) -> _Words | None:
    try:
        verify_signatures(payload, signers, signatures)
    except Rejected as error:
        return error.reason.value, error.pointer, error.seen, error.wanted
    return None


def _rejected(words: _Words) -> Rejected:
    reason, pointer, seen, wanted = words
    return Rejected(Reason(reason), pointer=pointer, seen=seen, wanted=wanted)
