"""Reading amounts of money that people type with their currency, such as 150.00,EUR."""

from hanse_cli.base.values import scaled_of
from hanse_client.base.errors import InvalidInput
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.values.types import Currency, Minor, MinorDigits

MONEY = "AMOUNT,CURRENCY"


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
