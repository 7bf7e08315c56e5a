"""Which files were sent to be registered from this home folder, and as which records.

One file for each document, `<home>/registered/<hash>.json`, written before its record is sent: whoever tries again
after a crash, or an answer that did not come, is told what stands, and sends the same record again instead of another.
The hash is over the ledger, the kind, the issuer and the document, so that the name tells nobody anything.

Who registers a document holds a lock beside its file until it is settled, so that another program finds what stands;
who registers it once more does not wait for that. A file is changed under the folder's own lock, `.lock`.
"""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import SetupError
from hanse_client.base.releases import require_release
from hanse_client.home.openings import Opening
from hanse_client.home.turns import WAIT_SECONDS, in_turn
from hanse_io.durable import make_private, read_bounded, write_durably
from hanse_io.locks import Lock, Taken
from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.codec import encode

FORMAT = "hanse.registered/1"
KEPT = 16
"""So many attempts at one document are known; of more, the newest."""

FILE_BYTES = KEPT * 3 * limits.ENTRY_BYTES


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Envelopes of records in the order in which they were made, in base64."""

    format: str = msgspec.field(name="@type")
    envelopes: Annotated[tuple[bytes, ...], Meta(max_length=KEPT)]


_decoder = msgspec.json.Decoder(_File)


class Registered:
    """What was sent of which document."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "registered"

    def registering(self, ledger: Digest, issuer: bytes, opening: Opening) -> AbstractAsyncContextManager[None]:
        """Hold a document's lock; wait for it ten seconds at most. Raises SetupError: nothing was sent."""
        path = self._path(ledger, issuer, opening).with_suffix(".lock")
        return in_turn(path, "Another call registers this document from this home folder")

    def find(self, ledger: Digest, issuer: bytes, opening: Opening) -> list[Signed]:
        """Give the records that were made of a document, oldest first, whatever became of them. Raises SetupError."""
        path = self._path(ledger, issuer, opening)
        try:
            data = read_bounded(path, FILE_BYTES)
            # First: what it holds may have another form there.
            require_release(path, data, FORMAT)
            file = _decoder.decode(data)
            return [open_envelope(envelope) for envelope in file.envelopes]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        except (Malformed, *UNREADABLE) as error:
            raise SetupError(
                f"{path} is damaged: {error}.", "Restore it from a copy, or remove it knowingly."
            ) from error

    def keep(self, ledger: Digest, issuer: bytes, opening: Opening, envelope: bytes) -> None:
        """Keep that a record is about to be sent, besides what is kept already; durable on return.

        Args:
            ledger: where it is sent to.
            issuer: the party or member that issues the document.
            opening: of the document.
            envelope: the record, signed, as it is sent.

        Raises:
            SetupError: the home folder cannot be written, or what is kept already cannot be read.
        """
        path = self._path(ledger, issuer, opening)
        why = None
        try:
            make_private(self._folder)
            with Lock(self._folder / ".lock").held(WAIT_SECONDS):
                earlier = (encode(signed.envelope) for signed in self.find(ledger, issuer, opening))
                write_durably(path, msgspec.json.encode(_File(format=FORMAT, envelopes=(*earlier, envelope)[-KEPT:])))
        except Taken:  # which is an OSError too
            why = "it stays locked by another program"
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or str(error)
        if why is not None:
            raise SetupError(f"{path} cannot be written: {why}.", "Nothing was sent. Check the home folder.")

    def _path(self, ledger: Digest, issuer: bytes, opening: Opening) -> Path:
        assert opening.file_digest is not None, "a document has a file"
        parts = (ledger, opening.kind.value.encode(), opening.file_digest, issuer)
        return self._folder / f"{hash_bytes(b''.join(hash_bytes(part) for part in parts)).hex()}.json"
