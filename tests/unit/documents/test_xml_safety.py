"""Files from strangers: whatever they hold, the answer is a document or a refusal, and nothing else happens."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_documents import DocumentError, UnsupportedFormat, read_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, terms
from hanse_documents.samples import NAMES, TRADE, sample
from hanse_documents.syntax.openjson import JSON_BYTES as CERTIFICATE_BYTES
from hanse_documents.syntax.xml import ATTRIBUTES, DEPTH, FILE_BYTES, TAGS, open_xml

INVOICE = sample("invoice.xml").decode()
BODY = INVOICE.partition("?>")[2]


def laughs() -> str:
    """Write entities that would become a thousand million characters."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE Invoice [<!ENTITY l0 "ha">{levels}]>'


@pytest.mark.parametrize(
    "prologue",
    [
        "<!DOCTYPE Invoice>",
        "<!DOCTYPE Invoice SYSTEM 'http://192.0.2.1/invoice.dtd'>",
        "<!DOCTYPE Invoice [<!ENTITY secret SYSTEM 'file:///etc/hostname'>]>",
        "<!DOCTYPE Invoice [<!ENTITY % more SYSTEM 'http://192.0.2.1/more'> %more;]>",
        "<!-- <!DOCTYPE Invoice> -->",
        laughs(),
    ],
)
def test_a_document_type_is_refused_wherever_it_stands(prologue: str) -> None:
    """No document type, no entity, no reference to the outside is ever parsed."""
    with pytest.raises(DocumentError, match="DOCTYPE"):
        read_document(f'<?xml version="1.0"?>{prologue}{BODY}'.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_unsupported(encoding: str) -> None:
    """A document type could hide in an encoding where the search for it sees nothing."""
    with pytest.raises(UnsupportedFormat, match="UTF-8"):
        read_document(f"<!DOCTYPE x>{BODY}".encode(encoding))


@pytest.mark.parametrize("declared", ["UTF-7", "UTF-16", "IBM037", "ISO-2022-JP", "nonsense"])
def test_encodings_that_could_hide_something_are_unsupported(declared: str) -> None:
    """Only encodings in which an ASCII byte is that ASCII character are read."""
    with pytest.raises(UnsupportedFormat, match=declared.lower()):
        read_document(f'<?xml version="1.0" encoding="{declared}"?>{BODY}'.encode())


def test_latin_letters_read_in_their_own_encoding() -> None:
    """A Latin-1 file that says so reads as the same document as its UTF-8 twin; a byte order mark changes nothing."""
    text = INVOICE.replace("Vierde Proefstraat", "Vière Proefstraat")
    twin = read_document(text.encode())
    assert read_document(text.replace("UTF-8", "ISO-8859-1").encode("latin-1")) == twin
    assert read_document(b"\xef\xbb\xbf" + text.encode()) == twin
    with pytest.raises(DocumentError, match="not well-formed"):
        read_document(text.encode("latin-1"))
    with pytest.raises(DocumentError, match="one encoding"):
        read_document(b"\xef\xbb\xbf" + text.replace("UTF-8", "ISO-8859-1").encode())


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("utf8", "utf-8"),
        ("UTF_8", "utf-8"),
        ("Utf-8", "utf-8"),
        ("iso8859-1", "latin-1"),
        ("ISO_8859-1", "latin-1"),
        ("latin1", "latin-1"),
        ("Latin-1", "latin-1"),
        ("iso8859-15", "iso8859-15"),
        ("ISO-8859-2", "iso8859-2"),
        ("windows-1252", "cp1252"),
        ("CP1252", "cp1252"),
        ("Windows_1250", "cp1250"),
    ],
)
def test_encodings_read_under_their_other_names(declared: str, codec: str) -> None:
    """What is in use for an encoding names it: the document is the same as its UTF-8 twin."""
    text = INVOICE.replace("Vierde Proefstraat", "Vör Proefstraße")
    assert read_document(text.replace("UTF-8", declared).encode(codec)) == read_document(text.encode())


def test_bytes_that_are_not_of_the_encoding_are_refused() -> None:
    """What a parser would guess is refused instead."""
    wrong = INVOICE.replace("UTF-8", "windows-1252").encode().replace(b"Vierde", b"Vi\x81rde")
    with pytest.raises(DocumentError, match="bytes that are not cp1252"):
        read_document(wrong)


def test_size_is_bounded_before_parsing() -> None:
    """A file over its bound is refused unread, XML or JSON, with its size and the bound."""
    for start, most in ((b"<a>", FILE_BYTES), (b'{"a": "', CERTIFICATE_BYTES)):
        with pytest.raises(DocumentError, match=f"{most + len(start):,} bytes; wanted: at most {most:,} bytes"):
            read_document(start + b" " * most)


def test_an_invoice_may_hold_a_large_file() -> None:
    """Fifteen megabytes of a PDF inside an invoice read as their hash."""
    content = base64.encodebytes(bytes(14_000_000)).decode()
    reference = (
        "<cac:AdditionalDocumentReference><cbc:ID>pdf</cbc:ID><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="i.pdf">'
        f"{content}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    before = "<cac:AccountingSupplierParty>"
    invoice = read_document(INVOICE.replace(before, reference + before, 1).encode())
    assert isinstance(invoice, InvoiceDocument)
    assert terms(invoice)["BG-24/1/BT-125"] == f"sha-256:{hashlib.sha256(bytes(14_000_000)).hexdigest()}"


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" + b"<a/>" * TAGS + b"</a>",
        b"<a " + b" ".join(b'a%x=""' % place for place in range(ATTRIBUTES)) + b' b=""/>',
        b"<a>" * 400_000,
    ],
)
def test_what_costs_memory_is_bounded_before_parsing(data: bytes) -> None:
    """A parser needs memory for tags and attributes, far more than for bytes: there are bounds for both."""
    with pytest.raises(DocumentError):
        read_document(data)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("inner", ["b'<a/>' * 990_000", "b'<a b=\"\"/>' * 240_000", "b'x' * (FILE_BYTES - 100)"])
def test_no_file_needs_more_than_its_share_of_memory(root: Path, inner: str) -> None:
    """Files at the bounds need less than 300 MiB, the program included."""
    program = (
        "import pathlib, re\nfrom hanse_documents import UnsupportedFormat, read_document\n"
        "from hanse_documents.syntax.xml import FILE_BYTES\n"
        f"data = b'<a>' + {inner} + b'</a>'\n"
        "try:\n    read_document(data)\nexcept UnsupportedFormat:\n    pass\n"
        # The program's own peak; `ru_maxrss` would begin with that of who started it.
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert int(ran.stdout) < 300 * 1024


def test_depth_is_bounded() -> None:
    """Elements may nest as deep as the bound says, and no deeper."""
    assert open_xml(b"<a>" * DEPTH + b"</a>" * DEPTH) is not None
    for levels in (DEPTH + 1, 5_000):
        with pytest.raises(DocumentError):
            open_xml(b"<a>" * levels + b"</a>" * levels)
    with pytest.raises(DocumentError, match="JSON"):
        read_document(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


def test_a_comment_inside_a_text_cannot_cut_it() -> None:
    """A number with a comment in it is the whole number, not its first half."""
    invoice = read_document(INVOICE.replace("QW-2026-0917</cbc:ID>", "QW-<!-- -->2026-0917</cbc:ID>").encode())
    assert isinstance(invoice, InvoiceDocument)
    assert invoice.number == "QW-2026-0917"


@pytest.mark.parametrize("part", [0.0, 0.5, 0.9, 0.999])
def test_a_cut_file_is_malformed(part: float) -> None:
    """A part of a file is a broken file, not an unsupported one."""
    for name in NAMES:
        whole = sample(name).strip()
        with pytest.raises(DocumentError):
            read_document(whole[: int(len(whole) * part)], name)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "packed"),
        (b"UNA:+.? '", "neither XML nor a JSON object"),
        (b"{}", "no certificate of origin"),
        (b"<html/>", "unknown kind: html"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.09"/>', "pain.008"),
    ],
)
def test_what_is_not_read_here_is_unsupported(data: bytes, words: str) -> None:
    """A format that this release does not know is named, with what to give instead."""
    with pytest.raises(UnsupportedFormat, match=words) as refused:
        read_document(data, "file.bin")
    assert "Give" in refused.value.action


def test_content_decides_what_a_file_is() -> None:
    """Files are told apart by what stands in them, whatever they are called."""
    invoice, certificate, transfer, notice = (read_document(sample(name), "scan.pdf") for name in TRADE)
    assert isinstance(invoice, InvoiceDocument)
    assert isinstance(certificate, CertificateDocument)
    assert isinstance(transfer, tuple)
    assert isinstance(notice, tuple)
    assert [payment.kind for payment in (*transfer, *notice)] == ["pacs.008", "camt.054"]


@given(st.sampled_from(NAMES), st.data())
def test_a_damaged_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Whatever bytes are overwritten, a reader answers with a document or one of its two refusals."""
    whole = sample(name)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + data.draw(st.binary(min_size=1, max_size=12)) + whole[place + 4 :]
    try:
        read = read_document(damaged, name)
    except (DocumentError, UnsupportedFormat):
        return
    for document in read if isinstance(read, tuple) else (read,):
        assert terms(document)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    """Bytes that are no document at all get one of the two refusals."""
    with pytest.raises((DocumentError, UnsupportedFormat)):
        read_document(data)


def test_the_client_pulls_no_xml(root: Path) -> None:
    """Importing the client, or even its documents and their samples, loads no XML library: that is an extra."""
    program = (
        "import sys, hanse_client, hanse_documents, hanse_documents.samples;"
        "sys.exit(any(name.partition('.')[0] == 'lxml' for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()


@pytest.mark.parametrize("missing", ["lxml", "stdnum"])
def test_without_the_extra_xml_is_unsupported(missing: str) -> None:
    """Where the extra is not installed, a certificate still reads, and XML is refused with what to install."""
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from hanse_documents import UnsupportedFormat, read_document\n"
        "from hanse_documents.samples import sample\n"
        "read_document(sample('certificate.json'))\n"
        "try:\n    read_document(sample('invoice.xml'))\n"
        "except UnsupportedFormat as refused:\n    sys.exit('`documents`' not in refused.action)\n"
        "sys.exit('it read XML')"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
