"""Where each term of EN 16931 stands in a UN/CEFACT cross industry invoice.

Source: CEN/TS 16931-3-3, syntax binding to CII D16B; D22B has the same places. Variables as in `ubl_terms.py`.
"""

from hanse_documents.syntax.ubl_terms import Term, TermGroup

_DOCUMENT = "rsm:ExchangedDocument"
_CONTEXT = "rsm:ExchangedDocumentContext"
_AGREED = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DELIVERED = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_SETTLED = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SELLER = f"{_AGREED}/ram:SellerTradeParty"
_BUYER = f"{_AGREED}/ram:BuyerTradeParty"
_AGENT = f"{_AGREED}/ram:SellerTaxRepresentativeTradeParty"
_PAYEE = f"{_SETTLED}/ram:PayeeTradeParty"
_SHIP_TO = f"{_DELIVERED}/ram:ShipToTradeParty"
_TAX = f"{_SETTLED}/ram:ApplicableTradeTax"
_TERMS = f"{_SETTLED}/ram:SpecifiedTradePaymentTerms"
_MEANS = f"{_SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans"
_TOTAL = f"{_SETTLED}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_REFERENCED = f"{_AGREED}/ram:AdditionalReferencedDocument"
_NUMBER = "ram:IssuerAssignedID"
_DAY = "udt:DateTimeString"
_IS_OBJECT = "[ram:TypeCode='130']"
_IS_CHARGE = "[normalize-space(ram:ChargeIndicator/udt:Indicator)='true']"
_IS_ALLOWANCE = "[normalize-space(ram:ChargeIndicator/udt:Indicator)='false']"


def _address(party: str, *names: str) -> tuple[Term, ...]:
    """List the terms of a postal address: street, two more lines, city, zone, area, country."""
    elements = ("LineOne", "LineTwo", "LineThree", "CityName", "PostcodeCode", "CountrySubDivisionName", "CountryID")
    return tuple(
        Term(name, f"{party}/ram:PostalTradeAddress/ram:{element}")
        for name, element in zip(names, elements, strict=True)
    )


def _contact(party: str, person: str, telephone: str, mail: str) -> tuple[Term, ...]:
    contact = f"{party}/ram:DefinedTradeContact"
    return (
        Term(person, f"{contact}/ram:PersonName | {contact}[not(ram:PersonName)]/ram:DepartmentName"),
        Term(telephone, f"{contact}/ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        Term(mail, f"{contact}/ram:EmailURIUniversalCommunication/ram:URIID"),
    )


def _identifier(party: str, name: str) -> tuple[Term, ...]:
    """List a party's one identifier, the global one before its own, and the scheme of that."""
    return (
        Term(name, f"({party}/ram:GlobalID | {party}[not(ram:GlobalID)]/ram:ID)[1]"),
        Term(f"{name}-1", f"({party}/ram:GlobalID)[1]/@schemeID"),
    )


def _organisation(party: str, name: str) -> tuple[Term, ...]:
    legal = f"{party}/ram:SpecifiedLegalOrganization/ram:ID"
    return (Term(name, legal), Term(f"{name}-1", f"{legal}/@schemeID"))


def _electronic(party: str, name: str) -> tuple[Term, ...]:
    address = f"{party}/ram:URIUniversalCommunication/ram:URIID"
    return (Term(name, address), Term(f"{name}-1", f"{address}/@schemeID"))


def _registered(party: str, name: str, scheme: str) -> Term:
    return Term(name, f"{party}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='{scheme}']")


CII_HEADER = (
    Term("BT-1", f"{_DOCUMENT}/ram:ID"),
    Term("BT-2", f"{_DOCUMENT}/ram:IssueDateTime/{_DAY}"),
    Term("BT-3", f"{_DOCUMENT}/ram:TypeCode"),
    Term("BT-5", f"{_SETTLED}/ram:InvoiceCurrencyCode"),
    Term("BT-6", f"{_SETTLED}/ram:TaxCurrencyCode"),
    Term("BT-7", f"{_TAX}/ram:TaxPointDate/udt:DateString"),
    Term("BT-8", f"{_TAX}/ram:DueDateTypeCode"),
    Term("BT-9", f"{_TERMS}/ram:DueDateDateTime/{_DAY}"),
    Term("BT-10", f"{_AGREED}/ram:BuyerReference"),
    Term("BT-11", f"{_AGREED}/ram:SpecifiedProcuringProject/ram:ID"),
    Term("BT-12", f"{_AGREED}/ram:ContractReferencedDocument/{_NUMBER}"),
    Term("BT-13", f"{_AGREED}/ram:BuyerOrderReferencedDocument/{_NUMBER}"),
    Term("BT-14", f"{_AGREED}/ram:SellerOrderReferencedDocument/{_NUMBER}"),
    Term("BT-15", f"{_DELIVERED}/ram:ReceivingAdviceReferencedDocument/{_NUMBER}"),
    Term("BT-16", f"{_DELIVERED}/ram:DespatchAdviceReferencedDocument/{_NUMBER}"),
    Term("BT-17", f"{_REFERENCED}[ram:TypeCode='50']/{_NUMBER}"),
    Term("BT-18", f"{_REFERENCED}{_IS_OBJECT}/{_NUMBER}"),
    Term("BT-18-1", f"{_REFERENCED}{_IS_OBJECT}/ram:ReferenceTypeCode"),
    Term("BT-19", f"{_SETTLED}/ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
    Term("BT-20", f"{_TERMS}/ram:Description", joined=True),
    Term("BT-23", f"{_CONTEXT}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
    Term("BT-24", f"{_CONTEXT}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    # BG-4 seller, BG-5 its address, BG-6 its contact
    Term("BT-27", f"{_SELLER}/ram:Name"),
    Term("BT-28", f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
    *_organisation(_SELLER, "BT-30"),
    _registered(_SELLER, "BT-31", "VA"),
    _registered(_SELLER, "BT-32", "FC"),
    Term("BT-33", f"{_SELLER}/ram:Description"),
    *_electronic(_SELLER, "BT-34"),
    *_address(_SELLER, "BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"),
    *_contact(_SELLER, "BT-41", "BT-42", "BT-43"),
    # BG-7 buyer, BG-8 its address, BG-9 its contact
    Term("BT-44", f"{_BUYER}/ram:Name"),
    Term("BT-45", f"{_BUYER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
    *_identifier(_BUYER, "BT-46"),
    *_organisation(_BUYER, "BT-47"),
    _registered(_BUYER, "BT-48", "VA"),
    *_electronic(_BUYER, "BT-49"),
    *_address(_BUYER, "BT-50", "BT-51", "BT-163", "BT-52", "BT-53", "BT-54", "BT-55"),
    *_contact(_BUYER, "BT-56", "BT-57", "BT-58"),
    # BG-10 payee, BG-11 seller's tax representative, BG-12 its address
    Term("BT-59", f"{_PAYEE}/ram:Name"),
    _identifier(_PAYEE, "BT-60")[0],
    _organisation(_PAYEE, "BT-61")[0],
    Term("BT-62", f"{_AGENT}/ram:Name"),
    _registered(_AGENT, "BT-63", "VA"),
    *_address(_AGENT, "BT-64", "BT-65", "BT-164", "BT-66", "BT-67", "BT-68", "BT-69"),
    # BG-13 delivery, BG-14 period, BG-15 address
    Term("BT-70", f"{_SHIP_TO}/ram:Name"),
    *_identifier(_SHIP_TO, "BT-71"),
    Term("BT-72", f"{_DELIVERED}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{_DAY}"),
    Term("BT-73", f"{_SETTLED}/ram:BillingSpecifiedPeriod/ram:StartDateTime/{_DAY}"),
    Term("BT-74", f"{_SETTLED}/ram:BillingSpecifiedPeriod/ram:EndDateTime/{_DAY}"),
    *_address(_SHIP_TO, "BT-75", "BT-76", "BT-165", "BT-77", "BT-78", "BT-79", "BT-80"),
    # BG-16 payment instructions, BG-18 card, BG-19 direct debit
    Term("BT-81", f"{_MEANS}/ram:TypeCode"),
    Term("BT-82", f"{_MEANS}/ram:Information"),
    Term("BT-83", f"{_SETTLED}/ram:PaymentReference"),
    Term("BT-87", f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard/ram:ID"),
    Term("BT-88", f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard/ram:CardholderName"),
    Term("BT-89", f"{_TERMS}/ram:DirectDebitMandateID"),
    Term("BT-90", f"{_SETTLED}/ram:CreditorReferenceID"),
    Term("BT-91", f"{_MEANS}/ram:PayerPartyDebtorFinancialAccount/ram:IBANID"),
    # BG-22 totals
    Term("BT-106", f"{_TOTAL}/ram:LineTotalAmount"),
    Term("BT-107", f"{_TOTAL}/ram:AllowanceTotalAmount"),
    Term("BT-108", f"{_TOTAL}/ram:ChargeTotalAmount"),
    Term("BT-109", f"{_TOTAL}/ram:TaxBasisTotalAmount"),
    Term("BT-110", f"{_TOTAL}/ram:TaxTotalAmount[not(@currencyID) or @currencyID=$currency]"),
    Term("BT-111", f"{_TOTAL}/ram:TaxTotalAmount[@currencyID=$tax_currency and not(@currencyID=$currency)]"),
    Term("BT-112", f"{_TOTAL}/ram:GrandTotalAmount"),
    Term("BT-113", f"{_TOTAL}/ram:TotalPrepaidAmount"),
    Term("BT-114", f"{_TOTAL}/ram:RoundingAmount"),
    Term("BT-115", f"{_TOTAL}/ram:DuePayableAmount"),
    # What UBL calls so stands here as well; EN 16931 has no terms of delivery.
    Term("UBL/DeliveryTerms/ID", f"{_AGREED}/ram:ApplicableTradeDeliveryTerms/ram:DeliveryTypeCode"),
)


def _adjustments(of: str, path: str, terms: tuple[str, ...]) -> TermGroup:
    """List the terms of allowances or charges, of the document or of a line: the same places, other numbers."""
    amount, base, percentage, reason, code, *tax = terms
    return TermGroup(
        of,
        path,
        (
            Term(amount, "ram:ActualAmount"),
            Term(base, "ram:BasisAmount"),
            Term(percentage, "ram:CalculationPercent"),
            Term(reason, "ram:Reason"),
            Term(code, "ram:ReasonCode"),
            *(
                Term(name, f"ram:CategoryTradeTax/ram:{element}")
                for name, element in zip(tax, ("CategoryCode", "RateApplicablePercent"), strict=False)
            ),
        ),
    )


_LINE_DOCUMENT = "ram:AssociatedDocumentLineDocument"
_LINE_AGREED = "ram:SpecifiedLineTradeAgreement"
_LINE_SETTLED = "ram:SpecifiedLineTradeSettlement"
_NET, _GROSS = f"{_LINE_AGREED}/ram:NetPriceProductTradePrice", f"{_LINE_AGREED}/ram:GrossPriceProductTradePrice"
_BILLED = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
_PRODUCT = "ram:SpecifiedTradeProduct"
_LINE_OBJECT = f"{_LINE_SETTLED}/ram:AdditionalReferencedDocument{_IS_OBJECT}"
_LINE_ADJUSTED = f"{_LINE_SETTLED}/ram:SpecifiedTradeAllowanceCharge"

_LINE = TermGroup(
    "BG-25",
    "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem",
    (
        Term("BT-126", f"{_LINE_DOCUMENT}/ram:LineID"),
        Term("BT-127", f"{_LINE_DOCUMENT}/ram:IncludedNote/ram:Content", joined=True),
        Term("BT-128", f"{_LINE_OBJECT}/{_NUMBER}"),
        Term("BT-128-1", f"{_LINE_OBJECT}/ram:ReferenceTypeCode"),
        Term("BT-129", _BILLED),
        Term("BT-130", f"{_BILLED}/@unitCode"),
        Term("BT-131", f"{_LINE_SETTLED}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
        Term("BT-132", f"{_LINE_AGREED}/ram:BuyerOrderReferencedDocument/ram:LineID"),
        Term("BT-133", f"{_LINE_SETTLED}/ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
        Term("BT-134", f"{_LINE_SETTLED}/ram:BillingSpecifiedPeriod/ram:StartDateTime/{_DAY}"),
        Term("BT-135", f"{_LINE_SETTLED}/ram:BillingSpecifiedPeriod/ram:EndDateTime/{_DAY}"),
        Term("BT-146", f"{_NET}/ram:ChargeAmount"),
        Term("BT-147", f"{_GROSS}/ram:AppliedTradeAllowanceCharge{_IS_ALLOWANCE}/ram:ActualAmount"),
        Term("BT-148", f"{_GROSS}/ram:ChargeAmount"),
        Term("BT-149", f"{_NET}/ram:BasisQuantity"),
        Term("BT-150", f"{_NET}/ram:BasisQuantity/@unitCode"),
        Term("BT-151", f"{_LINE_SETTLED}/ram:ApplicableTradeTax/ram:CategoryCode"),
        Term("BT-152", f"{_LINE_SETTLED}/ram:ApplicableTradeTax/ram:RateApplicablePercent"),
        Term("BT-153", f"{_PRODUCT}/ram:Name"),
        Term("BT-154", f"{_PRODUCT}/ram:Description"),
        Term("BT-155", f"{_PRODUCT}/ram:SellerAssignedID"),
        Term("BT-156", f"{_PRODUCT}/ram:BuyerAssignedID"),
        Term("BT-157", f"{_PRODUCT}/ram:GlobalID"),
        Term("BT-157-1", f"{_PRODUCT}/ram:GlobalID/@schemeID"),
        Term("BT-159", f"{_PRODUCT}/ram:OriginTradeCountry/ram:ID"),
    ),
    (
        _adjustments("BG-27", f"{_LINE_ADJUSTED}{_IS_ALLOWANCE}", ("BT-136", "BT-137", "BT-138", "BT-139", "BT-140")),
        _adjustments("BG-28", f"{_LINE_ADJUSTED}{_IS_CHARGE}", ("BT-141", "BT-142", "BT-143", "BT-144", "BT-145")),
        TermGroup(
            "BT-158",
            f"{_PRODUCT}/ram:DesignatedProductClassification/ram:ClassCode",
            (Term("BT-158", "."), Term("BT-158-1", "@listID"), Term("BT-158-2", "@listVersionID")),
        ),
        TermGroup(
            "BG-32",
            f"{_PRODUCT}/ram:ApplicableProductCharacteristic",
            (Term("BT-160", "ram:Description"), Term("BT-161", "ram:Value")),
        ),
    ),
)

_ADJUSTED = f"{_SETTLED}/ram:SpecifiedTradeAllowanceCharge"
_CREDITOR = "ram:PayeePartyCreditorFinancialAccount"

CII_GROUPS = (
    TermGroup("BG-1", f"{_DOCUMENT}/ram:IncludedNote", (Term("BT-22", "ram:Content", joined=True),)),
    TermGroup(
        "BG-3",
        f"{_SETTLED}/ram:InvoiceReferencedDocument",
        (Term("BT-25", _NUMBER), Term("BT-26", "ram:FormattedIssueDateTime/qdt:DateTimeString")),
    ),
    TermGroup(
        "BT-29", f"{_SELLER}/ram:ID | {_SELLER}/ram:GlobalID", (Term("BT-29", "."), Term("BT-29-1", "@schemeID"))
    ),
    TermGroup(
        "BG-17",
        f"{_MEANS}[{_CREDITOR}]",
        (
            Term("BT-84", f"{_CREDITOR}/ram:IBANID | {_CREDITOR}[not(ram:IBANID)]/ram:ProprietaryID"),
            Term("BT-85", f"{_CREDITOR}/ram:AccountName"),
            Term("BT-86", "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"),
        ),
    ),
    _adjustments(
        "BG-20",
        f"{_ADJUSTED}{_IS_ALLOWANCE}",
        ("BT-92", "BT-93", "BT-94", "BT-97", "BT-98", "BT-95", "BT-96"),
    ),
    _adjustments(
        "BG-21",
        f"{_ADJUSTED}{_IS_CHARGE}",
        ("BT-99", "BT-100", "BT-101", "BT-104", "BT-105", "BT-102", "BT-103"),
    ),
    TermGroup(
        "BG-23",
        _TAX,
        (
            Term("BT-116", "ram:BasisAmount"),
            Term("BT-117", "ram:CalculatedAmount"),
            Term("BT-118", "ram:CategoryCode"),
            Term("BT-119", "ram:RateApplicablePercent"),
            Term("BT-120", "ram:ExemptionReason"),
            Term("BT-121", "ram:ExemptionReasonCode"),
        ),
    ),
    TermGroup(
        "BG-24",
        f"{_REFERENCED}[ram:TypeCode='916']",
        (
            Term("BT-122", _NUMBER),
            Term("BT-123", "ram:Name", joined=True),
            Term("BT-124", "ram:URIID"),
            Term("BT-125", "ram:AttachmentBinaryObject"),
            Term("BT-125-1", "ram:AttachmentBinaryObject/@mimeCode"),
            Term("BT-125-2", "ram:AttachmentBinaryObject/@filename"),
        ),
    ),
    _LINE,
)
