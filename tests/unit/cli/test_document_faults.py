"""Whatever is wrong with a document, its reader says so itself, and says everything at once."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hanse_cli.output.exits import error_document, lines_of, meaning_of
from hanse_client.base import errors, files
from hanse_documents import DocumentError, Fault, UnsupportedFormat, examine_document, read_document
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.model.errors import FAULTS, SHOWN, Examiner, fault
from hanse_documents.samples import NAMES, sample
from tests.unit.documents.crossindustry import pdf

XML = [name for name in NAMES if name.endswith(".xml")]
INVOICE = sample("invoice.xml").decode()

Change = Callable[[etree._Element], None]


def remove(element: etree._Element) -> None:
    """Take an element away."""
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def empty(element: etree._Element) -> None:
    """Leave an element without content and attributes."""
    element.clear()


def double(element: etree._Element) -> None:
    """Let an element stand twice."""
    element.addnext(copy.deepcopy(element))


def garble(element: etree._Element) -> None:
    """Put another text into an element."""
    element.text = "¿?"


def nest(element: etree._Element) -> None:
    """Put an element into itself."""
    element.append(copy.deepcopy(element))


def bare(element: etree._Element) -> None:
    """Take the attributes of an element away."""
    for name in list(element.attrib):
        del element.attrib[name]


CHANGES: list[Change] = [remove, empty, double, garble, nest, bare]


def mutants(data: bytes, change: Change) -> Iterator[bytes]:
    """Change each element of a file in turn."""
    count = sum(1 for _ in etree.fromstring(data).iter("*"))
    for place in range(1, count):
        root = etree.fromstring(data)
        change(list(root.iter("*"))[place])
        yield etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def read_or_refused(data: bytes, name: str) -> bool:
    """Tell whether a file was read; what is refused is refused with a field, with what was seen and what is wanted."""
    try:
        reading = examine_document(data, name)
    except DocumentError as error:
        told = error.faults
    except UnsupportedFormat:
        return False
    else:
        for document in reading.document if isinstance(reading.document, tuple) else (reading.document,):
            assert terms(document)
        return True
    assert told
    assert all(each.field and each.seen and each.wanted for each in told)
    assert "\n" not in "".join(map(str, told))
    return False


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", XML)
def test_every_element_may_be_wrong(name: str, change: Change) -> None:
    """Each element of each sample removed, emptied, doubled, garbled, nested: read, or refused in words, never else."""
    answers = [read_or_refused(data, name) for data in mutants(sample(name), change)]
    assert len(answers) > 20
    if change in (remove, empty):
        assert {True, False} == set(answers)


@pytest.mark.slow
def test_every_element_of_published_files_may_be_wrong(shared: Path) -> None:
    """The same of other people's files, where they lie."""
    files_ = [
        *(shared / "samples" / "ubl").glob("ubl-tc434-example[12].xml"),
        *(shared / "samples" / "iso20022").glob("*pacs.008*.xml"),
        *(shared / "field").glob("camt054-[bcr]*.xml"),
    ]
    assert files_
    for path in files_:
        for change in (remove, empty, double):
            for data in mutants(path.read_bytes(), change):
                read_or_refused(data, path.name)


def json_mutants(value: Any) -> Iterator[Any]:
    """Change each value of a JSON document in turn: away, nothing, another type."""
    match value:
        case dict():
            for key, inner in value.items():
                yield {name: other for name, other in value.items() if name != key}
                for changed in (None, "", 7, True, [], {}, [inner], *json_mutants(inner)):
                    yield {**value, key: changed}
        case list():
            for place, inner in enumerate(value):
                yield value[:place] + value[place + 1 :]
                for changed in (None, "", 7, [], {}, *json_mutants(inner)):
                    yield [*value[:place], changed, *value[place + 1 :]]
        case _:
            return


def test_every_value_of_a_certificate_may_be_wrong() -> None:
    """Each value of the sample removed or of another type: read, or refused in words."""
    whole = json.loads(sample("certificate.json"))
    answers = [read_or_refused(json.dumps(value).encode(), "certificate.json") for value in json_mutants(whole)]
    assert len(answers) > 400
    assert {True, False} == set(answers)


def test_an_account_without_a_number_is_told() -> None:
    """An account with a name alone breaks BR-50: it is no account, and no reason not to read the invoice."""
    data = INVOICE.replace("<cbc:ID>BE68539007547034</cbc:ID>", "").encode()
    reading = examine_document(data)
    assert isinstance(reading.document, InvoiceDocument)
    assert reading.document.accounts == ()
    assert [each.field for each in reading.findings] == ["BG-17/1/BT-84"]
    assert "BR-50" in reading.findings[0].wanted


def broken() -> bytes:
    """Write an invoice with five faults."""
    changes = [
        ("<cbc:IssueDate>2026-09-17", "<cbc:IssueDate>17.9.26"),
        ("<cbc:DueDate>2026-10-17", "<cbc:DueDate>soon\x0anow"),
        (">CN</cbc:IdentificationCode>", ">China</cbc:IdentificationCode>"),
        ('unitCode="C62">120<', 'unitCode="C62">many<'),
        ("<cbc:Name>Tea bowl</cbc:Name>", ""),
    ]
    text = INVOICE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


FIELDS = ["BG-25/2/BT-153", "BG-25/1/BT-129", "BT-2", "BT-9", "BT-40"]


def test_every_fault_of_an_invoice_is_told_at_once() -> None:
    """One run tells all that is wrong, each with its term, what is there and what should be."""
    with pytest.raises(DocumentError) as refused:
        read_document(broken(), "invoice.xml")
    assert sorted(each.field for each in refused.value.faults) == sorted(FIELDS)
    due = next(each for each in refused.value.faults if each.field == "BT-9")
    assert due == Fault(field="BT-9", seen="soon now", wanted="a calendar date, YYYY-MM-DD")
    assert all(str(each) in str(refused.value) for each in refused.value.faults)


def test_every_fault_of_a_certificate_is_told_at_once() -> None:
    """The shape and the values of all lines, not of the first alone."""
    value = json.loads(sample("certificate.json"))
    del value["iD"]
    value["issuer"] = 7
    value["isPreferential"] = "no"
    lines = [
        line for item in value["supplyChainConsignment"]["includedConsignmentItems"] for line in item["tradeLineItems"]
    ]
    lines[0]["tradeProduct"]["originCountry"]["code"] = "China"
    del lines[1]["tradeProduct"]
    lines[2]["tradeDelivery"]["despatchedQuantity"]["unitCode"] = 5
    with pytest.raises(DocumentError) as refused:
        read_document(json.dumps(value).encode())
    place = "supplyChainConsignment/includedConsignmentItems/tradeLineItems"
    assert sorted(each.field for each in refused.value.faults) == sorted(
        [
            "iD",
            "issuer",
            "isPreferential",
            f"{place}/1/tradeProduct/originCountry/code",
            f"{place}/2/tradeProduct",
            f"{place}/3/tradeDelivery/despatchedQuantity/unitCode",
        ]
    )


def test_the_sdk_and_the_command_line_drop_no_word() -> None:
    """Field, seen and wanted of every fault stand in the error, in the lines on stderr and in the JSON document."""
    with pytest.raises(errors.DocumentError) as refused:
        files.read_typed(broken(), "invoice.xml", InvoiceDocument)
    error = refused.value
    assert sorted(each.field for each in error.faults) == sorted(FIELDS)
    assert all(str(each) in str(error) for each in error.faults)
    heading, *lines, action = lines_of(error)
    assert heading == "invoice.xml has 5 faults:"
    assert lines == [f"  {each}" for each in error.faults]
    assert action == error.action
    told: Any = error_document(error)["error"]
    assert told["faults"] == [{"field": e.field, "seen": e.seen, "wanted": e.wanted} for e in error.faults]
    assert (told["field"], told["seen"], told["wanted"]) == (error.field, error.seen, error.wanted)
    assert (told["code"], told["exit_code"]) == ("bad-input", 2)


def test_one_fault_stands_on_one_line() -> None:
    """The usual refusal names the file, the term, what is there, what should be, and what to do."""
    with pytest.raises(errors.DocumentError) as refused:
        files.read_typed(INVOICE.replace("2026-10-17", "soon").encode(), "invoice.xml", InvoiceDocument)
    told = "invoice.xml: BT-9: soon; wanted: a calendar date, YYYY-MM-DD."
    assert lines_of(refused.value) == [f"{told} Ask whoever made the document for a corrected one."]


def test_a_format_that_is_not_read_has_its_own_exit_code() -> None:
    """A PDF may be in order: that it is not read here is not the user's mistake."""
    with pytest.raises(errors.UnsupportedDocument) as refused:
        files.read_typed(pdf(), "scan.pdf", InvoiceDocument)
    meaning = meaning_of(refused.value)
    assert (int(meaning.exit_code), meaning.code) == (14, "unsupported-format")
    assert isinstance(refused.value, errors.DocumentError)


def test_a_document_that_is_too_large_says_how_large(tmp_path: Path) -> None:
    """The size and the bound stand in the refusal, of bytes and of a file."""
    path = tmp_path / "invoice.xml"
    path.write_bytes(b"<a/>" + b" " * files.DOCUMENT_BYTES)
    for source in (path, path.read_bytes()):
        with pytest.raises(errors.DocumentError, match="20,971,524 bytes; at most 20,971,520 are read"):
            files.read_source(source)


def test_faults_are_bounded_and_harmless() -> None:
    """A document with thousands of faults tells the first ones and how many more; a value is one short line."""
    examiner = Examiner()
    for place in range(FAULTS + 10):
        examiner.refuse(f"BT-{place}", seen="x", wanted="y")
        examiner.refuse(f"BT-{place}", seen="x", wanted="y")
    with pytest.raises(DocumentError) as refused:
        examiner.finish()
    assert len(refused.value.faults) == FAULTS + 1
    assert refused.value.faults[-1].seen == "10 more"
    long = fault("BT-1", seen="a\n b" + "c" * 500, wanted="d")
    assert len(long.seen) == SHOWN + 1
    assert long.seen.startswith("a bc")
