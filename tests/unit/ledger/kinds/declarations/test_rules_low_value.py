"""Rule C-1 for low-value imports: up to the limit that the office addressed has set, in its currency."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration, LowValueGoods, Regime
from hanse_ledger.kinds.declaration.refusals import (
    ABOVE_LOW_VALUE,
    CERTIFICATE_NOT_ASKED,
    LOW_VALUE_NOT_TAKEN,
    LOW_VALUE_UNFIT,
    PRODUCTS_DIFFER,
    SOURCE_UNFIT,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclaredValue
from hanse_ledger.kinds.office.bodies import LowValue, OpenOffice, SetOffice
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.declarations.test_rules_sources import BOTH, M, bare, drawing
from tests.world.corridor import Corridor
from tests.world.goods import balances, goods, line, state_of

EUROS, YEN = (
    LowValue(at_most_minor=15_000, currency="EUR", minor_digits=2),
    LowValue(at_most_minor=10_000, currency="JPY", minor_digits=0),
)
GTIN = "4006381333931"


def opened() -> Corridor:
    """The customs authority of the import has an office, which has set nothing."""
    corridor = goods()
    corridor.submit(corridor.make.sample(OpenOffice), "customs-be", name="office")
    return corridor


def taking(*limits: LowValue) -> Corridor:
    """It takes low-value imports up to these values."""
    corridor = opened()
    corridor.submit(setting(corridor, *limits), "customs-be")
    return corridor


def setting(corridor: Corridor, *limits: LowValue) -> SetOffice:
    """Its settings with these limits."""
    return replace(corridor.make.rules_of_office(), low_value=limits)


def worth(amount_minor: int, currency: str = "EUR", minor_digits: int = 2, *more: str) -> LowValueGoods:
    """What two pieces are worth, and their products."""
    products = (GTIN, "SHIRT-7/XL", *more)
    return LowValueGoods(amount_minor=amount_minor, currency=currency, minor_digits=minor_digits, products=products)


def parcel(
    corridor: Corridor, low_value: LowValueGoods | None, regime: Regime = Regime.LOW_VALUE_IMPORT
) -> LodgeDeclaration:
    """The buyer's import of two products, by its agent."""
    lines = (bare(2 * M), bare(M))
    return replace(corridor.make.declaration(Regime.IMPORT), lines=lines, low_value=low_value, regime=regime)


TAKING, OPENED, BARE = taking(EUROS, YEN), opened(), goods()
SILENT, TOO_MUCH = parcel(TAKING, None), parcel(TAKING, worth(15_001))
CERTIFIED = replace(SILENT, lines=(line(TAKING.id["certificate"], quantity_micro=M),))
DRAWING = replace(SILENT, lines=(drawing(TAKING, "invoice", M),))
UNFIT, PRODUCTS = "/body/low_value", "/body/low_value/products"
CURRENCY, AMOUNT = "/body/low_value/currency", "/body/low_value/amount_minor"

REFUSALS = [
    Refused(TAKING, CERTIFIED, BOTH, CERTIFICATE_NOT_ASKED, "/body/lines/0/certificate"),
    Refused(TAKING, DRAWING, BOTH, SOURCE_UNFIT, "/body/lines/0/source"),
    Refused(TAKING, SILENT, BOTH, LOW_VALUE_UNFIT, UNFIT),
    Refused(TAKING, parcel(TAKING, worth(1), Regime.IMPORT), BOTH, LOW_VALUE_UNFIT, UNFIT),
    Refused(TAKING, parcel(TAKING, worth(1), Regime.BONDED_ADMISSION), BOTH, LOW_VALUE_UNFIT, UNFIT),
    Refused(TAKING, parcel(TAKING, worth(1, "USD", 2, "CAP-1")), BOTH, PRODUCTS_DIFFER, PRODUCTS),
    Refused(TAKING, replace(TOO_MUCH, lines=TOO_MUCH.lines[:1]), BOTH, PRODUCTS_DIFFER, PRODUCTS),
    Refused(TAKING, replace(TOO_MUCH, lines=TOO_MUCH.lines * 2), BOTH, PRODUCTS_DIFFER, PRODUCTS),
    Refused(TAKING, parcel(TAKING, worth(99_999, "USD")), BOTH, LOW_VALUE_NOT_TAKEN, CURRENCY),
    Refused(TAKING, parcel(TAKING, worth(1, "EUR", 3)), BOTH, LOW_VALUE_NOT_TAKEN, CURRENCY),
    Refused(OPENED, parcel(OPENED, worth(1)), BOTH, LOW_VALUE_NOT_TAKEN, CURRENCY),
    Refused(BARE, parcel(BARE, worth(1)), BOTH, LOW_VALUE_NOT_TAKEN, CURRENCY),
    Refused(TAKING, TOO_MUCH, BOTH, ABOVE_LOW_VALUE, AMOUNT),
    Refused(TAKING, parcel(TAKING, worth(10_001, "JPY", 0)), BOTH, ABOVE_LOW_VALUE, AMOUNT),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


@pytest.mark.parametrize("value", [worth(15_000), worth(1), worth(10_000, "JPY", 0)])
def test_what_is_worth_no_more_needs_no_certificate(value: LowValueGoods) -> None:
    """It stands with its value and its products, draws on nothing, and is released like any other."""
    corridor = taking(EUROS, YEN)
    before = balances(corridor, "certificate")
    corridor.submit(parcel(corridor, value), *BOTH, name="import")
    found = corridor.ledger.objects[corridor.id["import"]]
    assert isinstance(found, Declaration)
    said = DeclaredValue(amount_minor=value.amount_minor, currency=value.currency, minor_digits=value.minor_digits)
    assert (found.value, [each.product for each in found.lines]) == (said, [GTIN, "SHIRT-7/XL"])
    corridor.submit(corridor.make.release(), "customs-be")
    assert (state_of(corridor, "import"), balances(corridor, "certificate")) == ("released", before)


def test_what_was_lodged_stands_by_the_limit_of_its_day() -> None:
    """A lower limit, or none, is for what comes after it."""
    corridor = taking(EUROS)
    corridor.submit(parcel(corridor, worth(15_000)), *BOTH, name="import")
    corridor.submit(setting(corridor), "customs-be")
    error = corridor.refusal(parcel(corridor, worth(1)), *BOTH)
    assert error is not None
    assert error.reason is LOW_VALUE_NOT_TAKEN
    corridor.submit(corridor.make.release(), "customs-be")
    assert state_of(corridor, "import") == "released"


def test_parcels_are_sent_back() -> None:
    """A return draws on a low-value import as on any other, and says nothing of value."""
    corridor = taking(EUROS)
    corridor.submit(parcel(corridor, worth(15_000)), *BOTH, name="import")
    corridor.submit(corridor.make.release(), "customs-be")
    back = replace(
        parcel(corridor, None, Regime.RETURN),
        lines=(drawing(corridor, "import", 2 * M), drawing(corridor, "import", M, 2)),
    )
    corridor.submit(back, *BOTH, name="back")
    error = corridor.refusal(back, *BOTH)
    assert error is not None
    assert error.reason.value == "source-overdrawn"
