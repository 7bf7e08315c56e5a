"""What a ledger has, in the place of what stands in for it in samples."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.kinds.bundle.bodies import BundleStep
from hanse_ledger.kinds.bundle.steps import step_of
from hanse_ledger.kinds.document.payload import commit_reader
from hanse_ledger.kinds.standins import salt_for, stand_in
from hanse_ledger.values.types import ObjectId


def placed(value: Any, places: Mapping[bytes, bytes]) -> Any:
    """Put what a ledger has in the place of stand-ins, wherever in a value they stand."""
    if isinstance(value, bytes):
        return places.get(value, value)
    if isinstance(value, tuple):
        return tuple(placed(item, places) for item in value)
    if isinstance(value, BundleStep):
        # Which ids stand there decides their order.
        return step_of(placed(value.body, places))
    if isinstance(value, Struct):
        return replace(value, **{name: placed(getattr(value, name), places) for name in value.__struct_fields__})
    return value


READERS = {name: salt_for("invoice", name) for name in ("buyer", "office")}
"""Who can open the sealed invoice of the samples, with the salts of the commitments to them."""


def readers_in(ids: Mapping[str, ObjectId]) -> dict[bytes, bytes]:
    """Give the commitments to readers that a ledger has, by those to their stand-ins."""
    return {
        commit_reader(stand_in(name), salt): commit_reader(ids[name], salt)
        for name, salt in READERS.items()
        if name in ids
    }


def with_readers(body: Any) -> Any:
    """Put the commitments of a body's payload in order: which ids are committed to decides it."""
    payload = getattr(body, "payload", None)
    if payload is None:
        return body
    return replace(body, payload=replace(payload, readers=tuple(sorted(payload.readers))))
