"""A lock between programs of one machine: a file that one of them holds, until it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from hanse_io.durable import SECRET_MODE

POLL_SECONDS = 0.05


class Taken(TimeoutError):
    """Another program, or another part of this one, held the lock all the time."""


class Lock:
    """One lock. Several of the same file exclude each other, in one process too. Any thread may let go of it."""

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is held yet.

        Args:
            path: its file, which stays: whoever took it away would let two in.
        """
        self._lock = FileLock(path, mode=SECRET_MODE, thread_local=False)

    def acquire(self, wait_seconds: float = 0.0, poll_seconds: float = POLL_SECONDS) -> None:
        """Take the lock.

        Args:
            wait_seconds: how long to wait for whoever holds it.
            poll_seconds: how often to look meanwhile.

        Raises:
            Taken: it was not let go in time.
            OSError: the folder is not there, or cannot be written.
            NotImplementedError: the file system has no locks.
        """
        try:
            self._lock.acquire(timeout=wait_seconds, poll_interval=poll_seconds)
        except Timeout as error:
            raise Taken(f"another program holds {self._lock.lock_file}") from error

    def release(self) -> None:
        """Let go of it. May be called twice."""
        self._lock.release()

    @contextmanager
    def held(self, wait_seconds: float = 0.0, poll_seconds: float = POLL_SECONDS) -> Iterator[None]:
        """Hold the lock until the block ends; raises as `acquire` does."""
        self.acquire(wait_seconds, poll_seconds)
        try:
            yield
        finally:
            self.release()
