"""One after the other: locks between the programs of one user, which leave no file behind."""

import errno
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from filelock import FileLock, Timeout

from hanse_client.base.errors import SetupError
from hanse_io.durable import SECRET_MODE, make_private

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.005
ROUNDS = 8
"""How often a lock's file may be taken away between opening and locking it."""

NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What file systems answer that have no locks."""


class _Gone(Exception):
    """Whoever held the lock has taken its file away meanwhile: what was locked is nobody's lock any more."""


class Turn:
    """A lock that is held until `end`, or until the program ends."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path, self._lock = path, lock

    def end(self) -> None:
        """Let the next one come. The file goes while it is locked, so that it is nobody else's."""
        with suppress(OSError):  # of a system on which no open file can be removed: it stays, and is swept
            self._path.unlink()
        self._lock.release()


def take_turn(path: Path) -> Turn | None:
    """Take a lock unless somebody holds it, in this process or another one.

    Raises:
        OSError, NotImplementedError: the folder cannot be written, or its file system has no locks.
    """
    make_private(path.parent)

    def compare(handle: int) -> None:
        held = os.fstat(handle)
        try:
            stat = path.stat()
        except FileNotFoundError as error:
            raise _Gone from error
        if (held.st_dev, held.st_ino) != (stat.st_dev, stat.st_ino):
            raise _Gone

    for _ in range(ROUNDS):
        lock = FileLock(path, mode=SECRET_MODE, thread_local=False, on_acquired=compare)
        try:
            lock.acquire(timeout=0)
        except _Gone:
            continue
        except Timeout:
            return None
        return Turn(path, lock)
    return None


@asynccontextmanager
async def in_turn(path: Path, what: str) -> AsyncIterator[None]:
    """Hold a lock; wait for it ten seconds at most. Where the file system has none, nothing is held.

    Args:
        path: its file.
        what: what happens elsewhere meanwhile, for the error.

    Raises:
        SetupError: it stays taken, or cannot be had.
    """
    until, turn = time.monotonic() + WAIT_SECONDS, None
    try:
        while (turn := take_turn(path)) is None:
            if time.monotonic() > until:
                raise still_taken(what)
            await anyio.sleep(POLL_SECONDS)
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in NO_LOCKS:
            why = error.strerror or str(error)
            raise SetupError(f"{path} cannot be locked: {why}.", "Nothing was sent. Check the home folder.") from error
    try:
        yield
    finally:
        if turn is not None:
            turn.end()


def still_taken(what: str) -> SetupError:
    """Say that another call had no end within the time that one waits for it."""
    return SetupError(
        f"{what}, and has not come to an end within {WAIT_SECONDS:.0f} seconds. Nothing was sent.",
        "Wait for it, or stop it; then run the command again.",
    )
