"""The closed forms of text that Hanse reads, as regular expressions, and in words: a pattern is no message.

What names a pattern in a refusal goes through `in_words`, which `Malformed` does by itself.
"""

import re

DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z"
MEMBER = r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\Z"
CURRENCY = r"^[A-Z]{3}\Z"
COUNTRY = r"^[A-Z]{2}\Z"
HS_CODE = r"^[0-9]{4,12}\Z"
UNIT = r"^[A-Z0-9]{2,3}\Z"
UETR = r"^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}\Z"
PRODUCT = r"^[0-9A-Za-z][0-9A-Za-z._/-]{0,34}\Z"
UCR = r"^[0-9A-Z()./:-]{1,35}\Z"
BIC = r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z"
BANK = r"^(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?|[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\Z"
RAIL = r"^[a-z][a-z0-9-]{0,15}\Z"
REASON = r"^[A-Z][A-Z0-9-]{0,15}\Z"
ISO_REASON = r"^[A-Z0-9]{4}\Z"
TYPE_CODE = r"^[0-9]{1,3}\Z"
REFUSED = r"^[a-z]{1,32}(?:-[a-z0-9]{1,32}){0,7}\Z"
RULE = r"^[A-Z]-[1-9][0-9]?\Z"
KIND = r"^[a-z]{1,24}\.[a-z]{1,24}\Z"
HEX_32 = r"^[0-9a-f]{64}\Z"
HEX_20 = r"^[0-9a-f]{40}\Z"
BLOCK_HASH = r"^[0-9A-F]{64}\Z"
HEX = r"^(?:[0-9a-f]{2})*\Z"
NAME = r"^[a-z0-9][a-z0-9.-]{0,62}\Z"
HEIGHT = r"^[1-9][0-9]{0,17}\Z"
PAGE = r"^[1-9][0-9]{0,3}\Z"
VERSION = r"^[A-Za-z0-9.+()-]{1,128}\Z"

UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff"
    r"\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
"""Characters that do something instead of being seen, inside the brackets of a pattern: controls, marks that turn the
reading direction, fillers, variation selectors, private ones. Listed, because a table of Unicode's has versions."""

BLANKS = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Spaces other than the plain one."""

ONE_LINE = rf"^(?! )(?!.*  )[^{UNSEEN}{BLANKS}]+(?<! )\Z"

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL}){{0,30}}|\[[0-9A-Fa-f:.]{{2,45}}\])"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
HOST_PORT = rf"^{_HOST}:{_PORT}\Z"
ADDRESS = rf"^https://{_HOST}(?::{_PORT})?(?:/[A-Za-z0-9._~-]{{1,64}}){{0,8}}/?\Z"
PUBLIC_ADDRESS = rf"^(?:https?://{_HOST}(?::{_PORT})?)?\Z"

_BLOCK = r"-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,76}\n){1,200}-----END CERTIFICATE-----\n"
CERTIFICATE = rf"^(?:{_BLOCK}){{1,4}}\Z"

WORDS = {
    DAY: "a day, such as 2026-09-17",
    MEMBER: "a name of 1 to 32 small letters, digits and inner hyphens, such as bank-de",
    CURRENCY: "a currency of three capital letters, such as EUR",
    COUNTRY: "a country of two capital letters, such as CN",
    HS_CODE: "a code of the Harmonized System, 4 to 12 digits, such as 691110",
    UNIT: "a unit of two or three capital letters and digits, such as KGM",
    UETR: "a UETR, a random UUID in small letters, such as 97ed4827-7b6f-4491-a06f-b548d5a7512d",
    PRODUCT: "a product id of 1 to 35 letters, digits and marks of ._/-, such as 4006381333931",
    UCR: "a UCR of 1 to 35 capital letters, digits and marks of ()./:-, such as 6CN91330106MA2-TR4471",
    BIC: "a code of a bank, 8 or 11 capital letters and digits, such as COBADEFFXXX",
    BANK: "a member's name, such as bank-de, or a code of a bank, such as COBADEFFXXX",
    RAIL: "a rail of 1 to 16 small letters, digits and hyphens, a letter first, such as swift, sepa, cbdc or token",
    REASON: "a reason of 1 to 16 capital letters, digits and hyphens, a letter first, such as WRONG-PRICE",
    ISO_REASON: "a reason of ISO 20022, four capital letters and digits, such as AC04",
    KIND: "a kind of record, such as declaration.release",
    TYPE_CODE: "a type of document of 1 to 3 digits, such as 380",
    REFUSED: "a reason of a refusal in small letters and hyphens, such as invoice-pledged",
    RULE: "a rule's number, such as I-4",
    HEX_32: "64 digits of small hexadecimal, such as an id has",
    HEX_20: "40 digits of small hexadecimal, as a node's engine is named",
    BLOCK_HASH: "64 digits of capital hexadecimal",
    HEX: "bytes in small hexadecimal, such as 00ff",
    NAME: "a name of 1 to 63 small letters, digits, dots and hyphens, such as reader-1",
    HEIGHT: "a height, such as 12",
    PAGE: "a page, such as 1",
    VERSION: "a version, such as 0.38.25",
    ONE_LINE: "a name in one line, with single plain blanks between its words and nothing unseen in it",
    HOST_PORT: "an address as host:port, such as bank.example:26656 or [2001:db8::1]:26656",
    ADDRESS: "an address that begins with https, such as https://bank.example:8443",
    PUBLIC_ADDRESS: "nothing, or an address without a path, such as https://market.example",
    CERTIFICATE: "one to four certificates in PEM, with nothing between them",
}
"""What each pattern asks for, with an example."""

_NAMED = re.compile(r"`str` matching regex ('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_BY_TEXT = {repr(pattern): words for pattern, words in WORDS.items()}


def in_words(message: str) -> str:
    """Write a message that names a pattern, as msgspec does, with what the pattern asks for."""
    return _NAMED.sub(lambda found: _BY_TEXT.get(found[1], "text of another form"), message)


_ACTS = re.compile(f"[{UNSEEN}]")


def one_line(text: str) -> str:
    """Make text of unknown origin one harmless line: what acts instead of being seen becomes U+FFFD."""
    return _ACTS.sub("\N{REPLACEMENT CHARACTER}", text)


def plain(text: str) -> str:
    """Make text of unknown origin harmless to a terminal; its line ends stay."""
    return "\n".join(map(one_line, text.split("\n")))


def escaped(document: str) -> str:
    """Escape in a JSON document on one line what acts instead of being seen: it stays the same document."""
    return _ACTS.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
