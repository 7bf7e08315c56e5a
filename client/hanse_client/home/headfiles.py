"""The two files in which the newest heads of a ledger stand.

`<ledger>.json` is replaced whole, and flushed to the disk, which takes as long as the rest of a call; so that is done
once a second at most. What comes sooner is written over `<ledger>.newer`, which nobody flushes: a line with the SHA-256
of what follows, in hexadecimal, and its length in bytes, then the same form. Where that does not fit (a loss of power,
a program that was killed while it wrote, a full disk), it counts for nothing: what was flushed a second before is what
is remembered.
"""

import os
from pathlib import Path
from typing import NamedTuple

from hanse_io.durable import SECRET_MODE, make_private, read_bounded, write_whole
from hanse_io.locks import Lock
from hanse_ledger.values.hashing import hash_bytes

FILE_BYTES = 64 * 1024 * 1024
LOCK_POLL_SECONDS = 0.005
READINGS = 3
"""So often the second file is read where its sum does not fit: somebody may be writing it."""


class Held(NamedTuple):
    """What the files hold: whole, and behind its sum; nil where there is no such file, or the sum does not fit."""

    flushed: bytes | None
    sooner: bytes | None


class HeadFiles:
    """The files of one ledger. Any thread may read; who writes has the lock."""

    def __init__(self, path: Path) -> None:
        """Prepare; `path` is the first file's."""
        self.path, self.sooner_path = path, path.with_suffix(".newer")
        # One of its own, so that several of one process exclude each other by it too.
        self._lock = Lock(path.with_suffix(".lock"))

    def read(self) -> Held:
        """Read both. Raises OSError where one is there and cannot be read, or is too large."""
        flushed = _read(self.path)
        for _ in range(READINGS):
            sealed = _read(self.sooner_path)
            sooner = None if sealed is None else _unseal(sealed)
            if sealed is None or sooner is not None:
                break
        return Held(flushed, sooner)

    def acquire(self, wait_seconds: float) -> Lock:
        """Keep others from writing until the lock is let go of. Raises Taken, OSError."""
        make_private(self.path.parent)
        self._lock.acquire(wait_seconds, LOCK_POLL_SECONDS)
        return self._lock

    def flush(self, data: bytes) -> None:
        """Replace the first file, whole or not at all; on disk on return. Raises OSError."""
        # A loss of power may bring back the file before, never a damaged one.
        write_whole(self.path, data)

    def write_sooner(self, data: bytes) -> None:
        """Write over the second file, without waiting for the disk. Raises OSError: it then counts for nothing."""
        sealed = b"%s %d\n%s" % (hash_bytes(data).hex().encode(), len(data), data)
        handle = os.open(self.sooner_path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE)
        try:
            written = os.write(handle, sealed)
        finally:
            os.close(handle)
        if written != len(sealed):
            raise OSError(None, f"only {written} of {len(sealed)} bytes were written")


def _read(path: Path) -> bytes | None:
    try:
        return read_bounded(path, FILE_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _unseal(sealed: bytes) -> bytes | None:
    """Give what stands behind its sum and length; what a longer one has left behind it is passed over."""
    line, _, rest = sealed.partition(b"\n")
    seal, _, length = line.partition(b" ")
    data = rest[: int(length)] if length.isdigit() and len(length) < 10 else b""
    return data if data and seal == hash_bytes(data).hex().encode() else None
