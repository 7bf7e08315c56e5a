"""Recovery codes: a passphrase that is made, printed, and typed again by somebody who has lost everything else.

A code is eight groups of five, after the word HANSE: `HANSE-7K3QF-…`. Seven groups hold 140 random bits, the eighth
what the seven are checked by. The last letter of each group checks that group and its place, so that a group that was
mistyped, left out or put elsewhere is named. The letters are those of Crockford's base 32, which have no I, L, O, U.
"""

import re
import secrets
from collections.abc import Sequence

from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.hashing import hash_bytes

MARK = "HANSE"
GROUPS = 8
LETTERS = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans("ILO", "110")
_FIELD = 0b100101
"""x^5 + x^2 + 1, by which the 32 letters are a field: x is of order 31 in it."""

_CHECKED = (GROUPS - 1) * (LETTERS - 1)
_BETWEEN = re.compile(r"[\s\-_.,]+")


def new_code() -> str:
    """Make a code of 140 random bits, as it is printed."""
    return _write([secrets.randbelow(32) for _ in range(_CHECKED)])


def is_code(text: str) -> bool:
    """Tell whether a text is meant as a recovery code, be it mistyped: it begins with the mark."""
    return _BETWEEN.split(text.strip().upper())[0].startswith(MARK)


def read_code(text: str) -> str:
    """Read a code as somebody types it, in capitals or small letters, and give it as it was printed.

    Raises:
        InvalidInput: a group is mistyped, which is named by its place; or one is missing.
    """
    rest = "".join(_BETWEEN.split(text.strip().upper().removeprefix(MARK)))
    parts = [each for each in _BETWEEN.split(text.strip().upper().removeprefix(MARK)) if each]
    if len(parts) != GROUPS and len(rest) == GROUPS * LETTERS:
        parts = [rest[at : at + LETTERS] for at in range(0, len(rest), LETTERS)]
    wrong = [f"group {place} ({why})" for place, part in enumerate(parts, 1) if (why := _fault(part, place))]
    if len(parts) != GROUPS:
        wrong.append(f"there are {len(parts)} groups of {GROUPS}")
    if wrong:
        raise InvalidInput(f"The recovery code is mistyped: {'; '.join(wrong)}.", "Compare it with the paper.")
    letters = [_letters(part)[:-1] for part in parts]
    plain = [each for group in letters[:-1] for each in group]
    if letters[-1] != _check(plain):
        raise InvalidInput(
            "The recovery code is mistyped, in a group whose last letter happens to fit.",
            "Compare all groups with the paper, letter by letter.",
        )
    return _write(plain)


def _write(plain: Sequence[int]) -> str:
    size = LETTERS - 1
    groups = [list(plain[at : at + size]) for at in range(0, len(plain), size)]
    groups.append(_check(plain))
    written = ("".join(_ALPHABET[each] for each in [*group, _sum(group, at)]) for at, group in enumerate(groups, 1))
    return "-".join([MARK, *written])


def _check(plain: Sequence[int]) -> list[int]:
    """Give four letters of a hash of all others: a code is another one only once in a million."""
    digest = int.from_bytes(hash_bytes(b"hanse recovery code\0" + bytes(plain))[:4], "big")
    return [digest >> 5 * place & 31 for place in range(LETTERS - 1)]


def _sum(group: Sequence[int], place: int) -> int:
    """Give the letter that checks a group: another for each change of one letter, swap of two, or other place."""
    total = 0
    for each in group:
        total = _times_x(total ^ each)
    return total ^ place


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 32 else value


def _letters(part: str) -> list[int]:
    return [_ALPHABET.find(letter) for letter in part.translate(_MEANT)]


def _fault(part: str, place: int) -> str:
    """Say what is wrong with a group; nothing where it is in order."""
    letters = _letters(part)
    if len(part) != LETTERS:
        return f"it has {len(part)} letters, and every group has {LETTERS}"
    if -1 in letters:
        return "it has a letter that no code has"
    return "" if _sum(letters[:-1], place) == letters[-1] else "its last letter does not fit"
