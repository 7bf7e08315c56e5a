"""Creating the document whose payload a record names, by that same record, whatever its kind."""

from collections.abc import Callable, Mapping
from typing import Any

from hanse_ledger.kinds.certificate.bodies import (
    ApplyForCertificate,
    GrantCertificate,
    IssueCertificate,
    ReplaceCertificate,
)
from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.common import Context, require
from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.kinds.document.refusals import PAYLOAD_TAKEN, READERS_NOT_SORTED
from hanse_ledger.kinds.document.state import Document, DocumentLinks, DocumentSeal, DocumentState, DocumentStatus
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import CreditInvoice, IssueInvoice
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.kinds.payment.banks import confirms
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, CorrectPayment
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import AmendTitle, ConvertTitle, IssueTitle
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_ledger.wire.part import Body

SEALED = "/body/payload"
"""Where a record of any kind names the sealed file; so whatever is refused there breaks A-6."""

OWNERS: Mapping[type[Body], Callable[[Any], ObjectId | MemberId]] = {
    AmendTitle: lambda links: links.carrier,
    ApplyForCertificate: lambda links: links.exporter,
    ConfirmPayment: confirms,
    ConvertTitle: lambda links: links.carrier,
    CorrectPayment: confirms,
    CreditInvoice: lambda links: links.seller,
    DispatchShipment: lambda links: links.carrier,
    GrantCertificate: lambda links: links.issuer,
    IssueCertificate: lambda links: links.issuer,
    IssueInvoice: lambda links: links.seller,
    IssueTitle: lambda links: links.carrier,
    ReplaceCertificate: lambda links: links.issuer,
}
"""Whose the document is, of each kind that commits to a file: from the links of what the document belongs to. A test
compares the kinds with the rows, which no verifier has."""


def payload_named(body: Body) -> Payload | None:
    """Give the payload of a body by which it creates a document; nil where it names none, or may not name one."""
    payload: Payload | None = getattr(body, "payload") if type(body) in OWNERS else None  # noqa: B009 (all have it)
    return payload


def seal_of(payload: Payload) -> DocumentSeal:
    """Write a payload as it stands in the state."""
    return DocumentSeal(hash=payload.hash, readers=payload.readers, size=payload.size)


def require_new(state: StateView, payload: Payload) -> None:
    """Refuse a payload whose readers stand out of order, or that is another document's."""
    require(list(payload.readers) == sorted(set(payload.readers)), READERS_NOT_SORTED, f"{SEALED}/readers")
    claim = payload_claim(payload.hash)
    require(state.claim(claim) is None, PAYLOAD_TAKEN, f"{SEALED}/hash", seen=payload.hash)


def with_document(state: StateView, kind: Kind[Any], body: Body, context: Context, delta: Delta) -> Delta:
    """A-6. A record that names a payload creates the document of it, which belongs to what the record is about."""
    payload = payload_named(body)
    if payload is None:
        return delta
    require_new(state, payload)

    # From here the creation must succeed.
    name = context.creates if kind.creates else kind.about(body)
    belongs_to: Any = next(value for value in delta.objects if value.id == name)
    owner_in = OWNERS[type(body)]
    owner = owner_in(belongs_to.links)
    document = Document(
        id=context.document,
        seed=context.seed,
        grants=(),
        history=NO_HISTORY,
        holds=(),
        links=DocumentLinks(
            belongs_to=belongs_to.id,
            owner_member=None if isinstance(owner, bytes) else owner,
            owner_party=owner if isinstance(owner, bytes) else None,
        ),
        receipts=(),
        seal=seal_of(payload),
        status=DocumentStatus(state=DocumentState.SEALED),
    )
    claims = {**delta.claims, payload_claim(payload.hash): document.id}
    return Delta(objects=(*delta.objects, document), inboxes=delta.inboxes, claims=claims)
