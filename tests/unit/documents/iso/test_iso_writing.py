"""What is written is valid by its schema, and read back as it was."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument, PaymentReport
from hanse_documents.model.errors import DocumentError
from hanse_documents.samples import sample
from hanse_documents.syntax.iso.writing import write_notification, write_status
from hanse_documents.syntax.iso20022 import read_iso20022, read_iso20022_root, structure_of_message
from hanse_documents.syntax.xml import open_xml

NOW = 1_795_145_400_123
(NOTICE,) = read_iso20022(sample("camt054.xml"))
FULL = replace(
    NOTICE,
    bank_reference="BANK-1",
    booked="2026-11-19",
    booked_at=1_795_145_400_000,
    charges=(
        Charge(agent="HNSBBEB0", amount_minor=1_500, bearer="SHAR", currency="EUR", exponent=2, included=True),
        Charge(agent="USABA:021040078", amount_minor=-100, currency="EUR", exponent=2),
        Charge(agent="A bank", amount_minor=1, currency="EUR", exponent=2, included=False),
    ),
    debtor_agent="USABA:021040078",
    debtor_account="12-34",
    debtor_iban=None,
    documents=("QW-1", "QW-2"),
    further_references=("RF18539007547034",),
    instructed=Money(amount_minor=5_600, currency="USD", exponent=2),
    instruction_id="I-1",
    transaction_id="T-1",
    unstructured=("one & <two>", "three"),
    valued_at=1_795_145_400_000,
    valued="2026-11-20",
)
BACK = replace(FULL, direction=Direction.DEBIT, returned=True, reason="AC04")
PAID = replace(
    FULL,
    direction=Direction.DEBIT,
    debtor_iban=None,
    status="PDNG",
    charges=(),
    booked_at=None,
    valued_at=None,
)
REPORT = PaymentReport(
    amount=Money(amount_minor=515_000, currency="EUR", exponent=2),
    end_to_end="E-1",
    information=("as agreed",),
    instruction_id="I-1",
    kind=MessageKind.STATUS,
    message="S-1",
    original_kind="pacs.008.001.08",
    original_message="M-1",
    reasons=("AM04",),
    stated="2026-10-12T09:15:41Z",
    status="RJCT",
    transaction_id="T-1",
    uetr=NOTICE.uetr,
    valued="2026-10-12",
)


@pytest.mark.parametrize("payment", [NOTICE, FULL, BACK, replace(BACK, reversal=True, reason="Own words"), PAID])
def test_a_notification_is_read_back(payment: PaymentDocument) -> None:
    """Every field: parties, agents with and without a BIC, charges both ways, references, dates with their zone."""
    data = write_notification([payment], created=NOW)
    assert structure_of_message(open_xml(data)) == (True, ())
    assert read_iso20022(data) == (payment,)
    assert write_notification(read_iso20022(data), created=NOW) == data


@pytest.mark.parametrize(
    "report",
    [
        REPORT,
        replace(REPORT, reasons=("own words",), information=()),
        replace(REPORT, reasons=(), amount=None, valued=None, stated=None, original_message=None, original_kind=None),
        PaymentReport(
            kind=MessageKind.STATUS,
            message="S-2",
            original_kind="pacs.008.001.08",
            original_message="M-1",
            reasons=("AC01",),
            status="RJCT",
        ),
    ],
)
def test_a_status_is_read_back(report: PaymentReport) -> None:
    """Of one payment, or of a whole message; with reasons as codes or in words, or with none."""
    data = write_status([report], created=NOW)
    root = open_xml(data)
    assert structure_of_message(root) == (True, ())
    assert read_iso20022_root(root) == ((report,), ())


def test_published_status_reports_are_written_as_they_were(shared: Path) -> None:
    """What others have sent is read, written and read: the same."""
    for name in ("fednow-sample-message-pacs002.xml", "fednow-sample-message-outgoing-pacs002.xml"):
        reports, _ = read_iso20022_root(open_xml((shared / "samples" / "iso20022" / name).read_bytes()))
        told = [report for report in reports if isinstance(report, PaymentReport)]
        assert read_iso20022_root(open_xml(write_status(told, created=NOW)))[0] == tuple(told)


@pytest.mark.parametrize(
    ("payments", "field", "wanted"),
    [
        ([], "Ntry", "at least one"),
        ([replace(NOTICE, creditor_iban=None)], "Acct", "the one account"),
        ([NOTICE, replace(NOTICE, creditor_iban="DE89370400440532013000")], "Acct", "the one account"),
        ([replace(NOTICE, contradiction="two sums")], "Ntry/Amt", "an amount that was booked"),
        ([replace(NOTICE, message="M" * 36)], "GrpHdr/MsgId", "1 to 35 characters"),
        ([replace(NOTICE, uetr="no")], "Ntry[1]/NtryDtls/TxDtls[1]/Refs/UETR", "a text of the form"),
    ],
)
def test_what_does_not_fit_is_refused(payments: list[PaymentDocument], field: str, wanted: str) -> None:
    """Nothing is cut or left out in silence: the refusal names the element."""
    with pytest.raises(DocumentError) as refused:
        write_notification(payments, created=NOW)
    assert refused.value.field == field
    assert wanted in refused.value.wanted


def test_nothing_is_no_status() -> None:
    """A report of no payment says nothing."""
    with pytest.raises(DocumentError, match="at least one"):
        write_status([], created=NOW)
