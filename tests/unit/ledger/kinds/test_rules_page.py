"""docs/rules.md says what the rules do: the order of each rule's requirements, and every refusal in words."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from hanse_ledger import kinds
from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.reasons import ALL, rule_of
from tests.tables.refusals import Refused
from tests.unit.ledger.kinds import (
    test_rules_credits,
    test_rules_customs,
    test_rules_invoices,
    test_rules_mandates,
    test_rules_members,
    test_rules_offices,
    test_rules_origin,
    test_rules_parties,
    test_rules_payments,
    test_rules_standing,
)
from tests.unit.ledger.kinds.bundles import test_rules_bundles
from tests.unit.ledger.kinds.carriage import (
    test_rules_consignments,
    test_rules_putting,
    test_rules_shipments,
    test_rules_titles,
)
from tests.unit.ledger.kinds.certificates import test_rules_applications, test_rules_replacements
from tests.unit.ledger.kinds.declarations import (
    test_rules_lines,
    test_rules_low_value,
    test_rules_questions,
    test_rules_releases,
    test_rules_sources,
)
from tests.unit.ledger.kinds.documents import test_rules_documents, test_rules_erasing, test_rules_sealed
from tests.unit.ledger.kinds.orders import test_rules_orders
from tests.unit.ledger.kinds.parties import test_rules_repairs
from tests.unit.ledger.kinds.payments import test_rules_payouts, test_rules_pledges

TABLES: tuple[ModuleType, ...] = (
    test_rules_members,
    test_rules_offices,
    test_rules_parties,
    test_rules_standing,
    test_rules_repairs,
    test_rules_mandates,
    test_rules_invoices,
    test_rules_credits,
    test_rules_origin,
    test_rules_applications,
    test_rules_replacements,
    test_rules_releases,
    test_rules_customs,
    test_rules_lines,
    test_rules_sources,
    test_rules_low_value,
    test_rules_questions,
    test_rules_payments,
    test_rules_pledges,
    test_rules_payouts,
    test_rules_orders,
    test_rules_shipments,
    test_rules_titles,
    test_rules_consignments,
    test_rules_putting,
    test_rules_documents,
    test_rules_erasing,
    test_rules_sealed,
    test_rules_bundles,
)
"""The tables of refusals, one file an object, in the order of the page."""

OF_ANY_KIND = ("U-3", "A-6")
"""The rules of what records of any kind may do besides."""

ROWS: list[Refused] = [row for module in TABLES for row in module.REFUSALS]


def section(root: Path, number: str) -> str:
    """Give the part of the page about a rule."""
    page = (root / "docs" / "rules.md").read_text("utf-8")
    found = re.search(rf"^### {number} .*?(?=^##)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/rules.md has no part about {number}"
    return found[0]


@pytest.mark.parametrize(("kind", "number"), [(kind.name, kind.number) for kind in KINDS])
def test_requirements_stand_in_the_order_in_which_they_are_tested(root: Path, kind: str, number: str) -> None:
    """The reasons in a rule's part of the page are those of its table of refusals, in the same order."""
    text = section(root, number)
    assert text.startswith(f"### {number} `{kind}`\n")
    written = re.findall(r"\| `([a-z-]+)` \|$", text, re.MULTILINE)
    tested = [row.reason.value for row in ROWS if number_of(row) == number and not signer(row)]
    in_turn = list(dict.fromkeys(written))
    assert list(dict.fromkeys(tested)) == in_turn


def number_of(row: Refused) -> str:
    """Name the rule in whose part of the page a row's reason stands: U-3 or A-6 whatever the kind, else its kind's."""
    kind = kinds.kind_of(row.body)
    number = rule_of(kind.name, row.reason, row.pointer)
    return number if number in OF_ANY_KIND else kind.number


@pytest.mark.parametrize("number", OF_ANY_KIND)
def test_what_records_of_any_kind_may_do_has_its_part_too(root: Path, number: str) -> None:
    """U-3 and A-6 are no kind's own: their requirements stand in the order in which they are tested, too."""
    written = re.findall(r"\| `([a-z-]+)` \|$", section(root, number), re.MULTILINE)
    assert list(dict.fromkeys(row.reason.value for row in ROWS if number_of(row) == number)) == written


def signer(row: Refused) -> bool:
    """Tell whether a row is about a signer as such, before the rule of its kind is asked."""
    return row.pointer.startswith("/signers/")


def test_every_refusal_stands_in_words(root: Path) -> None:
    """The last table has each reason once, in the order of the rules, in the words that a refusal gives."""
    page = (root / "docs" / "rules.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(reason.value, reason.message, reason.action) for reason in ALL]
