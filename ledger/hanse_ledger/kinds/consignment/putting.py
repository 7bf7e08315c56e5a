"""Putting what a record creates into a consignment by that same record, whatever its kind."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate, IssueCertificate, ReplaceCertificate
from hanse_ledger.kinds.common import Context, find, require
from hanse_ledger.kinds.consignment.items import Parts
from hanse_ledger.kinds.consignment.refusals import CONSIGNMENT_FULL, CONSIGNMENT_UNKNOWN, NOT_WRITER
from hanse_ledger.kinds.consignment.rules import writes
from hanse_ledger.kinds.consignment.state import Consignment, ConsignmentItems
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.payment.bodies import InstructPayment
from hanse_ledger.kinds.pledge.bodies import CreatePledge
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import IssueTitle
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_ledger.wire.part import Body

FOLDER = "/body/consignment"
"""Where a record of any kind names the consignment; so whatever is refused there breaks U-3."""

MAKERS: Mapping[type[Body], Callable[[Any, Any], Parts]] = {
    ApplyForCertificate: lambda body, _: (body.exporter,),
    AttestOrder: lambda body, _: (body.marketplace,),
    CreatePledge: lambda body, links: (body.bank, links.seller),
    DispatchShipment: lambda body, _: (body.carrier,),
    InstructPayment: lambda body, _: (body.payer,),
    IssueCertificate: lambda body, _: (body.issuer,),
    IssueInvoice: lambda body, _: (body.seller,),
    IssueTitle: lambda _, links: (links.carrier,),
    LodgeDeclaration: lambda body, _: (body.declarant, body.principal),
    ReplaceCertificate: lambda _, links: (links.issuer,),
}
"""Whose signatures the rule of each kind asks for that creates what a consignment holds: from the body, and from those
links of what it creates that nothing changes. A test compares the kinds with the rows, which no verifier has."""


def folder_named(body: Body) -> ObjectId | None:
    """Name the consignment into which a body puts what it creates; nil where it names none, or may not name one."""
    folder: ObjectId | None = getattr(body, "consignment") if type(body) in MAKERS else None  # noqa: B009 (all have it)
    return folder


def makers_of(body: Body, links: Any) -> list[MemberId | ObjectId]:
    """Name who makes what a body creates, of which these are the links: whoever the rule of its kind has sign."""
    makers = MAKERS[type(body)]
    return [name for name in makers(body, links) if name is not None]


def put_in(state: StateView, body: Body, context: Context, delta: Delta) -> Delta:
    """U-3. Who makes something puts it into a consignment by the record that does, where it writes into that."""
    folder = folder_named(body)
    if folder is None:
        return delta
    consignment = find(state, folder, Consignment, CONSIGNMENT_UNKNOWN, FOLDER)
    item: Any = next(value for value in delta.objects if value.id == context.creates)
    makers = makers_of(body, item.links)
    require(
        any(writes(consignment.links, consignment.writers, name) for name in makers),
        NOT_WRITER,
        FOLDER,
        seen=lambda: ", ".join(name.hex() if isinstance(name, bytes) else name for name in makers),
    )
    items = consignment.contents.items
    require(items < limits.ITEMS, CONSIGNMENT_FULL, FOLDER, seen=items, wanted=limits.ITEMS)

    # From here the addition must succeed.
    fuller = replace(consignment, contents=ConsignmentItems(items=items + 1))
    return Delta(objects=(*delta.objects, fuller), inboxes=delta.inboxes, claims=delta.claims)
