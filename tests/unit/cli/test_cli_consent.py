"""What is taken of others' is shown and agreed to first; their words draw no lines of their own."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_cli.base.consent import need_consent
from hanse_cli.base.console import emit, table
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.patterns import one_line, plain

ROWS = [("bank", "Bank of the Delta (bank)"), ("  fingerprint", "0123 4567")]


class Terminal(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def answered(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Have somebody type words."""
    monkeypatch.setattr("sys.stdin", Terminal(words))


@pytest.mark.parametrize("words", ["yes\n", "y\n", " YES \n"])
def test_a_yes_is_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str) -> None:
    """What is taken is shown on stderr, so that data stays apart."""
    answered(monkeypatch, words)
    need_consent("What is about to be taken", ROWS, yes=False)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "bank           Bank of the Delta (bank)\n" in shown.err
    assert "  fingerprint  0123 4567\n" in shown.err


@pytest.mark.parametrize("words", ["\n", "no\n", "", "yes please\n", "fingerprint\n"])
def test_anything_else_is_none(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """An empty line, the end of what is typed, another word."""
    answered(monkeypatch, words)
    with pytest.raises(InvalidInput, match="Nothing was done"):
        need_consent("What is about to be taken", ROWS, yes=False)


def test_without_a_terminal_it_is_said_beforehand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script says --yes; without it nothing is done, and what it would have been is shown all the same."""
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(InvalidInput, match="no terminal to ask") as seen:
        need_consent("What is about to be taken", ROWS, yes=False)
    assert "--yes" in seen.value.action
    assert "0123 4567" in capsys.readouterr().err
    need_consent("What is about to be taken", ROWS, yes=True)
    assert "0123 4567" in capsys.readouterr().err


@given(st.lists(st.tuples(st.text(), st.text())))
def test_a_row_is_a_line(rows: list[tuple[str, str]]) -> None:
    """Whatever names and values hold, a table has as many lines as rows, and none of them acts on a terminal."""
    written = table(rows)
    assert len(written.split("\n")) == max(1, len(rows))
    assert plain(written) == written
    # Whatever else begins a line somewhere begins none here.
    assert len(f"{written}.".splitlines()) == max(1, len(rows))


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    """No control, no mark that turns the reading direction, no filler: of what Unicode knows today, all."""
    acting = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not [letter for letter in one_line(text) if unicodedata.category(letter) in acting]


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2K", "\u202e", "\u3164"]
)
def test_a_name_draws_no_second_fingerprint(capsys: pytest.CaptureFixture[str], mark: str) -> None:
    """The attack, by each character that begins a line somewhere, or hides one."""
    emit(table([("name", f"Bank{mark}fingerprint  dead beef"), ("fingerprint", "0123 4567")]))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("fingerprint")] == ["fingerprint  0123 4567"]
    assert mark[0] not in lines[0]
