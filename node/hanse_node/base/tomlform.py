"""TOML: the one way in which text gets into `node.toml` and into the engine's `config.toml`.

A library writes it, and changes a file that somebody has edited without losing what else stands there: comments, order,
line ends. Every character that does something instead of being seen is escaped in what is written, so that a value is
one line, and what a person reads there is what a parser reads. Reading is left to the standard library's parser; a
file that the two understand differently is not changed.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, InlineTable, Item, Key, KeyType, SingleKey, Table, Whitespace

Value = str | int | bool | Sequence[str]
Tree = Mapping[str, "Value | Tree"]
Section = Container | AbstractTable

MARK = b"\xef\xbb\xbf"
"""What some editors put before UTF-8: the byte order mark."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})
"""Categories of characters that are escaped: controls (DEL among them), marks that turn the reading direction or are
not seen, and every space but the plain one."""


def write_toml(table: Tree) -> bytes:
    """Write tables of texts, numbers and lists of texts; those of a table's own values come before its inner tables.

    Raises:
        ValueError: a text holds half of a character (a lone surrogate), which no file can.
    """
    document = tomlkit.document()
    _fill(document, table)
    return (document.as_string().strip("\n") + "\n").encode()


def change_toml(data: bytes, before: Tree, after: Tree) -> bytes:
    """Change what differs between two tables in the file that holds the first; all else stays as it is, byte by byte.

    Args:
        data: the file. It need not name what it leaves at its default.
        before: what the file says, defaults filled in.
        after: what it shall say.

    Raises:
        ValueError: it is no TOML, the two parsers read it differently, or a text cannot be written.
    """
    text = data.removeprefix(MARK).decode()
    # One kind of line end goes in, so that lines that are added have it too.
    crlf = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        if document.unwrap() != tomllib.loads(text):
            raise ValueError("it can be read in two ways")
        _change([document], before, after)
        changed = _with_single_free_lines(document.as_string(), text.replace("\r\n", "\n"))
    except (TOMLKitError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its form is not understood ({error})") from error
    if crlf:
        changed = changed.replace("\n", "\r\n")
    return data[: len(data) - len(data.removeprefix(MARK))] + changed.encode()


def hides_nothing(data: bytes) -> bool:
    """Tell whether every character of a file is seen, but for line ends and tabs: its comments say what they show."""
    text = data.removeprefix(MARK).decode(errors="replace")
    return all(letter in " \t\r\n" or unicodedata.category(letter) not in _HIDDEN for letter in text)


def quote(text: str) -> str:
    """Write a text as a basic string of TOML. Raises ValueError."""
    if any(unicodedata.category(letter) == "Cs" for letter in text):
        raise ValueError("a text with half of a character cannot be written")
    return "".join(_escaped(letter) for letter in tomlkit.string(text).as_string())


def _fill(place: Section, table: Tree) -> None:
    for name, value in _own(table).items():
        _put(place, name, _item(value))
    for name, inner in _inner(table).items():
        _put(place, name, _table(inner))


def _table(values: Tree) -> Table:
    table = tomlkit.table(is_super_table=bool(values) and not _own(values))
    _fill(table, values)
    return table


def _change(parts: list[Section], before: Tree, after: Tree) -> None:
    """Change a section, which may stand in several places of a file: each value where it is, a new one in the last."""
    for name in before.keys() - after.keys():
        for part in parts:
            _remove(part, name)
    for name, value in after.items():
        was = before.get(name)
        if was == value:
            continue
        held = [(part, item) for part in parts for key, item in _body(part) if key is not None and key.key == name]
        if not isinstance(value, Mapping):
            if held:
                held[0][0][name] = _item(value)
            else:
                _append(parts[-1], name, _item(value))
            continue
        known = was if isinstance(was, Mapping) else {}
        if held:
            _change([item for _, item in held if isinstance(item, AbstractTable)], known, value)
        else:
            new = {key: each for key, each in value.items() if known.get(key) != each}
            _append(parts[-1], name, _inline(new) if isinstance(parts[-1], InlineTable) else _table(new))


def _append(section: Section, name: str, item: Item) -> None:
    """Put a value behind a section's last one: what stands below that, of the next section, stays below."""
    below = _take_below(section) if isinstance(section, Table) else []
    if below and isinstance(item, Table):
        item.value.body.extend(below)
        below = []
    _put(section, name, item)
    if below:
        _last(section).extend(below)


def _remove(section: Section, name: str) -> None:
    """Take a value out, and leave what is said below it of the next section."""
    body = _body(section)
    at = next((number for number, (key, _) in enumerate(body) if key is not None and key.key == name), None)
    if at is None:
        return
    below = _take_below(body[at][1])
    del section[name]
    if below:
        body[at] = (None, Whitespace("".join(item.as_string() for _, item in below)))


def _with_single_free_lines(changed: str, text: str) -> str:
    """Close the gaps that what was taken out leaves, in a file that had none."""
    if "\n\n\n" not in text:
        changed = re.sub(r"\n{3,}", "\n\n", changed)
    return changed if text.endswith("\n\n") else changed.rstrip("\n") + "\n"


def _last(place: object) -> list[tuple[Key | None, Item]]:
    """Find the body that a section ends with: its own, or that of its last inner one."""
    body = _body(place)
    inner = next((item for key, item in reversed(body) if key is not None), None)
    return _last(inner) if isinstance(inner, Table) else body


def _take_below(place: object) -> list[tuple[Key | None, Item]]:
    """Take out what stands below a section's last value and is the next one's: from a free line on, or all of it."""
    if not isinstance(place, Table):
        return []
    body = _last(place)
    end = len(body)
    while end and body[end - 1][0] is None:
        end -= 1
    free = [
        at for at in range(end, len(body)) if isinstance(body[at][1], Whitespace) and "\n" in body[at][1].as_string()
    ]
    begin = free[0] if free else end
    below = body[begin:]
    del body[begin:]
    return below


def _body(place: object) -> list[tuple[Key | None, Item]]:
    if isinstance(place, Container):
        return place.body
    return place.value.body if isinstance(place, Table | InlineTable) else []


def _put(section: Section, name: str, item: Item) -> None:
    section.append(
        SingleKey(name) if _BARE.fullmatch(name) else SingleKey(name, KeyType.Basic, original=quote(name)), item
    )


def _item(value: Value) -> Item:
    match value:
        case bool() | int():
            return tomlkit.item(value)
        case str():
            return tomlkit.value(quote(value))
        case _:
            return tomlkit.value(f"[{', '.join(quote(item) for item in value)}]")


def _inline(values: Tree) -> Item:
    table = tomlkit.inline_table()
    for name, value in values.items():
        _put(table, name, _inline(value) if isinstance(value, Mapping) else _item(value))
    return table


def _own(values: Tree) -> dict[str, Value]:
    return {name: value for name, value in values.items() if not isinstance(value, Mapping)}


def _inner(values: Tree) -> dict[str, Tree]:
    return {name: value for name, value in values.items() if isinstance(value, Mapping)}


def _escaped(letter: str) -> str:
    if letter == " " or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return f"\\u{ord(letter):04X}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08X}"
