"""What commands say: data and messages apart, and nothing that acts on a terminal."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from rich.cells import cell_len

from hanse_cli.base.console import emit, emit_json, flatten, progress, say, table
from hanse_ledger.values.patterns import plain
from hanse_ledger.values.verdict import Verdict


class Thing(Struct):
    """Something to be shown."""

    name: str
    key: bytes
    parts: tuple[int, ...]
    nothing: None = None


@pytest.mark.parametrize("harm", ["\x1b[2J", "\x9b31m", "\u202e", "\r", "\x07", "\u2066"])
def test_what_acts_on_a_terminal_is_shown_instead(harm: str) -> None:
    """Escape sequences, bells, carriage returns and marks that turn the reading direction lose their effect."""
    shown = plain(f"Qingwan {harm} Kiln\nStudio")
    assert "\ufffd" in shown
    assert harm not in shown
    assert shown.startswith("Qingwan ")
    assert shown.endswith(" Kiln\nStudio")


@given(st.text())
def test_json_loses_nothing_and_harms_nobody(text: str) -> None:
    """Whatever a value holds, the JSON document says exactly that, in characters that act on no terminal."""
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", written)
        emit_json({"value": text.encode("utf-8", "replace").decode()})
    document = written.getvalue().removesuffix("\n")
    assert json.loads(document) == {"value": text.encode("utf-8", "replace").decode()}
    assert plain(document) == document


def test_data_and_messages_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Data stands on stdout, messages on stderr."""
    emit("data")
    say("message")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("data\n", "message\n")


def test_values_become_names_and_texts() -> None:
    """Structs, lists and bytes flatten into dotted names; what is absent shows as a hyphen."""
    thing = Thing("plate", b"\x01\xff", (7, 8))
    assert list(flatten(thing, "")) == [
        ("name", "plate"),
        ("key", "01ff"),
        ("parts.1", "7"),
        ("parts.2", "8"),
        ("nothing", "-"),
    ]
    assert list(flatten((1, 2), "sizes")) == [("sizes.1", "1"), ("sizes.2", "2")]


def test_numbers_stay_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON bytes are hexadecimal text, StrEnums their values, and figures are figures."""
    emit_json({"rate": 1.5, "count": 2, "key": b"\xff", "verdict": Verdict.VALID, "absent": None, "yes": True})
    assert json.loads(capsys.readouterr().out) == {
        "rate": 1.5,
        "count": 2,
        "key": "ff",
        "verdict": "valid",
        "absent": None,
        "yes": True,
    }


def test_a_table_lines_its_values_up() -> None:
    """Values begin in one column, and no line ends in blanks."""
    assert table([("a", "1"), ("long name", "2"), ("c", "")]) == "a          1\nlong name  2\nc"


def test_progress_is_silent_without_a_terminal() -> None:
    """A log or a pipe never gets progress."""
    stream = io.StringIO()
    with progress(10, stream) as ticker:
        ticker.at(5, "half")
    assert stream.getvalue() == ""


def test_columns_stand_where_letters_are_wide_or_take_no_room() -> None:
    """Chinese takes two cells a sign, marks on letters none: the second column begins alike in all lines."""
    lines = table([("青湾窑", "x"), ("Zu\u0308rich", "x"), ("plain", "x"), ("تجارة", "x")]).split("\n")
    assert {cell_len(line.removesuffix("x")) for line in lines} == {8}
