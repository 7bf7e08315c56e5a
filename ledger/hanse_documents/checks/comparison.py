"""Running the table of checks over a set of documents: which pairs belong together, and what each answer is about."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hanse_documents.checks import payment as by_payment
from hanse_documents.checks.finding import Agreement, Compared, Finding, Weight
from hanse_documents.checks.likeness import same_number
from hanse_documents.checks.table import CHECKS, Between, Check
from hanse_documents.checks.together import ComparedSet
from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, PaymentReport
from hanse_documents.model.reports import Document

PAIRS = 1_024
"""So many pairs of one sort of documents are compared at most: a set is one trade, and not an archive."""

Single = InvoiceDocument | CertificateDocument | TransportDocument | DeclarationDocument

_NOT_SAID = "{document} does not say {field}"


def compare(
    invoice: InvoiceDocument | None,
    certificate: CertificateDocument | None,
    payments: Sequence[PaymentDocument],
) -> tuple[Finding, ...]:
    """Run every check of one invoice, its certificate and its payments, as far as they are there."""
    return compare_set(
        ComparedSet(
            invoices=() if invoice is None else (invoice,),
            certificates=() if certificate is None else (certificate,),
            payments=tuple(payments),
        )
    )


def compare_set(papers: ComparedSet) -> tuple[Finding, ...]:
    """Run every check for whose documents there are; checks of a document that is absent find nothing.

    Returns:
        Findings in the order of `CHECKS`: each says that two fields agree, differ or cannot be compared.
    """
    return tuple(finding for check in CHECKS for finding in _run(check, papers))


def set_of(documents: Iterable[Document]) -> ComparedSet:
    """Sort documents, as readers give them, into a set. What is said of payments elsewhere is no paper of it."""
    sorted_by: dict[type, list[Any]] = {
        kind: []
        for kind in (InvoiceDocument, CertificateDocument, TransportDocument, DeclarationDocument, PaymentDocument)
    }
    for document in documents:
        for each in document if isinstance(document, tuple) else (document,):
            if not isinstance(each, PaymentReport):
                sorted_by[type(each)].append(each)
    invoices, certificates, transports, declarations, payments = (tuple(each) for each in sorted_by.values())
    return ComparedSet(
        invoices=invoices,
        certificates=certificates,
        transports=transports,
        declarations=declarations,
        payments=payments,
    )


def disagrees(findings: Sequence[Finding]) -> bool:
    """Tell whether any finding is a difference that blocks."""
    return any(finding.outcome is Agreement.DIFFERS and finding.weight is Weight.BLOCK for finding in findings)


def _run(check: Check, papers: ComparedSet) -> Iterator[Finding]:
    match check.between:
        case Between.INVOICE:
            for invoice in papers.invoices:
                yield from _findings(check, name_of(invoice), "", check.run(invoice))
        case Between.INVOICE_PAYMENTS:
            yield from _of_payments(check, papers)
        case Between.PAYMENTS:
            yield from _findings(check, "", "", check.run(_paying(papers)))
        case Between.DECLARATION_PAYMENTS:
            if papers.payments:
                for declaration in papers.declarations:
                    answers = check.run(declaration, papers.invoices, papers.payments)
                    yield from _findings(check, name_of(declaration), "the payments", answers)
        case Between.SET:
            yield from _findings(check, "", "", check.run(papers))
        case _:
            for left, right in _pairs(check.between, papers):
                yield from _findings(check, name_of(left), name_of(right), check.run(left, right))


def _of_payments(check: Check, papers: ComparedSet) -> Iterator[Finding]:
    """Compare each invoice with the payments that are about it."""
    if not papers.payments:
        return
    for invoice in papers.invoices:
        # What takes a payment back is counted in D-15 alone; what names other things is not of this invoice.
        whole = check.run is by_payment.amount
        payments = papers.payments if whole else by_payment.about(invoice, papers.payments)
        yield from _findings(check, name_of(invoice), "", check.run(invoice, payments))


def _paying(papers: ComparedSet) -> tuple[PaymentDocument, ...]:
    """List the payments of the invoices that are there; all of them where there is none."""
    if not papers.invoices:
        return papers.payments
    about = {id(each) for invoice in papers.invoices for each in by_payment.about(invoice, papers.payments)}
    return tuple(each for each in papers.payments if id(each) in about)


_SIDES = {
    Between.INVOICE_CERTIFICATE: ("invoices", "certificates"),
    Between.INVOICE_TRANSPORT: ("invoices", "transports"),
    Between.CERTIFICATE_TRANSPORT: ("certificates", "transports"),
    Between.INVOICE_DECLARATION: ("invoices", "declarations"),
    Between.CERTIFICATE_DECLARATION: ("certificates", "declarations"),
    Between.TRANSPORT_DECLARATION: ("transports", "declarations"),
}


def _pairs(between: Between, papers: ComparedSet) -> list[tuple[Single, Single]]:
    """List the pairs that belong together: where the second names the first, else all that it does not tell apart."""
    ours, theirs = (getattr(papers, side) for side in _SIDES[between])
    pairs = []
    for right in theirs:
        named = [left for left in ours if any(same_number(number, left.number) for number in _named(left, right))]
        pairs += [(left, right) for left in (named or ours)]
    return pairs[:PAIRS]


def _named(left: Single, right: Single) -> Sequence[str]:
    """List the numbers by which a document names others of a kind."""
    match left, right:
        case InvoiceDocument(), CertificateDocument():
            return [line.invoice for line in right.lines if line.invoice]
        case InvoiceDocument(), TransportDocument() | DeclarationDocument():
            return right.invoices
        case CertificateDocument(), DeclarationDocument():
            return right.certificates
        case TransportDocument(), DeclarationDocument():
            return right.transports
        case _:
            return ()


def name_of(document: Single) -> str:
    """Name a document, as findings call it."""
    match document:
        case InvoiceDocument():
            return f"invoice {document.number}"
        case CertificateDocument():
            return f"certificate {document.number}"
        case DeclarationDocument():
            return f"declaration {document.number}"
        case TransportDocument():
            return f"{document.document_type.value} {document.number}".strip()


def _findings(check: Check, left: str, right: str, answers: Iterator[Compared]) -> Iterator[Finding]:
    return (_finding(check, left, right, answer) for answer in answers)


def _finding(check: Check, left: str, right: str, answer: Compared) -> Finding:
    ours, theirs = answer.left_document or left, answer.right_document or right
    return Finding(
        check=check.number,
        left_document=ours,
        left_field=answer.left_field,
        left_value=answer.left_value,
        outcome=answer.outcome,
        right_document=theirs,
        right_field=answer.right_field,
        right_value=answer.right_value,
        weight=check.weight,
        action=check.action if answer.outcome is Agreement.DIFFERS else "",
        tolerance=check.tolerance,
        why=_why(ours, theirs, answer) if answer.outcome is Agreement.CANNOT_COMPARE else "",
    )


def _why(left: str, right: str, answer: Compared) -> str:
    """Say why two values could not be compared: one of them is missing, or what the check says of them."""
    if not answer.left_value:
        return answer.why or _NOT_SAID.format(document=left or "the first document", field=answer.left_field)
    if not answer.right_value and answer.right_field:
        return answer.why or _NOT_SAID.format(document=right or "the other document", field=answer.right_field)
    return answer.why or "they may mean the same, and nobody says so"
