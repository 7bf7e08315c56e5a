"""What is left of a name or a number when the way of writing it is taken away.

People and banks write the same name in many ways: other case, punctuation and spacing, composed or decomposed letters,
full-width forms, A to Z alone, `&` or AND. The tables here are closed, so that every machine folds alike; of Unicode,
Python's frozen copy of version 3.2 is used (`unicodedata.ucd_3_2_0`), and what came later stands for itself alone.
"""

import re
from collections.abc import Iterator
from enum import Enum
from unicodedata import ucd_3_2_0 as unicode_3_2

LETTERS = 512
"""Names that have more letters are compared in one way alone."""

# How banks and registers write letters that A to Z does not have: the long way, the short way. Sources: EPC217-08
# (SEPA extended character set, conversion table), SWIFT's x character set as banks of the countries apply it, ICAO
# 9303-3. A letter with a mark that is not here loses the mark.
_WAYS: dict[str, tuple[str, ...]] = {
    "ä": ("ae", "a"),
    "ö": ("oe", "o"),
    "ü": ("ue", "u"),
    "ø": ("oe", "o"),
    "å": ("aa", "a"),
    "æ": ("ae", "a"),
    "œ": ("oe", "o"),
    "ß": ("ss", "s"),
    "þ": ("th", "t"),
    "ð": ("d", "dh"),
    "đ": ("d", "dj"),
    "ñ": ("n",),
    "ł": ("l",),
    "ħ": ("h",),
    "ŧ": ("t",),
    "\N{LATIN SMALL LETTER DOTLESS I}": ("i",),
    "ŋ": ("n", "ng"),
    "ĸ": ("k", "q"),
}

# `&` is in no bank's letters: it becomes `+`, a word, or nothing.
_AND = "&"
_AND_WORD = "+"
_CONJUNCTIONS = frozenset({"and", "und", "et", "en", "og", "och"})

# The long form of a legal form, and the short one of the same (ISO 20275, GLEIF's list of entity legal forms).
_LEGAL_FORMS = {
    "company": "co",
    "corporation": "corp",
    "incorporated": "inc",
    "limited": "ltd",
    "aktiengesellschaft": "ag",
    "aktiebolag": "ab",
    "aktieselskab": "as",
    "aksjeselskap": "as",
    "anpartsselskab": "aps",
    "osakeyhtio": "oy",
    "osakeyhtiö": "oy",
}

_SHARP = "ßẞ"  # case folding would make two letters of it
_WITHIN = "./'\N{RIGHT SINGLE QUOTATION MARK}"  # stands within a word: B.V., A/S, d'Or

_MARKS = range(0x300, 0x370)
"""Marks above and below letters: accents, umlauts, cedillas, rings."""

_ASCII_WORD = re.compile(r"[a-z0-9]+", re.ASCII)

_FULL = range(0xFF01, 0xFF5F)
_FULL_WIDTH = 0xFF01 - 0x21

_LATIN = range(0x41, 0x250)


def plain(text: str) -> str:
    """Write a text in one form: compatible forms are made one, letters small, marks composed where a way is listed."""
    if text.isascii():
        return text.lower()
    decomposed = unicode_3_2.normalize("NFKD", text)
    small = "".join(sign.casefold() if _known(sign) and sign not in _SHARP else sign for sign in decomposed)
    composed: list[str] = []
    for sign in unicode_3_2.normalize("NFC", small.replace("ẞ", "ß")):
        composed.append(sign if sign in _WAYS else _unmarked(sign))
    return "".join(composed)


def words(text: str) -> tuple[str, ...]:
    """Split a text into words of letters and digits: `Ex. Co., Ltd` is `ex co ltd`."""
    folded = plain(text)
    if folded.isascii():
        return tuple(_ASCII_WORD.findall(folded))
    return tuple("".join(sign if _counts(sign) else " " for sign in folded).split())


def bare_text(text: str) -> str:
    """Reduce a text to its letters and digits, in one form."""
    return "".join(words(text))


def name_words(text: str) -> list[str]:
    """Split a name into words, conjunctions between them as `&` (the sign) or `+` (the word), legal forms short."""
    spread = plain(text).replace("&", " & ").replace("+", " & ")
    # B.V. and A/S are one word each; other punctuation parts words.
    words = "".join(_name_sign(sign) for sign in spread).split()
    inner = range(1, len(words) - 1)
    return [
        word
        for place, word in enumerate(_short_form(word, inner=place in inner) for place, word in enumerate(words))
        if word != _AND or place in inner
    ]


def same_letters(left: str, right: str) -> bool:
    """Tell whether two names have the same letters and digits, each written in one of its ways."""
    return _ends(left, right) is _End.BOTH


def cut_from(short: str, whole: str) -> bool:
    """Tell whether a name is the beginning of another one, and not all of it."""
    return _ends(short, whole) is _End.LEFT


class _End(Enum):
    """Which of two texts ends where they are alike: both, the left one alone, or neither."""

    BOTH = 2
    LEFT = 1
    NEITHER = 0


def _ends(left: str, right: str) -> _End:
    """Walk through two names side by side, in every way in which their letters may be written."""
    one, other = "".join(name_words(left)), "".join(name_words(right))
    if not one or not other:
        # Signs without a letter: one form of each, and nothing else is taken away.
        alike = unicode_3_2.normalize("NFKC", left).split() == unicode_3_2.normalize("NFKC", right).split()
        return _End.BOTH if alike else _End.NEITHER
    if max(len(one), len(other)) > LETTERS:
        return _End.BOTH if one == other else _End.NEITHER
    waiting, seen, best = [(0, 0)], {(0, 0)}, _End.NEITHER
    while waiting:
        place, beside = waiting.pop()
        if place == len(one):
            if beside == len(other):
                return _End.BOTH
            best = _End.LEFT
        for step in _steps(one, place, other, beside):
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return best


def _steps(one: str, place: int, other: str, beside: int) -> Iterator[tuple[int, int]]:
    """Give how far one comes in both texts by one letter of either."""
    letter, facing = one[place : place + 1], other[beside : beside + 1]
    if letter and facing and (letter == facing or {letter, facing} == {_AND, _AND_WORD}):
        yield place + 1, beside + 1
    for way in _WAYS.get(letter, ()):
        if other.startswith(way, beside):
            yield place + 1, beside + len(way)
    for way in _WAYS.get(facing, ()):
        if one.startswith(way, place):
            yield place + len(way), beside + 1
    if letter == _AND:
        yield place + 1, beside
    if facing == _AND:
        yield place, beside + 1


def _short_form(word: str, *, inner: bool) -> str:
    return _AND_WORD if inner and word in _CONJUNCTIONS else _LEGAL_FORMS.get(word, word)


def bare_account(account: str) -> str:
    """Reduce an account to its signs: spaces and marks between them, small letters and full-width forms do not count.

    No digit is dropped, and no sign becomes another one's.
    """
    half = "".join(chr(ord(sign) - _FULL_WIDTH) if ord(sign) in _FULL else sign for sign in account)
    return "".join(sign.upper() if sign.isascii() else sign for sign in half if sign.isalnum() or not sign.isascii())


def of_one_script(text: str) -> str | None:
    """Tell whether all letters of a name are Latin, or none is; None where they are mixed or there are none."""
    latin = {ord(sign) in _LATIN for sign in plain(text) if _counts(sign) and not sign.isdigit()}
    if len(latin) != 1:
        return None
    return "latin" if latin.pop() else "other"


def _known(sign: str) -> bool:
    return unicode_3_2.category(sign) != "Cn"


def _unmarked(sign: str) -> str:
    """Take the marks of a letter away."""
    return "".join(part for part in unicode_3_2.normalize("NFD", sign) if ord(part) not in _MARKS)


def _counts(sign: str) -> bool:
    """Tell whether a sign is a letter or a digit; the vowel signs of some scripts are part of their letters."""
    return unicode_3_2.category(sign)[0] in "LNM" or not _known(sign)


def _name_sign(sign: str) -> str:
    if sign in _WITHIN:
        return ""
    return sign if _counts(sign) or sign == _AND else " "
