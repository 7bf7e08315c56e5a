"""Records that were sent and whose receipt is not known: told, and sent again as they were.

What says a thing is kept before it is sent, one file each, `<home>/unsettled/<hash>.json`, until its receipt or its
refusal is known. Whoever says the same thing again before, sends the same record, which stands once. The hash is over
the ledger, the signers and what was asked for: without what is drawn at random or taken from the clock, so that the
same words meet it, and so that the name tells nobody anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from hanse_client.drafts import subject_of
from hanse_client.durable import read_bounded, write_whole
from hanse_client.errors import SetupError
from hanse_client.openings import Opening
from hanse_client.releases import require_release
from hanse_client.views import Receipt, Unsettled
from hanse_ledger import limits
from hanse_ledger.codec import encode
from hanse_ledger.envelope import Signed, open_envelope
from hanse_ledger.errors import UNREADABLE, Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.records import KIND_OF, Body, Commitment
from hanse_ledger.types import Digest, PublicKey, RecordId

FORMAT = "hanse.unsettled/1"
FILE_BYTES = 3 * limits.ENTRY_BYTES
TOLD = 256
"""So many records of one client are told of; of more, the newest."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The envelope of a record that was sent, in base64."""

    format: str = msgspec.field(name="@type")
    envelope: bytes


_decoder = msgspec.json.Decoder(_File)

_being_said: set[Path] = set()
"""What this process is sending now: who says the same beside it means another one."""


def without_chance(opening: Opening) -> Commitment:
    """Give a commitment to what an opening opens, as it would be without salts: for comparing, never for a record."""
    content = hash_bytes(encode((opening.file_digest, tuple(sorted(opening.terms.items())))))
    return Commitment(discoverable=opening.file_digest if opening.discoverable else None, file=content, terms=content)


class Sendings:
    """What one client has sent, as far as it is not settled; and what is kept of it in the home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "unsettled"
        self._sent: dict[RecordId, Signed] = {}
        self._proven: dict[RecordId, Receipt] = {}
        self._repeatable: set[RecordId] = set()

    def begin(self, records: Iterable[Signed]) -> None:
        """Note that records are sent from now on."""
        for signed in records:
            self._sent[signed.id] = signed
        while len(self._sent) > TOLD:
            self.settle([next(iter(self._sent))])

    def prove(self, receipts: Iterable[Receipt]) -> None:
        """Note that records stand, before whoever sent them has been told."""
        self._proven.update((receipt.record_id, receipt) for receipt in receipts)

    def settle(self, names: Iterable[RecordId]) -> None:
        """Note that what became of records is known to whoever sent them."""
        for name in names:
            self._sent.pop(name, None)
            self._proven.pop(name, None)
            self._repeatable.discard(name)

    def repeatable(self, names: Iterable[RecordId]) -> None:
        """Note that the same call sends the same records: somebody keeps them."""
        self._repeatable.update(names)

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """What was sent, and may stand."""
        return tuple(
            Unsettled(
                record_id=name,
                object_id=subject_of(signed.record.body, name),
                kind=signed.record.kind,
                expires_ms=signed.record.expires,
                sent_again=name in self._repeatable,
                position=None if (receipt := self._proven.get(name)) is None else receipt.position,
            )
            for name, signed in self._sent.items()
        )

    def place(self, ledger: Digest, signers: Sequence[PublicKey], asked: Body, *more: bytes) -> Path:
        """Name the file of what is said.

        Args:
            ledger: to which it is said.
            signers: whose keys sign.
            asked: the body, without what is drawn at random or taken from the clock.
            more: what it follows from besides.
        """
        parts = (ledger, KIND_OF[type(asked)].encode(), encode(asked), *signers, *more)
        return self._folder / f"{hash_bytes(b''.join(hash_bytes(part) for part in parts)).hex()}.json"

    @contextmanager
    def saying(self, place: Path) -> Iterator[Signed | None]:
        """Give the record that said this before and is not settled, for as long as this is being said.

        Raises:
            SetupError: the file is there and cannot be read.
        """
        if place in _being_said:
            yield None
            return
        _being_said.add(place)
        try:
            yield self._find(place)
        finally:
            _being_said.discard(place)

    def keep(self, place: Path, signed: Signed) -> None:
        """Keep a record that is about to be sent. What cannot be kept is sent all the same, and told as not kept.

        It outlives the program, and is not flushed, which would cost more than the record: what a loss of power leaves
        of it is found damaged, and then somebody must look.
        """
        data = msgspec.json.encode(_File(format=FORMAT, envelope=encode(signed.envelope)))
        try:
            write_whole(place, data, flush=False)
        except OSError:
            return  # `unsettled` says of it that the same call would send another
        self._repeatable.add(signed.id)

    def forget(self, place: Path) -> None:
        """Forget a record that is settled. Raises SetupError."""
        try:
            place.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise SetupError(
                f"{place} cannot be removed: {error.strerror}; the same call would give the same record again.",
                "Remove it.",
            ) from error

    def _find(self, place: Path) -> Signed | None:
        try:
            data = read_bounded(place, FILE_BYTES)
            require_release(place, data, FORMAT)
            return open_envelope(_decoder.decode(data).envelope)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SetupError(f"{place} cannot be read: {error.strerror}.", "Check the home folder.") from error
        except (Malformed, *UNREADABLE) as error:
            raise SetupError(
                f"{place} is damaged, as by a loss of power: {error}. A record that says the same may stand.",
                "Look whether it does, such as by `hanse party records`; then remove the file.",
            ) from error
