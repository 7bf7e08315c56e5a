"""What an issuer must keep to show terms later: the seed of the salts, the terms, the file's digest.

One file each, `<home>/openings/<object id>.json`, mode 0600; of a record that creates no object, `<record id>.json`: of
that object other records have documents too. Losing it means losing the ability to disclose, never the record.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import DocumentError, InvalidInput, SetupError
from hanse_client.base.releases import require_release
from hanse_client.home.drafts import subject_of
from hanse_io.durable import open_to_others, read_bounded, write_durably
from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate, GrantCertificate
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, CorrectPayment
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.proofs.samedocument import OPENING_FORMAT
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, commit_file, commit_terms, leads_to
from hanse_ledger.wire.part import Body, Commitment

Secret = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Opening(Struct, frozen=True, kw_only=True):
    """What opens a commitment. `name` is what the file was called here.

    `file_digest` is SHA-256 of the file; nil where there are terms alone, as for a party's identity.
    """

    discoverable: bool
    file_digest: Digest | None
    kind: CommittedKind
    name: str
    seed: Secret
    terms: dict[str, str]

    def commitment(self) -> Commitment:
        """Compute what the record of a document carries. Raises as `terms_root` does."""
        assert self.file_digest is not None, "a document has a file"
        return Commitment(
            discoverable=self.file_digest if self.discoverable else None,
            file=commit_file(self.file_digest, self.seed),
            terms=self.terms_root(),
        )

    def terms_root(self) -> Digest:
        """Compute the commitment to the terms alone.

        Raises:
            DocumentError: there are no terms, one of no such name, too many, or one is too long.
        """
        try:
            return commit_terms(self.kind, self.terms, self.seed)
        except Malformed as error:
            raise DocumentError(
                f"The document's terms cannot be committed to: {error}.",
                "Split the document, or put long texts into an attachment; docs/formats/terms.md has the bounds.",
                field="terms",
            ) from error

    def disclose(self, names: Sequence[str]) -> list[DisclosedTerm]:
        """Show terms by name, in order of the names to which they lead. Raises as `KeptOpening.disclose`."""
        committed = CommittedTerms(self.kind, self.terms, self.seed)
        shown = {}
        for name in set(names):
            try:
                term = committed.disclose(name)
            except Malformed as error:
                raise InvalidInput(
                    f"The term {name[:80]!r} cannot be shown: {error}.",
                    "Name terms of its kind, such as " + ", ".join(list(self.terms)[:4]) + ".",
                ) from error
            shown[leads_to(term)] = term
        return [shown[name] for name in sorted(shown)]


class KeptOpening(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opening as it lies in its file, with what it opens."""

    format: str = msgspec.field(name="@type")
    object: ObjectId
    opening: Opening
    record: RecordId

    def disclose(self, names: Sequence[str]) -> list[TermPart]:
        """Show terms by name, in the order of a proof file; of what the document does not state, that it does not.

        Raises:
            InvalidInput: no document of this kind has a term of such a name, or it is counted too far.
        """
        return [TermPart(record=self.record, shown=term) for term in self.opening.disclose(names)]


_decoder = msgspec.json.Decoder(KeptOpening)

_OF_ITS_OBJECT = (ApplyForCertificate, GrantCertificate, ConfirmPayment, CorrectPayment)
"""Kinds of records whose document is their object's, the newest before all others."""


class Openings:
    """The openings in a home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "openings"

    def keep(
        self, object_id: ObjectId, record: RecordId, opening: Opening, *, name: ObjectId | RecordId | None = None
    ) -> None:
        """Keep an opening; durable on return. Call it before the record is sent: afterwards may be too late.

        Args:
            object_id: what the record creates, or is about.
            record: the record that commits to what is opened.
            opening: what opens it.
            name: under which `find` finds it: the record's id, or that of a bundle's step; by default the object's.

        Raises:
            SetupError: the home folder cannot be written.
        """
        kept = KeptOpening(format=OPENING_FORMAT, object=object_id, opening=opening, record=record)
        try:
            write_durably(self._path(name or object_id), msgspec.json.encode(kept))
        except OSError as error:
            raise SetupError(
                f"The opening cannot be kept in {self._folder}: {error.strerror}.",
                "Nothing was sent. Check the folder.",
            ) from error

    def find(self, name: ObjectId | RecordId) -> KeptOpening:
        """Find an opening by what it was kept under.

        Raises:
            InvalidInput: there is none here.
            SetupError: it is damaged, or open to others.
        """
        path = self._path(name)
        try:
            data, exposed = read_bounded(path, limits.OPENING_BYTES), open_to_others(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InvalidInput(
                f"The opening of {name.hex()} is not in {self._folder}.",
                "Terms can be disclosed where the document was issued, or was opened: hanse document get ID",
            ) from error
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error
        if exposed:
            raise SetupError(f"{path} is open to other users.", f"Run: chmod 600 {path}")
        try:
            kept = _decoder.decode(data)
        except UNREADABLE as error:
            require_release(path, data, OPENING_FORMAT)
            raise SetupError(f"{path} is damaged: {error}.", "Restore it from a copy.") from error
        require_release(path, data, OPENING_FORMAT)
        if kept.format != OPENING_FORMAT or name not in _names(kept):
            raise SetupError(f"{path} is not the opening of {name.hex()}.", "Restore it from a copy.")
        return kept

    def are_here(self, name: ObjectId | RecordId) -> bool:
        """Tell whether a document can be opened here, by what it was kept under."""
        return self._path(name).exists()

    def of_record(self, name: ObjectId | RecordId, record: RecordId) -> KeptOpening | None:
        """Give the opening under a name that was kept for a record; nil where there is none. Raises SetupError."""
        if not self.are_here(name):
            return None
        kept = self.find(name)
        return kept if kept.record == record else None

    def newest(self, name: ObjectId, records: Iterable[tuple[RecordId, Sequence[Body]]]) -> KeptOpening | None:
        """Give what opens an object's newest document here; nil where its records have none, or none is here.

        Args:
            name: the object.
            records: its records that stand with what they do, the newest first: what was sent and does not counts for
                nothing.

        Raises:
            SetupError: an opening is damaged, or open to others.
        """
        for record, bodies in records:
            for place, body in reversed([*enumerate(bodies)]):
                if isinstance(body, _OF_ITS_OBJECT) and subject_of(body, record) == name:
                    kept = (self.of_record(each, record) for each in (record, created_id(record, place), name))
                    if (found := next(filter(None, kept), None)) is not None:
                        return found
        return None

    def of_file(self, digest: Digest) -> list[KeptOpening]:
        """List what was made of a file here, by its SHA-256. What cannot be read is not among it."""
        return [kept for kept in self._all() if kept.opening.file_digest == digest]

    def of_kind(self, kind: CommittedKind) -> list[KeptOpening]:
        """List what was made of documents of a kind here. What cannot be read is not among it."""
        return [kept for kept in self._all() if kept.opening.kind is kind]

    def _all(self) -> Iterator[KeptOpening]:
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield _decoder.decode(read_bounded(path, limits.OPENING_BYTES))
            except (OSError, *UNREADABLE):
                continue

    def _path(self, name: bytes) -> Path:
        return self._folder / f"{name.hex()}.json"


def _names(kept: KeptOpening) -> Iterator[bytes]:
    """List the names under which an opening may lie: its object's, its record's, and those of that one's steps."""
    yield kept.object
    yield kept.record
    yield from (created_id(kept.record, step) for step in range(limits.STEPS))


def new_opening(
    kind: CommittedKind, data: bytes | None, terms: Mapping[str, str], *, name: str, discoverable: bool
) -> Opening:
    """Make the opening of a document, with a new seed.

    Args:
        kind: what it is.
        data: the document's file; None where there are terms alone, as for a party's identity.
        terms: the terms by name, of those that its kind may have.
        name: what the file is called here.
        discoverable: whether the record shows the file's plain hash too.
    """
    return Opening(
        discoverable=discoverable,
        file_digest=None if data is None else hash_bytes(data),
        kind=kind,
        name=name,
        seed=os.urandom(32),
        terms=dict(terms),
    )
