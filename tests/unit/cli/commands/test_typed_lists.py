"""Lists and the inbox, typed against a real node."""

from typing import Any

import pytest

from hanse_ledger.kinds import OBJECTS
from tests.world.typed.desk import BANKS, Desk

pytestmark = pytest.mark.slow

LINE = ("--line", "61091000:CN:1:C62")


@pytest.fixture(scope="module")
def traded(desk: Desk) -> Desk:
    """Have customs and the banks open offices; an accepted invoice, two declarations, one released; a payment."""
    for member in ("customs", "bank-a", "bank-b"):
        desk.ids[f"office of {member}"] = desk.run("office", "open", who=member).out
    desk.ids["second"] = desk.issue()
    desk.run("invoice", "accept", desk.ids["second"], "--yes", who="buyer")
    exporter = ("--exporter", desk.ids["seller"])
    certificate = desk.run("certificate", "issue", "certificate.json", *exporter, who="chamber").out
    for name in ("first", "other"):
        words = ("--customs", "customs", "--regime", "export", "--invoice", desk.ids["second"])
        lodged = desk.run("declaration", "lodge", *words, "--certificate", certificate, who="seller")
        desk.ids[f"{name} declaration"] = lodged.out
    desk.run("declaration", "release", desk.ids["first declaration"], who="customs")
    paying = ("payment", "instruct", "pacs008.xml", "--invoice", desk.ids["second"], *BANKS)
    desk.ids["payment"] = desk.run(*paying, who="buyer").out
    return desk


def listed(desk: Desk, *words: str, who: str = "") -> tuple[list[str], str, bool]:
    """Type a list; give the ids, whose word it is that none is left out, and whether there are more."""
    document = desk.run(*words, "--json", who=who).json
    return [each["id"] for each in document["objects"]], document["complete"], document["more"]


def test_what_is_ones_own_is_listed_by_its_state(traded: Desk) -> None:
    """Newest first, of whoever asks; a state that is none is refused with those there are."""
    ids = traded.ids
    word = "a node's word"
    assert listed(traded, "invoice", "list", "--state", "accepted", who="seller") == ([ids["second"]], word, False)
    assert listed(traded, "invoice", "list", who="buyer") == ([ids["second"], ids["invoice"]], word, False)
    assert listed(traded, "invoice", "list", "--limit", "1") == ([ids["second"]], word, True)
    assert listed(traded, "declaration", "list", "--open", who="customs")[0] == [ids["other declaration"]]
    assert listed(traded, "declaration", "list", "--ended", who="customs")[0] == [ids["first declaration"]]
    assert listed(traded, "declaration", "list", who="buyer")[0] == []
    assert listed(traded, "payment", "list", "--other", "bank-a", who="bank-b")[0] == [ids["payment"]]
    assert listed(traded, "payment", "list", "--whose", ids["buyer"], "--other", "chamber")[0] == []
    assert listed(traded, "party", "list", who="market")[0] == [ids["buyer"], ids["seller"]]
    assert listed(traded, "invoice", "list", "--until", "2020-01-01")[0] == []
    assert len(listed(traded, "invoice", "list", "--since", "2020-01-01")[0]) == 2
    assert "It is one of: accepted" in traded.run("invoice", "list", "--state", "paid", code=2).err
    assert "the node's word" in traded.run("invoice", "list").err


def test_every_kind_of_object_has_its_list(traded: Desk) -> None:
    """Its own group of commands, also where nothing is in it."""
    for row in OBJECTS:
        listed(traded, row.name, "list")


def test_what_addresses_one_is_complete(traded: Desk) -> None:
    """A member's office has all of it, proven; a party what others have opened; both by kind and state."""
    ids = traded.ids
    both = [ids["other declaration"], ids["first declaration"]]
    assert listed(traded, "inbox", "--addressed", who="customs") == (both, "proven", False)
    assert (
        listed(traded, "inbox", "--addressed", "--kind", "declaration", "--state", "lodged", who="customs")[0]
        == both[:1]
    )
    assert listed(traded, "inbox", "--addressed", "--ended", who="customs")[0] == both[1:]
    assert listed(traded, "inbox", "--addressed", "--kind", "payment", who="customs")[0] == []
    assert listed(traded, "inbox", "--addressed", who="bank-a")[0] == [ids["payment"]]
    assert ids["second"] in listed(traded, "inbox", "--addressed", "--kind", "invoice", who="buyer")[0]
    assert listed(traded, "inbox", "--addressed", "--kind", "invoice", who="seller")[0] == []
    assert "no kind of object" in traded.run("inbox", "--addressed", "--kind", "ship", who="customs", code=2).err


def cases(desk: Desk, *words: str, who: str) -> list[dict[str, Any]]:
    """Type an inbox, and give its cases."""
    document = desk.run("inbox", *words, "--json", who=who).json
    assert document["complete"] == "a node's word"
    found: list[dict[str, Any]] = document["cases"]
    return found


def test_an_inbox_has_what_waits_and_for_what(traded: Desk) -> None:
    """The oldest first: an invoice for its buyer, a declaration for customs, a payment for the payer's bank."""
    ids = traded.ids
    (case,) = cases(traded, who="customs")
    assert (case["id"], [each["record"] for each in case["waits"]]) == (
        ids["other declaration"],
        ["declaration.release"],
    )
    assert case["worth"]["currency"] == "EUR"
    assert case["created_ms"] <= case["waits"][0]["since_ms"]
    for bank, record in (("bank-b", "payment.accept"), ("bank-a", "payment.confirm")):
        (case,) = cases(traded, who=bank)
        assert (case["id"], [each["record"] for each in case["waits"]]) == (ids["payment"], [record])
    assert [each["id"] for each in cases(traded, who="buyer")] == [ids["invoice"]]
    assert cases(traded, who="seller") == cases(traded, who="chamber") == []
    assert cases(traded, "--kind", "payment", who="customs") == []
    assert cases(traded, "--record", "payment.accept", who="bank-a") == []
    told = traded.run("inbox", who="customs")
    assert "declaration lodged  for declaration.release  since 20" in told.out
    assert "EUR" in told.out
    assert "the node's word" in told.err


def test_an_inbox_refuses_what_it_cannot_answer(traded: Desk) -> None:
    """With what there is to ask for."""
    assert "It is one of" in traded.run("inbox", "--record", "invoice.issue", who="buyer", code=2).err
    traded.run("inbox", "--kind", "ship", who="buyer", code=2)
    traded.run("inbox", "--addressed", "--follow", who="buyer", code=2)
    traded.run("inbox", "--open", who="buyer", code=2)
    traded.run("inbox", "--follow", "--until", "2020-01-01", who="buyer", code=2)
    assert "Order them by" in traded.run("inbox", "--order", "size", who="buyer", code=2).err
    traded.run("inbox", "--addressed", "--order", "age", who="buyer", code=2)
    traded.run("inbox", "--order", "age", "--after", "1", who="buyer", code=2)
    traded.run("inbox", "--worth-from", "1.00,EUR", "--worth-to", "2.00,USD", who="buyer", code=2)


def test_an_office_shows_its_inbox_and_its_acts(traded: Desk) -> None:
    """Both chains, newest first, each record proven; and whose office it is."""
    office = traded.ids["office of customs"]
    assert traded.run("office", "of", "customs", "--json").json["id"] == office
    addressed = traded.run("office", "inbox", office, "--json").json["records"]
    assert [record["kind"] for record in addressed] == ["declaration.lodge"] * 2
    assert len(traded.run("office", "inbox", office, "--most", "1").out.splitlines()) == 1
    acts = traded.run("office", "records", office, "--json").json["records"]
    assert [record["kind"] for record in acts] == ["office.open"]
    traded.run("office", "of", "chamber", code=13)


def test_an_invoice_is_found_by_its_number_where_it_was_sent(traded: Desk) -> None:
    """The seller's home folder knows the numbers of what it sent, however they are written; the buyer's does not."""
    both = [traded.ids["second"], traded.ids["invoice"]]
    listed_here = listed(traded, "invoice", "of-number", "qw 2026-0917", who="seller")
    assert listed_here == (both, "this home folder", False)
    assert listed(traded, "invoice", "of-number", "QW-2026-0918", who="seller")[0] == []
    assert listed(traded, "invoice", "of-number", "QW-2026-0917", who="buyer")[0] == []


def test_a_payment_is_found_by_its_uetr(traded: Desk) -> None:
    """The one that bears it, and none by another."""
    shown = traded.run("payment", "show", traded.ids["payment"], "--json").json
    uetr = shown["aspects"]["links"]["uetr"]
    assert listed(traded, "payment", "of-uetr", uetr)[0] == [traded.ids["payment"]]
    assert listed(traded, "payment", "of-uetr", "00000000-0000-4000-8000-000000000000")[0] == []


def test_an_inbox_is_asked_by_age_and_value_and_goes_on_behind_a_cursor(traded: Desk) -> None:
    """From so much to so much; a second process goes on where the first has ended."""
    worth = cases(traded, who="buyer")[0]["worth"]
    amount = f"{worth['minor'] // 100}.{worth['minor'] % 100:02},EUR"
    assert len(cases(traded, "--worth-from", amount, "--worth-to", amount, who="buyer")) == 1
    assert cases(traded, "--worth-from", f"1{amount}", who="buyer") == []
    assert cases(traded, "--worth-from", "0.01,USD", who="buyer") == []
    assert cases(traded, "--until", "2020-01-01", who="buyer") == []
    third = traded.issue()
    first = traded.run("inbox", "--limit", "1", "--json", who="buyer").json
    assert first["more"]
    behind = traded.run("inbox", "--after", str(first["cursor"]), "--json", who="buyer").json
    assert [each["id"] for each in first["cases"] + behind["cases"]] == [traded.ids["invoice"], third]
    assert (behind["more"], behind["cursor"]) == (False, None)


def test_who_has_read_is_listed(traded: Desk) -> None:
    """A party's own, from a cursor on; of a member it must be said of whom; in words and for programs."""
    traded.run("invoice", "show", traded.ids["second"], who="buyer")
    words = ("reads", "--object", traded.ids["second"])
    found = traded.run(*words, "--json", who="seller").json
    assert (found["complete"], found["more"], found["cursor"]) == ("a node's word", False, None)
    assert {each["party"] for each in found["reads"]} == {traded.ids["seller"]}
    assert {each["way"] for each in found["reads"]} >= {"proof"}
    assert {(each["node"], each["right"]) for each in found["reads"]} == {("market", "open")}
    one = traded.run("reads", "--limit", "1", "--json", who="seller").json
    assert (one["more"], one["cursor"]) == (True, one["reads"][0]["cursor"])
    after = traded.run("reads", "--before", one["cursor"], "--json", who="seller").json
    assert one["cursor"] not in {each["cursor"] for each in after["reads"]}
    told = traded.run(*words, who="seller")
    assert f"proof of invoice {traded.ids['second']}" in told.out
    assert "that node asks nobody who reads" in told.out
    assert "of what was read there" in told.err
    assert "--party" in traded.run("reads", who="customs", code=2).err
    assert len({each["party"] for each in traded.run("reads", "--all", "--json").json["reads"]}) >= 2


def test_lists_read_as_people_read_them(traded: Desk) -> None:
    """How much an object is about stands beside how it stands; that there is none is said, and no empty line alone."""
    line = next(
        each for each in traded.run("invoice", "list", who="seller").out.splitlines() if traded.ids["second"] in each
    )
    assert line.endswith("5150.00 EUR")
    assert "There is none" in traded.run("pledge", "list", who="buyer").err
    assert "Nothing waits" in traded.run("inbox", "--kind", "payment", "--state", "accepted", who="buyer").err
