"""The secrets of webhooks: a file each in the node's folder, `keys/webhooks/NAME`, mode 0600.

The first line is the secret that counts from now on. Each other one is a secret whose place it has taken, and until
when that counts beside it, in milliseconds since 1970: `SECRET MILLISECONDS`.
"""

import re
import stat
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from hanse_io.durable import replace_durably, write_durably
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import WEBHOOK_SECRETS
from hanse_node.base.changing import alone_with
from hanse_node.base.errors import CannotStart, NodeError
from hanse_node.webhooks.signing import check_secret

FOLDER = "keys/webhooks"
MOST_BYTES = 1_024
REMAKE = "Restore it from this node's own disk; or remove the webhook and add it again: hanse webhook remove"

_LINE = re.compile(r"(whs(?:ec|k)_[A-Za-z0-9+/=]{1,200})(?: ([0-9]{1,15}))?")


class SecretsFull(NodeError):
    """As many secrets of a webhook count already as may."""


class HookSecrets(Struct, frozen=True, kw_only=True):
    """The secrets of a webhook: the newest, and those before it with the moment at which each ends."""

    newest: str
    older: tuple[tuple[str, Moment], ...] = ()

    def counting(self, now: Moment) -> tuple[str, ...]:
        """Give those that sign now, the newest first."""
        return self.newest, *(secret for secret, ends in self.older if now < ends)

    def ended(self, now: Moment) -> bool:
        """Tell whether one of them counts no more."""
        return any(ends <= now for _, ends in self.older)

    def kept(self, now: Moment) -> "HookSecrets":
        """Leave out what counts no more."""
        return HookSecrets(newest=self.newest, older=tuple(each for each in self.older if now < each[1]))

    def write(self) -> bytes:
        """Write the file."""
        return "".join([f"{self.newest}\n", *(f"{secret} {ends}\n" for secret, ends in self.older)]).encode()


def secret_file(folder: Path, name: str) -> Path:
    """Name the file that has a webhook's secrets, in a node's folder."""
    return folder / FOLDER / name


def write_secret(folder: Path, name: str, secret: str) -> None:
    """Keep a new webhook's secret; durable on return. Raises OSError."""
    write_durably(secret_file(folder, name), HookSecrets(newest=secret).write())


def read_secrets(folder: Path, name: str) -> HookSecrets:
    """Read a webhook's secrets. Raises CannotStart: the file is missing, damaged, or can be read by others."""
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
        return _read(data)
    except (UnicodeDecodeError, Malformed) as error:
        raise CannotStart(f"{path} is damaged: it holds no webhook's secret", REMAKE) from error


def rotate_secret(folder: Path, name: str, secret: str, now: Moment, ends: Moment) -> HookSecrets:
    """Have a new secret take the place of a webhook's; durable on return.

    Args:
        folder: the node's.
        name: the webhook's.
        secret: the new one.
        now: the present.
        ends: until when those before it count beside it, at the latest; from `now` on none does.

    Raises:
        SecretsFull: too many still count. Nothing has changed.
        CannotStart: the file is missing or damaged, or another program changes it all the time.
        OSError: it cannot be written.
    """
    with alone_with(secret_file(folder, name)):
        found = read_secrets(folder, name)
        older = ((found.newest, ends), *((each, min(ends, end)) for each, end in found.older))
        kept = HookSecrets(newest=secret, older=older).kept(now)
        if len(kept.counting(now)) > WEBHOOK_SECRETS:
            raise SecretsFull(f"{WEBHOOK_SECRETS} secrets of {name} count already")
        replace_durably(secret_file(folder, name), kept.write())
        return kept


def drop_ended(folder: Path, name: str, now: Moment) -> HookSecrets:
    """Delete what counts no more of a webhook's secrets; durable on return. Raises CannotStart, OSError."""
    with alone_with(secret_file(folder, name)):
        found = read_secrets(folder, name)
        kept = found.kept(now)
        if kept != found:
            replace_durably(secret_file(folder, name), kept.write())
        return kept


def remove_secret(folder: Path, name: str) -> None:
    """Remove a webhook's secrets; twice is once. Raises OSError."""
    path = secret_file(folder, name)
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)


def _read(data: bytes) -> HookSecrets:
    """Raises Malformed, UnicodeDecodeError."""
    lines = [_LINE.fullmatch(line) for line in data.decode("ascii").splitlines()]
    read = _matched(lines)
    if len(data) > MOST_BYTES or not read or len(read) > WEBHOOK_SECRETS or read[0][1]:
        raise Malformed("these are no secrets of a webhook")
    for secret, _ in read:
        check_secret(secret)
    if not all(ends for _, ends in read[1:]):
        raise Malformed("an older secret of a webhook has an end")
    return HookSecrets(newest=read[0][0], older=tuple((secret, int(ends)) for secret, ends in read[1:]))


def _matched(lines: Sequence[re.Match[str] | None]) -> list[tuple[str, str]]:
    found = []
    for line in lines:
        if line is None:
            raise Malformed("a line is no secret of a webhook")
        found.append((line[1], line[2] or ""))
    return found
