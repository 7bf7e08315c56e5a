"""What checking an invoice costs, by counts: they say the same on every machine, whatever else it does."""

from importlib.util import find_spec
from typing import IO, Any

import pytest

from hanse_documents import DocumentVerdict, check_document
from hanse_documents.pipeline import opened
from hanse_documents.rules.ruleengine import RuleEngine
from hanse_documents.rules.ruleworker import Task, send
from hanse_documents.syntax.sheets.cells import read_rows
from hanse_documents.syntax.sheets.sheetinvoices import invoices_of
from hanse_documents.syntax.ubl_terms import compiled
from hanse_documents.syntax.ubl_writing import write_ubl
from tests.world.typed.orders import row, sheet_of

INVOICES = 3
PATHS = 186
"""So many places are looked at in an invoice of two lines: one for each term and group."""


def test_an_invoice_is_opened_read_and_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task to the rules for each, one to compile them; each place once; their package is looked for once."""
    rows = [row(f"N-{number}", Invoice_line_identifier=line) for number in range(INVOICES) for line in ("1", "2")]
    sheet = invoices_of(read_rows(sheet_of(rows).encode(), "orders.csv"), "orders.csv")
    files = [write_ubl(each.terms) for each in sheet]
    counts = {"opened": 0, "paths": 0, "packages": 0}
    tasks: list[Task] = []

    def counting(name: str, called: Any) -> Any:
        def counted(*words: Any, **named: Any) -> Any:
            counts[name] += 1
            return called(*words, **named)

        return counted

    def sending(stream: IO[bytes], task: Task) -> None:
        tasks.append(task)
        send(stream, task)

    monkeypatch.setattr("hanse_documents.rules.ruleengine.send", sending)
    monkeypatch.setattr("hanse_documents.syntax.ubl.compiled", counting("paths", compiled))
    monkeypatch.setattr(opened, "_open_xml", counting("opened", opened._open_xml))
    monkeypatch.setattr("hanse_documents.rules.rulesets.find_spec", counting("packages", find_spec))
    engine = RuleEngine()
    try:
        for data in files:
            assert check_document(data, "invoice.xml", engine=engine).verdict is DocumentVerdict.VALID
    finally:
        engine.close()
    assert [bool(task.text) for task in tasks] == [False] + [True] * INVOICES
    assert counts == {"opened": INVOICES, "paths": PATHS * INVOICES, "packages": 1}


def test_a_new_process_compiles_anew() -> None:
    """What was told to one that has ended is no use to the next."""
    engine = RuleEngine()
    (one,) = invoices_of(read_rows(sheet_of([row("N-9")]).encode(), "orders.csv"), "orders.csv")
    data = write_ubl(one.terms)
    try:
        for _ in range(2):
            assert check_document(data, "invoice.xml", engine=engine).verdict is DocumentVerdict.VALID
            engine.close()
    finally:
        engine.close()
