"""Files that survive a loss of power: written beside, forced to disk, then moved into place."""

import os
from pathlib import Path

SECRET_MODE = 0o600
"""What a node writes is nobody else's to read: whoever else should have it is given it."""


def write_durably(path: Path, data: bytes, mode: int = SECRET_MODE) -> None:
    """Replace a file's content, all or nothing; durable on return. Raises OSError."""
    beside = path.with_name(path.name + ".new")
    # A file left over by a crash is replaced, so that its mode is never somebody else's choice.
    beside.unlink(missing_ok=True)
    create_durably(beside, data, mode)
    os.replace(beside, path)
    force(path.parent)


def create_durably(path: Path, data: bytes, mode: int = SECRET_MODE) -> None:
    """Create a file that must not exist yet; durable on return. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    force(path.parent)


def force(path: Path) -> None:
    """Force a file's bytes, or a folder's list of names, to disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
