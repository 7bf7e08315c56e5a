"""What stands in the state of a customs declaration."""

from enum import StrEnum

from hanse_ledger.kinds.declaration.bodies import CertificateUse, CustomsLane, LineSource, Regime
from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import (
    Country,
    Currency,
    Digest,
    HsCode,
    MemberId,
    MinorDigits,
    Moment,
    ObjectId,
    ProductId,
    RecordId,
    UnitCode,
)
from hanse_ledger.wire.part import ReasonCode


class DeclarationState(StrEnum):
    """What customs decided, or that nothing is left to decide: `cut-short` is one of which a part alone is released."""

    CUT_SHORT = "cut-short"
    LAPSED = "lapsed"
    LODGED = "lodged"
    PARTLY_RELEASED = "partly-released"
    REFUSED = "refused"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


UNDECIDED = (DeclarationState.LODGED, DeclarationState.PARTLY_RELEASED)
"""The states in which customs still has something to decide."""

RESERVING = (Regime.IMPORT, Regime.ZONE_RELEASE)
"""What draws on certificates: it reserves what it declares, and its release writes it off."""

CERTIFIED = (Regime.EXPORT, *RESERVING)
"""What may name certificates."""

IMPORTS = (Regime.IMPORT, Regime.LOW_VALUE_IMPORT, Regime.ZONE_RELEASE)
"""What brings goods into the country for good: a return takes them back."""

SOURCES = {Regime.RETURN: IMPORTS, Regime.ZONE_RELEASE: (Regime.BONDED_ADMISSION,)}
"""What draws on lines of other declarations, and on those of which kinds."""

COUNTED = (*UNDECIDED, DeclarationState.RELEASED, DeclarationState.CUT_SHORT)
"""The states in which a declaration counts on its invoices."""


class DeclarationLinks(Value, frozen=True, kw_only=True):
    """Who declares to whom, for whom, under which invoices."""

    customs: MemberId
    declarant: ObjectId
    invoices: tuple[ObjectId, ...]
    principal: ObjectId | None


class DeclaredLine(Value, frozen=True, kw_only=True):
    """Goods declared, and what has become of them, in millionths of their unit: not decided, or released.

    `product` is nil but in a low-value import, `released_by` the record that last released some of them, or nil.
    `drawn_micro` is what others draw on what is released: zone releases on an admission, returns on an import.
    """

    certificate: CertificateUse | None
    drawn_micro: int
    hs_code: HsCode
    open_micro: int
    origin: Country
    product: ProductId | None
    quantity_micro: int
    released_by: RecordId | None
    released_micro: int
    source: LineSource | None
    unit: UnitCode

    @property
    def available_micro(self) -> int:
        """What others may still draw on."""
        return self.released_micro - self.drawn_micro


class DeclaredValue(Value, frozen=True, kw_only=True):
    """What all the goods of a low-value import are worth, without freight, insurance and taxes, as declared."""

    amount_minor: int
    currency: Currency
    minor_digits: MinorDigits


class Assessment(Value, frozen=True, kw_only=True):
    """How closely customs looks at a declaration, why, and by which risk profile (its hash, or nil)."""

    lane: CustomsLane
    profile: Digest | None
    reasons: tuple[ReasonCode, ...]


class OpenQuery(Value, frozen=True, kw_only=True):
    """What customs has asked and nobody has answered: in codes, in a document (its hash, or nil), by which record."""

    asked: tuple[ReasonCode, ...]
    document: Digest | None
    record: RecordId


class DeclarationStatus(Value, frozen=True, kw_only=True):
    """The declaration's state, what it asks for, when it was lodged, and when its office last said anything of it."""

    heard: Moment
    lodged: Moment
    regime: Regime
    state: DeclarationState


class Declaration(Object, frozen=True, kw_only=True, gc=False, tag="declaration"):
    """A customs declaration; its last assessment, and what customs has asked, are nil where there is none.

    `value` is what the goods of a low-value import are worth; else nil.
    """

    assessment: Assessment | None
    history: History
    lines: tuple[DeclaredLine, ...]
    links: DeclarationLinks
    query: OpenQuery | None
    status: DeclarationStatus
    value: DeclaredValue | None

    @property
    def undecided(self) -> bool:
        """Whether customs still has something to decide."""
        return self.status.state in UNDECIDED

    @property
    def rest(self) -> dict[int, int]:
        """What of which lines, counted from 1, is not decided, in millionths of their units."""
        lines = enumerate(self.lines, start=1)
        return {number: line.open_micro for number, line in lines if line.open_micro > 0}
