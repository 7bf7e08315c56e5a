"""The steps of bundles: which kinds they may be of, how a step names what one before it creates, and its ids."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

from hanse_ledger.kinds.bundle.bodies import BundleStep, TakeSteps
from hanse_ledger.kinds.certificate import rows as certificate
from hanse_ledger.kinds.consignment import rows as consignment
from hanse_ledger.kinds.declaration import rows as declaration
from hanse_ledger.kinds.document import rows as document
from hanse_ledger.kinds.invoice import rows as invoice
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.kinds.object import created_id, document_id
from hanse_ledger.kinds.order import rows as order
from hanse_ledger.kinds.payment import rows as payment
from hanse_ledger.kinds.pledge import rows as pledge
from hanse_ledger.kinds.shipment import rows as shipment
from hanse_ledger.kinds.title import rows as title
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.part import Body, Part

BUNDLED: tuple[Kind[Any], ...] = (
    *invoice.KINDS,
    *certificate.KINDS,
    *declaration.KINDS,
    *payment.KINDS,
    *pledge.KINDS,
    *order.KINDS,
    *shipment.KINDS,
    *title.KINDS,
    *consignment.KINDS,
    *document.KINDS,
)
"""What a step may be: whatever is recorded of goods, papers and money. Who speaks for whom is settled before, alone."""

BUNDLED_NAMED: dict[str, Kind[Any]] = {kind.name: kind for kind in BUNDLED}

_ROW_OF: dict[type[Body], Kind[Any]] = {kind.body: kind for kind in BUNDLED}

_CREATED = bytes(28)
"""How an id begins that names what a step creates; the step's number follows, 4 bytes big-endian."""


class TakenStep(Struct, frozen=True, gc=False):
    """What a record does, one step of it: the body with ids in it, and the ids of what it may create."""

    body: Body
    creates: ObjectId
    document: ObjectId


def row_of(body: Body) -> Kind[Any]:
    """Give the row of a step's kind."""
    return _ROW_OF[type(body)]


def created_by_step(place: int) -> ObjectId:
    """Name, within a bundle, what the step at a place creates, counted from 0."""
    return _CREATED + place.to_bytes(4, "big")


def step_named(object_id: ObjectId) -> int | None:
    """Give the place of the step whose object an id within a bundle names; nil for an object's own id."""
    return int.from_bytes(object_id, "big") if object_id.startswith(_CREATED) else None


def step_refs(body: Body) -> tuple[ObjectId, ...]:
    """List the ids of all objects that a step names, sorted, each once, but for what other steps create."""
    named = {name for name in row_of(body).references(body) if name is not None}
    return tuple(sorted(name for name in named if step_named(name) is None))


def step_of(body: Body) -> BundleStep:
    """Put a body into a step; kind, version and refs follow from the body."""
    return BundleStep(body=body, kind=row_of(body).name, refs=step_refs(body), version=1)


def steps_named(body: Body) -> tuple[int, ...]:
    """Give the places of the steps whose objects a step names, sorted, each once."""
    named = {step_named(name) for name in row_of(body).references(body) if name is not None}
    return tuple(sorted(place for place in named if place is not None))


def steps_taken(bundle: TakeSteps, record: RecordId) -> tuple[TakenStep, ...]:
    """Give the steps of a bundle with the ids in them that follow from its record's id."""
    taken = []
    for place, step in enumerate(bundle.steps):
        named = {created_by_step(other): created_id(record, other) for other in steps_named(step.body)}
        body = with_ids(step.body, named) if named else step.body
        taken.append(TakenStep(body, created_id(record, place), document_id(record, place)))
    return tuple(taken)


def with_ids(value: Any, ids: Mapping[ObjectId, ObjectId]) -> Any:
    """Put ids in the place of others, wherever in a body they stand."""
    if isinstance(value, bytes):
        return ids.get(value, value)
    if isinstance(value, tuple):
        return tuple(with_ids(part, ids) for part in value)
    if isinstance(value, Part):
        changed = {name: with_ids(getattr(value, name), ids) for name in value.__struct_fields__}
        return structs.replace(value, **changed)
    return value
