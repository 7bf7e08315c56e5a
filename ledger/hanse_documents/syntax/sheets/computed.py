"""What a workbook's cells have instead of values: an error, or a formula that no program has computed.

Readers of workbooks give nothing for both, and a sum that was paid before would be left out in silence.
What reaches too far is told before they unfold it, and so is a row that is hidden from whoever looks at the sheet.
"""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from posixpath import join, normpath

from lxml import etree

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.sheets.extent import AS_MEANT, FORM, PERCENT, Bounds, Extent
from hanse_documents.syntax.xml import open_xml

WORKBOOK, RELATIONS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

_PERCENT = frozenset({"9", "10"})
"""The forms of percentages that are not written down: 0% and 0.00% (18.8.30)."""

_BESIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What of a form is text beside the number, a colour or a condition."""

COMPUTE = "Open it in a spreadsheet program, see that each cell has its value, and save it."


_CELL, _ROW = re.compile("([A-Za-z]{1,3})([0-9]{1,7})", re.ASCII), re.compile("[0-9]{1,7}", re.ASCII)
_SEEN = ("{*}row", "{*}c")


def verify_computed(data: bytes, name: str, sheet: str, bounds: Bounds) -> bool:
    """See that every formula of a sheet of an XLSX has its value; False of what is no XLSX, or has no such sheet.

    Args:
        data: the workbook, whose parts are no larger than they may be.
        name: how messages call it.
        sheet: how the sheet is called: which one is the first is for the reader of workbooks to say.
        bounds: how far its cells may reach.

    Raises:
        DocumentError: a cell has an error, a formula has no value that counts, a cell reaches too far, a row is hidden,
            a number is shown as a percentage, a hundred times what it is, or two sheets have that name.

    Source: ECMA-376, part 1: 18.2.19 (sheet), 18.3.1.4 (c, its type `e`), 18.3.1.40 (f), 18.2.2 (fullCalcOnLoad),
    18.3.1.73 (row, which may be hidden), 18.8.30 (numFmt).
    """
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = set(packed.namelist())
        if not {WORKBOOK, RELATIONS} <= names:
            return False
        book = open_xml(packed.read(WORKBOOK), name)
        part = _part_of(sheet, book, open_xml(packed.read(RELATIONS), name), name)
        if part not in names:
            return False
        # Who wrote it says that its values are none until they have been computed.
        stale = any(each.get("fullCalcOnLoad") in ("1", "true") for each in book.iterfind("{*}calcPr"))
        percent = _percentages(open_xml(packed.read(STYLES), name)) if STYLES in names else frozenset()
        try:
            first = next(_without_value(packed, part, Extent(name, bounds), percent, stale=stale), None)
        except etree.LxmlError as error:
            raise DocumentError(name, seen=f"a sheet that cannot be read: {error}", wanted="XLSX") from error
    if first is not None and first[1] == PERCENT:
        raise DocumentError(f"{name}, cell {first[0]}", seen=PERCENT, wanted=AS_MEANT, action=FORM)
    if first is not None:
        raise DocumentError(f"{name}, cell {first[0]}", seen=first[1], wanted="a value", action=COMPUTE)
    return True


def _part_of(title: str, book: etree._Element, relations: etree._Element, name: str) -> str:
    """Find the part that holds a sheet. Raises DocumentError where two sheets, or two relations, have one name."""
    sheets = [each for each in book.iter("{*}sheet") if each.get("name") == title]
    targets = [(each.get("Id"), each.get("Target") or "") for each in relations.iter("{*}Relationship")]
    if len(sheets) > 1 or len(dict(targets)) < len(targets):
        raise DocumentError(name, seen=f"two sheets of the name {title}", wanted="each name once")
    wanted = None if not sheets else sheets[0].get(_RELATION) or sheets[0].get(_STRICT_RELATION)
    return normpath(join("/xl", dict(targets).get(wanted, ""))).lstrip("/")


def _percentages(styles: etree._Element) -> frozenset[str]:
    """List the styles in which a number is shown as a hundred times what it is, as cells name them."""
    codes = {each.get("numFmtId"): each.get("formatCode") or "" for each in styles.iter("{*}numFmt")}
    shown = {number for number, code in codes.items() if "%" in _BESIDE.sub("", code)} | _PERCENT - codes.keys()
    kinds = styles.iterfind("{*}cellXfs/{*}xf")
    return frozenset(str(place) for place, kind in enumerate(kinds) if kind.get("numFmtId") in shown)


def _without_value(
    packed: zipfile.ZipFile, part: str, extent: Extent, percent: frozenset[str], *, stale: bool
) -> Iterator[tuple[str, str]]:
    """List cells without a value that counts, and what they have instead; see how far all of them reach.

    A cell counts wherever it stands, because a reader of workbooks may count it there.
    """
    number, column = 1, 0
    with packed.open(part) as stream:
        events = etree.iterparse(
            stream, events=("start", "end"), tag=_SEEN, resolve_entities=False, load_dtd=False, no_network=True
        )
        for event, element in events:
            is_row = element.tag.endswith("}row")
            if event == "start":
                if is_row:
                    number, column = _number(element.get("r"), number, extent), 0
                continue
            if is_row:
                number += 1
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                continue
            place, column = _place(element.get("r"), number, column + 1, extent)
            if not len(element):
                continue
            extent.reach(place, column)
            parent = element.getparent()
            if parent is not None and parent.get("hidden") in ("1", "true"):
                extent.refuse_hidden(place)
            if seen := _instead(element, percent, stale=stale):
                yield element.get("r", ""), seen


def _instead(cell: etree._Element, percent: frozenset[str], *, stale: bool) -> str:
    """Say what a cell has instead of a value that counts; nothing where it has one."""
    value, formula = cell.findtext("{*}v"), cell.find("{*}f")
    if cell.get("t") == "e":
        return value or "an error"
    if formula is not None and (stale or (not value and cell.get("t") != "str")):
        return "a formula that was not computed"
    return PERCENT if value and cell.get("s") in percent and cell.get("t") in (None, "n") else ""


def _number(text: str | None, following: int, extent: Extent) -> int:
    """Read a row's number; without one it is that which follows. Raises DocumentError."""
    if text is None:
        return following
    if _ROW.fullmatch(text) is None:
        extent.refuse_place(text)
    return int(text)


def _place(text: str | None, row: int, following: int, extent: Extent) -> tuple[int, int]:
    """Read which row and column a cell is in; without a reference it follows the one before. Raises DocumentError."""
    if text is None:
        return row, following
    matched = _CELL.fullmatch(text)
    if matched is None:
        extent.refuse_place(text)
    column = 0
    for letter in matched[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(matched[2]), column
