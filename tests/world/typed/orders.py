"""Sheets of invoices, as a marketplace fills them in."""

import csv
import io
from collections.abc import Iterable, Mapping

from hanse_documents.syntax.sheets.columns import COLUMNS

LINE = {
    "Invoice issue date": "2026-11-30",
    "Invoice currency code": "EUR",
    "Payment due date": "2026-12-30",
    "Seller name": "Qingwan Kiln Studio Co., Ltd.",
    "Seller VAT identifier": "BE0999999922",
    "Seller city": "Hangzhou",
    "Seller country code": "BE",
    "Buyer name": "Tafelrood BV",
    "Buyer city": "Antwerpen",
    "Buyer country code": "BE",
    "Item name": "Dinner plate",
    "HS code": "6911.10",
    "Item country of origin": "CN",
    "Invoiced quantity": "3",
    "Invoiced quantity unit of measure code": "C62",
    "Item net price": "18.505",
    "Invoiced item VAT category code": "S",
    "Invoiced item VAT rate": "21",
}
"""A row of an invoice to which nothing is missing but its number."""


def row(number: str, **changed: str) -> dict[str, str]:
    """Give a row of an invoice; a column's name is written with underscores, and an empty text leaves it out."""
    given = {name.replace("_", " "): text for name, text in changed.items()}
    return {**LINE, "Invoice number": number, **given}


def sheet_of(rows: Iterable[Mapping[str, str]], delimiter: str = ",") -> str:
    """Write rows as CSV, with those headings of the template that one of them fills."""
    given = list(rows)
    names = [column.name for column in COLUMNS if any(column.name in each for each in given)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(given)
    return text.getvalue()
