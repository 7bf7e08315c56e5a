"""What a workbook's cells have instead of values: an error, or a formula that no program has computed.

Readers of workbooks give nothing for both, and a sum that was paid before would be left out in silence.
"""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from posixpath import join, normpath

from lxml import etree

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.xml import open_xml

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

COMPUTE = "Open it in a spreadsheet program, see that each cell has its value, and save it."


def verify_computed(data: bytes, name: str) -> None:
    """See that every formula of the first sheet of an XLSX has its value. What is no XLSX is not looked into.

    Args:
        data: the workbook, whose parts are no larger than they may be.
        name: how messages call it.

    Raises:
        DocumentError: a cell has an error, or a formula has no value that counts.

    Source: ECMA-376, part 1: 18.2.19 (sheet), 18.3.1.4 (c, its type `e`), 18.3.1.40 (f), 18.2.2 (fullCalcOnLoad).
    """
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = set(packed.namelist())
        if not {WORKBOOK, RELATIONS} <= names:
            return
        book = open_xml(packed.read(WORKBOOK), name)
        part = _first_sheet(book, open_xml(packed.read(RELATIONS), name))
        if part not in names:
            return
        # Who wrote it says that its values are none until they have been computed.
        stale = any(each.get("fullCalcOnLoad") in ("1", "true") for each in book.iterfind("{*}calcPr"))
        try:
            first = next(_without_value(packed, part, stale=stale), None)
        except etree.LxmlError as error:
            raise DocumentError(name, seen=f"a sheet that cannot be read: {error}", wanted="XLSX") from error
    if first is not None:
        raise DocumentError(f"{name}, cell {first[0]}", seen=first[1], wanted="a value", action=COMPUTE)


def _first_sheet(book: etree._Element, relations: etree._Element) -> str:
    sheet = book.find("{*}sheets/{*}sheet")
    wanted = None if sheet is None else sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)
    targets = {each.get("Id"): each.get("Target") or "" for each in relations.iterfind("{*}Relationship")}
    return normpath(join("/xl", targets.get(wanted, ""))).lstrip("/")


def _without_value(packed: zipfile.ZipFile, part: str, *, stale: bool) -> Iterator[tuple[str, str]]:
    """List cells that have no value, and what they have instead."""
    with packed.open(part) as stream:
        for _, row in etree.iterparse(stream, tag="{*}row", resolve_entities=False, load_dtd=False, no_network=True):
            for cell in row.iterfind("{*}c"):
                value, formula = cell.findtext("{*}v"), cell.find("{*}f")
                if cell.get("t") == "e":
                    yield cell.get("r", ""), value or "an error"
                elif formula is not None and (stale or (not value and cell.get("t") != "str")):
                    yield cell.get("r", ""), "a formula that was not computed"
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
