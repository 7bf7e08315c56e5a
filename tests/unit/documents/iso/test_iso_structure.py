"""The structure of a message is judged as its schema judges it, and none is called valid that nobody has judged."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.samples import sample
from hanse_documents.syntax.iso.messagetable import MESSAGES
from hanse_documents.syntax.iso20022 import read_iso20022_root, structure_of_message
from hanse_documents.syntax.xml import open_xml
from tests.unit.documents.iso.planting import message_of, planted_in
from tests.unit.documents.iso.schemas import ClassSchema, XsdSchema

TRANSFER = sample("pacs008.xml").decode()
NOTICE = sample("camt054.xml").decode()

FULLEST = {"pacs.008": "08", "camt.056": "08"}
DETAIL = "Ntry[1]/NtryDtls/TxDtls[1]"

Change = Callable[[etree._Element], None]


def deleted(element: etree._Element) -> None:
    """Leave an element out."""
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def emptied(element: etree._Element) -> None:
    """Leave an element's content out."""
    for child in list(element):
        element.remove(child)
    element.text = ""


def doubled(element: etree._Element) -> None:
    """Write an element twice."""
    element.addnext(deepcopy(element))


def moved(element: etree._Element) -> None:
    """Put an element behind all that stand beside it."""
    parent = element.getparent()
    assert parent is not None
    parent.append(element)


def changed(element: etree._Element) -> None:
    """Write another text, or a text where there is none."""
    element.text = "no such text, and a longer one than any code or id may be"


def renamed(element: etree._Element) -> None:
    """Call an element otherwise."""
    element.tag = f"{element.tag}X"


def unattributed(element: etree._Element) -> None:
    """Leave attributes out, or write one."""
    if element.attrib:
        element.attrib.clear()
    else:
        element.set("Ccy", "EUR")


CHANGES: tuple[Change, ...] = (deleted, emptied, doubled, moved, changed, renamed, unattributed)


def mutants(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Change each element of a message in each way, one at a time."""
    for place in range(2, len(list(root.iter()))):
        for change in CHANGES:
            copy = deepcopy(root)
            element = list(copy.iter())[place]
            change(element)
            yield f"{change.__name__} {etree.QName(element).localname} ({place})", copy


@pytest.mark.parametrize("name", ["camt.053.001.02", "camt.054.001.08", "pacs.008.001.08", "pain.001.001.09"])
def test_structure_is_judged_as_the_schema_does(iso_schemas: Path, name: str) -> None:
    """Each element deleted, emptied, doubled, moved, changed, renamed: valid here is valid there, and no other."""
    schema = XsdSchema(iso_schemas / f"{name}.xsd")
    judge = etree.XMLSchema(schema.tree)
    values, _ = planted_in(schema, MESSAGES[name[:8]])
    others = [
        told
        for told, mutant in mutants(open_xml(message_of(schema, values)))
        if judge.validate(mutant) is not structure_of_message(mutant)[0]
    ]
    assert others == []


@pytest.mark.parametrize("definition", MESSAGES)
def test_whatever_is_wrong_is_said(definition: str) -> None:
    """Each element of each message wrong in each way: it is read or refused in words, and never a program's error."""
    schema = ClassSchema(definition, f"001.{FULLEST.get(definition, '10')}")
    values, _ = planted_in(schema, MESSAGES[definition])
    root = open_xml(message_of(schema, values))
    told = 0
    for _, mutant in mutants(root):
        valid, found = structure_of_message(mutant)
        try:
            _, wrong = read_iso20022_root(mutant)
        except (DocumentError, UnsupportedFormat) as error:
            told += bool(str(error))
        else:
            told += valid is True or bool(found or wrong)
    assert told == len(CHANGES) * (len(list(root.iter())) - 2)


def test_samples_are_judged_as_the_schema_does(shared: Path, expected: dict[str, list[tuple[str, bool]]]) -> None:
    """Of messages that others have made the verdicts are those of their schemas."""
    seen = 0
    for file, messages in expected.items():
        for name, valid in messages:
            if name[:8] in MESSAGES:
                judged = structure_of_message(open_xml((shared / "samples" / file).read_bytes()))[0]
                assert judged is valid, (file, name)
                seen += 1
    assert seen >= 13


@pytest.fixture
def expected(shared: Path) -> dict[str, list[tuple[str, bool]]]:
    """Give what the samples' schemas say: for each file its messages, and whether they are valid."""
    files = json.loads((shared / "samples" / "expected.json").read_bytes())["files"]
    return {
        file: [(message["msg"], message["xsd_valid"]) for message in facts["messages"]]
        for file, facts in files.items()
        if file.startswith("iso20022/") and "messages" in facts
    }


@pytest.mark.parametrize(
    ("text", "old", "new", "field", "wanted"),
    [
        (TRANSFER, "<ChrgBr>SLEV</ChrgBr>", "", "CdtTrfTxInf[1]/ChrgBr", "this element"),
        (TRANSFER, "SLEV", "HIM", "CdtTrfTxInf[1]/ChrgBr", "one of CRED, DEBT, SHAR, SLEV"),
        (TRANSFER, "<CdtrAgt>", "<CdtrAgtX>", "CdtTrfTxInf[1]/CdtrAgtX", "no such element here"),
        (TRANSFER, "5150.00", "5150.000001", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "5 of them behind the point"),
        (TRANSFER, "5150.00<", "1e3<", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "a decimal number"),
        (TRANSFER, "2026-10-12</IntrBk", "2026-02-30</IntrBk", "CdtTrfTxInf[1]/IntrBkSttlmDt", "a date"),
        (TRANSFER, "T09:14:03+02:00", "T25:14:03+02:00", "GrpHdr/CreDtTm", "a date with a time"),
        (TRANSFER, "QW-2026-0917", "Q" * 36, "CdtTrfTxInf[1]/RmtInf/Strd/RfrdDocInf/Nb", "1 to 35 characters"),
        (TRANSFER, "<GrpHdr>", "<GrpHdr>text", "GrpHdr", "no text between them"),
        (TRANSFER, ' Ccy="EUR"', "", "CdtTrfTxInf[1]/IntrBkSttlmAmt/@Ccy", "this attribute"),
        (
            NOTICE,
            "<IBAN>BE71096123456769</IBAN>",
            "",
            "Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/DbtrAcct/Id",
            "one of IBAN",
        ),
        (NOTICE, "<NtryRef>1</NtryRef>", '<NtryRef Ccy="EUR">1</NtryRef>', "Ntry[1]/NtryRef/@Ccy", "none"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(text: str, old: str, new: str, field: str, wanted: str) -> None:
    """Each finding says where, what stands there and what should."""
    assert old in text
    data = text.replace(old, new).replace("</CdtrAgt>", "</CdtrAgtX>" if "CdtrAgtX" in new else "</CdtrAgt>")
    valid, found = structure_of_message(open_xml(data.encode()))
    assert valid is False
    assert any(each.field == field and wanted in each.wanted for each in found), found


def test_a_version_without_a_schema_is_not_called_valid() -> None:
    """Nobody has looked then: it says so, and what a payment needs is asked for all the same."""
    later = TRANSFER.replace("pacs.008.001.08", "pacs.008.001.99")
    valid, found = structure_of_message(open_xml(later.encode()))
    assert valid is None
    assert [each.field for each in found] == ["Document"]
    agents = later.replace("CdtrAgt>", "CdtrAgtX>")
    _, found = structure_of_message(open_xml(agents.encode()))
    assert [each.field for each in found] == ["Document", "CdtTrfTxInf[1]/CdtrAgt"]


def test_many_faults_are_bounded() -> None:
    """A message of ten thousand wrong payments is judged in seconds, and not every fault is told."""
    first, last = TRANSFER.index("<CdtTrfTxInf>"), TRANSFER.index("</CdtTrfTxInf>") + len("</CdtTrfTxInf>")
    one = TRANSFER[first:last].replace("SLEV", "HIM")
    root = open_xml((TRANSFER[:first] + one * 5_000 + TRANSFER[last:]).encode())
    valid, found = structure_of_message(root)
    assert (valid, len(found)) == (False, 256)
    payments, _ = read_iso20022_root(root)
    assert len(payments) == 5_000
