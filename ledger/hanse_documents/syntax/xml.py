"""Opening XML from strangers: no entities, no document type, no network, nothing unbounded."""

import re

from lxml import etree

from hanse_documents.model.errors import DocumentError, UnsupportedFormat

Element = etree._Element  # noqa: SLF001 (lxml has no other name for its elements)

FILE_BYTES = 20 * 1024 * 1024
"""A larger file is refused unread. Networks carry invoices of 10 MB and more, most of it a PDF inside of them."""

TAGS = 1_000_000
ATTRIBUTES = 250_000
"""So many may stand in a file: what a parser needs hangs on these, not on the bytes."""

DEPTH = 64
"""Elements nest no deeper; the deepest of the formats read here, an envelope included, has about 20 levels."""

# In these encodings the bytes of `<!DOCTYPE` can only be that: what a search does not see, the parser does not see.
# By the names that are in use, without what stands between their letters and digits: the name that Python knows.
_ISO = {f"iso8859{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 7, 9, 10, 13, 14, 15, 16)}
_WINDOWS = {f"{name}{page}": f"cp{page}" for name in ("windows", "cp") for page in range(1250, 1259)}
_LATIN = {
    "latin1": "iso8859-1",
    "l1": "iso8859-1",
    "isolatin1": "iso8859-1",
    "latin2": "iso8859-2",
    "latin9": "iso8859-15",
}
ENCODINGS = {"utf8": "utf-8", "ascii": "ascii", "usascii": "ascii", **_ISO, **_WINDOWS, **_LATIN}

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


def open_xml(data: bytes, name: str = "") -> Element:
    """Parse a file and give its root element.

    Args:
        data: the file's bytes, at most 20 MiB, in UTF-8 or another encoding in which ASCII is ASCII.
        name: how messages call the file.

    Raises:
        DocumentError: too large, too deep, not well-formed, or with a document type declaration.
        UnsupportedFormat: an encoding that is not read here.
    """
    file = name or "file"
    if len(data) > FILE_BYTES:
        raise DocumentError(file, seen=f"{len(data):,} bytes", wanted=f"at most {FILE_BYTES:,} bytes")
    for mark, what, most in ((b"<", "tags", TAGS), (b"=", "attributes", ATTRIBUTES)):
        if (count := data.count(mark)) > most:
            raise DocumentError(file, seen=f"some {count:,} {what}", wanted=f"at most {most:,}")
    data = _as_utf8(data, _encoding(data, file), file)
    if b"<!doctype" in data.lower() or b"<!entity" in data.lower():
        raise DocumentError(
            file,
            seen="a document type declaration",
            wanted="none: it could make one file say two things",
            action="Remove the DOCTYPE and everything in it.",
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        dtd_validation=False,
        load_dtd=False,
        attribute_defaults=False,
        resolve_entities=False,
        no_network=True,
        huge_tree=True,  # an embedded file may have more than libxml2's ten million letters; depth is bounded below
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(file, seen=f"not well-formed: {error}", wanted="well-formed XML") from error
    _bound_depth(root, file)
    return root


def _encoding(data: bytes, file: str) -> str:
    """Tell the encoding, and leave nothing of it for the parser to guess."""
    marked = data.startswith(_BYTE_ORDER_MARK)
    body = data.removeprefix(_BYTE_ORDER_MARK)
    declaration = _DECLARATION.match(body)
    declared = _ENCODING.search(declaration[0]) if declaration else None
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if b"\0" in body[:4] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16 or utf-32"
    encoding = ENCODINGS.get("".join(sign for sign in name if sign.isalnum()))
    if encoding is None and declared and b"\0" not in body[:256] and name.startswith(("utf-16", "utf-32")):
        # Some programs write the encoding of their own texts into a file that they save in another one.
        action = 'If it is UTF-8, let its first line say so: encoding="UTF-8".'
        raise UnsupportedFormat(f"{file} declares {name}, and is not in it", action=action)
    if encoding is None:
        raise UnsupportedFormat(f"{file} is XML in {name}", action="Save it as UTF-8.")
    if marked and encoding != "utf-8":
        raise DocumentError(file, seen=f"UTF-8 bytes declared as {name}", wanted="one encoding")
    return encoding


def _as_utf8(data: bytes, encoding: str, file: str) -> bytes:
    """Write a file in UTF-8, so that every parser reads the same letters."""
    if encoding == "utf-8":
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise DocumentError(
            file, seen=f"bytes that are not {encoding}", wanted=f"{encoding}, as it declares"
        ) from error


def _bound_depth(root: Element, file: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH:
            raise DocumentError(file, seen=f"elements nested deeper than {DEPTH}", wanted="at most that depth")


def name_of(element: Element) -> tuple[str, str]:
    """Split an element's name into namespace (empty where there is none) and local name."""
    name = etree.QName(element)
    return name.namespace or "", name.localname
