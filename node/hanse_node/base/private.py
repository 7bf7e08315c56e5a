"""A node's folder is its user's alone: 0700, and 0600 for what is in it, also where it was there before.

Whatever the process makes gives no rights to others (`keep_to_itself`), and so does what SQLite and the engine make.
What was open before is closed when the folder is opened (`tighten`); but a secret that others could read may have been
read, and only its owner can tell what that means, so that the node does not start.
"""

import logging
import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from hanse_io.durable import OTHERS, is_open
from hanse_node.base.errors import CannotStart

log = logging.getLogger(__name__)

UMASK = 0o077

SECRETS = (
    "keys/*",
    "tags/*",
    "tls/*.key.pem",
    "comet/config/priv_validator_key.json",
    "comet/config/node_key.json",
)
"""Paths in a node's folder whose content must never have been readable. `*` also stands for what is in folders."""

MOST_FILES = 100_000
"""So many are looked at: an engine's folder has some hundred."""


def keep_to_itself() -> None:
    """Have everything that this process makes, and those that it starts, be its user's alone."""
    os.umask(UMASK)


def tighten(folder: Path) -> int:
    """Take a node's folder, and everything in it, away from other users; tell how many were open.

    What belongs to somebody else, and what a link leads to, is left alone.

    Raises:
        CannotStart: a secret was open, or rights cannot be changed.
    """
    opened = list(_open_to_others(folder))
    for path in opened:
        name = path.relative_to(folder).as_posix()
        if path.is_file() and any(fnmatch(name, secret) for secret in SECRETS):
            mode = stat.S_IMODE(path.stat().st_mode)
            raise CannotStart(
                f"{path} can be read by other users (mode {mode:04o})",
                f"If nobody else has an account here: chmod 600 {path}; else take it for known, and make another",
            )
    for path in opened:
        _close(path)
    if opened:
        log.warning("files were open to other users, and are not any more", extra={"files": len(opened)})
    return len(opened)


def tighten_database(database: Path) -> None:
    """Do so with a database that lies elsewhere, and with what SQLite keeps beside it. Raises CannotStart."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = database.with_name(database.name + suffix)
        if is_open(path):
            _close(path)


def open_to_others(folder: Path) -> list[Path]:
    """List what is open to other users in a folder, itself included, without changing it."""
    return list(_open_to_others(folder))


def _open_to_others(folder: Path) -> Iterator[Path]:
    left, looked = [folder], 0
    while left and looked < MOST_FILES:
        path = left.pop()
        looked += 1
        if is_open(path):
            yield path
        if path.is_dir() and not path.is_symlink():
            left += sorted(path.iterdir(), reverse=True)


def _close(path: Path) -> None:
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    except FileNotFoundError:
        return  # gone meanwhile, as a log is that was turned
    except OSError as error:
        raise CannotStart(
            f"{path} is open to other users, and cannot be closed: {error.strerror}", f"Run: chmod go= {path}"
        ) from error
