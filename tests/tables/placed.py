"""What a ledger has, in the place of what stands in for it in samples."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.kinds.bundle.bodies import BundleStep
from hanse_ledger.kinds.bundle.steps import step_of


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
