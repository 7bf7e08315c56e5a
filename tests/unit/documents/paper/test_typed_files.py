"""Typed JSON is a document as any other: `hanse document read` writes it, and every command takes it again."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hanse_cli.commands.papers.reporting import EXITS
from hanse_cli.main import run
from hanse_documents import DocumentError, UnsupportedFormat, check_document, examine_credit_note, examine_document
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.pipeline import rewriting
from hanse_documents.samples import sample
from hanse_documents.semantics.invoiceprofiles import BASIC, EN16931, profile_of
from hanse_documents.syntax import openjson
from hanse_documents.syntax.typedpaper import READ_BEFORE, write_typed
from tests.unit.documents.crossindustry import cross_industry
from tests.unit.documents.paper.test_typed_papers import BILLS, SHAPES

INVOICE = sample("invoice.xml")
WRONG_SUM = INVOICE.replace(b">5150.00</cbc:PayableAmount>", b">5151.00</cbc:PayableAmount>")
PAPERS = {name: sample(name) for name in ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml")} | {
    "packing.xml": BILLS["PackingList"],
    "declaration.json": next(data for name, data in SHAPES.items() if b"Declaration" in data),
}


def typed(data: bytes) -> bytes:
    """Write what is read of a document."""
    document = check_document(data).document
    assert document is not None
    return write_typed(document)


@pytest.mark.parametrize("name", PAPERS)
def test_the_command_writes_what_is_read_and_reads_it_again(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stdout, into a file and into a folder the same; what it wrote is valid, and the same document."""
    source, out = tmp_path / name, tmp_path / "typed.json"
    source.write_bytes(PAPERS[name])
    expected = check_document(PAPERS[name], name)
    assert expected.document is not None
    code = EXITS[expected.verdict.value]
    assert run(["document", "read", str(source), "-o", str(out)]) == code
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_bytes() == write_typed(expected.document)
    assert run(["document", "read", str(source)]) == code
    assert json.loads(capsys.readouterr().out) == json.loads(out.read_bytes())
    assert run(["document", "read", str(out), "--out-dir", str(tmp_path)]) == 0
    assert (tmp_path / "typed.json.json").read_bytes() == out.read_bytes()
    assert run(["document", "check", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert told["kind"] == f"hanse-{next(iter(json.loads(out.read_bytes())))}"
    assert told["terms"] == expected.as_fields()["terms"]
    assert [each["id"] for each in told["findings"] if each["weight"] == "note"][-1] == "typed"


def test_what_is_written_compares_as_the_documents_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Typed invoice, certificate and payments agree as those that they were read from."""
    names = ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml")
    for name in names:
        (tmp_path / name).write_bytes(PAPERS[name])
    assert run(["document", "read", *(str(tmp_path / name) for name in names), "--out-dir", str(tmp_path)]) == 0
    counted = []
    capsys.readouterr()
    for ending in ("", ".json"):
        assert run(["document", "compare", *(str(tmp_path / f"{name}{ending}") for name in names), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert all(each["compared"] for each in told["files"])
        counted.append({name: told[name] for name in ("agree", "differ", "blocks", "cannot_compare")})
    assert counted[0] == counted[1]


def test_what_cannot_be_read_is_refused_in_the_words_of_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invalid, not read and not checked end apart; nothing is written of them, and everything of the others."""
    for name, data in {"wrong.xml": WRONG_SUM, "none.xml": b"<a", "other.txt": b"other", "right.xml": INVOICE}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "out").mkdir()

    def ended(*names: str) -> tuple[int, Any]:
        words = [str(tmp_path / name) for name in names]
        code = run(["document", "read", *words, "--out-dir", str(tmp_path / "out"), "--force", "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, told = ended("right.xml", "wrong.xml", "none.xml", "other.txt", "gone.xml")
    assert code == EXITS["invalid"]
    assert [each["verdict"] for each in told] == ["valid", "invalid", "invalid", "unsupported", "cannot check"]
    assert [each["written"] is not None for each in told] == [True, True, False, False, False]
    assert "BR-CO-16" in {each["id"] for each in told[1]["findings"]}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["right.xml.json", "wrong.xml.json"]
    assert ended("other.txt", "gone.xml")[0] == EXITS["cannot check"]
    assert ended("other.txt", "right.xml")[0] == EXITS["unsupported"]
    assert run(["document", "read", str(tmp_path / "none.xml")]) == EXITS["invalid"]
    said = capsys.readouterr()
    assert said.out == ""
    assert "none.xml: invalid" in said.err
    assert "not well-formed" in said.err


def test_nothing_is_overwritten_and_nothing_stands_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said before any file is written."""
    for folder in ("a", "b", "out"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "invoice.xml").write_bytes(INVOICE)
    one, two, out = tmp_path / "a" / "invoice.xml", tmp_path / "b" / "invoice.xml", tmp_path / "out"
    (tmp_path / "a" / "other.xml").write_bytes(INVOICE)
    other = tmp_path / "a" / "other.xml"
    (out / "invoice.xml.json").write_text("mine")
    for words, said in (
        ((one, two), "Name a folder"),
        ((one, two, "--out-dir", out, "--force"), "would both be"),
        ((other, one, "--out-dir", out), "is there already"),
        ((one, "-o", out / "invoice.xml.json"), "is there already"),
        ((one, "-o", out / "x", "--out-dir", out), "exclude each other"),
        ((one, "--out-dir", tmp_path / "none"), "is no folder"),
        (("-", "--out-dir", out), "no name"),
    ):
        assert run(["document", "read", *map(str, words)]) == 2
        assert said in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == ["invoice.xml", "invoice.xml.json"]
    assert (out / "invoice.xml.json").read_text() == "mine"


def test_one_that_is_too_large_to_be_read_again_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written all the same."""
    (tmp_path / "invoice.xml").write_bytes(INVOICE)
    monkeypatch.setattr(openjson, "JSON_BYTES", 1_000)
    assert run(["document", "read", str(tmp_path / "invoice.xml"), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["document"]["invoice"]["BT-1"] == "QW-2026-0917"
    assert "reads at most 1,000 again" in said.err


def test_the_published_rules_judge_a_typed_invoice() -> None:
    """It breaks what the invoice breaks, by the same rules; whoever wants a sound one is refused."""
    report = check_document(typed(WRONG_SUM), "typed.json")
    assert report.verdict.value == "invalid"
    assert [each.id for each in report.fatal()] == ["BR-CO-16"]
    assert report.rule_set is not None
    with pytest.raises(DocumentError, match="BR-CO-16"):
        examine_document(typed(WRONG_SUM), "typed.json")
    right = check_document(typed(INVOICE), "typed.json")
    assert (right.verdict.value, right.structure_valid) == ("valid", True)
    assert READ_BEFORE in right.findings


def changed(**more: str) -> bytes:
    """Write the terms of the shipped invoice, and others."""
    document = examine_document(INVOICE).document
    assert isinstance(document, InvoiceDocument)
    said = {**terms(document), **{name.replace("_", "-"): text for name, text in more.items()}}
    return json.dumps({"invoice": said}).encode()


def test_what_no_invoice_says_is_invalid() -> None:
    """A term that there is not, a text that XML cannot say."""
    for data, words in (
        (changed(BT_999="x"), "a term that stands in a UBL invoice"),
        (changed(BT_10="a\x01b"), "no control character"),
    ):
        report = check_document(data, "typed.json")
        assert (report.verdict.value, report.structure_valid) == ("invalid", False)
        assert words in str(report.fatal()[0])


def test_what_is_embedded_keeps_nobody_from_judging() -> None:
    """Of a document inside the terms have the digest alone."""
    said = json.loads(changed())
    said["invoice"] |= {"BG-24/1/BT-122": "DOC-1", "BG-24/1/BT-125": "sha-256:" + "ab" * 32}
    report = check_document(json.dumps(said).encode(), "typed.json")
    assert report.verdict.value == "valid", report.findings


@pytest.mark.parametrize("profile", ["minimum", "basicwl", "extended"])
def test_a_profile_with_rules_of_its_own_cannot_be_checked(profile: str) -> None:
    """It is read, and nobody says that it is valid."""
    report = check_document(changed(BT_24=f"urn:factur-x.eu:1p0:{profile}"), "typed.json")
    assert (report.verdict.value, report.structure_valid) == ("cannot check", None)
    assert isinstance(report.document, InvoiceDocument)
    assert "Check the file that this was read from" in " ".join(map(str, report.findings))


@pytest.mark.slow
def test_each_published_invoice_has_the_verdict_of_its_file(shared: Path) -> None:
    """Whatever syntax it is in: valid or not, as it is as a file; or its profile has rules of its own."""
    seen = set[str]()
    for path in sorted((shared / "samples").glob("*/*")):
        given = check_document(path.read_bytes(), path.name)
        document = given.document
        if isinstance(document, InvoiceDocument) and profile_of(terms(document).get("BT-24", "")) in (EN16931, BASIC):
            again = check_document(write_typed(document), "typed.json")
            assert again.verdict == given.verdict, (path.name, again.findings)
            seen.add(given.kind)
    assert seen == {"ubl-Invoice", "ubl-CreditNote", "cii"}


def test_what_does_not_fit_ubl_alone_cannot_be_checked() -> None:
    """The seller's order without the buyer's: UBL has no place for it, and nobody says that the invoice is valid."""
    said = json.loads(changed(BT_14="SO-1"))
    del said["invoice"]["BT-13"]
    report = check_document(json.dumps(said).encode(), "typed.json")
    assert (report.verdict.value, report.structure_valid) == ("cannot check", None)
    assert "it cannot be written as UBL: BT-13" in " ".join(map(str, report.findings))


def test_what_a_rule_asks_for_too_is_invalid() -> None:
    """Accounts without a means of payment (BR-49)."""
    said = json.loads(changed())
    del said["invoice"]["BT-81"]
    report = check_document(json.dumps(said).encode(), "typed.json")
    assert report.verdict.value == "invalid"
    assert "BR-49" in str(report.fatal()[0])


def test_without_a_writer_of_xml_it_cannot_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read all the same."""
    data = typed(INVOICE)
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.delitem(sys.modules, "hanse_documents.syntax.ubl_writing", raising=False)
    monkeypatch.delattr(rewriting, "ubl_writing", raising=False)
    monkeypatch.delattr("hanse_documents.syntax.ubl_writing", raising=False)
    report = check_document(data, "typed.json")
    assert report.verdict.value == "cannot check"
    assert isinstance(report.document, InvoiceDocument)


def test_a_credit_note_is_one_as_json_too() -> None:
    """An invoice is none, and neither is another JSON."""
    note = typed(sample("credit-note.xml"))
    assert examine_credit_note(note).document == examine_credit_note(sample("credit-note.xml")).document
    assert check_document(note).verdict.value == "valid"
    with pytest.raises(DocumentError, match="BR-CL-01"):
        examine_credit_note(typed(INVOICE))
    for other in (sample("certificate.json"), typed(sample("certificate.json"))):
        with pytest.raises(UnsupportedFormat, match="is no XML"):
            examine_credit_note(other)


def test_an_invoice_of_a_cross_industry_invoice_is_judged_as_ubl() -> None:
    """Its terms are those of EN 16931, whatever syntax they came in."""
    report = check_document(typed(cross_industry().encode()), "typed.json")
    assert report.rule_set is not None
    assert report.rule_set.id.startswith("EN 16931 UBL")


def test_a_typed_invoice_is_written_as_ubl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hanse invoice write` takes it as a form."""
    (tmp_path / "typed.json").write_bytes(typed(INVOICE))
    assert run(["invoice", "write", str(tmp_path / "typed.json"), "-o", str(tmp_path / "again.xml")]) == 0
    assert check_document((tmp_path / "again.xml").read_bytes()).document == check_document(INVOICE).document


@pytest.mark.parametrize("data", [b'{"invoice": 7}', b'{"payments": {}}', b'{"transport": []}', b'{"invoice": {}}'])
def test_one_of_another_form_is_invalid(data: bytes) -> None:
    """Its key says what it is, and no more."""
    assert check_document(data).verdict.value == "invalid"
