"""Records that were sent and whose receipt is not known: told, and sent again as they were.

What says a thing is kept before it is sent, one file each, `<home>/unsettled/<hash>.json`, until its receipt or its
refusal is known. Whoever says the same thing again before, sends the same record, which stands once. The hash is over
the ledger, the signers and what was asked for: without what is drawn at random or taken from the clock, so that the
same words meet it, and so that the name tells nobody anything.

One program at a time says a thing, under a lock beside its file: another one that says the same meanwhile sends the
record that it finds there, or nothing. What a crash left is swept a week after it was written: by then whoever says the
same means another one.
"""

import os
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import anyio
import msgspec
from msgspec import Struct

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.base.releases import require_release
from hanse_client.base.views import Receipt, Unsettled
from hanse_client.home.drafts import subject_of
from hanse_client.home.openings import Opening
from hanse_client.home.turns import POLL_SECONDS, WAIT_SECONDS, Turn, still_taken, take_turn
from hanse_io.durable import read_bounded, write_whole
from hanse_ledger.kinds import kind_of
from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, PublicKey, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.part import Body, Commitment

FORMAT = "hanse.unsettled/1"
FILE_BYTES = 3 * limits.ENTRY_BYTES
TOLD = 256
"""So many records of one client are told of; of more, the newest."""

KEPT_MS = 7 * 24 * 3_600_000
"""So long after it was written a record is kept whose receipt never came, and that nobody asks for."""

SWEPT = 4_096
"""So many files are looked at in one sweep."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The envelope of a record that was sent, in base64."""

    format: str = msgspec.field(name="@type")
    envelope: bytes


_decoder = msgspec.json.Decoder(_File)

_being_said: dict[tuple[int, Path], object] = {}
"""What this process, by its number, is sending now: who says the same beside it means another one."""


class Sending(Struct, frozen=True, kw_only=True):
    """What is being said. `before` said the same, and is not settled; `place` keeps what is sent, if anything does."""

    before: Signed | None = None
    place: Path | None = None


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
        self._swept = False

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
                repeatable=name in self._repeatable,
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
        parts = (ledger, kind_of(asked).name.encode(), encode(asked), *signers, *more)
        return self._folder / f"{hash_bytes(b''.join(hash_bytes(part) for part in parts)).hex()}.json"

    @asynccontextmanager
    async def saying(self, place: Path) -> AsyncIterator[Sending]:
        """Say something: one program at a time does, and is told what said the same before and is not settled.

        A call beside it in the same process means another record, and nothing keeps that one. Another program is given
        the record that is under way, which that other one keeps.

        Raises:
            SetupError: the file is there and cannot be read, or another program comes to no end.
            InvalidInput: another program said the same meanwhile, and it is settled, or was given up.
        """
        here, mine = (os.getpid(), place), object()
        if _being_said.setdefault(here, mine) is not mine:
            yield Sending()
            return
        try:
            turn, said = await self._wait(place)
            try:
                yield said
            finally:
                if turn is not None:
                    turn.end()
        finally:
            del _being_said[here]

    async def _wait(self, place: Path) -> tuple[Turn | None, Sending]:
        waited, until = False, time.monotonic() + WAIT_SECONDS
        while True:
            try:
                turn = take_turn(_lock_of(place))
            except (OSError, NotImplementedError):
                # Where nothing can be written, `keep` finds that out; where there are no locks, two may say the same.
                return None, Sending(before=self._find(place), place=place)
            if turn is not None:
                break
            before, waited = self._find(place), True
            if before is not None:
                return None, Sending(before=before)
            if time.monotonic() > until:
                raise still_taken("Another program says the same from this home folder")
            await anyio.sleep(POLL_SECONDS)
        try:
            said = Sending(before=self._find_after(place, waited=waited), place=place)
            self._sweep()
        except BaseException:
            turn.end()
            raise
        return turn, said

    def _find_after(self, place: Path, *, waited: bool) -> Signed | None:
        before = self._find(place)
        if waited and before is None:
            raise InvalidInput(
                "Another program said the same from this home folder meanwhile, and knows what became of it. Nothing "
                "was sent.",
                "If another one is meant, run the command again.",
            )
        return before

    def keep(self, said: Sending, signed: Signed) -> None:
        """Keep a record that is about to be sent. What cannot be kept is sent all the same, and told as not kept.

        It outlives the program, and is not flushed, which would cost more than the record: what a loss of power leaves
        of it is found damaged, and then somebody must look.
        """
        if said.place is None:
            return
        data = msgspec.json.encode(_File(format=FORMAT, envelope=encode(signed.envelope)))
        try:
            write_whole(said.place, data, flush=False)
        except OSError:
            return  # `unsettled` says of it that the same call would send another
        self._repeatable.add(signed.id)

    def forget(self, said: Sending) -> None:
        """Forget a record that is settled. Raises SetupError."""
        if said.place is not None:
            _remove(said.place)

    def forget_standing(self, place: Path, name: RecordId) -> None:
        """Forget a record that was found to stand, if it is the one that is kept. Raises SetupError."""
        try:
            turn = take_turn(_lock_of(place)) if place.exists() else None
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SetupError(f"{place} cannot be locked: {why}.", "Check the home folder.") from error
        if turn is None:
            return  # nothing is kept, or whoever is saying it forgets it
        try:
            kept = self._find(place)
            if kept is not None and kept.id == name:
                _remove(place)
        finally:
            turn.end()

    def _sweep(self) -> None:
        """Remove what crashes have left here, once a client. What cannot be removed stays, and harms nobody."""
        if self._swept:
            return
        self._swept = True
        before = (now_ms() - KEPT_MS) / 1_000
        try:
            with os.scandir(self._folder) as entries:
                old = [Path(entry.path) for entry in islice(entries, SWEPT) if entry.stat().st_mtime < before]
            for path in old:
                if path.suffix == ".lock":
                    turn = take_turn(path)  # it may be held
                    if turn is not None:
                        turn.end()
                elif path.suffix in (".json", ".part"):
                    path.unlink(missing_ok=True)
        except (OSError, NotImplementedError):
            return

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


def _lock_of(place: Path) -> Path:
    return place.with_suffix(".lock")


def _remove(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as error:
        raise SetupError(
            f"{place} cannot be removed: {error.strerror}; the same call would give the same record again.",
            "Remove it.",
        ) from error
