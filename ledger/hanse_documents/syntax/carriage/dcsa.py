"""Reading a DCSA transport document (electronic bill of lading 2.0 and 3.0), or the instructions for one, in JSON."""

from hanse_documents.model.carriage import TransportDocument, TransportGoods, TransportKind
from hanse_documents.model.documents import DocumentParty
from hanse_documents.model.errors import DocumentError, Examiner, Fault
from hanse_documents.syntax.carriage.papervalues import ReadValues
from hanse_documents.syntax.jsonplaces import Json, at, every, first_text, text_at
from hanse_documents.syntax.openjson import open_json

_KINDS = {"BOL": TransportKind.BILL_OF_LADING, "SWB": TransportKind.WAYBILL}

_FUNCTIONS = {"shipper": "OS", "consignee": "CN", "notifyParties": "N1", "issuingParty": "DDR"}
"""The names of version 3 and the party functions of version 2."""


def read_dcsa(data: bytes, file: str) -> tuple[TransportDocument, tuple[Fault, ...]]:
    """Read a transport document.

    Raises:
        DocumentError: not JSON, or of no type that is known.
    """
    value = open_json(data, file)
    assert isinstance(value, dict), "a file is told by its keys"
    examiner = Examiner()
    document = _document(value, ReadValues(examiner))
    return document, examiner.finish()


def _document(value: Json, values: ReadValues) -> TransportDocument:
    code = text_at(value, "transportDocumentTypeCode") or ""
    if code not in _KINDS:
        raise DocumentError("transportDocumentTypeCode", seen=code or "nothing", wanted="BOL or SWB")
    number = text_at(value, "transportDocumentReference")
    items = every(value.get("consignmentItems"))
    transports = value.get("transports")
    cargo = [goods for item in items for goods in every(at(item, "cargoItems"))]
    containers = [
        *(text_at(goods, "equipmentReference") for goods in cargo),
        *(
            first_text(unit, ("equipmentReference",), ("equipment", "equipmentReference"))
            for unit in every(value.get("utilizedTransportEquipments"))
        ),
    ]
    seals = [
        text_at(seal, "number")
        for unit in every(value.get("utilizedTransportEquipments"))
        for seal in every(at(unit, "seals"))
    ]
    consignee = _party(value, "consignee", values) or _party(value, "endorsee", values)
    return TransportDocument(
        carrier=_party(value, "issuingParty", values) or _carrier(value),
        consignee=consignee,
        consignor=_party(value, "shipper", values),
        containers=tuple(dict.fromkeys(each for each in containers if each)),
        discharge_place=_place(transports, "portOfDischarge") or _place(value, "portOfDischarge"),
        document_type=_KINDS[code] if number else TransportKind.SHIPPING_INSTRUCTIONS,
        gross_mass_micro=_total([_mass(goods, values) for goods in cargo]),
        issued=values.day(text_at(value, "issueDate"), "issueDate"),
        lines=tuple(_goods(item, values, f"consignmentItems/{place}") for place, item in enumerate(items, 1)),
        loaded=values.day(text_at(value, "shippedOnBoardDate"), "shippedOnBoardDate"),
        loading_place=_place(transports, "portOfLoading") or _place(value, "portOfLoading"),
        mode="1",
        number=number or first_text(value, ("shippingInstructionsReference",), ("carrierBookingReference",)) or "",
        packages=_total([_packages(goods, values) for goods in cargo]),
        seals=tuple(dict.fromkeys(seal for seal in seals if seal)),
        to_order=value.get("isToOrder") is True,
        vessel=first_text(transports, ("vesselVoyages", "vesselName"), ("vesselName",)),
        voyage=first_text(transports, ("vesselVoyages", "carrierExportVoyageNumber"), ("carrierExportVoyageNumber",)),
    )


def _party(value: Json, name: str, values: ReadValues) -> DocumentParty | None:
    parties = value.get("documentParties")
    party = at(parties, name)
    if isinstance(parties, list):
        party = next(
            (at(each, "party") for each in parties if text_at(each, "partyFunction") == _FUNCTIONS.get(name)), None
        )
    if not isinstance(party, dict):
        return None
    identifiers = [text_at(code, "partyCode") for code in every(party.get("identifyingCodes"))]
    country = first_text(party, ("address", "countryCode"), ("address", "country"))
    return DocumentParty(
        country=values.country(country, f"documentParties/{name}"),
        identifiers=tuple(each for each in identifiers if each),
        name=text_at(party, "partyName"),
    )


def _carrier(value: Json) -> DocumentParty | None:
    code = text_at(value, "carrierCode")
    return None if code is None else DocumentParty(identifiers=(code,))


def _place(value: object, name: str) -> str | None:
    return first_text(value, (name, "UNLocationCode"), (name, "locationName"), (name, "address", "city"))


def _mass(goods: object, values: ReadValues) -> int | None:
    amount = first_text(goods, ("cargoGrossWeight", "value"), ("weight",), ("cargoGrossWeight",))
    unit = first_text(goods, ("cargoGrossWeight", "unit"), ("weightUnit",), ("cargoGrossWeightUnit",))
    return values.mass(amount, unit, "cargoGrossWeight")


def _packages(goods: object, values: ReadValues) -> int | None:
    count = first_text(goods, ("outerPackaging", "numberOfPackages"), ("numberOfPackages",))
    return values.count(count, "numberOfPackages")


def _total(parts: list[int | None]) -> int | None:
    """Add up what every part says; None where one of them is silent, or there is none."""
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _goods(item: object, values: ReadValues, where: str) -> TransportGoods:
    cargo = every(at(item, "cargoItems"))
    codes = [text_at([code]) for code in every(at(item, "HSCodes"))]
    described = [told for each in every(at(item, "descriptionOfGoods")) if (told := text_at([each]))]
    packages = _total([_packages(goods, values) for goods in cargo])
    codes_of_packages = {text_at(goods, "outerPackaging", "packageCode") for goods in cargo}
    return TransportGoods(
        description=" ".join(described) or None,
        gross_mass_micro=_total([_mass(goods, values) for goods in cargo]),
        hs_code=values.hs_code([*codes, text_at(item, "HSCode")], f"{where}/HSCodes"),
        marks=text_at(item, "shippingMarks"),
        packages=packages,
        quantity_micro=None if packages is None else packages * 1_000_000,
        unit=f"X{codes_of_packages.pop()}"
        if packages is not None and len(codes_of_packages - {None}) == len(codes_of_packages) == 1
        else None,
    )
