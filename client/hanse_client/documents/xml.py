"""Opening XML from strangers: no entities, no document type, no network, nothing unbounded."""

import re

from lxml import etree

from hanse_client.documents.errors import DocumentError, UnsupportedFormat

FILE_BYTES = 2 * 1024 * 1024
"""A larger file is refused unread."""

DEPTH = 64
"""Elements nest no deeper; the deepest of the formats read here, an envelope included, has about 20 levels."""

# In these encodings the bytes of `<!DOCTYPE` can only be that: what a search does not see, the parser does not see.
ENCODINGS = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


def open_xml(data: bytes, name: str = "") -> etree._Element:
    """Parse a file and give its root element.

    Args:
        data: the file's bytes, at most 2 MiB, in UTF-8 or a Latin encoding.
        name: how messages call the file.

    Raises:
        DocumentError: too large, too deep, not well-formed, or with a document type declaration.
        UnsupportedFormat: an encoding that is not read here.
    """
    file = name or "file"
    if len(data) > FILE_BYTES:
        raise DocumentError(file, seen=f"{len(data)} bytes", wanted=f"at most {FILE_BYTES} bytes")
    encoding = _encoding(data, file)
    if b"<!doctype" in data.lower() or b"<!entity" in data.lower():
        raise DocumentError(
            file,
            seen="a document type declaration",
            wanted="none: it could make one file say two things",
            action="Remove the DOCTYPE and everything in it.",
        )
    parser = etree.XMLParser(
        encoding=encoding,
        dtd_validation=False,
        load_dtd=False,
        attribute_defaults=False,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
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
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if b"\0" in body[:4] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16 or utf-32"
    if encoding not in ENCODINGS:
        raise UnsupportedFormat(f"{file} is XML in {encoding}", action="Save it as UTF-8.")
    if marked and encoding != "utf-8":
        raise DocumentError(file, seen=f"UTF-8 bytes declared as {encoding}", wanted="one encoding")
    return encoding


def _bound_depth(root: etree._Element, file: str) -> None:
    level = [root]
    for _ in range(DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise DocumentError(file, seen=f"elements nested deeper than {DEPTH}", wanted="at most that depth")


def name_of(element: etree._Element) -> tuple[str, str]:
    """Split an element's name into namespace (empty where there is none) and local name."""
    name = etree.QName(element)
    return name.namespace or "", name.localname
