"""Reading customs declarations in JSON, by the names of the WCO data model (version 3): its main elements.

Amounts and measures may be `{"value": …, "currencyID": …}`, `{"#text": …, "@currencyID": …}` as XML is written in JSON,
or a bare number, which then has the currency of the invoice, or is in kilograms.
"""

from hanse_documents.model.carriage import DeclarationDocument, DeclarationGoods
from hanse_documents.model.documents import DocumentParty, Incoterms, Money
from hanse_documents.model.errors import Examiner, Fault
from hanse_documents.syntax.carriage.papervalues import ReadValues
from hanse_documents.syntax.certificates.quantities import unit_of_word
from hanse_documents.syntax.jsonplaces import Json, at, every, first_text
from hanse_documents.syntax.openjson import open_json
from hanse_ledger.values import limits

INVOICES = frozenset({"380", "325", "N380", "N325", "386"})
CERTIFICATES = frozenset(
    (
        *("861", "865", "954", "N861", "N865", "N954", "Y864", "C042"),
        *("U110", "U111", "U112", "U113", "U114", "U115", "U116", "U117", "U118", "U123"),
    )
)
"""Types of documents that are invoices and proofs of origin (UNTDID 1001; European Union, box 12 03)."""

_CARRIAGE = ("703", "704", "705", "710", "714", "720", "730", "740", "741", "785")
TRANSPORTS = frozenset((*_CARRIAGE, *(f"N{code}" for code in _CARRIAGE)))
"""Types that are papers of carriage."""

_TEXTS = (("value",), ("#text",), ("content",), ("_",), ())
_GOODS = "GoodsShipment/GovernmentAgencyGoodsItem"


def read_declaration(data: bytes, file: str) -> tuple[DeclarationDocument, tuple[Fault, ...]]:
    """Read a declaration.

    Raises:
        DocumentError: not JSON, no number, or no goods.
    """
    value = open_json(data, file)
    assert isinstance(value, dict), "a file is told by its keys"
    examiner = Examiner()
    inner = value.get("Declaration", value)
    document = _DeclarationReader(inner if isinstance(inner, dict) else {}, examiner).document()
    return document, examiner.finish()


def _text(value: object, *path: str) -> str | None:
    """Give a text, a measure's or an amount's number."""
    return first_text(at(value, *path), *_TEXTS) if path else first_text(value, *_TEXTS)


def _attribute(value: object, *path: str, name: str) -> str | None:
    return first_text(at(value, *path), (name,), (f"@{name}",), (name.removesuffix("ID"),))


class _DeclarationReader:
    """Reads one declaration."""

    def __init__(self, declaration: Json, examiner: Examiner) -> None:
        self._declaration, self._examiner, self._values = declaration, examiner, ReadValues(examiner)
        self._shipment = at(declaration, "GoodsShipment")
        self._currency = _attribute(declaration, "InvoiceAmount", name="currencyID") or _text(
            declaration, "CurrencyExchange", "CurrencyTypeCode"
        )

    def document(self) -> DeclarationDocument:
        """Read the whole."""
        given, shipment, values = self._declaration, self._shipment, self._values
        number = _text(given, "ID") or _text(given, "FunctionalReferenceID") or ""
        if not number:
            self._examiner.refuse("ID", seen="nothing", wanted="the declaration's number, or FunctionalReferenceID")
        consignment = at(shipment, "Consignment")
        equipment = every(at(consignment, "TransportEquipment"))
        export = _text(shipment, "ExportationCountry", "ID") or _text(given, "ExportationCountry", "ID")
        mass = at(given, "TotalGrossMassMeasure") or at(consignment, "GrossMassMeasure")
        return DeclarationDocument(
            certificates=self._documents(CERTIFICATES),
            containers=tuple(dict.fromkeys(each for unit in equipment if (each := _text(unit, "ID")))),
            declarant=self._party(at(given, "Declarant"), "Declarant"),
            declaration_type=_text(given, "TypeCode"),
            export_country=values.country(export, "ExportationCountry/ID"),
            exporter=self._party(
                at(given, "Exporter") or at(shipment, "Exporter") or at(shipment, "Consignor"), "Exporter"
            ),
            gross_mass_micro=self._mass(mass, "TotalGrossMassMeasure"),
            import_country=values.country(
                _text(shipment, "Destination", "CountryCode") or _text(shipment, "Destination", "ID"), "Destination"
            ),
            importer=self._party(
                at(given, "Importer") or at(shipment, "Importer") or at(shipment, "Consignee"), "Importer"
            ),
            incoterms=self._incoterms(),
            invoice_amount=self._money(at(given, "InvoiceAmount") or at(shipment, "InvoiceAmount"), "InvoiceAmount"),
            invoices=self._invoices(),
            issued=values.day(
                _text(given, "AcceptanceDateTime") or _text(given, "IssueDateTime"), "AcceptanceDateTime"
            ),
            lines=self._lines(),
            number=number,
            packages=values.count(_text(given, "TotalPackageQuantity"), "TotalPackageQuantity"),
            transports=self._transports(consignment),
            vessel=first_text(consignment, ("BorderTransportMeans", "Name"), ("ArrivalTransportMeans", "Name"))
            or _text(given, "BorderTransportMeans", "Name"),
        )

    def _party(self, party: object, where: str) -> DocumentParty | None:
        name, identifier = _text(party, "Name"), _text(party, "ID")
        country = self._values.country(_text(party, "Address", "CountryCode"), f"{where}/Address/CountryCode")
        if name is None and identifier is None:
            return None
        return DocumentParty(country=country, identifiers=(identifier,) if identifier else (), name=name)

    def _incoterms(self) -> Incoterms | None:
        code = _text(self._shipment, "TradeTerms", "ConditionCode")
        place = first_text(self._shipment, ("TradeTerms", "LocationName"), ("TradeTerms", "LocationID"))
        return None if code is None else Incoterms(code=code, place=place)

    def _items(self) -> tuple[object, ...]:
        return tuple(every(at(self._shipment, "GovernmentAgencyGoodsItem")))

    def _documents(self, types: frozenset[str]) -> tuple[str, ...]:
        """List the numbers of the additional documents of some types, of the declaration and of its items."""
        places = (self._declaration, self._shipment, *self._items())
        named = []
        for document in (document for place in places for document in every(at(place, "AdditionalDocument"))):
            kind = f"{_text(document, 'CategoryCode') or ''}{_text(document, 'TypeCode') or ''}"
            if (kind in types or _text(document, "TypeCode") in types) and (number := _text(document, "ID")):
                named.append(number)
        return tuple(dict.fromkeys(named))

    def _invoices(self) -> tuple[str, ...]:
        own = [number for invoice in every(at(self._shipment, "Invoice")) if (number := _text(invoice, "ID"))]
        return tuple(dict.fromkeys((*own, *self._documents(INVOICES))))

    def _transports(self, consignment: object) -> tuple[str, ...]:
        contracts = every(at(consignment, "TransportContractDocument"))
        own = [number for contract in contracts if (number := _text(contract, "ID"))]
        return tuple(dict.fromkeys((*own, *self._documents(TRANSPORTS))))

    def _lines(self) -> tuple[DeclarationGoods, ...]:
        items = self._items()
        if not 1 <= len(items) <= limits.LINES:
            self._examiner.refuse(_GOODS, seen=f"{len(items)} items", wanted=f"1 to {limits.LINES} items of goods")
            return ()
        return tuple(self._goods(item, f"{_GOODS}/{place}") for place, item in enumerate(items, 1))

    def _goods(self, item: object, where: str) -> DeclarationGoods:
        commodity, values = at(item, "Commodity"), self._values
        codes = [
            _text(each, "ID")
            for each in every(at(commodity, "Classification"))
            if (_text(each, "IdentificationTypeCode") or "HS") in {"HS", "TSP", "TRC", "SRZ"}
        ]
        measure = at(commodity, "GoodsMeasure")
        quantity = at(measure, "TariffQuantity")
        return DeclarationGoods(
            charge=self._money(at(commodity, "InvoiceLine", "ItemChargeAmount"), f"{where}/ItemChargeAmount"),
            description=_text(commodity, "Description") or _text(commodity, "CargoDescription"),
            gross_mass_micro=self._mass(at(measure, "GrossMassMeasure"), f"{where}/GrossMassMeasure"),
            hs_code=values.hs_code(codes, f"{where}/Commodity/Classification"),
            net_mass_micro=self._mass(at(measure, "NetNetWeightMeasure"), f"{where}/NetNetWeightMeasure"),
            origin=values.country(_text(item, "Origin", "CountryCode"), f"{where}/Origin/CountryCode"),
            packages=values.count(_text(item, "Packaging", "QuantityQuantity"), f"{where}/Packaging"),
            quantity_micro=values.quantity(_text(quantity), f"{where}/TariffQuantity"),
            unit=unit_of_word(_attribute(quantity, name="unitCode")),
        )

    def _mass(self, value: object, where: str) -> int | None:
        return self._values.mass(_text(value), _attribute(value, name="unitCode"), where)

    def _money(self, value: object, where: str) -> Money | None:
        return self._values.money(_text(value), _attribute(value, name="currencyID") or self._currency, where)
