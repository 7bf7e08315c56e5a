"""The papers of the trade that `hanse demo` runs: the samples, as they lie in the demonstration's folder."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from hanse_client.base.clock import DAY_MS
from hanse_documents import read_document
from hanse_documents.checks import Finding, compare
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument
from hanse_documents.samples import BESIDE, TRADE, certificate_in_force, sample
from hanse_ledger.values.dates import end_of, start_of
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment

INVOICE, CERTIFICATE, TRANSFER, CREDITED = TRADE
CREDIT_NOTE, BILL = BESIDE
SECOND_INVOICE = "second-invoice.xml"
"""The invoice of the second story: the first one's goods, sold once more two months later."""

_SOLD_AGAIN = (
    (b"QW-2026-0917", b"QW-2026-1120"),
    (b"RF24QW20260917", b"RF31QW20261120"),
    (b"TR-4471", b"TR-4502"),
    (b"2026-09-17", b"2026-11-20"),
    (b"2026-10-17", b"2027-01-19"),
    (b"2026-09-21", b"2026-11-24"),
)

BILL_TERMS: Mapping[str, str] = {
    "discharge_place": "BEANR",
    "issued": "2026-09-21",
    "loading_place": "CNNGB",
    "number": "NBL-26-40117",
    "vessel": "Blue Heron",
}
"""What the bill of lading says, by the names of the catalogue."""


class Papers(Struct, frozen=True, kw_only=True):
    """The documents of the trade: where each lies, and what it says."""

    folder: Path
    invoice: InvoiceDocument
    certificate: CertificateDocument
    payments: tuple[PaymentDocument, ...]


def trade_papers(now: Moment) -> dict[str, bytes]:
    """Give all papers of the trade by name. The sample certificate's dates pass; the demonstration must run later."""
    papers = {name: sample(name) for name in (*TRADE, *BESIDE)}
    papers[SECOND_INVOICE] = papers[INVOICE]
    for old, new in _SOLD_AGAIN:
        papers[SECOND_INVOICE] = papers[SECOND_INVOICE].replace(old, new)
    document = read_document(papers[CERTIFICATE], CERTIFICATE)
    assert isinstance(document, CertificateDocument)
    first, last = document.valid_from, document.valid_until
    if first is None or last is None or not start_of(first) <= now < end_of(last) - DAY_MS:
        days = (moment_words(at)[:10] for at in (now - DAY_MS, now + 365 * DAY_MS))
        papers[CERTIFICATE] = certificate_in_force(*days)
    return papers


def read_papers(folder: Path) -> Papers:
    """Read the four documents of the trade in a folder."""

    def read(name: str) -> object:
        return read_document((folder / name).read_bytes(), name)

    invoice, certificate = read(INVOICE), read(CERTIFICATE)
    assert isinstance(invoice, InvoiceDocument)
    assert isinstance(certificate, CertificateDocument)
    payments: list[PaymentDocument] = []
    for name in (TRANSFER, CREDITED):
        messages = read(name)
        assert isinstance(messages, tuple)
        payments.extend(messages)
    return Papers(folder=folder, invoice=invoice, certificate=certificate, payments=tuple(payments))


def compare_papers(papers: Papers) -> tuple[Finding, ...]:
    """Run the cross-document checks over the trade's papers."""
    return compare(papers.invoice, papers.certificate, papers.payments)
