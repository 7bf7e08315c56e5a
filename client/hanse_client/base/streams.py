"""The standard streams, and files that a caller names."""

import os
import select
import stat
import sys
import time
from pathlib import Path
from typing import TextIO
from weakref import WeakSet

from hanse_client.base.errors import InvalidInput
from hanse_io.durable import STREAM

_read: "WeakSet[TextIO]" = WeakSet()
"""The standard input, once something was read from it."""

WRITER_SECONDS = 5.0
"""So long a pipe may wait for whoever writes into it, before its first byte."""


def read_named(path: Path, most: int) -> bytes:
    """Read at most `most` bytes of what a user names: a file, a pipe, or `-`, the standard input.

    Raises:
        OSError: it cannot be read, is larger, is a folder or a device, or nobody writes into the pipe.
        InvalidInput: it is the standard input, which was read already.
    """
    if path == STREAM:
        if sys.stdin is None:
            raise OSError(None, "the standard input is closed")
        _need_unread()
        data = sys.stdin.buffer.read(most + 1)
    else:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = os.fstat(handle).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or os.isatty(handle)):
                raise OSError(None, "it is a folder or a device, not a file")
            if not stat.S_ISREG(mode) and _is_standard_input(handle):
                _need_unread()
            data = _read_all(handle, most, waits=stat.S_ISFIFO(mode))
        finally:
            os.close(handle)
    if len(data) > most:
        raise OSError(None, f"it has more than {most} bytes")
    return data


def _need_unread() -> None:
    """Insist that nothing was read from the standard input: it holds one thing. Raises InvalidInput."""
    if sys.stdin in _read:
        raise InvalidInput("The standard input was read already: only one input can come from it.", "Name a file.")
    if sys.stdin is not None:
        _read.add(sys.stdin)


def _is_standard_input(handle: int) -> bool:
    """Tell whether an open pipe or terminal is the one that the program was started with, by whatever name."""
    try:
        return os.path.sameopenfile(handle, 0)
    except OSError:
        return False


def _read_all(handle: int, most: int, *, waits: bool) -> bytes:
    """Read to the end, or a byte more than `most`. Where it `waits`, no byte is no end until a writer had its time."""
    data, until = bytearray(), time.monotonic() + WRITER_SECONDS
    while len(data) <= most:
        try:
            piece = os.read(handle, min(1 << 20, most + 1 - len(data)))
        except BlockingIOError:  # somebody holds it open, and has not written yet
            select.select([handle], [], [])
            continue
        if piece:
            data += piece
        elif data or not waits:
            break
        elif time.monotonic() > until:
            raise OSError(None, "it is a pipe, and nobody writes into it")
        else:
            time.sleep(0.02)
    return bytes(data)


def is_stream(path: Path) -> bool:
    """Tell whether a name is that of a pipe or a device, or `-`: what is written there takes no file's place."""
    if path == STREAM or path.parts[:2] == ("/", "dev"):  # /dev/stdout may lead to a file, and means the stream
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def write_stream(path: Path, data: bytes) -> None:
    """Write to a pipe, a device or, as `-`, the standard output. Raises OSError."""
    if path == STREAM:
        if sys.stdout is None:
            raise OSError(None, "the standard output is closed")
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)
