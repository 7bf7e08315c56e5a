"""Certificates in UBL 2.3: CertificateOfOrigin, and GoodsCertificate, which certifies goods and may name their origin.

Both are written with edi3's names, and read by the one reader.
"""

from collections.abc import Iterator

from hanse_documents.model.documents import CertificateDocument
from hanse_documents.model.errors import Examiner, Fault
from hanse_documents.semantics.profiles import PROFILES
from hanse_documents.syntax.certificates.quantities import unit_of_word
from hanse_documents.syntax.coo import certificate_in
from hanse_documents.syntax.elements import found, text, texts
from hanse_documents.syntax.jsonplaces import Json
from hanse_documents.syntax.xml import Element, name_of

INVOICE_CODES = frozenset({"325", "380", "386"})
"""Types of documents that are invoices (UNTDID 1001): pro forma, commercial, prepayment."""

_PARTY_NAME = ("PartyName/Name", "PartyLegalEntity/RegistrationName")


def read_ubl_certificate(root: Element, file: str) -> tuple[CertificateDocument, tuple[Fault, ...]]:
    """Read a certificate; `file` is how messages call the file.

    Raises:
        DocumentError: with every fault, if it lacks what a certificate must have.
    """
    examiner = Examiner(one_a_field=True)
    kind = name_of(root)[1]
    if kind == "GoodsCertificate":
        seen = f"a GoodsCertificate of type {text(root, 'TypeCode') or 'unknown'}"
        examiner.find(
            "TypeCode", seen=f"{file} is {seen}", wanted="a CertificateOfOrigin, where origin is what is certified"
        )
    return certificate_in(_as_edi3(root), examiner)


def _as_edi3(root: Element) -> Json:
    application = next(iter(found(root, "CertificateOfOriginApplication")), root)
    kind = text(application, "CertificateType") or text(root, "Description") or ""
    agreement = _agreement(kind)
    day, time = text(root, "IssueDate"), text(root, "IssueTime")
    shipment = next(iter(found(application, "Shipment")), root)
    exporter = _party(root, "ExporterParty", "ConsignorParty") or _party(application, "ExporterParty")
    consignee = (
        _party(root, "ImporterParty", "ConsigneeParty")
        or _party(application, "ImporterParty")
        or _party(shipment, "Consignment/ConsigneeParty")
    )
    issuer = _party(application, "IssuerParty") or _party(
        root, "IssuerParty", "IssuerEndorsement/EndorserParty/Party", "EndorserParty/Party"
    )
    consignment: dict[str, object] = {
        "includedConsignmentItems": [_item(goods, _invoice(application)) for goods in _goods(shipment)],
        "exportCountry": {"code": _export(shipment) or _country_of(exporter)},
        "importCountry": {"code": _import(shipment) or _country_of(consignee)},
    }
    if exporter is not None:
        consignment["exporter"] = exporter
    if consignee is not None:
        consignment["consignee"] = consignee
    certificate: dict[str, object] = {
        "iD": text(root, "ID") or "",
        "issuer": issuer or {},
        "isPreferential": agreement is not None,
        "supplyChainConsignment": consignment,
    }
    if agreement is not None:
        certificate["freeTradeAgreement"] = agreement
    if day:
        certificate["issueDateTime"] = f"{day}T{time}" if time and time[-1:] == "Z" else day
    return certificate


def _agreement(kind: str) -> str | None:
    """Find the preferential kind that a text names; None for a certificate without preference."""
    named = "".join(sign for sign in kind.upper() if sign.isalnum())
    preferential = [row for row in PROFILES if row.preferential]
    row = next((row for row in preferential if any(len(name) > 2 and name in named for name in row.names)), None)
    if row is not None:
        return row.name
    return kind if "PREFERENTIAL" in named and "NONPREFERENTIAL" not in named else None


def _party(root: Element, *paths: str) -> Json | None:
    for path in paths:
        for party in found(root, path):
            name = next((told for place in _PARTY_NAME if (told := text(party, place))), None)
            identifier = text(party, "PartyLegalEntity/CompanyID") or text(party, "PartyIdentification/ID")
            country = text(party, "PostalAddress/Country/IdentificationCode")
            written: dict[str, object] = {"iD": identifier, "name": name}
            if country:
                written["postalAddress"] = {"countryCode": country}
            return written
    return None


def _country_of(party: Json | None) -> object:
    address = (party or {}).get("postalAddress")
    return address.get("countryCode") if isinstance(address, dict) else None


def _export(shipment: Element) -> str | None:
    return text(shipment, "ExportCountry/IdentificationCode") or text(
        shipment, "Consignment/OriginalDepartureCountry/IdentificationCode"
    )


def _import(shipment: Element) -> str | None:
    return text(shipment, "Consignment/FinalDestinationCountry/IdentificationCode")


def _invoice(application: Element) -> str | None:
    """Give the number of the invoice among the supporting documents, by its type."""
    for reference in (*found(application, "SupportingDocumentReference"), *found(application, "DocumentReference")):
        code, kind = text(reference, "DocumentTypeCode"), (text(reference, "DocumentType") or "").casefold()
        if code in INVOICE_CODES or "invoice" in kind:
            return text(reference, "ID")
    return None


def _goods(shipment: Element) -> Iterator[Element]:
    """List the goods: of the shipment, of its consignments, or in its handling units and their packages."""
    for path in (
        "GoodsItem",
        "Consignment/ConsolidatedShipment/GoodsItem",
        "Consignment/TransportHandlingUnit/GoodsItem",
        "Consignment/TransportHandlingUnit/Package/GoodsItem",
        "TransportHandlingUnit/GoodsItem",
        "TransportHandlingUnit/Package/GoodsItem",
    ):
        goods = found(shipment, path)
        if goods:
            yield from goods
            return


def _item(goods: Element, invoice: str | None) -> Json:
    product = {
        "description": next(iter(texts(goods, "Item/Description")), None)
        or text(goods, "Item/Name")
        or text(goods, "Description"),
        "originCountry": {
            "code": text(goods, "Item/OriginCountry/IdentificationCode")
            or text(goods, "OriginAddress/Country/IdentificationCode")
        },
    }
    code = text(goods, "Item/CommodityClassification/ItemClassificationCode") or text(
        goods, "Item/CommodityClassification/CommodityCode"
    )
    if code:
        product["harmonisedTariffCode"] = {"classCode": code}
    line: dict[str, object] = {"tradeProduct": product}
    if quantity := _quantity(goods):
        line["tradeDelivery"] = {"despatchedQuantity": quantity}
    if invoice:
        line["invoiceReference"] = {"iD": invoice}
    criterion = next(
        (
            text(each, "Value")
            for each in found(goods, "Item/AdditionalItemProperty")
            if "criteri" in (text(each, "Name") or "").casefold()
        ),
        None,
    )
    item: dict[str, object] = {"tradeLineItems": [line]}
    if criterion:
        item["crossBorderRegulatoryProcedure"] = {"originCriteriaText": criterion}
    return item


def _quantity(goods: Element) -> Json | None:
    """Give the quantity, else the net weight, with its unit; of a package's code of two letters that of its list."""
    for path in ("Quantity", "CustomsTariffQuantity", "NetWeightMeasure"):
        for element in found(goods, path):
            unit = unit_of_word(element.get("unitCode"))
            if (value := (element.text or "").strip()) and unit:
                return {"value": value, "unitCode": unit}
    return None
