"""Which payments are of an invoice, which messages tell of the same payment, and what they come to.

A transfer and the notification of it are one payment, told twice. What was taken back does not count, and neither does
money that came back to who had sent it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from msgspec import Struct, field

from hanse_documents.checks.folding import bare_text
from hanse_documents.checks.likeness import mentioned, same_number
from hanse_documents.model.documents import Charge, Direction, InvoiceDocument, MessageKind, PaymentDocument

TRANSFERS = (MessageKind.CREDIT_TRANSFER, MessageKind.INITIATION)
"""The messages that instruct a payment. That a payer has asked for one (pain.001) is no payment yet."""

BOOKINGS = (MessageKind.NOTIFICATION, MessageKind.STATEMENT)
"""The messages that tell what was booked to an account."""

BOOKED = "BOOK"
"""The status of an entry that stands in the account; others are announcements."""

CANDIDATES = 64
"""Among how many payments of the same end-to-end id, or of the same amount, the one that is meant is looked for."""

Payments = Sequence[PaymentDocument]


class Told(Struct, kw_only=True):
    """One payment: the messages that tell of it, and how much of it was taken back."""

    messages: list[PaymentDocument]
    taken_minor: int = 0
    unclear: bool = False  # a message takes back a debit under this payment's ids

    def names(self, invoice: InvoiceDocument) -> bool | None:
        """Tell whether a message names the invoice; None where none names anything."""
        answers = {names(invoice, message) for message in self.messages}
        return True if True in answers else False if False in answers else None

    def counted(self) -> PaymentDocument | None:
        """Give the message that tells what was credited: a notification that is booked, else the transfer."""
        credits_ = [message for message in self.messages if message.direction is Direction.CREDIT]
        booked = [message for message in credits_ if message.status in (None, BOOKED)]
        notified = [message for message in booked if message.kind in BOOKINGS]
        best = notified or [message for message in booked if message.kind is not MessageKind.INITIATION]
        return best[-1] if best else None


class Tally(Struct, frozen=True, kw_only=True):
    """What the payments of an invoice come to, in its currency.

    `credited_minor` is what reached the account, `settled_minor` what was instructed before charges were taken.
    """

    charges: tuple[Charge, ...]
    credited_minor: int
    messages: tuple[PaymentDocument, ...]
    settled_minor: int
    taken_minor: int
    unclear: bool


def names(invoice: InvoiceDocument, payment: PaymentDocument) -> bool | None:
    """Tell whether a payment's remittance information names the invoice, or the reference that it asks for.

    None where the payment names nothing.
    """
    structured = [*payment.documents, *payment.references()]
    if not structured and not payment.unstructured:
        return None
    wanted = wanted_numbers(invoice)
    return any(same_number(told, number) for told in structured for number in wanted) or any(
        mentioned(payment.unstructured, number) for number in wanted
    )


def wanted_numbers(invoice: InvoiceDocument) -> tuple[str, ...]:
    """List what a payment may name: the invoice's number, and its payment reference."""
    return (invoice.number, *([invoice.payment_reference] if invoice.payment_reference else []))


def names_others(invoice: InvoiceDocument, payment: PaymentDocument) -> bool:
    """Tell whether a payment also settles something else: another document, or one more reference."""
    wanted = wanted_numbers(invoice)
    references = payment.references()

    def other(told: str) -> bool:
        return not any(same_number(told, number) for number in wanted)

    return any(map(other, payment.documents)) or (len(references) > 1 and any(map(other, references)))


def together(payments: Payments) -> list[Told]:
    """Put messages that tell of the same payment together; what takes back is subtracted from what it takes back."""
    known = _Payments()
    plain_ones = [payment for payment in payments if not payment.returned and not payment.reversal]
    for kind in (*BOOKINGS, *TRANSFERS):
        for payment in plain_ones:
            if payment.kind is kind:
                known.add(payment)
    booked: set[int] = set()
    # What an account's bank has booked comes before what banks tell each other (pacs.004): the same is told by both.
    for payment in sorted(payments, key=lambda payment: payment.kind is MessageKind.RETURN):
        if _takes_back(payment) and (told := known.of(payment) or known.booked_as(payment)) is not None:
            if payment.kind is MessageKind.RETURN and id(told) in booked:
                continue
            if payment.kind is not MessageKind.RETURN:
                booked.add(id(told))
            if payment.direction is Direction.DEBIT:
                told.taken_minor += payment.amount_minor
            else:
                told.unclear = True
    return known.told


def payments_of(invoice: InvoiceDocument, payments: Payments) -> list[Told]:
    """List the payments of an invoice: those that name it, and those of its buyer that name nothing.

    All of them where none names it: then the reference is what differs, and the rest is still compared.
    """
    told = together(payments)
    named = [(payment, payment.names(invoice)) for payment in told]
    if not any(answer for _, answer in named):
        return told
    buyer = bare_text(invoice.buyer.name or "")
    return [payment for payment, answer in named if answer or (answer is None and _from(payment, buyer))]


def tally(invoice: InvoiceDocument, payments: Payments) -> Tally | None:
    """Add up the payments of an invoice; None where no message tells of one, or of one that was taken back."""
    counted: list[tuple[Told, PaymentDocument]] = [
        (told, message)
        for told in payments_of(invoice, payments)
        if (message := told.counted()) is not None and message.currency == invoice.currency
    ]
    loose = list(_loose(invoice, payments))
    if not counted and not any(payment.direction is Direction.DEBIT for payment in loose):
        return None
    apart = sum(payment.amount_minor for payment in loose if names(invoice, payment))
    parts = [(max(message.amount_minor - told.taken_minor, 0), told, message) for told, message in counted]
    credited = sum(part for part, _, _ in parts)
    settled = sum(gross(message) if told.taken_minor == 0 else part for part, told, message in parts)
    amounts = {amount for _, message in counted for amount in (message.amount_minor, gross(message))}
    return Tally(
        charges=tuple(charge for _, message in counted for charge in message.charges),
        credited_minor=max(credited - apart, 0),
        messages=tuple(message for _, message in counted),
        settled_minor=max(settled - apart, 0),
        taken_minor=apart + sum(told.taken_minor for told, _ in counted),
        unclear=any(told.unclear for told, _ in counted)
        or any(names(invoice, payment) is None and payment.amount_minor in amounts for payment in loose),
    )


def gross(payment: PaymentDocument) -> int:
    """Give what was instructed of a payment, as far as its charges account for it; else what was credited."""
    charged, instructed = payment.charged_minor(), payment.instructed
    if instructed is not None and instructed.currency == payment.currency:
        return (
            instructed.amount_minor
            if instructed.amount_minor - charged == payment.amount_minor
            else payment.amount_minor
        )
    return payment.amount_minor + charged


def _takes_back(payment: PaymentDocument) -> bool:
    """Tell whether a booked entry takes an earlier one back: a reversal, or a return that was debited."""
    if payment.status not in (None, BOOKED):
        return False
    return payment.reversal or (payment.returned and payment.direction is Direction.DEBIT)


def _loose(invoice: InvoiceDocument, payments: Payments) -> Iterator[PaymentDocument]:
    """List what takes back a payment that no message tells of, if it may be one of this invoice."""
    known = _Payments()
    for payment in payments:
        if not payment.returned and not payment.reversal:
            known.add(payment)
    booked = {payment.uetr or payment.end_to_end for payment in payments if payment.kind in BOOKINGS}
    for payment in payments:
        if payment.kind is MessageKind.RETURN and (payment.uetr or payment.end_to_end) in booked:
            continue  # what was booked of it is looked at by itself
        taken = _takes_back(payment) and payment.direction is Direction.DEBIT and payment.currency == invoice.currency
        found = known.of(payment) or known.booked_as(payment)
        if taken and found is None and names(invoice, payment) is not False:
            yield payment


def _from(told: Told, buyer: str) -> bool:
    payers = {_payer(message) for message in told.messages if message.debtor_name}
    return not payers or buyer in payers


@lru_cache(maxsize=1_024)
def _bare(name: str) -> str:
    return bare_text(name)


def _payer(payment: PaymentDocument) -> str:
    return _bare(payment.debtor_name or "")


class _Payments(Struct):
    """Payments found so far, by what messages about the same one share."""

    told: list[Told] = field(default_factory=list)
    by_uetr: dict[str, Told] = field(default_factory=dict)
    by_id: dict[str, dict[str, list[Told]]] = field(default_factory=dict)
    by_reference: dict[str, Told] = field(default_factory=dict)
    by_amount: dict[tuple[str, int], list[Told]] = field(default_factory=lambda: defaultdict(list))

    def add(self, payment: PaymentDocument) -> None:
        """Put a message to the payment that it tells of, or begin a new one."""
        told = self.of(payment)
        if told is None and payment.kind is MessageKind.STATEMENT:
            told = self._same_booking(payment)
        if told is None and payment.kind in (MessageKind.CREDIT_TRANSFER, MessageKind.STATEMENT):
            told = self._by_amount(payment)
        if told is None:
            told = Told(messages=[])
            self.told.append(told)
        told.messages.append(payment)
        if payment.uetr:
            self.by_uetr[payment.uetr] = told
        if payment.end_to_end:
            self.by_id.setdefault(payment.end_to_end, {}).setdefault(_payer(payment), []).append(told)
        if payment.bank_reference:
            self.by_reference[payment.bank_reference] = told
        if payment.kind in BOOKINGS:
            for amount in {payment.amount_minor, gross(payment)}:
                self.by_amount[payment.currency, amount].append(told)

    def of(self, payment: PaymentDocument) -> Told | None:
        """Find the payment that a message tells of by its ids: the UETR, else the end-to-end id and the payer."""
        if payment.uetr and payment.uetr in self.by_uetr:
            return self.by_uetr[payment.uetr]
        payers = self.by_id.get(payment.end_to_end or "", {})
        payer = _payer(payment)
        # An end-to-end id is the payer's own: the same one from two payers is two payments.
        groups = (payers.get(payer, []), payers.get("", [])) if payer else payers.values()
        alike = islice(chain.from_iterable(groups), CANDIDATES)
        return next((told for told in alike if _may_be_same(told, payment)), None)

    def booked_as(self, payment: PaymentDocument) -> Told | None:
        """Find a payment by the reference of the account's bank."""
        return self.by_reference.get(payment.bank_reference or "")

    def _same_booking(self, statement: PaymentDocument) -> Told | None:
        """Find what was notified of a statement's entry: by the reference of the account's bank, and the amount."""
        told = self.booked_as(statement)
        return told if told is not None and _may_be_same(told, statement) else None

    def _by_amount(self, transfer: PaymentDocument) -> Told | None:
        """Find what was notified of a transfer, or of an entry, where one has no ids: by amount, currency and payer."""
        waiting = self.by_amount.get((transfer.currency, transfer.amount_minor), [])
        payer = _payer(transfer)
        for place, told in enumerate(waiting[:CANDIDATES]):
            notice = told.messages[0]
            if notice.kind is transfer.kind or not _may_be_same(told, transfer):
                continue
            ids = (notice.uetr and transfer.uetr) or (notice.end_to_end and transfer.end_to_end)
            if not ids and (not payer or _payer(notice) in {"", payer}):
                del waiting[place]  # the next transfer of the same amount is another one
                return told
        return None


def _may_be_same(told: Told, payment: PaymentDocument) -> bool:
    """Tell whether a message with the same end-to-end id and payer tells of the same payment."""
    for message in told.messages:
        if message.uetr and payment.uetr and message.uetr != payment.uetr:
            return False
        alike = message.kind is payment.kind or (message.kind in BOOKINGS and payment.kind in BOOKINGS)
        if alike and not payment.reversal and not payment.returned:
            # A payer may use an id again: another amount, or another reference of the bank, is another payment.
            other = (
                message.bank_reference and payment.bank_reference and message.bank_reference != payment.bank_reference
            )
            if other or message.amount_minor != payment.amount_minor:
                return False
    return True
