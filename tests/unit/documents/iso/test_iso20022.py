"""ISO 20022 payments: messages of every version read, in and out of envelopes, and refusals name the element."""

from pathlib import Path

import pytest

from hanse_documents.model.documents import Direction, MessageKind, PaymentDocument, terms
from hanse_documents.model.errors import DocumentError, Fault, UnsupportedFormat
from hanse_documents.model.reports import payments_in
from hanse_documents.samples import sample
from hanse_documents.semantics.typedvalues import PAYMENTS
from hanse_documents.syntax.iso20022 import read_iso20022, read_iso20022_root
from hanse_documents.syntax.xml import open_xml

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


def examined(data: bytes) -> tuple[tuple[PaymentDocument, ...], tuple[Fault, ...]]:
    """Read payments, and what was found in their message."""
    payments, found = read_iso20022_root(open_xml(data))
    return payments_in(payments), found


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
    """Messages of other business are named as what they are; what is said of a payment is none."""
    folder = shared / "samples" / "iso20022"
    for name, kind in (("prowide-pacs.009.001.07.xml", "pacs.009"), ("gs-remt_001_001_06.xml", "remt.001")):
        with pytest.raises(UnsupportedFormat, match=kind):
            read_iso20022((folder / name).read_bytes(), name)
    with pytest.raises(UnsupportedFormat, match=r"is a pacs.002: it says how a payment fares"):
        read_iso20022((folder / "fednow-sample-message-pacs002.xml").read_bytes())
    with pytest.raises(UnsupportedFormat, match=r"pacs.008.001.01"):
        read_iso20022(TRANSFER.replace("pacs.008.001.08", "pacs.008.001.01").encode())


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
    (whole,), found = examined(notification("<NtryDtls><TxDtls/><TxDtls/></NtryDtls>"))
    assert [each.field for each in found] == ["Ntry[1]/NtryDtls/TxDtls[1]/Amt", "Ntry[1]/NtryDtls/TxDtls[2]/Amt"]
    assert (whole.amount_minor, whole.contradiction) == (3_000, "what each transaction moved is not said")


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
        ("2026-10-12</IntrBk", "2026-13-12</IntrBk", "CdtTrfTxInf[1]/IntrBkSttlmDt", "YYYY-MM-DD"),
        ("<MsgId>HNSB-20261012-0007</MsgId>", "", "GrpHdr/MsgId", "element"),
        ("<Nm>Tafelrood BV</Nm>", "<Nm>A</Nm><Nm>B</Nm>", "CdtTrfTxInf[1]/Dbtr/Nm", "one value"),
    ],
)
def test_refusals_name_the_element(old: str, new: str, field: str, words: str) -> None:
    """Whatever is missing or wrong is refused by where it stands, with what is wanted instead."""
    assert old in TRANSFER
    data = TRANSFER.replace(old, new)
    with pytest.raises(DocumentError) as refused:
        read_iso20022(data.encode())
    assert refused.value.field == field
    assert words in refused.value.wanted


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "", "Ntry[1]/CdtDbtInd"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>BOTH</CdtDbtInd>", "Ntry[1]/CdtDbtInd"),
        ("2026-10-12T09:15:41.5+02:00", "yesterday", "Ntry[1]/BookgDt/DtTm"),
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
    assert read_iso20022(NOTIFICATION.format(entries="").encode()) == ()
    with pytest.raises(DocumentError, match="at least one"):
        read_iso20022(TRANSFER[: TRANSFER.index("<CdtTrfTxInf>")].encode() + b"</FIToFICstmrCdtTrf></Document>")
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


def detail(amount: str | None, more: str = "", *, references: str = "") -> str:
    """Write one transaction of an entry."""
    own = "" if amount is None else f'<Amt Ccy="EUR">{amount}</Amt>'
    return f"<TxDtls><Refs>{references}</Refs>{own}{more}</TxDtls>"


def charge(amount: str, more: str = "", currency: str = "EUR") -> str:
    """Write the charges of a transaction, as versions from 4 on do."""
    return f'<Chrgs><Rcrd><Amt Ccy="{currency}">{amount}</Amt>{more}</Rcrd></Chrgs>'


def entry_of(*details: str) -> bytes:
    """Write a notification with one entry of 30.00 EUR that books these transactions."""
    return notification(f"<NtryDtls>{''.join(details)}</NtryDtls>")


INSTRUCTED = '<AmtDtls><InstdAmt><Amt Ccy="EUR">30.00</Amt></InstdAmt></AmtDtls>'


@pytest.mark.parametrize(
    "details",
    [
        (detail("30.01"),),
        (detail("3.00"),),
        (detail("300.00", charge("15.00")),),
        (detail("30.00"), detail("30.00")),
        (detail("30.00"), detail("0.01")),
        (detail("30.00", "<CdtDbtInd>DBIT</CdtDbtInd>"),),
        (detail("30.00"), detail("10.00", "<CdtDbtInd>DBIT</CdtDbtInd>")),
        (detail("45.00", charge("15.00", "<ChrgInclInd>false</ChrgInclInd>")),),
        (detail("20.00", charge("1.00")), detail("12.00", charge("0.50"))),
    ],
)
def test_transactions_must_come_to_what_the_entry_books(details: tuple[str, ...]) -> None:
    """A file that says two things about one sum contradicts itself: both sums are told, and the payments say so."""
    payments, found = examined(entry_of(*details))
    assert [each.field for each in found] == ["Ntry[1]/NtryDtls/TxDtls"]
    assert "30.00 EUR" in found[0].wanted
    assert all("30.00 EUR" in (payment.contradiction or "") for payment in payments)


@pytest.mark.parametrize(
    ("details", "booked", "instructed", "charged"),
    [
        ((detail("30.00"),), [3_000], [None], [0]),
        ((detail(None),), [3_000], [None], [0]),
        ((detail("30.00", INSTRUCTED.replace("30.00", "45.00") + charge("15.00")),), [3_000], [4_500], [1_500]),
        ((detail("45.00", charge("15.00", "<ChrgInclInd>true</ChrgInclInd>")),), [3_000], [4_500], [1_500]),
        ((detail("25.00", charge("5.00", "<CdtDbtInd>CRDT</CdtDbtInd>")),), [3_000], [2_500], [-500]),
        ((detail("30.00", charge("15.00", "<ChrgInclInd>false</ChrgInclInd>")),), [3_000], [None], [0]),
        ((detail("20.00"), detail("10.00")), [2_000, 1_000], [None, None], [0, 0]),
        ((detail("21.00", charge("1.00")), detail("10.00")), [2_000, 1_000], [2_100, 1_000], [100, 0]),
        ((detail("40.00"), detail("10.00", "<CdtDbtInd>DBIT</CdtDbtInd>")), [4_000, 1_000], [None, None], [0, 0]),
    ],
)
def test_what_was_booked_is_told_from_what_was_instructed(
    details: tuple[str, ...], booked: list[int], instructed: list[int | None], charged: list[int]
) -> None:
    """Charges on the way stand beside the credit, whether the transaction is gross or net of them."""
    payments = read_iso20022(entry_of(*details))
    assert [payment.amount_minor for payment in payments] == booked
    assert [payment.instructed.amount_minor if payment.instructed else None for payment in payments] == instructed
    assert [payment.charged_minor() for payment in payments] == charged


def test_charges_name_their_bearer_and_agent() -> None:
    """Records of today's messages and of version 2, and those of a transfer, become the same."""
    taker = "<FinInstnId><BICFI>HNSBBEB0XXX</BICFI></FinInstnId>"
    new = charge("15.00", f"<CdtDbtInd>DBIT</CdtDbtInd><Br>SHAR</Br><Agt>{taker}</Agt>")
    old = new.replace("<Rcrd>", "").replace("</Rcrd>", "").replace("Agt>", "Pty>").replace("BICFI", "BIC")
    for written in (new, old):
        (payment,) = read_iso20022(entry_of(detail("45.00", written)))
        (taken,) = payment.charges
        assert (taken.amount_minor, taken.currency, taken.bearer, taken.agent) == (1_500, "EUR", "SHAR", "HNSBBEB0XXX")
    fee = f'<ChrgBr>CRED</ChrgBr><ChrgsInf><Amt Ccy="EUR">2.50</Amt><Agt>{taker}</Agt></ChrgsInf>'
    asked = '<InstdAmt Ccy="EUR">5152.50</InstdAmt>'
    (transfer,) = read_iso20022(
        TRANSFER.replace(AMOUNT, f"{AMOUNT}{asked}").replace("<ChrgBr>SLEV</ChrgBr>", fee).encode()
    )
    assert transfer.instructed is not None
    assert (transfer.instructed.amount_minor, transfer.charged_minor(), transfer.charges[0].bearer) == (
        515_250,
        250,
        "CRED",
    )


def test_an_amount_in_another_currency_is_what_was_instructed() -> None:
    """What the account's currency got counts; transactions of a batch need it, each."""
    dollars = '<TxDtls><Amt Ccy="USD">33.00</Amt></TxDtls>'
    (payment,) = read_iso20022(entry_of(dollars))
    assert payment.instructed is not None
    assert (payment.amount_minor, payment.currency) == (3_000, "EUR")
    assert (payment.instructed.amount_minor, payment.instructed.currency) == (3_300, "USD")
    value = '<AmtDtls><CntrValAmt><Amt Ccy="EUR">20.00</Amt></CntrValAmt></AmtDtls></TxDtls>'
    first, second = read_iso20022(entry_of(dollars.replace("</TxDtls>", value), detail("10.00")))
    assert (first.amount_minor, second.amount_minor) == (2_000, 1_000)
    _, found = examined(entry_of(dollars, detail("10.00")))
    assert [each.field for each in found] == ["Ntry[1]/NtryDtls/TxDtls[1]/Amt"]


def test_one_payment_may_name_several_references() -> None:
    """Creditor references and documents are lists, and a text beside them is one more."""
    strd = "<Strd><CdtrRefInf><Ref>{}</Ref></CdtrRefInf></Strd>"
    remittance = (
        strd.format("RF18539007547034") + strd.format("RF98 1121") + "<Strd><AddtlRmtInf>and QW-9</AddtlRmtInf></Strd>"
    )
    (payment,) = read_iso20022(entry_of(detail("30.00", f"<RmtInf><Ustrd>two</Ustrd>{remittance}</RmtInf>")))
    assert payment.references() == ("RF18539007547034", "RF98 1121")
    assert payment.unstructured == ("two", "and QW-9")
    told = terms(payment)
    assert (told["creditor_reference"], told["further_references/1"]) == ("RF18539007547034", "RF98 1121")


@pytest.mark.parametrize(
    ("entry", "transaction"),
    [
        ("", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),
        ("", "<BkTxCd><Domn><Fmly><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>"),
        ("<BkTxCd><Domn><Fmly><SubFmlyCd>RPCR</SubFmlyCd></Fmly></Domn></BkTxCd>", ""),
    ],
)
def test_money_that_came_back_says_so(entry: str, transaction: str) -> None:
    """A return is told by its reason, and by the bank's transaction code of entry or transaction."""
    details = f"{entry}<NtryDtls>{detail('30.00', transaction)}</NtryDtls>"
    (payment,) = read_iso20022(notification(details))
    assert payment.returned
    (plain,) = read_iso20022(entry_of(detail("30.00")))
    assert not plain.returned


def test_ids_are_read_where_there_are_any() -> None:
    """`NOTPROVIDED` is no id; the bank's own reference of an entry is that of its only payment, and of no other."""
    ids = "<AcctSvcrRef>B-1</AcctSvcrRef><EndToEndId>NotProvided</EndToEndId>"
    (payment,) = read_iso20022(entry_of(detail("30.00", references=ids)))
    assert (payment.end_to_end, payment.uetr, payment.bank_reference) == (None, None, "B-1")
    referred = ENTRY.replace("<BookgDt>", "<AcctSvcrRef>E-7</AcctSvcrRef><BookgDt>")
    (alone,) = read_iso20022(notification(entry=referred))
    assert alone.bank_reference == "E-7"
    batch = f"<NtryDtls>{detail('20.00')}{detail('10.00')}</NtryDtls>"
    assert [each.bank_reference for each in read_iso20022(notification(batch, entry=referred))] == [None, None]


def test_an_account_without_an_iban_is_read() -> None:
    """`Othr/Id` is an account like any other; an IBAN is written in capitals without spaces."""
    other = TRANSFER.replace("<IBAN>BE68539007547034</IBAN>", "<Othr><Id>6222021001112223334</Id></Othr>")
    (transfer,) = read_iso20022(other.encode())
    assert (transfer.creditor_iban, transfer.creditor_account) == (None, "6222021001112223334")
    (small,) = read_iso20022(TRANSFER.replace("BE68539007547034", "be68 5390 0754 7034").encode())
    assert (small.creditor_iban, small.creditor_account) == ("BE68539007547034", None)
    (notice,) = read_iso20022(
        notification().replace(b"<IBAN>BE68 5390 0754 7034</IBAN>", b"<Othr><Id>12-34</Id></Othr>")
    )
    assert (notice.creditor_iban, notice.creditor_account) == (None, "12-34")


def test_a_time_with_a_zone_is_a_moment_too() -> None:
    """The day stays as the message states it; the moment stands beside it where there is a zone."""
    (payment,) = read_iso20022(notification())
    assert (payment.booked, payment.booked_at) == ("2026-10-12", 1_791_789_341_500)
    (local,) = read_iso20022(notification(entry=ENTRY.replace("+02:00", "")))
    assert (local.booked, local.booked_at) == ("2026-10-12", None)


def test_all_faults_of_a_message_are_told_at_once() -> None:
    """A refusal names every place that is wrong, not the first one alone."""
    wrong = (
        TRANSFER.replace("5150.00", "5150.001").replace(UETR, "no").replace("<IntrBkSttlmDt>2026", "<IntrBkSttlmDt>26")
    )
    with pytest.raises(DocumentError) as refused:
        read_iso20022(wrong.encode())
    fields = ["IntrBkSttlmAmt", "IntrBkSttlmDt"]
    assert [each.field for each in refused.value.faults] == [f"CdtTrfTxInf[1]/{field}" for field in fields]
    assert all(each.seen and each.wanted and each.field in str(refused.value) for each in refused.value.faults)


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(2, 14)])
@pytest.mark.parametrize("message", [TRANSFER, NOTICE])
def test_every_version_reads(message: str, version: str) -> None:
    """What is read does not hang on the version's namespace."""
    assert read_iso20022(message.replace(".001.08", f".001.{version}").encode()) == read_iso20022(message.encode())
