"""Writing files that must survive a crash, and reading files that must not be large or open to others."""

import errno
import logging
import os
import stat
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)

STREAM = Path("-")
"""The standard input, or output, where a file is named."""

SECRET_MODE = 0o600
"""What is written is nobody else's to read: whoever else should have it is given it."""

FOLDER_MODE = 0o700

OTHERS = 0o077

NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EXDEV}
"""What file systems without hard links answer, and containers that forbid them."""

NO_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF}
"""What file systems answer whose folders cannot be flushed by themselves."""

MARK = b"\xef\xbb\xbf"
"""The byte order mark that some editors put in front of UTF-8."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

SAVE_AS_UTF8 = "Save it as UTF-8"
"""What to do about a text that was saved as something else."""


def write_durably(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file of mode 0600 whole or not at all; durable on return.

    A crash leaves the old file, or the new one, and perhaps a `.part` beside it that nobody reads. On a file system
    without hard links, such as FAT, one that did not exist may be left empty.

    Args:
        path: where; missing folders are made, of mode 0700 whatever the umask.
        data: the bytes.
        replace: take the place of a file that is there; otherwise FileExistsError.

    Raises:
        OSError: the file cannot be written.
    """
    write_whole(path, data, replace=replace)
    try:
        force(path.parent)
    except PermissionError:
        return  # one may write here and not read; the file itself is on disk
    except OSError as error:
        if error.errno not in NO_FLUSH:
            raise


def replace_durably(path: Path, data: bytes, mode: int = SECRET_MODE) -> None:
    """Replace a file's content, all or nothing; durable on return.

    For files of which one process at a time writes: what a crash leaves beside has one name, and the next write takes
    its place. The folder must be there, and what cannot be forced to disk is an error.

    Args:
        path: where.
        data: the bytes.
        mode: of the file, whatever it was before.

    Raises:
        OSError: the file cannot be written.
    """
    beside = path.with_name(path.name + ".new")
    # A file left over by a crash is replaced, so that its mode is never somebody else's choice.
    beside.unlink(missing_ok=True)
    create_durably(beside, data, mode)
    os.replace(beside, path)
    force(path.parent)


def create_durably(path: Path, data: bytes, mode: int = SECRET_MODE) -> None:
    """Create a file that must not exist yet; durable on return. A crash may leave a part of it. Raises OSError."""
    _create(path, data, mode)
    force(path.parent)


def force(path: Path) -> None:
    """Force a file's bytes, or a folder's list of names, to disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create(path: Path, data: bytes, mode: int, *, flush: bool = True) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        if flush:
            file.flush()
            os.fsync(file.fileno())


def write_whole(path: Path, data: bytes, *, replace: bool = True, flush: bool = True) -> None:
    """Write a file as `write_durably` does, but for its name: a loss of power may bring back the file before.

    Where it is not to be flushed, a loss of power may damage it too.
    """
    if not path.name or path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    make_private(path.parent)
    # A name of its own: one made of the file's would be too long where that is as long as it may be.
    beside = path.with_name(f".hanse-{os.getpid()}-{os.urandom(8).hex()}.part")
    try:
        _create(beside, data, SECRET_MODE, flush=flush)
        if replace:
            beside.replace(path)
        else:
            _place(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _place(beside: Path, path: Path) -> None:
    """Give a file that is whole its name, unless something has it. Raises FileExistsError."""
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        return
    # The name is taken first, and empty, so that nobody else's file is replaced; then the whole file takes its place.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE))
    try:
        beside.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


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
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise OSError(None, "it is a folder, a pipe or a device, not a file")
    with os.fdopen(handle, "rb") as file:
        # Python sets aside what it is asked for: that is the file's size, and the bound only where it grows meanwhile.
        data = file.read(min(most, found.st_size) + 1)
        if found.st_size < len(data) <= most:
            data += file.read(most + 1 - len(data))
    if len(data) > most:
        raise OSError(None, f"it has more than {most} bytes")
    return data


def without_mark(data: bytes) -> bytes:
    """Leave out the byte order mark in front of UTF-8."""
    return data.removeprefix(MARK)


def not_utf8(data: bytes, *, strict: bool = True) -> str:
    """Say why bytes are no text in UTF-8, as some editors save one; nothing where they are.

    Args:
        data: the bytes, of a file that may hold no zero byte.
        strict: whether what is not UTF-16 must be UTF-8: it need not in a passphrase, or around a key in PEM.
    """
    if data.startswith(_UTF16_MARKS) or b"\0" in data[:2]:
        return "it is text in UTF-16"
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"it is no text in UTF-8 (line {line} holds the byte {data[error.start]:02x})" if strict else ""
    return ""


def open_to_others(path: Path) -> bool:
    """Tell whether anyone but its owner may read or write a file; nobody else reads this program's standard input."""
    return path != STREAM and bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)
