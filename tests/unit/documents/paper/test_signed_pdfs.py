"""PDFs that are signed, and PDFs with something before their beginning: nothing that was signed is changed."""

import io
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from msgspec.structs import replace
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from hanse_documents import check_document
from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.paper.pdffile import conformance, files_inside, signatures, with_file
from hanse_documents.syntax.pdfbeginnings import counted_from, place_of_pdf
from tests.unit.documents.crossindustry import NAMED, cross_industry, pdf
from tests.unit.documents.paper.test_pdf_files import PROOF, foreign, inside

KEY = rsa.generate_private_key(65537, 2048)
SPACE = 4_096
FAR = 9_999_999_999
DOCMDP = DictionaryObject({NameObject("/TransformMethod"): NameObject("/DocMDP")})


def certificate() -> x509.Certificate:
    """Make a certificate of the key, by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Qingwan Kiln")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    made = made.serial_number(7).not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2027, 1, 1))  # noqa: DTZ001 (X.509 has no zones)
    return made.sign(KEY, hashes.SHA256())


def signed(data: bytes, *, reference: DictionaryObject | None = None, lock: DictionaryObject | None = None) -> bytes:
    """Sign a PDF as its makers do: an approval signature (ISO 32000-2, 12.8) over all but itself."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    value = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Sig"),
            NameObject("/Filter"): NameObject("/Adobe.PPKLite"),
            NameObject("/SubFilter"): NameObject("/adbe.pkcs7.detached"),
            NameObject("/ByteRange"): ArrayObject([NumberObject(0), *(NumberObject(FAR) for _ in range(3))]),
            NameObject("/Contents"): ByteStringObject(bytes(SPACE)),
        }
    )
    if reference is not None:
        value[NameObject("/Reference")] = ArrayObject([reference])
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("Signature"),
            NameObject("/V"): writer._add_object(value),
        }
    )
    if lock is not None:
        field[NameObject("/Lock")] = lock
    form = {NameObject("/SigFlags"): NumberObject(3), NameObject("/Fields"): ArrayObject([writer._add_object(field)])}
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(form)
    out = io.BytesIO()
    writer.write(out)
    whole = out.getvalue()
    hole = b"<" + b"00" * SPACE + b">"
    start = whole.index(hole)
    end = start + len(hole)
    placeholder = f"[ 0 {FAR} {FAR} {FAR} ]".encode()
    ranges = f"[ 0 {start} {end} {len(whole) - end} ]".encode().ljust(len(placeholder))
    assert whole.count(placeholder) == 1
    whole = whole.replace(placeholder, ranges)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(whole[:start] + whole[end:])
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes]
    made = builder.add_signer(certificate(), KEY, hashes.SHA256()).sign(Encoding.DER, options)
    return whole[: start + 1] + made.hex().encode().ljust(2 * SPACE, b"0") + whole[end - 1 :]


def verify_signature(data: bytes) -> None:
    """Verify a PDF's signature over the bytes that it names. Raises InvalidSignature."""
    reader = PdfReader(io.BytesIO(data))
    form: Any = reader.root_object["/AcroForm"]
    field = form["/Fields"][0].get_object()
    first, length, second, rest = (int(each) for each in field["/V"]["/ByteRange"])
    covered = data[first : first + length] + data[second : second + rest]
    contents = bytes(field["/V"]["/Contents"].original_bytes)
    size = 4 + int.from_bytes(contents[2:4], "big")  # of a DER sequence, with two bytes that say how long it is
    # Without attributes the signature is over the content itself, and the last thing in it.
    KEY.public_key().verify(contents[size - 256 : size], covered, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("data", [foreign(), foreign(tables=False)])
def test_a_signature_holds_after_a_proof_was_attached(data: bytes) -> None:
    """Every byte that it covers is as it was; it is still found, and the proof too."""
    before = signed(data)
    verify_signature(before)
    after = with_file(before, PROOF)
    assert after.startswith(before)
    verify_signature(after)
    assert inside(after) == [("proof.hanse", b"{}")]
    assert (signatures(after).count, signatures(after).covered) == (1, len(before))
    assert not signatures(data).count


def test_a_proof_that_was_attached_before_the_signature_is_not_taken_out() -> None:
    """What was signed shows it; one that was attached behind the signature goes."""
    newer = replace(PROOF, name="newer.hanse", data=b"{2}")
    before = signed(with_file(foreign(), PROOF))
    with pytest.raises(UnsupportedFormat, match="so is the file in it that would be taken out"):
        with_file(before, newer, instead_of=".hanse")
    behind = with_file(with_file(signed(foreign()), PROOF), newer, instead_of=".hanse")
    assert inside(behind) == [("newer.hanse", b"{2}")]
    verify_signature(behind)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (signed(foreign(), reference=DOCMDP), "is certified"),
        (signed(foreign(), lock=DictionaryObject({NameObject("/P"): NumberObject(1)})), "locks it against changes"),
    ],
)
def test_a_signature_that_allows_no_change_is_named(data: bytes, words: str) -> None:
    """A certification that the catalogue does not repeat, and a lock: nothing is attached."""
    with pytest.raises(UnsupportedFormat, match=words):
        with_file(data, PROOF)


def test_rights_that_a_change_would_end_are_named() -> None:
    """Usage rights are a signature too."""
    writer = PdfWriter(clone_from=io.BytesIO(foreign()))
    writer.root_object[NameObject("/Perms")] = DictionaryObject({NameObject("/UR3"): DictionaryObject()})
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(UnsupportedFormat, match="rights to its readers"):
        with_file(out.getvalue(), PROOF)


def test_a_form_that_leads_round_in_circles_ends() -> None:
    """A field that is its own child, and ranges that are none: it counts as signed, over all of it."""
    writer = PdfWriter(clone_from=io.BytesIO(foreign()))
    field = DictionaryObject({NameObject("/V"): DictionaryObject({NameObject("/ByteRange"): TextStringObject("x")})})
    ref = writer._add_object(field)
    field[NameObject("/Kids")] = ArrayObject([ref, ref])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([ref])})
    out = io.BytesIO()
    writer.write(out)
    found = signatures(out.getvalue())
    assert (found.count, found.covered) == (1, len(out.getvalue()))


BEFORE = [b"\r\n", b"Received: by mail\r\n\r\n", b"\0" * 1_019]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("data", [foreign(), foreign(tables=False), pdf((NAMED, cross_industry().encode()))])
def test_a_pdf_may_begin_further_in(before: bytes, data: bytes) -> None:
    """Its files are found, and one is added, whose places are counted as the others are: from the mark."""
    moved = before + data
    assert (place_of_pdf(moved), counted_from(moved)) == (len(before), len(before))
    assert conformance(moved) == conformance(data)
    after = with_file(moved, PROOF)
    assert after.startswith(moved)
    assert inside(after) == [("proof.hanse", b"{}")]
    assert after[len(before) :] == with_file(data, PROOF)
    assert len(PdfReader(io.BytesIO(after[len(before) :]), strict=True).pages) == 1


def shifted(data: bytes, before: bytes) -> bytes:
    """Put something before a PDF, and count its places from the file's first byte, as many writers do."""
    writer = PdfReader(io.BytesIO(data))
    numbers = sorted(place for table in writer.xref.values() for place in table.values() if place)
    text = before + data
    for place in numbers:
        text = text.replace(b"%010d 00000 n" % place, b"%010d 00000 n" % (place + len(before)))
    head, _, tail = text.rpartition(b"startxref\n")
    start = int(tail.split()[0])
    return head + b"startxref\n%d\n%%%%EOF\n" % (start + len(before))


def test_places_may_be_counted_from_the_file() -> None:
    """Then a file that is added has places counted so too."""
    moved = shifted(foreign(), b"Received: by mail\r\n\r\n")
    assert (place_of_pdf(moved), counted_from(moved)) == (21, 0)
    after = with_file(moved, PROOF)
    assert inside(after) == [("proof.hanse", b"{}")]
    assert counted_from(after) == 0


@pytest.mark.parametrize(
    "data", [b"\0" * 1_020 + foreign(), b'{"a": "%PDF-"}', b"<a>%PDF-</a>", b"PK\x03\x04%PDF-", b""]
)
def test_what_is_no_pdf_is_none(data: bytes) -> None:
    """Its mark further in than readers look, or within a file of another kind."""
    assert place_of_pdf(data) is None
    with pytest.raises(DocumentError, match="%PDF- among its first 1,024 bytes"):
        files_inside(data, ending=".hanse", media_type="x", most=9)


def test_an_invoice_is_read_of_a_pdf_that_begins_further_in() -> None:
    """A check of the file unpacks it."""
    data = pdf((NAMED, cross_industry().encode()))
    report = check_document(b"Received: by mail\r\n\r\n" + data, "mail.pdf")
    assert (report.inside, report.verdict) == (NAMED, check_document(data, "mail.pdf").verdict)
