"""Many parties at once: folders of requests, and tables; what is wrong with one hinders no other."""

from pathlib import Path

import pytest

from hanse_client.base.errors import InvalidInput
from hanse_client.home import enrolmentlists
from hanse_client.home.enrolmentlists import EnrolmentLine, ListedParty, once, read_folder, read_table
from tests.unit.client.home.test_enrolment_requests import TERMS, request


def table(tmp_path: Path, text: str | bytes) -> Path:
    """Write a table."""
    path = tmp_path / "parties.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_table_has_a_line_a_party(tmp_path: Path) -> None:
    """Names stand in the first line, in any order, and empty values say nothing; a byte order mark is no part of it."""
    kiln = '"Kiln, Studio",kiln,seller  buyer,CN1,2027-01-01,chamber'
    text = f"\ufeffname,key,role,vat,until,repair\r\n{kiln}\r\n\r\nTea,tea,buyer,,,\r\n"
    assert read_table(table(tmp_path, text)) == [
        EnrolmentLine(
            line=2,
            key="kiln",
            roles=("buyer", "seller"),
            until="2027-01-01",
            repair="chamber",
            terms={"name": "Kiln, Studio", "vat": "CN1"},
        ),
        EnrolmentLine(line=3, key="tea", roles=("buyer",), until="", repair="", terms={"name": "Tea"}),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a,seller,A,B", "4 values for 3 names"),
        (",seller,A", "no name for a file"),
        ("../a,seller,A", "no name for a file"),
        ("a/b,seller,A", "no name for a file"),
        (".a,seller,A", "no name for a file"),
        (f"{'a' * 65},seller,A", "no name for a file"),
        ("a,seller,", "nothing of whom"),
    ],
)
def test_a_line_that_is_wrong_hinders_no_other(tmp_path: Path, line: str, words: str) -> None:
    """It is told with its number; the one after it is read."""
    wrong, good = read_table(table(tmp_path, f"key,role,name\n{line}\ntea,buyer,Tea\n"))
    assert isinstance(wrong, ListedParty)
    assert (wrong.place, wrong.request) == ("line 2", None)
    assert words in wrong.fault
    assert isinstance(good, EnrolmentLine)


def test_a_key_that_stands_twice_is_nobodys(tmp_path: Path) -> None:
    """Both lines say so: which of them is meant nobody can tell."""
    found = read_table(table(tmp_path, "key,role,name\ntea,buyer,Tea\nkiln,seller,Kiln\ntea,buyer,Other\n"))
    assert [isinstance(each, ListedParty) for each in found] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names nobody"),
        ("key,role,name\n", "names nobody"),
        ("name,role\nA,seller\n", "does not name key and role"),
        ("key,role,name,name\na,seller,A,B\n", "names something twice"),
        ('key,role,name\na,seller,"A\n', "no CSV"),
        (b"key,role,name\n\xff,seller,A\n", "cannot be read as text"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    """Whole, before anything is made."""
    with pytest.raises(InvalidInput, match=words):
        read_table(table(tmp_path, text))
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_a_run_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is shown too many identities looks at none."""
    monkeypatch.setattr(enrolmentlists, "MOST_LINES", 1)
    with pytest.raises(InvalidInput, match="at most 1 go into one run"):
        read_table(table(tmp_path, "key,role,name\na,seller,A\nb,seller,B\n"))


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    """What is no request is told; other files are none of it; of two requests with one key the first is taken."""
    with pytest.raises(InvalidInput, match="holds no file"):
        read_folder(tmp_path)
    made = request()
    for name in ("b.request", "c.request"):
        (tmp_path / name).write_bytes(made.to_json())
    (tmp_path / "a.request").write_bytes(b"{}")
    (tmp_path / "b.pem").write_bytes(b"")
    wrong, first, second = once(read_folder(tmp_path))
    assert [each.place for each in (wrong, first, second)] == ["a.request", "b.request", "c.request"]
    assert (wrong.request, second.request) == (None, None)
    assert wrong.fault
    assert "the key of b.request" in second.fault
    assert first.request is not None
    assert first.request.terms == TERMS
