"""A document that is shared with whoever asks: fetched, opened, and compared with the record that commits to it."""

from collections.abc import AsyncIterator

from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import DocumentView, ObjectView
from hanse_client.exchange.listing import find_objects
from hanse_client.exchange.reading import first_record, show
from hanse_client.exchange.sealed.carrying import fetch_sealed
from hanse_client.exchange.session import Session
from hanse_client.resources.inbox.namekeeping import keep_names
from hanse_client.resources.sharing.sealed import OpenedDocument, open_document
from hanse_client.sealing.agreement import Committed
from hanse_ledger.kinds import kind_of, steps_of
from hanse_ledger.kinds.document.enclosing import payload_named
from hanse_ledger.values.types import ObjectId, Salt
from hanse_ledger.values.verdict import Verdict


async def get_document(session: Session, name: Id) -> OpenedDocument:
    """Fetch a document, open it with the session's identity, and compare it with its record.

    Args:
        session: who reads.
        name: the document, or what it belongs to, such as an invoice.

    Raises:
        InvalidInput: nothing is sealed to this identity, or several documents belong to what is named.
        NotFound: it is not there, or its bytes have not come to this node yet.
        Refused: it was erased.
        DocumentError, BadAnswer: what was sealed is no document; the node shows what does not verify.
    """
    return await _opened(session, await find_document(session, name))


async def own_salt(session: Session, view: DocumentView, reader: ObjectId) -> Salt:
    """Find what opens a document's commitment to a reader: it came with the sealed file, which the identity opens.

    Raises:
        InvalidInput: what was sealed contradicts the record, or was not sealed to this reader; or as `get_document`.
    """
    for each in (await open_untampered(session, view)).content.opening.readers:
        if each.reader == reader:
            return each.salt
    raise InvalidInput(
        f"Document {view.id.hex()} opens, and does not name {reader.hex()} among its readers.",
        "Name for whom you sign (--reader, --office), or ask its owner to grant it to you.",
    )


async def open_untampered(session: Session, view: DocumentView) -> OpenedDocument:
    """Fetch and open a document of which something shall be signed. Raises InvalidInput: it contradicts its record."""
    found = await _opened(session, view)
    if found.report.verdict is Verdict.TAMPERED:
        raise InvalidInput(
            f"What was sealed in document {view.id.hex()} contradicts its record: nothing was signed.",
            "Ask its sender. `hanse document get` says what differs.",
        )
    return found


async def _opened(session: Session, view: DocumentView) -> OpenedDocument:
    session.need_identity()
    committed = await _committed(session, view)
    refused: InvalidInput | NotFound | None = None
    for seal in (view.seal, *view.grants):
        try:
            # A node gives to whoever signs what is for him alone, and answers of all else as if there were none.
            sealed = await fetch_sealed(session, seal.hash, seal.size)
            opened = await open_document(session, sealed, committed)
        except InvalidInput as error:
            refused = error
            continue
        except NotFound as error:
            refused = refused or error
            continue
        await keep_names(session, view.links.belongs_to, opened)
        return opened
    assert refused is not None, "a document has a sealed file"
    raise refused


async def find_document(session: Session, name: Id) -> DocumentView:
    """Find the document of that id, or the one that belongs to an object of it. Raises InvalidInput, NotFound."""
    view = await show(session, name, ObjectView)
    if isinstance(view, DocumentView):
        return view
    found = [each async for each in _of(session, view)]
    if len(found) != 1:
        names = ", ".join(each.id.hex() for each in found[:8])
        raise InvalidInput(
            f"To {view.kind} {view.id.hex()} belong {len(found)} documents: {names or 'none is shared'}.",
            "Name one of them." if found else "Ask its owner to share it.",
        )
    return found[0]


def _of(session: Session, view: ObjectView) -> AsyncIterator[DocumentView]:
    return find_objects(session, DocumentView, "document_of_object", view.id.hex())


async def _committed(session: Session, view: DocumentView) -> Committed:
    """Find what the record that created a document commits to: from its id, and no other, that of the document follows.

    So the document's history is not walked, which grows with each receipt and each hold.
    """
    record = await first_record(session, view)
    for step in steps_of(record.record.body, record.id):
        commits = kind_of(step.body).commits
        if step.document == view.id and payload_named(step.body) is not None and commits is not None:
            commitment = commits.document(step.body)
            assert commitment is not None, "what names a payload commits to a file"
            return Committed(commitment=commitment, kind=commits.kind, header=commits.header(step.body, lambda _: None))
    raise BadAnswer(
        f"What the node gives as the first record of document {view.id.hex()} does not name its sealed file."
    )
