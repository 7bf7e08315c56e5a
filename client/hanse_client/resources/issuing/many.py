"""What becomes of an invoice's file before it is registered: judged, committed to, written as a record; one or many."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from anyio import to_thread
from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, HanseError, InvalidInput, NearDuplicate, NotFound, Refused
from hanse_client.base.files import read_judged, read_source
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.views import Notice, Outcome, Receipt, Refusal
from hanse_client.exchange.nearduplicates import likeness_of, numbered_alike
from hanse_client.exchange.ownparties import meant_counterparty
from hanse_client.exchange.session import Session
from hanse_client.home.alike import KeptInvoice, Likeness
from hanse_client.home.openings import Opening, new_opening
from hanse_client.resources.issuing.manyreaders import ManyReaders, seal_file
from hanse_client.resources.issuing.manyrecords import TOGETHER, ToRegister, register_together
from hanse_client.resources.issuing.manytags import ManyTags
from hanse_client.resources.sharing.recipients import Recipient
from hanse_documents import Fault
from hanse_documents.checks.folding import bare_text
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, Tag
from hanse_ledger.kinds.object import created_id
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind

Answer = Receipt | Refusal | HanseError


class InvoiceToIssue(Struct, frozen=True, kw_only=True):
    """One invoice of many: its file, by path or as bytes, its buyer's party, and how messages call it.

    `share` names who shall be able to open this one besides those with whom all are shared: its buyer, mostly.
    """

    file: Path | str | bytes
    buyer: Id
    name: str = ""
    share: Sequence[Id] = ()


class _Prepared(Struct, frozen=True, kw_only=True):
    """An invoice that can be sent: what is kept of it, and what was found in it."""

    given: InvoiceToIssue
    document: InvoiceDocument
    body: IssueInvoice
    opening: Opening
    likeness: Likeness
    findings: tuple[Fault, ...]


async def issue_many(
    session: Session,
    invoices: Sequence[InvoiceToIssue],
    *,
    tags: ManyTags,
    readers: ManyReaders,
    discoverable: bool,
    unlike: bool,
    despite_findings: bool,
    after_part: Callable[[int], None] | None,
) -> list[Answer]:
    """Register many invoices: see `AsyncInvoices.issue_many`."""
    answers: list[Answer] = []
    await readers.named()  # who cannot be a reader of all is told before anything is sent
    for start in range(0, len(invoices), TOGETHER):
        part = invoices[start : start + TOGETHER]
        judge = partial(
            _judge, part, session, seller=tags.seller, discoverable=discoverable, despite_findings=despite_findings
        )
        prepared = await to_thread.run_sync(judge)
        try:
            answers += await _register(session, prepared, tags, readers, unlike=unlike)
        except HanseError as error:
            known = tuple(None if isinstance(each, HanseError) else each for each in answers)
            error.answers = (*known, *error.answers)
            raise
        if after_part is not None:
            after_part(len(answers))
    return answers


def _judge(
    part: Sequence[InvoiceToIssue], session: Session, *, seller: ObjectId, discoverable: bool, despite_findings: bool
) -> list[_Prepared | HanseError]:
    """Judge invoices one after the other; the rules take their time, in another process."""
    judged: list[_Prepared | HanseError] = []
    for each in part:
        try:
            meant_counterparty(session, each.buyer, "buyer")
            judged.append(_prepare(each, seller, discoverable=discoverable, despite_findings=despite_findings))
        except HanseError as error:  # what is wrong with one hinders no other
            judged.append(error)
    return judged


def _prepare(each: InvoiceToIssue, seller: ObjectId, *, discoverable: bool, despite_findings: bool) -> _Prepared:
    data, name = read_source(each.file)
    document, findings = read_judged(data, each.name or name, despite_findings=despite_findings)
    verify_kind(document)
    opening = new_opening(
        CommittedKind.INVOICE, data, terms(document), name=each.name or name, discoverable=discoverable
    )
    body = body_of(document, opening, seller=seller, buyer=parse_id(each.buyer, "buyer"))
    return _Prepared(
        given=each,
        document=document,
        body=body,
        opening=opening,
        likeness=likeness_of(body, document, data),
        findings=findings,
    )


async def _register(
    session: Session,
    prepared: Sequence[_Prepared | HanseError],
    tags: ManyTags,
    readers: ManyReaders,
    *,
    unlike: bool,
) -> list[Answer]:
    """Register what can be sent, each file once; one answer each, in order."""
    ledger = (await session.trust()).ledger
    answers: list[Answer | None] = [None] * len(prepared)
    files, numbers = dict[bytes, int](), dict[str, int]()
    ready = dict[int, ToRegister]()
    told = dict[int, tuple[Notice, ...]]()
    for place, each in enumerate(prepared):
        if isinstance(each, HanseError) or files.setdefault(each.likeness.file, place) != place:
            continue
        if unlike:
            second = numbers.setdefault(bare_text(each.likeness.number), place) != place
            answers[place] = await _alike(session, each, second)
        if answers[place] is None:
            try:
                tagged, told[place] = await _tagged(session, ledger, each, tags)
                ready[place] = await _shared(session, each, tags, await readers.named(each.given.share))
            except (InvalidInput, NotFound, Refused) as error:  # of this invoice: of the others it says nothing
                answers[place] = error
                continue
            keep = partial(_keep, session, ledger, each)
            ready[place] = replace(ready[place], body=tagged, keep=keep)
    try:
        registered = await register_together(session, list(ready.values()))
    except HanseError as error:
        known = dict(zip(ready, error.answers, strict=False))
        error.answers = tuple(known.get(place) for place in range(len(prepared)))
        raise
    for place, answer in zip(ready, registered, strict=True):
        if isinstance(answer, Receipt):
            answers[place] = replace(answer, warnings=(*told[place], *answer.warnings))
        else:
            answers[place] = answer
    return [_settled(place, prepared, answers, files) for place in range(len(prepared))]


async def _shared(session: Session, each: _Prepared, tags: ManyTags, readers: Sequence[Recipient]) -> ToRegister:
    """Say what is registered of an invoice, and how it is sealed where that is shared. Raises as `ManyTags.of`."""
    registered = ToRegister(body=each.body, opening=each.opening, keep=lambda _: None)
    if not readers:
        return registered
    identities = await tags.identities(each.body.buyer)
    seal = partial(seal_file, session, each.given.file, each.opening, readers, identities)
    return replace(registered, readers=frozenset(reader.reader for reader in readers), seal=seal)


async def _tagged(
    session: Session, ledger: bytes, each: _Prepared, tags: ManyTags
) -> tuple[IssueInvoice, tuple[Notice, ...]]:
    """Say what registers an invoice, with its tags. Raises as `ManyTags.of`."""
    kept = session.registered.find(ledger, each.body.seller, each.opening)
    made, notices = await tags.of(each.document, each.body.buyer, kept[0] if len(kept) == 1 else None)
    return replace(each.body, tags=made), notices


def _settled(
    place: int, prepared: Sequence[_Prepared | HanseError], answers: Sequence[Answer | None], files: dict[bytes, int]
) -> Answer:
    """Give the answer to one of many; to a file that was given before, that of the first."""
    each, answer = prepared[place], answers[place]
    if isinstance(each, HanseError):
        return each
    first = files[each.likeness.file]
    if first == place:
        assert answer is not None, "each was answered"
        return replace(answer, findings=each.findings) if isinstance(answer, Receipt) else answer
    other, before = prepared[first], answers[first]
    assert isinstance(other, _Prepared), "what has a digest was read"
    assert before is not None, "each was answered"
    if other.body.buyer != each.body.buyer:
        return DocumentError("The same file stands here before, for another buyer.", "An invoice has one buyer.")
    return replace(before, outcome=Outcome.EXISTS) if isinstance(before, Receipt) else before


async def _alike(session: Session, each: _Prepared, is_second: bool) -> HanseError | None:
    """Say why an invoice is not sent: another one of its number stands, or is sent with it."""
    number = each.likeness.number
    if is_second:
        return DocumentError(
            f"Another invoice that goes with this one has the number {number} too.",
            "Nothing was sent of this one. If both are meant, say so: --again, or leave out unlike=True.",
            field="BT-1",
            seen=number,
            wanted="each number once",
        )
    ledger = (await session.trust()).ledger
    if session.registered.find(ledger, each.body.seller, each.opening):
        return None  # the very file was sent before: what it looks like was told then
    alike = await numbered_alike(session, ledger, each.likeness)
    return NearDuplicate(alike) if alike else None


def _keep(session: Session, ledger: bytes, each: _Prepared, signed: Signed) -> None:
    kept = KeptInvoice(likeness=each.likeness, object=created_id(signed.id), record=signed.id)
    session.alike.keep(ledger, kept)


def body_of(
    document: InvoiceDocument,
    opening: Opening,
    *,
    seller: ObjectId,
    buyer: ObjectId,
    tags: Sequence[Tag] = (),
    consignment: ObjectId | None = None,
) -> IssueInvoice:
    """Write what registers an invoice: its header, and the commitment to the rest."""
    header = header_of(CommittedKind.INVOICE, opening.terms, document.exponent)
    return IssueInvoice(
        buyer=buyer,
        consignment=consignment,
        currency=header["/currency"],
        document=opening.commitment(),
        due=header.get("/due"),
        issued=header["/issued"],
        minor_digits=document.exponent,
        payable_minor=header["/payable_minor"],
        payload=None,
        seller=seller,
        tags=tuple(tags),
        type_code=header["/type_code"],
    )


def verify_kind(document: InvoiceDocument) -> None:
    """Insist that a document asks for money, or for none. Raises DocumentError."""
    if document.type_code in CREDIT_CODES:
        raise DocumentError(
            f"This is a credit note: its type (BT-3) is {document.type_code}.",
            "It lowers the invoice that it corrects: hanse invoice credit ID FILE, invoices.credit(id, file).",
            field="BT-3",
            seen=document.type_code,
            wanted="an invoice's type, such as 380",
        )
    if document.payable_minor < 0:
        payable = money_text(document.payable_minor, document)
        raise DocumentError(
            f"BT-115, the amount payable, is below zero: {payable}.",
            "Credit the invoice that it corrects (invoice credit), or cancel it and issue one of all payable.",
            field="BT-115",
            seen=payable,
            wanted=f"{money_text(0, document)} or more",
        )
