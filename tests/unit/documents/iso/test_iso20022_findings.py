"""What a payment message says wrongly without keeping anybody from reading it."""

from collections.abc import Callable

import pytest

from hanse_documents import examine_document
from hanse_documents.model.reports import payments_in
from hanse_documents.samples import sample

TRANSFER = sample("pacs008.xml").decode()
NOTICE = sample("camt054.xml").decode()


def counted(count: str) -> Callable[[str], str]:
    """Say how many transactions an entry has."""
    return lambda text: text.replace("<NtryDtls>", f"<NtryDtls><Btch><NbOfTxs>{count}</NbOfTxs></Btch>")


def charged(bearer: str) -> Callable[[str], str]:
    """Let a bank take something, and say who bears it."""
    record = f'<Chrgs><Rcrd><Amt Ccy="EUR">1.00</Amt><ChrgInclInd>false</ChrgInclInd><Br>{bearer}</Br></Rcrd></Chrgs>'
    return lambda text: text.replace("<RltdPties>", f"{record}<RltdPties>")


@pytest.mark.parametrize(
    ("text", "change", "field"),
    [
        (TRANSFER, lambda text: text.replace("<NbOfTxs>1<", "<NbOfTxs>2<"), "GrpHdr/NbOfTxs"),
        (NOTICE, counted("2"), "Ntry[1]/NtryDtls/Btch/NbOfTxs"),
        (NOTICE, charged("HIM"), "Ntry[1]/NtryDtls/TxDtls[1]/Chrgs/Rcrd[1]/Br"),
    ],
)
def test_what_is_wrong_beside_the_payment_is_found(text: str, change: Callable[[str], str], field: str) -> None:
    """Counts that are wrong and codes that are none are told by their place; the payment is read."""
    changed = change(text)
    assert changed != text
    reading = examine_document(changed.encode())
    assert payments_in(reading.document)[0].amount_minor == 515_000
    assert {each.field for each in reading.findings} == {field}


@pytest.mark.parametrize("change", [counted("1"), charged("SHAR")])
def test_what_is_right_is_no_finding(change: Callable[[str], str]) -> None:
    """A count that is right, and a bearer that there is, are not told."""
    assert examine_document(change(NOTICE).encode()).findings == ()


def test_charges_of_a_batch_that_no_transaction_bears_are_found() -> None:
    """The entry is what is left after charges: which payment they were taken from is not said."""
    detail = NOTICE[NOTICE.index("<TxDtls>") : NOTICE.index("</TxDtls>") + len("</TxDtls>")]
    charges = '<Chrgs><Rcrd><Amt Ccy="EUR">5.00</Amt></Rcrd></Chrgs>'
    whole = NOTICE.replace(detail, detail * 2).replace('<Amt Ccy="EUR">5150.00', '<Amt Ccy="EUR">10295.00', 1)
    reading = examine_document(whole.replace("<NtryDtls>", f"{charges}<NtryDtls>").encode())
    assert [payment.amount_minor for payment in payments_in(reading.document)] == [515_000, 515_000]
    assert [each.field for each in reading.findings] == ["Ntry[1]/Chrgs"]
