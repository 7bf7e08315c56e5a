"""What stands in the state of a customs declaration."""

from enum import StrEnum

from hanse_ledger.kinds.declaration.bodies import DeclarationLine, Regime
from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import MemberId, Moment, ObjectId


class DeclarationState(StrEnum):
    """What customs decided, or that nothing is left to decide."""

    LAPSED = "lapsed"
    LODGED = "lodged"
    REFUSED = "refused"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


COUNTED = (DeclarationState.LODGED, DeclarationState.RELEASED)
"""The states in which a declaration counts on its invoices."""


class DeclarationLinks(Value, frozen=True, kw_only=True):
    """Who declares to whom, for whom, under which invoices."""

    customs: MemberId
    declarant: ObjectId
    invoices: tuple[ObjectId, ...]
    principal: ObjectId | None


class DeclarationStatus(Value, frozen=True, kw_only=True):
    """The declaration's state, what it asks for, and the block time at which it was lodged."""

    lodged: Moment
    regime: Regime
    state: DeclarationState


class Declaration(Object, frozen=True, kw_only=True, gc=False, tag="declaration"):
    """A customs declaration."""

    history: History
    lines: tuple[DeclarationLine, ...]
    links: DeclarationLinks
    status: DeclarationStatus
