"""ISO 20022 payments: messages of every version read, in and out of envelopes, and refusals name the element."""

from pathlib import Path

import pytest

from hanse_client.documents.errors import DocumentError, UnsupportedFormat
from hanse_client.documents.iso20022 import PAYMENTS, read_iso20022
from hanse_client.documents.samples import sample
from hanse_ledger.documents import Direction, MessageKind, terms

TRANSFER = sample("pacs008.xml").decode()
NOTICE = sample("camt054.xml").decode()
UETR = "5e8c2b1a-7d34-4f0e-9b61-3a2c8d9e7f10"

NOTIFICATION = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>M-1</MsgId></GrpHdr><Ntfctn><Acct><Id><IBAN>BE68 5390 0754 7034</IBAN></Id>
<Svcr><FinInstnId><BIC>HNSABEB0</BIC></FinInstnId></Svcr></Acct>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""

ENTRY = """<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2026-10-12T09:15:41.5+02:00</DtTm></BookgDt>{details}</Ntry>"""


def notification(details: str = "", *, entry: str = ENTRY) -> bytes:
    """Write a camt.054 of version 2, which names some things differently from today's."""
    return NOTIFICATION.format(entries=entry.format(details=details)).encode()


def test_published_transfers_read(shared: Path) -> None:
    """Samples from three houses read: an operator's envelope, a bare document, a wrapper without namespace."""
    folder = shared / "samples" / "iso20022"
    (fednow,) = read_iso20022((folder / "fednow-sample-participant-to-message.xml").read_bytes())
    assert (fednow.amount_minor, fednow.currency, fednow.valued) == (5_174, "USD", "2023-06-04")
    assert (fednow.debtor_name, fednow.creditor_name) == ("Individual A", "Corporation B")
    assert fednow.uetr == "8a562c67-ca16-48ba-b074-65581be6f011"
    assert fednow.documents == ("INV34563",)
    (fedwire,) = read_iso20022((folder / "fedwire-PaymentReturn_Scenario3_Step1_pacs.008.xml").read_bytes())
    assert (fedwire.amount_minor, fedwire.end_to_end) == (223_457_888, "Scenario03EtoEId001")
    (prowide,) = read_iso20022((folder / "prowide-pacs.008.001.07.xml").read_bytes())
    assert (prowide.amount_minor, prowide.uetr, prowide.valued) == (500_000, None, "2018-07-31")
    assert (prowide.debtor_agent, prowide.creditor_agent) == ("ITUSUSP1XXX", "USTBUS31XXX")


def test_other_messages_are_unsupported(shared: Path) -> None:
    """Statements, returns, status reports and remittance advice are named as what they are."""
    seen = set()
    for path in sorted((shared / "samples" / "iso20022").glob("*.xml")):
        if "pacs.008" in path.name or "participant-to-message" in path.name:
            continue
        with pytest.raises(UnsupportedFormat) as refused:
            read_iso20022(path.read_bytes(), path.name)
        seen.add(refused.value.seen.rpartition(" ")[2])
    assert {"camt.053", "pacs.002", "pacs.004", "pacs.009", "camt.056", "camt.029", "pain.001", "remt.001"} <= seen


def test_the_samples_tell_of_one_payment() -> None:
    """The shipped transfer and the shipped notification agree on whom, what, when and why."""
    (transfer,), (notice,) = read_iso20022(TRANSFER.encode()), read_iso20022(NOTICE.encode())
    for payment in (transfer, notice):
        assert (payment.amount_minor, payment.currency, payment.uetr) == (515_000, "EUR", UETR)
        assert (payment.debtor_name, payment.creditor_name) == ("Tafelrood BV", "Qingwan Kiln Studio Co Ltd")
        assert payment.creditor_iban == "BE68539007547034"
        assert (payment.documents, payment.creditor_reference) == (("QW-2026-0917",), "RF24QW20260917")
        assert (payment.creditor_agent, payment.debtor_agent) == ("HNSABEB0XXX", "HNSBBEB0XXX")
        assert (payment.direction, payment.reversal, payment.valued) == (Direction.CREDIT, False, "2026-10-12")
    assert (transfer.kind, transfer.status, transfer.booked) == (MessageKind.CREDIT_TRANSFER, None, None)
    assert (notice.kind, notice.status, notice.booked) == (MessageKind.NOTIFICATION, "BOOK", "2026-10-12")
    assert terms(notice)["documents/1"] == "QW-2026-0917"
    assert terms(transfer)["kind"] == "pacs.008"


def test_older_notifications_read() -> None:
    """Version 2 writes BIC and a plain status, names parties directly, and puts amounts one level down."""
    details = """<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
    <AmtDtls><TxAmt><Amt Ccy="EUR">30.00</Amt></TxAmt></AmtDtls>
    <RltdPties><Dbtr><Nm>Tafelrood BV</Nm></Dbtr></RltdPties><RmtInf><Ustrd>QW-1</Ustrd><Ustrd>thanks</Ustrd></RmtInf>
    </TxDtls></NtryDtls>"""
    (payment,) = read_iso20022(notification(details))
    assert (payment.amount_minor, payment.status, payment.booked) == (3_000, "BOOK", "2026-10-12")
    assert (payment.creditor_iban, payment.creditor_agent) == ("BE68539007547034", "HNSABEB0")
    assert (payment.debtor_name, payment.end_to_end) == ("Tafelrood BV", None)
    assert payment.unstructured == ("QW-1", "thanks")


def test_an_entry_without_details_is_one_payment() -> None:
    """A bank that gives no transaction details still tells of one payment; a debit has another creditor."""
    (payment,) = read_iso20022(notification())
    assert (payment.amount_minor, payment.debtor_name, payment.creditor_iban) == (3_000, None, "BE68539007547034")
    (debit,) = read_iso20022(notification(entry=ENTRY.replace("CRDT", "DBIT")))
    assert (debit.direction, debit.creditor_iban, debit.creditor_agent) == (Direction.DEBIT, None, None)


def test_a_batch_is_one_payment_each() -> None:
    """An entry that books several transactions together gives each with its own amount."""
    details = "".join(f'<TxDtls><Amt Ccy="EUR">{part}.00</Amt></TxDtls>' for part in (10, 20))
    payments = read_iso20022(notification(f"<NtryDtls>{details}</NtryDtls>"))
    assert [payment.amount_minor for payment in payments] == [1_000, 2_000]
    with pytest.raises(DocumentError, match="TxDtls/Amt"):
        read_iso20022(notification("<NtryDtls><TxDtls/><TxDtls/></NtryDtls>"))


def test_a_reversal_is_told() -> None:
    """An entry that takes another back says so."""
    (payment,) = read_iso20022(notification(entry=ENTRY.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")))
    assert payment.reversal


def test_the_whole_group_may_carry_the_settlement_date() -> None:
    """A date that all transfers share stands once, in the group header."""
    moved = TRANSFER.replace("<IntrBkSttlmDt>2026-10-12</IntrBkSttlmDt>", "").replace(
        "<NbOfTxs>", "<IntrBkSttlmDt>2026-10-13</IntrBkSttlmDt><NbOfTxs>"
    )
    (payment,) = read_iso20022(moved.encode())
    assert payment.valued == "2026-10-13"


AMOUNT = '<IntrBkSttlmAmt Ccy="EUR">5150.00</IntrBkSttlmAmt>'


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (AMOUNT, "", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "element"),
        (AMOUNT, AMOUNT * 2, "CdtTrfTxInf[1]/IntrBkSttlmAmt", "one"),
        (AMOUNT, AMOUNT.replace("5150.00", "5150.001"), "CdtTrfTxInf[1]/IntrBkSttlmAmt", "2 decimal places"),
        (AMOUNT, AMOUNT.replace("5150.00", "-5150.00"), "CdtTrfTxInf[1]/IntrBkSttlmAmt", "not below zero"),
        (AMOUNT, AMOUNT.replace("EUR", "XXX"), "CdtTrfTxInf[1]/IntrBkSttlmAmt/@Ccy", "ISO 4217"),
        (UETR, UETR.upper(), "CdtTrfTxInf[1]/PmtId/UETR", "UUID"),
        (UETR, UETR.replace("-4f0e-", "-1f0e-"), "CdtTrfTxInf[1]/PmtId/UETR", "UUID"),
        ("BE68539007547034", "BE69539007547034", "CdtTrfTxInf[1]/CdtrAcct/Id/IBAN", "check digits"),
        ("<BICFI>HNSABEB0XXX", "<BICFI>HNSA", "CdtTrfTxInf[1]/CdtrAgt/FinInstnId/BICFI", "BIC"),
        ("2026-10-12</IntrBk", "2026-13-12</IntrBk", "CdtTrfTxInf[1]/IntrBkSttlmDt", "YYYY-MM-DD"),
        ("<MsgId>HNSB-20261012-0007</MsgId>", "", "GrpHdr/MsgId", "element"),
        ("<Nm>Tafelrood BV</Nm>", "<Nm>A</Nm><Nm>B</Nm>", "Dbtr/Nm", "one value"),
    ],
)
def test_refusals_name_the_element(old: str, new: str, field: str, words: str) -> None:
    """Whatever is missing or wrong is refused by where it stands, with what is wanted instead."""
    assert old in TRANSFER
    before, found, after = TRANSFER.rpartition(old)
    data = TRANSFER.replace(old, new) if "BICFI" not in old else before + found.replace(old, new) + after
    with pytest.raises(DocumentError) as refused:
        read_iso20022(data.encode())
    assert refused.value.field == field
    assert words in refused.value.wanted


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "", "Ntry[1]/CdtDbtInd"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>BOTH</CdtDbtInd>", "Ntry[1]/CdtDbtInd"),
        ("2026-10-12T09:15:41.5+02:00", "yesterday", "Ntry[1]/BookgDt"),
        ('<Amt Ccy="EUR">30.00</Amt>', "", "Ntry[1]/Amt"),
    ],
)
def test_notifications_are_refused_by_their_entry(old: str, new: str, field: str) -> None:
    """A wrong entry is refused by its place in the notification."""
    assert old in ENTRY
    with pytest.raises(DocumentError) as refused:
        read_iso20022(notification(entry=ENTRY.replace(old, new)))
    assert refused.value.field == field


def wrapped(header: str, message: str = TRANSFER) -> bytes:
    """Put a message into an envelope behind an application header."""
    body = message.partition("?>")[2]
    return (
        f'<message><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><MsgDefIdr>{header}</MsgDefIdr>'
        f"</AppHdr>{body}</message>"
    ).encode()


def test_an_envelope_must_announce_what_it_holds() -> None:
    """A header that names another message than the one inside is refused; a market practice may extend the name."""
    plain = read_iso20022(TRANSFER.encode())
    assert read_iso20022(wrapped("pacs.008.001.08")) == plain
    assert read_iso20022(wrapped("pacs.008.001.08.ch.01")) == plain
    with pytest.raises(DocumentError) as refused:
        read_iso20022(wrapped("pacs.009.001.08"))
    assert refused.value.field == "AppHdr/MsgDefIdr"


def test_one_file_is_one_message() -> None:
    """Two messages in one file are not guessed at; a message without payments tells of nothing."""
    with pytest.raises(UnsupportedFormat, match="2 messages"):
        read_iso20022(wrapped("pacs.008.001.08", f"?>{TRANSFER.partition('?>')[2] * 2}"))
    with pytest.raises(DocumentError, match="at least one"):
        read_iso20022(NOTIFICATION.format(entries="").encode())
    with pytest.raises(UnsupportedFormat, match="no ISO 20022"):
        read_iso20022(b"<Document/>")


def test_payments_are_bounded() -> None:
    """A message may hold so many payments and no more."""
    details = "<TxDtls/>" * (PAYMENTS + 1)
    with pytest.raises(DocumentError, match=f"at most {PAYMENTS}"):
        read_iso20022(notification(f"<NtryDtls>{details}</NtryDtls>"))
    transfers = "<CdtTrfTxInf/>" * (PAYMENTS + 1)
    with pytest.raises(DocumentError, match=f"at most {PAYMENTS}"):
        read_iso20022(TRANSFER.replace("<CdtTrfTxInf>", f"{transfers}<CdtTrfTxInf>").encode())
