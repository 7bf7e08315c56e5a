"""What can be written of customs declarations."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import Country, HsCode, MemberId, ObjectId, Quantity, UnitCode
from hanse_ledger.wire.part import Body, Part, ReasonCode


class Regime(StrEnum):
    """What a declaration asks for (WCO procedure, simplified to the direction)."""

    EXPORT = "export"
    IMPORT = "import"


class CertificateUse(Part, frozen=True, kw_only=True):
    """Which line of which certificate a declared line draws on, the line counted from 1."""

    certificate: ObjectId
    line: Annotated[int, Meta(ge=1, le=limits.LINES)]


class DeclarationLine(Part, frozen=True, kw_only=True):
    """Goods declared; their origin is covered by a certificate or, with nil, claimed without one."""

    certificate: CertificateUse | None
    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class LodgeDeclaration(Body, frozen=True, kw_only=True):
    """Declare goods to a customs authority. Signed by the declarant, and by its principal where there is one. C-1."""

    customs: MemberId
    declarant: ObjectId
    invoices: Annotated[tuple[ObjectId, ...], Meta(min_length=1, max_length=limits.ALLOCATIONS)]
    lines: Annotated[tuple[DeclarationLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    principal: ObjectId | None
    regime: Regime


class ReleaseDeclaration(Body, frozen=True, kw_only=True):
    """Release the declared goods. Signed by the customs authority addressed. Rule C-2."""

    declaration: ObjectId


class RefuseDeclaration(Body, frozen=True, kw_only=True):
    """Refuse a declaration. Signed by the customs authority addressed. Rule C-3."""

    declaration: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class WithdrawDeclaration(Body, frozen=True, kw_only=True):
    """Take back a declaration that is not decided. Signed by the declarant or its principal. Rule C-4."""

    declaration: ObjectId


class LapseDeclaration(Body, frozen=True, kw_only=True):
    """Record that customs has not decided in time. Signed by a party that the declaration concerns. Rule C-5."""

    declaration: ObjectId
