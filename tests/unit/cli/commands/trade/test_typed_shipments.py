"""Shipments typed against a real node."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def test_a_carrier_dispatches_and_goods_arrive(desk: Desk) -> None:
    """The carrier says what it has taken over and what has arrived; terms are shown to whom it shows them."""
    invoice = desk.ids["invoice"]
    desk.ids["carrier"] = desk.enrol("carrier", "carrier")
    (desk.folder / "bl.txt").write_text("Bill of lading BL-88213")
    packages = ("--packages", f"40,CT,{invoice}")
    ends = ("--consignor", desk.ids["seller"], "--consignee", desk.ids["buyer"])
    words = ("shipment", "dispatch", "bl.txt", *ends, "--term", "number=BL-88213", "--term", "vessel=Canton Breeze")
    shipment = desk.run(*words, *packages, who="carrier").out
    shown = desk.run("shipment", "show", shipment, "--json").json
    assert (shown["kind"], shown["state"]) == ("shipment", "dispatched")
    assert shown["aspects"]["packages"] == [{"count": 40, "invoice": invoice, "missing": 0, "unit": "CT"}]
    desk.run("proof", shipment, "-o", "shipment.hanse", "--disclose", "number", who="carrier")
    report = desk.run("verify", "shipment.hanse", "--offline", "--json").json
    assert [(term["name"], term["value"]) for term in report["terms"]] == [("number", "BL-88213")]
    error = desk.run("shipment", "arrive", shipment, "--json", who="seller", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("not-carrier", "T-2")
    desk.run("shipment", "arrive", shipment, "--missing", f"2,CT,{invoice}", who="carrier")
    assert desk.run("shipment", "show", shipment, "--json").json["state"] == "arrived short"
    for wrong in ("40,CT", f"x,CT,{invoice}", "40,CT,nothing"):
        desk.run(*words, "--packages", wrong, who="carrier", code=2)
