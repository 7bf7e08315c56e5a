"""The page of types: docs/formats/types.md, written from what the ledger gives a name."""

import inspect
import sys
from collections.abc import Iterator
from enum import Enum, StrEnum
from types import ModuleType
from typing import Annotated, get_origin

from msgspec import inspect as types

from hanse_ledger.kinds import KINDS, OBJECTS, power
from hanse_ledger.proofs import prooffile as proof
from hanse_ledger.proofs import trustfile
from hanse_ledger.records import entry
from hanse_ledger.values import types as plain
from hanse_ledger.wire import catalogue, membership, part
from hanse_node.base import addresses
from tests.pages.fields import Form, assigned, bounds, pattern_of, wire, words_of

OPENING = """# Types

Frozen: part of [wire version 1](../upgrading.md#wire-version-1).

Written from the code by `make pages`; a test compares. What the tables of [bodies.md](bodies.md), [state.md](state.md)
and the other formats name. Bytes are MessagePack's `bin`, texts `str` in UTF-8, numbers its shortest `int`. In files of
canonical JSON bytes are base64 with its padding. The length of a text is counted in code points.

| Type | MessagePack | Bounds | What |
| --- | --- | --- | --- |
"""

PATTERNS = """
## Texts of a closed form

The regular expressions, in Python's syntax: `\\Z` is the very end of the text, where no line end may follow. The long
brackets of the last one list what is not seen when it is printed.

```
"""

CODES = """```

## Codes

Texts, one of the values in the table. The ledger knows no other, and takes none for another.

| Type | Values | What |
| --- | --- | --- |
"""

MODULES: tuple[ModuleType, ...] = (
    *(plain, part, membership, catalogue, entry, proof, trustfile, addresses, power),
    *dict.fromkeys(sys.modules[kind.body.__module__] for kind in KINDS),
    *dict.fromkeys(sys.modules[row.state.__module__] for row in OBJECTS),
)
"""Where what travels is given its names."""


def named_types() -> Iterator[tuple[str, types.Type, str]]:
    """Walk over what has a name and bounds: the name, the type, and the words that the source has below it."""
    for module in MODULES:
        for name, _, words in assigned(module):
            value = vars(module)[name]
            if get_origin(value) is Annotated and not name.startswith("_"):
                yield name, types.type_info(value), words


def codes() -> Iterator[type[Enum]]:
    """Walk over the enumerations whose values travel."""
    for module in MODULES:
        for value in vars(module).values():
            if inspect.isclass(value) and issubclass(value, StrEnum) and value.__module__ == module.__name__:
                yield value


def write_page(form: Form) -> str:
    """Write the whole page."""
    found = sorted(named_types(), key=lambda each: each[0])
    rows = [f"| `{name}` | {wire(kind, form)} | {bounds(kind)} | {words} |" for name, kind, words in found]
    patterns = {name: pattern for name, kind, _ in found if (pattern := pattern_of(kind)) is not None}
    width = max(map(len, patterns))
    by_length = sorted(patterns.items(), key=lambda each: (len(each[1]), each[0]))
    written = [f"{name:{width}} {pattern}" for name, pattern in by_length]
    listed = [
        f"| `{code.__name__}` | {', '.join(f'`{value.value}`' for value in code)} | {words_of(code)} |"
        for code in sorted(codes(), key=lambda each: each.__name__)
    ]
    return OPENING + "\n".join(rows) + "\n" + PATTERNS + "\n".join(written) + "\n" + CODES + "\n".join(listed) + "\n"
