"""Writing TOML: the one way in which text gets into `node.toml` and into the engine's `config.toml`.

What is written is ASCII, but for letters of other scripts; every character that does something instead of being seen
is escaped, so that a value is one line, and what a person reads there is what a parser reads.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

Value = str | int | bool | Sequence[str]
Table = Mapping[str, "Value | Table"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})
"""Categories of characters that are escaped: controls (DEL among them), marks that turn the reading direction or are
not seen, and every space but the plain one."""


def write_toml(table: Table) -> bytes:
    """Write tables of texts, numbers and lists of texts; those of a table's own values come before its inner tables.

    Raises:
        ValueError: a text holds half of a character (a lone surrogate), which no file can.
    """
    return ("\n".join(_lines(table, ())).strip("\n") + "\n").encode()


def quote(text: str) -> str:
    """Write a text as a basic string of TOML. Raises ValueError."""
    return f'"{"".join(_written(letter) for letter in text)}"'


def _lines(table: Table, path: tuple[str, ...]) -> Iterator[str]:
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    own = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    if path and (own or not inner):
        yield f"[{'.'.join(_key(name) for name in path)}]"
    for name, value in own.items():
        yield f"{_key(name)} = {_value(value)}"
    if own:
        yield ""
    for name, deeper in inner.items():
        yield from _lines(deeper, (*path, name))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quote(name)


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quote(value)
        case _:
            return f"[{', '.join(quote(each) for each in value)}]"


def _written(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    category = unicodedata.category(letter)
    if category == "Cs":
        raise ValueError("a text with half of a character cannot be written")
    if letter != " " and category in _HIDDEN:
        return f"\\u{ord(letter):04X}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08X}"
    return letter
