"""Low-value imports: what an office takes without a certificate, up to the limit that it has set."""

from hanse_ledger.kinds.common import require
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration, LowValueGoods, Regime
from hanse_ledger.kinds.declaration.refusals import (
    ABOVE_LOW_VALUE,
    LOW_VALUE_NOT_TAKEN,
    LOW_VALUE_UNFIT,
    PRODUCTS_DIFFER,
)
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.office.rules import office_of
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import MemberId


def require_low_value(state: StateView, body: LodgeDeclaration) -> None:
    """Refuse a low-value import that says less than it must, or is worth more than its office takes.

    Every other declaration says neither what its goods are worth nor by which ids their seller knows them.
    """
    value, low = body.low_value, body.regime is Regime.LOW_VALUE_IMPORT
    require((value is not None) == low, LOW_VALUE_UNFIT, "/body/low_value", seen=body.regime)
    if value is None:
        return
    named, lines = len(value.products), len(body.lines)
    require(named == lines, PRODUCTS_DIFFER, "/body/low_value/products", seen=named, wanted=lines)
    limits = _limits(state, body.customs)
    limit = next((each for each in limits if _same_unit(each, value)), None)
    require(
        limit is not None,
        LOW_VALUE_NOT_TAKEN,
        "/body/low_value/currency",
        seen=money_text(value.amount_minor, value),
        wanted=", ".join(each.currency for each in limits),
    )
    assert limit is not None
    require(
        value.amount_minor <= limit.at_most_minor,
        ABOVE_LOW_VALUE,
        "/body/low_value/amount_minor",
        seen=money_text(value.amount_minor, value),
        wanted=f"at most {money_text(limit.at_most_minor, limit)}",
    )


def _limits(state: StateView, customs: MemberId) -> tuple[LowValue, ...]:
    """Give up to how much an office takes, in each currency; nothing where it has set nothing, or is not open."""
    office = office_of(state, customs)
    return () if office is None else office.settings.low_value


def _same_unit(limit: LowValue, value: LowValueGoods) -> bool:
    return (limit.currency, limit.minor_digits) == (value.currency, value.minor_digits)
