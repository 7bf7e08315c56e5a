"""Texts of documents to typed values: exactly, or not at all.

Decimals appear here and nowhere further in; binary floating point appears nowhere.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from hanse_client.documents.currencies import EXPONENTS
from hanse_client.documents.errors import DocumentError
from hanse_ledger.checks.likeness import money_text
from hanse_ledger.types import Moment

__all__ = ["EXPONENTS", "money_text"]

MILLI = 3
"""A quantity has at most this many decimal places."""

LARGEST = 10**15
"""Amounts and quantities are smaller, in minor units and thousandths."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_999

# Wide enough that no sum over a document of two megabytes is ever rounded.
EXACT = Context(prec=80)

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,24}(?:\.[0-9]{0,24})?|\.[0-9]{1,24})", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_DAY_AND_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_UNIT = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
_HS = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}", re.ASCII)
_HS_MARKS = re.compile(r"[.\s]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_UETR = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}", re.ASCII)


def decimal_of(text: str, field: str) -> Decimal:
    """Read a decimal number (XML Schema `decimal`: no exponent, no infinity).

    Raises:
        DocumentError: the text is no such number, or a longer one than any document needs.
    """
    if not _DECIMAL.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a decimal number, such as 1250.00")
    return Decimal(text)


def scaled(text: str, places: int, field: str, wanted: str) -> int:
    """Read a decimal number as an integer of its smallest part, `places` decimal places down.

    Raises:
        DocumentError: no number, finer than that part, or 10**15 parts and more.
    """
    exact = decimal_of(text, field).scaleb(places, EXACT)
    whole = int(exact)
    if whole != exact:
        raise DocumentError(field, seen=text, wanted=wanted)
    if abs(whole) >= LARGEST:
        raise DocumentError(field, seen=text, wanted=f"less than {LARGEST:,} of the smallest part")
    return whole


def minor_of(text: str, exponent: int, field: str) -> int:
    """Read an amount in minor units. Raises DocumentError if it does not fit the currency's decimal places."""
    return scaled(text, exponent, field, f"an amount with at most {exponent} decimal places, as its currency has")


def milli_of(text: str, field: str) -> int:
    """Read a quantity in thousandths of its unit. Raises DocumentError if it is finer than that."""
    return scaled(text, MILLI, field, f"a quantity with at most {MILLI} decimal places")


def exponent_of(currency: str, field: str) -> int:
    """Look a currency's decimal places up. Raises DocumentError for a code that ISO 4217 does not list."""
    if currency not in EXPONENTS:
        raise DocumentError(field, seen=currency, wanted="a currency of ISO 4217 that has a minor unit, such as EUR")
    return EXPONENTS[currency]


def day_of(text: str, field: str) -> str:
    """Read a calendar date, `YYYY-MM-DD`; a time zone behind it is dropped, as the document's day is what counts."""
    return _real_day(_DAY.fullmatch(text), text, field)


def day_of_moment(text: str, field: str) -> str:
    """Read the calendar date of a date with or without a time, as the document states it."""
    return _real_day(_DAY.fullmatch(text) or _DAY_AND_TIME.fullmatch(text), text, field)


def _real_day(found: re.Match[str] | None, text: str, field: str) -> str:
    wanted = "a calendar date, YYYY-MM-DD"
    if found is None:
        raise DocumentError(field, seen=text, wanted=wanted)
    try:
        date.fromisoformat(found[1])
    except ValueError as error:
        raise DocumentError(field, seen=text, wanted=wanted) from error
    return found[1]


def moment_of(text: str) -> Moment | None:
    """Read the moment that a date with a time and a zone means, in milliseconds UTC; None without a zone."""
    if not _DAY_AND_TIME.fullmatch(text):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if read.tzinfo is None:
        return None
    try:
        moment = (read - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError:
        return None
    return moment if 0 <= moment <= _LAST else None


def country_of(text: str, field: str) -> str:
    """Read an ISO 3166-1 alpha-2 code (its shape)."""
    if not _COUNTRY.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a country code of two capital letters, such as CN")
    return text


def unit_of(text: str, field: str) -> str:
    """Read a unit code of UN/ECE Recommendation 20 or 21 (its shape)."""
    if not _UNIT.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a unit code of UN/ECE Recommendation 20, such as C62 or KGM")
    return text


def hs_code_of(text: str, field: str) -> str:
    """Read a Harmonized System code; dots and spaces between its digits are dropped."""
    digits = _HS_MARKS.sub("", text)
    if not _HS.fullmatch(digits):
        raise DocumentError(field, seen=text, wanted="a Harmonized System code of 6, 8 or 10 digits")
    return digits


def uetr_of(text: str, field: str) -> str:
    """Read a unique end-to-end transaction reference: a version 4 UUID in lower case."""
    if not _UETR.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a version 4 UUID in lower case")
    return text


def account_of(text: str) -> str:
    """Write an account identifier without spaces, in capitals: how an IBAN is printed is not what it is."""
    return "".join(text.split()).upper()


def verify_iban(text: str, field: str) -> None:
    """Check an IBAN's shape and check digits (ISO 13616: the number, rearranged, leaves 1 modulo 97).

    Raises:
        DocumentError: mistyped or made up.
    """
    if _IBAN.fullmatch(text) and int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1:
        return
    raise DocumentError(field, seen=text, wanted="an IBAN whose check digits are right")
