"""Money as banks tell of it, over a node: charges on the way, messages without UETR, prepaid and corrected invoices."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from hanse_client import Client
from hanse_client.base.errors import DocumentError, InvalidInput, Refused
from hanse_documents.samples import sample
from hanse_ledger.kinds.payment.state import PaymentAmounts
from hanse_ledger.values import limits
from hanse_ledger.values.verdict import Verdict
from tests.world.messages import UETR, charge, entry, notice, transfer
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here

PAYABLE = 515_000
INVOICE = sample("invoice.xml").decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("money")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def buyer(world: World) -> Iterator[Client]:
    """Give the buyer's client."""
    with world.client("buyer") as client:
        yield client


@pytest.fixture
def bank(world: World) -> Iterator[Client]:
    """Give the client of the payee's bank."""
    with world.client("bank-b") as client:
        yield client


def issued(world: World, number: str, prepaid: str = "", payable: str = "5150.00") -> bytes:
    """Have the seller issue an invoice of its own number, wholly or partly prepaid."""
    xml = INVOICE.replace("QW-2026-0917", number)
    if prepaid:
        total = "<cbc:PayableAmount"
        xml = xml.replace(total, f'<cbc:PrepaidAmount currencyID="EUR">{prepaid}</cbc:PrepaidAmount>{total}')
        xml = xml.replace(
            '<cbc:PayableAmount currencyID="EUR">5150.00', f'<cbc:PayableAmount currencyID="EUR">{payable}'
        )
    with world.client("seller") as seller:
        return seller.invoices.issue(xml.encode(), buyer=world.buyer_id).id


def instructed(buyer: Client, invoice: bytes, file: bytes | None = None, uetr: str | None = None) -> bytes:
    """Have the buyer instruct the payment of all of an invoice."""
    receipt = buyer.payments.instruct(
        file, payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: PAYABLE}, uetr=uetr
    )
    return receipt.id


def amounts(client: Client, payment: bytes) -> PaymentAmounts:
    """Give a payment's amounts."""
    return client.payments.show(payment).amounts


def test_charges_on_the_way_confirm_and_settle(world: World, buyer: Client, bank: Client) -> None:
    """5150.00 were instructed, 25.00 were shared charges, 5125.00 arrived: told, and the invoice is paid."""
    invoice = issued(world, "M-1")
    payment = instructed(buyer, invoice, uetr=UETR)
    short = notice(entry("5125.00", instructed="5150.00", uetr=UETR, charges=charge("24.00")))
    with pytest.raises(DocumentError, match=r"5150\.00 EUR were instructed, 5125\.00 EUR credited, 24\.00 EUR charged"):
        bank.payments.confirm(payment, short)
    bank.payments.confirm(payment, notice(entry("5125.00", instructed="5150.00", uetr=UETR, charges=charge("25.00"))))
    found = amounts(bank, payment)
    assert (found.credited_minor, found.charged_minor) == (512_500, 2_500)
    settled = buyer.invoices.show(invoice).amounts
    assert (settled.settled_minor, settled.outstanding_minor) == (PAYABLE, 0)
    assert bank.proof(payment, disclose=["amount_minor", "charges/1/bearer", "uetr"])


def test_an_older_transfer_leaves_its_payment_confirmable(world: World, buyer: Client, bank: Client) -> None:
    """A pacs.008 of version 2 has no UETR, and none is made up; the bank's notification names none either."""
    invoice = issued(world, "M-2")
    payment = instructed(buyer, invoice, transfer("5150.00", end_to_end="M-2-PAY"))
    assert bank.payments.show(payment).links.uetr is None
    bank.payments.confirm(payment, notice(entry("5150.00", end_to_end="M-2-PAY"), version="02"))
    assert amounts(bank, payment).credited_minor == PAYABLE


def test_the_bank_says_which_transaction_is_meant(world: World, buyer: Client, bank: Client) -> None:
    """Two transactions fit: the refusal lists them, and the bank names one."""
    payment = instructed(buyer, issued(world, "M-3"))
    twins = notice(entry("5150.00", end_to_end="A-1"), entry("5150.00", end_to_end="A-2"), version="02")
    with pytest.raises(DocumentError, match=r"#1 5150\.00 EUR A-1; #2 5150\.00 EUR A-2"):
        bank.payments.confirm(payment, twins)
    bank.payments.confirm(payment, twins, transaction="A-2")
    assert amounts(bank, payment).credited_minor == PAYABLE


def test_one_payment_settles_several_invoices(world: World, buyer: Client, bank: Client) -> None:
    """A message with a reference for each invoice confirms the payment that is allocated to all of them."""
    first, second = issued(world, "M-4"), issued(world, "M-5")
    receipt = buyer.payments.instruct(
        payer_bank="bank-a", payee_bank="bank-b", allocations={first: PAYABLE, second: 100_000}
    )
    references = ("RF18539007547034", "RF712348231")
    bank.payments.confirm(receipt.id, notice(entry("6150.00", references=references), entry("1.00")))
    assert amounts(bank, receipt.id).credited_minor == 615_000
    settled = buyer.invoices.show(second).amounts
    assert settled.settled_minor == 100_000


def test_a_prepaid_invoice_is_registered_and_never_paid(world: World, buyer: Client) -> None:
    """Nothing is due: it is issued and accepted as any, and an instruction is refused in words."""
    invoice = issued(world, "M-6", prepaid="5150.00", payable="0.00")
    buyer.invoices.accept(invoice)
    with pytest.raises(InvalidInput, match="a prepaid one is never paid"):
        buyer.payments.instruct(payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: 0})
    with pytest.raises(Refused) as refused:
        buyer.payments.instruct(payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: 1})
    assert (refused.value.code, refused.value.seen, refused.value.wanted) == (
        "overpaid",
        "0.01 EUR",
        "at most 0.00 EUR",
    )


def test_an_amount_payable_below_zero_is_refused_in_words(world: World) -> None:
    """Nothing is signed: BT-115 is named, what it says in money, and what to do instead."""
    with pytest.raises(DocumentError) as refused:
        issued(world, "M-7", prepaid="6150.00", payable="-1000.00")
    assert (refused.value.field, refused.value.seen, refused.value.wanted) == (
        "BT-115",
        "-1000.00 EUR",
        "0.00 EUR or more",
    )
    assert "Credit the invoice that it corrects" in refused.value.action


def test_a_certificate_holds_from_the_moment_that_it_names(world: World, buyer: Client) -> None:
    """Issued just now in China, hours ahead of UTC: it holds now, and goods are declared under it at once."""
    here = datetime.now(timezone(timedelta(hours=14)))
    period = {
        "startDateTime": here.isoformat(timespec="seconds"),
        "endDateTime": (here + timedelta(days=2)).isoformat(timespec="milliseconds"),
    }
    paper = json.dumps({**json.loads(sample("certificate.json")), "effectivePeriod": period})
    with world.client("chamber") as chamber:
        certificate = chamber.certificates.issue(paper.encode(), exporter=world.seller_id).id
    status = buyer.certificates.show(certificate).status
    assert (status.valid_from, status.valid_until) == tuple(
        int(datetime.fromisoformat(text).timestamp() * 1_000) for text in period.values()
    )
    invoice = issued(world, "M-8")
    buyer.declarations.lodge(customs="customs", regime="import", invoices=[invoice], certificate=certificate)
    report = buyer.verify(buyer.proof(certificate))
    assert report.verdict is Verdict.VALID


@pytest.mark.slow
def test_many_lines_of_goods_and_long_texts_are_registered(world: World, buyer: Client) -> None:
    """A certificate of 200 lines, an invoice of 700, and notes of 6,000 characters: as papers are."""
    value = json.loads(sample("certificate.json"))
    items = value["supplyChainConsignment"]["includedConsignmentItems"][0]
    items["tradeLineItems"] = [items["tradeLineItems"][0]] * limits.LINES
    value["effectivePeriod"]["endDateTime"] = "2099-01-01"
    with world.client("chamber") as chamber:
        certificate = chamber.certificates.issue(json.dumps(value).encode(), exporter=world.seller_id).id
    balances = buyer.certificates.show(certificate).balances
    assert len(balances) == limits.LINES
    lines = re.findall(r"<cac:InvoiceLine>.*?</cac:InvoiceLine>", INVOICE, re.DOTALL)
    zero = re.sub(r"(<cbc:LineExtensionAmount[^>]*>)[^<]*", r"\g<1>0.00", lines[0])
    note = f"<cbc:Note>{'Payable within thirty days. ' * 215}</cbc:Note>"
    code = "<cbc:DocumentCurrencyCode"
    long = INVOICE.replace(lines[0], lines[0] + zero * 697).replace(code, note + code, 1)
    with world.client("seller") as seller:
        invoice = seller.invoices.issue(long.replace("QW-2026-0917", "M-9").encode(), buyer=world.buyer_id).id
        buyer.invoices.accept(invoice)
        proof = seller.proof(invoice, disclose=["BG-25/700/BT-131", "BG-1/1/BT-22"])
    report = buyer.verify(proof)
    assert report.verdict is Verdict.VALID
    assert len(proof) < 256 * 1024
