"""Changing a file that several commands read, change and write again: one program at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from hanse_node.base.durable import SECRET_MODE
from hanse_node.base.errors import CannotStart

LOCK_SECONDS = 5.0


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keep every other program from changing a file until this one has read it and written it.

    The lock is a file beside it, which stays: whoever took it away would let two in.

    Raises:
        CannotStart: another program has held it all the time.
        OSError: the folder is not there, or cannot be written.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "No such folder", str(path.parent))
    lock = FileLock(path.with_name(path.name + ".lock"), timeout=LOCK_SECONDS, mode=SECRET_MODE)
    try:
        lock.acquire()
    except Timeout as error:
        raise CannotStart(f"Another program changes {path}", "Try again when it has ended") from error
    try:
        yield
    finally:
        lock.release()
