"""Documents: who is let in, who signs for it, who orders that it be kept, and when it may be erased."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_RESERVED
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.common import Context, Signers, find, find_member, require, require_alone
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.declaration.state import COUNTED, UNDECIDED, Declaration
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.enclosing import require_new, seal_of
from hanse_ledger.kinds.document.payload import commit_reader
from hanse_ledger.kinds.document.refusals import (
    DECLARATION_DIFFERS,
    DECLARATION_UNDECIDED,
    DECLARATIONS_MISSING,
    DECLARATIONS_NOT_SORTED,
    DOCUMENT_ERASED,
    DOCUMENT_HELD,
    DOCUMENT_UNKNOWN,
    HELD_ALREADY,
    HELD_TOO_OFTEN,
    NOT_HELD,
    NOT_OWNER,
    NOT_READER,
    READER_UNCLEAR,
    READER_UNKNOWN,
    RECEIPT_NOT_LATER,
    TOO_MANY_READERS,
)
from hanse_ledger.kinds.document.state import (
    Document,
    DocumentHold,
    DocumentReceipt,
    DocumentState,
    DocumentStatus,
    ReceiptStage,
)
from hanse_ledger.kinds.invoice.refusals import INVOICE_PAYMENT_UNDER_WAY, INVOICE_PLEDGED
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.office.rules import office_of
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, MemberId, ObjectId, Salt
from hanse_ledger.wire.membership import MemberRole

STAGES = (ReceiptStage.DELIVERED, ReceiptStage.RETRIEVED, ReceiptStage.ACCEPTED)
"""In the order in which a reader comes to them."""

HOLDING = (MemberRole.BANK, MemberRole.CUSTOMS)
"""Whose offices may order that a document be kept."""


def grant_document(state: StateView, body: GrantDocument, signers: Signers, _: Context) -> Delta:
    """A-1. The owner lets further readers open a document: a copy is sealed to them."""
    document = find_document(state, body.document)
    _require_owner(document, signers)
    _require_there(document)
    require_new(state, body.payload)
    count = len(_readers(document)) + len(body.payload.readers)
    require(
        count <= limits.DOCUMENT_READERS,
        TOO_MANY_READERS,
        "/body/payload/readers",
        seen=count,
        wanted=f"at most {limits.DOCUMENT_READERS}",
    )

    # From here the grant must succeed.
    granted = replace(document, grants=(*document.grants, seal_of(body.payload)))
    return Delta(objects=(granted,), claims={payload_claim(body.payload.hash): document.id})


def receive_document(state: StateView, body: ReceiveDocument, signers: Signers, _: Context) -> Delta:
    """A-2. A reader says how far it has come with a document, each time further than before."""
    document = find_document(state, body.document)
    reader = body.reader_party if body.reader_member is None else body.reader_member
    require((body.reader_member is None) != (body.reader_party is None), READER_UNCLEAR, "/body/reader_party")
    assert reader is not None
    require_alone(signers, reader, NOT_READER)
    commitment = _require_reader(state, document, reader, body.salt)
    _require_there(document)
    before = next((receipt.stage for receipt in document.receipts if receipt.reader == commitment), None)
    require(
        before is None or STAGES.index(before) < STAGES.index(body.stage),
        RECEIPT_NOT_LATER,
        "/body/stage",
        seen=body.stage,
        wanted=f"later than {before}",
    )

    # From here the receipt must stand.
    others = (receipt for receipt in document.receipts if receipt.reader != commitment)
    receipts = (*others, DocumentReceipt(reader=commitment, stage=body.stage))
    return Delta(objects=(replace(document, receipts=tuple(sorted(receipts, key=lambda each: each.reader))),))


def hold_document(state: StateView, body: HoldDocument, signers: Signers, _: Context) -> Delta:
    """A-3. A customs authority or a bank whose office can open a document orders that it be kept."""
    document = find_document(state, body.document)
    require_alone(signers, body.office, NOT_READER)
    member = find_member(state, body.office, None, "/body/office")
    require(
        any(role in member.roles for role in HOLDING),
        MEMBER_LACKS_ROLE,
        "/body/office",
        seen=", ".join(member.roles),
        wanted=" or ".join(HOLDING),
    )
    _require_reader(state, document, body.office, body.salt)
    _require_there(document)
    held = next((hold for hold in document.holds if hold.office == body.office), None)
    require(held is None or not held.standing, HELD_ALREADY, "/body/office", seen=body.office)
    times = 0 if held is None else held.times
    require(times < limits.HOLDS, HELD_TOO_OFTEN, "/body/office", seen=times, wanted=f"at most {limits.HOLDS}")

    # From here the document must be kept.
    return _with_hold(document, DocumentHold(office=body.office, standing=True, times=times + 1))


def unhold_document(state: StateView, body: UnholdDocument, signers: Signers, _: Context) -> Delta:
    """A-4. An office lets go of a document that it had ordered to be kept."""
    document = find_document(state, body.document)
    require_alone(signers, body.office, NOT_READER)
    held = next((hold for hold in document.holds if hold.office == body.office and hold.standing), None)
    require(held is not None, NOT_HELD, "/body/office", seen=body.office)
    assert held is not None

    # From here the office must let go.
    return _with_hold(document, replace(held, standing=False))


def erase_document(state: StateView, body: EraseDocument, signers: Signers, _: Context) -> Delta:
    """A-5. The owner has a document erased on which nothing depends that is not decided."""
    document = find_document(state, body.document)
    _require_owner(document, signers)
    _require_there(document)
    # A member that has left can let go of nothing, and holds nothing any more.
    held = [hold.office for hold in document.holds if hold.standing and state.membership.member(hold.office)]
    require(not held, DOCUMENT_HELD, "/body/document", seen=", ".join(held))
    belongs_to = state.object(document.links.belongs_to)
    if isinstance(belongs_to, Invoice):
        _require_settled(belongs_to)
    if isinstance(belongs_to, Certificate):
        reserved = any(balance.reserved_micro for balance in belongs_to.balances)
        require(not reserved, CERTIFICATE_RESERVED, "/body/document", seen=belongs_to.id)
    counted = belongs_to.links.declarations if isinstance(belongs_to, Invoice) else 0
    _require_decided(state, body.declarations, document.links.belongs_to, counted)

    # From here the document must go; what its records say stands.
    return Delta(objects=(replace(document, status=DocumentStatus(state=DocumentState.ERASED)),))


def _require_settled(invoice: Invoice) -> None:
    """Refuse while a bank has the invoice in pledge, or a payment of it is under way: both may have to look into it."""
    pledge, under_way = invoice.pledge.pledged_by, invoice.amounts.under_way_minor
    require(pledge is None, INVOICE_PLEDGED, "/body/document", seen=pledge or "")
    require(under_way == 0, INVOICE_PAYMENT_UNDER_WAY, "/body/document", seen=under_way, wanted=0)


def _require_decided(state: StateView, named: tuple[ObjectId, ...], invoice: ObjectId, counted: int) -> None:
    """Refuse unless these are all declarations that count on an invoice, and each of them is decided."""
    require(list(named) == sorted(set(named)), DECLARATIONS_NOT_SORTED, "/body/declarations")
    for place, name in enumerate(named):
        pointer = f"/body/declarations/{place}"
        declaration = find(state, name, Declaration, DECLARATION_UNKNOWN, pointer)
        present = declaration.status.state
        counts = invoice in declaration.links.invoices and present in COUNTED
        require(counts, DECLARATION_DIFFERS, pointer, seen=present)
        require(present not in UNDECIDED, DECLARATION_UNDECIDED, pointer, seen=present)
    # Each counts once, so that there are not more; of what a file shows of an invoice beside the count may be less.
    require(len(named) >= counted, DECLARATIONS_MISSING, "/body/declarations", seen=len(named), wanted=counted)


def find_document(state: StateView, object_id: ObjectId) -> Document:
    """Find a document, or refuse."""
    return find(state, object_id, Document, DOCUMENT_UNKNOWN, "/body/document")


def _require_owner(document: Document, signers: Signers) -> None:
    links = document.links
    owner = links.owner_party if links.owner_member is None else links.owner_member
    assert owner is not None, "a document is a party's or a member's"
    require_alone(signers, owner, NOT_OWNER)


def _require_there(document: Document) -> None:
    present = document.status.state
    require(present is not DocumentState.ERASED, DOCUMENT_ERASED, "/body/document", seen=present)


def _readers(document: Document) -> tuple[Digest, ...]:
    """List the commitments to all who can open a document."""
    return tuple(reader for seal in (document.seal, *document.grants) for reader in seal.readers)


def _require_reader(state: StateView, document: Document, reader: ObjectId | MemberId, salt: Salt) -> Digest:
    """Refuse whoever the document was not sealed to; give the commitment to it: to a party, or to a member's office."""
    office = office_of(state, reader) if isinstance(reader, str) else None
    name = reader if isinstance(reader, bytes) else b"" if office is None else office.id
    commitment = commit_reader(name, salt)
    require(name != b"" and commitment in _readers(document), READER_UNKNOWN, "/body/salt", seen=reader)
    return commitment


def _with_hold(document: Document, hold: DocumentHold) -> Delta:
    others = (each for each in document.holds if each.office != hold.office)
    holds = tuple(sorted((*others, hold), key=lambda each: each.office))
    held = any(each.standing for each in holds)
    present = document.status.state
    state = present if present is DocumentState.ERASED else DocumentState.HELD if held else DocumentState.SEALED
    return Delta(objects=(replace(document, holds=holds, status=DocumentStatus(state=state)),))
