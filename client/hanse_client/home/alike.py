"""Which invoices were sent from this home folder, by what makes two of them look like one.

One small file for each two parties and amount, and one for each seller and number, `<home>/alike/<hash>.json`, written
before the record is sent. What is kept may never have stood: whoever asks looks it up. The hash is over the ledger and
what is compared, so that the name tells nobody anything.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import SetupError
from hanse_client.base.releases import require_release
from hanse_client.home.turns import WAIT_SECONDS
from hanse_documents.checks.folding import bare_text
from hanse_io.durable import make_private, read_bounded, write_durably
from hanse_io.locks import Lock, Taken
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Currency, Day, Digest, MinorDigits, ObjectId, RecordId

FORMAT = "hanse.alike/1"
KEPT = 64
"""So many invoices of one amount, or of one number, are known; of more, the newest."""

FILE_BYTES = KEPT * 4_096


class Likeness(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is compared of two invoices: parties, amount, number and day, and the file's SHA-256."""

    amount_minor: int
    buyer: ObjectId
    currency: Currency
    file: Digest
    issued: Day
    minor_digits: MinorDigits
    number: Annotated[str, Meta(max_length=limits.TEXT)]
    seller: ObjectId


class KeptInvoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice that was sent: what is compared of it, its id, and its record."""

    likeness: Likeness
    object: ObjectId
    record: RecordId


class _AlikeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Invoices in the order in which they were made."""

    format: str = msgspec.field(name="@type")
    invoices: Annotated[tuple[KeptInvoice, ...], Meta(max_length=KEPT)]


_decoder = msgspec.json.Decoder(_AlikeFile)


class AlikeInvoices:
    """The invoices that were sent from a home folder, found by amount and by number."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "alike"

    def find(self, ledger: Digest, likeness: Likeness) -> tuple[KeptInvoice, ...]:
        """Find the invoices of the same parties and amount, or of the same number, but for those of the same file.

        Raises:
            SetupError: what is kept cannot be read.
        """
        found: dict[RecordId, KeptInvoice] = {}
        for path in self._paths(ledger, likeness):
            found |= {kept.record: kept for kept in self._read(path) if kept.likeness.file != likeness.file}
        return tuple(found.values())

    def numbered(self, ledger: Digest, seller: ObjectId, number: str) -> tuple[KeptInvoice, ...]:
        """Find the invoices of a seller that bear a number, as it is compared: in the order in which they were made.

        Raises:
            SetupError: what is kept cannot be read.
        """
        kept = self._read(self._path(b"number", ledger, seller, bare_text(number).encode()))
        return tuple(each for each in kept if bare_text(each.likeness.number) == bare_text(number))

    def keep(self, ledger: Digest, kept: KeptInvoice) -> None:
        """Keep that an invoice is about to be sent; durable on return.

        Raises:
            SetupError: the home folder cannot be written, or what is kept already cannot be read. Nothing was sent.
        """
        why = None
        try:
            make_private(self._folder)
            with Lock(self._folder / ".lock").held(WAIT_SECONDS):
                for path in self._paths(ledger, kept.likeness):
                    invoices = (*self._read(path), kept)[-KEPT:]
                    write_durably(path, msgspec.json.encode(_AlikeFile(format=FORMAT, invoices=invoices)))
        except Taken:  # which is an OSError too
            why = "it stays locked by another program"
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or str(error)
        if why is not None:
            raise SetupError(f"{self._folder} cannot be written: {why}.", "Nothing was sent. Check the home folder.")

    def _read(self, path: Path) -> tuple[KeptInvoice, ...]:
        try:
            data = read_bounded(path, FILE_BYTES)
            # First: what it holds may have another form there.
            require_release(path, data, FORMAT)
            return _decoder.decode(data).invoices
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        except UNREADABLE as error:
            raise SetupError(
                f"{path} is damaged: {error}.", "Restore it from a copy, or remove it knowingly."
            ) from error

    def _paths(self, ledger: Digest, likeness: Likeness) -> tuple[Path, Path]:
        amount = f"{likeness.amount_minor} {likeness.minor_digits} {likeness.currency}".encode()
        number = bare_text(likeness.number).encode()
        return (
            self._path(b"amount", ledger, likeness.seller, likeness.buyer, amount),
            self._path(b"number", ledger, likeness.seller, number),
        )

    def _path(self, *parts: bytes) -> Path:
        return self._folder / f"{hash_bytes(b''.join(hash_bytes(part) for part in parts)).hex()}.json"
