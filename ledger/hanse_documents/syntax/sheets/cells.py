"""Reading sheets: the rows of CSV, or of the first sheet of a workbook, as texts under known headings."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from typing import Any

from msgspec import Struct

from hanse_documents.model.errors import DocumentError, ReaderMissing, UnsupportedFormat
from hanse_documents.syntax.sheets.columns import BY_HEADING, COLUMNS, Column, folded
from hanse_documents.syntax.sheets.extent import Bounds
from hanse_ledger.values import limits

SHEET_BYTES = 20 * 1024 * 1024
UNPACKED_BYTES = 200 * 1024 * 1024
"""So much may the parts of a workbook come to."""

ROWS = 100_000
CELL_LETTERS = limits.TERM_BYTES // 8

INSTALL = "Install hanse with its extra `paper`, or save the sheet as CSV."
TEMPLATE = "Fill in the sheet that `hanse invoice template` writes."

AS_TEXT = "Type it as a text: a spreadsheet keeps fifteen digits of a number, and its end is another one."
SEEN = "Show it and look at it, or put the sheet of the orders in front."

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BINARY = "xl/workbook.bin"
_DELIMITERS = (",", ";", "\t")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say."""

_EXACT_DIGITS = 15
"""So many digits of a number a spreadsheet keeps; what follows is made by its binary fractions."""


class InvoiceRow(Struct, frozen=True, kw_only=True):
    """A row: its number as the sheet counts, from 1, and its texts by column; what is empty is not among them."""

    number: int
    texts: dict[Column, str]


def is_sheet(name: str) -> bool:
    """Tell by its name whether a file is a sheet."""
    return name.lower().endswith((".csv", ".xlsx", ".ods"))


def read_rows(data: bytes, name: str) -> list[InvoiceRow]:
    """Read a sheet of invoices.

    Args:
        data: the file: CSV in UTF-8, or a workbook (XLSX, ODS) whose first sheet counts.
        name: how messages call it.

    Raises:
        DocumentError: a heading is not known, stands twice or is missing; there are too many rows, or none.
        UnsupportedFormat: it is no sheet.
        ReaderMissing: what reads workbooks is not installed.
    """
    if len(data) > SHEET_BYTES:
        raise DocumentError(name, seen=f"{len(data):,} bytes", wanted=f"at most {SHEET_BYTES:,} bytes")
    if data.startswith(_OLE):
        raise UnsupportedFormat(f"{name} is a workbook of the old form", action="Save it as XLSX or CSV.")
    rows = _of_workbook(data, name) if data.startswith(_ZIP) else _of_csv(data, name)
    first = next(rows, None)
    if first is None:
        raise DocumentError(name, seen="an empty sheet", wanted="a row of headings", action=TEMPLATE)
    columns = _columns(first, name)
    read = []
    for number, cells in enumerate(rows, 2):
        if number > ROWS:
            raise DocumentError(name, seen=f"more than {ROWS:,} rows", wanted="fewer", action="Split the sheet.")
        texts = _texts(number, cells, columns, name)
        if texts:
            read.append(InvoiceRow(number=number, texts=texts))
    if not read:
        raise DocumentError(name, seen="headings alone", wanted="a row for each line of an invoice", action=TEMPLATE)
    return read


def _columns(headings: Sequence[str], name: str) -> list[Column | None]:
    """Find which columns a sheet has. Raises DocumentError."""
    found: list[Column | None] = []
    for place, heading in enumerate(headings, 1):
        column = BY_HEADING.get(folded(heading))
        if column is None and heading.strip():
            raise DocumentError(
                f"{name}, row 1, column {place}", seen=heading, wanted="a heading of the template", action=TEMPLATE
            )
        if column is not None and column in found:
            raise DocumentError(f"{name}, row 1, column {place}", seen=heading, wanted="each heading once")
        found.append(column)
    if not any(found):
        raise DocumentError(f"{name}, row 1", seen="no heading", wanted="headings of the template", action=TEMPLATE)
    return found


def _texts(number: int, cells: Sequence[str], columns: Sequence[Column | None], name: str) -> dict[Column, str]:
    texts: dict[Column, str] = {}
    for place, cell in enumerate(cells):
        text = cell.strip()
        if not text:
            continue
        column = columns[place] if place < len(columns) else None
        where = f"{name}, row {number}, {column.name if column else f'column {place + 1}'}"
        if column is None:
            raise DocumentError(where, seen=text, wanted="a heading above it", action=TEMPLATE)
        if len(text) > CELL_LETTERS:
            raise DocumentError(where, seen=f"{len(text):,} characters", wanted=f"at most {CELL_LETTERS:,}")
        if _UNWRITABLE.search(text):
            raise DocumentError(where, seen=ascii(text), wanted="a text without control characters")
        texts[column] = text
    return texts


def _of_csv(data: bytes, name: str) -> Iterator[Sequence[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            name, seen="bytes that are not UTF-8", wanted="CSV in UTF-8", action="Save it as CSV UTF-8."
        ) from error
    if "\0" in text:
        raise UnsupportedFormat(f"{name} is no sheet", action=TEMPLATE)
    delimiter = max(_DELIMITERS, key=lambda each: _known(text, each))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    except csv.Error as error:
        raise DocumentError(name, seen=f"no CSV: {error}", wanted="CSV, with quotes around what needs them") from error


def _known(text: str, delimiter: str) -> int:
    """Count the headings that are known, if a sheet's cells are parted so."""
    try:
        first = next(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter), [])
    except csv.Error:
        return 0
    return sum(folded(heading) in BY_HEADING for heading in first)


def _of_workbook(data: bytes, name: str) -> Iterator[Sequence[str]]:
    """Read the first sheet of a workbook, whose parts are no larger than they may be."""
    try:
        calamine: Any = import_module("python_calamine")
        computed: Any = import_module("hanse_documents.syntax.sheets.computed")
        opendocument: Any = import_module("hanse_documents.syntax.sheets.opendocument")
    except ModuleNotFoundError as error:
        raise ReaderMissing(f"{name} is a workbook, which this installation does not read", action=INSTALL) from error
    _need_small(data, name)
    bounds = Bounds(rows=ROWS, columns=2 * len(COLUMNS), cells=ROWS * len(COLUMNS))
    # What was not walked is not unfolded, whatever else a reader of workbooks would make of it: an ODS where it is
    # opened, a sheet of an XLSX where it is asked for.
    walked = opendocument.verify_opendocument(data, name, bounds)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        first = next(iter(book.sheets_metadata), None)
        if first is None or not (first.name == walked or computed.verify_computed(data, name, first.name, bounds)):
            raise DocumentError(name, seen="a workbook that cannot be read: it has no sheet", wanted="XLSX or ODS")
        if first.visible != calamine.SheetVisibleEnum.Visible:
            raise DocumentError(
                f"{name}, sheet {first.name}", seen="hidden", wanted="a sheet that is seen", action=SEEN
            )
        rows: Iterable[Sequence[object]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (calamine.CalamineError, IndexError, ValueError) as error:
        raise DocumentError(name, seen=f"a workbook that cannot be read: {error}", wanted="XLSX or ODS") from error
    for number, cells in enumerate(rows, 1):
        for place, cell in enumerate(cells, 1):
            if isinstance(cell, float) and abs(cell) >= 10**_EXACT_DIGITS:
                where = f"{name}, row {number}, column {place}"
                raise DocumentError(where, seen="a number of more than fifteen digits", wanted="a text", action=AS_TEXT)
        yield [_text(cell) for cell in cells]


def _need_small(data: bytes, name: str) -> None:
    """Unpack a workbook in pieces and count: what it says of itself may be a lie. Raises DocumentError.

    Of two parts of one name two readers may take another one each.
    """
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = [part.filename.lower() for part in packed.infolist()]
            if len(set(names)) < len(names) or _BINARY in names:
                seen = "a workbook with two parts of one name" if _BINARY not in names else "a binary workbook (XLSB)"
                raise DocumentError(name, seen=seen, wanted="XLSX or ODS")
            for part in packed.infolist():
                with packed.open(part) as stream:
                    while piece := stream.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            raise DocumentError(
                                name,
                                seen="a workbook that unpacks to far more",
                                wanted=f"at most {UNPACKED_BYTES:,} bytes",
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DocumentError(name, seen=f"a workbook that cannot be unpacked: {error}", wanted="XLSX or ODS") from error


def _text(cell: object) -> str:
    """Write a cell as it is meant: a number with the digits that a spreadsheet keeps, a day without its midnight."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return f"{Decimal(f'{cell:.{_EXACT_DIGITS}g}'):f}"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
