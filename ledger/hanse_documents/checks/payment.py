"""Checks of an invoice against the payments of it."""

from collections.abc import Iterator, Sequence

from hanse_documents.checks.counting import (
    BOOKINGS,
    Tally,
    gross,
    names,
    names_others,
    payments_of,
    tally,
    together,
    wanted_numbers,
)
from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.likeness import listed, not_before, same_account, same_name
from hanse_documents.model.documents import Charge, InvoiceDocument, MessageKind, PaymentDocument
from hanse_ledger.values.figures import money_text

Payments = Sequence[PaymentDocument]


def about(invoice: InvoiceDocument, payments: Payments) -> tuple[PaymentDocument, ...]:
    """List the messages that tell of payments of this invoice, in their order."""
    told = {id(message) for payment in payments_of(invoice, payments) for message in payment.messages}
    return tuple(payment for payment in payments if id(payment) in told)


def name_payment(payment: PaymentDocument) -> str:
    """Name a payment as its message does: by its UETR, else its end-to-end id, else the message."""
    return f"{payment.kind.value} {payment.uetr or payment.end_to_end or payment.message}"


def currency(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-14. The invoice is paid in its own currency."""
    for payment in payments:
        yield Compared(
            left_field="BT-5",
            left_value=invoice.currency,
            outcome=judged(payment.currency == invoice.currency),
            right_document=name_payment(payment),
            right_field="currency",
            right_value=payment.currency,
        )


def amount(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-15. The payments that were credited come to the payable amount: neither less nor more.

    What banks took on the way was paid; what was taken back was not.
    """
    counted = tally(invoice, payments)
    yield Compared(
        left_field="BT-115",
        left_value=money_text(invoice.payable_minor, invoice),
        outcome=judged(None if counted is None else _comes_to(invoice, counted)),
        right_document="" if counted is None else listed(name_payment(payment) for payment in counted.messages),
        right_field="amount_minor",
        right_value="" if counted is None else _told(invoice, counted),
    )


def _comes_to(invoice: InvoiceDocument, counted: Tally) -> bool | None:
    if counted.unclear or any(message.contradiction for message in counted.messages):
        return None
    if invoice.payable_minor in (counted.credited_minor, counted.settled_minor):
        return True
    # Of a payment of several invoices nobody says which part is this one's.
    return None if any(names_others(invoice, payment) for payment in counted.messages) else False


def _told(invoice: InvoiceDocument, counted: Tally) -> str:
    """Write what was credited, and what is to be known beside it."""
    told = [money_text(counted.credited_minor, invoice)]
    if counted.charges:
        told.append(f"after charges of {_charges(counted.charges)}")
    if counted.taken_minor:
        told.append(f"after {money_text(counted.taken_minor, invoice)} were taken back")
    if counted.unclear:
        told.append("and something was taken back: which is not said")
    told += [f"and it contradicts itself: {text}" for message in counted.messages if (text := message.contradiction)]
    if any(names_others(invoice, payment) for payment in counted.messages):
        named = (name for payment in counted.messages for name in (*payment.documents, *payment.references()))
        told.append(f"for {listed(named)}")
    return " ".join(told)


def _charges(charges: Sequence[Charge]) -> str:
    return listed(
        money_text(charge.amount_minor, charge) + (f" ({charge.bearer})" if charge.bearer else "") for charge in charges
    )


def reference(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-16. Each payment's remittance information names the invoice, or the reference that the invoice asks for."""
    for payment in payments:
        yield Compared(
            left_field="BT-1, BT-83" if invoice.payment_reference else "BT-1",
            left_value=listed(wanted_numbers(invoice)),
            outcome=judged(names(invoice, payment)),
            right_document=name_payment(payment),
            right_field="documents, creditor_reference, further_references, unstructured",
            right_value=listed([*payment.documents, *payment.references(), *payment.unstructured]),
        )


def creditor(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-17. Who is paid is the seller, or the payee that the invoice names instead."""
    field, name = ("BT-59", invoice.payee_name) if invoice.payee_name else ("BT-27", invoice.seller.name)
    for payment in payments:
        yield Compared(
            left_field=field,
            left_value=name or "",
            outcome=judged(same_name(name, payment.creditor_name, cut=True)),
            right_document=name_payment(payment),
            right_field="creditor_name",
            right_value=payment.creditor_name or "",
        )


def account(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-18. The money goes to an account that the invoice gives, an IBAN or another one."""
    for payment in payments:
        paid = payment.creditor_iban or payment.creditor_account
        yield Compared(
            left_field="BT-84",
            left_value=listed(invoice.accounts),
            outcome=judged(same_account(paid, invoice.accounts) if invoice.accounts and paid else None),
            right_document=name_payment(payment),
            right_field="creditor_account" if payment.creditor_account else "creditor_iban",
            right_value=paid or "",
        )


def debtor(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-19. Who pays is the buyer; others may pay for it, and should be known to."""
    for payment in payments:
        yield Compared(
            left_field="BT-44",
            left_value=invoice.buyer.name or "",
            outcome=judged(same_name(invoice.buyer.name, payment.debtor_name, cut=True)),
            right_document=name_payment(payment),
            right_field="debtor_name",
            right_value=payment.debtor_name or "",
        )


def payment_order(invoice: InvoiceDocument, payments: Payments) -> Iterator[Compared]:
    """D-20. The payment is not older than the invoice, whose day is the seller's, wherever that is."""
    for payment in payments:
        day, moment = (payment.valued, payment.valued_at) if payment.valued else (payment.booked, payment.booked_at)
        yield Compared(
            left_field="BT-2",
            left_value=invoice.issued,
            outcome=judged(not_before(invoice.issued, day, moment) if day else None),
            right_document=name_payment(payment),
            right_field="valued" if payment.valued else "booked",
            right_value=day or "",
        )


def instructed_is_credited(payments: Payments) -> Iterator[Compared]:
    """D-21. A credit transfer and the notification of it tell of the same amount, charges on the way included."""
    for told in together(payments):
        transfers = [message for message in told.messages if message.kind is MessageKind.CREDIT_TRANSFER]
        notices = [message for message in told.messages if message.kind in BOOKINGS]
        for notice in notices if transfers else []:
            transfer = transfers[-1]
            yield Compared(
                left_document=name_payment(transfer),
                left_field="amount_minor, currency",
                left_value=_money(transfer),
                outcome=judged(_is_same_money(transfer, notice)),
                right_document=name_payment(notice),
                right_field="amount_minor, currency",
                right_value=_money(notice),
            )


def nothing_deducted(payments: Payments) -> Iterator[Compared]:
    """D-22. What was credited is what was instructed: no bank took charges of it."""
    for told in together(payments):
        message = told.counted()
        if message is None:
            continue
        asked = message.instructed
        converted = asked is not None and asked.currency != message.currency
        instructed = gross(message) if asked is None or converted else asked.amount_minor
        yield Compared(
            left_document=name_payment(message),
            left_field="instructed",
            left_value=(
                money_text(asked.amount_minor, asked)
                if asked is not None and converted
                else money_text(instructed, message)
            ),
            outcome=judged(None if converted or message.contradiction else instructed == message.amount_minor),
            right_document=name_payment(message),
            right_field="amount_minor, charges",
            right_value=_money(message),
        )


def _money(payment: PaymentDocument) -> str:
    """Write what was moved, and what was taken of it."""
    money = money_text(payment.amount_minor, payment)
    return f"{money} after charges of {_charges(payment.charges)}" if payment.charges else money


def _is_same_money(transfer: PaymentDocument, notice: PaymentDocument) -> bool | None:
    if notice.contradiction:
        return None
    if transfer.currency == notice.currency:
        return transfer.amount_minor in (notice.amount_minor, gross(notice))
    asked = notice.instructed
    if asked is not None and (asked.currency, asked.amount_minor) == (transfer.currency, transfer.amount_minor):
        return None  # the bank changed the money, and says so; at which rate is not in question here
    return False
