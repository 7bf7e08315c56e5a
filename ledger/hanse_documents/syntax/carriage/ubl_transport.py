"""Reading UBL papers of carriage: Waybill, BillOfLading and PackingList (2.0 to 2.4), by local names."""

from hanse_documents.model.carriage import TransportDocument, TransportGoods, TransportKind
from hanse_documents.model.documents import DocumentParty, Incoterms
from hanse_documents.model.errors import Examiner, Fault
from hanse_documents.syntax.carriage.papervalues import ReadValues
from hanse_documents.syntax.certificates.quantities import unit_of_word
from hanse_documents.syntax.elements import found, text, texts
from hanse_documents.syntax.xml import Element, name_of
from hanse_ledger.values import limits

_KINDS = {
    "BillOfLading": TransportKind.BILL_OF_LADING,
    "PackingList": TransportKind.PACKING_LIST,
    "Waybill": TransportKind.WAYBILL,
}

_GOODS = (
    "Shipment/GoodsItem",
    "Shipment/Consignment/ConsolidatedShipment/GoodsItem",
    "Shipment/TransportHandlingUnit/GoodsItem",
    "Shipment/TransportHandlingUnit/Package/GoodsItem",
    "Shipment/TransportHandlingUnit/ActualPackage/GoodsItem",
    "Shipment/Consignment/TransportHandlingUnit/GoodsItem",
)

_UNITS = ("Shipment/TransportHandlingUnit", "Shipment/Consignment/TransportHandlingUnit")
_STAGES = (
    "Shipment/Consignment/MainCarriageShipmentStage",
    "Shipment/ShipmentStage",
    "Shipment/Consignment/ShipmentStage",
)


def read_ubl_transport(root: Element, file: str) -> tuple[TransportDocument, tuple[Fault, ...]]:
    """Read a paper of carriage; `file` is how messages call the file.

    Raises:
        DocumentError: it has no number, or more goods than are read.
    """
    examiner = Examiner()
    document = _TransportReader(root, file, examiner).document()
    return document, examiner.finish()


class _TransportReader:
    """Reads one paper."""

    def __init__(self, root: Element, file: str, examiner: Examiner) -> None:
        self._root, self._examiner, self._values = root, examiner, ReadValues(examiner)
        self._file = file

    def document(self) -> TransportDocument:
        """Read the whole."""
        root, values = self._root, self._values
        number = text(root, "ID") or ""
        if not number:
            self._examiner.refuse("ID", seen="nothing", wanted=f"the number of {self._file}")
        stage = self._stage()
        mass = next(
            iter(
                (*found(root, "Shipment/GrossWeightMeasure"), *found(root, "Shipment/Consignment/GrossWeightMeasure"))
            ),
            None,
        )
        return TransportDocument(
            carrier=self._party("CarrierParty"),
            consignee=self._party(
                "Shipment/Consignment/ConsigneeParty", "ConsigneeParty", "Shipment/Consignment/FinalDeliveryParty"
            ),
            consignor=self._party("ConsignorParty", "Shipment/Consignment/ConsignorParty"),
            containers=self._listed("TransportEquipment/ID"),
            discharge_place=self._place(stage, "UnloadingPortLocation")
            or text(root, "Shipment/FirstArrivalPortLocation/ID"),
            document_type=_KINDS[name_of(root)[1]],
            gross_mass_micro=self._mass(mass),
            import_country=values.country(
                text(root, "Shipment/Consignment/FinalDestinationCountry/IdentificationCode"), "FinalDestinationCountry"
            ),
            incoterms=self._incoterms(),
            invoices=self._invoices(),
            issued=values.day(text(root, "IssueDate"), "IssueDate"),
            lines=self._lines(),
            loaded=values.day(
                text(root, "Shipment/Delivery/Despatch/ActualDespatchDate")
                or text(root, "Shipment/Consignment/LoadingTransportEvent/OccurrenceDate"),
                "ActualDespatchDate",
            ),
            loading_place=self._place(stage, "LoadingPortLocation") or text(root, "Shipment/LastExitPortLocation/ID"),
            mode=text(stage, "TransportModeCode") if stage is not None else None,
            number=number,
            packages=values.count(
                text(root, "Shipment/TotalTransportHandlingUnitQuantity"), "TotalTransportHandlingUnitQuantity"
            ),
            seals=self._listed("TransportEquipment/TransportEquipmentSeal/ID"),
            vessel=None if stage is None else text(stage, "TransportMeans/MaritimeTransport/VesselName"),
            voyage=None if stage is None else text(stage, "TransportMeans/JourneyID"),
        )

    def _stage(self) -> Element | None:
        """Find the main carriage: the first stage from a port, else the first that is neither before nor after it."""
        stages = [stage for path in _STAGES for stage in found(self._root, path)]
        ports = (stage for stage in stages if found(stage, "LoadingPortLocation"))
        main = (
            stage
            for stage in stages
            if text(stage, "PreCarriageIndicator") != "true" and text(stage, "OnCarriageIndicator") != "true"
        )
        return next(iter((*ports, *main)), None)

    def _place(self, stage: Element | None, name: str) -> str | None:
        if stage is None:
            return None
        return text(stage, f"{name}/ID") or text(stage, f"{name}/Name") or text(stage, f"{name}/Description")

    def _party(self, *paths: str) -> DocumentParty | None:
        for path in paths:
            for party in found(self._root, path):
                identifiers = texts(party, "PartyIdentification/ID")
                return DocumentParty(
                    country=self._values.country(text(party, "PostalAddress/Country/IdentificationCode"), path),
                    identifiers=tuple(identifiers),
                    legal_id=text(party, "PartyLegalEntity/CompanyID"),
                    name=text(party, "PartyName/Name") or text(party, "PartyLegalEntity/RegistrationName"),
                    vat_id=text(party, "PartyTaxScheme/CompanyID"),
                )
        return None

    def _listed(self, path: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(told for unit in _UNITS for told in texts(self._root, f"{unit}/{path}")))

    def _mass(self, element: Element | None) -> int | None:
        if element is None:
            return None
        return self._values.mass((element.text or "").strip(), element.get("unitCode"), "GrossWeightMeasure")

    def _incoterms(self) -> Incoterms | None:
        for path in ("Shipment/Consignment/DeliveryTerms", "Shipment/DeliveryTerms"):
            if code := text(self._root, f"{path}/ID"):
                place = text(self._root, f"{path}/DeliveryLocation/Name")
                return Incoterms(code=code, place=place or text(self._root, f"{path}/DeliveryLocation/ID"))
        return None

    def _invoices(self) -> tuple[str, ...]:
        """List the invoices among the documents that it refers to, by type."""
        numbers = []
        for path in (
            "DocumentReference",
            "Shipment/Consignment/DocumentReference",
            "Shipment/GoodsItem/InvoiceLine/DocumentReference",
        ):
            for reference in found(self._root, path):
                kind = (text(reference, "DocumentType") or "").casefold()
                if text(reference, "DocumentTypeCode") == "380" or "invoice" in kind:
                    numbers += texts(reference, "ID")
        return tuple(dict.fromkeys(numbers))

    def _lines(self) -> tuple[TransportGoods, ...]:
        goods = next((items for path in _GOODS if (items := found(self._root, path))), [])
        if len(goods) > limits.LINES:
            self._examiner.refuse("GoodsItem", seen=f"{len(goods)} lines", wanted=f"at most {limits.LINES} lines")
            return ()
        # A consignment's own code is that of its goods where there is one kind of them.
        whole = texts(self._root, "Shipment/Consignment/TariffCode") if len(goods) == 1 else []
        return tuple(self._goods(item, whole, f"GoodsItem/{place}") for place, item in enumerate(goods, 1))

    def _goods(self, item: Element, whole: list[str], where: str) -> TransportGoods:
        values = self._values
        codes = [
            *texts(item, "Item/CommodityClassification/ItemClassificationCode"),
            *texts(item, "Item/CommodityClassification/CommodityCode"),
            *whole,
        ]
        quantity = next(iter(found(item, "Quantity")), None)
        mass = next(iter(found(item, "GrossWeightMeasure")), None)
        return TransportGoods(
            description=text(item, "Item/Description") or text(item, "Description") or text(item, "Item/Name"),
            gross_mass_micro=self._mass(mass),
            hs_code=values.hs_code(codes, f"{where}/CommodityClassification"),
            marks=text(item, "MarksNumbersID") or text(item, "MarkingID"),
            origin=values.country(text(item, "Item/OriginCountry/IdentificationCode"), f"{where}/OriginCountry"),
            packages=values.count(text(item, "ContainingPackage/Quantity"), f"{where}/ContainingPackage"),
            quantity_micro=None
            if quantity is None
            else values.quantity((quantity.text or "").strip() or None, f"{where}/Quantity"),
            unit=None if quantity is None else unit_of_word(quantity.get("unitCode")),
        )
