"""Verifying signatures: a few where they stand, else beside the thread that applies, on threads or in a process.

To reach a thread costs as much as a few signatures do, so that few are verified by whoever submits them. On a thread
each signature waits for the interpreter lock, which applying holds; a process waits for nothing, and costs more to
reach. The process runs this file. It reads a batch from its standard input and
writes what became of it, each behind its length as 4 bytes big-endian, until the input ends: so it ends with its
parent, however that does.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

import msgspec

from hanse_ledger.kinds.reasons import REASON_NAMED
from hanse_ledger.records.envelope import Signed, verify_envelope, verify_signatures
from hanse_ledger.values.errors import UNREADABLE, Rejected
from hanse_ledger.values.types import PublicKey

log = logging.getLogger(__name__)

FEW = 16
"""So many signatures are verified by whoever submits them: a millisecond at most."""

LARGE = 32
"""Batches from this size on go to a process."""

STOP_SECONDS = 5

Refusals = list[Rejected | None]

_Parts = tuple[bytes, tuple[PublicKey, ...], tuple[bytes, ...]]
_Words = tuple[str, str, str, str]

_batch_decoder = msgspec.msgpack.Decoder(list[_Parts])
_answer_decoder = msgspec.msgpack.Decoder(list[_Words | None])


class Verifiers:
    """Threads, and processes each of which a thread of its own waits for. Any thread may submit."""

    def __init__(self, threads: int, processes: int) -> None:
        """Prepare; nothing runs yet.

        Args:
            threads: how many verify small batches, at least one.
            processes: how many verify large ones; with 0 the threads do.
        """
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="verify")
        self._waiting = ThreadPoolExecutor(processes, thread_name_prefix="verifying") if processes else None
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._processes: list[_Process] = []

    def start(self) -> None:
        """Begin; a thread or a process starts with the first batch that needs it."""

    def submit(self, batch: Sequence[Signed]) -> "Future[Refusals]":
        """Verify a batch; the answer says for each record why it is refused, or nil."""
        if self._waiting is None or len(batch) < LARGE:
            return self._threads.submit(verify_here, batch)
        return self._waiting.submit(self._ask, batch)

    def stop(self) -> None:
        """Finish what was submitted, and end threads and processes. May be called twice."""
        if self._waiting is not None:
            self._waiting.shutdown()
        self._threads.shutdown()
        with self._lock:
            for process in self._processes:
                process.stop()
            self._processes.clear()

    def process_numbers(self) -> list[int]:
        """List the processes that run."""
        with self._lock:
            return [process.number for process in self._processes]

    def _ask(self, batch: Sequence[Signed]) -> Refusals:
        """Have this thread's process verify a batch; where it was killed, do it here, and start another next time."""
        process: _Process | None = getattr(self._mine, "process", None)
        try:
            if process is None:
                process = self._mine.process = _Process()
                with self._lock:
                    self._processes.append(process)
            return process.verify(batch)
        except (OSError, *UNREADABLE) as error:
            log.warning("the verifying process has failed; another one will be started", exc_info=error)
            self._mine.process = None
            if process is not None:
                with self._lock:
                    self._processes.remove(process)
                process.stop()
            return verify_here(batch)


class _Process:
    """A process that verifies, one batch after the other."""

    def __init__(self) -> None:
        """Start it. Raises OSError."""
        # It finds the packages where this process did. It has neither the listening socket nor any secret.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hanse_node.base.verifying"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.number = self._process.pid

    def verify(self, batch: Sequence[Signed]) -> Refusals:
        """Verify a batch. Raises OSError or DecodeError if the process has ended, or answers something else."""
        parts = [
            (
                signed.envelope.payload,
                signed.record.signers,
                tuple(signature.sig for signature in signed.envelope.signatures),
            )
            for signed in batch
        ]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _write(self._process.stdin, msgspec.msgpack.encode(parts))
        answers = _answer_decoder.decode(_read(self._process.stdout))
        if len(answers) != len(batch):
            raise OSError(None, "the verifying process gave another number of answers")
        return [None if words is None else _rejected(words) for words in answers]

    def stop(self) -> None:
        """End it, and wait for its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                log.debug("the verifying process had ended before it was stopped")
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Verify batches until the source ends."""
    while True:
        try:
            batch = _batch_decoder.decode(_read(source))
        except EOFError:
            return
        _write(sink, msgspec.msgpack.encode([_words(*parts) for parts in batch]))


def _write(sink: IO[bytes], data: bytes) -> None:
    sink.write(len(data).to_bytes(4, "big"))
    sink.write(data)
    sink.flush()


def _read(source: IO[bytes]) -> bytes:
    """Read a message. Raises EOFError, an OSError, where the other side has ended."""
    head = source.read(4)
    data = source.read(int.from_bytes(head, "big")) if len(head) == 4 else b""
    if len(head) != 4 or len(data) != int.from_bytes(head, "big"):
        raise _Ended
    return data


class _Ended(EOFError, OSError):
    """The other side has ended."""


def are_few(batch: Sequence[Signed]) -> bool:
    """Tell whether a batch has so few signatures that nobody else need verify them."""
    return len(batch) <= FEW and sum(len(signed.envelope.signatures) for signed in batch) <= FEW


def verify_here(batch: Sequence[Signed]) -> Refusals:
    """Verify a batch on this thread; the answer says for each record why it is refused, or nil."""
    return [_refusal(signed) for signed in batch]


def _refusal(signed: Signed) -> Rejected | None:
    try:
        verify_envelope(signed)
    except Rejected as error:
        return error
    return None


def _words(payload: bytes, signers: tuple[PublicKey, ...], signatures: tuple[bytes, ...]) -> _Words | None:
    """Verify a record's signatures, and give a refusal as words: an error does not travel whole."""
    try:
        verify_signatures(payload, signers, signatures)
    except Rejected as error:
        return error.reason.value, error.pointer, error.seen, error.wanted
    return None


def _rejected(words: _Words) -> Rejected:
    reason, pointer, seen, wanted = words
    return Rejected(REASON_NAMED[reason], pointer=pointer, seen=seen, wanted=wanted)


if __name__ == "__main__":
    # Ctrl-C reaches the whole group; the parent finishes what it has taken, and then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
