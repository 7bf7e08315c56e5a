"""What of an object is added up from records of others.

An object's own records, those whose kind is called after it, make everything of it but these sums: what an invoice was
paid, what a certificate has left.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct, structs

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.state import Office

Value = TypeVar("Value", bound=Struct)

SUMS: dict[type[Struct], tuple[str, ...]] = {
    part: fields for object_type in OBJECTS for part, fields in object_type.sums.items()
}
"""The fields to which records of others add, by the part of an object in which they stand."""

SUMMED: frozenset[type[Object]] = frozenset(object_type.state for object_type in OBJECTS if object_type.sums)
"""The kinds of objects that have sums."""


def with_sums_of(value: Object, before: Object) -> Object:
    """Give an object as it is, but with the sums that it had before."""
    changed = {
        name: _with_sums_of(getattr(value, name), getattr(before, name))
        for name in value.__struct_fields__
        if getattr(value, name) is not getattr(before, name)
    }
    return structs.replace(value, **changed)


def with_inbox(value: Object, aspects: Mapping[str, Any]) -> Object:
    """Give an office with the inbox that is shown of it, anything else as it is.

    What addresses an office is in no file whole: that it leads to this inbox is the cosigners' word, which no verdict
    needs.
    """
    return structs.replace(value, inbox=aspects["inbox"]) if isinstance(value, Office) else value


def same_but_for_sums(one: Object, other: Object) -> bool:
    """Tell whether two states of an object differ in nothing that its own records say."""
    return type(one) is type(other) and not different_but_for_sums(one, other)


def different_but_for_sums(one: Object, other: Object) -> list[str]:
    """Name the aspects in which two states of an object differ, but for sums and history."""
    names = (name for name in one.__struct_fields__ if name != "history")
    return [name for name in names if _with_sums_of(getattr(one, name), getattr(other, name)) != getattr(other, name)]


def _with_sums_of(aspect: Any, before: Any) -> Any:
    if isinstance(aspect, tuple) and isinstance(before, tuple) and len(aspect) == len(before):
        return tuple(_with_sums_of(part, was) for part, was in zip(aspect, before, strict=True))
    if type(aspect) is not type(before) or type(aspect) not in SUMS:
        return aspect
    return structs.replace(aspect, **{name: getattr(before, name) for name in SUMS[type(aspect)]})
