"""Judging the structure of a message: which elements stand where, how often, and what their texts are made of.

What this says is what the message's XML schema says. Where no class of the message's version is installed, it says
nothing: a structure that was not checked is never called valid.
"""

from collections import Counter

from lxml import etree

from hanse_documents.model.errors import FAULTS, Examiner, FaultWeight
from hanse_documents.syntax.iso.facets import SchemaPart, Shape, document_type, shape_of
from hanse_documents.syntax.iso.placing import path_of

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


def verify_structure(document: etree._Element, definition: str, version: str, examiner: Examiner) -> bool | None:
    """Find where a message is not as its schema asks.

    Args:
        document: its `Document`.
        definition: which message, such as `camt.053`.
        version: of which version, such as `001.08`.
        examiner: gets the findings.

    Returns:
        Whether the structure is as it should be; None where it was not checked.
    """
    kind = document_type(definition, version)
    if kind is None:
        return None
    walker = _Walker(document, examiner)
    walker.element(document, shape_of(kind))
    return walker.count == 0


class _Walker:
    def __init__(self, document: etree._Element, examiner: Examiner) -> None:
        self.count = 0
        self._examiner = examiner
        self._namespace = "{" + (etree.QName(document).namespace or "") + "}"
        # What stands around the transactions needs no name: all paths begin in it.
        self._message = document[0] if len(document) else document

    def element(self, element: etree._Element, shape: Shape) -> None:
        """Judge an element and all below it."""
        self._attributes(element, shape)
        if shape.anything:
            if not len(element):
                self._find(element, "", "nothing", "an element")
            return
        if shape.text is not None:
            for child in element:
                self._find(child, "", "an element", "a text")
            self._text(element, shape.text(element.text or ""))
            return
        self._no_text(element)
        counts = self._children(element, shape)
        self._amounts(element, shape, counts)

    def _children(self, element: etree._Element, shape: Shape) -> Counter[str]:
        """Judge what stands in an element, in the order in which it does; count it by names."""
        counts: Counter[str] = Counter()
        reached = 0
        for child in element:
            if self._enough():
                break
            name = child.tag.removeprefix(self._namespace) if isinstance(child.tag, str) else ""
            part = shape.parts.get(name)
            if part is None:
                self._find(child, "", etree.QName(child).localname, f"no such element here: {_listed(shape)}")
                continue
            counts[name] += 1
            if part.place < reached and not shape.choice:
                self._find(child, "", f"{name} behind what follows it", "the order of the schema")
            reached = max(reached, part.place)
            self._part(child, part)
        return counts

    def _part(self, child: etree._Element, part: SchemaPart) -> None:
        if part.type is not None:
            self.element(child, shape_of(part.type))
            return
        for name in map(str, child.attrib):
            if not name.startswith(_INSTANCE):
                self._find(child, f"/@{name}", "an attribute", "none")
        for inner in child:
            self._find(inner, "", "an element", "a text")
        if part.judge is not None:
            self._text(child, part.judge(child.text or ""))

    def _amounts(self, element: etree._Element, shape: Shape, counts: Counter[str]) -> None:
        """Judge how often each stands there; of a choice, that one does."""
        for name, count in counts.items():
            if count > shape.parts[name].most:
                self._find(element, f"/{name}", f"{count} of them", f"at most {shape.parts[name].most}")
        if shape.choice:
            if len(counts) != 1:
                seen = " and ".join(counts) or "nothing"
                self._find(element, "", seen, f"one of {_listed(shape)}")
            return
        for name, part in shape.parts.items():
            if counts[name] < part.least:
                self._find(element, f"/{name}", "nothing" if not counts[name] else "too few", "this element")

    def _attributes(self, element: etree._Element, shape: Shape) -> None:
        for name, (judge, required) in shape.attributes.items():
            value = element.get(name)
            if value is None:
                if required:
                    self._find(element, f"/@{name}", "nothing", "this attribute")
            elif (wanted := judge(value)) is not None:
                self._find(element, f"/@{name}", value, wanted)
        for given in map(str, element.attrib):
            if given not in shape.attributes and not given.startswith(_INSTANCE):
                self._find(element, f"/@{given}", "an attribute", "none of that name")

    def _no_text(self, element: etree._Element) -> None:
        stray = (element.text or "") + "".join(child.tail or "" for child in element)
        if stray.strip():
            self._find(element, "", stray.strip(), "elements, and no text between them")

    def _text(self, element: etree._Element, wanted: str | None) -> None:
        if wanted is not None:
            self._find(element, "", element.text or "", wanted)

    def _find(self, element: etree._Element, below: str, seen: str, wanted: str) -> None:
        self.count += 1
        if not self._enough():
            place = path_of(element, self._message) if element is not self._message.getparent() else "Document"
            field = f"{place}{below}".lstrip("/") or "Document"
            self._examiner.find(field, seen=seen, wanted=wanted, weight=FaultWeight.FATAL)

    def _enough(self) -> bool:
        return self.count > FAULTS


def _listed(shape: Shape) -> str:
    names = list(shape.parts)
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
