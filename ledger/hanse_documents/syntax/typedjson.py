"""Turning JSON into typed values, and telling everything in it that has not the shape, not the first alone."""

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from hanse_documents.model.errors import FAULTS, Examiner

Shape = TypeVar("Shape")

# What stands in for a value of the wrong type, until the document is refused.
_INSTEAD: Mapping[str, object] = {"object": {}, "array": [], "str": "", "bool": False, "decimal": "0"}
_WANTED = re.compile(r"Expected `(\w+)")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")


def shaped(value: object, kind: type[Shape], where: str, wanted: str, examiner: Examiner) -> Shape | None:
    """Convert a value that has no lists of structures in it.

    Args:
        value: what JSON gave.
        kind: the Struct that it should have the shape of.
        where: the value's own place in the document.
        wanted: the shape's name for messages.
        examiner: notes each element that is missing or of another type; then what is returned is no document.

    Returns:
        The converted value, or None where there is none to go on with.
    """
    stood_in: list[tuple[str, ...]] = []
    for _ in range(FAULTS):
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            detail, _, told = str(error).partition(" - at ")
            path = tuple(told.strip("`$").split(".")[1:])
            missing = _MISSING.match(detail)
            if missing is not None:
                path = (*path, missing[1])
            # Below what stands in for something else nothing more is wrong.
            if not any(path[: len(before)] == before for before in stood_in):
                seen = "nothing" if missing else detail
                examiner.refuse("/".join((where, *path)).strip("/"), seen=seen, wanted=wanted)
            matched = _WANTED.match(detail)
            if not path or not isinstance(value, dict):
                return None
            value = _with(value, path, _INSTEAD.get(matched[1] if matched else "str", ""))
            stood_in.append(path)
    return None


def _with(value: Mapping[str, object], path: tuple[str, ...], instead: object) -> dict[str, object]:
    """Copy a map, with another value at a path."""
    first, *rest = path
    below = value.get(first)
    if not rest:
        return {**value, first: instead}
    return {**value, first: _with(below if isinstance(below, Mapping) else {}, tuple(rest), instead)}
