"""What a consignment holds, and who has a part in each: those in whose lists it stands."""

from collections.abc import Callable, Mapping
from typing import Any

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.order.state import Order
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.pledge.state import Pledge
from hanse_ledger.kinds.shipment.state import Shipment
from hanse_ledger.kinds.title.state import Title
from hanse_ledger.values.types import MemberId, ObjectId

Parts = tuple[ObjectId | MemberId | None, ...]


def _certificate(value: Certificate) -> Parts:
    return (value.links.exporter, value.links.consignee, value.links.issuer)


def _declaration(value: Declaration) -> Parts:
    return (value.links.declarant, value.links.principal, value.links.customs)


def _invoice(value: Invoice) -> Parts:
    return (value.links.seller, value.links.buyer)


def _order(value: Order) -> Parts:
    return (value.links.buyer, value.links.seller, value.links.marketplace)


def _payment(value: Payment) -> Parts:
    # A bank that is no member is named by its BIC, which no member's name is.
    return (value.links.payer, value.links.payee, value.links.payer_bank, value.links.payee_bank)


def _pledge(value: Pledge) -> Parts:
    return (value.links.seller, value.links.bank)


def _shipment(value: Shipment) -> Parts:
    return (value.links.carrier, value.links.consignor, value.links.consignee)


def _title(value: Title) -> Parts:
    return (value.links.carrier, value.holding.holder)


PARTS: Mapping[type[Object], Callable[[Any], Parts]] = {
    Certificate: _certificate,
    Declaration: _declaration,
    Invoice: _invoice,
    Order: _order,
    Payment: _payment,
    Pledge: _pledge,
    Shipment: _shipment,
    Title: _title,
}
"""By the class of each that a consignment holds. A test compares it with the rows' lists, which no verifier has."""
