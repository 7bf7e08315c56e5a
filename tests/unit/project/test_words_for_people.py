"""What a person reads, or pastes: spans and moments in their units, ids whole."""

import ast
import builtins
import re
from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption

from hanse_cli.main import app
from hanse_ledger.values.moments import span_words
from tests.cli_page import commands
from tests.conftest import ROOT

CUT = re.compile(r"hex\(\)\[:|\]\}…")
"""How an id is cut for show."""

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
FIELD = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[a-z]+=")
"""A parameter of the SDK, as a refusal names it: `valid_until_ms`, `home=`."""

ELSEWHERE = {
    "client/hanse_cli/demo/checks.py": "the demonstration tells a story; its files hold the ids",
    "client/hanse_cli/demo/fraud.py": "likewise",
    "client/hanse_cli/demo/stage.py": "likewise",
    "client/hanse_cli/with_node/auditing.py": "a file's name",
    "client/hanse_client/home/identity.py": "a fingerprint, and what `repr` shows",
    "client/hanse_client/home/keyfile.py": "a name in an X.509 request",
    "client/hanse_client/home/knowledge.py": "a file's name",
    "client/hanse_client/exchange/session.py": "a file's name",
    "ledger/hanse_ledger/misbehaviour/double_vote.py": "an engine's own name of the ledger",
    "ledger/hanse_ledger/values/messages.py": "whole sentences, after 1,024 letters",
    "node/hanse_node/peers/evidences.py": "a file's name",
}


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 seconds"),
        (5, "0.005 seconds"),
        (1_000, "1 second"),
        (1_250, "1.25 seconds"),
        (1_999, "1.999 seconds"),
        (2_000, "2 seconds"),
        (119_999, "119 seconds"),
        (120_000, "2 minutes"),
        (86_400_000, "24 hours"),
        (7 * 86_400_000, "7 days"),
    ],
)
def test_spans_are_read_in_their_units(milliseconds: int, words: str) -> None:
    """No span is told in milliseconds."""
    assert span_words(milliseconds) == words


def test_no_words_cut_an_id() -> None:
    """An id that a refusal, a verdict or a notice names can be pasted; where one is cut, it is no words for that."""
    cut = {
        str(path.relative_to(ROOT))
        for package in ("ledger", "client", "node")
        for path in (ROOT / package).rglob("*.py")
        if CUT.search(path.read_text())
    }
    assert cut - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - cut == set()


def is_bug(error: ast.expr) -> bool:
    """Tell whether an error is Python's own, which no command shows."""
    return isinstance(error, ast.Name) and hasattr(builtins, error.id)


def refusals(package: str) -> Iterator[tuple[str, str]]:
    """Walk over the words with which something is raised: where, and the texts that stand in the code."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and not is_bug(node.exc.func):
                texts = [part.value for part in ast.walk(node.exc) if isinstance(part, ast.Constant)]
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield place, " ".join(text for text in texts if isinstance(text, str) and " " in text)


def options() -> set[str]:
    """List the options of all commands."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    parameters = [parameter for _, command in commands(root, "hanse") for parameter in command.params]
    return {
        word
        for option in parameters
        if isinstance(option, TyperOption)
        for word in (*option.opts, *option.secondary_opts)
    }


@pytest.mark.parametrize("package", ["client", "ledger", "node"])
def test_refusals_name_options_that_are_there(package: str) -> None:
    """An option that a refusal names can be given."""
    known = options() | {"--help"}
    assert {
        place: OPTION.findall(words) for place, words in refusals(package) if set(OPTION.findall(words)) - known
    } == {}


def test_refusals_of_the_sdk_name_the_option_too() -> None:
    """Where a refusal names a parameter of the SDK, whoever types a command reads the option beside it."""
    named = {place: words for place, words in refusals("client/hanse_client") if FIELD.search(words)}
    assert {place: words for place, words in named.items() if not OPTION.search(words)} == {}
