"""The schemas of ISO 20022 messages, from which a test writes some: the published XSDs, or the classes made of them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from hanse_documents.syntax.iso.facets import UNBOUNDED, Judge, Shape, document_type, shape_of

XS = "{http://www.w3.org/2001/XMLSchema}"

# One of them is right for each type that a message asks for.
CANDIDATES = (
    *("A", "A1", "ABCD", "EUR", "BE", "1", "0.5", "true", "2026-10-12", "2026-10-12T09:15:41", "09:15:41", "2026"),
    *("QUJD", "BE68539007547034", "HNSABEB0", "HNSABEB0XXX", "00000000000000000098", "+32-1", "123", "AB", "Z"),
    *("7f0d2c34-9a51-4c1e-8b77-2d6f0e1a9c55", "AA00", "12345678", "a0a0"),
)


@dataclass
class Kind:
    """What an element holds: `parts` in their order, or a text that `sample` is one of."""

    parts: list["Member"] = field(default_factory=list)
    choice: bool = False
    anything: bool = False
    sample: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Member:
    """An element that may stand in another, how often at least and at most."""

    name: str
    least: int
    most: int
    kind_name: str


class Schema:
    """A schema by the names of its types; the first one is that of the document."""

    def __init__(self, namespace: str, root: str) -> None:
        self.namespace, self.root = namespace, root

    def kind(self, name: str) -> Kind:
        """Give what a type holds."""
        raise NotImplementedError


class ClassSchema(Schema):
    """What pyiso20022 has of a version."""

    def __init__(self, definition: str, version: str) -> None:
        self.document = document_type(definition, version)
        assert self.document is not None
        super().__init__(f"urn:iso:std:iso:20022:tech:xsd:{definition}.{version}", "Document")
        self._types: dict[str, type] = {"Document": self.document}
        self._judges: dict[str, Judge] = {}

    def kind(self, name: str) -> Kind:
        """Give what a type holds."""
        if name in self._judges:
            return Kind(sample=sample(self._judges[name]))
        shape: Shape = shape_of(self._types[name])
        parts = []
        for part_name, part in shape.parts.items():
            inner = f"{name}/{part_name}"
            if part.type is not None:
                self._types[inner] = part.type
            else:
                assert part.judge is not None
                self._judges[inner] = part.judge
            parts.append(Member(part_name, part.least, part.most, inner))
        text = None if shape.text is None else sample(shape.text)
        given = {attribute: sample(judge) for attribute, (judge, _) in shape.attributes.items()}
        return Kind(parts=parts, choice=shape.choice, anything=shape.anything, sample=text, attributes=given)


class XsdSchema(Schema):
    """A published XSD: only what those of ISO 20022 are made of."""

    def __init__(self, file: Path) -> None:
        self.tree = etree.parse(file)
        root = self.tree.getroot()
        self._named = {element.get("name"): element for element in root if element.tag != f"{XS}element"}
        document = root.find(f"{XS}element")
        assert document is not None
        super().__init__(root.get("targetNamespace") or "", document.get("type") or "")

    def kind(self, name: str) -> Kind:
        """Give what a type holds."""
        local = name.rpartition(":")[2]
        element = self._named.get(local)
        if element is None or element.tag == f"{XS}simpleType":
            return Kind(sample=sample(self._judge(local)))
        extension = element.find(f"{XS}simpleContent/{XS}extension")
        if extension is not None:
            attributes = {
                each.get("name") or "": sample(self._judge((each.get("type") or "").rpartition(":")[2]))
                for each in extension.iter(f"{XS}attribute")
            }
            return Kind(
                sample=sample(self._judge((extension.get("base") or "").rpartition(":")[2])), attributes=attributes
            )
        choice = next(element.iter(f"{XS}choice"), None)
        return Kind(
            parts=list(_members(element)),
            choice=choice is not None,
            anything=next(element.iter(f"{XS}any"), None) is not None,
        )

    def _judge(self, name: str) -> Judge:
        restriction = None if name not in self._named else self._named[name].find(f"{XS}restriction")
        facets = list(restriction) if restriction is not None else []
        base = (restriction.get("base") or "").rpartition(":")[2] if restriction is not None else name
        inner = None if base not in self._named else self._judge(base)

        def judge(text: str) -> str | None:
            codes = [each.get("value") for each in facets if each.tag == f"{XS}enumeration"]
            if codes:
                return None if text in codes else f"one of {codes[0]}"
            right = all(_holds(each, text) for each in facets) and _of_base(base, text)
            return None if right and (inner is None or inner(text) is None) else name

        return judge


def _members(element: etree._Element) -> Iterator[Member]:
    for each in element.iter(f"{XS}element"):
        most = each.get("maxOccurs", "1")
        yield Member(
            each.get("name") or "",
            int(each.get("minOccurs", "1")),
            UNBOUNDED if most == "unbounded" else int(most),
            each.get("type") or "",
        )


def _holds(facet: etree._Element, text: str) -> bool:
    value, name = facet.get("value") or "", str(facet.tag).removeprefix(XS)
    digits = text.replace(".", "").replace("-", "")
    holds: dict[str, Callable[[], bool]] = {
        "pattern": lambda: re.fullmatch(value, text) is not None,
        "minLength": lambda: len(text) >= int(value),
        "maxLength": lambda: len(text) <= int(value),
        "totalDigits": lambda: digits.isdigit() and len(digits) <= int(value),
        "fractionDigits": lambda: len(text.partition(".")[2]) <= int(value),
        "minInclusive": lambda: digits.isdigit() and float(text) >= float(value),
    }
    return name not in holds or holds[name]()


_BASES: Mapping[str, str] = {
    "base64Binary": "QUJD",
    "boolean": "true",
    "date": "2026-10-12",
    "dateTime": "2026-10-12T09:15:41",
    "gYear": "2026",
    "gYearMonth": "2026-10",
    "time": "09:15:41",
}


def _of_base(base: str, text: str) -> bool:
    if base == "decimal":
        return re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) is not None
    return text == _BASES.get(base, text)


def sample(judge: Judge) -> str:
    """Find a text that is right."""
    for text in (*CANDIDATES, *_BASES.values()):
        wanted = judge(text)
        if wanted is None:
            return text
        if wanted.startswith("one of "):
            return wanted.removeprefix("one of ").partition(",")[0]
    raise AssertionError(f"no candidate is {judge('?')}")
