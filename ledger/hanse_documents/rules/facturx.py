"""What the rules of Factur-X say, in the names of EN 16931: its code lists are BR-CL, its profile is its own affair."""

import re
from functools import lru_cache
from pathlib import Path

from lxml import etree
from msgspec.structs import replace

from hanse_documents.model.errors import Fault, FaultWeight
from hanse_documents.rules.pointers import elements_at

OWN = "FX-SCH-"
"""Rules with ids that begin so are Factur-X's own: how its profiles use the syntax, and its code lists."""

_PROFILE = "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
_REFUSED = re.compile(r"Value of '([^']+)' is not allowed")
_PLACE = re.compile(r"\[[0-9]+\]")

# The last steps of a place, or the attribute there, and the rule of EN 16931 for the codes; the first that fits counts.
_CODES = (
    ("rsm:ExchangedDocument/ram:TypeCode", "BR-CL-01"),
    ("ram:TaxTotalAmount", "BR-CL-03"),
    ("ram:InvoiceCurrencyCode", "BR-CL-04"),
    ("ram:TaxCurrencyCode", "BR-CL-05"),
    ("ram:DueDateTypeCode", "BR-CL-06"),
    ("ram:ReferenceTypeCode", "BR-CL-07"),
    ("ram:SubjectCode", "BR-CL-08"),
    ("ram:SpecifiedTradeProduct/ram:GlobalID", "BR-CL-21"),
    ("ram:ShipToTradeParty/ram:GlobalID", "BR-CL-26"),
    ("ram:GlobalID", "BR-CL-10"),
    ("ram:SpecifiedLegalOrganization/ram:ID", "BR-CL-11"),
    ("ram:ClassCode", "BR-CL-13"),
    ("ram:CountryID", "BR-CL-14"),
    ("ram:OriginTradeCountry/ram:ID", "BR-CL-15"),
    ("ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode", "BR-CL-16"),
    ("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode", "BR-CL-18"),
    ("ram:CategoryCode", "BR-CL-17"),
    ("ram:ExemptionReasonCode", "BR-CL-22"),
    ("ram:BasisQuantity", "BR-CL-23"),
    ("ram:BilledQuantity", "BR-CL-23"),
    ("ram:AttachmentBinaryObject", "BR-CL-24"),
    ("ram:URIUniversalCommunication/ram:URIID", "BR-CL-25"),
)
_EXEMPTIONS = "BR-CL-22"


def in_names_of_en16931(
    root: etree._Element, findings: tuple[Fault, ...], sheet: Path, *, stands_in: bool
) -> tuple[Fault, ...]:
    """Write findings of Factur-X's rules as EN 16931 names them.

    Args:
        root: the document.
        findings: what its rules say.
        sheet: the rules; their code lists lie beside them.
        stands_in: the document follows EN 16931 and not Factur-X, so that what that asks for besides is a warning.
    """
    told = []
    for each in findings:
        code = _code_rule(each)
        if code == _EXEMPTIONS and _is_code_in_small_letters(root, each, sheet):
            continue  # EN 16931 takes them in any case
        if code:
            told.append(replace(each, id=code))
        elif each.id.startswith(OWN) and _PLACE.sub("", each.field).endswith(_PROFILE):
            continue  # which profiles there are is nothing that a document can be wrong about
        elif each.id.startswith(OWN) and stands_in:
            told.append(replace(each, weight=FaultWeight.WARNING))
        else:
            told.append(each)
    return tuple(told)


def _code_rule(found: Fault) -> str:
    """Name the rule of EN 16931 that a refused code breaks; empty where it is no such finding."""
    refused = _REFUSED.search(found.wanted) if found.id.startswith(OWN) else None
    if refused is None or refused[1] == "@format":
        return ""
    place = _PLACE.sub("", found.field)
    if place.endswith("ram:ReasonCode"):
        return "BR-CL-20" if "not (@listID)" in refused[1] else "BR-CL-19"
    return next((rule for ending, rule in _CODES if place.endswith(ending)), "")


def _is_code_in_small_letters(root: etree._Element, found: Fault, sheet: Path) -> bool:
    texts = [(element.text or "").strip() for element in elements_at(root, found.field)]
    return any(text != text.upper() and text.upper() in _codes_beside(sheet) for text in texts)


@lru_cache(maxsize=8)
def _codes_beside(sheet: Path) -> frozenset[str]:
    """List all codes of the lists that lie beside a rule set of Factur-X."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return frozenset(
        element.get("value") or ""
        for lists in sheet.parent.glob("*_codedb.xml")
        for element in etree.parse(str(lists), parser).iter("enumeration")
    )
