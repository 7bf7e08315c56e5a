"""A node's folder as the command line sees it: what lies in it, whether there is one, whether it is in use."""

import os
from pathlib import Path

from hanse_cli.base.errors import WouldOverwrite
from hanse_client.base.errors import InvalidInput
from hanse_io.locks import Lock, Taken

SETTINGS = "node.toml"
LOCK = "node.lock"
DATABASE = "sqlite:///ledger.db"
TRUST = "trust.json"
REPLACED = "A ledger is never replaced. Name an empty folder."


def need_empty(folder: Path, action: str) -> None:
    """Insist that nothing is in a folder, if it is there at all. Raises WouldOverwrite."""
    if folder.exists() and any(folder.iterdir()):
        raise WouldOverwrite(folder, action)


def need_node(folder: Path) -> None:
    """Insist that a folder holds a node. Raises InvalidInput."""
    try:
        (folder / SETTINGS).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        action = "Name its folder with --dir, or make one: hanse node init."
        raise InvalidInput(f"{folder} holds no node.", action) from error
    except OSError as error:
        action = "Run this as the node's user, or give it the rights."
        raise InvalidInput(f"{folder / SETTINGS} cannot be read: {error.strerror}.", action) from error


def spare_cores() -> int:
    """Count the cores beside the one that works itself, at least one."""
    return max(1, (os.cpu_count() or 1) - 1)


def node_in_use(folder: Path) -> bool:
    """Tell whether a process has a node's folder open."""
    if not (folder / LOCK).exists():
        return False
    try:
        with Lock(folder / LOCK).held():
            return False
    except Taken:
        return True
