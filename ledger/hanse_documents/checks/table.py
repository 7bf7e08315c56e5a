"""The table of checks: what each asks, between which documents, how much a difference weighs, and what to do about it.

It is the specification: docs/formats/documents.md says the same, and a test compares the two. Numbers are never reused.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

from hanse_documents.checks import bundled, customs, payment, shipped, together
from hanse_documents.checks import certificate as origin
from hanse_documents.checks.fields import TOLERANCE
from hanse_documents.checks.finding import Compared, Weight, judged
from hanse_documents.model.documents import InvoiceDocument

INCOTERMS_LETTERS = 3
"""Every Incoterms rule of the ICC has a code of this length; the codes themselves change with the edition."""

BLOCK, WARNING, NOTE = Weight.BLOCK, Weight.WARNING, Weight.NOTE


class Between(StrEnum):
    """Between which documents a check runs, and so what its function is given."""

    INVOICE_CERTIFICATE = "invoice and certificate"
    INVOICE = "invoice"
    INVOICE_PAYMENTS = "invoice and payments"
    PAYMENTS = "payments"
    INVOICE_TRANSPORT = "invoice and transport"
    CERTIFICATE_TRANSPORT = "certificate and transport"
    INVOICE_DECLARATION = "invoice and declaration"
    CERTIFICATE_DECLARATION = "certificate and declaration"
    TRANSPORT_DECLARATION = "transport and declaration"
    DECLARATION_PAYMENTS = "declaration and payments"
    SET = "all documents"


class Check(Struct, frozen=True, kw_only=True):
    """A check: its number, what it asks in words, how much a difference weighs, and what to do about one.

    `run` gives the answers for documents of its kinds; `tolerance` is how much of a difference is none.
    """

    number: str
    title: str
    between: Between
    weight: Weight
    action: str
    run: Callable[..., Iterator[Compared]]
    tolerance: str = ""


def incoterms(invoice: InvoiceDocument) -> Iterator[Compared]:
    """D-13. The invoice names its terms of delivery by a code of the ICC's shape."""
    code = invoice.incoterms.code if invoice.incoterms else ""
    shaped = len(code) == INCOTERMS_LETTERS and code.isascii() and code.isalpha() and code.isupper()
    yield Compared(
        left_field="UBL/DeliveryTerms/ID",
        left_value=code,
        outcome=judged(shaped if code else None),
        right_field="",
        right_value="",
    )


_Run = Callable[..., Iterator[Compared]]
_Row = tuple[int, Weight, str, _Run, str, str]

_ASK_ISSUER = "Ask the chamber or authority that issued the certificate."
_ASK_SELLER = "Ask the seller for a corrected invoice, or why it is so."
_ASK_BROKER = "Have the declaration amended before the goods are released."
_ASK_CARRIER = "Ask the carrier or forwarder for a corrected paper."
_ASK_BANK = "Ask the bank, and do not release anything against this payment."
_HOLD = "Hold the goods and the money, and ask whoever gave the documents."

_ROWS: dict[Between, tuple[_Row, ...]] = {
    Between.INVOICE_CERTIFICATE: (
        (1, BLOCK, "The seller is the exporter, by name", origin.seller_name, _ASK_ISSUER, ""),
        (2, WARNING, "The seller is the exporter, by identifier", origin.seller_identifier, _ASK_ISSUER, ""),
        (3, BLOCK, "The buyer is the consignee, by name", origin.buyer_name, _ASK_ISSUER, ""),
        (4, WARNING, "The buyer is the consignee, by identifier", origin.buyer_identifier, _ASK_ISSUER, ""),
        (5, BLOCK, "The certificate refers to this invoice", origin.invoice_number, _ASK_ISSUER, ""),
        (6, BLOCK, "The goods have the same HS code", origin.goods_code, _ASK_ISSUER, "first six digits"),
        (7, BLOCK, "The goods have the same origin", origin.goods_origin, _ASK_ISSUER, ""),
        (8, BLOCK, "The goods have the same quantity", origin.goods_quantity, _ASK_ISSUER, ""),
        (9, WARNING, "All invoiced goods are certified", origin.invoiced_goods_certified, _ASK_ISSUER, ""),
        (10, BLOCK, "All certified goods are invoiced", origin.certified_goods_invoiced, _ASK_SELLER, ""),
        (11, WARNING, "The certificate is not older than the invoice", origin.issue_order, _ASK_ISSUER, ""),
        (12, WARNING, "The goods go to the country of import", origin.destination, _ASK_ISSUER, ""),
    ),
    Between.INVOICE: ((13, WARNING, "The invoice names its terms of delivery", incoterms, _ASK_SELLER, ""),),
    Between.INVOICE_PAYMENTS: (
        (14, BLOCK, "The invoice is paid in its currency", payment.currency, _ASK_BANK, ""),
        (15, BLOCK, "The payments come to the payable amount", payment.amount, _ASK_BANK, "charges on the way"),
        (16, BLOCK, "The payment refers to this invoice", payment.reference, _ASK_BANK, ""),
        (17, BLOCK, "The creditor is the seller or its payee", payment.creditor, _ASK_BANK, ""),
        (18, BLOCK, "The account is one that the invoice gives", payment.account, _ASK_BANK, ""),
        (19, WARNING, "The debtor is the buyer", payment.debtor, _ASK_BANK, ""),
        (20, WARNING, "The payment is not older than the invoice", payment.payment_order, _ASK_SELLER, ""),
    ),
    Between.PAYMENTS: (
        (21, BLOCK, "What was credited is what was transferred", payment.instructed_is_credited, _ASK_BANK, "charges"),
        (22, WARNING, "Nothing was deducted on the way", payment.nothing_deducted, _ASK_BANK, ""),
    ),
    Between.INVOICE_TRANSPORT: (
        (23, WARNING, "The seller is the shipper", shipped.shipper, _ASK_CARRIER, ""),
        (24, WARNING, "The buyer is the consignee", shipped.receiver, _ASK_CARRIER, ""),
        (25, NOTE, "The paper of carriage refers to this invoice", shipped.names_invoice, _ASK_CARRIER, ""),
        (26, WARNING, "The goods carried are invoiced", shipped.carried_codes, _ASK_CARRIER, "first six digits"),
        (27, BLOCK, "The goods packed are as many as invoiced", shipped.packed_quantity, _ASK_SELLER, ""),
        (28, BLOCK, "The goods carried weigh what was invoiced", shipped.carried_mass, _HOLD, TOLERANCE),
        (29, WARNING, "The goods are carried to the country of delivery", shipped.delivery_country, _ASK_CARRIER, ""),
        (30, WARNING, "Invoice and carriage have the same Incoterms", shipped.delivery_terms, _ASK_SELLER, ""),
        (31, WARNING, "The Incoterms are for this mode of transport", shipped.terms_fit_mode, _ASK_SELLER, ""),
    ),
    Between.CERTIFICATE_TRANSPORT: (
        (32, WARNING, "The exporter is the shipper", shipped.certified_shipper, _ASK_CARRIER, ""),
        (33, WARNING, "The certificate's consignee is the carriage's", shipped.certified_receiver, _ASK_CARRIER, ""),
        (34, WARNING, "The goods carried are certified", shipped.certified_codes, _ASK_ISSUER, "first six digits"),
        (35, WARNING, "The goods are loaded in the country of export", shipped.loading_country, _ASK_ISSUER, ""),
        (36, WARNING, "The goods are carried to the country of import", shipped.discharge_country, _ASK_ISSUER, ""),
        (37, NOTE, "The certificate was issued in time for shipment", shipped.issued_in_time, _ASK_ISSUER, "3 days"),
        (38, BLOCK, "The goods carried weigh what was certified", shipped.certified_mass, _HOLD, TOLERANCE),
    ),
    Between.INVOICE_DECLARATION: (
        (39, BLOCK, "The declaration refers to this invoice", customs.names_invoice, _ASK_BROKER, ""),
        (40, BLOCK, "The seller is the declared exporter", customs.exporter, _ASK_BROKER, ""),
        (41, WARNING, "The buyer is the importer", customs.importer, _ASK_BROKER, ""),
        (42, BLOCK, "The invoiced HS codes are declared", customs.codes, _ASK_BROKER, "first six digits"),
        (43, BLOCK, "The invoiced origin is declared", customs.origins, _ASK_BROKER, ""),
        (44, BLOCK, "The invoiced quantity is declared", customs.quantities, _ASK_BROKER, ""),
        (45, BLOCK, "The amount is declared in the invoice's currency", customs.currency, _ASK_BROKER, ""),
        (46, BLOCK, "The invoiced amount is declared", customs.amount, _HOLD, ""),
        (47, WARNING, "The declared items come to the lines", customs.items, _ASK_BROKER, "one minor unit an item"),
        (48, WARNING, "Invoice and declaration have the same Incoterms", customs.delivery_terms, _ASK_BROKER, ""),
        (49, WARNING, "The declaration is not older than the invoice", customs.declared_after, _ASK_BROKER, ""),
    ),
    Between.CERTIFICATE_DECLARATION: (
        (50, BLOCK, "The declaration refers to this certificate", customs.names_certificate, _ASK_BROKER, ""),
        (51, BLOCK, "The certified exporter is declared", customs.certified_exporter, _ASK_BROKER, ""),
        (52, WARNING, "The consignee is the importer", customs.certified_importer, _ASK_BROKER, ""),
        (53, BLOCK, "The declared HS codes are certified", customs.certified_codes, _ASK_BROKER, "first six digits"),
        (54, BLOCK, "The declared origin is certified", customs.certified_origins, _ASK_BROKER, ""),
        (55, BLOCK, "No more is declared than is certified", customs.certified_quantities, _ASK_BROKER, ""),
        (56, BLOCK, "The certificate is in force when the goods are declared", customs.in_force, _ASK_ISSUER, ""),
        (57, BLOCK, "The goods are declared in the country of import", customs.imported_to, _ASK_BROKER, ""),
        (58, WARNING, "The goods come from the country of export", customs.exported_from, _ASK_BROKER, ""),
    ),
    Between.TRANSPORT_DECLARATION: (
        (59, WARNING, "The declaration refers to this paper of carriage", customs.names_paper, _ASK_BROKER, ""),
        (60, WARNING, "The declared containers are carried", customs.containers, _ASK_BROKER, ""),
        (61, WARNING, "The gross mass is the same", customs.gross_mass, _ASK_BROKER, TOLERANCE),
        (62, WARNING, "The number of packages is the same", customs.packages, _ASK_BROKER, ""),
        (63, NOTE, "The vessel is the same", customs.vessel, _ASK_BROKER, ""),
    ),
    Between.DECLARATION_PAYMENTS: (
        (64, WARNING, "What was declared is what was paid", customs.paid, _HOLD, "charges on the way"),
    ),
    Between.SET: (
        (65, BLOCK, "Copies of an invoice say the same", together.invoice_copies, _HOLD, ""),
        (66, BLOCK, "Copies of a certificate say the same", together.certificate_copies, _HOLD, ""),
        (67, BLOCK, "Copies of a paper of carriage say the same", together.transport_copies, _HOLD, ""),
        (68, BLOCK, "Copies of a declaration say the same", together.declaration_copies, _HOLD, ""),
        (69, BLOCK, "All invoices together are certified", together.invoiced_of_certificate, _HOLD, ""),
        (70, BLOCK, "All declarations together are certified", together.declared_of_certificate, _HOLD, ""),
        (71, BLOCK, "An invoice is declared once", together.declared_of_invoice, _HOLD, ""),
        (72, WARNING, "No goods are invoiced twice", together.same_goods_again, _HOLD, ""),
        (73, BLOCK, "Payments of several invoices come to all", bundled.bundled_payments, _ASK_BANK, "charges"),
    ),
}

CHECKS: tuple[Check, ...] = tuple(
    Check(
        number=f"D-{number}",
        title=title,
        between=between,
        weight=weight,
        action=action,
        run=run,
        tolerance=tolerance,
    )
    for between, rows in _ROWS.items()
    for number, weight, title, run, action, tolerance in rows
)
"""Every check, in the order of its findings."""
