"""Rules C-1 and C-2: which codes name the same goods, how lines share a balance, and when validity counts."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.refusals import LINE_DIFFERS_FROM_CERTIFICATE
from hanse_ledger.kinds.declaration.state import DeclarationState
from tests.world.corridor_genesis import T0, YEAR
from tests.world.goods import balances, goods, line, lodged, state_of

GOODS = goods()
LODGED = lodged()
EXPORT = GOODS.make.declaration(Regime.EXPORT)


@pytest.mark.parametrize("code", ["6109", "61091", "610910", "6109101", "610910001190"])
def test_codes_are_compared_by_what_is_common_to_all_countries(code: str) -> None:
    """C-1 compares the first six digits, or as many as the shorter code has: what follows is national."""
    corridor = goods()
    corridor.submit(replace(EXPORT, lines=(line(GOODS.id["certificate"], hs_code=code),)), "seller", name="export")
    assert state_of(corridor, "export") is DeclarationState.LODGED


@pytest.mark.parametrize("code", ["6110", "61092", "610990", "610990001190"])
def test_other_goods_are_refused_however_long_their_code_is(code: str) -> None:
    """C-1 refuses a line whose code departs from the certified one within the digits that both have."""
    refused = GOODS.refusal(replace(EXPORT, lines=(line(GOODS.id["certificate"], hs_code=code),)), "seller")
    assert refused is not None
    assert refused.reason is LINE_DIFFERS_FROM_CERTIFICATE


def test_several_lines_share_one_balance() -> None:
    """C-1 reserves the sum where two lines draw on one line of a certificate."""
    corridor = goods()
    halves = (
        line(GOODS.id["certificate"], quantity_micro=250_000_000),
        line(GOODS.id["certificate"], quantity_micro=250_000_000),
    )
    corridor.submit(replace(corridor.make.declaration(Regime.IMPORT), lines=halves), "buyer", "agent", name="import")
    assert balances(corridor, "certificate") == [(0, 500_000_000, 0), (20_000_000, 0, 0)]
    corridor.release_import()
    assert balances(corridor, "certificate") == [(0, 0, 500_000_000), (20_000_000, 0, 0)]


def test_a_late_decision_does_not_void_a_declaration() -> None:
    """Validity is judged when goods are declared: customs may release them after the certificate has expired."""
    assert LODGED.refusal(LODGED.make.release(), "customs-be", at=T0 + YEAR) is None
