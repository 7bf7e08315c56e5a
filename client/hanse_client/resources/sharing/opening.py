"""A document that is shared with whoever asks: fetched, opened, and compared with the record that commits to it."""

from collections.abc import AsyncIterator, Sequence

from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import DocumentView, ObjectView
from hanse_client.exchange.listing import find_objects
from hanse_client.exchange.reading import first_record, show
from hanse_client.exchange.sealed.carrying import fetch_sealed
from hanse_client.exchange.session import Session
from hanse_client.resources.inbox.namekeeping import keep_names
from hanse_client.resources.sharing.keeping import keep_document, name_of_opening
from hanse_client.resources.sharing.sealed import OpenedDocument, OpenedExcerpt, OpenedTerms, open_sealed
from hanse_client.sealing.agreement import Committed, PayloadReport, worst_of
from hanse_ledger.kinds import kind_of, steps_of
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.kinds.document.enclosing import payload_named
from hanse_ledger.values.types import ObjectId, RecordId, Salt
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.commitments import leads_to


async def open_any(session: Session, name: Id) -> OpenedDocument | OpenedTerms:
    """Fetch what of a document is sealed to the session's identity, open it, and compare it with its record.

    What agrees with the record is kept in the home folder, so that its terms can be proven on.

    Args:
        session: who reads.
        name: the document, or what it belongs to, such as an invoice.

    Returns:
        The document; where no copy of it is sealed to the identity, the terms of all excerpts that are.

    Raises:
        InvalidInput: nothing is sealed to this identity, or several documents belong to what is named.
        NotFound: it is not there, or its bytes have not come to this node yet.
        Refused: it was erased.
        SetupError: it cannot be kept.
        DocumentError, BadAnswer: what was sealed is no document; the node shows what does not verify.
    """
    view = await find_document(session, name)
    opened, step, record = await _opened(session, view)
    belongs_to = bytes(view.links.belongs_to)
    name = name_of_opening(step, record)
    if isinstance(opened, OpenedDocument):
        await keep_names(session, belongs_to, opened)
        keep_document(session, belongs_to, step, record, opened)
        return opened
    if opened.ways:
        session.received.keep(name, record, opened.ways)
    return OpenedTerms(belongs_to=belongs_to, name=name, record=record, report=opened.report, terms=opened.terms)


async def get_document(session: Session, name: Id) -> OpenedDocument:
    """Open a document as `open_any` does, and insist on the whole of it. Raises InvalidInput besides."""
    opened = await open_any(session, name)
    if isinstance(opened, OpenedTerms):
        raise InvalidInput(
            f"Not the document is sealed to you, but {len(opened.terms)} terms of it.",
            "See them: hanse document get ID, documents.open(ID). Its owner can grant you the whole of it.",
        )
    return opened


async def own_salt(session: Session, view: DocumentView, reader: ObjectId) -> Salt:
    """Find what opens a document's commitment to a reader: it came with the sealed file, which the identity opens.

    Raises:
        InvalidInput: what was sealed contradicts the record, or was not sealed to this reader; or as `open_any`.
    """
    for each in (await open_untampered(session, view)).readers:
        if each.reader == reader:
            return each.salt
    raise InvalidInput(
        f"Document {view.id.hex()} opens, and does not name {reader.hex()} among its readers.",
        "Name for whom you sign (--reader, --office), or ask its owner to grant it to you.",
    )


async def open_untampered(session: Session, view: DocumentView) -> OpenedDocument | OpenedExcerpt:
    """Fetch and open a document of which something shall be signed. Raises InvalidInput: it contradicts its record."""
    found, _, _ = await _opened(session, view)
    if found.report.verdict is Verdict.TAMPERED:
        raise InvalidInput(
            f"What was sealed in document {view.id.hex()} contradicts its record: nothing was signed.",
            "Ask its sender. `hanse document get` says what differs.",
        )
    return found


async def _opened(session: Session, view: DocumentView) -> tuple[OpenedDocument | OpenedExcerpt, TakenStep, RecordId]:
    """Open the first copy that is the whole document, or else all excerpts; give the step that made it besides."""
    session.need_identity()
    step, record = await _created_by(session, view)
    committed = _committed(step)
    refused: InvalidInput | NotFound | None = None
    excerpts = list[OpenedExcerpt]()
    for seal in (view.seal, *view.grants):
        try:
            # A node gives to whoever signs what is for him alone, and answers of all else as if there were none.
            sealed = await fetch_sealed(session, seal.hash, seal.size)
            opened = await open_sealed(session, sealed, committed)
        except InvalidInput as error:
            refused = error
            continue
        except NotFound as error:
            refused = refused or error
            continue
        if isinstance(opened, OpenedDocument):
            return opened, step, record
        excerpts.append(opened)
    if excerpts:
        return _together(excerpts), step, record
    assert refused is not None, "a document has a sealed file"
    raise refused


async def whole_readers(session: Session, view: DocumentView) -> frozenset[ObjectId]:
    """Find who can open a whole copy of a document, from those copies that open with the session's identity."""
    step, _ = await _created_by(session, view)
    committed, found = _committed(step), set[ObjectId]()
    for seal in (view.seal, *view.grants):
        try:
            opened = await open_sealed(session, await fetch_sealed(session, seal.hash, seal.size), committed)
        except (InvalidInput, NotFound):
            continue  # it is sealed to an older key of the owner's, or has not come: its readers are let in once more
        if isinstance(opened, OpenedDocument):
            found |= {each.reader for each in opened.readers}
    return frozenset(found)


def _together(excerpts: Sequence[OpenedExcerpt]) -> OpenedExcerpt:
    """Put what several excerpts show together; where one contradicts the record, nothing of any is shown."""
    report = PayloadReport(
        verdict=worst_of(found for each in excerpts for found in each.report.findings),
        findings=tuple(dict.fromkeys(found for each in excerpts for found in each.report.findings)),
    )
    sound = [] if report.verdict is Verdict.TAMPERED else excerpts
    ways = {leads_to(way): way for each in sound for way in each.ways}
    terms = {name: text for each in sound for name, text in each.terms.items()}
    return OpenedExcerpt(
        readers=tuple(reader for each in excerpts for reader in each.readers),
        report=report,
        terms={name: terms[name] for name in sorted(terms)},
        ways=tuple(ways[name] for name in sorted(ways)),
    )


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


async def _created_by(session: Session, view: DocumentView) -> tuple[TakenStep, RecordId]:
    """Find the step that created a document, and its record: from its id, and no other, that of the document follows.

    So the document's history is not walked, which grows with each receipt and each hold.
    """
    record = await first_record(session, view)
    for step in steps_of(record.record.body, record.id):
        if step.document == view.id and payload_named(step.body) is not None and kind_of(step.body).commits is not None:
            return step, bytes(record.id)
    raise BadAnswer(
        f"What the node gives as the first record of document {view.id.hex()} does not name its sealed file."
    )


def _committed(step: TakenStep) -> Committed:
    """Say what a step commits to that created a document."""
    commits = kind_of(step.body).commits
    assert commits is not None, "what names a payload commits to a document"
    commitment = commits.document(step.body)
    assert commitment is not None, "what names a payload commits to a file"
    return Committed(commitment=commitment, kind=commits.kind, header=commits.header(step.body, lambda _: None))
