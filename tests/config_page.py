"""The reference of a node's settings, written from the code: `python -m tests.config_page` rewrites the page."""

from collections.abc import Iterator
from inspect import getdoc

import msgspec
from msgspec import Struct
from msgspec.inspect import BoolType, IntType, Metadata, StrType, StructType, type_info

from hanse_node.base import bounds
from hanse_node.base.config import PREFIX, SECTIONS, TABLES, Config
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "configuration.md"

OPENING = f"""# A node's settings

Written from the code by `python -m tests.config_page`; a test compares. The settings stand in `node.toml` in the node's
folder and are read once, at the start. Each can be overridden by an environment variable, `{PREFIX}` and its name in
capitals. A setting that is unknown, or out of its bounds, keeps the node from starting, with its name and the bounds.

Comments, the order and the line ends are yours: `hanse network peer` and `forget` change their own sections and leave
all else as it stands, and so does a backup's copy. A restored node's file takes the comments of the backup's, if every
character of these is seen as what it is; the settings are those that it is given (`hanse restore --help`). What cannot
be changed without touching more is refused, and nothing is written. `comet/config/config.toml` is the engine's: it is
written anew at each start.
"""

CLOSING = """
## `[peers]`

The addresses of the other cosigners' nodes, by member: `bank = "https://bank.example:8443"`. This node asks them to
cosign its head, and believes each for the authority in `tls/peers/<member>.pem` alone ([consortium.md](consortium.md)).

## `[engines]`

The engines of other nodes that may connect to this one's, by their ids, as `hanse network join` and `hanse network
peer` write them: `[engines.<id>]` with `member`, `address` (`host:port`), `validator_key` (64 hexadecimal digits) and
`observer`. Taken up without a restart. Whose key counts, or has never counted, may connect; whose key counted once and
does not any more only as an `observer` ([consortium.md](consortium.md)).

## Bounds that are not settings

What every node must agree on stands in the reference of formats. The node's own are in `hanse_node/base/bounds.py`:

| Name | Value |
| --- | --- |
"""


def rows(kind: type[Struct], section: str = "") -> Iterator[str]:
    """Write a row for each setting of a section."""
    found = type_info(kind)
    assert isinstance(found, StructType)
    for field in found.fields:
        if field.name in SECTIONS or field.name in TABLES:
            continue
        described, inner = "", field.type
        if isinstance(inner, Metadata):
            described, inner = str((inner.extra_json_schema or {}).get("description", "")), inner.type
        default = "needed" if field.default is msgspec.NODEFAULT else f"`{field.default}`"
        name = f"{section}_{field.name}" if section else field.name
        yield f"| `{field.name}` | {described} | {default} | {_bounds(inner)} | `{PREFIX}{name.upper()}` |"


def _bounds(kind: object) -> str:
    match kind:
        case BoolType():
            return "true or false"
        case IntType(ge=least, le=most):
            return f"{least} to {most}"
        case StrType(max_length=int(most)):
            return f"text, up to {most} characters"
        case StrType():
            return "a member's id"
        case _:
            raise AssertionError(f"a setting of type {kind}")


def page() -> str:
    """Write the page."""
    parts = [OPENING]
    kinds: dict[str, type[Struct]] = {"": Config, **SECTIONS}
    for name, kind in kinds.items():
        words = "At the top of the file." if kind is Config else getdoc(kind) or ""
        heading = f"## `[{name}]`" if name else "## The node"
        head = "| Setting | What it says | Default | Bounds | Environment |\n| --- | --- | --- | --- | --- |"
        parts.append("\n".join(["", heading, "", words, "", head, *rows(kind, name), ""]))
    names = [name for name in vars(bounds) if name.isupper()]
    return "".join([*parts, CLOSING, *(f"| `{name}` | {getattr(bounds, name)} |\n" for name in names)])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
