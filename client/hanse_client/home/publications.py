"""What was published from this home folder: each with its name, its node, and the secret that withdraws it.

One file each, `<home>/publications/<name>.json`, mode 0600, written before the proof is sent: where no answer comes,
the same call can be made again, with the same name and bytes, and gets the same secret. Losing a file means that only
the node's operator can withdraw what it names.
"""

import os
import re
from base64 import b32encode
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.base.releases import require_release
from hanse_io.durable import open_to_others, read_bounded, write_durably
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Moment, ObjectId

FORMAT = "hanse.publication/1"
NAME_BYTES = 16
FILE_BYTES = 1024 * 1024
MOST = 10_000
"""So many files are listed."""

_NAME = re.compile("[A-Z2-7]{26}")


class PublicationFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publication as it lies in its file. `proof` is what was sent, until the answer with `secret` has come."""

    format: str = msgspec.field(name="@type")
    address: Annotated[str, Meta(max_length=1_024)]
    name: Annotated[str, Meta(max_length=26)]
    node: Annotated[str, Meta(max_length=1_024)]
    objects: Annotated[tuple[ObjectId, ...], Meta(min_length=1, max_length=limits.REFS)]
    proof: Annotated[bytes, Meta(max_length=FILE_BYTES)]
    published: Moment
    secret: Annotated[str, Meta(max_length=256)]
    terms: Annotated[tuple[str, ...], Meta(max_length=limits.DISCLOSED_TERMS)]


_decoder = msgspec.json.Decoder(PublicationFile)


class PublicationFiles:
    """The publications in a home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "publications"

    def keep(self, kept: PublicationFile) -> None:
        """Keep one; durable on return. Raises SetupError."""
        try:
            write_durably(self._path(kept.name), msgspec.json.encode(kept))
        except OSError as error:
            step = "Nothing was sent. Check the folder." if not kept.secret else "Note the secret; check the folder."
            raise SetupError(f"{self._path(kept.name)} cannot be written: {error.strerror}.", step) from error

    def find(self, name: str) -> PublicationFile:
        """Find one by its name, in capitals or small letters, or by its address.

        Raises:
            InvalidInput: there is none here.
            SetupError: its file is damaged, or open to others.
        """
        wanted = name.rpartition("/")[2].upper()
        path = self._path(wanted) if _NAME.fullmatch(wanted) else None
        if path is None or not path.exists():
            step = "It is withdrawn where it was published; what is known here: hanse proof published"
            raise InvalidInput(f"{name[:80]!r} is not in {self._folder}.", step)
        return self._read(path)

    def every(self) -> list[PublicationFile]:
        """Give all, in order of time. Raises SetupError."""
        paths = self._folder.glob("*.json") if self._folder.is_dir() else ()
        found = [self._read(path) for path in sorted(paths)[:MOST] if _NAME.fullmatch(path.stem)]
        return sorted(found, key=lambda each: (each.published, each.name))

    def forget(self, name: str) -> None:
        """Remove one that is withdrawn. Raises SetupError."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            step = "It is withdrawn; remove the file."
            raise SetupError(f"{self._path(name)} cannot be removed: {error.strerror}.", step) from error

    def _read(self, path: Path) -> PublicationFile:
        try:
            data, exposed = read_bounded(path, 2 * FILE_BYTES), open_to_others(path)
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error
        if exposed:
            raise SetupError(f"{path} is open to other users.", f"Run: chmod 600 {path}")
        require_release(path, data, FORMAT)
        try:
            kept = _decoder.decode(data)
        except UNREADABLE as error:
            raise SetupError(f"{path} is damaged: {error}.", "Restore it from a copy.") from error
        if kept.format != FORMAT or kept.name != path.stem:
            raise SetupError(f"{path} is no publication of that name.", "Restore it from a copy.")
        return kept

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def new_name() -> str:
    """Choose a name that nobody guesses: 128 random bits, 26 capitals and digits of base32."""
    return b32encode(os.urandom(NAME_BYTES)).decode().rstrip("=")
