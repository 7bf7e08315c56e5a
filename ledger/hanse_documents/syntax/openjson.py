"""Opening JSON from strangers: bounded, in UTF-8, no key twice, numbers exact."""

import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from hanse_documents.model.errors import DocumentError

JSON_BYTES = 2 * 1024 * 1024
"""A larger file is refused unread."""


def open_json(data: bytes, file: str) -> object:
    """Parse JSON strictly; numbers with a point or an exponent become Decimals.

    Raises:
        DocumentError: too large, not UTF-8, no JSON, a key twice in one object, or a number that nobody uses.
    """
    if len(data) > JSON_BYTES:
        raise DocumentError(file, seen=f"{len(data):,} bytes", wanted=f"at most {JSON_BYTES:,} bytes")
    try:
        value: object = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_number,
            parse_constant=_refuse_constant,
        )
        # An escape may name half of a surrogate pair, which is no character: nobody could commit to such a text.
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError as error:
        raise DocumentError(file, seen="bytes that are not UTF-8", wanted="JSON in UTF-8") from error
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise DocumentError(file, seen=f"not JSON: {error}", wanted="JSON, each key once") from error
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _number(text: str) -> Decimal:
    """Read a JSON number, in either notation, exactly."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text[:32]} is larger or finer than any number that is used") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
