"""Judging a document by a rule set: what failed of it, as findings."""

import re

from lxml import etree

from hanse_documents.model.errors import Fault, FaultWeight
from hanse_documents.rules.facturx import OWN, in_names_of_en16931
from hanse_documents.rules.pointers import pointer_of
from hanse_documents.rules.ruleengine import EngineRefused, RuleEngine
from hanse_documents.rules.rulesets import Chosen

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_NAMED = re.compile(r"\[([A-Z][A-Za-z0-9-]*)\][\s-]*", re.ASCII)
MESSAGE = 1_000
"""So many characters of what a rule says are kept."""


def judged(root: etree._Element, chosen: Chosen, engine: RuleEngine) -> tuple[Fault, ...]:
    """Run a document through a rule set, and tell all that failed.

    Raises:
        EngineUnavailable: no rules have run to their end.
    """
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    try:
        report = engine.run(chosen.file, text)
    except EngineRefused as error:
        return (Fault(field="/", seen="", wanted=f"rules that run to their end: {error}", id="engine"),)
    findings = findings_of(report)
    return in_names_of_en16931(root, findings, chosen.file, stands_in=chosen.stands_in) if chosen.facturx else findings


def findings_of(svrl: str) -> tuple[Fault, ...]:
    """Read a report in SVRL: assertions that failed, and reports, which are notes of what a profile does not use."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, load_dtd=False)
    root = etree.fromstring(svrl.encode(), parser)
    found = []
    for element in root.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        found.append(_finding(element, is_assertion=element.tag == f"{_SVRL}failed-assert"))
    return tuple(found)


def _finding(element: etree._Element, *, is_assertion: bool) -> Fault:
    name = element.get("id") or ""
    words = " ".join("".join(str(part) for part in element.itertext()).split())
    named = _NAMED.match(words)
    if named is not None and (named[1] == name or not name or name.startswith(OWN)):
        name, words = named[1], words[named.end() :]
    mark = (element.get("flag") or element.get("role") or "").lower()
    fatal = is_assertion and mark not in {"warning", "warn", "information", "info"}
    return Fault(
        field=pointer_of(element.get("location") or "/"),
        seen="",
        wanted=words[:MESSAGE],
        id=name,
        weight=FaultWeight.FATAL if fatal else FaultWeight.WARNING,
    )
