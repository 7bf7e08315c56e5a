"""Checks of an invoice against the payments of it."""

from collections.abc import Iterator, Sequence

from hanse_ledger.checks.finding import Answer, judged
from hanse_ledger.checks.likeness import listed, mentions, money_text, same_name, same_number
from hanse_ledger.documents import Direction, InvoiceDocument, MessageKind, PaymentDocument

BOOKED = "BOOK"
"""The status of an entry that stands in the account; others are announcements."""

Payments = Sequence[PaymentDocument]


def name_payment(payment: PaymentDocument) -> str:
    """Name a payment as its message does: by its UETR, else its end-to-end id, else the message."""
    return f"{payment.kind.value} {payment.uetr or payment.end_to_end or payment.message}"


def currency(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-14. The invoice is paid in its own currency."""
    for payment in payments:
        yield Answer(
            left_field="BT-5",
            left_value=invoice.currency,
            outcome=judged(payment.currency == invoice.currency),
            right_document=name_payment(payment),
            right_field="currency",
            right_value=payment.currency,
        )


def amount(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-15. The payments that were credited come to the payable amount: neither less nor more."""
    counted = [payment for payment in _credits(payments) if payment.currency == invoice.currency]
    paid = sum(payment.amount_minor for payment in counted)
    yield Answer(
        left_field="BT-115",
        left_value=money_text(invoice.payable_minor, invoice.exponent, invoice.currency),
        outcome=judged(paid == invoice.payable_minor if counted else None),
        right_document=listed(name_payment(payment) for payment in counted),
        right_field="amount_minor",
        right_value=money_text(paid, invoice.exponent, invoice.currency) if counted else "",
    )


def reference(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-16. Each payment's remittance information names the invoice, or the reference that the invoice asks for."""
    for payment in payments:
        structured = [*payment.documents, *payment.references()]
        wanted = [invoice.number, *([invoice.payment_reference] if invoice.payment_reference else [])]
        named = any(same_number(told, number) for told in structured for number in wanted)
        mentioned = any(mentions(told, number) for told in payment.unstructured for number in wanted)
        yield Answer(
            left_field="BT-1, BT-83" if invoice.payment_reference else "BT-1",
            left_value=listed(wanted),
            outcome=judged(named or mentioned if structured or payment.unstructured else None),
            right_document=name_payment(payment),
            right_field="documents, creditor_reference, unstructured",
            right_value=listed([*structured, *payment.unstructured]),
        )


def creditor(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-17. Who is paid is the seller, or the payee that the invoice names instead."""
    field, name = ("BT-59", invoice.payee_name) if invoice.payee_name else ("BT-27", invoice.seller.name)
    for payment in payments:
        yield Answer(
            left_field=field,
            left_value=name or "",
            outcome=judged(same_name(name, payment.creditor_name)),
            right_document=name_payment(payment),
            right_field="creditor_name",
            right_value=payment.creditor_name or "",
        )


def account(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-18. The money goes to an account that the invoice gives."""
    for payment in payments:
        known = payment.creditor_iban in invoice.accounts
        yield Answer(
            left_field="BT-84",
            left_value=listed(invoice.accounts),
            outcome=judged(known if invoice.accounts and payment.creditor_iban else None),
            right_document=name_payment(payment),
            right_field="creditor_iban",
            right_value=payment.creditor_iban or "",
        )


def debtor(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-19. Who pays is the buyer; others may pay for it, and should be known to."""
    for payment in payments:
        yield Answer(
            left_field="BT-44",
            left_value=invoice.buyer.name or "",
            outcome=judged(same_name(invoice.buyer.name, payment.debtor_name)),
            right_document=name_payment(payment),
            right_field="debtor_name",
            right_value=payment.debtor_name or "",
        )


def payment_order(invoice: InvoiceDocument, payments: Payments) -> Iterator[Answer]:
    """D-20. The payment is not older than the invoice."""
    for payment in payments:
        day = payment.valued or payment.booked
        yield Answer(
            left_field="BT-2",
            left_value=invoice.issued,
            outcome=judged(day >= invoice.issued if day else None),
            right_document=name_payment(payment),
            right_field="valued" if payment.valued else "booked",
            right_value=day or "",
        )


def instructed_is_credited(payments: Payments) -> Iterator[tuple[str, Answer]]:
    """D-21. A credit transfer and the notification of it, by their UETR, tell of the same amount.

    Yields the name of the transfer with each answer.
    """
    transfers = {
        payment.uetr: payment
        for payment in payments
        if payment.uetr is not None and payment.kind is MessageKind.CREDIT_TRANSFER
    }
    for payment in payments:
        if payment.kind is not MessageKind.NOTIFICATION or payment.uetr not in transfers:
            continue
        transfer = transfers[payment.uetr]
        left, right = (
            money_text(message.amount_minor, message.exponent, message.currency) for message in (transfer, payment)
        )
        yield (
            name_payment(transfer),
            Answer(
                left_field="amount_minor, currency",
                left_value=left,
                outcome=judged(left == right),
                right_document=name_payment(payment),
                right_field="amount_minor, currency",
                right_value=right,
            ),
        )


def _credits(payments: Payments) -> list[PaymentDocument]:
    """List the payments that reached their creditor, each once.

    A transfer and its notification are one payment, told twice; the notification counts. What was reversed, and what
    a bank has announced and not booked, does not count.
    """
    taken_back = {_same(place, payment) for place, payment in enumerate(payments) if payment.reversal}
    once: dict[str, PaymentDocument] = {}
    for place, payment in enumerate(payments):
        name = _same(place, payment)
        announced = payment.status not in (None, BOOKED)
        if name in taken_back or announced or payment.direction is not Direction.CREDIT:
            continue
        if name not in once or payment.kind is MessageKind.NOTIFICATION:
            once[name] = payment
    return list(once.values())


def _same(place: int, payment: PaymentDocument) -> str:
    """Name a payment so that two messages about it get the same name, and two payments never do."""
    if payment.uetr:
        return f"uetr {payment.uetr}"
    # An end-to-end id is the payer's own: the same one from two payers is two payments.
    return f"id {payment.end_to_end} from {payment.debtor_name}" if payment.end_to_end else f"place {place}"
