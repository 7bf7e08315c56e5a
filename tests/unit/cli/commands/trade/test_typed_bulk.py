"""Many invoices typed against a real node: judged by row, sent, resumed; a second run registers nothing twice."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hanse_client.base.errors import NodeUnreachable
from hanse_client.base.views import Receipt, Refusal
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import draft_body, submit_together
from hanse_client.resources.issuing import manyrecords
from hanse_documents import read_document
from hanse_documents.samples import sample
from hanse_documents.syntax.typedpaper import write_typed
from hanse_ledger.records.envelope import Signed
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of
from tests.world.typed.papers import invoice_paper

pytestmark = pytest.mark.slow


def issue(desk: Desk, *more: str, code: int = 0) -> Any:
    """Have the seller issue many; give the report."""
    words = ("invoice", "issue", *more, "--buyer", desk.ids["buyer"], "--json")
    return desk.run(*words, who="seller", code=code).json


def outcomes(report: Any) -> list[tuple[str, str]]:
    """List what became of each."""
    return [(each["number"], each["outcome"]) for each in report["invoices"]]


def test_a_sheet_is_judged_sent_and_sent_again(desk: Desk) -> None:
    """Faults by row, then all that is sound; after a correction the rest; each invoice stands once, with its file."""
    rows = [row("M-1"), row("M-1", Item_name="Bowl"), row("M-2", Invoiced_quantity="x"), row("M-3", Buyer_party="12")]
    rows.append(row("M-4", Invoiced_item_VAT_category_code="Q"))
    (desk.folder / "orders.csv").write_text(sheet_of(rows))
    tried = issue(desk, "--bulk", "orders.csv", "--dry-run", code=2)
    assert outcomes(tried) == [("M-1", "sound"), ("M-2", "faulty"), ("M-3", "faulty"), ("M-4", "faulty")]
    details = [detail for each in tried["invoices"] for detail in each["details"]]
    assert details[0] == "row 4, Invoiced quantity (BT-129): x; wanted: a decimal number, such as 1250.00"
    assert "row 5: " in details[1]
    assert any(detail.startswith("row 6: ") and "BR-CL-17" in detail for detail in details[2:])
    assert not (desk.folder / "orders-invoices").exists()
    first = issue(desk, "--bulk", "orders.csv", "--report", "report.json", code=2)
    assert outcomes(first) == [("M-1", "created"), ("M-2", "faulty"), ("M-3", "faulty"), ("M-4", "faulty")]
    assert json.loads((desk.folder / "report.json").read_text()) == first
    made = desk.folder / "orders-invoices" / "M-1.xml"
    invoice = first["invoices"][0]["invoice"]
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["amounts"]["payable_minor"] == 13_436
    assert invoice in desk.run("document", "find", str(made), who="seller").out
    rows[2:] = [row("M-2"), row("M-5")]
    (desk.folder / "orders.csv").write_text(sheet_of(rows))
    second = issue(desk, "--bulk", "orders.csv")
    assert outcomes(second) == [("M-1", "exists"), ("M-2", "created"), ("M-5", "created")]
    assert second["invoices"][0]["invoice"] == invoice
    # A row that is changed after it was registered is another invoice of the same number: nobody means that in silence.
    before = made.read_bytes()
    (desk.folder / "orders.csv").write_text(sheet_of([row("M-1", Item_net_price="1"), row("M-2")]))
    third = issue(desk, "--bulk", "orders.csv", code=2)
    assert outcomes(third) == [("M-1", "faulty"), ("M-2", "exists")]
    assert "the same number" in third["invoices"][0]["details"][0]
    assert made.read_bytes() == before
    told = desk.run("invoice", "issue", "--bulk", "orders.csv", "--again", "--buyer", desk.ids["buyer"], who="seller")
    assert "2 invoices: 1 registered now, 1 stood already, 0 refused, 0 faulty." in told.err


def test_an_invoice_that_cannot_be_written_hinders_no_other(desk: Desk) -> None:
    """An account without a means of payment, which UBL has no place for: that is said of its row."""
    rows = [row("W-1", Payment_account_identifier="BE68539007547034"), row("W-2", Remittance_information="RF18539007")]
    (desk.folder / "means.csv").write_text(sheet_of(rows))
    tried = issue(desk, "--bulk", "means.csv", "--dry-run", code=2)
    assert outcomes(tried) == [("W-1", "faulty"), ("W-2", "sound")]
    assert tried["invoices"][0]["details"] == [
        "row 2: BT-81: nothing; wanted: this term, which BR-49 asks for beside BG-17"
    ]


def test_a_cut_between_keeping_and_sending_registers_nothing_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept is sent as it was, under the id that it was to have; what was answered stands in the report."""
    (desk.folder / "cut.csv").write_text(sheet_of(row(f"C-{number}") for number in range(4)))
    monkeypatch.setattr("hanse_cli.commands.papers.bulk.PART", 2)
    cut = list[Signed]()

    async def cable(session: Session, records: Sequence[Signed]) -> list[Receipt | Refusal]:
        if cut:
            raise NodeUnreachable("The cable is cut.", "Plug it in.")
        answers = await submit_together(session, records)
        cut.extend(records)
        return answers

    monkeypatch.setattr(manyrecords, "submit_together", cable)
    words = ("invoice", "issue", "--bulk", "cut.csv", "--buyer", desk.ids["buyer"], "--report", "cut.json")
    desk.run(*words, who="seller", code=30)
    report = json.loads((desk.folder / "cut.json").read_text())
    assert (report["created"], report["not_sent"]) == (2, 2)
    openings = {path.stem for path in (desk.folder / "homes" / "seller" / "openings").glob("*.json")}
    monkeypatch.setattr(manyrecords, "submit_together", submit_together)
    again = desk.run(*words, "--json", who="seller").json
    assert [each["outcome"] for each in again["invoices"]] == ["exists", "exists", "created", "created"]
    assert {each["invoice"] for each in again["invoices"]} <= openings
    # One that was lost on its way back, of which something else is said now, is looked up by itself.
    other = desk.enrol("other", "buyer")
    third = desk.run("invoice", "issue", "--bulk", "cut.csv", "--buyer", other, "--json", who="seller").json
    assert [each["invoice"] for each in third["invoices"]] == [each["invoice"] for each in again["invoices"]]
    assert third["exists"] == 4


def test_what_expired_unsent_is_said_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that was kept and can be written no more stands nowhere: another one takes its place."""
    (desk.folder / "late.csv").write_text(sheet_of([row("L-1")]))
    words = ("invoice", "issue", "--bulk", "late.csv", "--buyer", desk.ids["buyer"], "--json")

    async def cable(session: Session, records: Sequence[Signed]) -> list[Receipt | Refusal]:
        raise NodeUnreachable("The cable is cut.", "Plug it in.")

    with monkeypatch.context() as patch:
        patch.setattr(manyrecords, "sign_draft", lambda session, body: draft_body(session, body, (), 1))
        patch.setattr(manyrecords, "submit_together", cable)
        desk.run(*words, who="seller", code=30)
    assert [each["outcome"] for each in desk.run(*words, who="seller").json["invoices"]] == ["created"]


def test_a_folder_of_files_is_issued_each_file_once(desk: Desk, tmp_path: Path) -> None:
    """What is no invoice is told by its name; two files of one number are not both sent, and one twice is one."""
    for name, text in (("a.xml", "F-1"), ("b.xml", "F-1"), ("c.xml", "F-2")):
        (tmp_path / name).write_text(invoice_paper(text, issued="2026-02-01"))
    (tmp_path / "d.json").write_bytes(sample("certificate.json"))
    (tmp_path / "e.xml").write_text(invoice_paper("F-1", issued="2026-02-02"))
    typed = read_document(invoice_paper("F-3", issued="2026-02-01").encode())
    (tmp_path / "f.json").write_bytes(write_typed(typed))
    report = issue(desk, "--bulk", str(tmp_path), code=2)
    places = {each["place"]: each["outcome"] for each in report["invoices"]}
    assert places == {
        "a.xml": "created",
        "b.xml": "exists",
        "c.xml": "created",
        "d.json": "faulty",
        "e.xml": "faulty",
    } | {"f.json": "created"}
    assert "has the number F-1 too" in json.dumps(report)


def test_what_cannot_be_meant_is_refused(desk: Desk, tmp_path: Path) -> None:
    """Nothing is named, no buyer is, both a file and many, an empty folder, or signatures of others."""
    assert "--bulk" in desk.run("invoice", "issue", who="seller", code=2).err
    assert "--buyer" in desk.run("invoice", "issue", "invoice.xml", who="seller", code=2).err
    both = ("invoice", "issue", "invoice.xml", "--bulk", "invoice.xml")
    assert "neither a file" in desk.run(*both, who="seller", code=2).err
    assert "holds no files" in desk.run("invoice", "issue", "--bulk", str(tmp_path), who="seller", code=2).err
    (desk.folder / "one.csv").write_text(sheet_of([row("O-1")]))
    assert "no buyer's party is named" in desk.run("invoice", "issue", "--bulk", "one.csv", who="seller", code=2).out
    words = ("invoice", "issue", "--bulk", "one.csv", "--buyer", desk.ids["buyer"], "--draft", "d.json", "--with")
    assert "drafted" in desk.run(*words, "01" + "ab" * 32, who="seller", code=2).err
    (desk.folder / "odd.csv").write_text("Colour\nred\n")
    assert "row 1, column 1: Colour" in desk.run("invoice", "issue", "--bulk", "odd.csv", who="seller", code=2).err


def test_a_dry_run_tells_of_two_invoices_of_one_number(desk: Desk) -> None:
    """As sending does: numbers that differ by capitals, blanks or what nobody sees are one; `--again` means both."""
    rows = [row("S-1"), row("s 1", Item_name="Bowl"), row("S-1\u200b", Item_name="Cup"), row("S-2")]
    (desk.folder / "same.csv").write_text(sheet_of(rows))
    tried = issue(desk, "--bulk", "same.csv", "--dry-run", code=2)
    assert [each["outcome"] for each in tried["invoices"]] == ["sound", "faulty", "faulty", "sound"]
    assert "row 3: BT-1: s 1; wanted: each number once: row 2 has it too" in tried["invoices"][1]["details"][0]
    assert issue(desk, "--bulk", "same.csv", "--dry-run", "--again")["sound"] == 4
    sent = issue(desk, "--bulk", "same.csv", code=2)
    assert [each["outcome"] for each in sent["invoices"]] == ["created", "faulty", "faulty", "created"]


def test_a_refusal_of_one_hinders_no_other(desk: Desk) -> None:
    """The rules refuse who is no buyer; the others stand."""
    rows = [row("R-1", Buyer_party=desk.ids["seller"]), row("R-2", Buyer_party=desk.ids["buyer"])]
    (desk.folder / "refused.csv").write_text(sheet_of(rows))
    ended = desk.run("invoice", "issue", "--bulk", "refused.csv", who="seller", code=15)
    assert "  refused  row 2  R-1" in ended.out
    assert "1 registered now, 0 stood already, 1 refused" in ended.err


def test_a_template_and_an_invoice_of_a_sheet_or_a_form_are_written(desk: Desk) -> None:
    """The sheet in both forms; UBL of a row and of terms, which is the same as was read; nothing is replaced unsaid."""
    for name in ("orders.xlsx", "template.csv"):
        assert "--dry-run" in desk.run("invoice", "template", "-o", name).err
    assert "neither" in desk.run("invoice", "template", "-o", "orders.doc", code=2).err
    (desk.folder / "w.csv").write_text(sheet_of([row("W-1")]))
    desk.run("invoice", "write", "w.csv", "-o", "w.xml")
    assert "--force" in desk.run("invoice", "write", "w.csv", "-o", "w.xml", code=2).err
    checked = desk.run("document", "check", "w.xml", "--json").json
    assert checked["verdict"] == "valid"
    (desk.folder / "w.json").write_text(json.dumps(checked["terms"]))
    desk.run("invoice", "write", "w.json", "-o", "again.xml")
    assert (desk.folder / "again.xml").read_bytes() == (desk.folder / "w.xml").read_bytes()
    (desk.folder / "w.json").write_text('{"BT-999": "x"}')
    assert "BT-999" in desk.run("invoice", "write", "w.json", "-o", "no.xml", code=2).err
    (desk.folder / "w.json").write_text("[]")
    assert "no form" in desk.run("invoice", "write", "w.json", "-o", "no.xml", code=2).err
    (desk.folder / "w.csv").write_text(sheet_of([row("W-1"), row("W-2")]))
    assert "holds 2 invoices" in desk.run("invoice", "write", "w.csv", "-o", "no.xml", code=2).err


def test_a_marketplace_issues_for_its_seller_until_the_mandate_is_used_up(desk: Desk) -> None:
    """Under a mandate the seller is its principal; what goes beyond its total is refused, and hinders no other."""
    grant = ("mandate", "grant", "--kind", "invoice.issue", "--to-member", "market", "--currency", "EUR")
    mandate = desk.run(*grant, "--each", "100.00", "--total", "140.00", who="seller").out
    (desk.folder / "market.csv").write_text(sheet_of(row(f"U-{number}") for number in range(3)))
    words = ("invoice", "issue", "--bulk", "market.csv", "--buyer", desk.ids["buyer"], "--under", mandate, "--json")
    report = desk.run(*words, who="market", code=15).json
    assert [each["outcome"] for each in report["invoices"]] == ["created", "created", "refused"]
    links = desk.run("invoice", "show", report["invoices"][0]["invoice"], "--json").json["aspects"]["links"]
    assert links["seller"] == desk.ids["seller"]
    again = desk.run(*words, who="market", code=15).json
    assert [each["outcome"] for each in again["invoices"]] == ["exists", "exists", "refused"]
