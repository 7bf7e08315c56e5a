"""Terms of others' documents that were sealed to this client: kept, so that they can be proven on.

One file a document, `<home>/received/<id>.json`, mode 0600, format `hanse.received-terms/1`, named as its issuer's
opening would be. What came later is put to what came before. Each term has the leaves that lead to the record's
commitment, and no seed: nothing else of the document follows from them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.base.releases import require_release
from hanse_io.durable import open_to_others, read_bounded, write_durably
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.commitments import DisclosedTerm, leads_to

FORMAT = "hanse.received-terms/1"


class KeptTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms as they lie in their file.

    Attributes:
        format: `hanse.received-terms/1`.
        object: whose document they are of, or the record's id, as for an opening.
        record: which commits to them.
        terms: in order of their names, each once, with the leaves that lead to them.
    """

    format: str = msgspec.field(name="@type", default=FORMAT)
    object: ObjectId
    record: RecordId
    terms: Annotated[tuple[DisclosedTerm, ...], Meta(min_length=1, max_length=limits.DISCLOSED_TERMS)]

    def disclose(self, names: Sequence[str]) -> list[TermPart]:
        """Show terms by name, in the order of a proof file. Raises InvalidInput: one of them was not shown."""
        shown = {leads_to(each): each for each in self.terms}
        hidden = sorted(set(names) - set(shown))
        if hidden:
            raise InvalidInput(
                f"The term {hidden[0][:80]!r} of {self.object.hex()} was not shown to you.",
                f"Shown were {', '.join(list(shown)[:16])}. Who issued the document can show others.",
            )
        return [TermPart(record=self.record, shown=shown[name]) for name in sorted(set(names))]


_decoder = msgspec.json.Decoder(KeptTerms)


class ReceivedTerms:
    """The terms of others' documents in a home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "received"

    def are_here(self, object_id: ObjectId) -> bool:
        """Tell whether terms of an object's document were received here."""
        return self._path(object_id).exists()

    def keep(self, object_id: ObjectId, record: RecordId, terms: Sequence[DisclosedTerm]) -> KeptTerms:
        """Put verified terms to those that are here; durable on return.

        Raises:
            InvalidInput: they would be more than a proof can show.
            SetupError: the home folder cannot be read or written.
        """
        before = self.find(object_id) if self.are_here(object_id) else None
        known = {leads_to(each): each for each in (before.terms if before and before.record == record else ())}
        known |= {leads_to(each): each for each in terms}
        if len(known) > limits.DISCLOSED_TERMS:
            raise InvalidInput(f"More than {limits.DISCLOSED_TERMS:,} terms of {object_id.hex()} were shown to you.")
        kept = KeptTerms(object=object_id, record=record, terms=tuple(known[name] for name in sorted(known)))
        data = msgspec.json.encode(kept)
        if len(data) > limits.OPENING_BYTES:
            raise InvalidInput(f"The terms of {object_id.hex()} that were shown to you are too large to be kept.")
        try:
            write_durably(self._path(object_id), data)
        except OSError as error:
            raise SetupError(
                f"The terms cannot be kept in {self._folder}: {error.strerror}.", "Check the folder."
            ) from error
        return kept

    def find(self, object_id: ObjectId) -> KeptTerms:
        """Give what was received of an object's document. Raises InvalidInput, SetupError, as `Openings.find`."""
        path = self._path(object_id)
        try:
            data, exposed = read_bounded(path, limits.OPENING_BYTES), open_to_others(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InvalidInput(
                f"No terms of {object_id.hex()} are in {self._folder}.", "Get them: hanse document get ID"
            ) from error
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error
        if exposed:
            raise SetupError(f"{path} is open to other users.", f"Run: chmod 600 {path}")
        try:
            kept = _decoder.decode(data)
            names = [leads_to(each) for each in kept.terms]
        except (*UNREADABLE, Malformed) as error:
            require_release(path, data, FORMAT)
            raise SetupError(f"{path} is damaged: {error}.", "Remove it, and get the document again.") from error
        require_release(path, data, FORMAT)
        if kept.object != object_id or names != sorted(set(names)):
            raise SetupError(f"{path} is damaged.", "Remove it, and get the document again.")
        return kept

    def _path(self, object_id: ObjectId) -> Path:
        return self._folder / f"{object_id.hex()}.json"
