"""Any file gets a report: what it is, its verdict, all that was found, and the document where one can be made."""

import json
import os
import sys
from pathlib import Path

import pytest

import hanse_documents.syntax
from hanse_cli.commands.papers.reporting import EXITS
from hanse_cli.main import run
from hanse_documents import DocumentError, DocumentVerdict, check_document, examine_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument
from hanse_documents.model.errors import Examiner, FaultWeight
from hanse_documents.model.reports import COMPUTE
from hanse_documents.pipeline.documentkinds import KINDS
from hanse_documents.samples import BESIDE, NAMES, sample

INVOICE = sample("invoice.xml").decode()
WRONG_SUM = INVOICE.replace(">5150.00</cbc:PayableAmount>", ">5151.00</cbc:PayableAmount>").encode()


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_are_valid(name: str) -> None:
    """Nothing fatal is in any of them, and each is read."""
    report = check_document(sample(name), name)
    assert (report.file, report.verdict, report.fatal()) == (name, DocumentVerdict.VALID, ())
    assert report.document == examine_document(sample(name), name).document
    assert report.as_fields()["terms"]


def test_a_document_that_breaks_a_rule_is_read_and_invalid() -> None:
    """The report has both; who wants a sound document is refused, with the rule's name."""
    report = check_document(WRONG_SUM, "invoice.xml")
    assert report.verdict is DocumentVerdict.INVALID
    assert [each.id for each in report.fatal()] == ["BR-CO-16"]
    assert isinstance(report.document, InvoiceDocument)
    assert report.document.payable_minor == 515100
    with pytest.raises(DocumentError, match="BR-CO-16") as refused:
        examine_document(WRONG_SUM, "invoice.xml")
    assert [each.id for each in refused.value.faults] == ["BR-CO-16"]
    assert refused.value.action == COMPUTE


def test_a_document_that_cannot_be_made_is_none() -> None:
    """Without its number, or with an amount that is no number, there is no typed invoice: everything is told."""
    report = check_document(WRONG_SUM.replace(b"<cbc:ID>QW-2026-0917</cbc:ID>", b"", 1), "invoice.xml")
    assert (report.document, report.verdict) == (None, DocumentVerdict.INVALID)
    assert [each.id for each in report.findings] == ["XSD", "BR-02", "BR-CO-16"]
    assert report.as_fields()["terms"] == {}


@pytest.mark.parametrize(
    ("data", "verdict", "told"),
    [
        (b"", DocumentVerdict.INVALID, "an empty file"),
        (b"<a", DocumentVerdict.INVALID, "not well-formed"),
        (b"<a/>", DocumentVerdict.UNSUPPORTED, "XML of an unknown kind: a in no namespace"),
        (b'{"a": 1}', DocumentVerdict.UNSUPPORTED, "no certificate of origin"),
        (b"PK\x03\x04", DocumentVerdict.UNSUPPORTED, "packed"),
        (b"\0\0\0\0", DocumentVerdict.INVALID, "an empty file"),
        (b"<!DOCTYPE html>\n<html>", DocumentVerdict.UNSUPPORTED, "a page for people (HTML)"),
        (b'<?xml version="1.0"?><!-- a --> <!-- b --><!DOCTYPE HTML SYSTEM "x">', DocumentVerdict.UNSUPPORTED, "HTML"),
        (b"<html lang='en'><p>", DocumentVerdict.UNSUPPORTED, "HTML"),
        (b"<htmlish/>", DocumentVerdict.UNSUPPORTED, "htmlish in no namespace"),
        (b"<!DOCTYPE a><a/>", DocumentVerdict.INVALID, "a document type declaration"),
        (b"<!-- -->" * 511 + b"<a", DocumentVerdict.INVALID, "not well-formed"),
        (sample(BESIDE[1]), DocumentVerdict.UNSUPPORTED, "neither XML nor a JSON object"),
        (
            b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Waybill-2"/>',
            DocumentVerdict.UNSUPPORTED,
            "a UBL Invoice",
        ),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"/>',
            DocumentVerdict.UNSUPPORTED,
            "the message admi.002",
        ),
    ],
)
def test_whatever_a_file_is_it_gets_a_verdict(data: bytes, verdict: DocumentVerdict, told: str) -> None:
    """Nothing is raised for what a file says, and what is not read is no fault of the file."""
    report = check_document(data)
    assert (report.verdict, report.document) == (verdict, None)
    assert told in str(report.findings[0])
    assert bool(report.fatal()) is (verdict is DocumentVerdict.INVALID)


def test_what_is_not_installed_cannot_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that nobody has looked at is neither valid nor invalid."""
    monkeypatch.setitem(sys.modules, "lxml", None)
    for name in [name for name in sys.modules if name.startswith("hanse_documents.syntax")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(hanse_documents.syntax, "ubl", raising=False)
    report = check_document(sample("invoice.xml"), "invoice.xml")
    assert (report.verdict, report.kind, report.fatal()) == (DocumentVerdict.CANNOT_CHECK, "", ())
    assert "with its extra `documents`" in report.findings[0].message


def test_each_row_names_a_reader_that_is_there() -> None:
    """Each reads the sample of its kind, and gives the document with what was found."""
    told = {check_document(sample(name)).kind for name in (*NAMES, BESIDE[0])}
    told = {kind.partition(".001.")[0] for kind in told}
    assert told == {"ubl-Invoice", "ubl-CreditNote", "edi3-CertificateOfOrigin", "pacs.008", "camt.054"}
    assert len(KINDS) >= len(told)
    assert isinstance(check_document(sample("certificate.json")).document, CertificateDocument)


def test_an_examiner_tells_what_is_fatal_in_the_order_in_which_it_was_found() -> None:
    """Faults and fatal findings stand as they were noted; a warning keeps nobody from reading."""
    examiner = Examiner()
    examiner.find("a", seen="1", wanted="2", rule="R-1", weight=FaultWeight.FATAL)
    examiner.find("b", seen="1", wanted="2")
    assert [each.weight for each in examiner.finish()] == [FaultWeight.FATAL, FaultWeight.WARNING]
    examiner.refuse("c", seen="1", wanted="2")
    with pytest.raises(DocumentError) as refused:
        examiner.finish()
    assert [each.field for each in refused.value.faults] == ["a", "c"]


def test_the_command_says_it_of_one_file_and_of_several(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object for one file, a list for several; the exit code is that of the worst of them."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "right.xml").write_bytes(sample("invoice.xml"))
    (folder / "wrong.xml").write_bytes(WRONG_SUM)
    (folder / "other.txt").write_bytes(b"other")
    (folder / "large.json").write_bytes(b"{" + bytes(20 * 1024 * 1024))
    right, wrong, other, large = (str(folder / name) for name in ("right.xml", "wrong.xml", "other.txt", "large.json"))
    assert run(["document", "check", right, "--json"]) == EXITS["valid"] == 0
    assert json.loads(capsys.readouterr().out)["terms"]["BT-1"] == "QW-2026-0917"
    assert run(["document", "check", other, wrong, right, large, "--json"]) == EXITS["invalid"] == 2
    told = json.loads(capsys.readouterr().out)
    assert [each["verdict"] for each in told] == ["unsupported", "invalid", "valid", "invalid"]
    fatal = [each for each in told[1]["findings"] if each["weight"] == "fatal"]
    assert [(each["id"], each["pointer"]) for each in fatal] == [("BR-CO-16", "/Invoice[1]/cac:LegalMonetaryTotal[1]")]
    assert fatal[0]["message"].startswith("Amount due for payment (BT-115) = ")
    assert told[1]["rule_set"]["id"].startswith("EN 16931 UBL")
    assert run(["document", "check", other]) == EXITS["unsupported"] == 14
    assert (
        "other.txt: unsupported\n  note  other.txt: other.txt is neither XML nor a JSON object."
        in capsys.readouterr().out
    )


def test_what_cannot_be_read_at_all_hinders_no_other_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not there, a folder, a pipe into which nobody writes: each cannot be checked, and says why."""
    monkeypatch.setattr("hanse_client.base.streams.WRITER_SECONDS", 0.1)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "right.json").write_bytes(sample("certificate.json"))
    words = [str(tmp_path / name) for name in ("none.xml", "pipe", "", "right.json")]
    assert run(["document", "check", *words, "--json"]) == EXITS["cannot check"] == 20
    told = json.loads(capsys.readouterr().out)
    assert [each["verdict"] for each in told] == ["cannot check"] * 3 + ["valid"]
    said = [each["findings"][0]["message"] for each in told[:3]]
    for text, why in zip(said, ("No such file", "nobody writes", "not a file"), strict=True):
        assert why in text
    assert run(["document", "check", words[0]]) == EXITS["cannot check"]


def test_two_messages_in_one_file_are_a_verdict_too() -> None:
    """One that has them does not hide what is said of the other files."""
    message = sample("camt054.xml").partition(b"?>")[2]
    report = check_document(b"<r>" + message + message + b"</r>", "two.xml")
    assert (report.verdict, report.kind) == (DocumentVerdict.UNSUPPORTED, "camt.054.001.08")
    assert "holds 2 messages. Give one message a file" in report.findings[0].message


def test_what_structure_and_reader_both_find_is_told_once() -> None:
    """An amount that is no number is one fault of its place."""
    report = check_document(sample("camt054.xml").replace(b">5150.00<", b">1E+100<"), "camt054.xml")
    assert report.verdict is DocumentVerdict.INVALID
    assert len(report.findings) == len(set(report.findings)) == 2


def test_a_name_of_a_file_forges_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file may be called in two lines, or in bytes that are no UTF-8: it is told on one, and in sound JSON."""
    for name in ("a\nother.xml: valid", "b\udcff.xml"):
        path = tmp_path / name
        path.write_bytes(b"<a/>")
        assert run(["document", "check", str(path)]) == 14
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2
        assert lines[0].endswith(": unsupported")
        assert run(["document", "check", str(path), "--json"]) == 14
        assert json.loads(capsys.readouterr().out)["verdict"] == "unsupported"
