"""When two texts of two documents mean the same.

Documents are typed by people and carried by banks: case, punctuation, spacing and the way of writing a letter differ
where nothing else does. Letters and digits count.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from hanse_documents.checks.folding import (
    LETTERS,
    bare_account,
    bare_text,
    cut_from,
    name_words,
    of_one_script,
    same_letters,
    words,
)
from hanse_documents.model.documents import DocumentParty
from hanse_ledger.values.types import Day, Moment, same_hs_code

FIELDS = frozenset({35, 70, 140})
"""How long names are in payments: SWIFT's line, SEPA's and ISO 20022's field. What is cut fills its field."""

LINES = frozenset({35, 70, 140})
"""How long a line of remittance information is."""

ACCOUNT_SIGNS = 6
"""A national account number has this many signs at least."""

DAY_MS = 86_400_000
EAST_MS = 14 * 3_600_000
"""How far ahead of UTC a clock is anywhere: UTC+14."""

_IN_GROUPS = re.compile(r"rf[0-9]{2}[a-z0-9]{1,21}|[0-9]{10,}", re.ASCII)
_MEETING = re.compile(r"(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


def same_name(left: str | None, right: str | None, *, cut: bool = False) -> bool | None:
    """Compare two names of parties; None where one is missing, or they are of different scripts or lost letters.

    Args:
        left: a name.
        right: another one.
        cut: whether the right one may have been cut where its field ends: then it must fill the field.
    """
    if not left or not right:
        return None
    if same_letters(left, right) or (cut and _is_cut(right, left)):
        return True
    if {of_one_script(left), of_one_script(right)} == {"latin", "other"} or _lost(left, right) or _lost(right, left):
        return None
    return False


def _is_cut(short: str, whole: str) -> bool:
    """Tell whether a name ends where its field ended, and begins like the other one."""
    length = len(short.strip())
    if length in FIELDS:
        return cut_from(short, whole)
    if length + 1 in FIELDS:  # the last sign was a space, which nobody sends
        parts = name_words(whole)[: max(FIELDS)]
        return any(same_letters(short, " ".join(parts[:count])) for count in range(1, len(parts)))
    return False


def _lost(marked: str, name: str) -> bool:
    """Tell whether a name is another one whose letters outside of A to Z became question marks on the way."""
    if not {"?", "\N{REPLACEMENT CHARACTER}"}.intersection(name) or max(len(marked), len(name)) > LETTERS:
        return False
    wanted, found = (" ".join(text.casefold().split()) for text in (marked, name))
    return len(wanted) == len(found) and all(
        one == other or (not one.isascii() and other in "?\N{REPLACEMENT CHARACTER}")
        for one, other in zip(wanted, found, strict=True)
    )


def bare(identifier: str) -> str:
    """Reduce an identifier to its letters and digits; of a URI, such as `abr.gov.au:abn:550`, take the last part."""
    return bare_text(identifier.rpartition(":")[2])


def shared_identifier(left: DocumentParty, right: DocumentParty) -> bool | None:
    """Tell whether two parties share an identifier; None where one of them has none."""
    one, other = ({bare(found) for found in party.all_identifiers()} - {""} for party in (left, right))
    if not one or not other:
        return None
    return not one.isdisjoint(other)


def same_number(reference: str, number: str) -> bool:
    """Tell whether a reference, perhaps a URI that ends in it, has the letters and digits of a document's number."""
    wanted = bare_text(number)
    return bool(wanted) and wanted in (bare_text(reference), bare_text(reference.rpartition(":")[2]))


def mentions(text: str, number: str) -> bool:
    """Tell whether a free text holds a document's number, and not inside of another one.

    It may be parted where the number itself is, or where letters meet digits: `FW-100`, `FW100`, `FW 100`. What banks
    print in groups (a creditor reference, or many digits) may be parted anywhere.
    """
    parts = words(number)
    wanted = "".join(parts)
    if not wanted:
        return False
    anywhere = bool(_IN_GROUPS.fullmatch(wanted))
    ends = set(accumulate(map(len, parts))) | {found.start() for found in _MEETING.finditer(wanted)}
    found = words(text)
    for place in range(len(found)):
        length = 0
        for word in found[place:]:
            if not wanted.startswith(word, length):
                break
            length += len(word)
            if length == len(wanted):
                return True
            if not anywhere and length not in ends:
                break
    return False


def mentioned(texts: Sequence[str], number: str) -> bool:
    """Tell whether the lines of a free text hold a document's number, be it across the end of a line."""
    if any(mentions(text, number) for text in (*texts, " ".join(texts))):
        return True
    whole = "".join(text if len(text) in LINES else f"{text} " for text in texts)
    return mentions(whole, number)


def same_account(paid: str, given: Iterable[str]) -> bool | None:
    """Tell whether an account is one of those given; None where it may be the same, as an IBAN and without one."""
    account, known = bare_account(paid), [bare_account(other) for other in given]
    if account in known:
        return True
    return None if any(_may_be(account, other) or _may_be(other, account) for other in known) else False


def _may_be(number: str, iban: str) -> bool:
    """Tell whether a national account number stands in an IBAN."""
    bare_number = number.lstrip("0")
    return (
        bool(_IBAN.fullmatch(iban))
        and not _IBAN.fullmatch(number)
        and len(bare_number) >= ACCOUNT_SIGNS
        and iban[4:].endswith(bare_number)
    )


def not_before(issued: Day, day: Day, moment: Moment | None) -> bool:
    """Tell whether a day is not before another one; a moment has one of several days, by where one is."""
    return day >= issued or (moment is not None and moment + EAST_MS >= _day_start(issued))


def _day_start(day: Day) -> Moment:
    """Give the moment at which a day begins in UTC (days from the civil calendar, Gregorian)."""
    year, month = int(day[:4]), int(day[5:7])
    since_march, year = (month + 9) % 12, year - (month <= 2)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * since_march + 2) // 5 + int(day[8:]) - 719_469
    return days * DAY_MS


def same_hs(left: str | None, right: str | None) -> bool | None:
    """Compare two Harmonized System codes by what all countries share; None where one is missing."""
    return same_hs_code(left, right) if left and right else None


def listed(values: Iterable[str | None]) -> str:
    """Write values one after the other, without those that are missing."""
    return ", ".join(value for value in values if value)
