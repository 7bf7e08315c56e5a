"""What is payable of an invoice, typed: acceptances that name it, and credit notes that lower it."""

import pytest

from tests.world.typed.desk import BANKS, Desk, at_a_terminal
from tests.world.typed.papers import credit_note_paper, invoice_paper

pytestmark = pytest.mark.slow


def amounts_of(desk: Desk, invoice: str) -> dict[str, int]:
    """Give the amounts of an invoice as they stand."""
    amounts: dict[str, int] = desk.run("invoice", "show", invoice, "--json").json["aspects"]["amounts"]
    return amounts


def test_what_is_accepted_is_shown_and_asked(desk: Desk) -> None:
    """The buyer sees amount and day, and agrees or not; where nobody can be asked, it says so beforehand."""
    invoice = desk.issue()
    words = ("invoice", "accept", invoice)
    unasked = desk.run(*words, who="buyer", code=2).err
    assert "5150.00 EUR" in unasked
    assert "2026-10-17" in unasked
    assert "--yes" in unasked
    with at_a_terminal("no\n"):
        assert "Nothing was done" in desk.run(*words, who="buyer", code=2).err
    assert "5150.00 EUR are payable" in desk.run(*words, "--amount", "5000.00", "--yes", who="buyer", code=2).err
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["acceptance"] is None
    refused = desk.run(*words, "--due", "2026-11-17", "--yes", "--json", who="buyer", code=15).json["error"]
    assert (refused["reason"], refused["pointer"], refused["wanted"]) == ("due-differs", "/body/due", "2026-10-17")
    with at_a_terminal("yes\n"):
        desk.run(*words, "--amount", "5150.00", who="buyer")
    accepted = desk.run("invoice", "show", invoice, "--json").json["aspects"]["acceptance"]
    assert accepted == {"accepted_due": "2026-10-17", "accepted_minor": 515_000, "currency": "EUR", "minor_digits": 2}
    shown = desk.run("invoice", "show", invoice).out
    assert "accepted due" in shown
    desk.run("proof", invoice, "-o", "accepted.hanse", who="buyer")
    verified = desk.run("verify", "accepted.hanse", "--offline").out
    assert "accepted by the buyer for 5150.00 EUR due 2026-10-17" in verified


def test_an_invoice_without_a_day_is_dated_by_its_buyer(desk: Desk) -> None:
    """Where the paper does not say when it is due, the buyer may; or it stays open."""
    (desk.folder / "undated.xml").write_text(invoice_paper("QW-U").replace("<cbc:DueDate>2026-10-17</cbc:DueDate>", ""))
    issued = ("invoice", "issue", "undated.xml", "--buyer", desk.ids["buyer"], "--again")
    first, second = (desk.run(*issued, who="seller").out for _ in range(2))
    told = desk.run("invoice", "accept", first, "--due", "2027-01-31", "--yes", who="buyer").err
    assert "2027-01-31" in told
    desk.run("proof", first, "-o", "dated.hanse", who="buyer")
    assert "accepted by the buyer for 5150.00 EUR due 2027-01-31" in desk.run("verify", "dated.hanse", "--offline").out
    assert "no date is named" in desk.run("invoice", "accept", second, "--yes", who="buyer").err
    desk.run("proof", second, "-o", "open.hanse", who="buyer")
    assert "for 5150.00 EUR, without a due date" in desk.run("verify", "open.hanse", "--offline").out


def test_a_credit_note_is_read_and_lowers_what_is_outstanding(desk: Desk) -> None:
    """The sum is the note's; the same file is not credited twice; then no more is paid than is left."""
    invoice = desk.issue()
    (desk.folder / "note.xml").write_text(credit_note_paper("CN-1", "150.00", "5000.00"))
    words = ("invoice", "credit", invoice, "note.xml")
    assert desk.run(*words, "--json", who="buyer", code=15).json["error"]["reason"] == "not-seller"
    receipt = desk.run(*words, "--json", who="seller").json
    assert (receipt["object_id"], receipt["kind"]) == (invoice, "invoice.credit")
    again = desk.run(*words, "--json", who="seller").json
    assert again["record_id"] == receipt["record_id"]
    assert [warning["code"] for warning in again["warnings"]] == ["registered-already"]
    amounts = amounts_of(desk, invoice)
    assert (amounts["payable_minor"], amounts["credited_minor"]) == (515_000, 15_000)
    over = ("payment", "instruct", "--invoice", f"{invoice}=5000.01", *BANKS)
    assert desk.run(*over, "--json", who="buyer", code=15).json["error"]["reason"] == "overpaid"
    desk.run("invoice", "accept", invoice, "--amount", "5000.00", "--yes", who="buyer")
    # The note has an opening of its own: its terms are shown by its record's id, and the invoice's stay.
    disclosed = ("--disclose", f"{receipt['record_id']}:BT-1,BT-115", "--disclose", f"{invoice}:BT-1")
    desk.run("proof", invoice, "-o", "credited.hanse", *disclosed, who="seller")
    shown = desk.run("verify", "credited.hanse", "--offline", "--json").json
    terms = {(term["name"], term["value"], term["field"]) for term in shown["terms"]}
    assert terms == {("BT-1", "CN-1", None), ("BT-115", "150.00", "/amount_minor"), ("BT-1", "QW-2026-0917", None)}


def test_a_note_that_breaks_a_rule_is_refused_unless_it_is_said(desk: Desk) -> None:
    """Its rule is named, and nothing is sent; who registers it all the same finds it in the receipt."""
    invoice = desk.issue()
    note = credit_note_paper("CN-R", "100.00", "5050.00").replace('unitCode="C62"', 'unitCode="QQQ"')
    (desk.folder / "ruled.xml").write_text(note)
    words = ("invoice", "credit", invoice, "ruled.xml", "--json")
    error = desk.run(*words, who="seller", code=2).json["error"]
    assert "(BR-CL-23)" in error["message"]
    receipt = desk.run(*words, "--despite-findings", who="seller").json
    assert {each["id"] for each in receipt["findings"] if each["weight"] == "fatal"} == {"BR-CL-23"}
    assert amounts_of(desk, invoice)["credited_minor"] == 10_000


def test_a_note_of_another_invoice_or_currency_is_not_taken(desk: Desk) -> None:
    """What the note says of itself must be of this invoice; who means it all the same says the amount."""
    invoice = desk.issue()
    papers = {
        "other.xml": credit_note_paper("CN-2", "50.00", "5100.00", of="QW-2026-0001"),
        "dollars.xml": credit_note_paper("CN-3", "50.00", "5100.00", currency="USD"),
        "nothing.xml": credit_note_paper("CN-4", "0.00", "5150.00"),
    }
    for name, text in papers.items():
        (desk.folder / name).write_text(text)
    words = ("invoice", "credit", invoice)
    assert "BT-25" in desk.run(*words, "other.xml", who="seller", code=2).err
    assert "in USD, the invoice in EUR" in desk.run(*words, "dollars.xml", who="seller", code=2).err
    assert "credits nothing" in desk.run(*words, "nothing.xml", who="seller", code=2).err
    assert "BT-115" in desk.run(*words, "other.xml", "--amount", "51.00", who="seller", code=2).err
    desk.run(*words, "other.xml", "--amount", "50.00", who="seller")
    assert amounts_of(desk, invoice)["credited_minor"] == 5_000


def test_a_note_that_nothing_reads_is_credited_by_hand(desk: Desk) -> None:
    """A PDF says nothing here: the seller names the sum, and the file is committed to as it is."""
    invoice = desk.issue()
    (desk.folder / "note.pdf").write_bytes(b"%PDF-1.7 a credit note on paper")
    words = ("invoice", "credit", invoice, "note.pdf")
    assert "--amount" in desk.run(*words, who="seller", code=14).err
    for wrong in ("0", "-5", "1.234", "much"):
        desk.run(*words, f"--amount={wrong}", who="seller", code=2)
    refused = desk.run(*words, "--amount", "5150.01", "--json", who="seller", code=15).json["error"]
    assert (refused["reason"], refused["wanted"]) == ("credited-beyond-outstanding", "at most 5150.00 EUR")
    desk.run(*words, "--amount", "20.00", who="seller")
    assert amounts_of(desk, invoice)["credited_minor"] == 2_000


def test_a_credit_note_is_no_invoice(desk: Desk) -> None:
    """Neither form of one is issued; both say where it goes."""
    (desk.folder / "note-as-invoice.xml").write_text(
        invoice_paper("CN-5").replace("<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>381")
    )
    (desk.folder / "note-5.xml").write_text(credit_note_paper("CN-5", "50.00", "5100.00"))
    issued = ("--buyer", desk.ids["buyer"])
    assert "invoice credit" in desk.run("invoice", "issue", "note-as-invoice.xml", *issued, who="seller", code=2).err
    assert "invoice credit" in desk.run("invoice", "issue", "note-5.xml", *issued, who="seller", code=14).err


def test_tags_are_replaced_by_typing_them(desk: Desk) -> None:
    """One for each epoch in use; what is no tag is told before anything is sent."""
    invoice = desk.issue()
    tags = ("--tag", f"1:{'cd' * 32}")
    for wrong in ("cd", "1:cd", "one:" + "cd" * 32, f"-1:{'cd' * 32}"):
        assert "is no tag" in desk.run("invoice", "retag", invoice, f"--tag={wrong}", who="seller", code=2).err
    desk.run("invoice", "retag", invoice, *tags, who="buyer", code=15)
    desk.run("invoice", "retag", invoice, *tags, who="seller")
    assert len(desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]["tags"]) == 1
    refused = desk.run("invoice", "retag", invoice, *tags, "--json", who="seller", code=15).json["error"]
    assert refused["reason"] == "tags-unchanged"
