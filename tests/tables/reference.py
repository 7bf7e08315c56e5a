"""A second codec, over the `msgpack` package: what MessagePack says without our types, and what is canonical."""

from collections.abc import Mapping
from typing import Any

import msgpack  # type: ignore[import-untyped] # the package has no stubs
import msgspec

unpack = msgpack.unpackb
ExtType, Timestamp = msgpack.ExtType, msgpack.Timestamp


class NotCanonical(Exception):
    """Bytes that are not MessagePack, or not in the one canonical form."""


def pack(value: Any) -> bytes:
    """Write a plain value, its maps with their keys in byte order, its integers in the shortest form."""
    return bytes(msgpack.packb(_ordered(value), use_bin_type=True))


def unordered(value: Mapping[str, Any]) -> bytes:
    """Write a plain map with its keys in the wrong order."""
    return bytes(msgpack.packb(dict(reversed(list(value.items()))), use_bin_type=True))


def unpack_strict(data: bytes) -> Any:
    """Read canonical bytes as plain values: maps, lists, texts, bytes, integers, booleans and nil.

    Raises:
        NotCanonical: for anything else.
    """
    try:
        value = msgpack.unpackb(
            data, raw=False, strict_map_key=False, use_list=True, object_pairs_hook=_pairs, ext_hook=_refuse_extension
        )
    except (ValueError, msgpack.exceptions.UnpackException, UnicodeDecodeError, TypeError) as error:
        raise NotCanonical(str(error)) from error
    _refuse_floats(value)
    if pack(value) != data:
        raise NotCanonical("another form of the same values")
    return value


def plain(value: Any) -> Any:
    """Turn a Struct into plain values, by the names that travel."""
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        parts = {wire: plain(getattr(value, field)) for wire, field in names}
        return list(parts.values()) if value.__struct_config__.array_like else parts
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: str(key).encode())}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _pairs(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key, _ in pairs):
        raise ValueError("a key is not text")
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _refuse_extension(code: int, data: bytes) -> Any:
    raise ValueError(f"extension type {code} of {len(data)} bytes")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float | Timestamp):
        raise NotCanonical("neither floats nor times")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(item)
