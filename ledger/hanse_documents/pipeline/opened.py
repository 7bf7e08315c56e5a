"""Opening a file: what its bytes are, whatever document they hold."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from hanse_documents.model.errors import DocumentError, Fault, ReaderMissing, UnsupportedFormat
from hanse_documents.model.reports import Document
from hanse_documents.syntax.openjson import open_json
from hanse_documents.syntax.pdfbeginnings import place_of_pdf

if TYPE_CHECKING:
    from hanse_documents.rules.ruleengine import RuleEngine
    from hanse_documents.syntax.xml import Element

READ_HERE = "Give an invoice (UBL, CII, Factur-X), an edi3 JSON certificate of origin, or an ISO 20022 message."

INSTALL = "Install hanse with its extra `documents`."
PDF_BYTES = 20 * 1024 * 1024
"""A larger PDF is refused unread."""

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SPACE = b" \t\r\n"
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+)?html[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8")


class OpenedFile(Struct, frozen=True, kw_only=True):
    """A file that was opened: XML has a `root`, JSON a `value`; the other one is None.

    `file` is how messages call it, `data` what was read, `inside` the attachment that it came from, of a PDF.
    """

    file: str
    data: bytes
    root: "Element | None" = None
    value: object = None
    inside: str = ""


Read = tuple[Document, tuple[Fault, ...]]
"""What a reader gives: the typed document, and all that was found in it, fatal or not."""

Reader = Callable[[OpenedFile], Read]


def open_file(data: bytes, name: str = "", engine: "RuleEngine | None" = None) -> OpenedFile:
    """Open a file by its content. Its name is used in messages alone; `engine` unpacks PDFs, by default the shared one.

    Raises:
        DocumentError: XML, JSON or PDF that is none, or beyond the bounds.
        UnsupportedFormat: none of these, or a PDF that carries no invoice.
        ReaderMissing: what opens it is not installed, or came to no end.
    """
    file = name or "file"
    start = start_of_file(data)
    if data.startswith(_IMAGES):
        raise UnsupportedFormat(f"{file} is an image", action=f"Attach it; a scan is never read. {READ_HERE}")
    if not start:
        raise DocumentError(file, seen="an empty file", wanted="a document")
    if _HTML.match(data[:4_096]):
        raise UnsupportedFormat(f"{file} is a page for people (HTML)", action=f"Give the data file itself. {READ_HERE}")
    if start.startswith(b"<"):
        return OpenedFile(file=file, data=data, root=_open_xml(data, file))
    if start.startswith(b"{"):
        return OpenedFile(file=file, data=data, value=open_json(data, file))
    if place_of_pdf(data) is not None:
        inside, attached = _invoice_in(data, file, engine)
        return OpenedFile(file=file, data=attached, root=_open_xml(attached, f"{file}: {inside}"), inside=inside)
    if start.startswith(_PACKED):
        raise UnsupportedFormat(
            f"{file} is packed (zip or gzip)", action=f"Unpack it, and give the file inside. {READ_HERE}"
        )
    raise UnsupportedFormat(f"{file} is neither XML nor a JSON object", action=READ_HERE)


def start_of_file(data: bytes) -> bytes:
    """Give the first letters of a file, without marks of its encoding and space."""
    for mark in _MARKS:
        data = data.removeprefix(mark)
    # UTF-16 has a zero byte beside each letter; the XML reader says what to do about it.
    return data[:4_096].lstrip(_SPACE + b"\0")[:8]


def _invoice_in(data: bytes, file: str, engine: "RuleEngine | None") -> tuple[str, bytes]:
    """Take the one invoice out of a PDF, by its name and bytes."""
    from hanse_documents.rules.ruleengine import EngineUnavailable, shared_engine  # noqa: PLC0415 (for PDFs alone)

    if len(data) > PDF_BYTES:
        raise DocumentError(file, seen=f"{len(data):,} bytes", wanted=f"at most {PDF_BYTES:,} bytes")
    try:
        attached = (engine or shared_engine()).unpack(data)
    except EngineUnavailable as error:
        raise ReaderMissing(f"{file} is a PDF that could not be unpacked: {error}", action=INSTALL) from error
    if attached.too_much:
        raise DocumentError(file, seen=attached.fault, wanted="a PDF within bounds")
    if attached.fault:
        raise UnsupportedFormat(
            f"{file} is a PDF, and {attached.fault}", action=f"Give the data file itself. {READ_HERE}"
        )
    if not attached.files:
        action = f"A printed or scanned form is not read. Give the data file itself. {READ_HERE}"
        raise UnsupportedFormat(f"{file} is a PDF that carries no invoice", action=action)
    if len(attached.files) > 1:
        names = " and ".join(name for name, _ in attached.files)
        raise DocumentError(file, seen=f"the attachments {names}, which differ", wanted="one invoice in a PDF")
    return attached.files[0]


def _open_xml(data: bytes, file: str) -> "Element":
    try:
        from hanse_documents.syntax import ubl, xml  # noqa: PLC0415 (lxml is an extra: not all install it)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "lxml":
            raise
        raise ReaderMissing(f"{file} is XML, which this installation does not read", action=INSTALL) from error
    return ubl.unwrapped(xml.open_xml(data, file))
