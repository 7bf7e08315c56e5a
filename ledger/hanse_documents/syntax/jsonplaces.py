"""Taking values out of JSON that was opened: by a path, whether a list or one thing stands there."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

Json = Mapping[str, object]
NOTHING: Json = {}


def at(value: object, *path: str) -> object:
    """Go down a path; None where it leads nowhere. Of a list the first is taken."""
    for step in path:
        value = first(value)
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def first(value: object) -> object:
    """Give the first of a list, anything else as it is."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def every(value: object) -> Sequence[object]:
    """Give a list, or one thing as a list of it; nothing for None."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def text_at(value: object, *path: str) -> str | None:
    """Give the text or number at a path, without the space around it; None where there is none, or it is empty."""
    found = first(at(value, *path))
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    return str(found).strip() or None


def first_text(value: object, *paths: tuple[str, ...]) -> str | None:
    """Give the text at the first of several paths that leads to one."""
    return next((text for path in paths if (text := text_at(value, *path))), None)
