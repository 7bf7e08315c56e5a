"""A trade typed word by word against a real node, and what goes wrong on the way."""

import json

import pytest

from tests.world.messages import entry, notice
from tests.world.typed.desk import BANKS, Desk, at_a_terminal, type_whole_trade

pytestmark = pytest.mark.slow


def test_a_whole_trade_can_be_typed(desk: Desk) -> None:
    """Certificate, acceptance, both declarations, payment, proof: every step by its own command, ids on stdout."""
    type_whole_trade(desk)


def test_a_certificate_without_an_end_is_given_one(desk: Desk) -> None:
    """A file that does not say until when is refused with the option that says it, and issued with that."""
    paper = json.loads((desk.folder / "certificate.json").read_text("utf-8"))
    del paper["effectivePeriod"]
    (desk.folder / "endless.json").write_text(json.dumps(paper), "utf-8")
    words = ("certificate", "issue", "endless.json", "--exporter", desk.ids["seller"])
    assert "--valid-until" in desk.run(*words, who="chamber", code=2).err
    assert "2026-13-01" in desk.run(*words, "--valid-until", "2026-13-01", who="chamber", code=2).err
    certificate = desk.run(*words, "--valid-until", "2099-09-17T12:00:00Z", who="chamber").out
    shown = desk.run("certificate", "show", certificate, "--json").json["aspects"]["status"]
    assert shown["valid_until"] == 4_093_329_600_000


def test_a_certificate_is_applied_for_asked_about_and_issued(desk: Desk) -> None:
    """The seller applies, the chamber asks, the seller answers; one is issued with the same id, others end."""
    words = ("certificate", "apply", "certificate.json", "--issuer", "chamber")
    application = desk.run(*words, who="seller").out
    assert desk.run("certificate", "show", application, "--json").json["state"] == "applied for"
    desk.run("certificate", "query", application, "--reason", "ORIGIN-PROOF", who="chamber")
    shown = desk.run("certificate", "show", application)
    assert "applied for, queried" in shown.out
    assert "ORIGIN-PROOF" in shown.out
    desk.run("certificate", "answer", application, who="chamber", code=15)
    desk.run("certificate", "answer", application, "--file", "certificate.json", who="seller")
    desk.run("certificate", "answer", application, who="seller", code=2)
    issue = ("certificate", "issue", "certificate.json", "--again", "--application", application)
    desk.run(*issue, "--exporter", desk.ids["seller"], who="chamber", code=2)
    assert desk.run(*issue, who="chamber").out == application
    assert desk.run("certificate", "show", application, "--json").json["state"] == "live"
    desk.run("certificate", "query", application, "--reason", "SEAL", who="customs")
    assert "SEAL" in desk.run("certificate", "show", application).out
    desk.run("certificate", "answer", application, who="chamber")
    second, third = (desk.run(*words, "--again", who="seller").out for _ in range(2))
    desk.run("certificate", "refuse", second, "--reason", "NOT-ORIGINATING", who="chamber")
    desk.run("certificate", "withdraw", third, who="chamber", code=15)
    desk.run("certificate", "withdraw", third, who="seller")
    states = [desk.run("certificate", "show", each, "--json").json["state"] for each in (second, third)]
    assert states == ["refused", "withdrawn"]


def test_a_certificate_is_replaced(desk: Desk) -> None:
    """A duplicate stands in the place of the old one, which says so, and nothing is drawn on the old one any more."""
    issue = ("certificate", "issue", "certificate.json", "--again")
    old = desk.run(*issue, "--exporter", desk.ids["seller"], who="chamber").out
    words = ("certificate", "replace", old, "certificate.json", "--reason")
    desk.run(*words, "lost", who="chamber", code=2)
    new = desk.run(*words, "duplicate", "--again", who="chamber").out
    shown = desk.run("certificate", "show", old)
    assert "replaced" in shown.out
    assert new in shown.out
    assert desk.run("certificate", "show", new, "--json").json["aspects"]["links"]["replaces"] == old
    assert desk.run(*words, "duplicate", "--again", "--json", who="chamber", code=15).json["error"]["rule"] == "O-9"


def test_a_refusal_is_15_and_says_who_can_act(desk: Desk) -> None:
    """The rules' refusal names the rule, the field and what to do, on stderr and as one JSON document."""
    words = ("invoice", "accept", desk.ids["invoice"], "--yes")
    assert "The invoice's buyer has not signed." in desk.run(*words, who="seller", code=15).err
    error = desk.run(*words, "--json", who="seller", code=15).json["error"]
    assert (error["code"], error["rule"], error["reason"], error["exit_code"]) == ("refused", "I-2", "not-buyer", 15)
    assert error["pointer"] == "/signers"


def test_what_is_not_there_is_13(desk: Desk) -> None:
    """An id that the ledger does not have is not found; one of another kind is a mistake of the asker's."""
    assert desk.run("invoice", "show", "00" * 32, "--json", code=13).json["error"]["code"] == "not-found"
    desk.run("invoice", "show", desk.ids["seller"], code=2)
    desk.run("invoice", "show", "abc", code=2)


def test_goods_can_be_declared_line_by_line_and_refused(desk: Desk) -> None:
    """A declaration without a certificate names its lines; customs refuses it with codes."""
    words = ("--customs", "customs", "--regime", "import", "--invoice", desk.ids["invoice"])
    declaration = desk.run("declaration", "lodge", *words, "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "refuse", declaration, "--reason", "PAPERS", who="customs")
    refused = desk.run("declaration", "show", declaration, "--json").json
    assert refused["state"] == "refused"
    assert (refused["ending"]["reasons"], refused["ending"]["by"]) == (["PAPERS"], ["customs"])
    assert "PAPERS; declaration.refuse by customs" in desk.run("declaration", "show", declaration).out
    desk.run("declaration", "lodge", *words, who="buyer", code=2)
    desk.run("declaration", "lodge", *words, "--line", "69,CN,1,C62", who="buyer", code=2)
    second = desk.run("declaration", "lodge", *words, "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "withdraw", second, who="seller", code=15)
    desk.run("declaration", "withdraw", second, who="buyer")
    assert desk.run("declaration", "show", second, "--json").json["ending"]["reasons"] == []
    shown = desk.run("declaration", "show", second).out
    assert "no reason given; declaration.withdraw by the party with the key" in shown
    assert "quantity 12.5 C62" in shown
    assert "Struct" not in shown
    assert "(" not in shown


def test_customs_assesses_asks_and_is_answered(desk: Desk) -> None:
    """A lane with reasons and a profile's hash, a question in codes, the answer with a file; then it is released."""
    words = ("--customs", "customs", "--regime", "import", "--invoice", desk.ids["invoice"])
    declaration = desk.run("declaration", "lodge", *words, "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "answer", declaration, who="buyer", code=2)
    lane = ("declaration", "assess", declaration, "--lane", "yellow")
    desk.run(*lane, who="customs", code=15)
    desk.run(*lane, "--reason", "ORIGIN", "--profile", "invoice.xml", who="customs")
    desk.run("declaration", "query", declaration, "--reason", "PACKING-LIST", "--file", "invoice.xml", who="customs")
    shown = desk.run("declaration", "show", declaration).out
    for text in ("lane", "yellow", "ORIGIN", "asked", "PACKING-LIST"):
        assert text in shown
    desk.run("declaration", "query", declaration, "--reason", "AGAIN", who="customs", code=15)
    desk.run("declaration", "answer", declaration, "--file", "certificate.json", who="buyer")
    assert desk.run("declaration", "show", declaration, "--json").json["aspects"]["query"] is None
    desk.run("declaration", "release", declaration, who="customs")


def test_goods_are_released_in_parts_and_a_release_is_corrected(desk: Desk) -> None:
    """Quantities by line; the rest stays lodged until it is refused; what was too much is taken back."""
    words = ("--customs", "customs", "--regime", "import", "--invoice", desk.ids["invoice"])
    lines = ("--line", "691110,CN,12.5,C62", "--line", "691110,CN,3,KGM")
    declaration = desk.run("declaration", "lodge", *words, *lines, who="buyer").out
    release, correct = ("declaration", "release", declaration), ("declaration", "correct", declaration)
    for wrong, said in (("1", "names no quantity"), ("x=1", "names no quantity"), ("1=0.0000001", "quantity")):
        assert said in desk.run(*release, "--line", wrong, who="customs", code=2).err
    assert "given twice" in desk.run(*release, "--line", "1=1", "--line", "1=2", who="customs", code=2).err
    assert "more-than-lodged" in desk.run(*release, "--line", "1=12.6", who="customs", code=15).err
    assert "No one record" in desk.run(*correct, "--line", "1=1", who="customs", code=2).err
    desk.run(*release, "--line", "1=2.5", who="customs")
    assert desk.run("declaration", "show", declaration, "--json").json["state"] == "partly released"
    assert "released 2.5 C62" in desk.run("declaration", "show", declaration).out
    desk.run(*correct, "--line", "1=2.6", who="customs", code=15)
    desk.run(*correct, "--line", "1=0.5", who="customs")
    desk.run("declaration", "refuse", declaration, "--reason", "PAPERS", who="customs")
    shown = desk.run("declaration", "show", declaration, "--json").json
    assert shown["state"] == "released in part"
    assert [line["released_micro"] for line in shown["aspects"]["lines"]] == [2_000_000, 0]


def test_stock_leaves_a_zone_in_parts_and_comes_back(desk: Desk) -> None:
    """Each line says what it draws on, after an empty certificate; no more than is left."""
    words = ("declaration", "lodge", "--customs", "customs", "--invoice", desk.ids["invoice"], "--regime")
    stock = desk.run(*words, "bonded-admission", "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "release", stock, who="customs")
    taken = desk.run(*words, "zone-release", "--line", f"691110,CN,10,C62,,{stock}:1", who="buyer").out
    desk.run("declaration", "release", taken, who="customs")
    more = desk.run(*words, "zone-release", "--line", f"691110,CN,2.6,C62,,{stock}:1", who="buyer", code=15)
    assert "source-overdrawn" in more.err
    desk.run(*words, "return", "--line", f"691110,CN,10,C62,,{taken}:1", who="buyer")
    assert "drawn 10 C62" in desk.run("declaration", "show", taken).out


def test_a_part_of_an_invoice_can_be_paid(desk: Desk) -> None:
    """An amount in the invoice's currency is allocated, never more than is outstanding; then nobody can cancel."""
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller").out
    desk.run("payment", "instruct", "--invoice", f"{invoice}=0.001", *BANKS, who="buyer", code=2)
    refused = desk.run("payment", "instruct", "--invoice", f"{invoice}=5150.01", *BANKS, "--json", who="buyer", code=15)
    assert refused.json["error"]["reason"] == "overpaid"
    payment = desk.run("payment", "instruct", "--invoice", f"{invoice}=150.00", *BANKS, who="buyer").out
    assert desk.run("payment", "show", payment, "--json").json["aspects"]["amounts"]["amount_minor"] == 15_000
    desk.run("invoice", "cancel", invoice, who="seller", code=15)
    # A bank that does not carry it out says so, and the invoice is free again.
    desk.run("payment", "reject", payment, "--reason", "am4", who="bank-b", code=2)
    desk.run("payment", "reject", payment, "--reason", "AM04", who="bank-a", code=15)
    desk.run("payment", "reject", payment, "--reason", "AM04", who="bank-b")
    shown = desk.run("payment", "show", payment).out
    assert "150.00 EUR" in shown
    assert "rejected" in shown
    desk.run("invoice", "cancel", invoice, who="seller")


def test_charges_on_the_way_are_taken_from_the_message_or_typed(desk: Desk) -> None:
    """A bank's message that tells its charges confirms all; one that does not is completed by hand, in one form."""
    invoice = desk.issue()
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    payment = desk.run("payment", "instruct", "pacs008-charges.xml", "--invoice", invoice, *BANKS, who="buyer").out
    for wrong, said in (
        ("15.00,KING", "is no charge"),
        ("15.00,SHAR,DELTXX2A,more", "is no charge"),
        ("1.234,SHAR", "amount of EUR"),
    ):
        typed = ("payment", "confirm", payment, "camt054-charges.xml", "--charge", wrong)
        assert said in desk.run(*typed, who="bank-a", code=2).err
    desk.run("payment", "confirm", payment, "camt054-charges.xml", who="bank-a")
    shown = desk.run("payment", "show", payment).out
    assert "25.00 EUR" in shown
    assert "confirmed" in shown

    again = desk.issue()
    desk.run("invoice", "accept", again, "--yes", who="buyer")
    payment = desk.run("payment", "instruct", "pacs008-no-uetr.xml", "--invoice", again, *BANKS, who="buyer").out
    words = ("payment", "confirm", payment, "camt054-no-uetr.xml", "--transaction")
    assert "#9" in desk.run(*words, "#9", who="bank-a", code=2).err
    desk.run(*words, "#1", who="bank-a")
    assert desk.run("payment", "show", payment, "--json").json["state"] == "confirmed"


def test_a_statement_confirms_many(desk: Desk) -> None:
    """Each transaction of the bank's files is a line, what is refused is said at the end, and a rerun sends nothing."""
    uetrs = [f"3b9f1f0e-7f5b-4c7a-9a41-0d3c2b1a5f{number:02}" for number in range(2)]
    for uetr in uetrs:
        invoice = desk.issue()
        desk.run("invoice", "accept", invoice, "--yes", who="buyer")
        desk.run("payment", "instruct", "--invoice", invoice, *BANKS, "--uetr", uetr, who="buyer")
    many = [entry("5150.00", uetr=uetrs[0]), *[entry("1.00")] * 49]
    (desk.folder / "day.xml").write_bytes(notice(*many))
    (desk.folder / "evening.xml").write_bytes(notice(entry("5150.00", uetr=uetrs[1])))
    done = desk.run("payment", "confirm", "day.xml", "evening.xml", "--instructing", "pacs008.xml", who="bank-a")
    assert "day.xml: 50 transactions." in done.err
    assert "2 confirmed, 49 not matched" in done.err
    assert "no payment of 1.00 EUR is under way here" in done.out
    again = desk.run("payment", "confirm", "evening.xml", "--json", who="bank-a").json
    assert [(each["file"], each["outcome"]) for each in again] == [("evening.xml", "exists")]
    desk.run("payment", "message", again[0]["payment"], "--as", "camt.054", "-o", "told.xml", who="bank-a")
    assert uetrs[1].encode() in (desk.folder / "told.xml").read_bytes()
    desk.run("payment", "message", again[0]["payment"], "-o", "told.xml", who="bank-a", code=2)
    (desk.folder / "others.xml").write_bytes(notice(entry("1.00")))
    nothing = desk.run("payment", "confirm", "others.xml", who="bank-a", code=13)
    assert "not matched" in nothing.out
    assert "are of one payment" in desk.run("payment", "confirm", "day.xml", "--charge", "1", who="bank-a", code=2).err
    words = ("payment", "confirm", again[0]["payment"], "day.xml", "evening.xml")
    assert "2 are given" in desk.run(*words, who="bank-a", code=2).err


def test_a_payment_in_parts(desk: Desk) -> None:
    """It is accepted, a part arrives with a charge, is corrected, the rest arrives, and a part goes back."""
    invoice = desk.issue()
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    uetr = "3b9f1f0e-7f5b-4c7a-9a41-0d3c2b1a5e6f"
    payment = desk.run("payment", "instruct", "--invoice", invoice, *BANKS, "--uetr", uetr, who="buyer").out
    desk.run("payment", "accept", payment, who="bank-a", code=15)
    desk.run("payment", "accept", payment, who="bank-b")
    assert desk.run("payment", "show", payment, "--json").json["state"] == "accepted"

    for name, booked in (("part", "2000.00"), ("less", "1900.00"), ("rest", "3235.00")):
        (desk.folder / f"{name}.xml").write_bytes(notice(entry(booked, uetr=uetr)))
    desk.run("payment", "confirm", payment, "part.xml", who="bank-a", code=2)
    desk.run("payment", "confirm", payment, "part.xml", "--partial", who="bank-a")
    shown = desk.run("payment", "show", payment).out
    assert "partly confirmed" in shown
    assert "3150.00 EUR" in shown
    desk.run("payment", "correct", payment, "less.xml", "--charge", "15.00,SHAR", who="bank-a")
    amounts = desk.run("payment", "show", payment, "--json").json["aspects"]["amounts"]
    assert [amounts[f"{name}_minor"] for name in ("credited", "charged", "under_way")] == [190_000, 1_500, 323_500]
    desk.run("payment", "confirm", payment, "rest.xml", who="bank-a")
    assert desk.run("payment", "show", payment, "--json").json["state"] == "confirmed"
    desk.run("payment", "return", payment, "--reason", "AC04", "--amount", "5150.01", who="bank-a", code=15)
    desk.run("payment", "return", payment, "--reason", "AC04", "--amount", "150.00", who="bank-a")
    assert desk.run("payment", "show", payment, "--json").json["state"] == "partly returned"
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["amounts"]["settled_minor"] == 500_000
    desk.run("payment", "return", payment, "--reason", "AC04", who="bank-a")
    assert desk.run("payment", "show", payment, "--json").json["state"] == "returned"
    desk.run("payment", "return", payment, "--reason", "AC04", who="bank-a", code=2)


def test_a_payment_that_waits_in_another_currency(desk: Desk) -> None:
    """The payer is debited dollars through a bank abroad; the certificate must be in force; the rail is named."""
    certificate = desk.run(
        "certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"], who="chamber"
    ).out
    invoice = desk.issue()
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    words = ("payment", "instruct", "--invoice", invoice, "--payer-bank", "COBADEFFXXX", "--payee-bank", "bank-a")
    for wrong in ("5600.00,EUR", "5600.00", "0,USD", "x,USD"):
        assert desk.run(*words, "--debit", wrong, who="buyer", code=15 if "EUR" in wrong else 2)
    asked = ("--debit", "5600.00,USD", "--rail", "swift", "--if-in-force", certificate)
    desk.run(*words, *asked, "--if-released", certificate, who="buyer", code=15)
    payment = desk.run(*words, *asked, "--uetr", "3b9f1f0e-7f5b-4c7a-9a41-0d3c2b1a5e70", who="buyer").out
    (desk.folder / "all.xml").write_bytes(notice(entry("5150.00", uetr="3b9f1f0e-7f5b-4c7a-9a41-0d3c2b1a5e70")))
    assert "payment-not-accepted" in desk.run("payment", "confirm", payment, "all.xml", who="bank-a", code=15).err
    desk.run("payment", "accept", payment, who="bank-b", code=15)
    desk.run("payment", "accept", payment, who="bank-a")
    desk.run("payment", "confirm", payment, "all.xml", who="bank-a")
    shown = desk.run("payment", "show", payment)
    for text in ("5600.00 USD", "swift", "COBADEFFXXX", certificate, "confirmed"):
        assert text in shown.out
    desk.run("proof", payment, "-o", "waited.hanse", who="bank-a")
    desk.run("verify", "waited.hanse", who="bank-a")


def test_a_file_is_registered_once_unless_it_is_meant(desk: Desk) -> None:
    """The second time nothing is sent and the first one's id is given; at a terminal a yes registers it once more."""
    words = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"])
    first = desk.run(*words, who="seller")
    assert "is registered already" in first.err
    assert "stood already" in first.err
    with at_a_terminal("no\n"):
        assert desk.run(*words, who="seller").out == first.out
    with at_a_terminal("yes\n"):
        assert desk.run(*words, who="seller").out != first.out


def test_a_proof_is_written_once_and_shows_what_is_not_stated(desk: Desk) -> None:
    """Into a file that is there only by force; terms of several objects say whose; from a mark it is no larger."""
    seller = ("proof", desk.ids["invoice"], "-o", "shown.hanse")
    made = desk.run(*seller, "--disclose", "BT-1,BT-113", who="seller")
    assert "Shown as not stated: BT-113" in made.err
    whole = (desk.folder / "shown.hanse").stat().st_size
    assert "shown.hanse" in desk.run(*seller, who="seller", code=2).err
    written = desk.run(*seller, "--force", "--from-mark", "--json", who="seller").json
    assert written["bytes"] < whole
    both = ("proof", desk.ids["invoice"], desk.ids["seller"], "-o", "both.hanse", "--disclose", "BT-1")
    assert "does not say whose terms" in desk.run(*both, who="seller", code=2).err
    assert not (desk.folder / "both.hanse").exists()
    assert desk.run("inspect", "shown.hanse").out.startswith("checked")


def test_what_is_typed_in_no_form_is_a_mistake(desk: Desk) -> None:
    """Ids, moments, terms and addresses that are none: 2, with the form, and nothing is sent."""
    for words, said in (
        (("invoice", "show", "zz"), "is not hexadecimal"),
        (("verify", "invoice.xml", "--at", "yesterday"), "yesterday"),
        (("party", "request", "--member", "market", "--role", "seller", "--term", "name", "-o", "x"), "is no term"),
        (
            ("party", "request", "--member", "market", "--role", "seller", *("--term", "a=1") * 2, "-o", "x"),
            "is given twice",
        ),
        (("node", "status", "--node", "nowhere"), "nowhere"),
    ):
        assert said in desk.run(*words, who="seller", code=2).err, words
    desk.run("verify", "invoice.xml", code=14)
    desk.run("inspect", "invoice.xml", code=14)
    desk.run("invoice", "show", desk.ids["invoice"], "--quorum", "7", code=0)
    assert (
        "members cannot vouch"
        in desk.run("invoice", "cancel", desk.ids["invoice"], "--quorum", "7", who="seller", code=2).err
    )


def test_parcels_come_in_without_a_certificate(desk: Desk) -> None:
    """Once the office has set up to which value, in which currency; they say their worth, and which products."""
    office = desk.run("office", "open", who="customs").out
    desk.run("office", "set", office, "--low-value", "150.00,EUR", "--low-value", "10000,JPY", who="customs")
    assert "150.00 EUR, 10000 JPY" in desk.run("office", "show", office).out
    words = ("declaration", "lodge", "--customs", "customs", "--invoice", desk.ids["invoice"])
    parcel = (*words, "--regime", "low-value-import", "--line", "691110,CN,1,C62")
    named = (*parcel, "--product", "4006381333931")
    assert "low-value-unfit" in desk.run(*parcel, who="buyer", code=15).err
    assert "Give both" in desk.run(*named, who="buyer", code=2).err
    assert "no ids of products" in desk.run(*parcel, "--value", "1,EUR", "--product", "a b", who="buyer", code=2).err
    assert "is no value" in desk.run(*named, "--value", "12.00", who="buyer", code=2).err
    assert "at most 150.00 EUR" in desk.run(*named, "--value", "150.01,EUR", who="buyer", code=15).err
    lodged = desk.run(*named, "--value", "29.50,EUR", who="buyer").out
    shown = desk.run("declaration", "show", lodged).out
    assert "29.50 EUR" in shown
    assert "product 4006381333931" in shown
    desk.run("declaration", "release", lodged, who="customs")
    desk.run("proof", lodged, "--out", "parcel.hanse", who="buyer")
    assert desk.run("verify", "parcel.hanse", "--json").json["verdict"] in {"valid", "valid with warnings"}
    desk.run("office", "set", office, "--no-low-value", who="customs")
    assert "low-value-not-taken" in desk.run(*named, "--value", "1,EUR", who="buyer", code=15).err
