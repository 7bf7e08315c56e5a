"""Checks of an invoice against a certificate of origin."""

from collections.abc import Iterator

from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.likeness import listed, not_before, same_hs, same_name, same_number, shared_identifier
from hanse_documents.checks.pairing import pair
from hanse_documents.model.documents import (
    CertificateDocument,
    CertificateGoods,
    DocumentParty,
    InvoiceDocument,
    InvoiceLine,
)
from hanse_documents.semantics.masses import in_common_unit, same_number_elsewhere
from hanse_ledger.values.figures import quantity_text

NOBODY = DocumentParty()


def seller_name(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-1. The seller is the exporter, by name."""
    yield _names("BT-27", invoice.seller, "exporter/name", certificate.exporter)


def seller_identifier(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-2. The seller is the exporter, by an identifier that both documents give."""
    yield _identifiers("BT-29, BT-30, BT-31", invoice.seller, "exporter/identifiers", certificate.exporter)


def buyer_name(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-3. The buyer is the consignee, by name."""
    yield _names("BT-44", invoice.buyer, "consignee/name", certificate.consignee or NOBODY)


def buyer_identifier(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-4. The buyer is the consignee, by an identifier that both documents give."""
    yield _identifiers("BT-46, BT-47, BT-48", invoice.buyer, "consignee/identifiers", certificate.consignee or NOBODY)


def invoice_number(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-5. The certificate refers to this invoice."""
    named = list(dict.fromkeys(line.invoice for line in certificate.lines if line.invoice))
    yield Compared(
        left_field="BT-1",
        left_value=invoice.number,
        outcome=judged(any(same_number(reference, invoice.number) for reference in named) if named else None),
        right_field="lines/invoice",
        right_value=listed(named),
    )


def goods_code(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-6. Each pair of lines has the same HS code, as far as both codes go."""
    for (place, line), (other_place, other) in _paired(invoice, certificate):
        yield Compared(
            left_field=f"BG-25/{place}/BT-158",
            left_value=line.hs_code or "",
            outcome=judged(same_hs(line.hs_code, other.hs_code)),
            right_field=f"lines/{other_place}/hs_code",
            right_value=other.hs_code or "",
        )


def goods_origin(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-7. Each pair of lines has the same country of origin."""
    for (place, line), (other_place, other) in _paired(invoice, certificate):
        yield Compared(
            left_field=f"BG-25/{place}/BT-159",
            left_value=line.origin or "",
            outcome=judged(line.origin == other.origin if line.origin and other.origin else None),
            right_field=f"lines/{other_place}/origin",
            right_value=other.origin or "",
        )


def goods_quantity(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-8. Each pair of lines has the same quantity; masses in kilograms, pieces by any of their codes."""
    for (place, line), (other_place, other) in _paired(invoice, certificate):
        ours, theirs = in_common_unit(line.quantity_micro, line.unit), None
        if other.quantity_micro is not None and other.unit is not None:
            theirs = in_common_unit(other.quantity_micro, other.unit)
        counted = theirs is not None and ours[1] == theirs[1]
        slipped = theirs is not None and same_number_elsewhere(ours, theirs)
        yield Compared(
            left_field=f"BG-25/{place}/BT-129",
            left_value=quantity_text(line.quantity_micro, line.unit),
            outcome=judged(ours == theirs if counted or slipped else None),
            right_field=f"lines/{other_place}/quantity_micro",
            right_value="" if other.quantity_micro is None else quantity_text(other.quantity_micro, other.unit),
            why="the quantities are in units that nothing converts",
        )


def invoiced_goods_certified(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-9. Every invoiced line stands on the certificate; a line without an HS code may be no goods at all."""
    missing = pair(invoice, certificate).only_invoice
    for place in missing:
        line = invoice.lines[place - 1]
        yield Compared(
            left_field=f"BG-25/{place}/BT-153",
            left_value=line.name,
            outcome=judged(False if line.hs_code else None),
            right_field="lines",
            right_value="",
        )
    if not missing:
        yield _all_covered(invoice, certificate)


def certified_goods_invoiced(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-10. Every certified line that is about this invoice stands on it."""
    missing = pair(invoice, certificate).only_certificate
    for place in missing:
        line = certificate.lines[place - 1]
        yield Compared(
            left_field="BG-25",
            left_value="",
            outcome=judged(False),
            right_field=f"lines/{place}",
            right_value=listed((line.hs_code, line.description)),
        )
    if not missing:
        yield _all_covered(invoice, certificate)


def issue_order(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-11. The certificate is not older than the invoice that it is about."""
    yield Compared(
        left_field="BT-2",
        left_value=invoice.issued,
        outcome=judged(
            not_before(invoice.issued, certificate.issued, certificate.issued_at) if certificate.issued else None
        ),
        right_field="issued",
        right_value=certificate.issued or "",
    )


def destination(invoice: InvoiceDocument, certificate: CertificateDocument) -> Iterator[Compared]:
    """D-12. The goods go to the country of import: that of the delivery, else the buyer's."""
    going, coming = invoice.delivery_country or invoice.buyer.country, certificate.import_country
    yield Compared(
        left_field="BT-80" if invoice.delivery_country else "BT-55",
        left_value=going or "",
        outcome=judged(going == coming if going and coming else None),
        right_field="import_country",
        right_value=coming or "",
    )


def _paired(
    invoice: InvoiceDocument, certificate: CertificateDocument
) -> Iterator[tuple[tuple[int, InvoiceLine], tuple[int, CertificateGoods]]]:
    for place, other_place in pair(invoice, certificate).pairs:
        yield (place, invoice.lines[place - 1]), (other_place, certificate.lines[other_place - 1])


def _all_covered(invoice: InvoiceDocument, certificate: CertificateDocument) -> Compared:
    return Compared(
        left_field="BG-25",
        left_value=str(len(invoice.lines)),
        outcome=judged(True),
        right_field="lines",
        right_value=str(len(certificate.lines)),
    )


def _names(field: str, party: DocumentParty, other_field: str, other: DocumentParty) -> Compared:
    return Compared(
        left_field=field,
        left_value=party.name or "",
        outcome=judged(same_name(party.name, other.name)),
        right_field=other_field,
        right_value=other.name or "",
    )


def _identifiers(field: str, party: DocumentParty, other_field: str, other: DocumentParty) -> Compared:
    return Compared(
        left_field=field,
        left_value=listed(party.all_identifiers()),
        outcome=judged(shared_identifier(party, other)),
        right_field=other_field,
        right_value=listed(other.all_identifiers()),
    )
