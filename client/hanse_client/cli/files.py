"""Reading what the user names, and writing what must not be lost or read by others."""

import os
import stat
from pathlib import Path

from hanse_client.cli.errors import WouldOverwrite
from hanse_client.errors import InvalidInput

SECRET_MODE = 0o600
PUBLIC_MODE = 0o644
PASSPHRASE_BYTES = 1_024


def read_file(path: Path, most: int, what: str) -> bytes:
    """Read a file of at most `most` bytes.

    Raises:
        InvalidInput: it is not there, cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InvalidInput(f"The {what} {path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error
    if len(data) > most:
        raise InvalidInput(f"The {what} {path} has more than {most} bytes.", "Check that it is the right file.")
    return data


def write_file(path: Path, data: bytes, *, mode: int = PUBLIC_MODE, force: bool = False) -> None:
    """Write a file whole or not at all, durable on return.

    Args:
        path: where; its folder must be there.
        data: the bytes.
        mode: its rights from the first moment on.
        force: replace what is there.

    Raises:
        WouldOverwrite: it is there already, and `force` is not given.
        InvalidInput: the folder is missing or may not be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if force:
                beside.replace(path)
            else:
                os.link(beside, path)  # fails where a file stands, even one that came this moment
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        raise WouldOverwrite(path) from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", "Check the folder and its rights.") from error


def read_passphrase(path: Path) -> bytes:
    """Read a passphrase from the first line of a file that nobody else may read.

    Raises:
        InvalidInput: the file cannot be read, is open to others, or is empty.
    """
    data = read_file(path, PASSPHRASE_BYTES, "passphrase file")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise InvalidInput(f"The passphrase file {path} is open to other users (mode {mode:04o}).", f"Run: chmod 600 {path}")
    passphrase = data.splitlines()[0] if data else b""
    if not passphrase:
        raise InvalidInput(f"The passphrase file {path} is empty.", "Write the passphrase into its first line.")
    return passphrase
