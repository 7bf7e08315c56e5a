"""A document sealed to its readers, and opened by one: what goes in, and how what comes out is judged."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from anyio import to_thread
from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.recipients import Recipient, recipients_named
from hanse_client.resources.sharing.travelling import Travelling
from hanse_client.sealing.agefile import seal
from hanse_client.sealing.agreement import Committed, PayloadReport, compare, compare_excerpt
from hanse_client.sealing.content import (
    PayloadContent,
    PayloadExcerpt,
    PayloadOpening,
    ReaderOpening,
    media_of,
    read_sealed,
    write_content,
    write_excerpt,
)
from hanse_documents import check_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, terms
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_ledger.wire.commitments import DisclosedTerm
from hanse_ledger.wire.part import Body

B = TypeVar("B", bound=Body)
"""The body of a record that may name a payload."""

SALT_BYTES = 16
UNNAMED = "document"
"""What a file is called that came without a name."""


class SealedDocument(Struct, frozen=True, kw_only=True):
    """A document on its way: the age file, its SHA-256, and to whom it is sealed, with what opens each commitment."""

    sealed: bytes
    digest: Digest
    readers: tuple[ReaderOpening, ...]

    @property
    def payload(self) -> Payload:
        """As a record names it."""
        readers = sorted(commit_reader(each.reader, each.salt) for each in self.readers)
        return Payload(hash=self.digest, readers=tuple(readers), size=len(self.sealed))


class OpenedDocument(Struct, frozen=True, kw_only=True):
    """What a reader has opened, and what came of comparing it with the record. See `PayloadReport`."""

    content: PayloadContent
    report: PayloadReport

    @property
    def readers(self) -> tuple[ReaderOpening, ...]:
        """Who can open it, with what opens the record's commitments to them."""
        return self.content.opening.readers


class OpenedExcerpt(Struct, frozen=True, kw_only=True):
    """Terms of a document that one sealed copy shows to its readers, who get no more of it.

    Attributes:
        readers: who can open them, with what opens the record's commitments to them.
        report: what came of comparing them with the record; see `PayloadReport`.
        terms: by name, as the record's document says them; nil is what it does not say. None where they are tampered.
        ways: the leaves that lead to each from the record's commitment, in order of their names.
    """

    readers: tuple[ReaderOpening, ...]
    report: PayloadReport
    terms: dict[str, str | None]
    ways: tuple[DisclosedTerm, ...]


class OpenedTerms(Struct, frozen=True, kw_only=True):
    """The terms of a document that its owner has chosen for a reader, from all copies that are sealed to him.

    Attributes:
        belongs_to: the object to which the document belongs: a proof about it can show them.
        name: under which id they are disclosed: that object's, or, as of a credit note, that of its record.
        record: which commits to them.
        report: what came of comparing them with it; see `PayloadReport`.
        terms: by name, as the document says them; nil is what it does not say. None where one of them is tampered.
    """

    belongs_to: ObjectId
    name: ObjectId | RecordId
    record: RecordId
    report: PayloadReport
    terms: dict[str, str | None]


async def seal_document(
    session: Session,
    data: bytes,
    opening: Opening,
    readers: Sequence[Recipient],
    identities: Travelling = (),
) -> SealedDocument:
    """Seal a document to its readers, and to whoever sends it, so that he can open it elsewhere too.

    Args:
        session: who sends.
        data: the file.
        opening: what opens the commitment to it.
        readers: as `recipients_named` has found them.
        identities: of seller and buyer, where a bank shall make tags of it.

    Raises:
        InvalidInput: nothing can be sealed without an identity.
        DocumentError: it would be too large, or nothing can be sealed to one's key.
    """
    opened = _openings_to(readers)
    content = PayloadContent(
        file=data,
        media=media_of(data),
        name=_plain_name(opening.name),
        opening=PayloadOpening(
            identities=identities,
            kind=opening.kind,
            readers=opened,
            seed=opening.seed,
            terms=opening.terms,
        ),
    )
    return await _seal(session, lambda: write_content(content), readers, opened)


async def seal_terms(
    session: Session, opening: Opening, names: Sequence[str], readers: Sequence[Recipient]
) -> SealedDocument:
    """Seal chosen terms of a document to readers, and to whoever sends them; no more of it follows from them.

    Args:
        session: who sends.
        opening: what opens the document's commitment.
        names: of the terms, as a proof discloses them; what the document does not state is shown as not stated.
        readers: as `recipients_named` has found them.

    Raises as `seal_document`, and InvalidInput: no document of this kind has a term of such a name, or too many.
    """
    if not 0 < len(set(names)) <= limits.DISCLOSED_TERMS:
        raise InvalidInput(f"1 to {limits.DISCLOSED_TERMS:,} terms are shown; these are {len(set(names)):,}.")
    opened = _openings_to(readers)
    shown = await to_thread.run_sync(opening.disclose, names)
    excerpt = PayloadExcerpt(kind=opening.kind, readers=opened, terms=tuple(shown))
    return await _seal(session, lambda: write_excerpt(excerpt), readers, opened)


def _openings_to(readers: Sequence[Recipient]) -> tuple[ReaderOpening, ...]:
    return tuple(ReaderOpening(reader=each.reader, salt=os.urandom(SALT_BYTES)) for each in readers)


async def _seal(
    session: Session,
    write: Callable[[], bytes],
    readers: Sequence[Recipient],
    opened: tuple[ReaderOpening, ...],
) -> SealedDocument:
    keys = [session.need_identity().encryption_key, *(each.key for each in readers)]
    try:
        sealed = await to_thread.run_sync(lambda: seal(write(), keys))
    except Malformed as error:
        raise DocumentError(
            f"The document cannot be sealed: {error}.", "Share a smaller one, or with others."
        ) from error
    return SealedDocument(sealed=sealed, digest=hash_bytes(sealed), readers=opened)


async def shared(
    session: Session,
    body: B,
    data: bytes,
    opening: Opening,
    readers: Sequence[Id],
    identities: Travelling = (),
) -> tuple[B, SealedDocument | None]:
    """Have a record name its document, sealed to readers: as `seal_document`; where there are none, as it was."""
    if not readers:
        return body, None
    sealed = await seal_document(session, data, opening, await recipients_named(session, readers), identities)
    return replace(body, payload=sealed.payload), sealed


async def open_sealed(session: Session, sealed: bytes, committed: Committed) -> OpenedDocument | OpenedExcerpt:
    """Open a sealed document, or terms of it, with the session's identity, and compare it with what a record says.

    Raises:
        InvalidInput: it is not sealed to this identity.
        DocumentError: what was sealed is no document.
    """
    identity = session.need_identity()
    try:
        plain = await to_thread.run_sync(identity.unseal, sealed)
    except ProofInvalid as error:
        raise InvalidInput(
            f"It does not open: {error}.",
            "Open it with the identity to whose key it was sealed; that may be an older one.",
        ) from error
    except Malformed as error:
        raise DocumentError(f"It does not open: {error}.", "Ask its sender.") from error
    try:
        content = read_sealed(plain)
    except Malformed as error:
        raise DocumentError(f"What was sealed is no document: {error}.", "Ask its sender.") from error
    if isinstance(content, PayloadExcerpt):
        terms, report = await to_thread.run_sync(compare_excerpt, content, committed)
        said = {term.name: term.value for term in terms}
        return OpenedExcerpt(readers=content.readers, report=report, terms=said, ways=content.terms if said else ())
    paper = await to_thread.run_sync(partial(_stated_in, content.file, content.name))
    return OpenedDocument(content=content, report=compare(content, committed, paper))


def _stated_in(data: bytes, name: str) -> Mapping[str, str] | None:
    """Read what a file says; nil where nothing here reads it."""
    document = check_document(data, name).document
    return terms(document) if isinstance(document, InvoiceDocument | CertificateDocument) else None


def _plain_name(name: str) -> str:
    """Give the name of a file as others may see it: no path, and nothing unseen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:255] or UNNAMED
