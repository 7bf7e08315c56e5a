"""Writing invoices and credit notes in UBL 2.1: the terms of EN 16931 stand where the tables say that they are read."""

import binascii
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.en16931 import CREDIT_CODES, branch_of
from hanse_documents.syntax.ubl import ATTACHMENT, CREDIT_NOTE, INVOICE, digest_text
from hanse_documents.syntax.ubl_needs import ACCOUNTED, completed, verify_writable
from hanse_documents.syntax.ubl_terms import (
    CREDIT_GROUPS,
    CREDIT_HEADER,
    GROUPS,
    HEADER,
    NAMESPACES,
    Term,
    TermGroup,
)

_ORDER = """
    CustomizationID ProfileID EndpointID PartyIdentification PartyName PostalAddress PartyTaxScheme
    PartyLegalEntity Contact ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason
    MultiplierFactorNumeric Amount BaseAmount PrimaryAccountNumberID NetworkID HolderName RegistrationName
    CompanyID CompanyLegalForm PaymentMeansCode PaymentDueDate PaymentID CardAccount ID SalesOrderID Percent
    TaxExemptionReasonCode TaxExemptionReason Description IssueDate DueDate InvoiceTypeCode CreditNoteTypeCode
    DocumentTypeCode DocumentDescription Attachment Name Telephone ElectronicMail Value PayeeFinancialAccount
    PaymentMandate FinancialInstitutionBranch PayerFinancialAccount Note TaxPointDate DocumentCurrencyCode
    TaxCurrencyCode
    InvoicedQuantity CreditedQuantity LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount
    ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount AccountingCost BuyerReference StartDate
    EndDate DescriptionCode InvoicePeriod OrderReference OrderLineReference BillingReference
    DespatchDocumentReference ReceiptDocumentReference OriginatorDocumentReference ContractDocumentReference
    AdditionalDocumentReference DocumentReference ProjectReference AccountingSupplierParty
    AccountingCustomerParty PayeeParty TaxRepresentativeParty ActualDeliveryDate DeliveryLocation DeliveryParty
    Delivery DeliveryTerms PaymentMeans PaymentTerms StreetName AdditionalStreetName CityName PostalZone
    CountrySubentity AddressLine Country Address PriceAmount BaseQuantity AllowanceCharge TaxableAmount
    TaxAmount TaxSubtotal TaxCategory TaxTotal LegalMonetaryTotal BuyersItemIdentification
    SellersItemIdentification StandardItemIdentification OriginCountry CommodityClassification
    ClassifiedTaxCategory AdditionalItemProperty Item Price TaxScheme Party InvoiceDocumentReference
    EmbeddedDocumentBinaryObject ExternalReference URI Line IdentificationCode ItemClassificationCode LineID
    InvoiceLine CreditNoteLine
"""
_PLACE = {name: place for place, name in enumerate(_ORDER.split())}
"""In this order elements stand in each of their parents (UBL 2.1, maindoc/UBL-Invoice-2.1.xsd and what it includes)."""

_CREDIT_PLACE: Mapping[str, float] = {
    **_PLACE,
    "TaxPointDate": _PLACE["IssueDate"] + 0.5,
    "OriginatorDocumentReference": _PLACE["AdditionalDocumentReference"] + 0.5,
}
"""Those of a credit note (maindoc/UBL-CreditNote-2.1.xsd); two stand elsewhere in it."""

_SHARED = frozenset({"AccountingSupplierParty", "Party", "Item", "Price", "TaxTotal"})
"""Elements that hold several branches of a group; each other one on the way to a branch is made anew."""

MEANS = "PaymentMeans"
"""The first account stands with what is said of all means of payment; each other one has means of its own."""

_WITH_SCHEME = frozenset({"TaxCategory", "ClassifiedTaxCategory"})

_STEP = re.compile(r"(cac|cbc):(\w+)((?:\[[^\]]*\])*)")
_CHOICE = re.compile(r"\(([^|]+?) \|[^)]*\)")

# What makes a predicate of the table true: an attribute, or the text of an element below.
_MADE_TRUE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "[cac:TaxScheme/cbc:ID='VAT']": (("cac:TaxScheme", "cbc:ID"), "VAT"),
    "[not(cac:TaxScheme/cbc:ID='VAT')]": (("cac:TaxScheme", "cbc:ID"), "LOC"),
    "[@schemeID='SEPA']": (("@schemeID",), "SEPA"),
    "[cbc:DocumentTypeCode='130']": (("cbc:DocumentTypeCode",), "130"),
    "[cbc:DocumentTypeCode='50']": (("cbc:DocumentTypeCode",), "50"),
    "[normalize-space(cbc:ChargeIndicator)='true' or normalize-space(cbc:ChargeIndicator)='1']": (
        ("cbc:ChargeIndicator",),
        "true",
    ),
    "[normalize-space(cbc:ChargeIndicator)='false' or normalize-space(cbc:ChargeIndicator)='0']": (
        ("cbc:ChargeIndicator",),
        "false",
    ),
}

Texts = Mapping[str, str]


def write_ubl(terms: Texts, attachments: Mapping[str, bytes] | None = None) -> bytes:
    """Write an invoice, or a credit note where BT-3 is the code of one, which fits the published schema.

    Reading it gives these terms again, and beside them what `ubl_needs.completed` has added. The same terms give the
    same bytes.

    Args:
        terms: by their names, as `hanse_documents.model.documents.terms` gives them: `BT-1`, `BG-25/1/BT-153`.
        attachments: by their terms, `BG-24/1/BT-125`, what is to be embedded; the term has its digest.

    Raises:
        DocumentError: a term has no place, or a text that no document says, such as a control character, or a day that
            is none; one that UBL needs is missing; a group is not counted 1, 2, …; an attachment is not given, or is
            not the one of which the term has the digest.
        NotInUbl: what is missing an invoice may leave out, and UBL may not.

    Source: CEN/TS 16931-3-2; which codes are a credit note's: BR-CL-01.
    """
    terms = completed(terms)
    invoice = branch_of(terms)
    is_credit = terms.get("BT-3") in CREDIT_CODES
    namespace, name = (CREDIT_NOTE, "CreditNote") if is_credit else (INVOICE, "Invoice")
    spaces: dict[str | None, str] = {None: namespace}
    spaces.update(NAMESPACES)
    root = etree.Element(f"{{{namespace}}}{name}", nsmap=spaces)  # type: ignore[arg-type] # None names the default one
    table = (CREDIT_HEADER, CREDIT_GROUPS) if is_credit else (HEADER, GROUPS)
    writer = _Writer(terms, attachments or {})
    writer.write(root, "", *table)
    left = sorted(set(terms) - writer.written)
    if left:
        raise DocumentError(left[0], seen=terms[left[0]], wanted="a term that stands in a UBL invoice")
    verify_writable(invoice, *table)
    _complete(root)
    _sort(root, _CREDIT_PLACE if is_credit else _PLACE)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Writer:
    def __init__(self, terms: Texts, attachments: Mapping[str, bytes]) -> None:
        self._terms, self._attachments = terms, attachments
        self.written: set[str] = set()

    def write(
        self, element: etree._Element, prefix: str, terms: tuple[Term, ...], groups: tuple[TermGroup, ...]
    ) -> None:
        """Write the terms of one branch below its element, then the groups in it."""
        for term in terms:
            text = self._terms.get(prefix + term.name)
            if text is None:
                continue
            if term.name == ATTACHMENT:
                text = self._attached(prefix + term.name, text)
            self.written.add(prefix + term.name)
            try:
                self._put(element, term, text)
            except ValueError as error:  # of lxml, for what XML has no way to say
                wanted = "a text that XML can say: no control character"
                raise DocumentError(prefix + term.name, seen=text, wanted=wanted) from error
        for group in groups:
            for number in self._numbers(prefix, group.name):
                self.write(_branch(element, group.path), f"{prefix}{group.name}/{number}/", group.terms, group.groups)

    def _numbers(self, prefix: str, group: str) -> Iterator[int]:
        """Count a group's branches: one for each number up to the highest that a term has."""
        start = f"{prefix}{group}/"
        numbers = {name[len(start) :].partition("/")[0] for name in self._terms if name.startswith(start)}
        yield from sorted(int(number) for number in numbers if number.isascii() and number.isdecimal())

    def _attached(self, name: str, digest: str) -> str:
        """Give what is embedded as base64. Raises DocumentError."""
        content = self._attachments.get(name)
        if content is None or digest_text(content) != digest:
            raise DocumentError(name, seen=digest, wanted="the attachment itself, which a form has not")
        return binascii.b2a_base64(content, newline=False).decode()

    def _put(self, element: etree._Element, term: Term, text: str) -> None:
        path, mark, attribute = term.path.partition("/@")
        if term.path.startswith("@"):
            element.set(term.path[1:], text)
            return
        if term.name == ACCOUNTED:
            element, path = _made(element, "cac", "TaxTotal", ACCOUNTED), "cbc:TaxAmount"
        found = element if term.path == "." else _down(element, path)
        if mark:
            found.set(attribute, text)
            return
        found.text = text
        if found.tag.endswith("Amount"):
            found.set("currencyID", self._terms.get("BT-6" if term.name == ACCOUNTED else "BT-5", ""))


def _steps(path: str) -> Iterator[tuple[str, str, str]]:
    """Split a path of the table into prefix, name and predicates, the first of alternatives alone."""
    for step in _STEP.finditer(_CHOICE.sub(r"\1", path)):
        yield step[1], step[2], step[3]


def _down(element: etree._Element, path: str) -> etree._Element:
    """Walk down a path, and make what is missing of it."""
    for prefix, name, predicates in _steps(path):
        found = _found(element, prefix, name, predicates)
        element = _made(element, prefix, name, predicates) if found is None else found
    return element


def _branch(element: etree._Element, path: str) -> etree._Element:
    """Make the element of a new branch of a group."""
    for prefix, name, predicates in _steps(path):
        shared = _found(element, prefix, name, "") if name in _SHARED | {MEANS} else None
        if shared is not None and name == MEANS and shared.find("cac:PayeeFinancialAccount", NAMESPACES) is not None:
            shared = None
        element = _made(element, prefix, name, predicates) if shared is None else shared
    return element


def _found(element: etree._Element, prefix: str, name: str, predicates: str) -> etree._Element | None:
    for child in element.findall(f"{{{NAMESPACES[prefix]}}}{name}"):
        if child.get("made", "") == predicates:
            return child
    return None


def _made(element: etree._Element, prefix: str, name: str, predicates: str) -> etree._Element:
    child = etree.SubElement(element, f"{{{NAMESPACES[prefix]}}}{name}")
    # Which predicates it was made for, until all is written.
    child.set("made", predicates)
    if predicates in _MADE_TRUE:
        steps, text = _MADE_TRUE[predicates]
        if steps[0].startswith("@"):
            child.set(steps[0][1:], text)
        else:
            _down(child, "/".join(steps)).text = text
    return child


def _complete(root: etree._Element) -> None:
    """Add what UBL asks for and no term says: both parties, the scheme of tax categories, the network of a card.

    Take marks off.
    """
    for element in list(root.iter()):
        name = etree.QName(element).localname
        if name in _WITH_SCHEME:
            _down(element, "cac:TaxScheme/cbc:ID").text = "VAT"
        if name == "CardAccount":
            _down(element, "cbc:NetworkID").text = "NA"
    for name in ("AccountingSupplierParty", "AccountingCustomerParty"):
        _down(root, f"cac:{name}")
    means = root.findall(f"{{{NAMESPACES['cac']}}}PaymentMeans")
    code = root.find("cac:PaymentMeans/cbc:PaymentMeansCode", NAMESPACES)
    for each in means if code is not None else ():
        if each.find("cbc:PaymentMeansCode", NAMESPACES) is None:
            _down(each, "cbc:PaymentMeansCode").text = code.text if code is not None else None
    for element in root.iter():
        if "made" in element.attrib:
            del element.attrib["made"]


def _sort(element: etree._Element, places: Mapping[str, float]) -> None:
    element[:] = sorted(element, key=lambda child: places[etree.QName(child).localname])
    for child in element:
        _sort(child, places)
