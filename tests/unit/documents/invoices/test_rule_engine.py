"""Published rules run apart from us: within bounds, and never is "could not check" a verdict on the document."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_documents import DocumentError, DocumentVerdict, UnsupportedFormat, check_document, examine_judged
from hanse_documents.model.errors import FaultWeight
from hanse_documents.model.reports import NOT_RUN, DocumentReport
from hanse_documents.pipeline.checking import DESPITE
from hanse_documents.rules import ruleengine, rulesets, ruleworker
from hanse_documents.rules.judging import findings_of
from hanse_documents.rules.pointers import pointer_of
from hanse_documents.rules.ruleengine import EngineRefused, EngineUnavailable, RuleEngine, shared_engine
from hanse_documents.rules.rulesets import rules_of, schema_of
from hanse_documents.samples import sample
from hanse_documents.semantics.invoiceprofiles import profile_of

INVOICE = sample("invoice.xml").decode()
SHEET = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl">{}</svrl:schematron-output>
</xsl:template></xsl:stylesheet>"""
FAILED = (
    '<svrl:failed-assert id="OWN-1" flag="{}" location="/">'
    "<svrl:text>[OWN-1]-never right</svrl:text></svrl:failed-assert>"
)


def told(data: str | bytes, **options: object) -> DocumentReport:
    """Check an invoice by the engine that the tests share."""
    return check_document(data.encode() if isinstance(data, str) else data, "invoice.xml", **options)  # type: ignore[arg-type] # its arguments, by their names


def test_a_sound_invoice_passes_all_rules() -> None:
    """Its structure, and CEN's rules of EN 16931, named with their version and the hash of their file."""
    for name, kind in (("invoice.xml", "ubl-Invoice"), ("credit-note.xml", "ubl-CreditNote")):
        report = told(sample(name))
        assert (report.verdict, report.kind, report.structure_valid) == (DocumentVerdict.VALID, kind, True)
        chosen = rules_of(kind, "")
        assert chosen is not None
        assert report.rule_set == chosen.rule_set
        assert report.rule_set.id.startswith("EN 16931 UBL 1.3.")
        assert report.rule_set.sha256 == sha256(chosen.file.read_bytes()).hexdigest()
        assert [each.id for each in report.findings if each.weight is not FaultWeight.WARNING] in ([], ["profile"])


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<cbc:Percent>0</cbc:Percent>", "<cbc:Percent>21</cbc:Percent>", "BR-"),
        (">5150.00</cbc:PayableAmount>", ">5151.00</cbc:PayableAmount>", "BR-CO-16"),
        ('unitCode="C62"', 'unitCode="QQQ"', "BR-CL-23"),
        (">380<", ">999<", "BR-CL-01"),
        ("<cbc:IdentificationCode>CN<", "<cbc:IdentificationCode>QX<", "BR-CL-14"),
    ],
)
def test_what_our_own_reader_takes_the_rules_refuse(old: str, new: str, rule: str) -> None:
    """Categories of VAT and code lists are theirs; the finding has the rule's id, its place and its words."""
    assert old in INVOICE
    report = told(INVOICE.replace(old, new))
    assert report.verdict is DocumentVerdict.INVALID
    found = [each for each in report.fatal() if each.id.startswith(rule)]
    assert found
    assert found[0].field.startswith("/Invoice[1]/c")
    assert not found[0].message.startswith("[")


def test_a_wrong_structure_is_told_with_its_places_and_no_rules_are_run() -> None:
    """Rules say nothing of a document whose structure is not that which they were written for."""
    report = told(
        INVOICE.replace("<cbc:IssueDate>", "<cbc:IssueDates>").replace("</cbc:IssueDate>", "</cbc:IssueDates>")
    )
    assert (report.verdict, report.structure_valid, report.rule_set) == (DocumentVerdict.INVALID, False, None)
    assert (report.findings[0].id, report.findings[0].field) == ("XSD", "/*/cbc:IssueDates")
    assert "BR-03" in {each.id for each in report.findings}


def test_further_rules_are_named_by_their_path(tmp_path: Path) -> None:
    """A set of a user's own runs beside the official one; its file is hashed, and its fatal failures are fatal."""
    fatal, warning = tmp_path / "fatal.xslt", tmp_path / "warning.xslt"
    fatal.write_text(SHEET.format(FAILED.format("fatal")))
    warning.write_text(SHEET.format(FAILED.format("warning")))
    report = told(INVOICE, rules=[warning])
    assert (report.verdict, report.further_rule_sets[0].id) == (DocumentVerdict.VALID, "warning.xslt")
    assert report.further_rule_sets[0].sha256 == sha256(warning.read_bytes()).hexdigest()
    report = told(INVOICE, rules=[warning, fatal])
    assert [(each.id, each.message) for each in report.fatal()] == [("OWN-1", "never right")]
    with pytest.raises(OSError, match=r"none\.xslt"):
        told(INVOICE, rules=[tmp_path / "none.xslt"])


def test_the_engine_reads_no_file_that_a_document_names(tmp_path: Path) -> None:
    """A document type declaration never reaches it; nor do text of a document and an entity that was none."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    data = INVOICE.replace("?>", f'?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>', 1).replace(
        "Dinner plate", "&e;"
    )
    report = told(data)
    assert (report.verdict, report.kind, report.document) == (DocumentVerdict.INVALID, "", None)
    assert "document type declaration" in report.findings[0].message
    report = told(INVOICE.replace("Dinner plate", "&amp;e; &lt;!DOCTYPE"))
    assert report.verdict is DocumentVerdict.VALID


def test_without_the_engine_nothing_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor invalid, unless our own rules say so: what did not run is told."""
    monkeypatch.setattr(ruleengine, "find_spec", lambda _: None)
    engine = RuleEngine()
    report = told(INVOICE, engine=engine)
    assert (report.verdict, report.structure_valid, report.rule_set) == (DocumentVerdict.CANNOT_CHECK, True, None)
    assert "saxonche is not installed" in report.findings[-1].message
    report = told(INVOICE.replace(">5150.00</cbc:PayableAmount>", ">5151.00</cbc:PayableAmount>"), engine=engine)
    assert (report.verdict, [each.id for each in report.fatal()]) == (DocumentVerdict.INVALID, ["BR-CO-16"])
    monkeypatch.setattr(rulesets, "find_spec", lambda _: None)
    report = told(INVOICE, engine=engine)
    assert (report.verdict, report.structure_valid) == (DocumentVerdict.CANNOT_CHECK, None)
    assert "facturx is not installed" in report.findings[-1].message


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import sys; sys.exit(3)",
        "print('none of ours')",
        "import os; os.close(1); os.close(0)",
    ],
)
def test_an_engine_that_hangs_or_dies_cannot_check(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """It is killed after its time; the next document gets a new one."""
    engine = RuleEngine(seconds=0.4)
    monkeypatch.setattr(ruleengine, "_PROGRAM", program)
    report = told(INVOICE, engine=engine)
    assert report.verdict is DocumentVerdict.CANNOT_CHECK
    assert "did not run: the rule engine did not end within 0.4 s" in report.findings[-1].message
    engine.close()


def test_an_engine_beyond_its_memory_cannot_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is the process's own: what it may write to, not what it reserves."""
    program = "from hanse_documents.rules import ruleworker\nruleworker.BOUND = 1 << 26\nruleworker.main()"
    monkeypatch.setattr(ruleengine, "_PROGRAM", program)
    engine = RuleEngine()
    assert told(INVOICE, engine=engine).verdict is DocumentVerdict.CANNOT_CHECK
    engine.close()


def test_rules_that_fail_are_no_pass(tmp_path: Path) -> None:
    """A set that ends in an error or gives no report says "invalid", and the engine lives on."""
    sheet = tmp_path / "own.xslt"
    sheet.write_text(SHEET.format('<xsl:message terminate="yes">no</xsl:message>'))
    with pytest.raises(EngineRefused):
        shared_engine().run(sheet, "<a/>")
    assert told(INVOICE).verdict is DocumentVerdict.VALID
    chosen = rules_of("ubl-Invoice", "")
    assert chosen is not None
    with pytest.raises(EngineRefused):
        shared_engine().run(chosen.file, "<a")


def test_rules_that_do_not_compile_say_nothing_of_the_document(tmp_path: Path) -> None:
    """Whoever named the set has to mend it: the invoice is not invalid, and the set is none of those that ran."""
    sheet = tmp_path / "own.xslt"
    sheet.write_text("<no-stylesheet/>")
    report = told(INVOICE, rules=[sheet])
    assert (report.verdict, report.fatal(), report.further_rule_sets) == (DocumentVerdict.CANNOT_CHECK, (), ())
    assert "own.xslt did not run: the rule engine stopped: the rule set does not compile" in report.findings[-1].message
    assert told(INVOICE).verdict is DocumentVerdict.VALID


def test_an_answer_that_nobody_waited_for_is_not_given_to_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who interrupts a check, as a notebook does, and checks another document is told of that one."""
    sheet = tmp_path / "own.xslt"
    sheet.write_text(SHEET.format('<svrl:text><xsl:value-of select="name(*)"/></svrl:text>'))
    engine = RuleEngine()
    assert "first" in engine.run(sheet, "<first/>")
    with monkeypatch.context() as during:
        during.setattr(ruleengine, "receive", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.run(sheet, "<second/>")
    assert "third" in engine.run(sheet, "<third/>")
    engine.close()


def _interrupted(_: object) -> bytes:
    raise KeyboardInterrupt


def test_processes_are_replaced_after_many_documents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Native memory is given back with its process; a fork of ours starts one of its own."""
    monkeypatch.setattr(ruleengine, "DOCUMENTS", 1)
    sheet = tmp_path / "none.xslt"
    sheet.write_text(SHEET.format(""))
    engine = RuleEngine()
    processes = set()
    for _ in range(2):
        assert findings_of(engine.run(sheet, "<a/>")) == ()
        assert engine._process is not None
        processes.add(engine._process.pid)
    assert len(processes) == 2
    engine.close()
    engine.close()
    monkeypatch.setattr(subprocess, "Popen", _nothing_starts)
    with pytest.raises(EngineUnavailable):
        engine.run(sheet, "<a/>")
    engine.prepare(sheet)


def _nothing_starts(*_: object, **__: object) -> None:
    raise OSError(11, "no process left")


def test_the_worker_serves_until_its_pipe_closes(tmp_path: Path) -> None:
    """Spoken to as the engine speaks to it: a rule set to compile gets no answer, a document gets one."""
    sheet = tmp_path / "own.xslt"
    sheet.write_text(SHEET.format(FAILED.format("fatal")))
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", ruleengine._PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ruleworker.send(process.stdin, ruleworker.Task(str(sheet)))
    ruleworker.send(process.stdin, ruleworker.Task(str(sheet), "<a/>"))
    assert b"OWN-1" in ruleworker.receive(process.stdout)
    process.stdin.close()
    assert ruleworker.receive(process.stdout) == b""
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.mark.parametrize(
    ("specification", "profile"),
    [
        ("urn:factur-x.eu:1p0:minimum", "MINIMUM"),
        ("urn:zugferd.de:2p0:minimum", "MINIMUM"),
        ("urn:factur-x.eu:1p0:basicwl", "BASIC WL"),
        ("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "BASIC"),
        ("urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic", "BASIC"),
        ("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", "EXTENDED"),
        ("urn:cen.eu:en16931:2017#conformant#urn:zugferd.de:2p0:extended", "EXTENDED"),
        ("urn:cen.eu:en16931:2017", "EN16931"),
        ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", "EN16931"),
        ("", "EN16931"),
    ],
)
def test_the_profile_is_what_bt_24_names(specification: str, profile: str) -> None:
    """Each published profile by its own rules, every other specification by EN 16931."""
    assert profile_of(specification) == profile
    chosen = rules_of("cii", specification)
    assert chosen is not None
    assert chosen.rule_set.id.startswith(f"Factur-X {profile} 1.09")
    assert chosen.file.is_file()
    assert bool(chosen.note) is (specification != "urn:cen.eu:en16931:2017" and profile not in {"BASIC", "EXTENDED"})


def test_schemas_are_there() -> None:
    """Of each kind that rules judge."""
    assert all((file := schema_of(kind)) and file.is_file() for kind in ("ubl-Invoice", "ubl-CreditNote", "cii"))


def test_places_are_written_as_people_read_them() -> None:
    """Prefixes that everybody uses, and no whole namespaces."""
    cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    invoice = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    location = f"/*:Invoice[namespace-uri()='{invoice}'][1]/*:Price[namespace-uri()='{cac}'][2]"
    assert pointer_of(location) == "/Invoice[1]/cac:Price[2]"
    assert pointer_of("/*:a[namespace-uri()='b']/@*[local-name()='unit' and x]") == "/a/@unit"


def test_who_wants_to_rely_on_a_document_gets_it_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks a rule is refused by the rule's name, or given with it; where nothing ran that is told beside it."""
    wrong = INVOICE.replace('unitCode="C62"', 'unitCode="QQQ"').encode()
    with pytest.raises(DocumentError, match=r"\(BR-CL-23\)") as refused:
        examine_judged(wrong)
    assert refused.value.action == DESPITE
    assert "BR-CL-23" in {each.id for each in examine_judged(wrong, despite_findings=True).findings}
    assert examine_judged(INVOICE.encode()).findings == ()
    with pytest.raises(DocumentError, match="BT-9"):
        examine_judged(INVOICE.replace(">2026-10-17<", ">soon<").encode())
    with pytest.raises(UnsupportedFormat, match="credit note"):
        examine_judged(sample("credit-note.xml"))
    monkeypatch.setattr(ruleengine, "find_spec", lambda _: None)
    assert [each.id for each in examine_judged(INVOICE.encode()).findings] == [NOT_RUN]
