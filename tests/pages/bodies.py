"""The page of what records say: docs/formats/bodies.md, written from the rows of kinds."""

import json
from collections.abc import Collection, Iterator
from inspect import getdoc, getmodule
from typing import Any

from msgspec import Struct

from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.kind import Kind
from tests.pages.fields import Form, parts_of, table, words_of
from tests.pages.specimens import claims, places

OPENING = """# What records say

Frozen: part of [wire version 1](../upgrading.md#wire-version-1).

Written from the code by `make pages`; a test compares. The `body` of a [record](record.md) is a MessagePack map; which
one follows from its `kind`. Every field that a table names is present, also where it is nil, no other is, and they
stand in the order of the tables: byte order of their names. A value out of its bounds makes the record malformed,
before any rule is asked. What `ObjectId`, `Moment` and the like are stands in [types.md](types.md), with the regular
expressions of texts; `map` with the name of a part has that part's fields. Amounts are minor units of their currency,
quantities millionths of their unit, times milliseconds since 1970.

Below each table stands what follows from the body alone. `a[].b` is the field `b` of each item of `a`; what is nil is
left out. `refs` of the record are the ids that the body names, sorted, each once. A `consignment` that may be nil is
the one into which the record puts what it creates (rule [U-3](../rules.md#u-3-consignment-of-other-records)). The
claims are those that a node reads beforehand, besides those of the signing keys; which ones a rule asks for,
[rules.md](../rules.md) says.

Last comes an example that the rules accept, as JSON, with bytes as hexadecimal digits; nothing travels in that form.
Ids, hashes and keys in it are made of names and of nobody: the id of the seller is SHA-256 of `seller`. The canonical
bytes of a record of each kind stand in [records.json](../../tests/vectors/records.json).
"""

PARTS = """## Parts

What several bodies, or a list in one of them, are made of. Parts of the members' records stand in
[membership.md](membership.md).
"""


def parts(elsewhere: Collection[type[Struct]]) -> list[type[Struct]]:
    """Give the parts of bodies that have no table on another page."""
    return [part for part in parts_of(*(kind.body for kind in KINDS)) if part not in elsewhere]


def write_page(form: Form, own: Collection[type[Struct]]) -> str:
    """Write the whole page."""
    lines = [OPENING]
    folder = None
    for kind in KINDS:
        module = getmodule(kind.body)
        if module is not folder:
            folder, words = module, (getdoc(module) or "").rstrip(".")
            lines.append(f"## {words.removeprefix('What can be written of ').partition(',')[0].capitalize()}\n")
        lines += _section(kind, form)
    lines.append(PARTS)
    for part in own:
        lines += [f"### {part.__name__}\n", f"{words_of(part)}\n", *table(part, form), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(kind: Kind[Any], form: Form) -> Iterator[str]:
    yield f"### `{kind.name}`\n"
    yield f"{words_of(kind.body)}\n"
    yield from table(kind.body, form)
    yield ""
    yield from (f"- {fact}" for fact in _facts(kind))
    yield f"\n```json\n{json.dumps(_readable(kind.sample()), indent=2)}\n```\n"


def _readable(value: Any) -> Any:
    """Give a value as JSON has it, and bytes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_readable(item) for item in value]
    if isinstance(value, Struct):
        return {name: _readable(getattr(value, name)) for name in value.__struct_fields__}
    return value


def _facts(kind: Kind[Any]) -> Iterator[str]:
    """Say what follows from a body: what the row's functions read of it."""
    anchor = f"{kind.number}-{kind.name}".lower().replace(".", "")
    yield f"Rule: [{kind.number}](../rules.md#{anchor})."
    if kind.object is not None:
        article = "an" if kind.object.name.startswith("i") else "a"
        own = places(kind.body, kind.about)
        yield (
            f"Creates {article} [{kind.object.name}](state.md#{kind.object.name})."
            if kind.creates and not own
            else f"Creates {article} [{kind.object.name}](state.md#{kind.object.name}), and is a record of the one "
            f"`{own[0]}` too."
            if kind.creates
            else f"Its own object: the [{kind.object.name}](state.md#{kind.object.name}) `{own[0]}`."
        )
    named = places(kind.body, kind.references)
    yield f"`refs`: {', '.join(f'`{each}`' for each in named)}." if named else "`refs`: none."
    introduced = places(kind.body, kind.introduces)
    if introduced:
        yield f"Introduces the key `{introduced[0]}`, which may sign it (M-1)."
    if kind.body is TakeSteps:
        yield "[Claims](state.md#claims), and terms: those of its steps."
        return
    asked = claims(kind.body, kind.claims)
    if asked:
        yield f"[Claims](state.md#claims): {'; '.join(asked)}."
    if kind.commits is not None:
        (terms,) = places(kind.body, kind.commits.terms)
        yield f"Commits in `{terms}` to [terms](terms.md) of the catalogue `{kind.commits.kind.value}`."
