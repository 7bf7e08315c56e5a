"""The front page: everything that can be written, and everything that stands in the state. One line an object.

A kind of record is a row (see `kind.Kind`): its name, its rule, its body and whatever else Hanse must know of it.
Fields of bodies stand in byte order of their names, because that is the order of canonical bytes. Amounts are minor
units, quantities millionths of a unit, times milliseconds.
"""

from typing import Any

from hanse_ledger.kinds.certificate import invariants as of_certificates
from hanse_ledger.kinds.certificate import rows as certificate
from hanse_ledger.kinds.declaration import invariants as of_declarations
from hanse_ledger.kinds.declaration import rows as declaration
from hanse_ledger.kinds.evidence import invariants as of_evidence
from hanse_ledger.kinds.evidence import rows as evidence
from hanse_ledger.kinds.invoice import invariants as of_invoices
from hanse_ledger.kinds.invoice import rows as invoice
from hanse_ledger.kinds.kind import Kind, ObjectType
from hanse_ledger.kinds.member import invariants as of_members
from hanse_ledger.kinds.member import rows as member
from hanse_ledger.kinds.object import Object, object_id
from hanse_ledger.kinds.party import invariants as of_parties
from hanse_ledger.kinds.party import rows as party
from hanse_ledger.kinds.payment import invariants as of_payments
from hanse_ledger.kinds.payment import rows as payment
from hanse_ledger.kinds.reached import Invariants
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.part import Body

KINDS: tuple[Kind[Any], ...] = (
    *member.KINDS,
    *party.KINDS,
    *invoice.KINDS,
    *certificate.KINDS,
    *declaration.KINDS,
    *payment.KINDS,
    *evidence.KINDS,
)
"""Every kind of record, in the order of the rules."""

OBJECTS: tuple[ObjectType[Any], ...] = (
    party.PARTY,
    invoice.INVOICE,
    certificate.CERTIFICATE,
    declaration.DECLARATION,
    payment.PAYMENT,
)
"""Every kind of object."""

INVARIANTS: tuple[Invariants, ...] = (
    of_members.INVARIANTS,
    of_parties.INVARIANTS,
    of_invoices.INVARIANTS,
    of_certificates.INVARIANTS,
    of_declarations.INVARIANTS,
    of_payments.INVARIANTS,
    of_evidence.INVARIANTS,
)
"""What every reachable state satisfies (see `blocks.invariants`)."""

MEMBER_KINDS = frozenset(kind.name for kind in member.KINDS)
"""What changes the members."""

KIND_NAMED: dict[str, Kind[Any]] = {kind.name: kind for kind in KINDS}
OBJECT_NAMED: dict[str, ObjectType[Any]] = {each.name: each for each in OBJECTS}

_KIND_OF: dict[type[Body], Kind[Any]] = {kind.body: kind for kind in KINDS}
_TYPE_OF: dict[type[Object], ObjectType[Any]] = {each.state: each for each in OBJECTS}


def kind_of(body: Body) -> Kind[Any]:
    """Give the row of a record's kind."""
    return _KIND_OF[type(body)]


def type_of(value: Object) -> ObjectType[Any]:
    """Give the row of an object's kind."""
    return _TYPE_OF[type(value)]


def references(body: Body) -> tuple[ObjectId, ...]:
    """List the ids of all objects that a body names, sorted, each once."""
    return tuple(sorted({name for name in kind_of(body).references(body) if name is not None}))


def own_object(body: Body, record: RecordId) -> ObjectId | None:
    """Name the object whose own record this is: the one that it creates, else the one that it is about; nil for none.

    An object's own records are those that make it what it is; others only name it, and add to its sums.
    """
    kind = kind_of(body)
    return object_id(record) if kind.creates else kind.about(body)
