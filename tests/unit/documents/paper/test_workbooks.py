"""Workbooks: how far their cells reach, what of them nobody sees, and numbers that look otherwise than they are."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it has no types

from hanse_documents.model.errors import DocumentError
from hanse_documents.syntax.sheets.cells import read_rows
from tests.unit.documents.paper.test_sheets import workbook


def sheet_with(change: Callable[[Any, Any], object]) -> bytes:
    """Write a workbook with an invoice's number, and what somebody does to it."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Orders")
        sheet.write_column(0, 0, ["BT-1", "W-1"])
        change(book, sheet)
    return data.getvalue()


def opendocument(rows: str, attributes: str = "") -> bytes:
    """Write an ODS whose first sheet has these rows: `c` is a cell, `e` an empty one, `p` a percentage."""
    cell = '<table:table-cell office:value-type="string"{}><text:p>BT-1</text:p></table:table-cell>'
    empty = "<table:table-cell{}/>"
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODF)
    rate = (
        '<table:table-cell office:value-type="percentage" office:value="0.21"><text:p>21%</text:p></table:table-cell>'
    )
    table = rows.replace("<p/>", rate).replace("<c", "\0").replace("<e", "\1")
    table = re.sub("\0([0-9]*)/>", lambda m: cell.format(repeated("columns", m[1])), table)
    table = re.sub("\1([0-9]*)/>", lambda m: empty.format(repeated("columns", m[1])), table)
    table = re.sub("<r([0-9]*)", lambda m: f"<table:table-row{repeated('rows', m[1])}", table)
    table = table.replace("</r>", "</table:table-row>")
    body = f'<office:body><office:spreadsheet><table:table table:name="S">{table}</table:table>'
    content = f"<office:document-content{names}>{body}</office:spreadsheet></office:body></office:document-content>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        file.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}"/>')
    return packed.getvalue()


ODF = ("office", "table", "text")


def repeated(what: str, count: str) -> str:
    """Say that a cell or a row stands for several."""
    return f' table:number-{what}-repeated="{count}"' if count else ""


def hide(book: Any, sheet: Any) -> None:
    """Hide the first sheet behind another one."""
    book.add_worksheet("Seen").activate()
    sheet.hide()


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (sheet_with(lambda _, sheet: sheet.write(99_999, 16_383, "x")), "nothing beyond column"),
        (sheet_with(lambda _, sheet: sheet.write(1, 130, "x")), "row 2, column 131: a cell that is not empty"),
        (sheet_with(lambda _, sheet: sheet.write(0, 130, "Colour")), "row 1, column 131: a cell that is not empty"),
        (sheet_with(lambda _, sheet: sheet.write(1_048_575, 0, "x")), "more than 100,000 rows"),
        (sheet_with(lambda _, sheet: sheet.write(99_999, 100, "x")), "100,000 rows of 101 columns"),
        (sheet_with(lambda _, sheet: sheet.set_row(1, None, None, {"hidden": True})), "row 2: a hidden row"),
        (sheet_with(hide), "sheet Orders: hidden; wanted: a sheet that is seen"),
        (opendocument("<r><c/></r><r><e16383/><c/></r>"), "nothing beyond column"),
        (opendocument("<r><c/></r><r100000><c/></r>"), "more than 100,000 rows"),
        (opendocument("<r99999><c101/></r>"), "99,999 rows of 101 columns"),
        (opendocument("<r><c/></r><r><c9999999999/></r>"), "nothing beyond column"),
        (opendocument('<r><c/></r><r table:visibility="filter"><c/></r>'), "row 2: a hidden row"),
        (opendocument("<r><c/>"), "a sheet that cannot be read"),
    ],
)
def test_what_reaches_too_far_or_is_hidden_is_told_before_it_is_unfolded(book: bytes, words: str) -> None:
    """A cell in the last corner would take fifty gigabytes; what nobody sees is not registered."""
    with pytest.raises(DocumentError) as refused:
        read_rows(book, "orders")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "book",
    [
        sheet_with(lambda book, sheet: sheet.write_blank(90_000, 16_383, None, book.add_format({"bold": True}))),
        sheet_with(lambda _, sheet: sheet.set_row(90_000, None, None, {"hidden": True})),
        sheet_with(lambda _, sheet: sheet.set_column(20, 30, None, None, {"hidden": True})),
        opendocument("<r><c/><e16383/></r><r><c/><e16383/></r><r1048574><e16384/></r>"),
    ],
)
def test_what_is_empty_reaches_nowhere(book: bytes) -> None:
    """Formats of whole rows, and the rest of the sheet that a program writes as one cell."""
    assert len(read_rows(book, "orders")) == 1


def shown_as(form: str, value: float) -> bytes:
    """Write a workbook with a number in a form of display, in its cell B2."""
    return sheet_with(
        lambda book, sheet: [
            sheet.write(0, 1, "BT-152"),
            sheet.write(1, 1, value, book.add_format({"num_format": form})),
        ]
    )


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (shown_as("0%", 0.21), "cell B2: a number that is shown as a percentage; wanted: a number as it is meant"),
        (shown_as("0.00%", 0.21), "cell B2: a number that is shown as a percentage"),
        (shown_as('0.0%" of it"', 0.21), "cell B2: a number that is shown as a percentage"),
        (opendocument("<r><c/></r><r><c/><p/></r>"), "row 2: a number that is shown as a percentage"),
        (workbook(["BT-1"], [12345678901234567]), "row 2, column 1: a number of more than fifteen digits"),
        (workbook(["BT-1"], [-1e300]), "row 2, column 1: a number of more than fifteen digits"),
    ],
)
def test_a_number_that_looks_otherwise_than_it_is_is_refused(book: bytes, words: str) -> None:
    """21 % would be a rate of 0.21, and the end of a long number another one than was typed."""
    with pytest.raises(DocumentError) as refused:
        read_rows(book, "orders")
    assert words in str(refused.value)


@pytest.mark.parametrize(("form", "text"), [("0.00", "21.5"), ('0"%"', "21.5"), ("0\\%", "21.5"), ("@", "21.5")])
def test_a_number_in_another_form_is_what_it_is(form: str, text: str) -> None:
    """A sign of per cent that is text beside it changes nothing."""
    (read,) = read_rows(shown_as(form, 21.5), "orders.xlsx")
    assert text in read.texts.values()


def changed(old: bytes, new: bytes) -> bytes:
    """Write a workbook, and another text in the place of one of its first sheet."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["BT-1"], ["A"]))) as read, zipfile.ZipFile(packed, "w") as write:
        for part in read.namelist():
            text = read.read(part)
            assert part != "xl/worksheets/sheet1.xml" or old in text
            write.writestr(part, text.replace(old, new) if part == "xl/worksheets/sheet1.xml" else text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'r="A2"', b'r="xfd100000"', "column 16,384: a cell that is not empty"),
        (b'r="A2"', b'r="ZZZZ99999999"', "ZZZZ99999999; wanted: a cell's reference"),
        (b'r="A2"', b'r="2A"', "2A; wanted: a cell's reference"),
        (b'<row r="2"', b'<row r="99999999999"', "99999999999; wanted: a cell's reference"),
        (b'<row r="2"', b'<row r="-2"', "-2; wanted: a cell's reference"),
        (b"</sheetData>", b'<c r="XFD100000"><v>1</v></c></sheetData>', "column 16,384: a cell that is not empty"),
        (b"</row></sheetData>", b'<x><c r="XFD9"><v>1</v></c></x></row></sheetData>', "column 16,384: a cell that is"),
        (b"<row ", b'<x:row xmlns:x="urn:x" ', "a sheet that cannot be read"),
    ],
)
def test_a_cell_reaches_too_far_wherever_it_stands_and_whatever_it_is_called(
    old: bytes, new: bytes, words: str
) -> None:
    """What a reader of workbooks would unfold is seen before, or refused."""
    with pytest.raises(DocumentError) as refused:
        read_rows(changed(old, new), "orders.xlsx")
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["xl/workbook.bin", "XL/workbook.xml"])
def test_a_part_that_two_readers_take_differently_is_refused(name: str) -> None:
    """A binary workbook beside, a second part whose name differs by capitals alone."""
    data = io.BytesIO(workbook(["BT-1"], ["A"]))
    with zipfile.ZipFile(data, "a") as packed:
        packed.writestr(name, b"x")
    with pytest.raises(DocumentError, match=r"XLSB|two parts of one name"):
        read_rows(data.getvalue(), "orders.xlsx")


def repacked(book: bytes, part: str, old: str, new: str) -> bytes:
    """Say something else in a part of a workbook."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as packed, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name in packed.namelist():
            data = packed.read(name)
            if name == part:
                assert data.decode().count(old) >= 1
                data = data.replace(old.encode(), new.encode(), 1)
            file.writestr(name, data)
    return written.getvalue()


ODS = opendocument("<r><c/></r><r><c/></r>")


def beside(rows: str, name: str = "Two") -> bytes:
    """Put a second sheet behind the first one of an ODS."""
    with zipfile.ZipFile(io.BytesIO(opendocument(rows))) as packed:
        table = re.search("<table:table .*</table:table>", packed.read("content.xml").decode())
    assert table is not None
    second = table[0].replace('table:name="S"', f'table:name="{name}"')
    return repacked(ODS, "content.xml", "</table:table>", f"</table:table>{second}")


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (beside("<r99999><c100/></r>"), "at most 5,"),
        (beside("<r999999><c/></r>"), "more than 100,000 rows"),
        (beside("<r><c/></r>", "S"), "two sheets of the name S"),
        (
            repacked(ODS, "content.xml", "<text:p>", '<table:table table:name="In"/><text:p>'),
            "two sheets of the name In",
        ),
    ],
)
def test_a_sheet_behind_the_first_is_not_unfolded_either(book: bytes, words: str) -> None:
    """A reader of workbooks unfolds all sheets of an ODS where it opens it, and of one name it takes the last."""
    with pytest.raises(DocumentError, match=words):
        read_rows(book, "sheet.ods")


def test_a_sheet_behind_the_first_may_be_hidden_or_show_percentages() -> None:
    """What is not read says nothing of what is."""
    assert [each.number for each in read_rows(beside('<r><c/></r><r table:visibility="filter"><c/></r>'), "x.ods")] == [
        2
    ]


def test_what_may_be_read_in_two_ways_is_refused() -> None:
    """A workbook with the parts of both sorts: which of them is read is for nobody to choose."""
    both = io.BytesIO(workbook(["BT-1"], ["W-1"]))
    with zipfile.ZipFile(both, "a") as file:
        file.writestr("Content.xml", "<x/>")
    with pytest.raises(DocumentError, match="two ways"):
        read_rows(both.getvalue(), "sheet.xlsx")


def test_the_sheet_that_is_looked_at_is_the_one_that_is_read() -> None:
    """The first is the reader's first: another element of that name before it leads nobody elsewhere."""

    def two(book: Any, sheet: Any) -> None:
        sheet.set_row(1, None, None, {"hidden": True})
        book.add_worksheet("Clean").write_column(0, 0, ["BT-1", "W-2"])

    names = 'xmlns:o="urn:other" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    decoy = f'<extLst><ext {names}><o:sheet name="Clean" r:id="rId2"/></ext></extLst><sheets>'
    book = repacked(sheet_with(two), "xl/workbook.xml", "<sheets>", decoy)
    with pytest.raises(DocumentError, match=r"a hidden row|two sheets of the name Clean"):
        read_rows(book, "sheet.xlsx")
    again = repacked(sheet_with(two), "xl/workbook.xml", 'name="Clean"', 'name="Orders"')
    with pytest.raises(DocumentError, match="two sheets of the name Orders"):
        read_rows(again, "sheet.xlsx")
