"""The documents of declared invoices, let be read by whoever decides: a declaration has none of its own."""

from collections.abc import Sequence

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import DocumentView
from hanse_client.exchange.session import Session
from hanse_client.resources.sharing.granting import grant_document
from hanse_client.resources.sharing.opening import find_document, whole_readers
from hanse_client.resources.sharing.recipients import recipients_named
from hanse_ledger.values.types import ObjectId


async def share_declared(
    session: Session, declarant: ObjectId, invoices: Sequence[ObjectId], share: Sequence[Id]
) -> None:
    """Grant the documents of invoices to readers, where they cannot open them yet; nothing where nobody is named.

    All is looked at before anything is sent. Whoever was interrupted says the same again: nobody is let in twice.

    Args:
        session: who declares; the documents are its own.
        declarant: its party.
        invoices: what is declared.
        share: parties and offices by their ids, or members by their names for their offices.

    Raises:
        InvalidInput: an invoice has no document, or one that is another party's, who alone can grant it; or others sign
            the declaration too, after whom it would be sent.
    """
    if not share:
        return
    if session.acting.countersigners:
        raise InvalidInput(
            "A draft for others to sign shares nothing.", "Leave --share out, and use: hanse document grant"
        )
    readers, documents = await recipients_named(session, share), list[DocumentView]()
    for invoice in invoices:
        document = await find_document(session, invoice)
        if document.links.owner_party != declarant:
            raise InvalidInput(
                f"The document of invoice {invoice.hex()} is not the declarant's: only its owner can grant it.",
                f"Nothing was sent. Ask its owner: hanse document grant {invoice.hex()} --share READER",
            )
        documents.append(document)
    for document in documents:
        there = await whole_readers(session, document)
        missing: list[Id] = [each.reader for each in readers if each.reader not in there]
        if missing:
            await grant_document(session, bytes(document.id), missing)
