"""The sample invoice as a cross industry invoice, written for these tests, and PDFs that carry it."""

from io import BytesIO

from pypdf import PdfWriter

FULL = "urn:cen.eu:en16931:2017"
UNECE = "urn:un:unece:uncefact:data:standard:"
NAMED = "factur-x.xml"


def day(text: str, kind: str = "udt:DateTimeString") -> str:
    """Write a date as the syntax does."""
    return f'<{kind} format="102">{text.replace("-", "")}</{kind}>'


def _party(kind: str, lei: str, name: str, legal: str, *address: str) -> str:
    street, zone, city, country, vat = address
    return f"""<ram:{kind}><ram:GlobalID schemeID="0199">{lei}</ram:GlobalID><ram:Name>{name}</ram:Name>
<ram:SpecifiedLegalOrganization>{legal}</ram:SpecifiedLegalOrganization>
<ram:PostalTradeAddress><ram:PostcodeCode>{zone}</ram:PostcodeCode><ram:LineOne>{street}</ram:LineOne>
<ram:CityName>{city}</ram:CityName><ram:CountryID>{country}</ram:CountryID></ram:PostalTradeAddress>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{vat}</ram:ID></ram:SpecifiedTaxRegistration></ram:{kind}>"""


def _line(number: int, name: str, code: str, count: str, price: str, net: str) -> str:
    return f"""<ram:IncludedSupplyChainTradeLineItem>
<ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:SellerAssignedID>QW-{number}</ram:SellerAssignedID><ram:Name>{name}</ram:Name>
<ram:DesignatedProductClassification><ram:ClassCode listID="HS">{code}</ram:ClassCode>
</ram:DesignatedProductClassification>
<ram:OriginTradeCountry><ram:ID>CN</ram:ID></ram:OriginTradeCountry></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>
<ram:BasisQuantity unitCode="C62">1</ram:BasisQuantity></ram:NetPriceProductTradePrice>
</ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">{count}</ram:BilledQuantity>
</ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>
<ram:CategoryCode>G</ram:CategoryCode><ram:RateApplicablePercent>0</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount>
</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>"""


def cross_industry(specification: str = FULL, type_code: str = "380") -> str:
    """Write the invoice; what it says is sound by EN 16931."""
    seller = _party(
        *("SellerTradeParty", "000000QINGWANKILN189", "Qingwan Kiln Studio Co., Ltd."),
        *("<ram:ID>91330106MA0EXAMPLW</ram:ID>", "12 Clay Lane", "310000"),
        *("Hangzhou", "CN", "CN91330106MA0EXAMPLW"),
    )
    buyer = _party(
        *("BuyerTradeParty", "000000TAFELROODBV131", "Tafelrood BV", '<ram:ID schemeID="0208">1999999943</ram:ID>'),
        *("Vierde Proefstraat 8", "2000", "Antwerpen", "BE", "BE1999999943"),
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{UNECE}CrossIndustryInvoice:100"
 xmlns:ram="{UNECE}ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="{UNECE}UnqualifiedDataType:100" xmlns:qdt="{UNECE}QualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{specification}</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>QW-2026-0917</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
<ram:IssueDateTime>{day("2026-09-17")}</ram:IssueDateTime>
<ram:IncludedNote><ram:Content>Painted by hand.</ram:Content><ram:SubjectCode>AAI</ram:SubjectCode></ram:IncludedNote>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
{_line(1, "Dinner plate", "6911.10", "120", "18.50", "2220.00")}
{_line(2, "Vase", "6913.10", "40", "69.50", "2780.00")}
<ram:ApplicableHeaderTradeAgreement>{seller}{buyer}
<ram:ApplicableTradeDeliveryTerms><ram:DeliveryTypeCode>FCA</ram:DeliveryTypeCode></ram:ApplicableTradeDeliveryTerms>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent>
<ram:OccurrenceDateTime>{day("2026-09-21")}</ram:OccurrenceDateTime></ram:ActualDeliverySupplyChainEvent>
</ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>RF24QW20260917</ram:PaymentReference>
<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>
<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>BE68539007547034</ram:IBANID>
</ram:PayeePartyCreditorFinancialAccount>
<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>HNSABEB0XXX</ram:BICID>
</ram:PayeeSpecifiedCreditorFinancialInstitution></ram:SpecifiedTradeSettlementPaymentMeans>
<ram:ApplicableTradeTax><ram:CalculatedAmount>0.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
<ram:ExemptionReason>Export of goods</ram:ExemptionReason><ram:BasisAmount>5150.00</ram:BasisAmount>
<ram:CategoryCode>G</ram:CategoryCode><ram:RateApplicablePercent>0</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator>
<ram:ActualAmount>150.00</ram:ActualAmount><ram:Reason>Export packing</ram:Reason>
<ram:CategoryTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>G</ram:CategoryCode>
<ram:RateApplicablePercent>0</ram:RateApplicablePercent></ram:CategoryTradeTax></ram:SpecifiedTradeAllowanceCharge>
<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{day("2026-10-17")}</ram:DueDateDateTime>
</ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>5000.00</ram:LineTotalAmount>
<ram:ChargeTotalAmount>150.00</ram:ChargeTotalAmount><ram:TaxBasisTotalAmount>5150.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">0.00</ram:TaxTotalAmount><ram:GrandTotalAmount>5150.00</ram:GrandTotalAmount>
<ram:DuePayableAmount>5150.00</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>
"""


def pdf(*attached: tuple[str, bytes], password: str = "") -> bytes:
    """Write a PDF of one empty page that carries files."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    for name, content in attached:
        writer.add_attachment(name, content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()
