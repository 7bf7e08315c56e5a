"""Checks of customs declarations against invoices, certificates, papers of carriage and payments."""

from collections.abc import Iterator, Sequence

from hanse_documents.checks.counting import tally
from hanse_documents.checks.fields import masses, named, numbers, parties, terms_of_delivery, texts
from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.goods import cannot, compared_quantities, same_codes, same_origins
from hanse_documents.checks.likeness import listed, not_before, same_number
from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, Money, PaymentDocument
from hanse_documents.semantics.profiles import last_day, profile_of
from hanse_ledger.values.figures import money_text

ANOTHER_CURRENCY = "the amounts are in two currencies"
SEVERAL = "the declaration is of several invoices"


def names_invoice(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-39. The declaration names the invoice."""
    yield named(("BT-1", "invoices"), invoice.number, declaration.invoices)


def exporter(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-40. The seller is the exporter."""
    yield parties(("BT-27", "exporter/name"), invoice.seller, declaration.exporter)


def importer(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-41. The buyer is the importer; another one may import for it."""
    yield parties(("BT-44", "importer/name"), invoice.buyer, declaration.importer)


def codes(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-42. What is declared are the invoiced HS codes."""
    fields = ("BG-25/BT-158", "lines/hs_code")
    yield from same_codes(invoice.lines, declaration.lines, fields, all_ours=len(declaration.invoices) < 2)


def origins(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-43. The goods come from the country that the invoice says, code by code."""
    yield from same_origins(invoice.lines, declaration.lines, ("BT-159", "lines/origin"))


def quantities(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-44. As much is declared as is invoiced, code by code; a declaration of several invoices is compared by D-71."""
    fields = ("BT-129", "lines/quantity_micro")
    if len(declaration.invoices) > 1:
        yield cannot(fields, SEVERAL)
        return
    yield from compared_quantities(invoice.lines, declaration.lines, fields)


def currency(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-45. The declared amount is in the invoice's currency."""
    amount = declaration.invoice_amount
    yield texts(("BT-5", "invoice_amount/currency"), invoice.currency, amount.currency if amount else None)


def amount(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-46. The declared amount is the invoice's: with VAT, without it, or payable."""
    fields, declared = ("BT-109, BT-112, BT-115", "invoice_amount/amount_minor"), declaration.invoice_amount
    ours = {
        invoice.totals.without_vat_minor: None,
        invoice.totals.with_vat_minor: None,
        invoice.payable_minor: None,
    }
    left = listed(money_text(each, invoice) for each in ours)
    if declared is None:
        yield cannot(fields, "", (left, ""))
    elif declared.currency != invoice.currency:
        yield cannot(fields, ANOTHER_CURRENCY, (left, money_text(declared.amount_minor, declared)))
    elif len(declaration.invoices) > 1:
        yield cannot(fields, SEVERAL, (left, money_text(declared.amount_minor, declared)))
    else:
        yield Compared(
            left_field=fields[0],
            left_value=left,
            outcome=judged(declared.amount_minor in ours),
            right_field=fields[1],
            right_value=money_text(declared.amount_minor, declared),
        )


def items(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-47. The declared items come to the invoiced lines; each may be rounded by one minor unit."""
    fields = ("BT-106", "lines/charge")
    charges = [line.charge for line in declaration.lines]
    known = [charge for charge in charges if charge is not None]
    left = money_text(invoice.totals.lines_minor, invoice)
    if len(known) != len(charges):
        yield cannot(fields, "", (left, ""))
        return
    if {charge.currency for charge in known} != {invoice.currency}:
        yield cannot(fields, ANOTHER_CURRENCY, (left, listed(money_text(each.amount_minor, each) for each in known)))
        return
    if len(declaration.invoices) > 1:
        yield cannot(fields, SEVERAL, (left, ""))
        return
    declared = sum(charge.amount_minor for charge in known)
    wanted = (invoice.totals.lines_minor, invoice.totals.without_vat_minor)
    yield Compared(
        left_field=fields[0],
        left_value=left,
        outcome=judged(any(abs(declared - each) <= len(known) for each in wanted)),
        right_field=fields[1],
        right_value=money_text(declared, invoice),
    )


def delivery_terms(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-48. Invoice and declaration name the same Incoterms code."""
    yield terms_of_delivery(("UBL/DeliveryTerms/ID", "incoterms"), invoice.incoterms, declaration.incoterms)


def declared_after(invoice: InvoiceDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-49. The declaration is not older than the invoice."""
    day = declaration.issued
    yield Compared(
        left_field="BT-2",
        left_value=invoice.issued,
        outcome=judged(not_before(invoice.issued, day, None) if day else None),
        right_field="issued",
        right_value=day or "",
    )


def names_certificate(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-50. The declaration names the certificate."""
    yield named(("number", "certificates"), certificate.number, declaration.certificates)


def certified_exporter(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-51. The exporter is the same."""
    yield parties(("exporter/name", "exporter/name"), certificate.exporter, declaration.exporter)


def certified_importer(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-52. The consignee is the importer."""
    yield parties(("consignee/name", "importer/name"), certificate.consignee, declaration.importer)


def certified_codes(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-53. What is declared is certified; less of it may be declared."""
    yield from same_codes(certificate.lines, declaration.lines, ("lines/hs_code", "lines/hs_code"), all_ours=False)


def certified_origins(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-54. The declared origin is the certified one, code by code."""
    yield from same_origins(certificate.lines, declaration.lines, ("lines/origin", "lines/origin"))


def certified_quantities(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-55. No more is declared than is certified, code by code."""
    fields = ("lines/quantity_micro", "lines/quantity_micro")
    yield from compared_quantities(certificate.lines, declaration.lines, fields, int.__ge__)


def in_force(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-56. The certificate holds on the day of the declaration; where it does not say until when, its kind does."""
    day, profile = declaration.issued, profile_of(certificate)
    last = certificate.valid_until or last_day(certificate.issued, profile.months if profile else None)
    start = certificate.valid_from or certificate.issued
    known = day is not None and last is not None
    yield Compared(
        left_field="valid_from, valid_until" if certificate.valid_until else "issued, and the months of its kind",
        left_value=f"{start or ''} to {last}" if last else "",
        outcome=judged((start or day or "")[:10] <= (day or "") <= (last or "")[:10] if known else None),
        right_field="issued",
        right_value=day or "",
    )


def imported_to(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-57. The goods are declared in the country of import."""
    fields = ("import_country", "import_country")
    yield texts(fields, certificate.import_country, declaration.import_country)


def exported_from(certificate: CertificateDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-58. The goods come from the country of export."""
    yield texts(("export_country", "export_country"), certificate.export_country, declaration.export_country)


def names_paper(paper: TransportDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-59. The declaration names the paper of carriage."""
    yield named(("number", "transports"), paper.number, declaration.transports)


def containers(paper: TransportDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-60. The declared containers are among those of the paper."""
    ours, theirs = (
        {each.replace(" ", "") for each in listed_} for listed_ in (paper.containers, declaration.containers)
    )
    yield Compared(
        left_field="containers",
        left_value=listed(sorted(ours)),
        outcome=judged(theirs <= ours if ours and theirs else None),
        right_field="containers",
        right_value=listed(sorted(theirs)),
    )


def gross_mass(paper: TransportDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-61. The gross mass is the same."""
    yield masses(("gross_mass_micro", "gross_mass_micro"), paper.gross_mass_micro, declaration.gross_mass_micro)


def packages(paper: TransportDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-62. The number of packages is the same."""
    yield numbers(("packages", "packages"), paper.packages, declaration.packages)


def vessel(paper: TransportDocument, declaration: DeclarationDocument) -> Iterator[Compared]:
    """D-63. The vessel is the same."""
    yield texts(("vessel", "vessel"), paper.vessel, declaration.vessel)


def paid(
    declaration: DeclarationDocument, invoices: Sequence[InvoiceDocument], payments: Sequence[PaymentDocument]
) -> Iterator[Compared]:
    """D-64. What was paid for the declared invoices is what was declared for them."""
    fields, declared = ("invoice_amount/amount_minor", "amount_minor"), declaration.invoice_amount
    ours = [each for each in invoices if any(same_number(number, each.number) for number in declaration.invoices)]
    if declared is None or not ours:
        yield cannot(fields, "the declaration names no amount, or no invoice that is here")
        return
    counted = [tally(invoice, payments) for invoice in ours]
    known = [each for each in counted if each is not None and not each.unclear]
    left = money_text(declared.amount_minor, declared)
    if len(known) != len(ours) or any(invoice.currency != declared.currency for invoice in ours):
        yield cannot(fields, "an invoice is not paid, or in another currency", (left, ""))
        return
    credited, settled = (sum(getattr(each, name) for each in known) for name in ("credited_minor", "settled_minor"))
    yield Compared(
        left_field=fields[0],
        left_value=left,
        outcome=judged(declared.amount_minor in (credited, settled)),
        right_field=fields[1],
        right_value=money_text(
            settled, Money(amount_minor=settled, currency=declared.currency, exponent=declared.exponent)
        ),
    )
