"""Places in XML as people read them: usual prefixes instead of whole namespaces."""

import re

from lxml import etree

_PREFIXES = {
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac:",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc:",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext:",
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": "rsm:",
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100": "ram:",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100": "udt:",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100": "qdt:",
}
_SPACES = {prefix.rstrip(":"): namespace for namespace, prefix in _PREFIXES.items() if prefix}
# How Schematron's location says a step, and how a schema's message says a name.
_STEP = re.compile(r"\*:([\w.-]+)\[namespace-uri\(\)='([^']*)'\]|@\*\[local-name\(\)='([\w.-]+)'[^\]]*\]")
_NAME = re.compile(r"\{([^{}]*)\}")


def pointer_of(location: str) -> str:
    """Shorten a location: `/*:Invoice[namespace-uri()='…'][1]/…` becomes `/Invoice[1]/…`."""

    def step(matched: re.Match[str]) -> str:
        return f"@{matched[3]}" if matched[3] else f"{_PREFIXES.get(matched[2], '')}{matched[1]}"

    return _STEP.sub(step, location)


def prefixed(text: str) -> str:
    """Shorten `{namespace}name` in a text to its usual prefix."""
    return _NAME.sub(lambda matched: _PREFIXES.get(matched[1], ""), text)


def elements_at(root: etree._Element, pointer: str) -> list[etree._Element]:
    """Find what stands at a pointer; nothing where it is none of ours."""
    try:
        found = root.getroottree().xpath(pointer, namespaces=_SPACES) if root.getparent() is None else []
    except etree.XPathError:
        return []
    return [each for each in found if etree.iselement(each)] if isinstance(found, list) else []
