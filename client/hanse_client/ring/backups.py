"""Backups of a key ring: written, read back, and noted in the home folder, so that one knows what has come since.

The note is `<home>/backups.json`, format `hanse.backups/1`: when the last backup was made, where it was written, and
the public keys in it. Nothing in it is secret.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import HanseError, SetupError
from hanse_client.base.files import text_of
from hanse_client.base.releases import require_release
from hanse_client.ring.agering import SEALED_RING_BYTES
from hanse_client.ring.ringfile import IDENTITIES
from hanse_client.ring.ringmaking import kept_files
from hanse_io.durable import read_bounded, write_durably
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Moment, PublicKey

FORMAT = "hanse.backups/1"
NOTE = "backups.json"
NOTE_BYTES = 1024 * 1024
MS = 1_000_000


class BackupNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last backup that was made of a home folder. `file` is where it was written, and may be elsewhere now."""

    format: str = msgspec.field(name="@type", default=FORMAT)
    file: Annotated[str, Meta(max_length=4_096)]
    keys: Annotated[tuple[PublicKey, ...], Meta(max_length=IDENTITIES)]
    made: Moment


class RingStatus(Struct, frozen=True, kw_only=True):
    """What a home folder holds, and what of it no backup has.

    Attributes:
        last: the last backup; nil where none was made.
        newer: how many files have come, or were changed, since then, by their folder.
    """

    last: BackupNote | None
    newer: dict[str, int]


_decoder = msgspec.json.Decoder(BackupNote)


class RingDamaged(HanseError):
    """What was written and read back is not what was to be written: the medium cannot be trusted."""


def write_backup(path: Path, sealed: bytes, *, replace: bool) -> None:
    """Write a sealed ring, and read it back; durable on return.

    Raises:
        FileExistsError: the file is there, and is not to be replaced.
        OSError: it cannot be written, or not be read again.
        RingDamaged: what is read back is another thing.
    """
    write_durably(path, sealed, replace=replace)
    if read_bounded(path, SEALED_RING_BYTES) != sealed:
        raise RingDamaged(
            f"{path} was written, and reads back otherwise: it is no backup.", "Write it to another medium."
        )


def note_backup(home: Path, note: BackupNote) -> None:
    """Note a backup; durable on return. Raises SetupError: the backup is made all the same."""
    try:
        write_durably(home / NOTE, msgspec.json.encode(note))
    except OSError as error:
        raise SetupError(
            f"{home / NOTE} cannot be written: {error.strerror}.",
            "The backup itself is whole; `hanse key status` does not know of it.",
        ) from error


def made_note(path: Path, keys: tuple[PublicKey, ...], made: Moment) -> BackupNote:
    """Give the note of a backup that was made."""
    return BackupNote(file=text_of(path.absolute())[:4_096], keys=keys, made=made)


def last_backup(home: Path) -> BackupNote | None:
    """Give the last backup that was noted; nil where none was. Raises SetupError."""
    path = home / NOTE
    try:
        data = read_bounded(path, NOTE_BYTES)
        require_release(path, data, FORMAT)
        return _decoder.decode(data)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
    except UNREADABLE as error:
        raise SetupError(f"{path} is damaged: {error}.", "Remove it, and make a new backup.") from error


def ring_status(home: Path) -> RingStatus:
    """Say when the last backup was made, and what has come since, by the times of the files. Raises SetupError."""
    last, newer = last_backup(home), dict[str, int]()
    for path in kept_files(home):
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
        if last is None or changed // MS >= last.made:
            folder = path.parent.name
            newer[folder] = newer.get(folder, 0) + 1
    return RingStatus(last=last, newer=newer)
