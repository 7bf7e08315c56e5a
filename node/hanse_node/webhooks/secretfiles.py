"""The secrets of webhooks: a file each in the node's folder, `keys/webhooks/NAME`, mode 0600."""

import stat
from pathlib import Path

from hanse_io.durable import write_durably
from hanse_ledger.values.errors import Malformed
from hanse_node.base.errors import CannotStart
from hanse_node.webhooks.signing import check_secret

FOLDER = "keys/webhooks"
MOST_BYTES = 1_024
REMAKE = "Restore it from this node's own disk; or remove the webhook and add it again: hanse webhook remove"


def secret_file(folder: Path, name: str) -> Path:
    """Name the file that has a webhook's secret, in a node's folder."""
    return folder / FOLDER / name


def write_secret(folder: Path, name: str, secret: str) -> None:
    """Keep a webhook's secret; durable on return. Raises OSError."""
    write_durably(secret_file(folder, name), secret.encode() + b"\n")


def read_secret(folder: Path, name: str) -> str:
    """Read a webhook's secret. Raises CannotStart: it is missing, damaged, or can be read by others."""
    path = secret_file(folder, name)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", REMAKE) from error
    if mode & 0o077:
        raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
    try:
        secret = data.decode("ascii").strip()
        check_secret(secret)
    except (UnicodeDecodeError, Malformed) as error:
        raise CannotStart(f"{path} is damaged: it holds no webhook's secret", REMAKE) from error
    return secret


def remove_secret(folder: Path, name: str) -> None:
    """Remove a webhook's secret; twice is once. Raises OSError."""
    secret_file(folder, name).unlink(missing_ok=True)
