"""Titles typed against a real node."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def title(desk: Desk) -> str:
    """Give a title that a carrier has issued to the seller, who has passed it on to the buyer."""
    invoice, seller, buyer = (desk.ids[name] for name in ("invoice", "seller", "buyer"))
    desk.ids["carrier"] = desk.enrol("carrier", "carrier")
    for name in ("bill", "amended", "paper", "again"):
        (desk.folder / f"{name}.txt").write_text(f"Bill of lading BL-88213, {name}")
    ends = ("--consignor", seller, "--consignee", buyer, "--packages", f"40,CT,{invoice}")
    shipment = desk.run("shipment", "dispatch", "bill.txt", *ends, "--term", "number=BL-88213", who="carrier").out
    words = ("title", "issue", shipment, "--file", "bill.txt", "--holder", seller, "--term", "number=BL-88213")
    issued = desk.run(*words, who="carrier").out
    error = desk.run(*words, "--json", who="carrier", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("title-taken", "T-3")
    desk.run("title", "transfer", issued, "--to", buyer, who="seller")
    return issued


def test_one_party_holds_a_title(desk: Desk, title: str) -> None:
    """Who has passed it on cannot do so again; who has it gives it back, and gets it again."""
    assert desk.ids["buyer"] in desk.run("title", "show", title).out
    error = desk.run("title", "transfer", title, "--to", desk.ids["carrier"], "--json", who="seller", code=15).json
    assert error["error"]["reason"] == "not-holder"
    desk.run("title", "reject", title, "--reason", "GOODS", who="buyer")
    assert desk.run("title", "show", title, "--json").json["aspects"]["holding"]["holder"] == desk.ids["seller"]
    desk.run("title", "transfer", title, "--to", desk.ids["buyer"], who="seller")


def test_what_cannot_be_prepared(desk: Desk, title: str) -> None:
    """Who is neither holder nor carrier prepares nothing; without a place for the draft nothing is written."""
    words = ("amend", title, "--file", "amended.txt", "--term", "number=1")
    desk.run("title", *words, who="carrier", code=2)
    desk.run("title", *words, "-o", "other.json", who="market", code=2)
    (desk.folder / "move.json").write_text("{}")
    desk.run("title", "countersign", "move.json", "--yes", who="carrier", code=2)


def test_carrier_and_holder_sign_one_after_the_other(desk: Desk, title: str) -> None:
    """It is amended, goes to paper and comes back, and is surrendered: one signs, the other looks, signs and sends."""
    told = ("--term", "number=BL-88213", "--term", "statement=in place of BL-88213")
    steps = (
        ("carrier", "buyer", ("title", "amend", title, "--file", "amended.txt", *told), "live"),
        ("buyer", "carrier", ("title", "convert", title, "--to", "paper", "--file", "paper.txt", *told), "on paper"),
        (
            "carrier",
            "seller",
            (
                "title",
                "convert",
                title,
                "--to",
                "electronic",
                "--file",
                "again.txt",
                "--holder",
                desk.ids["seller"],
                *told,
            ),
            "live",
        ),
        ("seller", "carrier", ("title", "surrender", title), "surrendered"),
    )
    for number, (first, second, words, state) in enumerate(steps):
        out = f"step{number}.json"
        assert desk.run(*words, "-o", out, who=first).out == title
        desk.run("title", "countersign", out, who=second, code=2)  # nobody has said yes
        desk.run("title", "countersign", out, "--yes", who=second)
        assert desk.run("title", "show", title, "--json").json["state"] == state
    error = desk.run("title", "transfer", title, "--to", desk.ids["buyer"], "--json", who="seller", code=15).json
    assert error["error"]["reason"] == "title-not-live"
