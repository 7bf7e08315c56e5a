"""What can be written of customs declarations."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import (
    Country,
    Currency,
    Digest,
    HsCode,
    MemberId,
    Minor,
    MinorDigits,
    ObjectId,
    ProductId,
    Quantity,
    RecordId,
    UnitCode,
)
from hanse_ledger.wire.part import Body, Part, ReasonCode


class Regime(StrEnum):
    """What a declaration asks for (WCO procedure, simplified).

    A bonded admission brings goods into a zone, a zone release takes them out of it into the country, and a return
    sends back what was imported. A low-value import needs no certificate: it is worth no more than its office has set.
    """

    BONDED_ADMISSION = "bonded-admission"
    EXPORT = "export"
    IMPORT = "import"
    LOW_VALUE_IMPORT = "low-value-import"
    RETURN = "return"
    ZONE_RELEASE = "zone-release"


class CustomsLane(StrEnum):
    """How closely customs looks: not at all, afterwards, at the papers, or at the goods."""

    BLUE = "blue"
    GREEN = "green"
    RED = "red"
    YELLOW = "yellow"


class CertificateUse(Part, frozen=True, kw_only=True):
    """Which line of which certificate a declared line draws on, the line counted from 1."""

    certificate: ObjectId
    line: Annotated[int, Meta(ge=1, le=limits.LINES)]


class LineSource(Part, frozen=True, kw_only=True):
    """Which line of which declaration goods come from, the line counted from 1."""

    declaration: ObjectId
    line: Annotated[int, Meta(ge=1, le=limits.LINES)]


class DeclarationLine(Part, frozen=True, kw_only=True):
    """Goods declared; their origin is covered by a certificate or, with nil, claimed without one.

    `source` is what a zone release or a return draws on: the line of the admission, or of the import.
    """

    certificate: CertificateUse | None
    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    source: LineSource | None
    unit: UnitCode


class LowValueGoods(Part, frozen=True, kw_only=True):
    """What a low-value import says of its goods: what they are worth, and which products they are.

    Attributes:
        amount_minor: the value of all of them, without freight, insurance and taxes, as the declarant states it.
        currency: one in which the office addressed has set up to which value it takes goods so.
        minor_digits: decimal places of its minor unit.
        products: by what their seller names them, one a line, in order of the lines.
    """

    amount_minor: Minor
    currency: Currency
    minor_digits: MinorDigits
    products: Annotated[tuple[ProductId, ...], Meta(min_length=1, max_length=limits.LINES)]


class LodgeDeclaration(Body, frozen=True, kw_only=True):
    """Declare goods to a customs authority. Signed by the declarant, and by its principal where there is one. C-1.

    `low_value` is nil but in a low-value import.
    """

    consignment: ObjectId | None
    customs: MemberId
    declarant: ObjectId
    invoices: Annotated[tuple[ObjectId, ...], Meta(min_length=1, max_length=limits.ALLOCATIONS)]
    lines: Annotated[tuple[DeclarationLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    low_value: LowValueGoods | None
    principal: ObjectId | None
    regime: Regime


class LineQuantity(Part, frozen=True, kw_only=True):
    """A quantity of one declared line, counted from 1, in millionths of its unit."""

    line: Annotated[int, Meta(ge=1, le=limits.LINES)]
    quantity_micro: Quantity


LineQuantities = Annotated[tuple[LineQuantity, ...], Meta(min_length=1, max_length=limits.LINES)]


class ReleaseDeclaration(Body, frozen=True, kw_only=True):
    """Release declared goods. Signed by the customs authority addressed. Rule C-2.

    `lines` says how much of which lines; nil releases all that is not decided.
    """

    declaration: ObjectId
    lines: LineQuantities | None


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


class AssessDeclaration(Body, frozen=True, kw_only=True):
    """Say how closely a declaration is looked at. Signed by the customs authority addressed. Rule C-6.

    `reasons` are codes of the authority's own list; `profile` is the SHA-256 of the risk profile by which it was
    assessed, nil where there was none.
    """

    declaration: ObjectId
    lane: CustomsLane
    profile: Digest | None
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class QueryDeclaration(Body, frozen=True, kw_only=True):
    """Ask the declarant something. Signed by the customs authority addressed. Rule C-7.

    `reasons` are codes of what is asked; `document` is the SHA-256 of a file that says more, nil without one.
    """

    declaration: ObjectId
    document: Digest | None
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class AnswerDeclaration(Body, frozen=True, kw_only=True):
    """Answer what customs has asked. Signed by the declarant or its principal. Rule C-8.

    `query` is the record that asked; `document` is the SHA-256 of the file that answers, nil without one.
    """

    declaration: ObjectId
    document: Digest | None
    query: RecordId


class CorrectDeclaration(Body, frozen=True, kw_only=True):
    """Lower what was released by mistake. Signed by the customs authority addressed. Rule C-9.

    `release` is the record that released it; `lines` says by how much less, line by line.
    """

    declaration: ObjectId
    lines: LineQuantities
    release: RecordId
