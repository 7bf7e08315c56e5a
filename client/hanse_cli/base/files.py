"""Reading what the user names, and writing what must not be lost or read by others."""

from contextlib import suppress
from pathlib import Path

from hanse_cli.base.errors import WouldOverwrite
from hanse_client.base.errors import InvalidInput
from hanse_client.base.streams import is_stream, read_named, write_stream
from hanse_io.durable import SAVE_AS_UTF8, not_utf8, open_to_others, without_mark, write_durably

PUBLIC_MODE = 0o644
PASSPHRASE_BYTES = 1_024


def read_file(path: Path, most: int, what: str) -> bytes:
    """Read a file, a pipe or `-`, of at most `most` bytes; `what` names it in messages. Raises InvalidInput."""
    try:
        return read_named(path, most)
    except OSError as error:
        raise InvalidInput(
            f"The {what} {path} cannot be read: {error.strerror}.", "Check its name and its rights."
        ) from error


def read_text(path: Path, most: int, what: str, *, strict: bool = True) -> bytes:
    """Read a file of text in UTF-8, without the byte order mark that it may begin with; `strict` as of `not_utf8`.

    Raises:
        InvalidInput: it cannot be read, or was saved in another encoding.
    """
    data = read_file(path, most, what)
    if fault := not_utf8(data, strict=strict):
        raise InvalidInput(f"The {what} {path} cannot be read: {fault}.", f"{SAVE_AS_UTF8}.")
    return without_mark(data)


def write_file(path: Path, data: bytes, *, force: bool = False, private: bool = False) -> None:
    """Write a file that is meant to be given away, whole or not at all; durable on return.

    Others may read it: the folder decides whether they reach it. In a folder that is nobody else's, it is `private`.

    Raises:
        WouldOverwrite: it is there already, and `force` is not given.
        InvalidInput: it cannot be written.
    """
    try:
        if is_stream(path):
            write_stream(path, data)
            return
        write_durably(path, data, replace=force)
        if not private:
            with suppress(PermissionError):  # of a file system that has no rights: the file is there all the same
                path.chmod(PUBLIC_MODE)
    except FileExistsError as error:
        raise WouldOverwrite(path) from error
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}.", "Check the folder, its rights and the space on its disk."
        ) from error


def is_there(path: Path) -> bool:
    """Tell whether something has a name, before any work is done for it. Raises InvalidInput where no file can."""
    try:
        return path.exists()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error


def read_passphrase(path: Path) -> bytes:
    """Read a passphrase from the first line of a file that nobody else may read.

    Raises:
        InvalidInput: the file cannot be read, is open to others, or is empty.
    """
    data = read_text(path, PASSPHRASE_BYTES, "passphrase file", strict=False)
    if open_to_others(path):
        raise InvalidInput(f"The passphrase file {path} is open to other users.", f"Run: chmod 600 {path}")
    passphrase = data.split(b"\n", 1)[0].rstrip(b"\r")
    if not passphrase:
        raise InvalidInput(f"The passphrase file {path} is empty.", "Write the passphrase into its first line.")
    return passphrase
