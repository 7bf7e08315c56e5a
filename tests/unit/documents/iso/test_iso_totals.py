"""What a message says of all its payments is held against them; what several tell of one is counted once."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from hanse_documents import check_document, read_document
from hanse_documents.checks import Agreement, compare
from hanse_documents.model.documents import Direction, InvoiceDocument, MessageKind, PaymentDocument
from hanse_documents.model.reports import DocumentVerdict, payments_in
from hanse_documents.samples import sample
from hanse_documents.syntax.iso20022 import read_iso20022_root
from hanse_documents.syntax.xml import open_xml

TRANSFER = sample("pacs008.xml").decode()
INVOICE = read_document(sample("invoice.xml"))
assert isinstance(INVOICE, InvoiceDocument)
(NOTICE,) = payments_in(read_document(sample("camt054.xml")))
(MOVED,) = payments_in(read_document(sample("pacs008.xml")))
STATED = replace(NOTICE, kind=MessageKind.STATEMENT)
RETURNED = replace(MOVED, kind=MessageKind.RETURN, direction=Direction.DEBIT, returned=True, reason="FOCR")
BOOKED_BACK = replace(NOTICE, direction=Direction.DEBIT, returned=True)
ASKED = replace(MOVED, kind=MessageKind.INITIATION)

INITIATION = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>P-1</MsgId>
<NbOfTxs>3</NbOfTxs><CtrlSum>60.005</CtrlSum></GrpHdr>
<PmtInf><NbOfTxs>2</NbOfTxs><CtrlSum>30</CtrlSum>
<CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">10.00</InstdAmt></Amt></CdtTrfTxInf>
<CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">20.00</InstdAmt></Amt></CdtTrfTxInf></PmtInf>
<PmtInf><NbOfTxs>1</NbOfTxs><CtrlSum>30.005</CtrlSum>
<CdtTrfTxInf><Amt><InstdAmt Ccy="TND">30.005</InstdAmt></Amt></CdtTrfTxInf>
</PmtInf></CstmrCdtTrfInitn></Document>"""

STATEMENT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>S-1</MsgId></GrpHdr>
<Stmt><Acct><Id><IBAN>BE68539007547034</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">25.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><Sum>107.00</Sum></TtlNtries>
<TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>104.00</Sum></TtlCdtNtries></TxsSummry>
<Ntry><Amt Ccy="EUR">33.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>
<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>
<Ntry><Amt Ccy="EUR">71.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(
    ("text", "old", "new", "fields"),
    [
        (INITIATION, "", "", []),
        (INITIATION, "60.005", "60.00", ["GrpHdr/CtrlSum"]),
        (INITIATION, "<CtrlSum>30<", "<CtrlSum>x<", ["PmtInf[1]/CtrlSum"]),
        (INITIATION, "<NbOfTxs>2<", "<NbOfTxs>1<", ["PmtInf[1]/NbOfTxs"]),
        (INITIATION, "<NbOfTxs>3<", "<NbOfTxs>²<", ["GrpHdr/NbOfTxs"]),
        (TRANSFER, "<SttlmInf>", '<TtlIntrBkSttlmAmt Ccy="EUR">5150</TtlIntrBkSttlmAmt><SttlmInf>', []),
        (TRANSFER, "<SttlmInf>", "<CtrlSum>5150</CtrlSum><SttlmInf>", []),
        (
            TRANSFER,
            "<SttlmInf>",
            '<TtlIntrBkSttlmAmt Ccy="USD">5150</TtlIntrBkSttlmAmt><SttlmInf>',
            ["GrpHdr/TtlIntrBkSttlmAmt"],
        ),
        (TRANSFER, "000000QINGWANKILN189", "000000QINGWANKILN188", ["CdtTrfTxInf[1]/Cdtr/Id/OrgId/LEI"]),
        (TRANSFER, "RF24QW", "RF25QW", ["CdtTrfTxInf[1]/RmtInf/Strd/CdtrRefInf/Ref"]),
        (TRANSFER, "BE71096123456769", "BE72096123456769", ["CdtTrfTxInf[1]/DbtrAcct/Id/IBAN"]),
        (STATEMENT, "", "", []),
        (STATEMENT, ">25.00<", ">96.00<", ["Bal[2]/Amt"]),
        (STATEMENT, ">107.00<", ">101.00<", ["TxsSummry/TtlNtries/Sum"]),
        (STATEMENT, "<NbOfNtries>2<", "<NbOfNtries>3<", ["TxsSummry/TtlCdtNtries/NbOfNtries"]),
        (STATEMENT, "<Acct>", "<StmtPgntn/><Acct>", []),
        (STATEMENT.replace(">107.00<", ">1.00<"), "<Acct>", "<StmtPgntn/><Acct>", []),
    ],
)
def test_totals_are_held_against_the_payments(text: str, old: str, new: str, fields: list[str]) -> None:
    """Counts, sums in one currency and over all, balances of what is booked; identifiers wherever they stand."""
    assert old in text
    _, found = read_iso20022_root(open_xml(text.replace(old, new).encode()))
    assert [each.field.removeprefix("Stmt/") for each in found] == fields


def test_a_pending_entry_is_told_from_a_booked_one() -> None:
    """It is read, and says that it is pending; the debit names the account as its debtor's."""
    first, fee, pending = payments_in(read_iso20022_root(open_xml(STATEMENT.encode()))[0])
    assert (first.status, pending.status) == ("BOOK", "PDNG")
    assert (first.creditor_iban, fee.creditor_iban, fee.debtor_iban) == ("BE68539007547034", None, "BE68539007547034")


def paid(payments: Sequence[PaymentDocument]) -> tuple[Agreement, str]:
    """Give the outcome of D-15 and what it counted."""
    assert isinstance(INVOICE, InvoiceDocument)
    (found,) = [finding for finding in compare(INVOICE, None, payments) if finding.check == "D-15"]
    return found.outcome, found.right_value


@pytest.mark.parametrize(
    ("payments", "outcome", "told"),
    [
        ((MOVED, NOTICE, STATED, ASKED), Agreement.AGREES, "5150.00 EUR"),
        ((STATED, MOVED), Agreement.AGREES, "5150.00 EUR"),
        ((NOTICE, replace(STATED, uetr=None, end_to_end=None)), Agreement.AGREES, "5150.00 EUR"),
        ((ASKED,), Agreement.CANNOT_COMPARE, ""),
        ((NOTICE, RETURNED), Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        ((NOTICE, BOOKED_BACK, RETURNED), Agreement.DIFFERS, "0.00 EUR after 5150.00 EUR were taken back"),
        ((replace(NOTICE, contradiction="two sums"),), Agreement.CANNOT_COMPARE, "contradicts itself: two sums"),
    ],
)
def test_what_several_messages_tell_is_counted_once(
    payments: tuple[PaymentDocument, ...], outcome: Agreement, told: str
) -> None:
    """A notification and a statement are one payment, what a payer asks is none, and a return is told by two banks."""
    found = paid(payments)
    assert (found[0], told in found[1]) == (outcome, True)


def test_a_file_whose_structure_nobody_judged_is_not_valid() -> None:
    """A version that is not known: read, and neither valid nor invalid."""
    later = TRANSFER.replace("pacs.008.001.08", "pacs.008.001.99").encode()
    report = check_document(later)
    assert (report.verdict, report.structure_valid) == (DocumentVerdict.CANNOT_CHECK, None)
    assert report.document == (MOVED,)
    assert check_document(TRANSFER.encode()).verdict is DocumentVerdict.VALID
    assert check_document(TRANSFER.replace("SLEV", "HIM").encode()).verdict is DocumentVerdict.INVALID
