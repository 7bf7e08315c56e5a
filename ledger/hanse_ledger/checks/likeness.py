"""When two texts of two documents mean the same.

Documents are typed by people: case, punctuation and spacing differ where nothing else does. Words and digits count.
"""

from collections.abc import Iterable

from hanse_ledger.documents import DocumentParty
from hanse_ledger.types import QUANTITY_PLACES


def words(text: str) -> tuple[str, ...]:
    """Split a text into words of letters and digits, case folded: `Ex. Co., Ltd` is `ex co ltd`."""
    return tuple("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())


def same_name(left: str | None, right: str | None) -> bool | None:
    """Compare two names of parties; None where one is missing."""
    if not left or not right:
        return None
    return words(left) == words(right)


def bare(identifier: str) -> str:
    """Reduce an identifier to its letters and digits; of a URI, such as `abr.gov.au:abn:550`, take the last part."""
    return "".join(words(identifier.rpartition(":")[2]))


def shared_identifier(left: DocumentParty, right: DocumentParty) -> bool | None:
    """Tell whether two parties share an identifier; None where one of them has none."""
    one, other = ({bare(found) for found in party.all_identifiers()} - {""} for party in (left, right))
    if not one or not other:
        return None
    return not one.isdisjoint(other)


def same_number(reference: str, number: str) -> bool:
    """Tell whether a reference, perhaps a URI that ends in it, is to a document of that number."""
    wanted = words(number)
    return bool(wanted) and wanted in (words(reference), words(reference.rpartition(":")[2]))


def mentions(text: str, number: str) -> bool:
    """Tell whether a free text holds a document's number as whole words, one after the other."""
    wanted, found = words(number), words(text)
    return bool(wanted) and any(
        found[place : place + len(wanted)] == wanted for place in range(len(found) - len(wanted) + 1)
    )


def same_hs(left: str | None, right: str | None) -> bool | None:
    """Compare two Harmonized System codes as far as both go; None where one is missing."""
    if not left or not right:
        return None
    digits = min(len(left), len(right))
    return left[:digits] == right[:digits]


def listed(values: Iterable[str | None]) -> str:
    """Write values one after the other, without those that are missing."""
    return ", ".join(value for value in values if value)


def decimal_text(scaled: int, places: int) -> str:
    """Write an integer of smallest parts as a decimal number: 125000 at 2 places is `1250.00`."""
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else sign + digits


def money_text(minor: int, exponent: int, currency: str) -> str:
    """Write an amount of money: `1250.00 EUR`."""
    return f"{decimal_text(minor, exponent)} {currency}"


def quantity_text(micro: int, unit: str | None) -> str:
    """Write a quantity without needless zeros: `12.5 KGM`."""
    number = decimal_text(micro, QUANTITY_PLACES).rstrip("0").rstrip(".")
    return f"{number} {unit}" if unit else number
