"""Invoices with one thing wrong: each element once deleted, emptied, doubled, changed, moved.

A few mutants run here. All of them, of ours and of published clean invoices: `HANSE_MUTANTS=all`, some minutes.
"""

import os
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from hanse_documents import DocumentVerdict, check_document
from hanse_documents.rules.ruleengine import EngineRefused, shared_engine
from hanse_documents.rules.rulesets import rules_of, schema_of
from hanse_documents.samples import sample
from tests.unit.documents.crossindustry import cross_industry

ALL = os.environ.get("HANSE_MUTANTS") == "all"
FEW = 25
SEED = 77
CLEAN = (
    "ubl/guide-example3.xml",
    "ubl/BIS_Billing_30-Rabatter_och_avgifter.xml",
    "ubl/CreditNote-Max_content.xml",
    "cii/CII_business_example_Z.xml",
    "cii/CII_example5.xml",
)
OURS = {
    "invoice.xml": ("ubl-Invoice", sample("invoice.xml")),
    "credit-note.xml": ("ubl-CreditNote", sample("credit-note.xml")),
    "invoice-cii.xml": ("cii", cross_industry().encode()),
}

SAMPLES = Path(os.environ.get("HANSE_SHARED", "")) / "samples"
FATAL = re.compile(r'<svrl:failed-assert[^>]*?\bid="(BR-[^"]*)"[^>]*>')
WARNING = re.compile(r'\b(?:flag|role)="warning"')


def mutants(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Change each element of a document in each way, one at a time."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    whole = etree.fromstring(data, parser)
    for place, element in enumerate(list(whole.iter())):
        if element is whole:
            continue
        for way in ("deleted", "emptied", "doubled", "changed", "moved"):
            copy = deepcopy(whole)
            _mutate(list(copy.iter())[place], way)
            yield f"{way} {etree.QName(element).localname} {place}", etree.tostring(copy)


def _mutate(element: etree._Element, way: str) -> None:
    parent = element.getparent()
    assert parent is not None
    match way:
        case "deleted":
            parent.remove(element)
        case "emptied":
            element.text = None
            del element[:]
        case "doubled":
            element.addnext(deepcopy(element))
        case "changed":
            _change(element)
        case _:
            parent.insert(0 if parent[0] is not element else len(parent), element)


def _change(element: etree._Element) -> None:
    text = (element.text or "").strip()
    if len(element) or not text:
        for name in element.attrib:
            element.set(name, "QQQ")
    elif text.replace(".", "").replace("-", "").isdigit():
        element.text = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    else:
        element.text = f"Q{text[1:]}" if len(text) > 1 else "Q"


@cache
def compiled(schema: Path) -> etree.XMLSchema:
    """Compile a schema, once."""
    return etree.XMLSchema(etree.parse(str(schema)))


def broken(kind: str, data: bytes) -> set[str]:
    """Judge a document by schema and rules without our pipeline: which rules of EN 16931 break; XSD for the schema."""
    root = etree.fromstring(data)
    schema, chosen = schema_of(kind), rules_of(kind, "urn:cen.eu:en16931:2017")
    assert schema is not None
    assert chosen is not None
    if not compiled(schema).validate(root):
        return {"XSD"}
    try:
        svrl = shared_engine().run(chosen.file, etree.tostring(root, encoding="unicode"))
    except EngineRefused:
        return {"engine"}
    return {found[1] for found in FATAL.finditer(svrl) if not WARNING.search(found[0])}


def published(name: str) -> tuple[str, bytes]:
    """Read a clean invoice that other people wrote, and tell its kind."""
    data = (SAMPLES / name).read_bytes()
    return check_document(data).kind, data


def judge(kind: str, mutant: bytes) -> None:
    """Hold a verdict against what schema and rules say."""
    report = check_document(mutant, "mutant.xml")
    rules = broken(kind, mutant)
    assert report.verdict in {DocumentVerdict.VALID, DocumentVerdict.INVALID}
    assert report.structure_valid is ("XSD" not in rules)
    if rules:
        assert report.verdict is DocumentVerdict.INVALID
    if "XSD" not in rules:
        assert rules <= {each.id for each in report.fatal()}
    if report.verdict is DocumentVerdict.VALID:
        assert report.document is not None


@pytest.mark.timeout(3_600 if ALL else 120)
@pytest.mark.parametrize("name", (*OURS, *CLEAN) if ALL else OURS)
def test_what_the_rules_refuse_is_never_valid(name: str) -> None:
    """Of a sound structure or not; and no file ends in an error."""
    kind, data = OURS[name] if name in OURS else published(name)
    made = list(mutants(data))
    assert len(made) > 400
    chosen = made if ALL else random.Random(SEED).sample(made, FEW)  # noqa: S311 (which few are tried is no secret)
    for way, mutant in chosen:
        try:
            judge(kind, mutant)
        except AssertionError as error:
            raise AssertionError(f"{name}: {way}: {error}") from error
