"""Certificates in names other than edi3's: UN/CEFACT D23B, AANZFTA, USMCA and UBL, read into the same typed values."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanse_documents import examine_document
from hanse_documents.model.documents import CertificateDocument, CertificateGoods, DocumentParty
from hanse_documents.model.errors import DocumentError, Fault, UnsupportedFormat
from hanse_documents.samples import sample
from hanse_documents.semantics.country_names import country_named
from hanse_documents.syntax.certificates.quantities import quantity_in, quantity_of

Json = dict[str, Any]


def examined(value: Json) -> tuple[CertificateDocument, tuple[Fault, ...]]:
    """Read a certificate in JSON."""
    reading = examine_document(json.dumps(value).encode())
    assert isinstance(reading.document, CertificateDocument)
    return reading.document, reading.findings


AANZFTA: Json = {
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:web:chamber.example", "name": "Chamber"},
    "credentialSubject": {
        "iD": "0003625",
        "issueDateTime": "2026-09-18T00:00:00+10:00",
        "isPreferential": True,
        "freeTradeAgreement": "AANZFTA",
        "supplyChainConsignment": {
            "exportCountry": {"name": "Australia"},
            "consignor": {"iD": "95307094535", "name": "Mango Growers", "postalAddress": {"countryCode": "AU"}},
            "importCountry": {"name": "Lao PDR"},
            "consignee": {"name": "Vientiane Fruit"},
            "includedConsignmentItems": [
                {
                    "itemQuantity": {"value": "1,250.5", "unit": "kg"},
                    "crossBorderRegulatoryProcedure": {"originCriteriaText": "WO"},
                    "tradeLineItems": [
                        {
                            "invoiceReference": {"iD": "INV-7"},
                            "tradeProduct": {
                                "description": "Mangoes",
                                "harmonisedTariffCode": {"classCode": "0804.50"},
                                "originCountry": {"name": "Australia"},
                            },
                        }
                    ],
                }
            ],
        },
    },
}


def test_an_aanzfta_credential_reads() -> None:
    """The consignor is the exporter, countries have names, and the quantity of an item is that of its only line."""
    certificate, findings = examined(AANZFTA)
    assert certificate.exporter == DocumentParty(country="AU", identifiers=("95307094535",), name="Mango Growers")
    assert (certificate.export_country, certificate.import_country, certificate.number) == ("AU", "LA", "0003625")
    assert certificate.issuer.name == "Chamber"
    assert certificate.lines == (
        CertificateGoods(
            criterion="WO",
            description="Mangoes",
            hs_code="080450",
            invoice="INV-7",
            origin="AU",
            quantity_micro=1_250_500_000,
            unit="KGM",
        ),
    )
    assert [finding.field for finding in findings] == ["proof"]


def test_a_certificate_on_a_scan_alone_is_attached() -> None:
    """Data that hold a scanned form, and no goods, are no certificate that can be read: that is what is said."""
    partial = {"iD": "0003625", "freeTradeAgreement": "AANZFTA", "originalDocument": "JVBERi0=", "importerName": "ABC"}
    with pytest.raises(UnsupportedFormat, match="scanned form alone") as refused:
        examined({**AANZFTA, "credentialSubject": partial})
    assert "Attach it" in refused.value.action


USMCA: Json = {
    "type": ["VerifiableCredential", "USMCACertificationOfOrigin"],
    "issuanceDate": "2026-02-04T20:29:37+00:00",
    "issuer": {"id": "did:key:z6Mk", "name": "Prime Steel Inc."},
    "importerDetails": {
        "name": "Acero Mexicano",
        "location": {"address": {"addressCountry": "Mexico"}},
    },
    "exporterDetails": [{"name": "Prime Steel Inc.", "location": {"address": {"addressCountry": "US"}}}],
    "credentialSubject": [
        {
            "type": "USMCAProductSpecifier",
            "product": {
                "description": "Steel Rebar",
                "commodity": {"commodityCode": "721420", "commodityCodeType": "HS"},
            },
            "originCriterion": "A",
            "countryOfOrigin": "United States",
            "quantity": "12 t",
        }
    ],
    "blanketPeriodFrom": "2026-06-22",
    "blanketPeriodTo": "2027-06-21",
    "proof": {"type": "Ed25519Signature2018"},
}


def test_a_usmca_certification_reads() -> None:
    """Names of the W3C traceability vocabulary; a certification has no number, so that its moment stands for it."""
    certificate, findings = examined(USMCA)
    assert (certificate.agreement, certificate.preferential) == ("USMCA", True)
    assert certificate.number == "2026-02-04T20:29:37+00:00"
    assert certificate.exporter == DocumentParty(country="US", name="Prime Steel Inc.")
    assert certificate.consignee == DocumentParty(country="MX", name="Acero Mexicano")
    assert (certificate.export_country, certificate.import_country) == ("US", "MX")
    assert (certificate.valid_from, certificate.valid_until) == ("2026-06-22", "2027-06-21")
    assert [
        (line.hs_code, line.origin, line.criterion, line.quantity_micro, line.unit) for line in certificate.lines
    ] == [("721420", "US", "A", 12_000_000, "TNE")]
    assert [finding.field for finding in findings] == ["proof"]


def test_a_usmca_certification_in_untp_names_reads() -> None:
    """Products listed in the subject, with the codes and countries where UNTP has them."""
    value = {name: part for name, part in USMCA.items() if name not in ("exporterDetails", "credentialSubject")}
    product = {
        "name": "Rebar",
        "productCategory": [{"code": "7214.20"}],
        "countryOfProduction": "MX",
        "originCriteria": "B",
    }
    value["credentialSubject"] = {"products": [product], "invoiceNumber": "7"}
    certificate, _ = examined(value)
    assert certificate.exporter.name == "Prime Steel Inc."
    line = certificate.lines[0]
    assert (line.description, line.hs_code, line.origin, line.criterion, line.invoice) == (
        "Rebar",
        "721420",
        "MX",
        "B",
        "7",
    )


D23B: Json = {
    "exchangedDocument": {
        "id": {"content": "P-1"},
        "issueDateTime": "2026-09-18T03:20:00Z",
        "issuer": {"id": [{"content": "chamber"}], "name": {"content": "Chamber"}},
    },
    "specifiedConsignment": {
        "consignor": {"id": [{"content": "S-1"}], "name": "Seller", "postalAddress": {"countryId": {"content": "CN"}}},
        "consignee": {"id": [{"content": "B-1"}]},
        "exportTradeCountry": {"id": [{"content": "CN"}]},
        "importTradeCountry": {"id": ["AU"]},
        "applicableCrossBorderRegulatoryProcedure": [
            {"freeTradeAgreementName": {"content": "ChAFTA"}, "originCriteriaText": {"content": "PSR"}}
        ],
        "includedConsignmentItem": [
            {
                "includedTradeLineItem": [
                    {
                        "specifiedTradeProduct": [
                            {
                                "description": {"content": "Plates"},
                                "designatedProductClassification": [{"classCode": {"content": "6911.10"}}],
                                "originTradeCountry": [{"id": [{"content": "CN"}]}],
                            }
                        ],
                        "physicalReferencedLogisticsPackage": [
                            {"itemQuantity": {"content": 20}, "typeCode": "CT"},
                            {"itemQuantity": {"content": 6}, "typeCode": "CT"},
                        ],
                        "invoiceReferencedDocument": {"id": {"content": "INV-7"}},
                    }
                ]
            }
        ],
    },
}


def test_the_preferential_certificate_of_un_cefact_reads() -> None:
    """D23B's names and its texts in maps; packages of one kind are added up, in the unit of Recommendation 21."""
    certificate, findings = examined(D23B)
    assert (certificate.number, certificate.agreement, certificate.preferential) == ("P-1", "ChAFTA", True)
    assert certificate.exporter == DocumentParty(country="CN", identifiers=("S-1",), name="Seller")
    assert certificate.consignee == DocumentParty(identifiers=("B-1",))
    assert (certificate.export_country, certificate.import_country) == ("CN", "AU")
    assert certificate.lines == (
        CertificateGoods(
            criterion="PSR",
            description="Plates",
            hs_code="691110",
            invoice="INV-7",
            origin="CN",
            quantity_micro=26_000_000,
            unit="XCT",
        ),
    )
    assert findings == ()


def test_a_d23b_certificate_without_a_party_is_refused_by_edi3s_name() -> None:
    """Faults name places as edi3 does, whatever the shape."""
    consignment = {**D23B["specifiedConsignment"]}
    del consignment["consignor"]
    with pytest.raises(DocumentError) as refused:
        examined({**D23B, "specifiedConsignment": consignment})
    assert refused.value.field == "supplyChainConsignment/exporter"


UBL = """<CertificateOfOrigin xmlns="urn:oasis:names:specification:ubl:schema:xsd:CertificateOfOrigin-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>CO-1</cbc:ID><cbc:IssueDate>2026-09-18</cbc:IssueDate><cbc:IssueTime>03:20:00Z</cbc:IssueTime>
 <cac:ExporterParty><cac:PartyName><cbc:Name>Seller</cbc:Name></cac:PartyName>
  <cac:PostalAddress><cac:Country><cbc:IdentificationCode>CN</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 </cac:ExporterParty>
 <cac:ImporterParty><cac:PartyLegalEntity><cbc:RegistrationName>Buyer</cbc:RegistrationName>
  <cbc:CompanyID>BE1</cbc:CompanyID></cac:PartyLegalEntity></cac:ImporterParty>
 <cac:CertificateOfOriginApplication>
  <cbc:ReferenceID>A-1</cbc:ReferenceID><cbc:CertificateType>KIND</cbc:CertificateType>
  <cac:Shipment><cbc:ID>1</cbc:ID>
   <cac:Consignment><cbc:ID>1</cbc:ID><cac:FinalDestinationCountry><cbc:IdentificationCode>BE</cbc:IdentificationCode>
    </cac:FinalDestinationCountry></cac:Consignment>
   <cac:GoodsItem><cbc:Quantity unitCode="C62">120</cbc:Quantity>
    <cac:Item><cbc:Description>Plates</cbc:Description>
     <cac:OriginCountry><cbc:IdentificationCode>CN</cbc:IdentificationCode></cac:OriginCountry>
     <cac:CommodityClassification><cbc:ItemClassificationCode listID="HS">691110</cbc:ItemClassificationCode>
     </cac:CommodityClassification>
     <cac:AdditionalItemProperty><cbc:Name>OriginCriterion</cbc:Name><cbc:Value>WO</cbc:Value></cac:AdditionalItemProperty>
    </cac:Item></cac:GoodsItem>
   <cac:GoodsItem><cbc:NetWeightMeasure unitCode="KG">2.5</cbc:NetWeightMeasure>
    <cac:Item><cbc:Name>Tea</cbc:Name></cac:Item></cac:GoodsItem>
  </cac:Shipment>
  <cac:IssuerParty><cac:PartyName><cbc:Name>Chamber</cbc:Name></cac:PartyName></cac:IssuerParty>
  <cac:SupportingDocumentReference><cbc:ID>INV-7</cbc:ID><cbc:DocumentTypeCode>380</cbc:DocumentTypeCode>
  </cac:SupportingDocumentReference>
 </cac:CertificateOfOriginApplication>
 <cac:IssuerEndorsement/>
</CertificateOfOrigin>"""


@pytest.mark.parametrize(
    ("kind", "preferential", "agreement"),
    [
        ("Non-preferential", False, None),
        ("", False, None),
        ("EUR.1", True, "EUR.1"),
        ("Form D (ATIGA)", True, "ATIGA Form D"),
        ("Preferential, Pacific Alliance", True, "Preferential, Pacific Alliance"),
    ],
)
def test_a_ubl_certificate_reads(kind: str, preferential: bool, agreement: str | None) -> None:
    """UBL has its elements elsewhere, and no element for preference: the certificate's type names it."""
    reading = examine_document(UBL.replace("KIND", kind).encode())
    certificate = reading.document
    assert isinstance(certificate, CertificateDocument)
    assert (certificate.number, certificate.issued, certificate.issuer.name) == ("CO-1", "2026-09-18", "Chamber")
    assert (certificate.preferential, certificate.agreement) == (preferential, agreement)
    assert certificate.exporter == DocumentParty(country="CN", name="Seller")
    assert certificate.consignee == DocumentParty(identifiers=("BE1",), name="Buyer")
    assert (certificate.export_country, certificate.import_country) == ("CN", "BE")
    assert certificate.lines == (
        CertificateGoods(
            criterion="WO",
            description="Plates",
            hs_code="691110",
            invoice="INV-7",
            origin="CN",
            quantity_micro=120_000_000,
            unit="C62",
        ),
        CertificateGoods(description="Tea", invoice="INV-7", quantity_micro=2_500_000, unit="KGM"),
    )


def test_a_ubl_certificate_without_goods_is_refused() -> None:
    """A certificate certifies something."""
    start, end = UBL.index("   <cac:GoodsItem>"), UBL.index("  </cac:Shipment>")
    with pytest.raises(DocumentError, match="lines of goods"):
        examine_document((UBL[:start] + UBL[end:]).encode())


def test_the_published_goods_certificate_reads(shared: Path) -> None:
    """UBL's example certifies goods in a package of a handling unit; that its kind is not origin is a finding."""
    data = (shared / "samples" / "coo" / "ubl-2.3-GoodsCertificate-Example.xml").read_bytes()
    reading = examine_document(data)
    certificate = reading.document
    assert isinstance(certificate, CertificateDocument)
    assert (certificate.number, certificate.exporter.name, certificate.issued) == (
        "ExampleID",
        "ConsignorExample",
        "2020-06-23",
    )
    assert (certificate.export_country, certificate.import_country) == ("DK", "PA")
    line = certificate.lines[0]
    assert (line.hs_code, line.origin, line.quantity_micro, line.unit) == ("19011000", "DK", 63_000_000, "CT")
    assert "ChinaFish" in reading.findings[0].seen


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"value": "120", "unitCode": "C62"}, ("120", "C62")),
        ({"content": 3, "unit": "cartons"}, ("3", "XCT")),
        ({"amount": "12 kg"}, ("12", "KGM")),
        ("99kg", ("99", "KGM")),
        ("1,200 pcs.", ("1200", "C62")),
        (5, ("5", None)),
        (".5 L", (".5", "LTR")),
        ("1,5 kg", None),
        ("about ten", None),
        (True, None),
        ({"unit": "kg"}, None),
        ([{"value": 2, "unitCode": "TNE"}], ("2", "TNE")),
    ],
)
def test_quantities_are_read_in_their_forms(value: object, read: tuple[str, str | None] | None) -> None:
    """A map, a number or a text; a comma that may be a decimal point is no number, for nobody knows which."""
    quantity = quantity_of(value)
    if read is None:
        assert quantity is None
    else:
        assert quantity is not None
        assert (float(str(quantity["value"])), quantity.get("unitCode")) == (float(read[0]), read[1])


def test_packages_of_two_kinds_are_not_added() -> None:
    """Cartons and drums are no sum, and neither are packages of which one has no count."""
    carton, drum = ({"itemQuantity": 2, "typeCode": code} for code in ("CT", "DR"))
    assert quantity_in({"transportPackages": [carton, carton]}) == {"value": 4, "unitCode": "XCT"}
    assert quantity_in({"transportPackages": [carton, drum]}) is None
    assert quantity_in({"transportPackages": [carton, {"grossWeight": "1"}]}) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [("Viet Nam", "VN"), ("VIETNAM", "VN"), ("Côte d'Ivoire", "CI"), ("U.S.A.", "US"), ("Atlantis", None)],
)
def test_countries_are_found_by_their_names(name: str, code: str | None) -> None:
    """Case, accents and points do not count."""
    assert country_named(name) == code


def test_an_unknown_country_is_refused_by_its_name() -> None:
    """A name that is no country's is told, and not dropped."""
    value = json.loads(sample("certificate.json"))
    value["supplyChainConsignment"]["importCountry"] = {"name": "Atlantis"}
    with pytest.raises(DocumentError, match="Atlantis"):
        examined(value)
