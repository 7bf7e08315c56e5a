"""How far the first sheet of an ODS reaches: a cell and a row of it may stand for any number of them."""

import zipfile
from collections.abc import Iterable
from io import BytesIO

from lxml import etree

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.sheets.extent import Bounds, Extent

CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ROW, _SHEET = f"{_TABLE}table-row", f"{_TABLE}table"
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_HIDDEN = ("collapse", "filter")


def verify_opendocument(data: bytes, name: str, bounds: Bounds) -> bool:
    """See that the first sheet of an ODS is within bounds, and shows what it holds; False of what is no ODS.

    Raises:
        DocumentError: a cell reaches too far, a row is hidden, a number is a percentage, or it cannot be read.

    Source: ODF 1.3, part 3: 19.677 (number-columns-repeated), 19.679 (number-rows-repeated), 19.749 (visibility).
    """
    with zipfile.ZipFile(BytesIO(data)) as packed:
        if CONTENT not in packed.namelist():
            return False
        with packed.open(CONTENT) as stream:
            events = etree.iterparse(
                stream, events=("end",), tag=(_ROW, _SHEET), resolve_entities=False, load_dtd=False, no_network=True
            )
            try:
                _walk(events, Extent(name, bounds))
            except etree.LxmlError as error:
                raise DocumentError(name, seen=f"a sheet that cannot be read: {error}", wanted="ODS") from error
    return True


def _walk(events: Iterable[tuple[str, etree._Element]], extent: Extent) -> None:
    last = 0
    for _, element in events:
        if element.tag == _SHEET:
            return
        first, last = last + 1, last + _repeated(element, "rows")
        if columns := _columns(element):
            extent.reach(last, columns)
            if element.get(f"{_TABLE}visibility") in _HIDDEN:
                extent.refuse_hidden(first)
            if any(cell.get(f"{_OFFICE}value-type") == "percentage" for cell in element):
                extent.refuse_percentage(first)
        element.clear()
        while element.getprevious() is not None:
            parent = element.getparent()
            assert parent is not None, "a row stands in a sheet"
            del parent[0]


def _columns(row: etree._Element) -> int:
    """Count the columns up to the last one that holds something."""
    seen = filled = 0
    for cell in row:
        if cell.tag in _CELLS:
            seen += _repeated(cell, "columns")
            if len(cell) or cell.get(f"{_OFFICE}value-type") is not None:
                filled = seen
    return filled


def _repeated(element: etree._Element, what: str) -> int:
    text = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 10**9
