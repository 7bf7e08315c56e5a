"""For how much money a record is signed: what a mandate's limit is compared with."""

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import Currency, MinorDigits
from hanse_ledger.wire.part import Body


class Amount(Struct, frozen=True):
    """An amount of money, in minor units of its currency; none below zero."""

    minor: int
    currency: Currency
    minor_digits: MinorDigits


def sum_of(amounts: Iterable[Amount | None]) -> Amount | None:
    """Add up amounts of one currency; nil for none, and where there are several currencies, or one is not known."""
    total: Amount | None = None
    for each in amounts:
        if each is None:
            return None
        if total is None:
            total = each
        elif (each.currency, each.minor_digits) != (total.currency, total.minor_digits):
            return None
        else:
            total = Amount(total.minor + each.minor, total.currency, total.minor_digits)
    return total


class NamesAmount(Protocol):
    """A body that names one amount of money."""

    @property
    def amount_minor(self) -> int:
        """How much."""
        ...

    @property
    def currency(self) -> Currency:
        """In which currency."""
        ...

    @property
    def minor_digits(self) -> MinorDigits:
        """How many decimal places its minor unit has."""
        ...


def named_amount(_: StateView, body: NamesAmount) -> Amount:
    """Give the amount that a body names."""
    return Amount(max(0, body.amount_minor), body.currency, body.minor_digits)


def no_amount(_: StateView, __: Body) -> None:
    """Name no amount of money, or none for which a party signs."""
