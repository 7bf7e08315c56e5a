"""What records put into a consignment while they create it, typed against a real node."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow

UCR = "6CN91330106MA2-TR4472"
TAG = ("--tag", f"1:{'a7' * 32}")
BANKS = ("--payer-bank", "bank-b", "--payee-bank", "bank-a")


@pytest.fixture(scope="module")
def filled(desk: Desk) -> Desk:
    """The seller opens a consignment, and everybody's record puts in what it creates."""
    ids = desk.ids
    ids["carrier"] = desk.enrol("carrier", "carrier")
    writers = ("chamber", "market", "bank-a", ids["buyer"], ids["carrier"])
    named = [word for name in writers for word in ("--writer", name)]
    ids["folder"] = desk.run("consignment", "open", UCR, *named, who="seller").out
    into = ("--consignment", ids["folder"])
    (desk.folder / "bill.txt").write_text("Bill of lading BL-88214")

    issue = ("invoice", "issue", "invoice.xml", "--buyer", ids["buyer"], "--again")
    ids["put in"] = desk.run(*issue, *into, who="seller").out
    certify = ("certificate", "issue", "certificate.json", "--exporter", ids["seller"])
    ids["certificate"] = desk.run(*certify, *into, who="chamber").out
    apply = ("certificate", "apply", "certificate.json", "--issuer", "chamber")
    ids["application"] = desk.run(*apply, *into, who="seller").out
    replace = ("certificate", "replace", ids["certificate"], "certificate.json", "--reason", "duplicate", "--again")
    ids["replacement"] = desk.run(*replace, *into, who="chamber").out
    attest = ("order", "attest", "TR-4472", "--seller", ids["seller"], "--buyer", ids["buyer"])
    ids["order"] = desk.run(*attest, "--amount", "1", "--currency", "EUR", *into, who="market").out
    lodge = ("declaration", "lodge", "--customs", "customs", "--regime", "export", "--invoice", ids["put in"])
    ids["declaration"] = desk.run(*lodge, "--certificate", ids["replacement"], *into, who="seller").out
    ends = ("--consignor", ids["seller"], "--consignee", ids["buyer"], "--term", "number=BL-88214")
    dispatch = ("shipment", "dispatch", "bill.txt", *ends, "--packages", f"40,CT,{ids['put in']}")
    ids["shipment"] = desk.run(*dispatch, *into, who="carrier").out
    title = ("title", "issue", ids["shipment"], "--file", "bill.txt", "--holder", ids["seller"])
    ids["title"] = desk.run(*title, "--term", "number=BL-88214", *into, who="carrier").out
    desk.run("invoice", "retag", ids["put in"], *TAG, who="seller")
    desk.run("invoice", "accept", ids["put in"], "--yes", who="buyer")
    request = ("pledge", "request", ids["put in"], *TAG, "-o", "pledge.json")
    ids["pledge"] = desk.run(*request, *into, who="bank-a").out
    assert ids["folder"] in desk.run("pledge", "create", "pledge.json", "--yes", who="seller").err
    pay = ("payment", "instruct", "--invoice", f"{ids['put in']}=150.00", *BANKS)
    ids["payment"] = desk.run(*pay, *into, who="buyer").out
    return desk


def test_a_folder_says_who_made_what_in_it(filled: Desk) -> None:
    """Newest first, each by whoever made it; of the pledge's two signers the bank, which writes as the seller does."""
    ids = filled.ids
    document = filled.run("consignment", "show", UCR, "--json").json
    assert [(item["kind"], item["id"], item["writer"]) for item in document["items"]] == [
        ("payment", ids["payment"], ids["buyer"]),
        ("pledge", ids["pledge"], "bank-a"),
        ("title", ids["title"], ids["carrier"]),
        ("shipment", ids["shipment"], ids["carrier"]),
        ("declaration", ids["declaration"], ids["seller"]),
        ("order", ids["order"], "market"),
        ("certificate", ids["replacement"], "chamber"),
        ("certificate", ids["application"], ids["seller"]),
        ("certificate", ids["certificate"], "chamber"),
        ("invoice", ids["put in"], ids["seller"]),
    ]
    assert document["aspects"]["contents"] == {"items": 10}
    shown = filled.run("consignment", "show", ids["folder"], "--kind", "order").out
    assert f"order {ids['order']}  attested  by market" in shown
    records = filled.run("consignment", "history", UCR, "--json").json["records"]
    assert [record["kind"] for record in records] == [
        *("payment.instruct", "pledge.create", "title.issue", "shipment.dispatch", "declaration.lodge"),
        *("order.attest", "certificate.replace", "certificate.apply", "certificate.issue", "invoice.issue"),
        "consignment.open",
    ]


def test_its_proofs_hold(filled: Desk) -> None:
    """Of the consignment and of everything in it, for whoever has the trust file alone."""
    for place, name in enumerate(("folder", "put in", "replacement", "declaration", "title", "pledge", "payment")):
        filled.run("proof", filled.ids[name], "-o", f"{place}.hanse", who="seller")
        report = filled.run("verify", f"{place}.hanse", "--offline", "--json").json
        assert report["verdict"] in {"valid", "valid with warnings"}, (name, report)


def test_others_are_refused_by_this_rule(filled: Desk) -> None:
    """Who does not write creates nothing under the consignment's name; the record stands whole or not at all."""
    ids = filled.ids
    own = filled.run("consignment", "open", UCR, who="buyer").out
    issue = ("invoice", "issue", "invoice.xml", "--buyer", ids["buyer"], "--again")
    error = filled.run(*issue, "--consignment", own, "--json", who="seller", code=15).json["error"]
    assert (error["reason"], error["rule"], error["seen"]) == ("not-writer", "U-3", ids["seller"])
    error = filled.run(*issue, "--consignment", ids["buyer"], "--json", who="seller", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("consignment-unknown", "U-3")
    filled.run(*issue, "--consignment", UCR, who="seller", code=2)


def test_what_puts_in_nothing_names_no_consignment(filled: Desk) -> None:
    """A sheet of many invoices, and what is granted: it stands already, as the application."""
    into = ("--consignment", filled.ids["folder"])
    many = ("invoice", "issue", "--bulk", ".", "--buyer", filled.ids["buyer"])
    assert "--consignment" in filled.run(*many, *into, who="seller", code=2).err
    grant = ("certificate", "issue", "certificate.json", "--application", filled.ids["application"])
    assert "consignment add" in filled.run(*grant, *into, who="chamber", code=2).err


def test_who_was_named_later_has_put_nothing_in(filled: Desk) -> None:
    """Of a pledge's two makers it was the one that wrote then, whoever writes since."""
    ids, tag = filled.ids, ("--tag", f"1:{'a8' * 32}")
    folder = filled.run("consignment", "open", f"{UCR}B", who="seller").out
    invoice = filled.issue()
    filled.run("invoice", "retag", invoice, *tag, who="seller")
    filled.run("invoice", "accept", invoice, "--yes", who="buyer")
    request = ("pledge", "request", invoice, *tag, "--consignment", folder, "-o", "later.json")
    pledge = filled.run(*request, who="bank-a").out
    filled.run("pledge", "create", "later.json", "--yes", who="seller")
    filled.run("consignment", "add", folder, "--writer", "bank-a", who="seller")
    items = filled.run("consignment", "show", folder, "--json").json["items"]
    assert [(item["id"], item["writer"]) for item in items] == [(pledge, ids["seller"])]
