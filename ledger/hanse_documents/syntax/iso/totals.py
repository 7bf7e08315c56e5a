"""Holding what a message says of all its transactions against them: counts, sums, balances."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hanse_documents.model.documents import Direction, Money, PaymentDocument
from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.values import EXACT, decimal_of
from hanse_documents.syntax.iso.messagetable import MessageTotals
from hanse_documents.syntax.iso.spots import Spot
from hanse_ledger.values.figures import decimal_text, money_text

Amounts = Sequence[Money]


def verify_totals(totals: MessageTotals, whole: Spot, payments: Sequence[PaymentDocument]) -> None:
    """Find a count or a sum that is not that of the payments.

    A sum over all currencies may be of what was instructed, or of what is settled: messages do either.
    """
    settled = [_money_of(payment) for payment in payments]
    instructed = [payment.instructed or money for payment, money in zip(payments, settled, strict=True)]
    verify_count(whole, totals.count, len(payments), "transactions")
    verify_sum(whole, totals.sum, settled, instructed)
    if totals.money:
        _verify_money(whole, totals.money, settled)


def verify_count(whole: Spot, path: str, count: int, what: str) -> None:
    """Find a number of transactions or entries that is another one."""
    stated = whole.text(path)
    if stated is not None and not (stated.isdecimal() and len(stated) <= 15 and int(stated) == count):
        whole.examiner.find(whole.field(path), seen=stated, wanted=f"{count}, as there are {what}")


def verify_sum(whole: Spot, path: str, *sets: Amounts) -> None:
    """Find a sum of bare numbers that none of these sets of amounts comes to."""
    stated = whole.text(path)
    if stated is None:
        return
    sums = list(dict.fromkeys(map(_sum_of, sets)))
    try:
        number = decimal_of(stated, whole.field(path))
    except DocumentError as error:
        whole.examiner.findings.extend(error.faults)
        return
    if number not in sums:
        whole.examiner.find(
            whole.field(path), seen=stated, wanted=f"{' or '.join(map(_plain, sums))}, the sum of the transactions"
        )


def _verify_money(whole: Spot, path: str, amounts: Amounts) -> None:
    spot = whole.one(path)
    if not spot.there or len({money.currency for money in amounts}) > 1:
        return
    stated, total = spot.money(), sum(money.amount_minor for money in amounts)
    if amounts and (stated.amount_minor, stated.currency) != (total, amounts[0].currency):
        whole.examiner.find(
            spot.where,
            seen=money_text(stated.amount_minor, stated),
            wanted=f"{money_text(total, amounts[0])}, the sum of the transactions",
        )


def verify_entries(statement: Spot, entries: Sequence[tuple[Direction, Money]]) -> None:
    """Hold a statement's summary of its entries against them: all, credits and debits."""
    if statement.one("StmtPgntn").there or statement.one("NtfctnPgntn").there:
        return  # the summary may be of all pages
    for name, wanted in (("TtlNtries", None), ("TtlCdtNtries", Direction.CREDIT), ("TtlDbtNtries", Direction.DEBIT)):
        amounts = [money for direction, money in entries if wanted in (None, direction)]
        summary = statement.one(f"TxsSummry/{name}")
        verify_count(summary, "NbOfNtries", len(amounts), "entries")
        verify_sum(summary, "Sum", amounts)


def verify_balances(statement: Spot, booked: Sequence[tuple[Direction, Money]]) -> None:
    """Find a closing balance that does not follow from the opening one and what was booked between."""
    if statement.one("StmtPgntn").there:
        return
    balances = {name: spot for spot in statement.all("Bal") for name in spot.texts("Tp/CdOrPrtry/Cd", "Tp/Cd")}
    opening, closing = balances.get("OPBD") or balances.get("PRCD"), balances.get("CLBD")
    if opening is None or closing is None:
        return
    first, last = _balance_of(opening), _balance_of(closing)
    if first is None or last is None:
        return
    moved = [money for _, money in booked] + [first, last]
    if len({money.currency for money in moved}) > 1:
        return
    total = first.amount_minor + sum(_signed(direction, money) for direction, money in booked)
    if total != last.amount_minor:
        statement.examiner.find(
            closing.field("Amt"),
            seen=money_text(last.amount_minor, last),
            wanted=f"{money_text(total, last)}: the opening balance and what was booked",
        )


def _balance_of(balance: Spot) -> Money | None:
    direction, spot = balance.direction(), balance.one("Amt")
    if direction is None or not spot.there:
        return None
    money = spot.money()
    return Money(amount_minor=_signed(direction, money), currency=money.currency, exponent=money.exponent)


def _signed(direction: Direction, money: Money) -> int:
    return money.amount_minor if direction is Direction.CREDIT else -money.amount_minor


def _money_of(payment: PaymentDocument) -> Money:
    return Money(amount_minor=payment.amount_minor, currency=payment.currency, exponent=payment.exponent)


def _sum_of(amounts: Iterable[Money]) -> Decimal:
    total = Decimal(0)
    for money in amounts:
        total = EXACT.add(total, Decimal(decimal_text(money.amount_minor, money.exponent)))
    return total


def _plain(number: Decimal) -> str:
    return f"{number:f}"
