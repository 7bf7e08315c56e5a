"""Papers of carriage and customs as typed values, as far as they are compared with others. Units as in `documents`.

Masses are in millionths of a kilogram, whatever unit the paper has; places are UN/LOCODEs where given, else names.
"""

from enum import StrEnum

from msgspec import Struct

from hanse_documents.model.documents import DocumentParty, Incoterms, Money, SignedQuantity
from hanse_ledger.values.types import Country, Day, HsCode

Mass = SignedQuantity
"""Millionths of a kilogram."""


class TransportKind(StrEnum):
    """What a paper of carriage is."""

    BILL_OF_LADING = "bill of lading"
    PACKING_LIST = "packing list"
    SHIPPING_INSTRUCTIONS = "shipping instructions"
    WAYBILL = "waybill"


class TransportGoods(Struct, frozen=True, kw_only=True):
    """Goods on a paper of carriage."""

    description: str | None = None
    gross_mass_micro: Mass | None = None
    hs_code: HsCode | None = None
    marks: str | None = None
    origin: Country | None = None
    packages: int | None = None
    quantity_micro: SignedQuantity | None = None
    unit: str | None = None


class TransportDocument(Struct, frozen=True, kw_only=True):
    """A bill of lading, a waybill, a packing list. Fields have the names of the catalogue of transport documents."""

    carrier: DocumentParty | None = None
    consignee: DocumentParty | None = None
    consignor: DocumentParty | None = None
    containers: tuple[str, ...] = ()
    discharge_place: str | None = None
    document_type: TransportKind
    gross_mass_micro: Mass | None = None
    import_country: Country | None = None
    incoterms: Incoterms | None = None
    invoices: tuple[str, ...] = ()  # numbers of the invoices that it names
    issued: Day | None = None
    lines: tuple[TransportGoods, ...] = ()
    loaded: Day | None = None  # when the goods were on board
    loading_place: str | None = None
    mode: str | None = None  # UN/ECE Recommendation 19: 1 sea, 2 rail, 3 road, 4 air
    number: str
    packages: int | None = None
    seals: tuple[str, ...] = ()
    to_order: bool = False  # the consignee is whoever holds it
    vessel: str | None = None
    voyage: str | None = None


class DeclarationGoods(Struct, frozen=True, kw_only=True):
    """One goods item of a declaration: GovernmentAgencyGoodsItem of the WCO data model."""

    charge: Money | None = None  # InvoiceLine/ItemChargeAmount
    description: str | None = None
    gross_mass_micro: Mass | None = None
    hs_code: HsCode | None = None
    net_mass_micro: Mass | None = None
    origin: Country | None = None
    packages: int | None = None
    quantity_micro: SignedQuantity | None = None  # GoodsMeasure/TariffQuantity
    unit: str | None = None


class DeclarationDocument(Struct, frozen=True, kw_only=True):
    """A customs declaration by the main elements of the WCO data model."""

    certificates: tuple[str, ...] = ()  # AdditionalDocument that is a certificate of origin
    containers: tuple[str, ...] = ()
    declarant: DocumentParty | None = None
    declaration_type: str | None = None  # TypeCode: IM, EX
    export_country: Country | None = None
    exporter: DocumentParty | None = None
    gross_mass_micro: Mass | None = None
    import_country: Country | None = None
    importer: DocumentParty | None = None
    incoterms: Incoterms | None = None
    invoice_amount: Money | None = None
    invoices: tuple[str, ...] = ()
    issued: Day | None = None
    lines: tuple[DeclarationGoods, ...]
    number: str
    packages: int | None = None
    transports: tuple[str, ...] = ()  # TransportContractDocument
    vessel: str | None = None


def country_of_place(place: str | None) -> Country | None:
    """Give the country of a UN/LOCODE, its first two letters; None for a name."""
    code = (place or "").replace(" ", "")
    return code[:2] if len(code) == 5 and code.isascii() and code.isalnum() and code.isupper() else None
