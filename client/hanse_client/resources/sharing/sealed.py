"""A document sealed to its readers, and opened by one: what goes in, and how what comes out is judged."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

from anyio import to_thread
from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.recipients import Recipient, recipient_named
from hanse_client.resources.sharing.travelling import Travelling
from hanse_client.sealing.agefile import seal
from hanse_client.sealing.agreement import Committed, PayloadReport, compare
from hanse_client.sealing.content import (
    READERS,
    PayloadContent,
    PayloadOpening,
    ReaderOpening,
    media_of,
    read_content,
    write_content,
)
from hanse_documents import check_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, terms
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
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


async def seal_document(
    session: Session,
    data: bytes,
    opening: Opening,
    readers: Sequence[Id],
    identities: Travelling = (),
) -> SealedDocument:
    """Seal a document to its readers, and to whoever sends it, so that he can open it elsewhere too.

    Args:
        session: who sends; keys are proven by its node.
        data: the file.
        opening: what opens the commitment to it.
        readers: parties and offices by their ids, or members by their names for their offices.
        identities: of seller and buyer, where a bank shall make tags of it.

    Raises:
        InvalidInput: there are none or too many, or nothing can be sealed to one's key.
        DocumentError: it would be too large.
        NotFound, BadAnswer: a key is not proven.
    """
    identity, named = session.need_identity(), list[Recipient]()
    for reader in readers:
        found = await recipient_named(session, reader)
        if all(each.reader != found.reader for each in named):
            named.append(found)
    if not 0 < len(named) <= READERS:
        raise InvalidInput(f"A document is shared with 1 to {READERS} readers; these are {len(named)}.")
    opened = tuple(ReaderOpening(reader=each.reader, salt=os.urandom(SALT_BYTES)) for each in named)
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
    keys = [identity.encryption_key, *(each.key for each in named)]
    try:
        sealed = await to_thread.run_sync(lambda: seal(write_content(content), keys))
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
    sealed = await seal_document(session, data, opening, readers, identities)
    return replace(body, payload=sealed.payload), sealed


async def open_document(session: Session, sealed: bytes, committed: Committed) -> OpenedDocument:
    """Open a sealed document with the session's identity, and compare it with what a proven record says.

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
        content = read_content(plain)
    except Malformed as error:
        raise DocumentError(f"What was sealed is no document: {error}.", "Ask its sender.") from error
    paper = await to_thread.run_sync(partial(_terms_of, content.file, content.name))
    return OpenedDocument(content=content, report=compare(content, committed, paper))


def _terms_of(data: bytes, name: str) -> Mapping[str, str] | None:
    """Read what a file says; nil where nothing here reads it."""
    document = check_document(data, name).document
    return terms(document) if isinstance(document, InvoiceDocument | CertificateDocument) else None


def _plain_name(name: str) -> str:
    """Give the name of a file as others may see it: no path, and nothing unseen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:255] or UNNAMED
