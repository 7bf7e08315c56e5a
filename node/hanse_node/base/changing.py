"""Changing a file that several commands read, change and write again: one program at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hanse_io.locks import Lock, Taken
from hanse_node.base.errors import CannotStart

LOCK_SECONDS = 5.0


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keep every other program from changing a file until this one has read it and written it.

    The lock is a file beside it.

    Raises:
        CannotStart: another program has held it all the time.
        OSError: the folder is not there, or cannot be written.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "No such folder", str(path.parent))
    lock = Lock(path.with_name(path.name + ".lock"))
    try:
        lock.acquire(LOCK_SECONDS)
    except Taken as error:
        raise CannotStart(f"Another program changes {path}", "Try again when it has ended") from error
    try:
        yield
    finally:
        lock.release()
