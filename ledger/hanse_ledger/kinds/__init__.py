"""The front page: everything that can be written, and everything that stands in the state. One line an object.

A kind of record is a row (see `kind.Kind`): its name, its rule, its body and whatever else Hanse must know of it.
Fields of bodies stand in byte order of their names, because that is the order of canonical bytes. Amounts are minor
units, quantities millionths of a unit, times milliseconds.
"""

from typing import Any

from hanse_ledger.kinds.bundle import invariants as of_bundles
from hanse_ledger.kinds.bundle import rows as bundle
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import TakenStep, steps_taken
from hanse_ledger.kinds.certificate import invariants as of_certificates
from hanse_ledger.kinds.certificate import rows as certificate
from hanse_ledger.kinds.consignment import invariants as of_consignments
from hanse_ledger.kinds.consignment import rows as consignment
from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.consignment.putting import folder_named
from hanse_ledger.kinds.declaration import invariants as of_declarations
from hanse_ledger.kinds.declaration import rows as declaration
from hanse_ledger.kinds.document import invariants as of_documents
from hanse_ledger.kinds.document import rows as document
from hanse_ledger.kinds.document.enclosing import payload_named
from hanse_ledger.kinds.evidence import invariants as of_evidence
from hanse_ledger.kinds.evidence import rows as evidence
from hanse_ledger.kinds.invoice import invariants as of_invoices
from hanse_ledger.kinds.invoice import rows as invoice
from hanse_ledger.kinds.kind import Kind, ObjectType
from hanse_ledger.kinds.mandate import invariants as of_mandates
from hanse_ledger.kinds.mandate import rows as mandate
from hanse_ledger.kinds.member import invariants as of_members
from hanse_ledger.kinds.member import rows as member
from hanse_ledger.kinds.object import Object, created_id, document_id
from hanse_ledger.kinds.office import invariants as of_offices
from hanse_ledger.kinds.office import rows as office
from hanse_ledger.kinds.order import invariants as of_orders
from hanse_ledger.kinds.order import rows as order
from hanse_ledger.kinds.party import invariants as of_parties
from hanse_ledger.kinds.party import rows as party
from hanse_ledger.kinds.payment import invariants as of_payments
from hanse_ledger.kinds.payment import rows as payment
from hanse_ledger.kinds.pledge import invariants as of_pledges
from hanse_ledger.kinds.pledge import rows as pledge
from hanse_ledger.kinds.reached import Invariants
from hanse_ledger.kinds.shipment import invariants as of_shipments
from hanse_ledger.kinds.shipment import rows as shipment
from hanse_ledger.kinds.title import invariants as of_titles
from hanse_ledger.kinds.title import rows as title
from hanse_ledger.values.types import MemberId, ObjectId, RecordId
from hanse_ledger.wire.part import Body, Commitment

KINDS: tuple[Kind[Any], ...] = (
    *member.KINDS,
    *office.KINDS,
    *party.KINDS,
    *mandate.KINDS,
    *invoice.KINDS,
    *certificate.KINDS,
    *declaration.KINDS,
    *payment.KINDS,
    *pledge.KINDS,
    *evidence.KINDS,
    *order.KINDS,
    *shipment.KINDS,
    *title.KINDS,
    *consignment.KINDS,
    *document.KINDS,
    *bundle.KINDS,
)
"""Every kind of record, in the order of the rules."""

OBJECTS: tuple[ObjectType[Any], ...] = (
    office.OFFICE,
    party.PARTY,
    mandate.MANDATE,
    invoice.INVOICE,
    certificate.CERTIFICATE,
    declaration.DECLARATION,
    payment.PAYMENT,
    pledge.PLEDGE,
    order.ORDER,
    shipment.SHIPMENT,
    title.TITLE,
    consignment.CONSIGNMENT,
    document.DOCUMENT,
)
"""Every kind of object."""

INVARIANTS: tuple[Invariants, ...] = (
    of_members.INVARIANTS,
    of_offices.INVARIANTS,
    of_parties.INVARIANTS,
    of_mandates.INVARIANTS,
    of_invoices.INVARIANTS,
    of_certificates.INVARIANTS,
    of_declarations.INVARIANTS,
    of_payments.INVARIANTS,
    of_pledges.INVARIANTS,
    of_evidence.INVARIANTS,
    of_orders.INVARIANTS,
    of_shipments.INVARIANTS,
    of_titles.INVARIANTS,
    of_consignments.INVARIANTS,
    of_documents.INVARIANTS,
    of_bundles.INVARIANTS,
)
"""What every reachable state satisfies (see `blocks.invariants`)."""


_OWN_ALONE: tuple[ObjectType[Any] | None, ...] = (None, office.OFFICE, party.PARTY, mandate.MANDATE)
"""Of these only who they belong to speaks: no mandate covers their records, nor those of members and evidence."""

COVERABLE = frozenset(kind.name for kind in KINDS if kind.object not in _OWN_ALONE) - {document.ERASE.name}
"""What mandates may cover. What has been erased is gone: that the owner signs itself."""

PAIRED = (
    frozenset(kind.name for kind in KINDS if kind.powers)
    | frozenset(kind.name for kind in office.KINDS if not kind.creates)
    | COVERABLE
)
"""What offices may put under four eyes: what officers sign, under mandates too, and what is recorded of the office."""

MEMBER_KINDS = frozenset(kind.name for kind in member.KINDS)
"""What changes the members."""

KIND_NAMED: dict[str, Kind[Any]] = {kind.name: kind for kind in KINDS}
OBJECT_NAMED: dict[str, ObjectType[Any]] = {object_type.name: object_type for object_type in OBJECTS}

_KIND_OF: dict[type[Body], Kind[Any]] = {kind.body: kind for kind in KINDS}
_TYPE_OF: dict[type[Object], ObjectType[Any]] = {object_type.state: object_type for object_type in OBJECTS}


def kind_of(body: Body) -> Kind[Any]:
    """Give the row of a record's kind."""
    return _KIND_OF[type(body)]


def type_of(value: Object) -> ObjectType[Any]:
    """Give the row of an object's kind."""
    return _TYPE_OF[type(value)]


def references(body: Body) -> tuple[ObjectId, ...]:
    """List the ids of all objects that a body names, sorted, each once."""
    return tuple(sorted({name for name in kind_of(body).references(body) if name is not None}))


def addressed(body: Body) -> tuple[MemberId, ...]:
    """Name the members to whose offices a body is addressed, sorted, each once."""
    return tuple(sorted(set(kind_of(body).addresses(body))))


def steps_of(body: Body, record: RecordId) -> tuple[TakenStep, ...]:
    """Give what a record does, step by step: one step, and of a bundle all, with the ids that follow from its own."""
    if isinstance(body, TakeSteps):
        return steps_taken(body, record)
    return (TakenStep(body, created_id(record), document_id(record)),)


def put_into(body: Body) -> ObjectId | None:
    """Name the consignment into which a step puts something, what stands or what it creates; nil where into none."""
    if isinstance(body, AddToConsignment):
        return None if body.item is None else body.consignment
    return folder_named(body)


def document_of(body: Body) -> Commitment | None:
    """Give the commitment to a document's file in the body of a step, or of a record of one; nil where it has none."""
    commits = kind_of(body).commits
    return None if commits is None else commits.document(body)


def documents_of(body: Body) -> tuple[Commitment, ...]:
    """Give the commitments to documents' files in a record, in the order of its steps."""
    bodies = [step.body for step in body.steps] if isinstance(body, TakeSteps) else [body]
    found = [document_of(each) for each in bodies]
    return tuple(document for document in found if document is not None)


def created_by(step: TakenStep) -> tuple[ObjectId, ...]:
    """Name what a step creates: the object of its kind, where it does, and the document whose payload it names."""
    kind = kind_of(step.body)
    documents = () if payload_named(step.body) is None else (step.document,)
    return ((step.creates,) if kind.creates else ()) + documents


def own_objects(body: Body, record: RecordId) -> tuple[ObjectId, ...]:
    """Name the objects whose own record this is: the one that it creates, then the one that it is about; mostly one.

    Last comes the document whose payload it names.

    An object's own records are those that make it what it is; others only name it, and add to its sums. Of a bundle it
    is what its steps create and are about, each once.
    """
    return tuple(dict.fromkeys(name for step in steps_of(body, record) for name in objects_of_step(step)))


def objects_of_step(step: TakenStep) -> tuple[ObjectId, ...]:
    """Name the objects whose own record a step is: what it creates, then what it is about, then its document."""
    kind = kind_of(step.body)
    about = kind.about(step.body)
    documents = () if payload_named(step.body) is None else (step.document,)
    return ((step.creates,) if kind.creates else ()) + ((about,) if about is not None else ()) + documents


def own_object(body: Body, record: RecordId) -> ObjectId | None:
    """Name the first object whose own record this is, as `own_objects` has them; nil for none."""
    return next(iter(own_objects(body, record)), None)
