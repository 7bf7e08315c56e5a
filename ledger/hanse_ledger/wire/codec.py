"""Values to canonical bytes and back: the only wire format.

MessagePack with string keys in byte order, shortest integers, no floats, no extension types, no
duplicate keys, UTF-8 text, bytes as `bin`.
"""

from typing import TypeVar

import msgspec

from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.messages import Said, said

T = TypeVar("T")


def _as_bytes(value: object) -> bytes:
    """Write bytes of another class, such as ids that print as text, as the bytes that they are."""
    if isinstance(value, bytes):
        return bytes(value)
    raise TypeError(f"{type(value).__name__} is no value of a record")


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_bytes)


def encode(value: object) -> bytes:
    """Encode a Struct of this package canonically (its fields stand in byte order)."""
    return _encoder.encode(value)


def decode_canonical(data: bytes, decoder: "msgspec.msgpack.Decoder[T]", what: Said | str, at: str = "") -> T:
    """Decode bytes with a typed decoder and insist that they are canonical.

    Args:
        data: the bytes, as long as their bound allows.
        decoder: what they must be.
        what: their name in messages.
        at: where they stand in what holds them, as a JSON pointer.

    Raises:
        Malformed: the bytes do not decode, break a bound, or are not the canonical form.
    """
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        detail, pointer = _where(str(error))
        raise Malformed(_unreadable(what), pointer=at + pointer, precise=f"{what}: {detail}") from error
    except UNREADABLE as error:
        raise Malformed(_unreadable(what), pointer=at, precise=f"{what}: not MessagePack: {error}") from error
    if _encoder.encode(value) != data:
        raise Malformed(
            said(
                "bytes.not-canonical",
                "{what}: the bytes are not canonical; encode it with sorted keys and shortest forms",
                what,
            ),
            pointer=at,
        )
    return value


def _unreadable(what: Said | str) -> Said:
    """Say the same of whatever no decoder reads: which fault it finds first, and in what words, is its own."""
    return said(
        "bytes.unreadable",
        "{what}: not MessagePack, or a value in it is missing, unknown, or of another type or bound",
        what,
    )


def _where(message: str) -> tuple[str, str]:
    """Turn msgspec's "… - at `$.lines[0].unit`" into words and a JSON pointer."""
    detail, mark, path = message.rpartition(" - at `")
    if not mark:
        return message, ""
    pointer = path.rstrip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return detail, pointer
