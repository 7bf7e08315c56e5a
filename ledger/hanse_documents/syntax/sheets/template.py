"""Writing the sheet that is filled in: headings, columns formed for what stands in them, and a page that explains."""

import csv
import io
from datetime import datetime
from importlib import import_module
from typing import Any

from hanse_documents.model.errors import ReaderMissing
from hanse_documents.syntax.sheets.columns import COLUMNS, Cells

INSTALL = "Install hanse with its extra `paper`, or have it written as CSV."
MADE = datetime(2026, 1, 1)  # noqa: DTZ001 (the format has no zones; always the same, so that the bytes are)

_FORMS = {Cells.TEXT: "@", Cells.DAY: "yyyy-mm-dd", Cells.AMOUNT: "General"}


def template_csv() -> bytes:
    """Write the headings as CSV, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([column.name for column in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def template_xlsx() -> bytes:
    """Write a workbook: the sheet to fill in, and one that explains the columns. The same bytes each time.

    Raises:
        ReaderMissing: what writes workbooks is not installed.
    """
    try:
        xlsxwriter: Any = import_module("xlsxwriter")
    except ModuleNotFoundError as error:
        raise ReaderMissing("Workbooks are not written by this installation", action=INSTALL) from error
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"created": MADE})
        strong = book.add_format({"bold": True})
        needed = book.add_format({"bold": True, "bg_color": "#FFE9A8"})
        invoices, meanings = book.add_worksheet("Invoices"), book.add_worksheet("Columns")
        for place, column in enumerate(COLUMNS):
            form = book.add_format({"num_format": _FORMS[column.cells]})
            invoices.set_column(place, place, max(12, len(column.name) + 2), form)
            invoices.write_string(0, place, column.name, needed if column.needed else strong)
        invoices.freeze_panes(1, 0)
        heads = ("Column", "Term", "Needed", "Of the", "Form", "What stands in it", "Example")
        for place, head in enumerate(heads):
            meanings.write_string(0, place, head, strong)
            meanings.set_column(place, place, (40, 26, 8, 8, 15, 70, 34)[place])
        for row, column in enumerate(COLUMNS, 1):
            of = "line" if column.of_line else "invoice"
            values = (column.name, column.term, "yes" if column.needed else "", of, column.cells.value)
            for place, value in enumerate((*values, column.words, column.example)):
                meanings.write_string(row, place, value)
        meanings.freeze_panes(1, 0)
    return data.getvalue()
