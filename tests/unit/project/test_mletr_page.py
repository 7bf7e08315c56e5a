"""docs/mletr.md names rules and tests that there are, for each article that it says it answers."""

import ast
import re

from hanse_ledger.kinds import KINDS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "mletr.md").read_text("utf-8")
RULES = (ROOT / "docs" / "rules.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| [0-9]+ ", line)]
ARTICLES = (*range(1, 14), *range(15, 19))


def every_test() -> set[str]:
    """Name every test of the project."""
    paths = (ROOT / "tests").rglob("test_*.py")
    trees = (ast.parse(path.read_text("utf-8")) for path in paths)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_article_has_a_rule_and_a_test() -> None:
    """Each article stands in the table once, in order, with at least one rule and one test."""
    assert [int(row[0].split()[0]) for row in ROWS] == list(ARTICLES)
    assert all(len(row) == 4 and row[2] and row[3] for row in ROWS)


def test_rules_that_are_named_exist() -> None:
    """Each rule has its part in docs/rules.md."""
    named = {number for row in ROWS for number in row[2].split(", ")}
    assert {number for number in named if not re.search(rf"^### {number} ", RULES, re.MULTILINE)} == set()


def test_tests_that_are_named_exist() -> None:
    """Each test is a function of a test file."""
    named = {name for row in ROWS for name in re.findall(r"`([a-z0-9_]+)`", row[3])}
    assert named - every_test() == set()
    assert all(row[3].startswith("`test_") for row in ROWS)


def test_every_rule_of_titles_answers_an_article() -> None:
    """No rule of titles is there for nothing: each is named by some article."""
    named = {number for row in ROWS for number in row[2].split(", ")}
    assert {kind.number for kind in KINDS if kind.name.startswith("title.")} - named == set()


def test_what_is_said_of_countries_says_of_when() -> None:
    """The list of jurisdictions has its date, and asks to be checked."""
    assert "Written on 30 November 2026" in PAGE
    assert "Check each line before relying on it" in PAGE
