"""Documents: found by the file at hand, and sealed to their readers: opened, granted, received, held, erased."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from hanse_client.base.errors import InvalidInput
from hanse_client.base.found import FileSearch
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import DocumentView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.listing import Sought, find_objects, list_objects, office_of
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import acting_member, own_party_or_member
from hanse_client.exchange.reading import walk_records
from hanse_client.exchange.sealed.carrying import SealedFileDelivery, ask_delivery
from hanse_client.exchange.session import Session
from hanse_client.resources.sharing.decided import declarations_counted
from hanse_client.resources.sharing.filefinding import FileFinding
from hanse_client.resources.sharing.granting import grant_document
from hanse_client.resources.sharing.opening import find_document, get_document, open_any, own_salt
from hanse_client.resources.sharing.sealed import OpenedDocument, OpenedTerms
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.state import ReceiptStage
from hanse_ledger.values.types import MemberId, Moment


class AsyncDocuments:
    """Documents: by the file at hand, and the sealed ones of the ledger. Reached as `client.documents`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, file: Path | str | bytes) -> FileSearch:
        """Find the records whose very document a file is, and tell whether what they say agrees with it.

        A record hides which file its document is, or shows the file's hash. The openings in the home folder tell of the
        first, the node lists the second; each record is proven before it counts. The node learns the file's hash.

        Args:
            file: the file, by path or as bytes; of any kind. What nothing here reads is found, and not compared.

        Returns:
            What came of it; see `FileMatch`. That no record is found is the node's word.

        Raises:
            DocumentError: the file cannot be read, or is too large.
            BadAnswer, SecurityAlarm: the node shows what does not verify.
        """
        return await FileFinding(self._session).find(file)

    async def open(self, document: Id) -> OpenedDocument | OpenedTerms:
        """Fetch what of a document is sealed to the client's identity: the whole of it, or chosen terms.

        It is opened and compared with its record. What agrees is kept in the home folder: `client.proof` discloses
        those terms from then on, as where the document was issued. What breaks off is resumed by the next call.

        Args:
            document: the document, or what it belongs to, such as an invoice.

        Returns:
            The document as `get` gives it; where no copy of the whole is sealed to the identity, the terms that its
            owner has chosen for it. `tampered` is no error here.

        Raises as `get`, and SetupError: it cannot be kept.
        """
        return await open_any(self._session, document)

    async def get(self, document: Id) -> OpenedDocument:
        """Fetch a sealed document, open it with the client's identity, and compare it with its record.

        What breaks off is resumed by the next call: what has come lies in the home folder. See `open`, which takes
        chosen terms too.

        Args:
            document: the document, or what it belongs to, such as an invoice.

        Returns:
            What was sealed, and of each comparison its verdict: see `PayloadReport`. `tampered` is no error here.

        Raises:
            InvalidInput: it is not sealed to this identity, or only terms of it are; or it is not said which document
                is meant.
            NotFound: the node does not have it, or not yet.
            Refused: it was erased.
            DocumentError: what was sealed is no document.
        """
        return await get_document(self._session, document)

    async def grant(self, document: Id, readers: Sequence[Id], *, disclose: Sequence[str] = ()) -> Receipt:
        """Let further readers open a document, or some of its terms; the identity is that of its owner. Rule A-1.

        The document is fetched and opened, and a copy sealed to them goes to the node before the record. With terms it
        is an excerpt: they check these against the record and prove them on, and learn no other, nor the file.

        Args:
            document: the document, or what it belongs to, such as an invoice.
            readers: parties and offices by their ids, or members by their names for their offices; 1 to 32.
            disclose: the terms that they shall be shown, by name, as `client.proof` takes them; by default all of it.

        Raises as `get` and `submit` do, and InvalidInput: nobody is named, or nothing can be sealed to one's key; no
        document of this kind has such a term.
        """
        if isinstance(disclose, str):
            raise InvalidInput("Terms to disclose are a list of names.", f"Write [{disclose!r}].")
        return await grant_document(self._session, document, readers, disclose)

    async def receive(
        self,
        document: Id,
        stage: ReceiptStage = ReceiptStage.RETRIEVED,
        *,
        salt: bytes | None = None,
        reader: Id | MemberId | None = None,
    ) -> Receipt:
        """Sign how far one has come with a document: delivered, retrieved, accepted. Rule A-2.

        Args:
            document: the document, or what it belongs to, such as an invoice.
            stage: how far; later than what the reader has said before.
            salt: of the commitment to the reader, 16 bytes; by default as it comes with the sealed file, which is
                fetched, opened and compared with its record.
            reader: the party's id or the member's name for which the identity signs; by default its own.

        Raises as `get`, where no salt is given, and as `submit` does.
        """
        member, party = await own_party_or_member(self._session, reader)
        view = await find_document(self._session, document)
        if salt is None:
            name = party or (await office_of(self._session, member or "")).id
            salt = await own_salt(self._session, view, name)
        body = ReceiveDocument(document=view.id, reader_member=member, reader_party=party, salt=salt, stage=stage)
        return await submit_body(self._session, body)

    async def hold(self, document: Id, *, salt: bytes | None = None, office: MemberId | None = None) -> Receipt:
        """Order that a document be kept; the identity is a customs authority's or a bank's that can open it. Rule A-3.

        Args:
            document: the document, or what it belongs to, such as an invoice.
            salt: of the commitment to the office, 16 bytes; by default as it comes with the sealed file.
            office: the member for which the identity signs; by default its own.

        Raises as `receive` does.
        """
        member = office or await acting_member(self._session)
        view = await find_document(self._session, document)
        if salt is None:
            salt = await own_salt(self._session, view, (await office_of(self._session, member)).id)
        return await submit_body(self._session, HoldDocument(document=view.id, office=member, salt=salt))

    async def unhold(self, document: Id, *, office: MemberId | None = None) -> Receipt:
        """Let go of a document that the client's member has ordered to be kept, or `office`. Rule A-4."""
        member = office or await acting_member(self._session)
        view = await find_document(self._session, document)
        return await submit_body(self._session, UnholdDocument(document=view.id, office=member))

    async def erase(self, document: Id) -> Receipt:
        """Have a document's sealed files deleted; the client's identity is that of its owner. Rule A-5.

        The declarations on which that rests are read of the history of the invoice to which it belongs, each proven.

        Raises as `submit` does: among others, that an office holds it, or that a declaration is not decided.
        """
        view = await find_document(self._session, document)
        declarations = await declarations_counted(self._session, view)
        return await submit_body(self._session, EraseDocument(declarations=declarations, document=view.id))

    async def show(self, document: Id) -> DocumentView:
        """Show a document as it stands, from a verified proof of its status: by its id, or by what it belongs to."""
        return await find_document(self._session, document)

    async def deliveries(self, document: Id | DocumentView) -> tuple[SealedFileDelivery, ...]:
        """Say of a document's sealed files, its own and further readers' copies, whether the node has them.

        It is the node's word. They stand in the order of their records; see `SealedFileDelivery`.

        Args:
            document: as `show` gave it; or its id, or that of what it belongs to, and then it is shown first.
        """
        view = document if isinstance(document, DocumentView) else await self.show(document)
        return tuple([await ask_delivery(self._session, seal.hash) for seal in (view.seal, *view.grants)])

    def of(self, belongs_to: Id) -> AsyncIterator[DocumentView]:
        """Walk over the documents that belong to an object, such as an invoice, the newest first, each proven.

        That none is left out is the node's word.
        """
        name = parse_id(belongs_to, "id").hex()
        return find_objects(self._session, DocumentView, "document_of_object", name)

    def records(self, document: Id) -> AsyncIterator[RecordView]:
        """Walk over a document's records, newest first, each proven and none left out."""
        return walk_records(self._session, document, DocumentView)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[DocumentView]:
        """Walk over documents, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no document has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, DocumentView, sought)
