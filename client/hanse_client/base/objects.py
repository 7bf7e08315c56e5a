"""Objects as they stand: a view for each kind, made of the parts of the state that a verified proof has shown."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import force_setattr

from hanse_client.base.printing import Printed, html_table, printed
from hanse_client.base.wording import aspect_rows
from hanse_ledger.kinds.certificate.state import Balance, CertificateLinks, CertificateStatus
from hanse_ledger.kinds.declaration.bodies import DeclarationLine
from hanse_ledger.kinds.declaration.state import DeclarationLinks, DeclarationStatus
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.invoice.state import InvoiceAmounts, InvoiceLinks, InvoiceStatus
from hanse_ledger.kinds.party.state import PartyKey, PartyLinks, PartyStatus
from hanse_ledger.kinds.payment.state import PaymentAmounts, PaymentLinks, PaymentStatus
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId


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


class PartyView(ObjectView, frozen=True, kw_only=True):
    """A party: its keys now, the member with which it is, and what it may do from when until when."""

    key: PartyKey
    links: PartyLinks
    status: PartyStatus


class InvoiceView(ObjectView, frozen=True, kw_only=True):
    """An invoice: its money in minor units (cents), its parties, the pledge on it or nil, and its status."""

    amounts: InvoiceAmounts
    links: InvoiceLinks
    pledge: ObjectId | None
    status: InvoiceStatus


class CertificateView(ObjectView, frozen=True, kw_only=True):
    """A certificate of origin: what is left of each line, in millionths of its unit; its parties, and its validity."""

    balances: tuple[Balance, ...]
    links: CertificateLinks
    status: CertificateStatus


class DeclarationView(ObjectView, frozen=True, kw_only=True):
    """A customs declaration: the goods, in millionths of their units; who declares to whom, what customs decided."""

    lines: tuple[DeclarationLine, ...]
    links: DeclarationLinks
    status: DeclarationStatus


class PaymentView(ObjectView, frozen=True, kw_only=True):
    """A payment: its money in minor units (cents) and what it pays, its parties and banks, and how far it has come."""

    amounts: PaymentAmounts
    links: PaymentLinks
    status: PaymentStatus


VIEWS: Mapping[str, type[ObjectView]] = {
    "party": PartyView,
    "invoice": InvoiceView,
    "certificate": CertificateView,
    "declaration": DeclarationView,
    "payment": PaymentView,
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
