"""Invoices that other people published: structure and failed rules are those that the rules' own tools found."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hanse_documents import DocumentVerdict, check_document
from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.rules.judging import judged
from hanse_documents.rules.ruleengine import shared_engine
from hanse_documents.rules.rulesets import rules_of

SMALL = ("urn:factur-x.eu:1p0:minimum", "urn:factur-x.eu:1p0:basicwl")


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    """Read what was measured of each sample."""
    files: dict[str, Any] = json.loads((shared / "samples" / "expected.json").read_text("utf-8"))["files"]
    return files


def of_en16931(ids: Counter[str]) -> Counter[str]:
    """Keep the rules of EN 16931 but code lists."""
    return Counter({name: count for name, count in ids.items() if name.startswith("BR-") and "BR-CL" not in name})


def test_ubl_has_the_same_structure_and_fails_the_same_rules(shared: Path, expected: dict[str, Any]) -> None:
    """Every id, fatal or not, as often; and each that nothing fatal was found in is read."""
    names = [name for name, says in expected.items() if str(says.get("kind")).startswith("ubl-")]
    assert len(names) == 22
    for name in names:
        report = check_document((shared / "samples" / name).read_bytes(), name)
        assert (report.kind, report.structure_valid) == (expected[name]["kind"], expected[name]["xsd_valid"]), name
        found = Counter(each.id for each in report.findings if each.field.startswith("/"))
        assert found == Counter(expected[name]["en16931_failed"]), name
        assert (report.verdict is DocumentVerdict.VALID) is (not report.fatal()), name
        assert report.fatal() or isinstance(report.document, InvoiceDocument), name


def test_cii_has_the_same_structure_and_fails_the_same_rules(shared: Path, expected: dict[str, Any]) -> None:
    """Bare and in PDFs; small profiles have rules of their own."""
    tried = 0
    for name, says in expected.items():
        inside = next(iter(says.get("attachments", {}).values()), says)
        if inside.get("kind") != "cii":
            continue
        tried += 1
        report = check_document((shared / "samples" / name).read_bytes(), name)
        assert (report.kind, report.structure_valid) == ("cii", inside["xsd_valid"]), name
        if inside.get("profile") not in SMALL:
            found = Counter(each.id for each in report.findings if each.field.startswith("/"))
            assert of_en16931(found) == of_en16931(Counter(inside["en16931_failed"])), name
        assert isinstance(report.document, InvoiceDocument), name
    assert tried == 21


def test_the_unit_set_of_cen_is_judged_as_it_says(shared: Path, expected: dict[str, Any]) -> None:
    """Each fragment of an invoice is made for one rule, which it breaks or not."""
    chosen = rules_of("ubl-Invoice", "")
    assert chosen is not None
    tried = 0
    for name, says in expected.items():
        if "unit" not in says or not name.startswith("ubl/"):
            continue
        tests = etree.parse(str(shared / "samples" / name)).getroot().findall("{*}test")
        for test, unit in zip(tests, says["unit"], strict=True):
            root = etree.fromstring(etree.tostring(test[-1], with_tail=False))
            broken = {each.id for each in judged(root, chosen, shared_engine())}
            for asked in unit["expect"]:
                kind, _, rule = asked.partition(":")
                assert (rule in broken) is (kind == "error"), (name, unit)
                tried += 1
    assert tried == 52
