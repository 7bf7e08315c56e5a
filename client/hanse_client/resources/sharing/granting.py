"""A further reader of a document: its owner opens it, and seals a copy to that one, which goes before the record."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import place_of, sign_body, submit_once
from hanse_client.exchange.sealed.outbox import keep_sealed
from hanse_client.exchange.session import Session
from hanse_client.resources.sharing.keeping import opening_of
from hanse_client.resources.sharing.opening import find_document, open_untampered
from hanse_client.resources.sharing.recipients import recipients_named
from hanse_client.resources.sharing.sealed import OpenedExcerpt, seal_document, seal_terms
from hanse_ledger.kinds.document.bodies import GrantDocument
from hanse_ledger.records.envelope import Signed


async def grant_document(session: Session, name: Id, readers: Sequence[Id], disclose: Sequence[str] = ()) -> Receipt:
    """Let further readers open a document, or terms of it; the session's identity is its owner's, which can open it.

    The copy lies in the home folder until the record is settled: who was interrupted says the same again, and sends
    that very copy with that very record.

    Args:
        session: who grants.
        name: the document, or what it belongs to, such as an invoice.
        readers: parties and offices by their ids, or members by their names for their offices.
        disclose: the terms that they shall be shown, and no more; where none are named, the whole document.

    Raises:
        InvalidInput: nobody is named, or too many; the document does not open with this identity, or contradicts its
            record; it can have no such term; or as `open_any` and `seal_document`.
    """
    view = await find_document(session, name)
    opened = await open_untampered(session, view)
    if isinstance(opened, OpenedExcerpt):
        raise InvalidInput(
            f"Of document {view.id.hex()} only terms are sealed to you: you can let nobody read it.", "Ask its owner."
        )
    content, named = opened.content, await recipients_named(session, readers)
    if disclose:
        sealed = await seal_terms(session, opening_of(content), disclose, named)
    else:
        sealed = await seal_document(session, content.file, opening_of(content), named, content.opening.identities)
    body = GrantDocument(document=view.id, payload=sealed.payload)
    # What is drawn at random, hash and commitments, is another each time; to whom what is granted is not.
    asked = replace(body, payload=replace(body.payload, hash=view.seal.hash, readers=(), size=0))

    async def make() -> Signed:
        signed = await sign_body(session, body, ())
        keep_sealed(session, sealed.sealed, sealed.readers)
        return signed

    terms = [b"disclose", *(each.encode() for each in sorted(set(disclose)))] if disclose else []
    place = await place_of(session, asked, (), *sorted(each.reader for each in sealed.readers), *terms)
    return await submit_once(session, place, make)
