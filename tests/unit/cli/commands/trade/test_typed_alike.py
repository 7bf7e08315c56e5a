"""An invoice that looks like another one is never registered in silence: it is told, asked, and listed for programs."""

import pytest

from tests.world.typed.desk import Desk, Ended, at_a_terminal
from tests.world.typed.papers import invoice_paper

pytestmark = pytest.mark.slow


def issue(desk: Desk, name: str, text: str, *more: str, code: int = 0) -> Ended:
    """Have the seller issue a paper."""
    (desk.folder / name).write_text(text)
    return desk.run("invoice", "issue", name, "--buyer", desk.ids["buyer"], *more, who="seller", code=code)


def test_the_same_amount_within_a_week_is_asked(desk: Desk) -> None:
    """Two numbers, one sum and one buyer, days apart: on a terminal it is asked, elsewhere nothing is sent."""
    first = issue(desk, "a-1.xml", invoice_paper("A-1", issued="2026-05-04")).out
    second = invoice_paper("A-2", issued="2026-05-11")
    error = issue(desk, "a-2.xml", second, "--json", code=2).json["error"]
    (alike,) = error["alike"]
    assert (alike["object_id"], alike["number"], alike["why"]) == (first, "A-1", ["same-parties-and-amount"])
    assert (alike["amount"], alike["issued"], alike["state"]) == ("5150.00 EUR", "2026-05-04", "issued")
    assert "Nothing was sent" in issue(desk, "a-2.xml", second, code=2).err
    with at_a_terminal("\n"):
        assert "all the same?" in issue(desk, "a-2.xml", second, code=2).err
    with at_a_terminal("yes\n"):
        other = issue(desk, "a-2.xml", second, "--json").json
    assert other["object_id"] != first
    assert [warning["code"] for warning in other["warnings"]] == ["near-duplicate"]
    assert first in other["warnings"][0]["message"]
    # The next month's is another debt: eight days are far enough.
    assert issue(desk, "a-3.xml", invoice_paper("A-3", issued="2026-05-19"), "--json").json["warnings"] == []


def test_the_same_number_is_told_in_whatever_year(desk: Desk) -> None:
    """Numbers that begin anew each year are common, and so are mistakes: who knows says --again, and is told too."""
    first = issue(desk, "b-1.xml", invoice_paper("B/1", issued="2025-03-02")).out
    text = invoice_paper("B-1", issued="2026-03-20", prepaid="1.00", payable="5149.00")
    error = issue(desk, "b-2.xml", text, "--json", code=2).json["error"]
    assert [(each["object_id"], each["why"]) for each in error["alike"]] == [(first, ["same-number-another-year"])]
    receipt = issue(desk, "b-2.xml", text, "--again", "--json").json
    assert [warning["code"] for warning in receipt["warnings"]] == ["near-duplicate"]
    same_year = invoice_paper("B-1", issued="2026-04-20", prepaid="2.00", payable="5148.00")
    error = issue(desk, "b-3.xml", same_year, "--json", code=2).json["error"]
    assert {each["why"][0] for each in error["alike"]} == {"same-number", "same-number-another-year"}


def test_what_is_cancelled_is_like_nothing(desk: Desk) -> None:
    """A corrected invoice replaces one that is cancelled: there is nothing to ask."""
    first = issue(desk, "c-1.xml", invoice_paper("C-1", issued="2026-07-01")).out
    desk.run("invoice", "cancel", first, who="seller")
    corrected = invoice_paper("C-1", issued="2026-07-02")
    assert issue(desk, "c-2.xml", corrected, "--json").json["warnings"] == []


def test_the_same_file_is_told_as_what_stands(desk: Desk) -> None:
    """The very file again is no second invoice: what stands is told, and nothing is sent."""
    text = invoice_paper("D-1", issued="2026-08-01")
    first = issue(desk, "d-1.xml", text, "--json").json
    again = issue(desk, "d-1.xml", text, "--json").json
    assert again["record_id"] == first["record_id"]
    assert [warning["code"] for warning in again["warnings"]] == ["registered-already"]


def test_an_invoice_that_breaks_a_rule_is_refused_unless_it_is_said(desk: Desk) -> None:
    """Its rule is named, and nothing is sent; who registers it all the same finds it in the receipt."""
    text = invoice_paper("R-1", issued="2025-10-05").replace('unitCode="C62"', 'unitCode="QQQ"')
    error = issue(desk, "r-1.xml", text, "--json", code=2).json["error"]
    assert "(BR-CL-23)" in error["message"]
    assert "--despite-findings" in error["action"]
    receipt = issue(desk, "r-1.xml", text, "--despite-findings", "--json").json
    assert {each["id"] for each in receipt["findings"] if each["weight"] == "fatal"} == {"BR-CL-23"}


def test_a_dry_run_says_what_would_be_registered(desk: Desk) -> None:
    """Parties, amount, due date, and what customs could not compare; nothing is sent, and a fault is refused."""
    text = invoice_paper("R-2", issued="2025-11-05")
    ended = issue(desk, "r-2.xml", text, "--dry-run")
    assert "5150.00 EUR" in ended.out
    assert "customs can compare  all that they compare" in ended.out
    assert "Nothing was sent." in ended.err
    plan = issue(desk, "r-2.xml", text.replace('listID="HS"', 'listID="TST"', 1), "--dry-run", "--json").json
    assert (plan["buyer"], plan["payable"], plan["due"]) == ("Tafelrood BV", "5150.00", "2026-10-17")
    assert plan["not_compared"] == ["the HS code of line 1"]
    issue(desk, "r-2.xml", text.replace(">380<", ">999<"), "--dry-run", code=2)
    assert issue(desk, "r-2.xml", text, "--json").json["outcome"] == "created"


def test_what_is_registered_is_said_before_it_is_signed(desk: Desk) -> None:
    """Parties, amount, due date and what customs cannot compare, on stderr; once, however often it is tried."""
    text = invoice_paper("R-3", issued="2025-09-01").replace('listID="HS"', 'listID="TST"', 1)
    ended = issue(desk, "r-3.xml", text)
    planned, _, told = ended.err.partition("invoice.issue stands")
    assert told
    for part in ("Tafelrood BV", "5150.00 EUR", "2026-10-17", "not the HS code of line 1", desk.ids["buyer"]):
        assert part in planned
    assert issue(desk, "r-3.xml", text).err.count("To be registered") == 1
    note = desk.folder / "r-3-note.pdf"
    note.write_bytes(b"credit note")
    credited = ("invoice", "credit", ended.out, note.name, "--amount", "50.00")
    err = desk.run(*credited, who="seller").err
    assert err.index("50.00 EUR") < err.index("invoice.credit stands")
