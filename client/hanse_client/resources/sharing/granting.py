"""A further reader of a document: its owner opens it, and seals a copy to that one, which goes before the record."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_client.base.identifiers import Id
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import place_of, sign_body, submit_once
from hanse_client.exchange.sealed.outbox import keep_sealed
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.opening import find_document, open_untampered
from hanse_client.resources.sharing.sealed import seal_document
from hanse_client.sealing.content import PayloadContent
from hanse_ledger.kinds.document.bodies import GrantDocument
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.hashing import hash_bytes


async def grant_document(session: Session, name: Id, readers: Sequence[Id]) -> Receipt:
    """Let further readers open a document; the session's identity is its owner's, which can open it.

    The copy lies in the home folder until the record is settled: who was interrupted says the same again, and sends
    that very copy with that very record.

    Args:
        session: who grants.
        name: the document, or what it belongs to, such as an invoice.
        readers: parties and offices by their ids, or members by their names for their offices.

    Raises:
        InvalidInput: nobody is named, or too many; the document does not open with this identity, or contradicts its
            record; or as `get_document` and `seal_document`.
    """
    view = await find_document(session, name)
    content = (await open_untampered(session, view)).content
    sealed = await seal_document(session, content.file, _opening(content), readers, content.opening.identities)
    body = GrantDocument(document=view.id, payload=sealed.payload)
    # What is drawn at random, hash and commitments, is another each time; to whom it is granted is not.
    asked = replace(body, payload=replace(body.payload, hash=view.seal.hash, readers=(), size=0))

    async def make() -> Signed:
        signed = await sign_body(session, body, ())
        keep_sealed(session, sealed.sealed, sealed.readers)
        return signed

    place = await place_of(session, asked, (), *sorted(each.reader for each in sealed.readers))
    return await submit_once(session, place, make)


def _opening(content: PayloadContent) -> Opening:
    """Give what opens the commitment, as it came with the file."""
    return Opening(
        discoverable=False,
        file_digest=hash_bytes(content.file),
        kind=content.opening.kind,
        name=content.name,
        seed=content.opening.seed,
        terms=dict(content.opening.terms),
    )
