"""A bank's statement over a node: each transaction is confirmed, or says why not, and a rerun sends nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_client import Client, ConfirmationOutcome
from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_documents.model.documents import PaymentReport
from hanse_documents.samples import sample
from hanse_documents.syntax.iso20022 import read_iso20022, read_iso20022_root
from hanse_documents.syntax.xml import open_xml
from tests.world.messages import OTHER_UETR, UETR, charge, entry, notice, transfer
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here

PAYABLE = 515_000
INVOICE = sample("invoice.xml").decode()
UETRS = [UETR[:-1] + sign for sign in "0123456789abcdef"]
PAIN = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>I-1</MsgId>
<NbOfTxs>1</NbOfTxs></GrpHdr><PmtInf><ReqdExctnDt><Dt>2026-10-12</Dt></ReqdExctnDt><CdtTrfTxInf><PmtId>
<EndToEndId>I-1-PAY</EndToEndId><UETR>{uetr}</UETR></PmtId><Amt><InstdAmt Ccy="EUR">5150.00</InstdAmt></Amt>
</CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"""
CONFIRMED, EXISTS, NOT_MATCHED, REFUSED = (
    ConfirmationOutcome.CONFIRMED,
    ConfirmationOutcome.EXISTS,
    ConfirmationOutcome.NOT_MATCHED,
    ConfirmationOutcome.REFUSED,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("statements")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def bank(world: World) -> Iterator[Client]:
    """Give the client of the payee's bank."""
    with world.client("bank-b") as client:
        yield client


def instructed(world: World, number: str, file: bytes | None = None, uetr: str | None = None) -> tuple[bytes, bytes]:
    """Have an invoice of its own number issued and its payment instructed: the payment, and the invoice."""
    with world.client("seller") as seller:
        invoice = seller.invoices.issue(INVOICE.replace("QW-2026-0917", number).encode(), buyer=world.buyer_id).id
    with world.client("buyer") as buyer:
        receipt = buyer.payments.instruct(
            file, payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: PAYABLE}, uetr=uetr
        )
    return receipt.id, invoice


def statement(*entries: str) -> bytes:
    """Write the entries as a camt.053."""
    text = notice(*entries).decode()
    for old, new in (("camt.054", "camt.053"), ("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt"), ("Ntfctn>", "Stmt>")):
        text = text.replace(old, new)
    return text.encode()


def test_a_statement_is_confirmed_in_one_go(world: World, bank: Client) -> None:
    """By UETR, end-to-end id, and the invoice that is named; others say why; run again, nothing is sent."""
    by_uetr, _ = instructed(world, "S-1", uetr=UETRS[1])
    older = transfer("5150.00", end_to_end="S-2-PAY")
    by_end_to_end, _ = instructed(world, "S-2", older)
    by_reference, invoice = instructed(world, "S-3", uetr=UETRS[3])
    charged, _ = instructed(world, "S-4", uetr=UETRS[4])
    short, _ = instructed(world, "S-5", uetr=UETRS[5])
    file = statement(
        entry("5150.00", uetr=UETRS[1]),
        entry("5150.00", end_to_end="S-2-PAY"),
        entry("5150.00", references=(invoice.hex(),)),
        entry("5125.00", instructed="5150.00", uetr=UETRS[4], charges=charge("25.00")),
        entry("5000.00", uetr=UETRS[5]),
        entry("5150.00", uetr=OTHER_UETR),
        entry("77.00"),
        entry("5150.00", uetr=UETRS[5], status="PDNG"),
        entry("12.00", direction="DBIT"),
        entry("5150.00", uetr=UETRS[1]),
    )
    found = list(bank.payments.confirm_all(file, instructing=[older]))
    told = [(each.outcome, each.matched_by) for each in found]
    assert told[:4] == [
        (CONFIRMED, "UETR"),
        (CONFIRMED, "end-to-end id"),
        (CONFIRMED, "reference"),
        (CONFIRMED, "UETR"),
    ]
    assert [each.payment for each in found[:5]] == [by_uetr, by_end_to_end, by_reference, charged, short]
    for place, reason in (
        (4, "5150.00 EUR were instructed, 5000.00 EUR credited"),
        (5, f"bears the UETR {OTHER_UETR}"),
        (6, "no payment of 77.00 EUR is under way here"),
        (7, "no booked credit: PDNG"),
        (8, "no booked credit: a debit"),
        (9, "is transaction #1 already"),
    ):
        assert found[place].outcome is NOT_MATCHED
        assert reason in found[place].reason
    assert bank.payments.show(charged).amounts.charged_minor == 2_500

    again = list(bank.payments.confirm_all(file, instructing=[older]))
    assert [each.outcome for each in again[:4]] == [EXISTS] * 4
    assert [each.payment for each in again[:4]] == [by_uetr, by_end_to_end, by_reference, charged]
    # What another message says of the same payments, such as the day's notification, is known by the UETR.
    (other,) = bank.payments.confirm_all(notice(entry("5150.00", uetr=UETRS[1])))
    assert (other.outcome, other.payment) == (EXISTS, by_uetr)


def test_amounts_that_fit_several_confirm_none(world: World, bank: Client) -> None:
    """One payment and one transaction of an amount are each other's; of two nobody knows which is which."""
    for open_one in ("A-1", "A-2"):
        instructed(world, open_one, transfer("5150.00", end_to_end=f"{open_one}-PAY"))
    (several,) = bank.payments.confirm_all(notice(entry("5150.00"), version="02"), by_amount=True)
    assert (several.outcome, "payments may be meant by its amount" in several.reason) == (NOT_MATCHED, True)


def test_an_amount_alone_tells_where_it_is_said_to(world: World, bank: Client) -> None:
    """Others pay the same sums: by itself it confirms nothing, and of two transactions never."""
    invoice = INVOICE.replace("QW-2026-0917", "B-1")
    with world.client("seller") as seller:
        named = seller.invoices.issue(invoice.encode(), buyer=world.buyer_id).id
    with world.client("buyer") as buyer:
        payment = buyer.payments.instruct(payer_bank="bank-a", payee_bank="bank-b", allocations={named: 123_456}).id
    one = entry("1234.56")
    (unsaid,) = bank.payments.confirm_all(statement(one))
    assert (unsaid.outcome, "nothing but the amount says" in unsaid.reason) == (NOT_MATCHED, True)
    twice = list(bank.payments.confirm_all(statement(one, one), by_amount=True))
    assert ["2 transactions of 1234.56 EUR" in each.reason for each in twice] == [True, True]
    (said,) = bank.payments.confirm_all(statement(one), by_amount=True)
    assert (said.outcome, said.matched_by, said.payment) == (CONFIRMED, "amount", payment)


def test_parts_arrive_one_by_one(world: World, bank: Client) -> None:
    """With partial a statement may have two parts of a payment, and each is confirmed once."""
    payment, _ = instructed(world, "P-1", uetr=UETRS[6])
    file = statement(entry("2000.00", uetr=UETRS[6], end_to_end="1"), entry("3150.00", uetr=UETRS[6], end_to_end="2"))
    found = list(bank.payments.confirm_all(file, partial=True))
    assert [each.outcome for each in found] == [CONFIRMED, CONFIRMED]
    assert bank.payments.show(payment).amounts.under_way_minor == 0
    assert [each.outcome for each in bank.payments.confirm_all(file, partial=True)] == [EXISTS, EXISTS]


def test_one_faulty_entry_hinders_no_other(world: World, bank: Client) -> None:
    """An entry that contradicts itself confirms nothing; what is no message is refused as a whole."""
    payment, _ = instructed(world, "F-1", uetr=UETRS[7])
    wrong = entry("51.50", amount="5150.00", uetr=OTHER_UETR)
    found = list(bank.payments.confirm_all(statement(wrong, entry("5150.00", uetr=UETRS[7]))))
    assert [each.outcome for each in found] == [NOT_MATCHED, CONFIRMED]
    assert "a contradiction: 5150.00 EUR in 1 transaction, not 51.50 EUR" in found[0].reason
    assert bank.payments.show(payment).amounts.under_way_minor == 0
    with pytest.raises(DocumentError):
        list(bank.payments.confirm_all(INVOICE.encode()))


def test_messages_are_written_from_the_ledger(world: World, bank: Client, tmp_path: Path) -> None:
    """The bank that confirmed says all that its message said; who has another home says what the ledger proves."""
    payment, _ = instructed(world, "W-1", uetr=UETRS[8])
    (received,) = told(bank.payments.message(payment, "pacs.002"))
    assert (received.status, received.uetr) == ("RCVD", UETRS[8])
    with pytest.raises(InvalidInput, match="Nothing was credited"):
        bank.payments.message(payment, "camt.054")
    full = entry(
        "5125.00", instructed="5150.00", uetr=UETRS[8], charges=charge("25.00"), end_to_end="E-1", references=("RF-1",)
    )
    with world.client("bank-a") as payer_bank:
        payer_bank.payments.accept(payment)
        (accepted,) = told(payer_bank.payments.message(payment, "pacs.002"))
    assert (accepted.status, (accepted.stated or "")[10:11]) == ("ACSP", "T")
    bank.payments.confirm(payment, notice(full))
    (settled,) = told(bank.payments.message(payment, "pacs.002"))
    assert (settled.status, settled.end_to_end, settled.reasons) == ("ACCC", "E-1", ())
    data = bank.payments.message(payment, "camt.054")
    (booked,) = read_iso20022(data)
    assert (booked.amount_minor, booked.charged_minor(), booked.uetr) == (512_500, 2_500, UETRS[8])
    assert (booked.end_to_end, booked.creditor_reference) == ("E-1", "RF-1")
    assert booked.creditor_iban == "BE68539007547034"
    (again,) = bank.payments.confirm_all(data)
    assert (again.outcome, again.payment) == (EXISTS, payment)
    with world.client("seller", home=tmp_path) as seller:
        with pytest.raises(DocumentError, match="the one account"):
            seller.payments.message(payment, "camt.054")
        for account, field in (("BE68 5390 0754 7034", "creditor_iban"), ("12-34", "creditor_account")):
            (plain,) = read_iso20022(seller.payments.message(payment, "camt.054", account=account))
            assert (plain.amount_minor, getattr(plain, field)) == (512_500, account.replace(" ", ""))
        for mistyped in ("BE68 5390 0754 7043", "BE68 5390", "iban be68539007547043"):
            with pytest.raises(DocumentError, match="looks like an IBAN"):
                seller.payments.message(payment, "camt.054", account=mistyped)
        with pytest.raises(InvalidInput, match="is not written"):
            seller.payments.message(payment, "pacs.009")


def test_a_rejection_is_told_with_its_reason(world: World, bank: Client) -> None:
    """The payer's bank rejects: its reason is the message's; of a payment in parts no status says how it stands."""
    payment, _ = instructed(world, "W-2", uetr=UETRS[9])
    with world.client("bank-a") as payer_bank:
        payer_bank.payments.reject(payment, "AM04")
        (rejected,) = told(payer_bank.payments.message(payment, "pacs.002"))
    assert (rejected.status, rejected.reasons) == ("RJCT", ("AM04",))
    part, _ = instructed(world, "W-3", uetr=UETRS[10])
    bank.payments.confirm(part, notice(entry("2000.00", uetr=UETRS[10])), partial=True)
    with pytest.raises(InvalidInput, match="partly confirmed"):
        bank.payments.message(part, "pacs.002")


def test_what_a_payer_asks_of_its_bank_instructs(world: World, bank: Client) -> None:
    """A pain.001 gives currency and UETR as a pacs.008 does; it shows no credit, and a status report tells of none."""
    asked = PAIN.format(uetr=UETRS[11]).encode()
    payment, _ = instructed(world, "I-1", asked)
    assert bank.payments.show(payment).links.uetr == UETRS[11]
    with pytest.raises(DocumentError, match="does not say that the credit is booked"):
        bank.payments.confirm(payment, asked)
    status = bank.payments.message(payment, "pacs.002")
    with pytest.raises(DocumentError, match="it says how a payment fares"):
        bank.payments.confirm(payment, status)
    (asked_again,) = bank.payments.confirm_all(asked)
    assert "what a payer asks of its bank" in asked_again.reason


def told(data: bytes) -> list[PaymentReport]:
    """Read the reports of a pacs.002."""
    reports, found = read_iso20022_root(open_xml(data))
    assert found == ()
    return [report for report in reports if isinstance(report, PaymentReport)]
