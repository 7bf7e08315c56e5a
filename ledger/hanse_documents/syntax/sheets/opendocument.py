"""How far the sheets of an ODS reach: a cell and a row may stand for any number of them, and all are unfolded."""

import zipfile
from collections.abc import Iterable
from io import BytesIO

from lxml import etree
from msgspec.structs import replace

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.sheets.computed import WORKBOOK
from hanse_documents.syntax.sheets.extent import Bounds, Extent

CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ROW, _SHEET = f"{_TABLE}table-row", f"{_TABLE}table"
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_HIDDEN = ("collapse", "filter")


def verify_opendocument(data: bytes, name: str, bounds: Bounds) -> str | None:
    """See that the sheets of an ODS are within bounds together, and that the first one shows what it holds.

    A reader of workbooks unfolds all of them where it opens the file: so this comes before.

    Returns:
        How the first sheet is called; None of what is no ODS, or has no sheet.

    Raises:
        DocumentError: a cell reaches too far, a row is hidden, a number is a percentage, two sheets have one name, or
            it cannot be read.

    Source: ODF 1.3, part 3: 19.677 (number-columns-repeated), 19.679 (number-rows-repeated), 19.749 (visibility).
    """
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = {part.lower() for part in packed.namelist()}
        if CONTENT not in names:
            return None
        if WORKBOOK in names or CONTENT not in packed.namelist():
            raise DocumentError(name, seen="a workbook that may be read in two ways", wanted="XLSX or ODS")
        with packed.open(CONTENT) as stream:
            events = etree.iterparse(
                stream,
                events=("start", "end"),
                tag=(_ROW, _SHEET),
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
            )
            try:
                return _walk(events, name, bounds)
            except etree.LxmlError as error:
                raise DocumentError(name, seen=f"a sheet that cannot be read: {error}", wanted="ODS") from error


def _walk(events: Iterable[tuple[str, etree._Element]], name: str, bounds: Bounds) -> str | None:
    """Walk over all sheets; of those behind the first their size alone counts. Raises DocumentError."""
    called: list[str] = []
    last, within, left, extent = 0, False, bounds.cells, Extent(name, bounds)
    for event, element in events:
        if element.tag == _SHEET and event == "start":
            title = element.get(f"{_TABLE}name", "")
            if within or title in called:
                raise DocumentError(name, seen=f"two sheets of the name {title}", wanted="each name once")
            called.append(title)
            last, within, extent = 0, True, Extent(name, replace(bounds, cells=left))
        elif element.tag == _SHEET:
            within, left = False, left - extent.cells
            element.clear()
        elif event == "end":
            first, last = last + 1, last + _repeated(element, "rows")
            if columns := _columns(element):
                extent.reach(last, columns)
                if len(called) == 1:
                    _need_shown(element, first, extent)
            _forget(element)
    return called[0] if called else None


def _need_shown(row: etree._Element, number: int, extent: Extent) -> None:
    if row.get(f"{_TABLE}visibility") in _HIDDEN:
        extent.refuse_hidden(number)
    if any(cell.get(f"{_OFFICE}value-type") == "percentage" for cell in row):
        extent.refuse_percentage(number)


def _forget(row: etree._Element) -> None:
    row.clear()
    while row.getprevious() is not None:
        parent = row.getparent()
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
