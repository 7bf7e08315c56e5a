"""Reading certificates of origin in JSON: edi3's serialisation of the UN/CEFACT data model, and what is written as it.

Of that model the published edi3 schema leaves out two things that a ledger needs. They are read under their model
names where a certificate carries them: `effectivePeriod` (from and to when it holds) and, in each trade line item,
`tradeDelivery.despatchedQuantity` (a decimal number and a unit code of UN/ECE Recommendation 20).
Other shapes and wrappers are in `certificates`; faults name the place as edi3 does.
"""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct, field

from hanse_documents.model.documents import CertificateDocument, CertificateGoods, DocumentParty
from hanse_documents.model.errors import DocumentError, Examiner, Fault, UnsupportedFormat
from hanse_documents.semantics import values
from hanse_documents.semantics.codes import verify_country, verify_unit
from hanse_documents.semantics.profiles import verify_profile
from hanse_documents.syntax.certificates.shapes import as_edi3
from hanse_documents.syntax.certificates.wrappings import unwrapped
from hanse_documents.syntax.jsonplaces import Json
from hanse_documents.syntax.openjson import open_json
from hanse_documents.syntax.typedjson import shaped
from hanse_ledger.values import limits
from hanse_ledger.values.dates import end_of, start_of
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment

SHAPE = "the shape of an edi3 certificate"
ITEMS = "supplyChainConsignment/includedConsignmentItems"
LINES = f"{ITEMS}/tradeLineItems"
WHEN = "a date YYYY-MM-DD, or one with a time and its zone such as 2026-09-18T08:00:00+08:00"


class _Country(Struct, frozen=True):
    code: str | None = None


class _Address(Struct, frozen=True):
    country_code: str | None = field(default=None, name="countryCode")


class _Party(Struct, frozen=True):
    identifier: str | None = field(default=None, name="iD")
    name: str | None = None
    address: _Address | None = field(default=None, name="postalAddress")


class _Tariff(Struct, frozen=True):
    code: str | None = field(default=None, name="classCode")


class _Product(Struct, frozen=True):
    description: str | None = None
    tariff: _Tariff | None = field(default=None, name="harmonisedTariffCode")
    origin: _Country | None = field(default=None, name="originCountry")


class _Reference(Struct, frozen=True):
    identifier: str | None = field(default=None, name="iD")


class _Quantity(Struct, frozen=True):
    value: Decimal
    unit: str | None = field(default=None, name="unitCode")


class _Delivery(Struct, frozen=True):
    quantity: _Quantity | None = field(default=None, name="despatchedQuantity")


class _Line(Struct, frozen=True):
    product: _Product = field(name="tradeProduct")
    delivery: _Delivery | None = field(default=None, name="tradeDelivery")
    invoice: _Reference | None = field(default=None, name="invoiceReference")


class _Procedure(Struct, frozen=True):
    criterion: str | None = field(default=None, name="originCriteriaText")


class _Item(Struct, frozen=True):
    lines: list[object] = field(default_factory=list, name="tradeLineItems")
    procedure: _Procedure | None = field(default=None, name="crossBorderRegulatoryProcedure")


class _Consignment(Struct, frozen=True):
    exporter: _Party
    items: list[object] = field(name="includedConsignmentItems")
    consignee: _Party | None = None
    export_country: _Country | None = field(default=None, name="exportCountry")
    import_country: _Country | None = field(default=None, name="importCountry")
    importer: _Party | None = None


class _Period(Struct, frozen=True):
    start: str = field(name="startDateTime")
    end: str = field(name="endDateTime")


class _Certificate(Struct, frozen=True):
    consignment: _Consignment = field(name="supplyChainConsignment")
    identifier: str = field(name="iD")
    issuer: _Party
    preferential: bool = field(name="isPreferential")
    agreement: str | None = field(default=None, name="freeTradeAgreement")
    issued: str | None = field(default=None, name="issueDateTime")
    period: _Period | None = field(default=None, name="effectivePeriod")
    status: str | None = None


def read_coo(data: bytes, name: str = "") -> CertificateDocument:
    """Read a certificate of origin.

    Raises:
        DocumentError: too large, not JSON, a key twice, or data elements missing or wrong; with every fault.
        UnsupportedFormat: JSON of something else.
    """
    return read_coo_with_findings(data, name)[0]


def read_coo_with_findings(data: bytes, name: str = "") -> tuple[CertificateDocument, tuple[Fault, ...]]:
    """Read a certificate of origin, and tell what was found in it. Raises as `read_coo` does."""
    file = name or "file"
    value = open_json(data, file)
    examiner = Examiner(one_a_field=True)
    certificate = None
    if isinstance(value, dict):
        certificate = as_edi3(unwrapped(value, examiner))
    if certificate is None:
        raise UnsupportedFormat(
            f"{file} is JSON, but no certificate of origin of the UN/CEFACT model",
            action="Give the certificate in the edi3 JSON form.",
        )
    return certificate_in(certificate, examiner)


def certificate_in(certificate: Json, examiner: Examiner) -> tuple[CertificateDocument, tuple[Fault, ...]]:
    """Read a certificate that has the names of edi3, and tell what was found. Raises DocumentError as `read_coo`."""
    read = shaped(dict(certificate), _Certificate, "", SHAPE, examiner)
    document = None if read is None else _Reader(examiner).certificate(read)
    if document is not None and not examiner.faults:
        verify_profile(document, examiner)
    findings = examiner.finish()
    assert document is not None, "what has not the shape was refused"
    return document, findings


class _Reader:
    """Reads the elements of a certificate; what cannot be read is noted."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner

    def certificate(self, read: _Certificate) -> CertificateDocument:
        """Read the whole."""
        consignment, period = read.consignment, read.period
        lines = self._lines(consignment)
        first, last = self._period(period) if period else (None, None)
        if not read.identifier.strip():
            self._examiner.refuse("iD", seen="nothing", wanted="the certificate's number")
        # The edi3 shape names the importer; other serialisations of the model name the consignee as well.
        consignee = consignment.consignee or consignment.importer
        return CertificateDocument(
            agreement=_clean(read.agreement),
            consignee=self._party(consignee, "consignee") if consignee else None,
            export_country=self._country(consignment.export_country, "exportCountry"),
            exporter=self._party(consignment.exporter, "exporter"),
            import_country=self._country(consignment.import_country, "importCountry"),
            issued=self._day(read.issued, "issueDateTime") if read.issued else None,
            issued_at=values.moment_of(read.issued) if read.issued else None,
            issuer=self._party(read.issuer, "issuer"),
            lines=lines,
            number=read.identifier.strip(),
            preferential=read.preferential,
            status=_clean(read.status),
            valid_from=first,
            valid_until=last,
        )

    def _period(self, period: _Period) -> tuple[str, str]:
        """Read from when to when it holds, as it is written; which moments that means the ledger's rules know."""
        first, last = (values.as_xml_schema(text.strip()) for text in (period.start, period.end))
        start = self._examiner.attempt(None, _moment_of, start_of, first, "effectivePeriod/startDateTime")
        end = self._examiner.attempt(None, _moment_of, end_of, last, "effectivePeriod/endDateTime")
        if start is not None and end is not None and end <= start:
            self._examiner.refuse("effectivePeriod", seen=f"{first} to {last}", wanted="an end after its start")
        return first, last

    def _lines(self, consignment: _Consignment) -> tuple[CertificateGoods, ...]:
        """Read the goods, counted through all items."""
        goods: list[tuple[_Item, object]] = []
        for place, value in enumerate(consignment.items, 1):
            item = shaped(value, _Item, f"{ITEMS}/{place}", SHAPE, self._examiner)
            goods += [(item, line) for line in item.lines] if item is not None else []
        if not 1 <= len(goods) <= limits.LINES:
            self._examiner.refuse(LINES, seen=f"{len(goods)} lines", wanted=f"1 to {limits.LINES} lines of goods")
            return ()
        read = []
        for place, (item, value) in enumerate(goods, 1):
            where = f"{LINES}/{place}"
            line = shaped(value, _Line, where, SHAPE, self._examiner)
            if line is not None:
                read.append(self._goods(item, line, where))
        return tuple(read)

    def _goods(self, item: _Item, line: _Line, where: str) -> CertificateGoods:
        product = line.product
        tariff = _clean(product.tariff.code) if product.tariff else None
        code = f"{where}/tradeProduct/harmonisedTariffCode/classCode"
        quantity = line.delivery.quantity if line.delivery else None
        counted = f"{where}/tradeDelivery/despatchedQuantity"
        return CertificateGoods(
            criterion=_clean(item.procedure.criterion) if item.procedure else None,
            description=_clean(product.description),
            hs_code=tariff and self._examiner.attempt("", values.hs_code_of, tariff, code),
            invoice=_clean(line.invoice.identifier) if line.invoice else None,
            origin=self._country(product.origin, f"{where}/tradeProduct/originCountry"),
            quantity_micro=(
                self._examiner.attempt(0, values.micro_of_number, quantity.value, f"{counted}/value")
                if quantity
                else None
            ),
            unit=self._unit(quantity.unit, f"{counted}/unitCode") if quantity and quantity.unit else None,
        )

    def _party(self, party: _Party, where: str) -> DocumentParty:
        country = party.address.country_code if party.address else None
        identifier = _clean(party.identifier)
        return DocumentParty(
            country=country and self._coded(country, f"{where}/postalAddress/countryCode"),
            identifiers=(identifier,) if identifier else (),
            name=_clean(party.name),
        )

    def _country(self, country: _Country | None, where: str) -> str | None:
        return self._coded(country.code, f"{where}/code") if country and country.code else None

    def _coded(self, code: str, where: str) -> str:
        if self._examiner.attempt("", values.country_of, code, where):
            self._examiner.check(verify_country, code, where)
        return code

    def _unit(self, code: str, where: str) -> str:
        if self._examiner.attempt("", values.unit_of, code, where):
            self._examiner.check(verify_unit, code, where)
        return code

    def _day(self, text: str, where: str) -> str | None:
        return self._examiner.attempt(None, _day_of, text, where)


def _day_of(text: str, where: str) -> str | None:
    return values.day_of_moment(text, where)


def _moment_of(read: Callable[[str], Moment], text: str, where: str) -> Moment | None:
    try:
        return read(text)
    except Malformed as error:
        raise DocumentError(where, seen=text, wanted=WHEN) from error


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None
