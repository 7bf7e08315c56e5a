"""The usual stories of an invoice, typed against a real node: what a proof shows of them, and what it never does."""

from typing import Any

import pytest

from tests.world.typed.desk import BANKS, Desk

pytestmark = pytest.mark.slow

HIDDEN = ("BT-131", "BT-146", "BT-44", "BT-27", "BT-84", "BT-112", "BT-115")
"""Net amount and price of a line, buyer, seller, account, totals."""


def told(desk: Desk, story: str, *words: str) -> tuple[list[str], dict[str, Any]]:
    """Tell a story of the invoice; give the objects that it names, and what the proof says of them offline."""
    made = desk.run("proof", desk.ids["invoice"], "--story", story, *words, "--json", who="seller").json
    path = words[words.index("-o") + 1]
    return made["objects"], desk.run("verify", path, "--offline", "--json").json


def shown(report: dict[str, Any]) -> dict[str, str]:
    """Give the terms that a proof shows, by their names."""
    return {term["name"]: term["value"] for term in report["terms"]}


def test_goods_come_from_somewhere_and_nobody_learns_for_how_much(desk: Desk) -> None:
    """Not before customs have released them; then item, origin, certificate and customs, and no price, no name."""
    invoice = desk.ids["invoice"]
    early = desk.run("proof", invoice, "--story", "origin", "-o", "origin.hanse", who="seller", code=2).err
    assert "No customs have released goods" in early
    assert not (desk.folder / "origin.hanse").exists()
    issue = ("certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"])
    certificate = desk.run(*issue, who="chamber").out
    lodge = ("declaration", "lodge", "--customs", "customs", "--invoice", invoice, "--certificate", certificate)
    exported = desk.run(*lodge, "--regime", "export", who="seller").out
    pending = desk.run(*lodge, "--regime", "import", who="buyer").out
    desk.run("declaration", "release", exported, who="customs")
    objects, report = told(desk, "origin", "-o", "origin.hanse")
    assert objects == [invoice, certificate, exported]
    assert pending not in objects
    terms = shown(report)
    assert {"BT-1", "BT-2", "BG-25/1/BT-153"} <= terms.keys()
    assert terms["BG-25/1/BT-159"] == "CN"
    assert not [name for name in terms if name.split("/")[-1] in HIDDEN]
    assert all(value is not None for value in terms.values())
    assert "number" not in terms  # the chamber's to show: its opening lies in the chamber's home folder
    assert report["verdict"] in {"valid", "valid with warnings"}
    _, one = told(desk, "origin", "--line", "1", "-o", "one.hanse")
    assert {name.split("/")[1] for name in shown(one) if name.startswith("BG-25/")} == {"1"}
    words = ("proof", invoice, "--story", "origin", "--line", "99", "-o", "none.hanse")
    assert "no line 99" in desk.run(*words, who="seller", code=2).err


def test_what_is_paid_is_told(desk: Desk) -> None:
    """Once the payee's bank has confirmed a payment, by the payments that came; and not before."""
    invoice = desk.ids["invoice"]
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    payment = desk.run("payment", "instruct", "pacs008.xml", "--invoice", invoice, *BANKS, who="buyer").out
    early = desk.run("proof", invoice, "--story", "settlement", "-o", "paid.hanse", who="seller", code=2).err
    assert "Nothing of invoice" in early
    desk.run("payment", "confirm", payment, "camt054.xml", who="bank-a")
    objects, report = told(desk, "settlement", "-o", "paid.hanse")
    assert objects == [invoice, payment]
    assert shown(report) == {"BT-1": "QW-2026-0917", "BT-2": "2026-09-17", "BT-9": "2026-10-17"}


def test_that_it_is_free_is_told_of_an_accepted_invoice_alone(desk: Desk) -> None:
    """As `invoice unpledged` does, with number and dates shown."""
    fresh = desk.issue()
    words = ("proof", fresh, "--story", "unpledged", "-o", "free.hanse")
    assert "not accepted by its buyer" in desk.run(*words, who="seller", code=2).err
    desk.run("invoice", "accept", fresh, "--yes", who="buyer")
    desk.run(*words, who="seller")
    assert shown(desk.run("verify", "free.hanse", "--offline", "--json").json)["BT-1"] == "QW-2026-0917"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--story", "price"), "no story"),
        (("--story", "origin", "--disclose", "BT-131"), "says itself what it shows"),
        (("--story", "settlement", "--line", "1"), "shows no lines"),
        (("--line", "1"), "belongs to --story origin"),
    ],
)
def test_what_is_no_story_is_a_mistake(desk: Desk, words: tuple[str, ...], said: str) -> None:
    """Nothing is written; and who cannot open the invoice cannot tell of it."""
    invoice = desk.ids["invoice"]
    assert said in desk.run("proof", invoice, *words, "-o", "wrong.hanse", who="seller", code=2).err
    assert "is not in" in desk.run("proof", invoice, "--story", "origin", "-o", "wrong.hanse", who="buyer", code=2).err
    assert not (desk.folder / "wrong.hanse").exists()
