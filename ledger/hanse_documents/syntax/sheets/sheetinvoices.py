"""From the rows of a sheet to invoices: their terms, their totals, and what is wrong with which row."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import PurePosixPath

from msgspec import Struct

from hanse_documents.model.errors import DocumentError, Examiner, Fault
from hanse_documents.semantics.values import EXACT, day_of, decimal_of, exponent_of, hs_code_of
from hanse_documents.syntax.sheets.cells import InvoiceRow
from hanse_documents.syntax.sheets.columns import (
    BUYER,
    COLUMNS,
    EXEMPT,
    FILE,
    HS_CODE,
    NET,
    NUMBER,
    Cells,
    Column,
)
from hanse_ledger.values import limits

INVOICES = 10_000
"""So many invoices go into one run."""

SPECIFICATION = "urn:cen.eu:en16931:2017"
COMMERCIAL_INVOICE = "380"
MOST_PLACES = 2
"""Amounts have no more decimal places, whatever their currency has (BR-DEC-09 and those like it)."""

_BY_NAME = {column.name: column for column in COLUMNS}
_BY_TERM = {column.term: column for column in COLUMNS if column.term}
_TERMS = [column for column in COLUMNS if column.term]
_CHECKED = {Cells.DAY: day_of, Cells.AMOUNT: decimal_of}


class SheetInvoice(Struct, frozen=True, kw_only=True):
    """An invoice of a sheet.

    Attributes:
        rows: where it stands, as the sheet counts.
        number: BT-1; of a file the file's name.
        buyer: the buyer's party, as it was typed; empty where it was not.
        file: the name of the file that is the invoice; empty where `terms` are.
        terms: by their names, as `write_ubl` takes them.
        faults: what is wrong with its rows; there are no terms then.
    """

    rows: tuple[int, ...]
    number: str
    buyer: str = ""
    file: str = ""
    terms: dict[str, str] = {}
    faults: tuple[Fault, ...] = ()


def invoices_of(rows: Sequence[InvoiceRow], name: str) -> list[SheetInvoice]:
    """Put the rows of a sheet together to invoices, in the order in which each begins.

    Raises:
        DocumentError: there are more than go into one run.
    """
    numbered: dict[tuple[str, str], list[InvoiceRow]] = {}
    for row in rows:
        file, number = row.texts.get(_BY_NAME[FILE], ""), row.texts.get(_BY_TERM[NUMBER], "")
        # What has neither is an invoice of its own, which says so.
        key = ("file", file) if file else ("number", number) if number else ("row", str(row.number))
        numbered.setdefault(key, []).append(row)
    if len(numbered) > INVOICES:
        raise DocumentError(
            name, seen=f"{len(numbered):,} invoices", wanted=f"at most {INVOICES:,}", action="Split the sheet."
        )
    return [_in_a_file(rows) if kind == "file" else _of_rows(rows) for (kind, _), rows in numbered.items()]


def _in_a_file(rows: Sequence[InvoiceRow]) -> SheetInvoice:
    examiner = Examiner()
    first = rows[0]
    file, number = first.texts[_BY_NAME[FILE]], tuple(row.number for row in rows)
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file:
        examiner.refuse(_at(first, _BY_NAME[FILE]), seen=file, wanted="the name of a file beside the sheet")
    for row in rows[1:]:
        examiner.refuse(_at(row, _BY_NAME[FILE]), seen=file, wanted=f"each file once: it stands in row {first.number}")
    for column in first.texts:
        if column.name not in (BUYER, FILE):
            examiner.refuse(_at(first, column), seen=first.texts[column], wanted="nothing: the file says it")
    buyer = first.texts.get(_BY_NAME[BUYER], "")
    return SheetInvoice(rows=number, number=path.name, buyer=buyer, file=file, faults=tuple(examiner.faults))


def _of_rows(rows: Sequence[InvoiceRow]) -> SheetInvoice:
    examiner = Examiner()
    shared = _shared(rows, examiner)
    buyer, number = shared.pop(_BY_NAME[BUYER], ""), shared.get(_BY_TERM[NUMBER], "")
    for row in rows:
        _check(row, examiner)
    _find_doubled(rows, examiner)
    if len(rows) > limits.TERM_ITEMS:
        examiner.refuse(f"row {rows[0].number}", seen=f"{len(rows):,} lines", wanted=f"at most {limits.TERM_ITEMS:,}")
    terms: dict[str, str] = {}
    if not examiner.faults:
        terms = {column.stands: text for column, text in shared.items()}
        examiner.attempt(None, _complete, terms, rows, examiner)
    faults = tuple(dict.fromkeys(examiner.faults))
    numbers = tuple(row.number for row in rows)
    return SheetInvoice(rows=numbers, number=number, buyer=buyer, terms={} if faults else terms, faults=faults)


def _find_doubled(rows: Sequence[InvoiceRow], examiner: Examiner) -> None:
    """Note rows that say the same in every column: pasted twice, they would make the debt larger."""
    said: dict[frozenset[tuple[Column, str]], int] = {}
    for row in rows:
        first = said.setdefault(frozenset(row.texts.items()), row.number)
        if first != row.number:
            wanted = "another Invoice line identifier (BT-126) in each where both are meant"
            examiner.refuse(f"row {row.number}", seen=f"the same as row {first}", wanted=wanted)


def _shared(rows: Sequence[InvoiceRow], examiner: Examiner) -> dict[Column, str]:
    """Give what the rows of an invoice say of it: each says the same, or nothing."""
    shared: dict[Column, str] = {}
    said: dict[Column, int] = {}
    for row in rows:
        for column, text in row.texts.items():
            if column.of_line:
                continue
            if shared.setdefault(column, text) != text:
                examiner.refuse(
                    _at(row, column), seen=text, wanted=f"what row {said[column]} says: {shared[column]}; or nothing"
                )
            said.setdefault(column, row.number)
    for column in _TERMS:
        if column.needed and not column.of_line and column not in shared:
            examiner.refuse(_at(rows[0], column), seen="", wanted=f"{column.words}, such as {column.example}")
    return shared


def _check(row: InvoiceRow, examiner: Examiner) -> None:
    """Note what is missing from a row, and what is no number or day."""
    for column in _TERMS:
        text = row.texts.get(column)
        if text is None:
            if column.needed and column.of_line:
                examiner.refuse(_at(row, column), seen="", wanted=f"{column.words}, such as {column.example}")
        elif column.name == HS_CODE:
            examiner.attempt("", hs_code_of, text, _at(row, column))
        elif column.cells in _CHECKED:
            examiner.attempt(None, _CHECKED[column.cells], text, _at(row, column))


def _complete(terms: dict[str, str], rows: Sequence[InvoiceRow], examiner: Examiner) -> None:
    """Add lines, VAT breakdown and totals to the terms of an invoice, by the rules of EN 16931."""
    terms.setdefault("BT-3", COMMERCIAL_INVOICE)
    terms["BT-24"] = SPECIFICATION
    currency = _BY_TERM["BT-5"]
    places = min(MOST_PLACES, exponent_of(terms["BT-5"], _at(rows[0], currency)))
    nets: dict[tuple[str, str], Decimal] = {}
    reasons: dict[tuple[str, str], dict[str, str]] = {}
    for place, row in enumerate(rows, 1):
        line = {column.stands: text for column, text in row.texts.items() if column.of_line}
        exempt = {term: line.pop(term) for term in EXEMPT if term in line}
        line.setdefault("BT-126", str(place))
        if NET not in line:
            line[NET] = _money(_net(row, line), places)
        code = line.get("BT-158/1/BT-158")
        if code is not None:
            line |= {"BT-158/1/BT-158": hs_code_of(code, _at(row, _BY_NAME[HS_CODE])), "BT-158/1/BT-158-1": "HS"}
        if "BT-149" in line:
            line["BT-150"] = line["BT-130"]
        terms |= {f"BG-25/{place}/{name}": text for name, text in line.items()}
        taxed = line["BT-151"], line.get("BT-152", "")
        nets[taxed] = EXACT.add(nets.get(taxed, Decimal(0)), decimal_of(line[NET], _at(row, _BY_TERM[NET])))
        known = reasons.setdefault(taxed, exempt)
        if exempt and known and exempt != known:
            examiner.refuse(
                _at(row, _BY_TERM[EXEMPT[0]]), seen=" ".join(exempt.values()), wanted=" ".join(known.values())
            )
        known.update(exempt)
    terms |= _totals(terms, nets, reasons, places)


def _net(row: InvoiceRow, line: Mapping[str, str]) -> Decimal:
    base = decimal_of(line.get("BT-149", "1"), _at(row, _BY_TERM["BT-149"]))
    if base <= 0:
        raise DocumentError(_at(row, _BY_TERM["BT-149"]), seen=line["BT-149"], wanted="more than 0")
    return EXACT.divide(EXACT.multiply(Decimal(line["BT-129"]), Decimal(line["BT-146"])), base)


def _totals(
    terms: Mapping[str, str],
    nets: Mapping[tuple[str, str], Decimal],
    reasons: Mapping[tuple[str, str], Mapping[str, str]],
    places: int,
) -> dict[str, str]:
    """Add up: BG-23 for each category and rate, and BG-22."""
    totals: dict[str, str] = {}
    tax = Decimal(0)
    for place, ((category, rate), net) in enumerate(nets.items(), 1):
        due = _rounded(EXACT.divide(EXACT.multiply(net, Decimal(rate or "0")), Decimal(100)), places)
        tax += due
        group = {"BT-116": _money(net, places), "BT-117": _money(due, places), "BT-118": category}
        group |= {"BT-119": rate} if rate else {}
        totals |= {f"BG-23/{place}/{name}": text for name, text in {**group, **reasons[category, rate]}.items()}
    lines = sum(nets.values(), Decimal(0))
    payable = lines + tax - Decimal(terms.get("BT-113", "0"))
    sums = {"BT-106": lines, "BT-109": lines, "BT-110": tax, "BT-112": lines + tax, "BT-115": payable}
    return totals | {name: _money(amount, places) for name, amount in sums.items()}


def _rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=EXACT)


def _money(amount: Decimal, places: int) -> str:
    return f"{_rounded(amount, places):f}"


def _at(row: InvoiceRow, column: Column) -> str:
    term = f" ({column.term})" if column.term else ""
    return f"row {row.number}, {column.name}{term}"
