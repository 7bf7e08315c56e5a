"""How what the SDK answers prints: as an expression that makes it again, and as a small table in notebooks."""

from collections.abc import Iterable
from enum import Enum
from html import escape
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.identifiers import PrintedBytes
from hanse_client.base.wording import NOTHING, field_rows
from hanse_ledger.values.patterns import one_line

LONGEST = 4_096
"""So many characters of a value a notebook shows at most, in whole words: every key and every id is shorter."""


class Printed(Struct, frozen=True, kw_only=True):
    """How all answers print."""

    def __repr__(self) -> str:
        """Write the expression that makes this value again."""
        return expression(self)

    def _repr_html_(self) -> str:
        said = [(name, value) for name, value in field_rows(self) if value not in {"", NOTHING}]
        return html_table(type(self).__name__, said)


def expression(value: object) -> str:
    """Write a value as the Python expression that makes it again, given the names of its classes."""
    match value:
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case Struct():
            fields = (f"{name}={expression(getattr(value, name))}" for name in value.__struct_fields__)
            return f"{type(value).__name__}({', '.join(fields)})"
        case bytes():
            return repr(PrintedBytes(value))
        case tuple():
            return f"({''.join(f'{expression(part)}, ' for part in value).rstrip(' ')})"
        case dict():
            return f"{{{', '.join(f'{expression(key)}: {expression(inner)}' for key, inner in value.items())}}}"
        case _:
            return repr(value)


def printed(value: Any) -> Any:
    """Let the ids in a value print as hexadecimal text: the same value, equal to it, and of the same bytes."""
    match value:
        case PrintedBytes():
            return value
        case bytes():
            return PrintedBytes(value)
        case tuple():
            return tuple(map(printed, value))
        case Struct():
            return replace(value, **{name: printed(getattr(value, name)) for name in value.__struct_fields__})
        case _:
            return value


def html_table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Write names and values as a small HTML table for notebooks. Every text is escaped: it may be a stranger's.

    What acts on a reader instead of being seen becomes U+FFFD, the classes keep a notebook from reading formulas
    (`$…$`) in the values, and each value keeps its own direction of writing.
    """
    lines = "".join(
        f'<tr><th style="text-align:left">{_text(name)}</th><td style="text-align:left"><code dir="auto">{_text(value)}'
        "</code></td></tr>"
        for name, value in rows
    )
    return f'<table class="tex2jax_ignore mathjax_ignore"><caption>{_text(title)}</caption>{lines}</table>'


def _text(text: str) -> str:
    line = one_line(text)
    if len(line) > LONGEST:
        words, _, _ = line[:LONGEST].rpartition(" ")
        line = f"{words} … ({len(line)} characters)"
    return escape(line)
