"""Where sellers write an HS code that have no place for one: in their item's number, in an attribute, in a text.

Of 88 invoices that were looked at, one gave it where EN 16931 wants it. What is found here is a candidate and no more:
an item's number may have eight digits too.
"""

import re

from hanse_documents.model.documents import HsCandidate
from hanse_documents.semantics.en16931 import Branch
from hanse_documents.semantics.values import hs_digits

LENGTHS = frozenset({6, 8, 10})
"""So many digits have the codes of the Harmonized System and of tariffs upon it."""

_CHAPTERS = range(1, 98)
_NUMBERS = ("BT-155", "BT-157")
_TEXTS = ("BT-153", "BT-154", "BT-127")
_NAME = re.compile(
    r"\b(?:HS|HTS|HSN|TARIC|CN code|commodity code|customs (?:tariff|code|number)|tariff|zolltarif\w*|"
    r"warennummer|code douanier|nomenclature douani[eè]re|partida arancelaria)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(_NAME.pattern + r"[^0-9\n]{0,20}([0-9][0-9. ]{4,14}[0-9])", re.IGNORECASE)


def hs_candidates(line: Branch) -> tuple[HsCandidate, ...]:
    """List what may be a line's HS code, each once, with the term that it stands in."""
    found: dict[str, str] = {}

    def note(text: str, term: str) -> None:
        digits = hs_digits(text.strip())
        if digits and len(digits) in LENGTHS and int(digits[:2]) in _CHAPTERS:
            found.setdefault(digits, term)

    for term in _NUMBERS:
        # A number that names its scheme, such as a GTIN, is one of that.
        if (number := line.get(term)) is not None and line.get(f"{term}-1") is None:
            note(number, term)
    for place, attribute in enumerate(line.group("BG-32"), 1):
        if _NAME.search(attribute.get("BT-160") or ""):
            note(attribute.get("BT-161") or "", f"BG-32/{place}/BT-161")
    for term in _TEXTS:
        for matched in _NAMED.finditer(line.get(term) or ""):
            note(matched[1], term)
    return tuple(HsCandidate(code=code, term=term) for code, term in found.items())
