"""Files that nobody should send: each gets a clear finding, soon, and none is valid."""

import time

import pytest

from hanse_documents import DocumentVerdict, check_document
from hanse_documents.samples import sample
from tests.unit.documents.crossindustry import NAMED, cross_industry, pdf

INVOICE = sample("invoice.xml").decode()
CII = cross_industry()
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Invoice SYSTEM "file:///etc/passwd">'
SECONDS = 20.0
"""Far more than any takes; machines are slow at times."""

HOSTILE = {
    "entities": INVOICE.replace("?>", f"?>{ENTITIES}", 1).encode(),
    "an external document type": INVOICE.replace("?>", f"?>{OUTSIDE}", 1).encode(),
    "an external document type in CII": CII.replace("?>", f"?>{OUTSIDE}", 1).encode(),
    "an external document type in a PDF": pdf((NAMED, CII.replace("?>", f"?>{OUTSIDE}", 1).encode())),
    "a hundred megabytes": b"<Invoice>" + bytes(100 * 1024 * 1024),
    "a hundred megabytes of JSON": b"{" + b" " * (100 * 1024 * 1024),
    "UTF-16 that says UTF-8": INVOICE.encode("utf-16"),
    "Latin letters that say UTF-8": INVOICE.replace("Dinner plate", "Größe").encode("latin-1"),
    "an encoding that is none": INVOICE.replace('encoding="UTF-8"', 'encoding="klingon"').encode(),
    "an amount of 1E+100": INVOICE.replace(">5150.00</cbc:PayableAmount>", ">1E+100</cbc:PayableAmount>").encode(),
    "an amount of a hundred digits": INVOICE.replace(">5150.00<", f">{'9' * 100}.00<").encode(),
    "an amount of 1E+100 in CII": CII.replace(">5150.00</ram:DueP", ">1E+100</ram:DueP").encode(),
    "not a number": INVOICE.replace(">5150.00</cbc:PayableAmount>", ">NaN</cbc:PayableAmount>").encode(),
    "a quantity that is infinite": CII.replace(">120</ram:BilledQuantity>", ">INF</ram:BilledQuantity>").encode(),
    "elements in an amount": INVOICE.replace(
        ">5150.00</cbc:PayableAmount>", "><a/>5150.00</cbc:PayableAmount>"
    ).encode(),
    "another document's content": INVOICE.replace("CommonBasicComponents-2", "CommonBasicComponents-3").encode(),
    "nothing but its root": b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    "nothing but its root in CII": (
        b'<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>'
    ),
    "a depth of a thousand": b"<a>" * 1_000 + b"</a>" * 1_000,
    "half of a file": INVOICE[: len(INVOICE) // 2].encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_told_and_never_valid(name: str) -> None:
    """No error escapes, none takes long, and something says what is wrong."""
    begun = time.monotonic()
    report = check_document(HOSTILE[name], "file")
    assert time.monotonic() - begun < SECONDS
    assert report.verdict in {DocumentVerdict.INVALID, DocumentVerdict.UNSUPPORTED}
    assert report.findings
    assert report.findings[0].message
    assert report.document is None


def test_a_thousand_lines_are_read_and_judged() -> None:
    """A large invoice that is in order is one; its sums are exact."""
    start, end = INVOICE.index("  <cac:InvoiceLine>"), INVOICE.index("</cac:InvoiceLine>") + len("</cac:InvoiceLine>\n")
    line = INVOICE[start:end]
    many = INVOICE[:end] + line.replace("2220.00", "0.00").replace("18.50", "0.00") * 999 + INVOICE[end:]
    report = check_document(many.encode(), "invoice.xml")
    assert (report.verdict, report.structure_valid) == (DocumentVerdict.VALID, True)
