"""Bundles typed against a real node: drafts of several become one record, which all sign or nobody."""

import pytest

from hanse_ledger.kinds.object import created_id
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow

GOOD = {"valid", "valid with warnings"}


@pytest.fixture(scope="module")
def title(desk: Desk) -> str:
    """Give a title that a carrier has issued to the seller."""
    invoice, seller, buyer = (desk.ids[name] for name in ("invoice", "seller", "buyer"))
    desk.enrol("carrier", "carrier")
    (desk.folder / "bill.txt").write_text("Bill of lading BL-88213")
    ends = ("--consignor", seller, "--consignee", buyer, "--packages", f"40,CT,{invoice}")
    shipment = desk.run("shipment", "dispatch", "bill.txt", *ends, "--term", "number=BL-88213", who="carrier").out
    words = ("--file", "bill.txt", "--holder", seller, "--term", "number=BL-88213")
    return desk.run("title", "issue", shipment, *words, who="carrier").out


def test_a_title_against_an_acceptance(desk: Desk, title: str) -> None:
    """Each drafts its own step; the seller puts them together and signs, the buyer looks at both, signs and sends."""
    ids, keys = desk.ids, {}
    for name in ("seller", "buyer"):
        keys[name] = desk.run("key", "show", f"{name}.pem", "--json").json["public_key"]
    give = ("title", "transfer", title, "--to", ids["buyer"], "--with", keys["buyer"], "--draft", "give.draft")
    take = ("invoice", "accept", ids["invoice"], "--yes", "--with", keys["seller"], "--draft", "take.draft")
    desk.run(*give, who="seller")
    desk.run(*take, who="buyer")

    make = ("bundle", "make", "give.draft", "take.draft", "-o", "both.draft")
    made = desk.run(*make, "--json", who="seller").json
    assert made["missing"] == [keys["buyer"]]
    desk.run(*make, who="seller", code=2)
    shown = desk.run("bundle", "show", "both.draft").out
    assert "all or none" in shown
    assert "title.transfer: Pass" in shown
    assert "invoice.accept: " in shown
    assert desk.run("record", "show", "both.draft", "--json").json["kind"] == "bundle"

    # Neither step alone, nor what is no bundle, nor without a yes.
    desk.run("bundle", "make", "give.draft", "-o", "alone.draft", who="seller", code=2)
    desk.run("bundle", "sign", "give.draft", "--yes", who="buyer", code=2)
    asked = desk.run("bundle", "sign", "both.draft", who="buyer", code=2).err
    assert title in asked
    desk.run("bundle", "submit", "both.draft", code=2)
    assert desk.run("bundle", "sign", "both.draft", "--yes", "--json", who="buyer").json["record_id"] == made["bundle"]

    assert desk.run("title", "show", title, "--json").json["aspects"]["holding"]["holder"] == ids["buyer"]
    assert desk.run("invoice", "show", ids["invoice"], "--json").json["state"] == "accepted"
    for name, noun in ((title, "title"), (ids["invoice"], "invoice")):
        desk.run("proof", name, "-o", f"{noun}.hanse", who="buyer")
        report = desk.run("verify", f"{noun}.hanse", "--offline", "--json").json
        assert report["verdict"] in GOOD, report
        assert "bundle" in {act["kind"] for act in report["acts"]}


def test_terms_of_two_steps_are_disclosed_in_either_order(desk: Desk) -> None:
    """The seller registers two invoices in one bundle, and shows their numbers, whichever it names first."""
    keys = {name: desk.run("key", "show", f"{name}.pem", "--json").json["public_key"] for name in ("seller", "buyer")}
    asked = desk.issue()
    for name in ("one", "two"):
        words = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", "--with", keys["buyer"])
        desk.run(*words, "--draft", f"{name}.draft", who="seller")
    take = ("invoice", "accept", asked, "--yes", "--with", keys["seller"], "--draft", "three.draft")
    desk.run(*take, who="buyer")
    steps = [f"{name}.draft" for name in ("one", "two", "three")]
    made = desk.run("bundle", "make", *steps, "-o", "all.draft", "--json", who="seller").json
    desk.run("bundle", "sign", "all.draft", "--yes", who="buyer")
    names = [created_id(bytes.fromhex(made["bundle"]), place).hex() for place in (0, 1)]
    for first, second in (names, names[::-1]):
        terms = ("--disclose", f"{first}:BT-1", "--disclose", f"{second}:BT-1,BT-5")
        desk.run("proof", *names, "-o", "terms.hanse", "--force", *terms, who="seller")
        report = desk.run("verify", "terms.hanse", "--offline", "--json").json
        assert report["verdict"] in GOOD, report
        assert sorted(term["name"] for term in report["terms"]) == ["BT-1", "BT-1", "BT-5"]


def test_all_or_none(desk: Desk, title: str) -> None:
    """Where the bundle is refused none of its steps is done; who signs it without a step of its own is one too many."""
    keys = {name: desk.run("key", "show", f"{name}.pem", "--json").json["public_key"] for name in ("seller", "carrier")}
    give = ("title", "transfer", title, "--to", desk.ids["seller"], "--with", keys["seller"], "--draft", "back.draft")
    desk.run(*give, who="buyer")
    cancel = ("invoice", "cancel", desk.ids["invoice"], "--with", keys["carrier"], "--draft", "cancel.draft")
    desk.run(*cancel, who="seller")
    desk.run("bundle", "make", "back.draft", "cancel.draft", "-o", "none.draft", who="buyer")
    desk.run("bundle", "sign", "none.draft", "--yes", who="seller")
    error = desk.run("bundle", "sign", "none.draft", "--yes", "--json", who="carrier", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("superfluous-signer", "G-5")
    assert desk.run("title", "show", title, "--json").json["aspects"]["holding"]["holder"] == desk.ids["buyer"]
