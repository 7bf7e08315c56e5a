"""Orders typed against a real node."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def test_a_marketplace_attests_an_order(desk: Desk) -> None:
    """It is shown from a proof; the number is disclosed by the marketplace alone; nobody else attests."""
    words = ("order", "attest", "TR-4471", "--seller", desk.ids["seller"], "--buyer", desk.ids["buyer"])
    money = ("--amount", "4200.00", "--currency", "EUR", "--placed", "2026-09-14")
    order = desk.run(*words, *money, who="market").out
    shown = desk.run("order", "show", order, "--json").json
    assert (shown["kind"], shown["state"]) == ("order", "attested")
    assert shown["aspects"]["amounts"] == {"amount_minor": 420_000, "currency": "EUR", "minor_digits": 2}
    assert shown["aspects"]["links"]["marketplace"] == "market"
    assert "4200.00 EUR" in desk.run("order", "show", order).out
    desk.run("proof", order, "-o", "order.hanse", "--disclose", "number,issued,amount_minor", who="market")
    report = desk.run("verify", "order.hanse", "--offline", "--json").json
    terms = {(term["name"], term["value"], term["field"]) for term in report["terms"]}
    assert terms == {
        ("number", "TR-4471", None),
        ("issued", "2026-09-14", None),
        ("amount_minor", "420000", "/amount_minor"),
    }
    error = desk.run(*words, *money, "--json", who="customs", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("member-lacks-role", "X-2")
    for wrong in (("--amount", "4200.001", "--currency", "EUR"), ("--amount", "1", "--currency", "EURO")):
        desk.run(*words, *wrong, who="market", code=2)
