"""The table of checks, in order, and the comparison that runs them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from hanse_documents.checks import certificate as by_certificate
from hanse_documents.checks import payment as by_payment
from hanse_documents.checks.finding import Answer, Finding, Outcome, Weight, judged
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument

INCOTERMS_LETTERS = 3
"""Every Incoterms rule of the ICC has a code of this length; the codes themselves change with the edition."""

AgainstCertificate = Callable[[InvoiceDocument, CertificateDocument], Iterator[Answer]]
AgainstPayments = Callable[[InvoiceDocument, Sequence[PaymentDocument]], Iterator[Answer]]
AmongPayments = Callable[[Sequence[PaymentDocument]], Iterator[tuple[str, Answer]]]


class Check(Struct, frozen=True, kw_only=True):
    """A check: its number, what it asks in words, and how much a difference weighs."""

    number: str
    title: str
    weight: Weight


def _check(number: int, weight: Weight, title: str) -> Check:
    return Check(number=f"D-{number}", title=title, weight=weight)


_AGAINST_CERTIFICATE: tuple[tuple[Check, AgainstCertificate], ...] = (
    (_check(1, Weight.ERROR, "The seller is the exporter, by name"), by_certificate.seller_name),
    (_check(2, Weight.WARNING, "The seller is the exporter, by identifier"), by_certificate.seller_identifier),
    (_check(3, Weight.ERROR, "The buyer is the consignee, by name"), by_certificate.buyer_name),
    (_check(4, Weight.WARNING, "The buyer is the consignee, by identifier"), by_certificate.buyer_identifier),
    (_check(5, Weight.ERROR, "The certificate refers to this invoice"), by_certificate.invoice_number),
    (_check(6, Weight.ERROR, "The goods have the same HS code"), by_certificate.goods_code),
    (_check(7, Weight.ERROR, "The goods have the same origin"), by_certificate.goods_origin),
    (_check(8, Weight.ERROR, "The goods have the same quantity"), by_certificate.goods_quantity),
    (_check(9, Weight.WARNING, "All invoiced goods are certified"), by_certificate.invoiced_goods_certified),
    (_check(10, Weight.ERROR, "All certified goods are invoiced"), by_certificate.certified_goods_invoiced),
    (_check(11, Weight.WARNING, "The certificate is not older than the invoice"), by_certificate.issue_order),
    (_check(12, Weight.WARNING, "The goods go to the country of import"), by_certificate.destination),
)

_INCOTERMS = _check(13, Weight.WARNING, "The invoice names its terms of delivery")

_AGAINST_PAYMENTS: tuple[tuple[Check, AgainstPayments], ...] = (
    (_check(14, Weight.ERROR, "The invoice is paid in its currency"), by_payment.currency),
    (_check(15, Weight.ERROR, "The payments come to the payable amount"), by_payment.amount),
    (_check(16, Weight.ERROR, "The payment refers to this invoice"), by_payment.reference),
    (_check(17, Weight.ERROR, "The creditor is the seller or its payee"), by_payment.creditor),
    (_check(18, Weight.ERROR, "The account is one that the invoice gives"), by_payment.account),
    (_check(19, Weight.WARNING, "The debtor is the buyer"), by_payment.debtor),
    (_check(20, Weight.WARNING, "The payment is not older than the invoice"), by_payment.payment_order),
)

_AMONG_PAYMENTS: tuple[tuple[Check, AmongPayments], ...] = (
    (_check(21, Weight.ERROR, "What was credited is what was transferred"), by_payment.instructed_is_credited),
    (_check(22, Weight.WARNING, "Nothing was deducted on the way"), by_payment.nothing_deducted),
)

CHECKS: tuple[Check, ...] = (
    *(check for check, _ in _AGAINST_CERTIFICATE),
    _INCOTERMS,
    *(check for check, _ in _AGAINST_PAYMENTS),
    *(check for check, _ in _AMONG_PAYMENTS),
)
"""Every check, in the order of its findings. Numbers are never reused."""


def compare(
    invoice: InvoiceDocument | None,
    certificate: CertificateDocument | None,
    payments: Sequence[PaymentDocument],
) -> tuple[Finding, ...]:
    """Run every check for whose documents there are; checks of a document that is absent find nothing.

    Returns:
        Findings in the order of `CHECKS`: each says that two fields agree, differ or cannot be compared.
    """
    found: list[Iterator[Finding]] = []
    if invoice is not None:
        left = f"invoice {invoice.number}"
        if certificate is not None:
            right = f"certificate {certificate.number}"
            found.extend(
                _findings(check, left, right, run(invoice, certificate)) for check, run in _AGAINST_CERTIFICATE
            )
        found.append(_findings(_INCOTERMS, left, "", _incoterms(invoice)))
        if payments:
            # What takes a payment back is counted in D-15 alone; what names other things is not of this invoice.
            of_it = by_payment.about(invoice, payments)
            found.extend(
                _findings(check, left, "", run(invoice, payments if run is by_payment.amount else of_it))
                for check, run in _AGAINST_PAYMENTS
            )
            payments = of_it
    for check, among in _AMONG_PAYMENTS:
        found.append(_named_findings(check, among(payments)))
    return tuple(chain.from_iterable(found))


def disagrees(findings: Sequence[Finding]) -> bool:
    """Tell whether any finding is a difference that weighs as an error."""
    return any(finding.outcome is Outcome.DIFFERS and finding.weight is Weight.ERROR for finding in findings)


def _incoterms(invoice: InvoiceDocument) -> Iterator[Answer]:
    """D-13. The invoice names its terms of delivery by a code of the ICC's shape."""
    code = invoice.incoterms.code if invoice.incoterms else ""
    shaped = len(code) == INCOTERMS_LETTERS and code.isascii() and code.isalpha() and code.isupper()
    yield Answer(
        left_field="UBL/DeliveryTerms/ID",
        left_value=code,
        outcome=judged(shaped if code else None),
        right_field="",
        right_value="",
    )


def _findings(check: Check, left: str, right: str, answers: Iterator[Answer]) -> Iterator[Finding]:
    return (_finding(check, left, right, answer) for answer in answers)


def _named_findings(check: Check, answers: Iterator[tuple[str, Answer]]) -> Iterator[Finding]:
    return (_finding(check, left, "", answer) for left, answer in answers)


def _finding(check: Check, left: str, right: str, answer: Answer) -> Finding:
    return Finding(
        check=check.number,
        left_document=left,
        left_field=answer.left_field,
        left_value=answer.left_value,
        outcome=answer.outcome,
        right_document=answer.right_document or right,
        right_field=answer.right_field,
        right_value=answer.right_value,
        weight=check.weight,
    )
