"""Figures as people read them: decimals, money, quantities. Refusals and reports use these words."""

from typing import Protocol

from hanse_ledger.values.types import QUANTITY_PLACES


def decimal_text(scaled: int, places: int) -> str:
    """Write an integer of smallest parts as a decimal number: 125000 at 2 places is `1250.00`."""
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else sign + digits


class InRecord(Protocol):
    """What names its currency, and how many of its digits are minor units, as records do."""

    @property
    def currency(self) -> str:
        """ISO 4217."""
        ...

    @property
    def minor_digits(self) -> int:
        """How many digits stand behind the point."""
        ...


def money_text(minor: int, beside: InRecord) -> str:
    """Write an amount of money in the currency of what it stands in: `1250.00 EUR`."""
    return f"{decimal_text(minor, beside.minor_digits)} {beside.currency}"


def quantity_text(micro: int, unit: str | None) -> str:
    """Write a quantity of millionths without needless zeros: `12.5 KGM`."""
    number = decimal_text(micro, QUANTITY_PLACES).rstrip("0").rstrip(".")
    return f"{number} {unit}" if unit else number
