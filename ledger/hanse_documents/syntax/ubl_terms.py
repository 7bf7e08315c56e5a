"""Where each term of EN 16931 stands in a UBL 2.1 invoice.

Source: CEN/TS 16931-3-2, syntax binding to UBL 2.1. Variables: `$currency` is BT-5, `$tax_currency` BT-6.
A term without a group stands once; the groups repeat and are counted.
"""

from functools import lru_cache
from typing import NamedTuple

from lxml import etree

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
"""Of UBL, and of the cross industry invoice (cii_terms.py)."""


class Term(NamedTuple):
    """A term and its XPath. `joined`: several elements are parts of one text; elsewhere they must be equal."""

    name: str
    path: str
    joined: bool = False


class TermGroup(NamedTuple):
    """A group that repeats: its elements' XPath, and what stands in each."""

    name: str
    path: str
    terms: tuple[Term, ...]
    groups: tuple["TermGroup", ...] = ()


@lru_cache(maxsize=512)
def compiled(path: str) -> etree.XPath:
    """Compile an XPath of this table, once."""
    return etree.XPath(path, namespaces=NAMESPACES)


def _address(path: str, *names: str) -> tuple[Term, ...]:
    """List the terms of a postal address, street to country: the same places, other numbers."""
    street, additional, line, city, zone, area, country = names
    return (
        Term(street, f"{path}/cbc:StreetName"),
        Term(additional, f"{path}/cbc:AdditionalStreetName"),
        Term(line, f"{path}/cac:AddressLine/cbc:Line", joined=True),
        Term(city, f"{path}/cbc:CityName"),
        Term(zone, f"{path}/cbc:PostalZone"),
        Term(area, f"{path}/cbc:CountrySubentity"),
        Term(country, f"{path}/cac:Country/cbc:IdentificationCode"),
    )


_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_AGENT = "cac:TaxRepresentativeParty"
_DELIVERED = "cac:Delivery/cac:DeliveryLocation"
_TOTAL = "cac:LegalMonetaryTotal"
_IS_VAT = "[cac:TaxScheme/cbc:ID='VAT']"
_IS_NOT_VAT = "[not(cac:TaxScheme/cbc:ID='VAT')]"
_IS_SEPA = "[@schemeID='SEPA']"
_IS_NOT_SEPA = "[not(@schemeID='SEPA')]"
_IS_OBJECT = "[cbc:DocumentTypeCode='130']"
_IS_NOT_OBJECT = "[not(cbc:DocumentTypeCode='130')]"
_IS_PROJECT = "[cbc:DocumentTypeCode='50']"
_IS_NEITHER = "[not(cbc:DocumentTypeCode='130' or cbc:DocumentTypeCode='50')]"
_IS_CHARGE = "[normalize-space(cbc:ChargeIndicator)='true' or normalize-space(cbc:ChargeIndicator)='1']"
_IS_ALLOWANCE = "[normalize-space(cbc:ChargeIndicator)='false' or normalize-space(cbc:ChargeIndicator)='0']"

HEADER = (
    Term("BT-1", "cbc:ID"),
    Term("BT-2", "cbc:IssueDate"),
    Term("BT-3", "cbc:InvoiceTypeCode"),
    Term("BT-5", "cbc:DocumentCurrencyCode"),
    Term("BT-6", "cbc:TaxCurrencyCode"),
    Term("BT-7", "cbc:TaxPointDate"),
    Term("BT-8", "cac:InvoicePeriod/cbc:DescriptionCode"),
    Term("BT-9", "cbc:DueDate"),
    Term("BT-10", "cbc:BuyerReference"),
    Term("BT-11", "cac:ProjectReference/cbc:ID"),
    Term("BT-12", "cac:ContractDocumentReference/cbc:ID"),
    Term("BT-13", "cac:OrderReference/cbc:ID"),
    Term("BT-14", "cac:OrderReference/cbc:SalesOrderID"),
    Term("BT-15", "cac:ReceiptDocumentReference/cbc:ID"),
    Term("BT-16", "cac:DespatchDocumentReference/cbc:ID"),
    Term("BT-17", "cac:OriginatorDocumentReference/cbc:ID"),
    Term("BT-18", f"cac:AdditionalDocumentReference{_IS_OBJECT}/cbc:ID"),
    Term("BT-18-1", f"cac:AdditionalDocumentReference{_IS_OBJECT}/cbc:ID/@schemeID"),
    Term("BT-19", "cbc:AccountingCost"),
    Term("BT-20", "cac:PaymentTerms/cbc:Note", joined=True),
    Term("BT-23", "cbc:ProfileID"),
    Term("BT-24", "cbc:CustomizationID"),
    # BG-4 seller, BG-5 its address, BG-6 its contact
    Term("BT-27", f"{_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    Term("BT-28", f"{_SELLER}/cac:PartyName/cbc:Name"),
    Term("BT-30", f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyID"),
    Term("BT-30-1", f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    Term("BT-31", f"{_SELLER}/cac:PartyTaxScheme{_IS_VAT}/cbc:CompanyID"),
    Term("BT-32", f"{_SELLER}/cac:PartyTaxScheme{_IS_NOT_VAT}/cbc:CompanyID"),
    Term("BT-33", f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyLegalForm"),
    Term("BT-34", f"{_SELLER}/cbc:EndpointID"),
    Term("BT-34-1", f"{_SELLER}/cbc:EndpointID/@schemeID"),
    *_address(f"{_SELLER}/cac:PostalAddress", "BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"),
    Term("BT-41", f"{_SELLER}/cac:Contact/cbc:Name"),
    Term("BT-42", f"{_SELLER}/cac:Contact/cbc:Telephone"),
    Term("BT-43", f"{_SELLER}/cac:Contact/cbc:ElectronicMail"),
    # BG-7 buyer, BG-8 its address, BG-9 its contact
    Term("BT-44", f"{_BUYER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    Term("BT-45", f"{_BUYER}/cac:PartyName/cbc:Name"),
    Term("BT-46", f"{_BUYER}/cac:PartyIdentification/cbc:ID"),
    Term("BT-46-1", f"{_BUYER}/cac:PartyIdentification/cbc:ID/@schemeID"),
    Term("BT-47", f"{_BUYER}/cac:PartyLegalEntity/cbc:CompanyID"),
    Term("BT-47-1", f"{_BUYER}/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    Term("BT-48", f"{_BUYER}/cac:PartyTaxScheme{_IS_VAT}/cbc:CompanyID"),
    Term("BT-49", f"{_BUYER}/cbc:EndpointID"),
    Term("BT-49-1", f"{_BUYER}/cbc:EndpointID/@schemeID"),
    *_address(f"{_BUYER}/cac:PostalAddress", "BT-50", "BT-51", "BT-163", "BT-52", "BT-53", "BT-54", "BT-55"),
    Term("BT-56", f"{_BUYER}/cac:Contact/cbc:Name"),
    Term("BT-57", f"{_BUYER}/cac:Contact/cbc:Telephone"),
    Term("BT-58", f"{_BUYER}/cac:Contact/cbc:ElectronicMail"),
    # BG-10 payee, BG-11 seller's tax representative, BG-12 its address
    Term("BT-59", "cac:PayeeParty/cac:PartyName/cbc:Name"),
    Term("BT-60", f"cac:PayeeParty/cac:PartyIdentification/cbc:ID{_IS_NOT_SEPA}"),
    Term("BT-61", "cac:PayeeParty/cac:PartyLegalEntity/cbc:CompanyID"),
    Term("BT-62", f"{_AGENT}/cac:PartyName/cbc:Name"),
    Term("BT-63", f"{_AGENT}/cac:PartyTaxScheme{_IS_VAT}/cbc:CompanyID"),
    *_address(f"{_AGENT}/cac:PostalAddress", "BT-64", "BT-65", "BT-164", "BT-66", "BT-67", "BT-68", "BT-69"),
    # BG-13 delivery, BG-14 period, BG-15 address
    Term("BT-70", "cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name"),
    Term("BT-71", f"{_DELIVERED}/cbc:ID"),
    Term("BT-71-1", f"{_DELIVERED}/cbc:ID/@schemeID"),
    Term("BT-72", "cac:Delivery/cbc:ActualDeliveryDate"),
    Term("BT-73", "cac:InvoicePeriod/cbc:StartDate"),
    Term("BT-74", "cac:InvoicePeriod/cbc:EndDate"),
    *_address(f"{_DELIVERED}/cac:Address", "BT-75", "BT-76", "BT-165", "BT-77", "BT-78", "BT-79", "BT-80"),
    # BG-16 payment instructions, BG-18 card, BG-19 direct debit
    Term("BT-81", "cac:PaymentMeans/cbc:PaymentMeansCode"),
    Term("BT-82", "cac:PaymentMeans/cbc:PaymentMeansCode/@name"),
    Term("BT-83", "cac:PaymentMeans/cbc:PaymentID"),
    Term("BT-87", "cac:PaymentMeans/cac:CardAccount/cbc:PrimaryAccountNumberID"),
    Term("BT-88", "cac:PaymentMeans/cac:CardAccount/cbc:HolderName"),
    Term("BT-89", "cac:PaymentMeans/cac:PaymentMandate/cbc:ID"),
    Term("BT-90", f"({_SELLER} | cac:PayeeParty)/cac:PartyIdentification/cbc:ID{_IS_SEPA}"),
    Term("BT-91", "cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    # BG-22 totals
    Term("BT-106", f"{_TOTAL}/cbc:LineExtensionAmount"),
    Term("BT-107", f"{_TOTAL}/cbc:AllowanceTotalAmount"),
    Term("BT-108", f"{_TOTAL}/cbc:ChargeTotalAmount"),
    Term("BT-109", f"{_TOTAL}/cbc:TaxExclusiveAmount"),
    Term("BT-110", "cac:TaxTotal/cbc:TaxAmount[@currencyID=$currency]"),
    Term("BT-111", "cac:TaxTotal/cbc:TaxAmount[@currencyID=$tax_currency and not(@currencyID=$currency)]"),
    Term("BT-112", f"{_TOTAL}/cbc:TaxInclusiveAmount"),
    Term("BT-113", f"{_TOTAL}/cbc:PrepaidAmount"),
    Term("BT-114", f"{_TOTAL}/cbc:PayableRoundingAmount"),
    Term("BT-115", f"{_TOTAL}/cbc:PayableAmount"),
    # EN 16931 has no terms of delivery; UBL has, and trade across borders needs them.
    Term("UBL/DeliveryTerms/ID", "cac:DeliveryTerms/cbc:ID"),
    Term("UBL/DeliveryTerms/Location", "cac:DeliveryTerms/cac:DeliveryLocation/cbc:Name"),
)


def _adjustments(of: str, which: str, terms: tuple[str, ...]) -> TermGroup:
    """List the terms of allowances or charges, of the document or of a line: the same places, other numbers."""
    amount, base, percentage, reason, code, *tax = terms
    return TermGroup(
        of,
        f"cac:AllowanceCharge{which}",
        (
            Term(amount, "cbc:Amount"),
            Term(base, "cbc:BaseAmount"),
            Term(percentage, "cbc:MultiplierFactorNumeric"),
            Term(reason, "cbc:AllowanceChargeReason", joined=True),
            Term(code, "cbc:AllowanceChargeReasonCode"),
            *(
                Term(name, f"cac:TaxCategory/cbc:{element}")
                for name, element in zip(tax, ("ID", "Percent"), strict=False)
            ),
        ),
    )


_LINE = TermGroup(
    "BG-25",
    "cac:InvoiceLine",
    (
        Term("BT-126", "cbc:ID"),
        Term("BT-127", "cbc:Note", joined=True),
        Term("BT-128", f"cac:DocumentReference{_IS_OBJECT}/cbc:ID"),
        Term("BT-128-1", f"cac:DocumentReference{_IS_OBJECT}/cbc:ID/@schemeID"),
        Term("BT-129", "cbc:InvoicedQuantity"),
        Term("BT-130", "cbc:InvoicedQuantity/@unitCode"),
        Term("BT-131", "cbc:LineExtensionAmount"),
        Term("BT-132", "cac:OrderLineReference/cbc:LineID"),
        Term("BT-133", "cbc:AccountingCost"),
        Term("BT-134", "cac:InvoicePeriod/cbc:StartDate"),
        Term("BT-135", "cac:InvoicePeriod/cbc:EndDate"),
        Term("BT-146", "cac:Price/cbc:PriceAmount"),
        Term("BT-147", f"cac:Price/cac:AllowanceCharge{_IS_ALLOWANCE}/cbc:Amount"),
        Term("BT-148", f"cac:Price/cac:AllowanceCharge{_IS_ALLOWANCE}/cbc:BaseAmount"),
        Term("BT-149", "cac:Price/cbc:BaseQuantity"),
        Term("BT-150", "cac:Price/cbc:BaseQuantity/@unitCode"),
        Term("BT-151", "cac:Item/cac:ClassifiedTaxCategory/cbc:ID"),
        Term("BT-152", "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"),
        Term("BT-153", "cac:Item/cbc:Name"),
        Term("BT-154", "cac:Item/cbc:Description", joined=True),
        Term("BT-155", "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        Term("BT-156", "cac:Item/cac:BuyersItemIdentification/cbc:ID"),
        Term("BT-157", "cac:Item/cac:StandardItemIdentification/cbc:ID"),
        Term("BT-157-1", "cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID"),
        Term("BT-159", "cac:Item/cac:OriginCountry/cbc:IdentificationCode"),
    ),
    (
        _adjustments("BG-27", _IS_ALLOWANCE, ("BT-136", "BT-137", "BT-138", "BT-139", "BT-140")),
        _adjustments("BG-28", _IS_CHARGE, ("BT-141", "BT-142", "BT-143", "BT-144", "BT-145")),
        TermGroup(
            "BT-158",
            "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
            (Term("BT-158", "."), Term("BT-158-1", "@listID"), Term("BT-158-2", "@listVersionID")),
        ),
        TermGroup(
            "BG-32",
            "cac:Item/cac:AdditionalItemProperty",
            (Term("BT-160", "cbc:Name"), Term("BT-161", "cbc:Value")),
        ),
    ),
)

GROUPS = (
    TermGroup("BG-1", "cbc:Note", (Term("BT-22", "."),)),
    TermGroup(
        "BG-3",
        "cac:BillingReference/cac:InvoiceDocumentReference",
        (Term("BT-25", "cbc:ID"), Term("BT-26", "cbc:IssueDate")),
    ),
    TermGroup(
        "BT-29",
        f"{_SELLER}/cac:PartyIdentification/cbc:ID{_IS_NOT_SEPA}",
        (Term("BT-29", "."), Term("BT-29-1", "@schemeID")),
    ),
    TermGroup(
        "BG-17",
        "cac:PaymentMeans/cac:PayeeFinancialAccount",
        (
            Term("BT-84", "cbc:ID"),
            Term("BT-85", "cbc:Name"),
            Term("BT-86", "cac:FinancialInstitutionBranch/cbc:ID"),
        ),
    ),
    _adjustments("BG-20", _IS_ALLOWANCE, ("BT-92", "BT-93", "BT-94", "BT-97", "BT-98", "BT-95", "BT-96")),
    _adjustments("BG-21", _IS_CHARGE, ("BT-99", "BT-100", "BT-101", "BT-104", "BT-105", "BT-102", "BT-103")),
    TermGroup(
        "BG-23",
        "cac:TaxTotal[not(cbc:TaxAmount/@currencyID=$tax_currency) or $tax_currency=$currency]/cac:TaxSubtotal",
        (
            Term("BT-116", "cbc:TaxableAmount"),
            Term("BT-117", "cbc:TaxAmount"),
            Term("BT-118", "cac:TaxCategory/cbc:ID"),
            Term("BT-119", "cac:TaxCategory/cbc:Percent"),
            Term("BT-120", "cac:TaxCategory/cbc:TaxExemptionReason", joined=True),
            Term("BT-121", "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
        ),
    ),
    TermGroup(
        "BG-24",
        f"cac:AdditionalDocumentReference{_IS_NOT_OBJECT}",
        (
            Term("BT-122", "cbc:ID"),
            Term("BT-123", "cbc:DocumentDescription", joined=True),
            Term("BT-124", "cac:Attachment/cac:ExternalReference/cbc:URI"),
            Term("BT-125", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"),
            Term("BT-125-1", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@mimeCode"),
            Term("BT-125-2", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename"),
        ),
    ),
    _LINE,
)

_CREDITED = {
    "BT-11": f"cac:AdditionalDocumentReference{_IS_PROJECT}/cbc:ID",
    "BG-24": f"cac:AdditionalDocumentReference{_IS_NEITHER}",
    "BG-25": "cac:CreditNoteLine",
    "BT-3": "cbc:CreditNoteTypeCode",
    "BT-9": "cac:PaymentMeans/cbc:PaymentDueDate",
    "BT-129": "cbc:CreditedQuantity",
    "BT-130": "cbc:CreditedQuantity/@unitCode",
}
"""What stands elsewhere in a credit note (CEN/TS 16931-3-2); it has no ProjectReference."""


def _credited(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(term._replace(path=_CREDITED.get(term.name, term.path)) for term in terms)


CREDIT_HEADER = _credited(HEADER)
CREDIT_GROUPS = tuple(
    group._replace(path=_CREDITED.get(group.name, group.path), terms=_credited(group.terms)) for group in GROUPS
)
