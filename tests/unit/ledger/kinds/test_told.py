"""What a refusal tells is what whoever must act reads: no word of it changes without being meant."""

import json

import pytest

from hanse_ledger import kinds
from hanse_ledger.kinds import KINDS
from tests.conftest import ROOT
from tests.tables.told import told_of
from tests.unit.ledger.kinds.test_rules_offices import BY_OFFICERS
from tests.unit.ledger.kinds.test_rules_page import ROWS

TOLD = json.loads((ROOT / "tests" / "vectors" / "told.json").read_text("utf-8"))["told"]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_what_each_refusal_tells(kind: str) -> None:
    """Reason, field, what was seen and what was wanted, for each row of the tables, in their order."""
    rows = [row for row in (*ROWS, *BY_OFFICERS) if kinds.kind_of(row.body).name == kind]
    assert told_of(rows).get(kind, []) == TOLD.get(kind, [])
