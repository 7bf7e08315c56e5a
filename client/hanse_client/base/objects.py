"""Objects as they stand: a view for each kind, made of the parts of the state that a verified proof has shown."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import force_setattr

from hanse_client.base.printing import Printed, html_table, printed
from hanse_client.base.wording import aspect_rows
from hanse_ledger.kinds.certificate.state import Balance, CertificateLinks, CertificateQuery, CertificateStatus
from hanse_ledger.kinds.consignment.state import ConsignmentItems, ConsignmentLinks, ConsignmentWriters
from hanse_ledger.kinds.declaration.state import (
    Assessment,
    DeclarationLinks,
    DeclarationStatus,
    DeclaredLine,
    DeclaredValue,
    OpenQuery,
)
from hanse_ledger.kinds.document.state import (
    DocumentHold,
    DocumentLinks,
    DocumentReceipt,
    DocumentSeal,
    DocumentStatus,
)
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.invoice.state import (
    InvoiceAcceptance,
    InvoiceAmounts,
    InvoiceDates,
    InvoiceLinks,
    InvoicePledge,
    InvoiceStatus,
)
from hanse_ledger.kinds.mandate.state import MandateAmounts, MandateLinks, MandateScope, MandateStatus
from hanse_ledger.kinds.office.state import OfficeLinks, Officer, OfficeSettings
from hanse_ledger.kinds.order.state import OrderAmounts, OrderLinks
from hanse_ledger.kinds.party.state import PartyKey, PartyLinks, PartyStatus
from hanse_ledger.kinds.payment.state import PaymentAmounts, PaymentLinks, PaymentStatus
from hanse_ledger.kinds.pledge.state import PledgeAmounts, PledgeLinks, PledgeStatus
from hanse_ledger.kinds.shipment.state import ShipmentLinks, ShipmentStatus, ShippedPackages
from hanse_ledger.kinds.title.state import TitleDocument, TitleHolding, TitleLinks, TitleStatus
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId, RecordId


class ObjectView(Printed, frozen=True, kw_only=True):
    """An object as it stood at block time `as_of_ms`, decoded from a verified proof of status.

    What every object has; its other parts stand in the view of its kind, such as `InvoiceView`. `kind` is its kind in a
    word, `state` its status, as of the asker's present; `history` counts the records that touched it.
    `as_of_ms` is when a quorum last said so, in milliseconds since 1970, `size` the log's size then, in entries, and
    `vouchers` says whose signatures stand behind it.
    """

    kind: str
    id: ObjectId
    state: str
    history: History
    as_of_ms: Moment
    size: int
    vouchers: str

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            force_setattr(self, name, printed(getattr(self, name)))

    def _repr_html_(self) -> str:
        return html_table(type(self).__name__, object_rows(self))


class OfficeView(ObjectView, frozen=True, kw_only=True):
    """An office: whose it is, its officers with their keys and powers, and its settings.

    Its history are its acts; `inbox` counts what was addressed to it.
    """

    inbox: History
    links: OfficeLinks
    officers: tuple[Officer, ...]
    settings: OfficeSettings


class PartyView(ObjectView, frozen=True, kw_only=True):
    """A party: its keys now, the member with which it is, and what it may do from when until when."""

    key: PartyKey
    links: PartyLinks
    status: PartyStatus


class MandateView(ObjectView, frozen=True, kw_only=True):
    """A mandate: for how much, in minor units (cents), or nil; who signs for whom, what it covers, until when."""

    amounts: MandateAmounts | None
    links: MandateLinks
    scope: MandateScope
    status: MandateStatus


class InvoiceView(ObjectView, frozen=True, kw_only=True):
    """An invoice: what its buyer has accepted or nil, its money in minor units (cents), parties, pledge, and status."""

    acceptance: InvoiceAcceptance | None
    amounts: InvoiceAmounts
    dates: InvoiceDates
    links: InvoiceLinks
    pledge: InvoicePledge
    status: InvoiceStatus


class CertificateView(ObjectView, frozen=True, kw_only=True):
    """A certificate of origin, or an application for one: what is left of each line, in millionths of its unit.

    Besides its parties, what is asked about it and not answered, or nil, and its validity.
    """

    balances: tuple[Balance, ...]
    links: CertificateLinks
    query: CertificateQuery | None
    status: CertificateStatus


class DeclarationView(ObjectView, frozen=True, kw_only=True):
    """A customs declaration: the goods, in millionths of their units; who declares to whom; what customs says of it.

    Its last assessment, and the question that waits for an answer, are nil where there is none; so is `value`, what the
    goods of a low-value import are worth.
    """

    assessment: Assessment | None
    lines: tuple[DeclaredLine, ...]
    links: DeclarationLinks
    query: OpenQuery | None
    status: DeclarationStatus
    value: DeclaredValue | None


class OrderView(ObjectView, frozen=True, kw_only=True):
    """An order that a marketplace attests: for how much, in minor units (cents), and who ordered of whom."""

    amounts: OrderAmounts
    links: OrderLinks


class PaymentView(ObjectView, frozen=True, kw_only=True):
    """A payment: its money in minor units (cents) and what it pays, its parties and banks, and how far it has come."""

    amounts: PaymentAmounts
    links: PaymentLinks
    status: PaymentStatus


class ShipmentView(ObjectView, frozen=True, kw_only=True):
    """A shipment: who carries it from whom to whom, the packages with what is missing, and how far it has come."""

    links: ShipmentLinks
    packages: tuple[ShippedPackages, ...]
    status: ShipmentStatus


class PledgeView(ObjectView, frozen=True, kw_only=True):
    """A pledge: its money in minor units (cents), what is settled and paid out, its invoice and bank, if it stands."""

    amounts: PledgeAmounts
    links: PledgeLinks
    status: PledgeStatus


class TitleView(ObjectView, frozen=True, kw_only=True):
    """A title: the document in force, who holds it since when, on which shipment it is, its medium and its state."""

    document: TitleDocument
    holding: TitleHolding
    links: TitleLinks
    status: TitleStatus


class PutIn(Printed, frozen=True, kw_only=True):
    """What was put into a consignment: the object as it stands now, by which record, and when.

    `writer` is who put it in: a member's name, or a party's id as 64 digits.
    """

    item: ObjectView
    record_id: RecordId
    time_ms: Moment
    writer: str


class ConsignmentView(ObjectView, frozen=True, kw_only=True):
    """A consignment: how much is in it, who opened it under which UCR, and who writes into it beside the opener."""

    contents: ConsignmentItems
    links: ConsignmentLinks
    writers: ConsignmentWriters


class DocumentView(ObjectView, frozen=True, kw_only=True):
    """A document: its sealed file and copies for further readers, whose it is, who keeps it, and what readers sign.

    Readers are commitments: who is meant only those can tell who have what opens them.
    """

    grants: tuple[DocumentSeal, ...]
    holds: tuple[DocumentHold, ...]
    links: DocumentLinks
    receipts: tuple[DocumentReceipt, ...]
    seal: DocumentSeal
    status: DocumentStatus


VIEWS: Mapping[str, type[ObjectView]] = {
    "office": OfficeView,
    "party": PartyView,
    "mandate": MandateView,
    "invoice": InvoiceView,
    "certificate": CertificateView,
    "declaration": DeclarationView,
    "payment": PaymentView,
    "pledge": PledgeView,
    "order": OrderView,
    "shipment": ShipmentView,
    "title": TitleView,
    "consignment": ConsignmentView,
    "document": DocumentView,
}
"""The view of each kind of object."""

View = TypeVar("View", bound=ObjectView)


def view_of(kind: str, aspects: Mapping[str, Any], **common: Any) -> ObjectView:
    """Make the view of an object's kind from its aspects by name, and from what all views have."""
    return VIEWS[kind](kind=kind, **aspects, **common)


def kind_of(view: type[ObjectView]) -> str:
    """Name the kind of object that a view shows; `object` for the view of any."""
    return next((kind for kind, known in VIEWS.items() if known is view), "object")


def aspects_of(view: ObjectView) -> dict[str, object]:
    """Give the aspects of an object by name, in their order in the state."""
    own = set(view.__struct_fields__) - set(ObjectView.__struct_fields__)
    return {name: getattr(view, name) for name in sorted({*own, "history"})}


def object_rows(view: ObjectView) -> Iterator[tuple[str, str]]:
    """Write an object as names and values, its aspects last."""
    yield view.kind, view.id.hex()
    yield "state", view.state
    yield "as of", f"{moment_words(view.as_of_ms)}, {view.size} entries"
    yield "word of", view.vouchers
    yield from aspect_rows(aspects_of(view))
