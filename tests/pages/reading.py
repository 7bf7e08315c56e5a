"""A reader of values that knows the pages alone: what stands in docs/formats, and nothing of the code.

It is what somebody would write first who makes the ledger in another language. It judges plain values, decoded by any
MessagePack or JSON library, by the tables: fields, types, bounds, regular expressions.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NUMBER = r"-?(?:\d+\^\d+(?: - \d+)?|[\d,]+)"
LENGTH = re.compile(rf"(?:(at most) |({NUMBER}) to )?({NUMBER}) (?:item|byte|letter)s?")
RANGE = re.compile(rf"({NUMBER}) to ({NUMBER})")
HEADING = re.compile(r"#+ (.*)")
LINK = re.compile(r"\[`\w+`\]\(([\w.-]*)#([\w-]+)\)")

KINDS: dict[str, tuple[type, ...]] = {
    **{"bin": (bytes,), "str": (str,), "int": (int,), "bool": (bool,), "map": (dict,)},
    **{"base64": (str,), "text": (str,), "integer": (int,), "boolean": (bool,), "object": (dict,)},
}
"""What a library makes of each type."""


@dataclass(frozen=True)
class Row:
    """A field, as its row says it."""

    name: str
    type: str
    bounds: str
    nil: bool


@dataclass(frozen=True)
class Table:
    """The fields of a value: of a map by name, of an array in their places; and the page on which it stands."""

    page: str
    array: bool
    rows: tuple[Row, ...]


class Formats:
    """The pages, read."""

    def __init__(self, folder: Path, *, json: bool = False) -> None:
        """Read them.

        Args:
            folder: docs/formats.
            json: whether values come from JSON: then bytes are base64 also where a table has MessagePack's `bin`.
        """
        self.names = {"bin": "base64"} if json else {}
        self.text = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}
        self.tables = {
            (page, anchor): table for page, text in self.text.items() for anchor, table in _tables(page, text)
        }
        types = self.text["types.md"]
        self.bounds = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|", types, re.M))
        self.codes = dict(re.findall(r"^\| `(\w+)` \| (`[^|]*`) \| [^|]* \|$", types.partition("## Codes")[2], re.M))
        self.patterns = dict(re.findall(r"^(\w+) +(\^.*)$", types, re.M))

    def faults(self, value: object, page: str, anchor: str, at: str = "") -> Iterator[str]:
        """Judge a value by a table; give the JSON pointer of each fault.

        Args:
            value: what a library has decoded.
            page: the page with the table.
            anchor: its heading, as links name it.
            at: where the value stands.
        """
        table = self.tables[page, anchor]
        names = [row.name for row in table.rows]
        if table.array:
            if not isinstance(value, list) or len(value) != len(names):
                yield at
                return
            value, names = dict(zip(names, value, strict=True)), [str(place) for place in range(len(names))]
        elif not isinstance(value, dict) or sorted(value) != names:
            yield at
            return
        assert isinstance(value, dict)
        for row, name in zip(table.rows, names, strict=True):
            given = value[row.name]
            if given is not None or not row.nil:
                yield from self._value(given, row.type, row.bounds, page, f"{at}/{name}")

    def _value(self, value: object, kind: str, bounds: str, page: str, at: str) -> Iterator[str]:
        if kind.startswith("array of "):
            count, _, each = bounds.rpartition("each ")
            if not isinstance(value, list) or not _in_bounds(len(value), count if each and count else bounds):
                yield at
                return
            for place, item in enumerate(value):
                yield from self._value(item, kind.removeprefix("array of "), each, page, f"{at}/{place}")
            return
        words = [self.names.get(word, word) for word in re.findall(r"`(\w+)`", kind)]
        if words and words[0] in KINDS and type(value) not in KINDS[words[0]]:
            yield at
            return
        link = LINK.search(kind)
        if link is not None:
            yield from self.faults(value, link[1] or page, link[2], at)
        elif words and not self._holds(value, words, bounds):
            yield at

    def _holds(self, value: object, words: list[str], bounds: str) -> bool:
        """Judge what is no array and no map by what its row says, and by its type's name."""
        if words[0] == "base64":
            try:
                value = base64.b64decode(str(value), validate=True)
            except binascii.Error:
                return False
        name = words[-1]
        if name in self.codes and f"`{value}`" not in self.codes[name]:
            return False
        if name in self.patterns and not re.search(self.patterns[name], str(value)):
            return False
        size = len(value) if isinstance(value, bytes | str) else value
        return not isinstance(size, int) or all(_in_bounds(size, each) for each in (bounds, self.bounds.get(name, "")))

    def aspect_faults(self, name: str, value: object) -> Iterator[str]:
        """Judge the value of an aspect by its row, such as `invoice/amounts`; give the JSON pointer of each fault."""
        row = re.search(rf"^\| `{name}` \| \d+ \| ([^|]+) \|([^|]*)\|", self.text["state.md"], re.MULTILINE)
        if row is None:
            yield f"/{name}"
        elif value is not None or not row[2].strip():
            yield from self._value(value, row[1], "", "state.md", f"/{name}")

    def references(self, kind: str, body: Any) -> list[bytes]:
        """List what a body of a kind names, by the line below its table, in the order of `refs`."""
        section = self.text["bodies.md"].partition(f"\n### `{kind}`\n")[2].partition("\n#")[0]
        (line,) = re.findall(r"^- `refs`: (.*)\.$", section, re.MULTILINE)
        found = [value for path in re.findall(r"`([\w.\[\]]+)`", line) for value in _followed(body, path.split("."))]
        return sorted(set(found))


def _tables(page: str, text: str) -> Iterator[tuple[str, Table]]:
    """Walk over the tables of fields on a page, each under the last heading before it."""
    anchor, rows, array = "", list[Row](), False
    for line in [*text.splitlines(), ""]:
        heading = HEADING.fullmatch(line)
        if heading is not None:
            anchor = re.sub(r"[^\w -]", "", heading[1].lower()).replace(" ", "-")
        elif re.match(r"\| (Field|Place) \| Type \| Bounds \| N", line):
            array, rows = line.startswith("| Place"), []
        elif row := re.match(r"\| (?:\d+ )?`([\w@]+)` \| ([^|]+) \| ([^|]*?) ?\| ([^|]*?) ?\|", line):
            rows.append(Row(row[1], row[2], row[3], bool(row[4])))
        elif not line and rows:
            yield anchor, Table(page, array, tuple(rows))
            rows = []


def _in_bounds(size: int, bounds: str) -> bool:
    """Judge a number, or a length, by what stands in its row; words alone bound nothing."""
    if (length := LENGTH.match(bounds)) is not None:
        most = _number(length[3])
        return (0 if length[1] else _number(length[2]) if length[2] else most) <= size <= most
    if (span := RANGE.fullmatch(bounds)) is not None:
        return _number(span[1]) <= size <= _number(span[2])
    if re.fullmatch(r"\d+(?: or \d+)*", bounds):
        return str(size) in bounds.split(" or ")
    return True


def _number(text: str) -> int:
    power = re.fullmatch(r"(-?)(\d+)\^(\d+)(?: - (\d+))?", text)
    if power is None:
        return int(text.replace(",", ""))
    value: int = int(power[2]) ** int(power[3]) - int(power[4] or 0)
    return -value if power[1] else value


def _followed(value: Any, path: list[str]) -> Iterator[bytes]:
    """Give what stands at the end of a path; nil on the way leads nowhere."""
    if not path:
        yield from [] if value is None else [value]
    elif value is not None:
        name = path[0].removesuffix("[]")
        for item in value[name] if path[0].endswith("[]") else [value[name]]:
            yield from _followed(item, path[1:])
