"""Canonical JSON (RFC 8785, of values without floats): the form of proof and trust files.

The Structs keep their fields in order, bytes are base64; a file whose re-encoding differs is refused.
"""

from typing import TypeVar

import msgspec

from hanse_ledger.errors import UNREADABLE, Malformed

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode_json(value: object) -> bytes:
    """Write a Struct as canonical JSON: no white space, sorted keys, UTF-8, bytes as base64."""
    return _encoder.encode(value)


def decode_json(data: bytes, decoder: "msgspec.json.Decoder[T]", *, what: str, most: int) -> T:
    """Read canonical JSON with a typed decoder.

    Args:
        data: the file's bytes.
        decoder: what it must be.
        what: the file's name in messages.
        most: how many bytes it may have.

    Raises:
        Malformed: too large, not this type, or not canonical. (A type bounds the depth: what is not in it is refused.)
    """
    if len(data) > most:
        raise Malformed(f"{what}: {len(data)} bytes; at most {most} are allowed")
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Malformed(f"{what}: {error}") from error
    except UNREADABLE as error:
        raise Malformed(f"{what}: not JSON: {error}") from error
    if _encoder.encode(value) != data:
        raise Malformed(f"{what}: not canonical JSON (RFC 8785); a changed byte makes a different file")
    return value
