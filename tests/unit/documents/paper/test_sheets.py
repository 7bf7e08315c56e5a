"""Sheets of invoices: read as they are meant, added up, and told by row where something is wrong."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it has no types

from hanse_documents import read_document
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.syntax.sheets import cells
from hanse_documents.syntax.sheets.cells import read_rows
from hanse_documents.syntax.sheets.columns import COLUMNS
from hanse_documents.syntax.sheets.sheetinvoices import SheetInvoice, invoices_of
from hanse_documents.syntax.sheets.template import template_csv, template_xlsx
from hanse_documents.syntax.ubl_terms import GROUPS, HEADER, TermGroup
from hanse_documents.syntax.ubl_writing import write_ubl
from tests.world.typed.orders import row, sheet_of


def invoices_in(text: str) -> list[SheetInvoice]:
    """Read the invoices of CSV."""
    return invoices_of(read_rows(text.encode(), "orders.csv"), "orders.csv")


def faults_in(text: str) -> list[str]:
    """List what is wrong with the invoices of CSV."""
    return [str(fault) for invoice in invoices_in(text) for fault in invoice.faults]


def workbook(*rows: list[object]) -> bytes:
    """Write a workbook whose first sheet has these rows."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return data.getvalue()


def test_rows_of_one_number_are_one_invoice_and_it_is_added_up() -> None:
    """Lines that are rounded each, VAT for each rate, totals, and what was paid before; read again it is the same."""
    rows = [row("A-1", Paid_amount="10.00"), row("A-2"), row("A-1", Invoiced_item_VAT_rate="6", Item_name="Bowl")]
    first, second = invoices_in(sheet_of(rows, ";"))
    assert (first.number, first.rows, second.rows, first.faults) == ("A-1", (2, 4), (3,), ())
    document = read_document(write_ubl(first.terms))
    assert isinstance(document, InvoiceDocument)
    assert terms(document) == first.terms
    assert [line.net_minor for line in document.lines] == [5_552, 5_552]  # 3 times 18.505 is 55.515
    assert [(each.rate, each.tax_minor) for each in document.vat] == [("21", 1_166), ("6", 333)]
    assert (document.totals.without_vat_minor, document.totals.with_vat_minor) == (11_104, 12_603)
    assert document.payable_minor == 11_603
    assert [line.hs_code for line in document.lines] == ["691110", "691110"]


def test_no_places_are_invented_for_a_currency_without_any() -> None:
    """Yen have none."""
    (invoice,) = invoices_in(sheet_of([row("J-1", Invoice_currency_code="JPY")]))
    assert (invoice.terms["BT-106"], invoice.terms["BT-110"], invoice.terms["BT-115"]) == ("56", "12", "68")


def test_what_excel_makes_of_texts_is_read_as_it_was_meant() -> None:
    """Numbers with the digits that it keeps, days with and without midnight, truth, and rows of nothing."""
    given: list[object] = ["N-1", 0.1 + 0.2, date(2026, 11, 30), datetime(2026, 12, 30), 120, True, 42.5]  # noqa: DTZ001 (a sheet has no zones)
    headings: list[object] = ["BT-1", "Item net price", "bt 2", "PAYMENT DUE DATE", "Invoiced quantity", "Invoice note"]
    (read,) = read_rows(workbook([*headings, "Paid amount"], given, []), "orders.xlsx")
    assert read.number == 2
    texts = {column.term: text for column, text in read.texts.items()}
    assert texts == {
        "BT-1": "N-1",
        "BT-146": "0.3",
        "BT-2": "2026-11-30",
        "BT-9": "2026-12-30",
        "BT-129": "120",
        "BT-22": "true",
        "BT-113": "42.5",
    }


def test_every_fault_is_told_by_its_row() -> None:
    """What is missing, what is no number or day, and what two rows of one invoice say differently."""
    rows = [
        row("B-1", Invoiced_quantity="many", HS_code="china"),
        row("B-1", Seller_name="Somebody else", Item_name=""),
        row("", Invoice_issue_date="30.11.2026", Item_price_base_quantity="1"),
        row("B-2", Item_price_base_quantity="0"),
        row("B-3", Invoice_currency_code="EURO"),
    ]
    assert faults_in(sheet_of(rows)) == [
        "row 3, Seller name (BT-27): Somebody else; wanted: what row 2 says: Qingwan Kiln Studio Co., Ltd.; or nothing",
        "row 2, HS code (BT-158): china; wanted: a Harmonized System code of 4 to 12 digits, such as 6911.10",
        "row 2, Invoiced quantity (BT-129): many; wanted: a decimal number, such as 1250.00",
        "row 3, Item name (BT-153): nothing; wanted: What is sold, such as Dinner plate",
        "row 4, Invoice number (BT-1): nothing; wanted: Rows of one number are lines of one invoice, such as INV-7",
        "row 4, Invoice issue date (BT-2): 30.11.2026; wanted: a calendar date, YYYY-MM-DD",
        "row 5, Item price base quantity (BT-149): 0; wanted: more than 0",
        "row 6, Invoice currency code (BT-5): EURO; wanted: a currency of ISO 4217 that has a minor unit, such as EUR",
    ]


def test_a_row_may_name_a_file_beside_the_sheet() -> None:
    """Nothing else stands in it but the buyer, each file once, and none elsewhere."""
    rows = [{"Invoice file": "a.xml", "Buyer party": "00"}, {"Invoice file": "../b.xml"}, {"Invoice file": "a.xml"}]
    first, second = invoices_in(sheet_of([*rows, {"Invoice file": "../b.xml", "Invoice number": "7"}]))
    assert (first.file, first.buyer, first.number) == ("a.xml", "00", "a.xml")
    assert [str(fault) for fault in first.faults] == [
        "row 4, Invoice file: a.xml; wanted: each file once: it stands in row 2"
    ]
    assert "the name of a file beside the sheet" in str(second.faults[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty sheet"),
        ("Invoice number\n", "headings alone"),
        ("Invoice number,Colour\nA,red\n", "row 1, column 2: Colour"),
        ("Invoice number,BT-1\nA,A\n", "each heading once"),
        ("Invoice number\nA,B\n", "row 2, column 2: B; wanted: a heading above it"),
        ('Invoice number\n"A\n', "no CSV"),
        ("Invoice number\nA\x01\n", "without control characters"),
        ("Invoice number\n" + "A" * 5_000 + "\n", "5,000 characters"),
        (",\n1,2\n", "no heading"),
    ],
)
def test_what_is_no_such_sheet_is_refused(text: str, words: str) -> None:
    """The place is named, and what should stand there."""
    with pytest.raises(DocumentError, match=words):
        read_rows(text.encode(), "orders.csv")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"Invoice number\n\xff\n", DocumentError, "CSV in UTF-8"),
        (b"PK\x03\x04nothing", DocumentError, "cannot be unpacked"),
        (b"\xd0\xcf\x11\xe0", UnsupportedFormat, "the old form"),
        (b"\0\0", UnsupportedFormat, "is no sheet"),
    ],
)
def test_other_files_are_refused(data: bytes, error: type[Exception], words: str) -> None:
    """A workbook of the old form, one that is damaged, and what is no text."""
    with pytest.raises(error, match=words):
        read_rows(data, "orders")


def test_a_row_that_is_pasted_twice_is_told() -> None:
    """It would make the debt larger; two lines that are alike in all else have identifiers of their own."""
    assert faults_in(sheet_of([row("D-1"), row("D-2"), row("D-1"), row("D-1", Item_name="Bowl")])) == [
        "row 4: the same as row 2; wanted: another Invoice line identifier (BT-126) in each where both are meant"
    ]
    rows = [row("D-3", Invoice_line_identifier=identifier) for identifier in ("1", "2")]
    assert faults_in(sheet_of(rows)) == []


def formulas(*cells: tuple[str, object], recalculate: bool = False) -> bytes:
    """Write a workbook with headings, a number of an invoice, and formulas with the values that a program left."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        other = book.add_worksheet()
        sheet.write_row(0, 0, ["BT-1", "BT-113", "BT-20"])
        sheet.write(1, 0, "A")
        for place, (formula, value) in enumerate(cells, 1):
            sheet.write_formula(1, place, formula, None, value)
        other.write_formula(0, 0, "=1/0", None, "#DIV/0!")
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data.getvalue())) as read, zipfile.ZipFile(packed, "w") as write:
        for part in read.namelist():
            text = read.read(part)
            # As a spreadsheet program saves it, which has computed all values; and as openpyxl writes a formula.
            text = text if recalculate else text.replace(b' fullCalcOnLoad="1"', b"")
            write.writestr(
                part,
                text.replace(b"<v>none</v>", b"<v></v>")
                .replace(b"<v>empty</v>", b"<v></v>")
                .replace(b' t="str"><f>none', b"><f>none"),
            )
    return packed.getvalue()


def test_formulas_with_their_values_are_read() -> None:
    """Those of the first sheet; a text of nothing is a value, and what other sheets hold is nobody's concern."""
    (read,) = read_rows(formulas(("=60+40", 100), ('=IF(1,"","")', "empty")), "orders.xlsx")
    assert {column.term: text for column, text in read.texts.items()} == {"BT-1": "A", "BT-113": "100"}


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (formulas(("=1/0", "#DIV/0!")), "cell B2: #DIV/0!; wanted: a value"),
        (formulas(("=60+40", 100), ("=NA()", "#N/A")), "cell C2: #N/A; wanted: a value"),
        (formulas(("none+1", "none")), "cell B2: a formula that was not computed; wanted: a value"),
        (formulas(("=60+40", 0), recalculate=True), "cell B2: a formula that was not computed; wanted: a value"),
    ],
)
def test_a_cell_without_a_value_is_told(book: bytes, words: str) -> None:
    """An error, a formula that its program has not computed: neither is taken for nothing, or for zero."""
    with pytest.raises(DocumentError) as refused:
        read_rows(book, "orders.xlsx")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("18,50", "row 2, Item net price (BT-146): 18,50; wanted: a decimal number, such as 1250.00"),
        ("1,850.00", "row 2, Item net price (BT-146): 1,850.00; wanted: a decimal number, such as 1250.00"),
        ("1.850,00", "row 2, Item net price (BT-146): 1.850,00; wanted: a decimal number, such as 1250.00"),
        ("=18.5", "row 2, Item net price (BT-146): =18.5; wanted: a decimal number, such as 1250.00"),
        ("1e3", "row 2, Item net price (BT-146): 1e3; wanted: a decimal number, such as 1250.00"),
        ("\u0661", "row 2, Item net price (BT-146): \u0661; wanted: a decimal number, such as 1250.00"),
    ],
)
def test_no_number_is_guessed(text: str, fault: str) -> None:
    """Commas, marks between thousands, formulas, powers of ten, digits of other scripts."""
    assert fault in faults_in(sheet_of([row("G-1", Item_net_price=text)], ";"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "iso8859-1", "gb18030", "utf-32"])
def test_csv_in_other_encodings_is_refused(encoding: str) -> None:
    """A name is never read as other letters: what is not UTF-8 is told."""
    data = sheet_of([row("E-1", Seller_name="M\u00fcller & S\u00f6hne")]).encode(encoding)
    with pytest.raises((DocumentError, UnsupportedFormat), match=r"UTF-8|is no sheet"):
        read_rows(data, "orders.csv")


def test_days_of_a_spreadsheet_that_were_formed_as_numbers_are_told() -> None:
    """46356 is 30 November 2026 to a spreadsheet, and no day to a reader."""
    book = workbook(["BT-1", "BT-2"], ["S-1", 46356])
    (invoice,) = invoices_of(read_rows(book, "orders.xlsx"), "orders.xlsx")
    assert "row 2, Invoice issue date (BT-2): 46356; wanted: a calendar date, YYYY-MM-DD" in map(str, invoice.faults)


def test_merged_cells_say_what_they_say_once() -> None:
    """Only the first of them has the text: a row that is left without a number is told."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["BT-1", "BT-153"])
        sheet.merge_range(1, 0, 2, 0, "M-1")
        sheet.write_column(1, 1, ["Bowl", "Plate"])
    first, second = invoices_of(read_rows(data.getvalue(), "orders.xlsx"), "orders.xlsx")
    assert (first.number, second.number) == ("M-1", "")
    assert any(str(fault).startswith("row 3, Invoice number (BT-1): nothing") for fault in second.faults)


def _zip_of(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("bound", "make", "words"),
    [
        ("UNPACKED_BYTES", lambda: _zip_of("xl/workbook.xml", bytes(100_000)), "unpacks to far more"),
        ("SHEET_BYTES", lambda: bytes(20_000), "20,000 bytes"),
        ("ROWS", ("Invoice number\n" + "A\n" * 10_000).encode, "more than 10,000 rows"),
    ],
)
def test_bounds_hold(monkeypatch: pytest.MonkeyPatch, bound: str, make: Callable[[], bytes], words: str) -> None:
    """No sheet is too much: it is refused before it is read whole."""
    monkeypatch.setattr(cells, bound, 10_000)
    with pytest.raises(DocumentError, match=words):
        read_rows(make(), "orders")


def test_a_workbook_that_is_none_is_refused() -> None:
    """A packed file of something else."""
    with pytest.raises(DocumentError, match="cannot be read"):
        read_rows(_zip_of("readme.txt", b"hello"), "orders.xlsx")


def test_the_template_is_read_as_it_was_written() -> None:
    """Its headings are known, in CSV and in the workbook, and its bytes are the same each time."""
    assert template_xlsx() == template_xlsx()
    headings: list[object] = [column.name for column in COLUMNS]
    for data in (template_csv(), template_xlsx()):
        with pytest.raises(DocumentError, match="headings alone"):
            read_rows(data, "template")
    filled = workbook(headings, [column.example for column in COLUMNS])
    assert read_rows(filled, "orders.xlsx")[0].texts == {column: column.example for column in COLUMNS}


def _names(groups: tuple[TermGroup, ...], prefix: str = "") -> set[str]:
    own = {f"{prefix}{group.name}/1/{term.name}" for group in groups for term in group.terms}
    return own.union(*(_names(group.groups, f"{prefix}{group.name}/1/") for group in groups))


def test_every_column_has_its_place_in_an_invoice() -> None:
    """What a cell says is written where a reader looks for it."""
    known = {term.name for term in HEADER} | _names(GROUPS)
    for column in COLUMNS:
        if column.term and column.term not in ("BT-120", "BT-121"):
            assert (f"BG-25/1/{column.stands}" if column.of_line else column.stands) in known, column.name
