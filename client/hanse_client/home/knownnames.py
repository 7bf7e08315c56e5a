"""What parties are called, as far as a home folder may know: one file each, `<home>/names/<party id>.json`, mode 0600.

A name comes with an identity that was verified against the party's enrolment, or with a sealed document that was opened
here, of which it is the seller or the buyer: then it is what its sender wrote.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.home.openings import Openings
from hanse_io.durable import read_bounded, write_durably
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import ObjectId

FORMAT = "hanse.known-name/1"
LETTERS = 1_024
NAME_BYTES = 16 * LETTERS


class NameSource(StrEnum):
    """Where a name comes from: an identity that opens the party's enrolment, or a document that somebody wrote."""

    DOCUMENT = "document"
    IDENTITY = "identity"


class KnownName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a party is called, and where that comes from; `stated_in` is what the document belongs to, nil else."""

    format: str = msgspec.field(name="@type", default=FORMAT)
    name: Annotated[str, Meta(min_length=1, max_length=LETTERS)]
    party: ObjectId
    source: NameSource
    stated_in: ObjectId | None


_decoder = msgspec.json.Decoder(KnownName)


class KnownNames:
    """The names in a home folder: those kept, and those of parties whose identities were made here."""

    def __init__(self, home: Path, openings: Openings) -> None:
        self._folder, self._openings = home / "names", openings

    def find(self, party: ObjectId) -> KnownName | None:
        """Give what a party is called; nil where nothing here says so. Raises SetupError: the file is damaged."""
        try:
            opening = self._openings.find(party).opening
        except InvalidInput:
            opening = None
        if opening is not None and "name" in opening.terms:
            return KnownName(name=opening.terms["name"], party=party, source=NameSource.IDENTITY, stated_in=None)
        path = self._path(party)
        try:
            kept = _decoder.decode(read_bounded(path, NAME_BYTES))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error
        except UNREADABLE as error:
            raise SetupError(f"{path} is damaged: {error}.", "Remove it: it is written anew.") from error
        return kept if kept.party == party and kept.format == FORMAT else None

    def keep(self, known: KnownName) -> None:
        """Keep a name; one of an identity is not replaced by what a document says.

        Raises:
            SetupError: the home folder cannot be written.
        """
        before = self.find(known.party)
        if before is not None and before.source is NameSource.IDENTITY:
            return
        path = self._path(known.party)
        try:
            write_durably(path, msgspec.json.encode(known))
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error.strerror}.", "Check the home folder.") from error

    def _path(self, party: ObjectId) -> Path:
        return self._folder / f"{party.hex()}.json"
