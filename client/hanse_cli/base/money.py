"""Reading amounts of money that people type with their currency, such as 150.00,EUR."""

from collections.abc import Callable
from typing import Protocol

from hanse_cli.base.values import scaled_of
from hanse_client.base.errors import InvalidInput
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.values.types import Currency, Minor, MinorDigits

MONEY = "AMOUNT,CURRENCY"


class Unit(Protocol):
    """What says in which currency amounts are: those of an invoice, a payment or a pledge, or a draft of one."""

    @property
    def currency(self) -> Currency:
        """ISO 4217's code."""

    @property
    def minor_digits(self) -> MinorDigits:
        """Decimal places of its minor unit."""


def amount_of(text: str, unit: Unit) -> Minor:
    """Read an amount in the currency of what it is of. Raises InvalidInput."""
    return scaled_of(text, unit.minor_digits, f"amount of {unit.currency}")


def asked_amount(text: str | None, unit: Callable[[], Unit]) -> Minor | None:
    """Read `--amount`, in the currency of what it is of, which is asked for only then; nil where none was typed.

    Raises InvalidInput, and what `unit` does.
    """
    return None if text is None else amount_of(text, unit())


def money_of(text: str, what: str) -> tuple[Minor, Currency, MinorDigits]:
    """Read an amount in minor units and its currency, whose decimal places the table of ISO 4217 has.

    Args:
        text: as it was typed.
        what: what the amount is, for the refusal.

    Raises:
        InvalidInput: it is no amount above zero of a known currency, or has more decimal places than that.
    """
    amount, _, currency = (part.strip() for part in text.partition(","))
    places = EXPONENTS.get(currency)
    if places is None:
        raise InvalidInput(f"{text[:80]!r} is no {what}.", f"Write it as {MONEY}, such as 150.00,EUR.")
    return scaled_of(amount, places, f"amount of {currency}"), currency, places
