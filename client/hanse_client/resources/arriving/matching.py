"""Which transactions of a bank's message are which payments of the ledger, and why one is none.

Asked in this order, the first that finds one decides: the UETR; the end-to-end id, by the messages that instructed;
what the remittance information names; the amount, where it is that of one payment and of one transaction alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from hanse_client.base.errors import DocumentError
from hanse_client.base.objects import PaymentView
from hanse_client.resources.arriving.arrivals import arrival_of, fits_payment, not_credited, reversals_of, verify_stands
from hanse_documents.model.documents import PaymentDocument
from hanse_ledger.kinds.payment.bodies import PaymentCharge
from hanse_ledger.values.figures import money_text


class MatchedBy(StrEnum):
    """What told which payment a transaction is."""

    AMOUNT = "amount"
    END_TO_END = "end-to-end id"
    REFERENCE = "reference"
    UETR = "UETR"


class Match(Struct, frozen=True, kw_only=True):
    """A transaction and the payment that it is: what it credits and what was charged, or why it confirms none."""

    by: MatchedBy | None = None
    charges: tuple[PaymentCharge, ...] = ()
    credited_minor: int = 0
    payment: PaymentView | None = None
    place: int
    reason: str = ""
    transaction: PaymentDocument

    @property
    def total_minor(self) -> int:
        """What has arrived: what was credited, and charged on the way."""
        return self.credited_minor + sum(charge.amount_minor for charge in self.charges)


def match_transactions(
    transactions: Sequence[PaymentDocument],
    payments: Sequence[PaymentView],
    instructing: Sequence[PaymentDocument] = (),
    *,
    partial: bool = False,
    by_amount: bool = False,
) -> list[Match]:
    """Match each transaction of a message with a payment that is under way.

    Args:
        transactions: those of the message, in its order.
        payments: the payments that the bank may confirm.
        instructing: transfers that instructed payments (pain.001, pacs.008): they know the end-to-end ids.
        partial: whether a part of what is under way may be what has arrived.
        by_amount: whether an amount alone may tell which payment it is: others pay the same sums.
    """
    finder = _Finder(payments, instructing)
    back = reversals_of(transactions)
    # What is named comes first: then an amount can only be of what nothing names.
    named = [finder.named(transaction) for transaction in transactions]
    for place, (_, found) in enumerate(named, 1):
        if len(found) == 1:
            finder.take(found[0], place)
    loose = Counter(
        _sum_of(transaction)
        for transaction, (_, found) in zip(transactions, named, strict=True)
        if not found and not not_credited(transaction)
    )
    return [
        _match(finder, transactions, back, place, named[place - 1], loose, partial=partial, by_amount=by_amount)
        for place in range(1, len(transactions) + 1)
    ]


def _match(
    finder: "_Finder",
    transactions: Sequence[PaymentDocument],
    back: Sequence[PaymentDocument],
    place: int,
    named: "Found",
    loose: Counter[tuple[int, str]],
    *,
    partial: bool,
    by_amount: bool,
) -> Match:
    transaction = transactions[place - 1]
    if reason := _nothing_to_match(transaction, partial=partial):
        return Match(place=place, transaction=transaction, reason=reason)
    by, found = named if named[1] else finder.by_amount(transaction)
    alike = loose[_sum_of(transaction)]
    if len(found) != 1 or (by is MatchedBy.AMOUNT and (alike > 1 or not by_amount)):
        return Match(place=place, transaction=transaction, reason=_why_not(transaction, by, found, alike))
    payment = found[0]
    first = finder.taken.get(payment.id, place)
    if first != place and not partial:
        reason = f"payment {payment.id.hex()} is transaction #{first} already"
        return Match(by=by, payment=payment, place=place, transaction=transaction, reason=reason)
    try:
        verify_stands(transactions, back, transaction, named=False)
        credited, charges = arrival_of(transaction, payment.amounts, payment.links.uetr, partial=partial)
    except DocumentError as error:
        return Match(by=by, payment=payment, place=place, transaction=transaction, reason=error.message)
    finder.take(payment, place)
    return Match(by=by, charges=charges, credited_minor=credited, payment=payment, place=place, transaction=transaction)


def _nothing_to_match(transaction: PaymentDocument, *, partial: bool) -> str:
    """Say why a transaction is not looked at."""
    if partial and not transaction.uetr:
        return "of payments that arrive in parts only transactions with a UETR are confirmed together"
    seen = not_credited(transaction)
    return f"no booked credit: {seen}" if seen else ""


def _why_not(transaction: PaymentDocument, by: MatchedBy, found: Sequence[PaymentView], alike: int) -> str:
    """Say why a transaction is no payment."""
    amount = money_text(transaction.amount_minor, transaction)
    if len(found) == 1 and alike < 2:
        return f"nothing but the amount says that it is payment {found[0].id.hex()}: confirm that by its id"
    if len(found) == 1:
        return f"{alike} transactions of {amount}, and none says which payment it is"
    if found:
        listed = ", ".join(payment.id.hex() for payment in found[:3])
        return f"{len(found)} payments may be meant by its {by.value}: {listed}{' …' if len(found) > 3 else ''}"
    if transaction.uetr:
        return f"no payment under way here bears the UETR {transaction.uetr}"
    return f"no payment of {amount} is under way here, nor one that its ids or references name"


Found = tuple[MatchedBy, list[PaymentView]]
"""Which payments a transaction may be, and by what: several, or none, are no answer."""


class _Finder:
    """What is under way, by what a transaction may name it."""

    def __init__(self, payments: Sequence[PaymentView], instructing: Sequence[PaymentDocument]) -> None:
        self.taken: dict[bytes, int] = {}
        self._payments = payments
        self._by_uetr = {payment.links.uetr: payment for payment in payments if payment.links.uetr}
        self._by_id = _grouped(instructing, lambda transfer: [transfer.end_to_end or ""])
        self._by_name = _grouped(instructing, lambda transfer: [*transfer.documents, *transfer.references()])

    def take(self, payment: PaymentView, place: int) -> None:
        """Note which transaction a payment is; the first one stays."""
        self.taken.setdefault(payment.id, place)

    def named(self, transaction: PaymentDocument) -> Found:
        """Find the payments that a transaction names: by the UETR, else the end-to-end id, else what it says."""
        if transaction.uetr and transaction.uetr in self._by_uetr:
            return MatchedBy.UETR, [self._by_uetr[transaction.uetr]]
        possible = self._possible(transaction)
        if found := self._by_end_to_end(transaction, possible):
            return MatchedBy.END_TO_END, found
        return MatchedBy.REFERENCE, self._by_reference(transaction, possible)

    def by_amount(self, transaction: PaymentDocument) -> Found:
        """Find the payments that a transaction comes to, among those that no other one names."""
        return MatchedBy.AMOUNT, [
            payment
            for payment in self._possible(transaction)
            if payment.id not in self.taken and fits_payment(transaction, payment.amounts, partial=False)
        ]

    def _possible(self, transaction: PaymentDocument) -> list[PaymentView]:
        """List what a transaction may be: one that bears another UETR is another payment."""
        return [each for each in self._payments if transaction.uetr is None or each.links.uetr is None]

    def _by_end_to_end(self, transaction: PaymentDocument, possible: Sequence[PaymentView]) -> list[PaymentView]:
        told = transaction.end_to_end
        if not told:
            return []
        as_uetr = [payment for payment in possible if payment.links.uetr and _key(payment.links.uetr) == _key(told)]
        return as_uetr or self._of_transfers(self._by_id.get(_key(told), []), possible)

    def _by_reference(self, transaction: PaymentDocument, possible: Sequence[PaymentView]) -> list[PaymentView]:
        named = [*transaction.documents, *transaction.references()]
        text = _key(" ".join([*named, *transaction.unstructured]))
        if len(text) >= 32:
            found = [payment for payment in possible if any(_key(name) in text for name in _names_of(payment))]
            if found:
                return found
        transfers = {id(each): each for name in named for each in self._by_name.get(_key(name), [])}
        return self._of_transfers(transfers.values(), possible)

    def _of_transfers(self, transfers: Iterable[PaymentDocument], possible: Sequence[PaymentView]) -> list[PaymentView]:
        """Find the payments that transfers instructed: by their UETR, else by their amount."""
        found: dict[bytes, PaymentView] = {}
        for transfer in transfers:
            for payment in possible:
                # Who instructs by a message gives the payment the message's UETR, and none where it has none.
                if transfer.uetr == payment.links.uetr and (transfer.uetr or _instructs(transfer, payment)):
                    found[payment.id] = payment
        return list(found.values())


def _names_of(payment: PaymentView) -> list[str]:
    """List what remittance information may name a payment by: its id, its UETR, its invoices' ids."""
    invoices = [share.invoice.hex() for share in payment.amounts.allocations]
    return [payment.id.hex(), *([payment.links.uetr] if payment.links.uetr else []), *invoices]


def _instructs(transfer: PaymentDocument, payment: PaymentView) -> bool:
    asked = transfer.instructed or transfer
    amounts = payment.amounts
    return (asked.amount_minor, asked.currency) == (amounts.amount_minor, amounts.currency)


def _sum_of(transaction: PaymentDocument) -> tuple[int, str]:
    return transaction.amount_minor, transaction.currency


def _grouped(
    transfers: Iterable[PaymentDocument], names: Callable[[PaymentDocument], Iterable[str]]
) -> dict[str, list[PaymentDocument]]:
    grouped: dict[str, list[PaymentDocument]] = {}
    for transfer in transfers:
        for name in names(transfer):
            if _key(name):
                grouped.setdefault(_key(name), []).append(transfer)
    return grouped


def _key(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
