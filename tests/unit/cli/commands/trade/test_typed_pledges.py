"""Pledges, typed: the bank prepares, the seller countersigns, a second bank is refused, the buyer pays the first."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow

TAG = ("--tag", f"1:{'ab' * 32}")
TRANSFER = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def invoice(desk: Desk) -> str:
    """Give an invoice that the buyer has accepted, and that bears a tag."""
    invoice = desk.issue()
    desk.run("invoice", "retag", invoice, *TAG, who="seller")
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    return invoice


def test_a_pledge_from_its_request_to_its_release(desk: Desk, invoice: str) -> None:
    """Each sees what is signed; while it stands no other bank gets it, and the payment goes to the bank that has it."""
    free = desk.run("invoice", "unpledged", invoice, "-o", "free.hanse").err
    says = "pledged to nobody, accepted by the buyer for 5150.00 EUR due 2026-10-17"
    assert says in free
    alone = "nor on any of its tags: the same invoice was pledged under no other record"
    assert alone in free
    verified = desk.run("verify", "free.hanse", "--offline").out
    assert says in verified
    assert alone in " ".join(verified.split())
    assert desk.run("invoice", "unpledged", invoice, "-o", "free.hanse", code=2).err

    foreseen = desk.run("pledge", "request", invoice, *TAG, "-o", "pledge.json", who="bank-a").out
    unasked = desk.run("pledge", "create", "pledge.json", who="seller", code=2).err
    assert "5150.00 EUR" in unasked
    assert "bank-a" in unasked
    pledge = desk.run("pledge", "create", "pledge.json", "--yes", who="seller").out
    assert pledge == foreseen
    shown = desk.run("pledge", "show", pledge).out
    assert "5150.00 EUR" in shown
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["pledge"] == {"pledged_by": pledge}

    assert pledge in desk.run("invoice", "unpledged", invoice, "-o", "pledged.hanse", code=2).err
    desk.run("proof", invoice, "-o", "pledged.hanse", who="bank-b")
    assert f"pledged by {pledge}, accepted by the buyer" in desk.run("verify", "pledged.hanse", "--offline").out

    second = ("pledge", "request", invoice, *TAG, "--bank", "bank-b", "-o", "second.json")
    assert desk.run(*second, "--json", who="seller").json["missing"] != []
    desk.run(*second, who="seller", code=2)
    late = ("pledge", "create", "second.json", "--yes", "--refusal", "pledged.refusal")
    refused = desk.run(*late, "--json", who="bank-b", code=15).json["error"]
    assert (refused["reason"], refused["seen"]) == ("invoice-pledged", pledge)
    desk.run(*late, who="bank-b", code=2)  # the file is there: nothing is sent
    shown = desk.run("verify", "pledged.refusal", "--offline").out
    assert "the node of market refused the record (pledge.create) by rule L-1" in shown
    assert f"seen: {pledge}" in shown
    assert "invoice-pledged" in desk.run("inspect", "pledged.refusal").out

    pay = ("payment", "instruct", "--invoice", f"{invoice}=150.00", "--payer-bank", "bank-b")
    wrong = desk.run(*pay, "--payee-bank", "bank-b", "--json", who="buyer", code=15).json["error"]
    assert (wrong["reason"], wrong["wanted"]) == ("payee-bank-not-pledgee", "bank-a")
    payment = desk.run(*pay, "--payee-bank", "bank-a", who="buyer").out
    desk.run("payment", "reject", payment, "--reason", "AM04", who="bank-b")

    assign = ("pledge", "request-assign", pledge, "--bank", "bank-b", "-o", "assign.json")
    assert desk.run(*assign, who="bank-a").out == pledge
    assert "another kind" in desk.run("pledge", "create", "assign.json", "--yes", who="bank-b", code=2).err
    assert desk.run("pledge", "assign", "assign.json", "--yes", who="bank-b").out == pledge
    proven = desk.run("proof", pledge, "-o", "pledge.hanse", who="bank-b")
    assert proven.err
    verified = desk.run("verify", "pledge.hanse", "--offline").out
    assert "it stands for 5150.00 EUR, of which 0.00 EUR are settled" in verified
    desk.run("pledge", "release", pledge, who="bank-a", code=15)
    assert desk.run("pledge", "release", pledge, who="bank-b").out == pledge
    desk.run("proof", pledge, invoice, payment, "-o", "released.hanse", who="bank-b")
    assert "it has been released" in desk.run("verify", "released.hanse", "--offline", code=11).out


def test_an_invoice_without_a_tag_may_stand_there_twice(desk: Desk) -> None:
    """Its own record is pledged to nobody, and more is not known: the command says so, and so does the file."""
    invoice = desk.issue()
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    told = desk.run("invoice", "unpledged", invoice, "-o", "untagged.hanse").err
    unknown = f"the invoice {invoice} bears no tag of an epoch in use"
    assert "Not proven: that the same invoice is pledged under no other record" in told
    assert unknown in told
    assert unknown in " ".join(desk.run("verify", "untagged.hanse", "--offline").out.split())
    assert (
        desk.run("invoice", "unpledged", invoice, "-o", "untagged.hanse", "--force", "--json").json["compared"] is False
    )


def test_a_bank_that_is_there_is_not_passed_over(desk: Desk) -> None:
    """Seller and buyer together release what is pledged to a bank that has left, and no other."""
    invoice = desk.issue()
    assert "not accepted" in desk.run("invoice", "unpledged", invoice, "-o", "issued.hanse", code=2).err
    assert "another kind" in desk.run("invoice", "unpledged", desk.ids["buyer"], "-o", "issued.hanse", code=2).err
    other = ("--tag", f"1:{'cd' * 32}")
    desk.run("invoice", "retag", invoice, *other, who="seller")
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    pledge = desk.run(
        "pledge", "request", invoice, *other, "--bank", "bank-a", "-o", "by-seller.json", who="seller"
    ).out
    assert desk.run("pledge", "create", "by-seller.json", "--yes", who="bank-a").out == pledge
    desk.run("pledge", "request-release", pledge, "-o", "release.json", who="seller")
    error = desk.run("pledge", "release", "release.json", "--yes", "--json", who="buyer", code=15).json["error"]
    assert error["reason"] == "not-pledgee"


def test_a_pledge_with_its_payout(desk: Desk) -> None:
    """Bank and seller sign both in one record: the seller signs first, the bank when it sends the money."""
    invoice, tag = desk.issue(), ("--tag", f"1:{'ef' * 32}")
    desk.run("invoice", "retag", invoice, *tag, who="seller")
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    foreseen = desk.run("pledge", "request", invoice, *tag, "-o", "lent.draft", who="bank-a").out
    paid = (
        "pledge",
        "request-payout",
        "lent.draft",
        "--rail",
        "sepa",
        "--uetr",
        f"4{TRANSFER[1:]}",
        "-o",
        "paid.draft",
    )
    assert desk.run(*paid, "--amount", "4000.00", who="bank-a").out == foreseen
    assert desk.run(*paid, who="bank-a", code=2).err  # the file is there
    desk.run("bundle", "make", "lent.draft", "paid.draft", "-o", "both.draft", who="seller")
    shown = desk.run("bundle", "show", "both.draft").out
    assert "pledge.create" in shown
    assert "pledge.payout" in shown
    desk.run("bundle", "sign", "both.draft", "--yes", who="bank-a")
    pledge = desk.run("invoice", "show", invoice, "--json").json["aspects"]["pledge"]["pledged_by"]
    amounts = desk.run("pledge", "show", pledge, "--json").json["aspects"]["amounts"]
    assert (amounts["amount_minor"], amounts["paid_out_minor"]) == (515_000, 400_000)
    elsewhere = ("pledge", "request-payout", "both.draft", "--rail", "sepa", "--uetr", TRANSFER, "-o", "no.draft")
    assert "another kind" in desk.run(*elsewhere, who="bank-a", code=2).err


def test_what_is_paid_out_is_told_once(desk: Desk) -> None:
    """By the bank that has the pledge, each transfer once, in all no more than was pledged; the proof says so."""
    invoice, tag = desk.issue(), ("--tag", f"1:{'ee' * 32}")
    desk.run("invoice", "retag", invoice, *tag, who="seller")
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    desk.run("pledge", "request", invoice, *tag, "-o", "lent.json", who="bank-a")
    pledge = desk.run("pledge", "create", "lent.json", "--yes", who="seller").out
    pay_out = ("pledge", "payout", pledge, "--rail", "swift", "--uetr")
    assert desk.run(*pay_out, TRANSFER, "--amount", "4000.00", who="bank-a").out == pledge
    refused = desk.run(*pay_out, TRANSFER, "--json", who="bank-a", code=15).json["error"]
    assert (refused["reason"], refused["rule"]) == ("uetr-taken", "L-4")
    other = f"2{TRANSFER[1:]}"
    refused = desk.run(*pay_out, other, "--amount", "1150.01", "--json", who="bank-a", code=15).json["error"]
    assert (refused["reason"], refused["wanted"]) == ("paid-out-too-much", "at most 1150.00 EUR")
    desk.run(*pay_out, other, who="bank-b", code=15)
    assert desk.run(*pay_out, other, who="bank-a").out == pledge  # what is left of it
    assert "Nothing would be paid out" in desk.run(*pay_out, f"3{TRANSFER[1:]}", who="bank-a", code=2).err
    desk.run("proof", pledge, "-o", "paid.hanse", who="seller")
    assert "5150.00 EUR are paid out to the seller" in desk.run("verify", "paid.hanse", "--offline").out
