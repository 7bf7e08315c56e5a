"""Profiles of Factur-X and ZUGFeRD: how much of EN 16931 a cross industry invoice has, by its own word (BT-24)."""

import re
from collections.abc import Mapping

from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.en16931 import CREDIT_CODES, INVOICE_CODES, RULES, Branch, Rule

EN16931, EXTENDED, BASIC, MINIMUM, BASIC_WL = "EN16931", "EXTENDED", "BASIC", "MINIMUM", "BASIC WL"

SMALL = frozenset({MINIMUM, BASIC_WL})
"""Profiles without lines: such a document is no full invoice of EN 16931."""

_PROFILE = re.compile(
    r"urn:(?:cen\.eu:en16931:2017[#:](?:compliant|conformant)[#:])?(?:urn:)?(?:factur-x\.eu|zugferd\.de):[0-9]p[0-9]:"
    r"(minimum|basicwl|basic|extended)",
    re.ASCII,
)
_NAMES = {"minimum": MINIMUM, "basicwl": BASIC_WL, "basic": BASIC, "extended": EXTENDED}


def profile_of(specification: str) -> str:
    """Tell the profile of Factur-X and ZUGFeRD that BT-24 names; any other text asks for EN 16931 as a whole."""
    matched = _PROFILE.fullmatch(specification.strip().lower())
    return _NAMES[matched[1]] if matched else EN16931


def _either_code(invoice: Branch) -> None:
    code = invoice.get("BT-3")
    if code is not None and code not in INVOICE_CODES | CREDIT_CODES:
        raise DocumentError("BT-3", seen=code, wanted="a type code of UNTDID 1001, such as 380 or 381 (BR-CL-01)")


def _without(*names: str) -> Mapping[str, Rule]:
    return {name: rule for name, rule in _ALL.items() if name not in names}


# A cross industry invoice is a credit note by its type alone.
_ALL: Mapping[str, Rule] = {**RULES, "BR-CL-01": _either_code}
_OF_LINES = ("BR-16", "BR-21", "BR-22", "BR-23", "BR-24", "BR-25", "BR-26", "BR-CO-10", "BR-CO-13")
_OF_SUMS = tuple(f"BR-CO-1{last}" for last in range(7))

RULES_OF_PROFILE: Mapping[str, Mapping[str, Rule]] = {
    EN16931: _ALL,
    BASIC: _ALL,
    EXTENDED: _without(*_OF_SUMS),  # lines in groups, and taxes beside VAT: its own rules add them up
    BASIC_WL: _without(*_OF_LINES),
    MINIMUM: _without(*_OF_LINES, *_OF_SUMS, "BR-12", "BR-CO-18"),
}
"""Those of our own rules that hold in each profile."""
