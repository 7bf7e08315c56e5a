"""Rule C-1: which codes of the Harmonized System name the same goods."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.refusals import LINE_DIFFERS_FROM_CERTIFICATE
from hanse_ledger.kinds.declaration.state import DeclarationState
from tests.world.goods import goods, line, state_of

GOODS = goods()
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
