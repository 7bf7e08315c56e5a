"""The blocks of docs/formats/state.md: aspects and claims, written from the rows of objects and of claims."""

from collections.abc import Collection, Iterator
from typing import Any, get_args

from msgspec import Struct, structs

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.claims import CLAIMS
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.kind import ObjectType
from tests.pages.fields import Form, table, type_of, words_of


def aspects_of(kind: ObjectType[Any]) -> list[str]:
    """Give the names of an object's aspects, in order."""
    return [field for field in kind.state.__struct_fields__ if field not in ("id", "seed")]


def parts(kind: ObjectType[Any], elsewhere: Collection[type[Struct]]) -> list[type[Struct]]:
    """Give what an object's aspects are made of, but what has its table on another page, or stands in every object."""
    waiting: list[Any] = [field.type for field in structs.fields(kind.state)]
    found: list[type[Struct]] = []
    for hint in waiting:
        if isinstance(hint, type) and issubclass(hint, Struct):
            if hint not in (History, *elsewhere, *found):
                found.append(hint)
                waiting += [field.type for field in structs.fields(hint)]
        else:
            waiting += get_args(hint)
    return found


def aspects(form: Form, elsewhere: Collection[type[Struct]]) -> str:
    """Write a section for each kind of object."""
    lines = ["### History\n", f"{words_of(History)}\n", *table(History, form), ""]
    for kind in OBJECTS:
        lines += [f"### {kind.name}\n", f"{words_of(kind.state)}\n", *_aspects(kind, form), ""]
        for part in parts(kind, elsewhere):
            lines += [f"#### {part.__name__}\n", f"{words_of(part)}\n", *table(part, form), ""]
            if part in kind.sums:
                lines.append(f"Records of other objects add to {_names(kind.sums[part])}.\n")
    return "\n".join(lines)


def _aspects(kind: ObjectType[Any], form: Form) -> Iterator[str]:
    yield "| Aspect | Place | Value | Nil | Beside records |\n| --- | --- | --- | --- | --- |"
    for place, name in enumerate(aspects_of(kind)):
        typed, nil = type_of(kind.state, name, form)
        shown = "shown" if name in kind.beside else "hidden"
        yield f"| `{kind.name}/{name}` | {place} | {typed} |{' may be' * nil} | {shown} |"


def _names(fields: tuple[str, ...]) -> str:
    return " and ".join(f"`{field}`" for field in fields)


def claims() -> str:
    """Write a row for each kind of claim."""
    lines = ["| Claim | Over | Value | Bytes | Withdrawn |", "| --- | --- | --- | --- | --- |"]
    for claim in CLAIMS:
        over = "; then ".join(claim.over)
        sizes = " or ".join(map(str, claim.sizes))
        lines.append(f"| `{claim.kind.value}` | {over} | {claim.value} | {sizes} | {claim.withdrawn or 'never'} |")
    return "\n".join(lines)
