"""What a record of each kind tells every member in the clear, and what it only commits to: for docs/privacy.md."""

import ast
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct
from msgspec import inspect as types

from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.wire.membership import Change
from hanse_ledger.wire.part import Body, Commitment
from tests.pages.fields import annotations
from tests.pages.specimens import places

HASHES: Final = frozenset({"Digest", "Salt"})
"""Types of what tells nothing to whoever does not have what it was made of."""

SEALED: Final = frozenset({Commitment, Payload})
"""Parts that commit to a document; their hashes are told, and the size of the sealed file."""

WHOLE: Final = frozenset({Body, Change})
"""Parts that are told whole, and named once: what a bundle's steps say, and what the members change."""


def told(kind: type[Struct], before: str = "") -> Iterator[str]:
    """Walk over the fields of a body that say something in the clear, parts of parts too."""
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    written = annotations(kind)
    for field in info.fields:
        node, _ = written[field.name]
        inner, place = field.type, f"{before}{field.encode_name}"
        if isinstance(inner, types.UnionType):
            (inner,) = (each for each in inner.types if not isinstance(each, types.NoneType))
        if isinstance(inner, types.VarTupleType):
            inner, place = inner.item_type, f"{place}[]"
        if isinstance(inner, types.StructType):
            if inner.cls in WHOLE:
                yield place
            elif inner.cls not in SEALED:
                yield from told(inner.cls, f"{place}.")
        elif not HASHES & {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}:
            yield place


def offices(kind: Kind[Any]) -> list[str]:
    """Say which fields name the members in whose inboxes a record of a kind comes to stand."""
    return (
        []
        if kind.body is TakeSteps
        else places(kind.body, lambda body: [name.encode() for name in kind.addresses(body)])
    )


def clear() -> str:
    """Write the table: a row for each kind of record."""
    lines = ["| Record | In the clear | Committed to | In the inbox of |", "| --- | --- | --- | --- |"]
    for kind in KINDS:
        cells = [
            ", ".join(f"`{place}`" for place in told(kind.body)),
            "" if kind.commits is None else kind.commits.kind.value,
            ", ".join(f"`{place}`" for place in offices(kind)),
        ]
        lines.append(f"| `{kind.name}` | {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join(lines)
