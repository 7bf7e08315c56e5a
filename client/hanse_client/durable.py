"""Writing files that must survive a crash, and reading files that must not be large or open to others."""

import logging
import os
import stat
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)

SECRET_MODE = 0o600
FOLDER_MODE = 0o700
OTHERS = 0o077


def write_durably(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file of mode 0600 whole or not at all; durable on return.

    A crash leaves the old file, or the new one, and perhaps a `.part` beside it that nobody reads.

    Args:
        path: where; missing folders are made, of mode 0700 whatever the umask.
        data: the bytes.
        replace: take the place of a file that is there; otherwise FileExistsError.

    Raises:
        OSError: the file cannot be written.
    """
    write_whole(path, data, replace=replace)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file as `write_durably` does, but for its name: a loss of power may bring back the file before."""
    make_private(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user alone, whatever the umask. Raises OSError."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            continue  # another program was quicker
        each.chmod(FOLDER_MODE)


def tighten(folder: Path, below: Sequence[str]) -> None:
    """Take a folder of this user's, and some in it with their files, away from all others; say so in the log.

    Where the folders were closed, nobody could get at what is in them, and no file is looked at.

    Args:
        folder: the folder; it may be missing.
        below: the names of those in it.
    """
    opened = [each for each in (folder, *(folder / name for name in below)) if is_open(each)]
    for each in opened:
        try:
            files = [] if each == folder else [file for file in each.iterdir() if is_open(file)]
            for path in (each, *files):
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
        except OSError as error:  # of a file system that is only read, or has no rights
            reason = error.strerror or str(error)
            log.warning("a folder is open to other users: %s", reason, extra={"folder": str(each)})
            continue
        log.warning("a folder was open to other users, and is not any more", extra={"folder": str(each)})


def is_open(path: Path) -> bool:
    """Tell whether what is this user's is open to others. A link is whose it leads to."""
    try:
        found = path.lstat()
    except OSError:
        return False  # it is not there, or out of reach: whoever reads it next says why
    mine = os.name == "posix" and found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode)
    return mine and bool(found.st_mode & OTHERS)


def read_bounded(path: Path, most: int) -> bytes:
    """Read a file of at most `most` bytes.

    Raises:
        OSError: it cannot be read, is larger, or is no file: a pipe or a device might never end.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(None, "it is a folder, a pipe or a device, not a file")
    with os.fdopen(handle, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(None, f"it has more than {most} bytes")
    return data


def open_to_others(path: Path) -> bool:
    """Tell whether anyone but its owner may read or write a file."""
    return bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)
