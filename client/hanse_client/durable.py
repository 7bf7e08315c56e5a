"""Writing files that must survive a crash, and reading files that must not be large or open to others."""

import os
import stat
from pathlib import Path

SECRET_MODE = 0o600
FOLDER_MODE = 0o700


def write_durably(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file of mode 0600 whole or not at all; durable on return.

    A crash leaves the old file, or the new one, and perhaps a `.part` beside it that nobody reads.

    Args:
        path: where; missing folders are made, of mode 0700.
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
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
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
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
