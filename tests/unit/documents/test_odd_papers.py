"""Papers as other people's programs write them: read where they say one thing, named for what they are where not."""

import gzip
import json
from collections.abc import Callable

import pytest

from hanse_client.base.errors import HanseError
from hanse_client.base.files import read_typed
from hanse_documents import examine_document, read_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument
from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.model.reports import payments_in
from hanse_documents.samples import sample
from hanse_documents.semantics.values import account_of, as_xml_schema, hs_digits, moment_of
from hanse_ledger.values.dates import start_of
from tests.world.messages import UETR, entry, notice

INVOICE = sample("invoice.xml").decode()
CERTIFICATE = json.loads(sample("certificate.json"))
HEADER = "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"


def enveloped(*inside: str) -> bytes:
    """Put documents into the envelope that Peppol's networks send."""
    namespace = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    return (
        f'<StandardBusinessDocument xmlns="{namespace}">{HEADER}{"".join(inside)}</StandardBusinessDocument>'.encode()
    )


def test_an_invoice_in_an_envelope_of_peppol_is_the_invoice() -> None:
    """The same document, whatever is written around it."""
    bare = INVOICE.partition("?>")[2]
    assert read_document(enveloped(bare)) == read_document(sample("invoice.xml"))
    for inside in ((), (bare, bare), ("<other/>",)):
        with pytest.raises(UnsupportedFormat, match="StandardBusinessDocument in http"):
            read_document(enveloped(*inside))
    note = '<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"/>'
    with pytest.raises(UnsupportedFormat, match="credit note"):
        read_document(enveloped(note))


def test_a_packed_file_is_named_as_one() -> None:
    """Archives, as mail programs make them."""
    for data in (gzip.compress(INVOICE.encode()), b"PK\x03\x04" + bytes(40)):
        with pytest.raises(UnsupportedFormat, match="packed") as refused:
            read_document(data)
        assert "Unpack it" in refused.value.action


def test_a_declaration_that_is_not_true_is_named() -> None:
    """Programs that hold their texts in UTF-16 say so in files that they save as UTF-8."""
    with pytest.raises(UnsupportedFormat, match="declares utf-16, and is not in it") as refused:
        read_document(INVOICE.replace('encoding="UTF-8"', 'encoding="utf-16"').encode())
    assert 'encoding="UTF-8"' in refused.value.action
    with pytest.raises(UnsupportedFormat, match="XML in utf-16 or utf-32"):
        read_document(INVOICE.encode("utf-16"))


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("iban: de89\N{NO-BREAK SPACE}370400440532013000", "DE89370400440532013000"),
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("IBAN", "IBAN"),
        ("IBAN 12345678", "IBAN12345678"),
        ("ibank 00123", "IBANK00123"),
    ],
)
def test_an_iban_may_be_called_one(written: str, account: str) -> None:
    """The word before it is not part of it; what is no IBAN keeps every letter."""
    assert account_of(written) == account


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("HS 6911.10", "691110"),
        ("HS-Code: 6911 10", None),
        ("HTS6911100000", "6911100000"),
        ("HS", None),
        ("SH 69", None),
    ],
)
def test_a_tariff_code_may_be_called_one(written: str, code: str | None) -> None:
    """What it is called stands before it; nothing else does."""
    assert hs_digits(written) == code


@pytest.mark.parametrize(
    ("written", "seen"),
    [(UETR.upper(), UETR), ("NOTPROVIDED", None), ("notprovided", None)],
)
def test_a_uetr_in_capitals_is_the_same(written: str, seen: str | None) -> None:
    """One transaction's does not make a whole message unreadable."""
    (payment,) = payments_in(read_document(notice(entry("10.00", uetr=written))))
    assert payment.uetr == seen
    wrong = "7f0d2c34-9a51-1c1e-8b77-2d6f0e1a9c55"
    reading = examine_document(notice(entry("10.00", uetr=wrong)))
    assert payments_in(reading.document)[0].uetr == wrong
    assert "version 4 UUID" in " ".join(str(each) for each in reading.findings)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20T08:00:00z", "2026-11-20T08:00:00Z"),
        ("2026-11-20t08:00:00Z", "2026-11-20T08:00:00Z"),
        ("2026-11-20 08:00:00+08:00", "2026-11-20T08:00:00+08:00"),
        ("2026-11-20T08:00:00+0800", "2026-11-20T08:00:00+08:00"),
        ("2026-11-20T08:00:00.5-05", "2026-11-20T08:00:00.5-05:00"),
        ("2026-11-20T08:00", "2026-11-20T08:00"),
        ("2026-11-20", "2026-11-20"),
    ],
)
def test_times_are_written_in_several_ways(written: str, meant: str) -> None:
    """Those of RFC 3339 and ISO 8601 are the moments of XML Schema."""
    assert as_xml_schema(written) == meant
    changed = {**CERTIFICATE, "issueDateTime": written}
    changed["effectivePeriod"] = {"startDateTime": written, "endDateTime": "2027-11-20 23:59:59z"}
    certificate = read_document(json.dumps(changed).encode())
    assert isinstance(certificate, CertificateDocument)
    assert (certificate.valid_from, certificate.valid_until) == (meant, "2027-11-20T23:59:59Z")
    assert certificate.issued == "2026-11-20"
    assert certificate.issued_at == moment_of(meant)
    if certificate.issued_at is not None:
        assert certificate.issued_at == start_of(meant)


NO_TIMES = [
    "2026-11-20T08:00:00+8",
    "2026-11-20T08:00:00 PM",
    "20261120T080000Z",
    "2026-11-20  08:00",
    "20.11.2026 08:00",
]


@pytest.mark.parametrize("written", NO_TIMES)
def test_what_is_no_time_is_refused(written: str) -> None:
    """Nothing is guessed."""
    changed = {**CERTIFICATE, "effectivePeriod": {"startDateTime": written, "endDateTime": "2027-11-20"}}
    with pytest.raises(DocumentError, match="startDateTime"):
        read_document(json.dumps(changed).encode())


SAME: dict[str, Callable[[str], str]] = {
    "a comment within a number": lambda text: text.replace("QW-2026-0917", "QW-<!-- ours -->2026-0917", 1),
    "marked text": lambda text: text.replace(">QW-2026-0917<", "><![CDATA[QW-2026-0917]]><", 1),
    "a stylesheet": lambda text: text.replace("?>", '?><?xml-stylesheet type="text/xsl" href="invoice.xsl"?>', 1),
    "a date with a zone": lambda text: text.replace("2026-09-17</", "2026-09-17+02:00</", 1),
    "a sign before an amount": lambda text: text.replace(
        ">5150.00</cbc:PayableAmount>", "> +5150.0000 </cbc:PayableAmount>"
    ),
    "line ends of Windows": lambda text: "\N{ZERO WIDTH NO-BREAK SPACE}" + text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", SAME)
def test_the_same_invoice_in_other_clothes(form: str) -> None:
    """What XML and XML Schema call the same is the same here."""
    changed = SAME[form](INVOICE)
    assert changed != INVOICE
    found, own = read_document(changed.encode()), read_document(INVOICE.encode())
    assert isinstance(found, InvoiceDocument)
    assert isinstance(own, InvoiceDocument)
    assert (found.number, found.issued, found.payable_minor) == (own.number, own.issued, own.payable_minor)


@pytest.mark.parametrize("data", [b"", b"<a", b"hello", b"\xff{"], ids=["empty", "cut off", "a word", "no text"])
def test_a_file_is_named_once(data: bytes) -> None:
    """What is wrong with the whole of it names it, and a file from the standard input is named as that."""
    for name in ("order.xml", "the standard input"):
        with pytest.raises(HanseError) as refused:
            read_typed(data, name, InvoiceDocument)
        assert refused.value.message.startswith(name)
        assert refused.value.message.count(name) == 1
