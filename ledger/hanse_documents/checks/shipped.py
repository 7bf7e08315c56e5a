"""Checks of papers of carriage against invoices and certificates."""

from collections.abc import Iterator

from hanse_documents.checks.fields import masses, named, parties, terms_of_delivery, texts
from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.goods import cannot, compared_quantities, mass_of, same_codes
from hanse_documents.model.carriage import TransportDocument, TransportKind, country_of_place
from hanse_documents.model.documents import CertificateDocument, DocumentParty, InvoiceDocument
from hanse_ledger.values.types import Day

BY_SEA = frozenset({"CFR", "CIF", "FAS", "FOB"})
"""Incoterms of the ICC that are for sea and inland waterway alone."""

WATER = frozenset({"1", "8"})
"""Modes of transport by water (UN/ECE Recommendation 19)."""

LATE_DAYS = 3
"""So many days after shipment most agreements let a certificate be issued without a mark of later issue."""

ORDER = "the paper is to order: who holds it is the consignee"


def shipper(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-23. The seller is who ships; a forwarder or maker may ship for it."""
    yield parties(("BT-27", "consignor/name"), invoice.seller, paper.consignor)


def receiver(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-24. The buyer is the consignee, unless the paper is to order."""
    yield _receiver("BT-44", invoice.buyer, paper)


def names_invoice(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-25. The paper names the invoice."""
    yield named(("BT-1", "invoices"), invoice.number, paper.invoices)


def carried_codes(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-26. What is carried are the invoiced HS codes; a paper may name the main one alone."""
    yield from same_codes(invoice.lines, paper.lines, ("BG-25/BT-158", "lines/hs_code"), all_ours=False)


def packed_quantity(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-27. What is packed is what is invoiced, code by code; a bill of lading counts packages instead."""
    if paper.document_type is not TransportKind.PACKING_LIST:
        return
    yield from compared_quantities(invoice.lines, paper.lines, ("BT-129", "lines/quantity_micro"))


def carried_mass(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-28. Nothing weighs less than what was invoiced by weight."""
    fields = ("BT-129", "gross_mass_micro")
    invoiced = mass_of([line for line in invoice.lines if line.hs_code])
    if invoiced is None:
        yield cannot(fields, "the goods are not invoiced by weight")
        return
    yield masses(fields, invoiced, paper.gross_mass_micro, at_least=True)


def delivery_country(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-29. The goods go to the country of delivery, else the buyer's."""
    field = "BT-80" if invoice.delivery_country else "BT-55"
    yield texts((field, "discharge_place"), invoice.delivery_country or invoice.buyer.country, _going_to(paper))


def delivery_terms(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-30. Invoice and paper name the same Incoterms code."""
    yield terms_of_delivery(("UBL/DeliveryTerms/ID", "incoterms"), invoice.incoterms, paper.incoterms)


def terms_fit_mode(invoice: InvoiceDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-31. FAS, FOB, CFR and CIF are for carriage by water."""
    code = invoice.incoterms.code.upper()[:3] if invoice.incoterms else ""
    known = bool(code) and bool(paper.mode)
    yield Compared(
        left_field="UBL/DeliveryTerms/ID",
        left_value=code,
        outcome=judged(code not in BY_SEA or paper.mode in WATER if known else None),
        right_field="mode",
        right_value=paper.mode or "",
    )


def certified_shipper(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-32. The exporter is who ships."""
    yield parties(("exporter/name", "consignor/name"), certificate.exporter, paper.consignor)


def certified_receiver(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-33. The consignee is one, unless the paper is to order."""
    yield _receiver("consignee/name", certificate.consignee, paper)


def certified_codes(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-34. What is carried are the certified HS codes."""
    yield from same_codes(certificate.lines, paper.lines, ("lines/hs_code", "lines/hs_code"), all_ours=False)


def loading_country(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-35. The goods are loaded in the country of export."""
    yield texts(("export_country", "loading_place"), certificate.export_country, country_of_place(paper.loading_place))


def discharge_country(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-36. The goods go to the country of import."""
    yield texts(("import_country", "discharge_place"), certificate.import_country, _going_to(paper))


def issued_in_time(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-37. The certificate was issued before the goods left, or within three days."""
    issued, loaded = certificate.issued, paper.loaded
    yield Compared(
        left_field="issued",
        left_value=issued or "",
        outcome=judged(_days(issued) - _days(loaded) <= LATE_DAYS if issued and loaded else None),
        right_field="loaded",
        right_value=loaded or "",
    )


def certified_mass(certificate: CertificateDocument, paper: TransportDocument) -> Iterator[Compared]:
    """D-38. Nothing weighs less than what was certified by weight."""
    fields = ("lines/quantity_micro", "gross_mass_micro")
    certified = mass_of(certificate.lines)
    if certified is None:
        yield cannot(fields, "the goods are not certified by weight")
        return
    yield masses(fields, certified, paper.gross_mass_micro, at_least=True)


def _receiver(field: str, party: DocumentParty | None, paper: TransportDocument) -> Compared:
    if paper.to_order:
        name, holder = (party.name if party else None), (paper.consignee.name if paper.consignee else None)
        return cannot((field, "consignee/name"), ORDER, (name or "", holder or "to order"))
    return parties((field, "consignee/name"), party, paper.consignee)


def _going_to(paper: TransportDocument) -> str | None:
    """Give the country where the carriage ends: the final destination's, else the place's of discharge."""
    return paper.import_country or country_of_place(paper.discharge_place)


def _days(day: Day) -> int:
    """Count a day from a day long ago (Gregorian)."""
    year, month = int(day[:4]), int(day[5:7])
    since_march, year = (month + 9) % 12, year - (month <= 2)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * since_march + 2) // 5 + int(day[8:])
