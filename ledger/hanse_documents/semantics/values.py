"""Texts of documents to typed values: exactly, or not at all.

Decimals appear here and nowhere further in; binary floating point appears nowhere.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.checkdigits import verify_iban
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.values.types import QUANTITY_PLACES, Moment

__all__ = ["EXPONENTS", "verify_iban"]

LARGEST = 10**15
"""The largest amount, in minor units."""

LARGEST_QUANTITY = 10**18
"""The largest quantity, in millionths of its unit."""

_ANOTHER_UNIT = "Ask whoever made the document to give the quantity in a unit that fits it, such as GRM instead of KGM."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_999

# Wide enough that no sum over a document of two megabytes is ever rounded.
EXACT = Context(prec=80)

PLACES = 24
"""So many digits before the point of a decimal number are read, and so many behind it."""

_DECIMAL = re.compile(rf"[+-]?(?:[0-9]{{1,{PLACES}}}(?:\.[0-9]{{0,{PLACES}}})?|\.[0-9]{{1,{PLACES}}})", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_DAY_AND_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
# What RFC 3339 and ISO 8601 allow beside XML Schema: small letters, a blank, a zone without a colon or minutes.
_LOOSE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9:.]{5,18})(?:([Zz])|([+-][0-9]{2})(?::?([0-9]{2}))?)?", re.ASCII
)
_NAMED_IBAN = re.compile(r"IBAN:?([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})", re.ASCII)
_NAMED_HS = re.compile(r"(?:HS|HTS)[\s:]*(?:CODE)?[\s:]*(?=[0-9])", re.ASCII | re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_UNIT = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
_HS = re.compile(r"[0-9]{4,12}", re.ASCII)
_HS_MARKS = re.compile(r"[.\s\-\u2010-\u2015]")
_UETR = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}", re.ASCII)


def decimal_of(text: str, field: str) -> Decimal:
    """Read a decimal number (XML Schema `decimal`: no exponent, no infinity).

    Raises:
        DocumentError: the text is no such number, or a longer one than any document needs.
    """
    if not _DECIMAL.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a decimal number, such as 1250.00")
    return Decimal(text)


def scaled(text: str, places: int, field: str, wanted: str, *, most: int = LARGEST, action: str = "") -> int:
    """Read a decimal number as an integer of its smallest part, `places` decimal places down.

    Raises:
        DocumentError: no number, finer than that part, or more than `most` parts.
    """
    exact = decimal_of(text, field).scaleb(places, EXACT)
    whole = int(exact)
    if whole != exact:
        raise DocumentError(field, seen=text, wanted=wanted, action=action)
    if abs(whole) > most:
        raise DocumentError(field, seen=text, wanted=f"at most {most // 10**places:,}", action=action)
    return whole


def minor_of(text: str, exponent: int, field: str) -> int:
    """Read an amount in minor units. Raises DocumentError if it does not fit the currency's decimal places."""
    return scaled(text, exponent, field, f"an amount with at most {exponent} decimal places, as its currency has")


def micro_of(text: str, field: str) -> int:
    """Read a quantity in millionths of its unit. Raises DocumentError if it is finer than that."""
    wanted = f"a quantity with at most {QUANTITY_PLACES} decimal places"
    return scaled(text, QUANTITY_PLACES, field, wanted, most=LARGEST_QUANTITY, action=_ANOTHER_UNIT)


def micro_of_number(number: Decimal, field: str) -> int:
    """Read a number as a quantity, in either notation: 12000000, or 1.2E7 as programs write it. As `micro_of`."""
    parts = number.as_tuple()
    if not isinstance(parts.exponent, int) or abs(parts.exponent) > PLACES:
        raise DocumentError(field, seen=str(number), wanted="a decimal number, such as 1250.5")
    return micro_of(f"{number:f}", field)


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
    return _real_day(_DAY.fullmatch(text) or _DAY_AND_TIME.fullmatch(as_xml_schema(text)), text, field)


def as_xml_schema(text: str) -> str:
    """Write a date with a time as XML Schema does (`2026-09-18T08:00:00+08:00`); any other text stays as it is."""
    matched = _LOOSE.fullmatch(text)
    if matched is None:
        return text
    zone = "Z" if matched[3] else f"{matched[4]}:{matched[5] or '00'}" if matched[4] else ""
    return f"{matched[1]}T{matched[2]}{zone}"


def _real_day(matched: re.Match[str] | None, text: str, field: str) -> str:
    wanted = "a calendar date, YYYY-MM-DD"
    if matched is None:
        raise DocumentError(field, seen=text, wanted=wanted)
    try:
        date.fromisoformat(matched[1])
    except ValueError as error:
        raise DocumentError(field, seen=text, wanted=wanted) from error
    return matched[1]


def moment_of(text: str) -> Moment | None:
    """Read the moment that a date with a time and a zone means, in milliseconds UTC; None without a zone."""
    text = as_xml_schema(text)
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
    """Read an ISO 3166-1 alpha-2 code (its shape; `codes` has the table)."""
    if not _COUNTRY.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a country code of two capital letters, such as CN")
    return text


def unit_of(text: str, field: str) -> str:
    """Read a unit code of UN/ECE Recommendation 20 or 21 (its shape; `codes` has the table)."""
    if not _UNIT.fullmatch(text):
        raise DocumentError(field, seen=text, wanted="a unit code of UN/ECE Recommendation 20, such as C62 or KGM")
    return text


def hs_code_of(text: str, field: str) -> str:
    """Read a Harmonized System code; dots, hyphens and spaces between its digits are dropped."""
    digits = hs_digits(text)
    if digits is None:
        raise DocumentError(field, seen=text, wanted="a Harmonized System code of 4 to 12 digits, such as 6911.10")
    return digits


def hs_digits(text: str) -> str | None:
    """Give the digits of a Harmonized System code, or None where the text is none."""
    digits = _HS_MARKS.sub("", _NAMED_HS.sub("", text, count=1) if not text[:1].isdigit() else text)
    return digits if _HS.fullmatch(digits) else None


def verify_uetr(text: str, field: str) -> None:
    """Check a unique end-to-end transaction reference: a version 4 UUID; in capitals it is the same one.

    Raises:
        DocumentError: it is none.
    """
    if not _UETR.fullmatch(text.lower()):
        raise DocumentError(field, seen=text, wanted="a version 4 UUID in lower case")


def account_of(text: str) -> str:
    """Write an account identifier without spaces, in capitals, and an IBAN without that word before it.

    How an account is printed is not what it is.
    """
    written = "".join(text.split()).upper()
    named = _NAMED_IBAN.fullmatch(written)
    return named[1] if named else written
