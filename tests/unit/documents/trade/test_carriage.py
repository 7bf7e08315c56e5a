"""Papers of carriage and declarations: each field is read from its place, and what is badly written is left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanse_documents import check_document, examine_document
from hanse_documents.model.carriage import (
    DeclarationDocument,
    DeclarationGoods,
    TransportDocument,
    TransportGoods,
    TransportKind,
    country_of_place,
)
from hanse_documents.model.documents import DocumentParty, Incoterms, Money
from hanse_documents.model.errors import DocumentError, Examiner, Fault, UnsupportedFormat
from hanse_documents.syntax.carriage.papervalues import ReadValues

Json = dict[str, Any]
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def transport(value: Json | str) -> tuple[TransportDocument, tuple[Fault, ...]]:
    """Read a paper of carriage."""
    reading = examine_document(value.encode() if isinstance(value, str) else json.dumps(value).encode(), "paper")
    assert isinstance(reading.document, TransportDocument)
    return reading.document, reading.findings


def packing_list(kind: str, inner: str) -> str:
    """Write a UBL paper."""
    names = " ".join(
        f'xmlns:{short}="{UBL}Common{long}Components-2"' for short, long in (("cac", "Aggregate"), ("cbc", "Basic"))
    )
    return f'<{kind} xmlns="{UBL}{kind}-2" {names}>{inner}</{kind}>'


SHIPMENT = """<cbc:ID>PL-1</cbc:ID><cbc:IssueDate>2026-09-19</cbc:IssueDate>
<cac:ConsignorParty><cac:PartyIdentification><cbc:ID>S1</cbc:ID></cac:PartyIdentification>
 <cac:PartyName><cbc:Name>Seller</cbc:Name></cac:PartyName></cac:ConsignorParty>
<cac:DocumentReference><cbc:ID>INV-7</cbc:ID><cbc:DocumentTypeCode>380</cbc:DocumentTypeCode></cac:DocumentReference>
<cac:DocumentReference><cbc:ID>O-7</cbc:ID><cbc:DocumentType>Order</cbc:DocumentType></cac:DocumentReference>
<cac:Shipment><cbc:ID>1</cbc:ID><cbc:GrossWeightMeasure unitCode="TNE">0.3125</cbc:GrossWeightMeasure>
 <cbc:TotalTransportHandlingUnitQuantity>26</cbc:TotalTransportHandlingUnitQuantity>
 <cac:Consignment><cbc:ID>1</cbc:ID>
  <cac:ConsigneeParty><cac:PartyLegalEntity><cbc:RegistrationName>Buyer</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:ConsigneeParty>
  <cac:DeliveryTerms><cbc:ID>FCA</cbc:ID><cac:DeliveryLocation><cbc:Name>Ningbo</cbc:Name></cac:DeliveryLocation>
  </cac:DeliveryTerms></cac:Consignment>
 <cac:GoodsItem><cbc:Description>Plates</cbc:Description>
  <cbc:GrossWeightMeasure unitCode="KG">300</cbc:GrossWeightMeasure>
  <cbc:Quantity unitCode="C62">120</cbc:Quantity>
  <cac:Item><cac:CommodityClassification><cbc:ItemClassificationCode>6911.10</cbc:ItemClassificationCode>
  </cac:CommodityClassification></cac:Item></cac:GoodsItem>
 <cac:ShipmentStage><cbc:TransportModeCode>3</cbc:TransportModeCode>
  <cbc:PreCarriageIndicator>true</cbc:PreCarriageIndicator></cac:ShipmentStage>
 <cac:ShipmentStage><cbc:TransportModeCode>1</cbc:TransportModeCode>
  <cac:TransportMeans><cbc:JourneyID>402E</cbc:JourneyID>
  <cac:MaritimeTransport><cbc:VesselName>Blue Heron</cbc:VesselName>
  </cac:MaritimeTransport></cac:TransportMeans>
  <cac:LoadingPortLocation><cbc:ID>CNNGB</cbc:ID></cac:LoadingPortLocation>
  <cac:UnloadingPortLocation><cbc:Name>Antwerp</cbc:Name></cac:UnloadingPortLocation></cac:ShipmentStage>
 <cac:TransportHandlingUnit><cac:TransportEquipment><cbc:ID>MSKU1234565</cbc:ID>
  <cac:TransportEquipmentSeal><cbc:ID>SL1</cbc:ID></cac:TransportEquipmentSeal></cac:TransportEquipment>
 </cac:TransportHandlingUnit>
</cac:Shipment>"""


@pytest.mark.parametrize("kind", ["PackingList", "BillOfLading", "Waybill"])
def test_a_ubl_paper_reads(kind: str) -> None:
    """Parties, places, masses in kilograms, packages, containers, seals, goods, and the invoices it refers to."""
    document, findings = transport(packing_list(kind, SHIPMENT))
    assert document == TransportDocument(
        consignee=DocumentParty(name="Buyer"),
        consignor=DocumentParty(identifiers=("S1",), name="Seller"),
        containers=("MSKU1234565",),
        discharge_place="Antwerp",
        document_type={
            "PackingList": TransportKind.PACKING_LIST,
            "BillOfLading": TransportKind.BILL_OF_LADING,
            "Waybill": TransportKind.WAYBILL,
        }[kind],
        gross_mass_micro=312_500_000,
        incoterms=Incoterms(code="FCA", place="Ningbo"),
        invoices=("INV-7",),
        issued="2026-09-19",
        lines=(
            TransportGoods(
                description="Plates",
                gross_mass_micro=300_000_000,
                hs_code="691110",
                quantity_micro=120_000_000,
                unit="C62",
            ),
        ),
        loading_place="CNNGB",
        mode="1",
        number="PL-1",
        packages=26,
        seals=("SL1",),
        vessel="Blue Heron",
        voyage="402E",
    )
    assert findings == ()


def test_a_ubl_paper_without_a_number_is_refused() -> None:
    """A paper without a number is no paper of anything."""
    with pytest.raises(DocumentError, match="the number of paper"):
        transport(packing_list("Waybill", "<cac:Shipment/>"))


def test_the_published_waybill_reads(shared: Path) -> None:
    """UBL's example by air: the main carriage is the stage between two airports, not the lorry before it."""
    document, _ = transport((shared / "samples/other/UBL-Waybill-2.0-Example-International.xml").read_text())
    assert (document.document_type, document.number, document.mode) == (TransportKind.WAYBILL, "KHN23-44044-1", "4")
    assert (document.loading_place, document.discharge_place, document.import_country) == ("USBOS", "GBBRS", "GB")
    assert (document.gross_mass_micro, document.packages, document.loaded) == (130_000_000, 10, "2005-06-25")
    assert document.consignor == DocumentParty(country="US", name="Consortial")
    line = document.lines[0]
    assert (line.hs_code, line.origin, line.quantity_micro) == ("15219000", "MX", 10_000_000)


def test_the_published_dcsa_documents_read(shared: Path) -> None:
    """Version 3: a bill of lading, and the instructions for a negotiable one, which have no number yet."""
    bill, instructions = (
        transport(json.loads((shared / "samples/other" / name).read_text()))[0]
        for name in ("dcsa-pint-3.0.0-transport-document.json", "dcsa-ebl-api-3.0.0-negotiable-bl.json")
    )
    assert (bill.document_type, bill.loading_place, bill.discharge_place) == (
        TransportKind.BILL_OF_LADING,
        "DKAAR",
        "DEBRV",
    )
    assert (bill.vessel, bill.voyage, bill.loaded) == ("HMM Algeciras", "402E", "2023-12-19")
    assert (bill.gross_mass_micro, bill.packages, bill.containers) == (12_000_000_000, 400, ("NARU3472484",))
    assert bill.carrier == DocumentParty(country="KR", identifiers=("HMM",), name="Hyundai")
    assert (bill.lines[0].hs_code, bill.lines[0].unit) == ("640510", "X4G")
    assert (instructions.document_type, instructions.number) == (TransportKind.SHIPPING_INSTRUCTIONS, "")
    assert instructions.to_order
    assert instructions.consignee is not None
    assert instructions.consignee.name == "Bank of America"


def test_dcsa_version_2_reads() -> None:
    """Parties are a list with functions there, and weights stand without a map."""
    document, findings = transport(
        {
            "transportDocumentTypeCode": "SWB",
            "transportDocumentReference": "SWB-1",
            "carrierCode": "MSK",
            "documentParties": [{"party": {"partyName": "Seller"}, "partyFunction": "OS"}],
            "consignmentItems": [
                {
                    "HSCode": "691110",
                    "descriptionOfGoods": "Plates",
                    "cargoItems": [{"weight": 12, "weightUnit": "KGM"}],
                },
                {"HSCode": "x", "cargoItems": [{"weight": 5, "weightUnit": "MTQ"}]},
            ],
        }
    )
    assert document.consignor == DocumentParty(name="Seller")
    assert (document.carrier, document.consignee) == (DocumentParty(identifiers=("MSK",)), None)
    assert (document.lines[0].gross_mass_micro, document.lines[0].hs_code) == (12_000_000, "691110")
    assert document.gross_mass_micro is None
    assert [finding.seen for finding in findings] == ["MTQ", "x"]


def test_a_dcsa_document_of_another_type_is_refused() -> None:
    """BOL and SWB are the types."""
    with pytest.raises(DocumentError, match="BOL or SWB"):
        transport({"transportDocumentTypeCode": "HBL"})


def test_the_published_credential_reads(shared: Path) -> None:
    """TradeTrust's bill of lading in OpenAttestation 3.0, hash checked, and one in a plain credential."""
    bill, findings = transport(json.loads((shared / "samples/other/tradetrust-ebl.json").read_text()))
    assert (bill.number, bill.vessel, bill.loading_place) == ("123", "1", "Singapore Port")
    assert bill.consignor == DocumentParty(country="SG", name="Demo Shipper")
    assert [finding.field for finding in findings] == ["proof"]
    bill, _ = transport(json.loads((shared / "samples/other/tradetrust-v2_tr_er_ECDSA_Signed.json").read_text()))
    assert (bill.number, bill.consignor) == ("20250107", None)


def test_a_bill_credential_has_its_packages() -> None:
    """Bare as well; to order is said."""
    bill, _ = transport(
        {
            "blNumber": "1",
            "consignee": {"name": "TO ORDER"},
            "packages": [{"description": "1 Pallet", "weight": "2", "measurement": "KG"}],
        }
    )
    assert bill.to_order
    assert bill.lines == (TransportGoods(description="1 Pallet", gross_mass_micro=2_000_000),)


DECLARATION: Json = {
    "Declaration": {
        "ID": "26BE0001",
        "TypeCode": "IM",
        "AcceptanceDateTime": "20260925",
        "TotalGrossMassMeasure": {"value": "312.5", "unitCode": "KGM"},
        "TotalPackageQuantity": 26,
        "InvoiceAmount": {"#text": "5150.00", "@currencyID": "EUR"},
        "Declarant": {"ID": "BE0123", "Name": "Broker"},
        "Exporter": {"Name": "Seller", "Address": {"CountryCode": "CN"}},
        "Importer": {"ID": "BE1", "Name": "Buyer"},
        "GoodsShipment": {
            "ExportationCountry": {"ID": "CN"},
            "Destination": {"CountryCode": "BE"},
            "TradeTerms": {"ConditionCode": "FCA", "LocationName": "Ningbo"},
            "Invoice": {"ID": "INV-7"},
            "Consignment": {
                "TransportContractDocument": {"ID": "BL-1", "TypeCode": "705"},
                "TransportEquipment": [{"ID": "MSKU1234565"}],
                "BorderTransportMeans": {"Name": "Blue Heron"},
            },
            "GovernmentAgencyGoodsItem": [
                {
                    "SequenceNumeric": 1,
                    "AdditionalDocument": [
                        {"CategoryCode": "N", "TypeCode": "861", "ID": "CO-1"},
                        {"CategoryCode": "N", "TypeCode": "380", "ID": "INV-7"},
                        {"CategoryCode": "N", "TypeCode": "741", "ID": "AWB-1"},
                    ],
                    "Commodity": {
                        "Description": "Plates",
                        "Classification": [
                            {"ID": "691110", "IdentificationTypeCode": "TSP"},
                            {"ID": "1234", "IdentificationTypeCode": "GN"},
                        ],
                        "GoodsMeasure": {
                            "GrossMassMeasure": 300,
                            "NetNetWeightMeasure": {"value": 280},
                            "TariffQuantity": {"value": "120", "unitCode": "C62"},
                        },
                        "InvoiceLine": {"ItemChargeAmount": "5150.00"},
                    },
                    "Origin": [{"CountryCode": "CN"}],
                    "Packaging": [{"QuantityQuantity": 26, "TypeCode": "CT"}],
                }
            ],
        },
    }
}


@pytest.mark.parametrize("bare", [False, True])
def test_a_declaration_reads(bare: bool) -> None:
    """The WCO's names; amounts with or without a currency, measures with or without a unit, types with a category."""
    value = DECLARATION["Declaration"] if bare else DECLARATION
    reading = examine_document(json.dumps(value).encode())
    money = Money(amount_minor=515_000, currency="EUR", exponent=2)
    assert reading.document == DeclarationDocument(
        certificates=("CO-1",),
        containers=("MSKU1234565",),
        declarant=DocumentParty(identifiers=("BE0123",), name="Broker"),
        declaration_type="IM",
        export_country="CN",
        exporter=DocumentParty(country="CN", name="Seller"),
        gross_mass_micro=312_500_000,
        import_country="BE",
        importer=DocumentParty(identifiers=("BE1",), name="Buyer"),
        incoterms=Incoterms(code="FCA", place="Ningbo"),
        invoice_amount=money,
        invoices=("INV-7",),
        issued="2026-09-25",
        lines=(
            DeclarationGoods(
                charge=money,
                description="Plates",
                gross_mass_micro=300_000_000,
                hs_code="691110",
                net_mass_micro=280_000_000,
                origin="CN",
                packages=26,
                quantity_micro=120_000_000,
                unit="C62",
            ),
        ),
        number="26BE0001",
        packages=26,
        transports=("BL-1", "AWB-1"),
        vessel="Blue Heron",
    )
    assert reading.findings == ()


def test_a_declaration_without_number_and_goods_tells_both() -> None:
    """Everything that is wrong is told at once."""
    report = check_document(b'{"Declaration": {"GoodsShipment": {}}}')
    assert [finding.field for finding in report.fatal()] == ["ID", "GoodsShipment/GovernmentAgencyGoodsItem"]
    assert report.kind == "wco-Declaration"
    assert check_document(b'{"Declaration": "text"}').verdict == "invalid"


def test_what_is_badly_written_is_left_out_and_told() -> None:
    """A date, a country, a code, a mass and an amount that are none each become a finding."""
    examiner = Examiner()
    values = ReadValues(examiner)
    assert values.day("soon", "a") is None
    assert values.country("Atlantis", "b") is None
    assert values.hs_code(["none", "6911", "691110"], "c") == "691110"
    assert values.hs_code(["none"], "d") is None
    assert values.mass("much", "KGM", "e") is None
    assert values.mass("1", "MTQ", "f") is None
    assert values.quantity("1e5", "g") is None
    assert values.count("1.5", "h") is None
    assert values.money("1.001", "EUR", "i") is None
    assert values.money("1.00", None, "j") is None
    assert values.mass("10", "lbs", "k") == 4_535_924
    assert [values.day(None, ""), values.country(None, ""), values.quantity(None, ""), values.mass(None, None, "")] == [
        None
    ] * 4
    assert [finding.field for finding in examiner.finish()] == ["a", "b", "d", "e", "f", "g", "i"]


@pytest.mark.parametrize(
    ("place", "country"), [("CNNGB", "CN"), ("CN NGB", "CN"), ("Antwerp", None), ("Genoa", None), (None, None)]
)
def test_a_locode_begins_with_its_country(place: str | None, country: str | None) -> None:
    """A name of a town is no code, even with five letters."""
    assert country_of_place(place) == country


def test_json_of_another_kind_is_named() -> None:
    """A credential about something else says what it calls itself."""
    with pytest.raises(UnsupportedFormat, match="DegreeCredential"):
        examine_document(
            b'{"type": ["VerifiableCredential", "DegreeCredential"], "credentialSubject": {"degree": "x"}}'
        )
