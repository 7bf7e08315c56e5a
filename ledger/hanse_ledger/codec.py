"""Record to canonical bytes and back: the only wire format.

MessagePack with string keys in byte order, shortest integers, no floats, no extension types, no
duplicate keys, UTF-8 text, bytes as `bin`. Decoding is strict: limits first, then decode, then
re-encode and compare; any difference is malformed. The Struct types bound the depth: none of
them nests deeper than `limits.RECORD_DEPTH`, and what is not in a type is refused.
"""

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from hanse_ledger import limits
from hanse_ledger.errors import UNREADABLE, Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.keys import well_formed
from hanse_ledger.records import KIND_OF, KINDS, Body, Record
from hanse_ledger.references import references
from hanse_ledger.types import LedgerId, Moment, Nonce, ObjectId, PublicKey, RecordId

VERSION = 1

T = TypeVar("T")


def _as_bytes(value: object) -> bytes:
    """Write bytes of another class, such as ids that print as text, as the bytes that they are."""
    if isinstance(value, bytes):
        return bytes(value)
    raise TypeError(f"{type(value).__name__} is no value of a record")


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_bytes)


class _Wire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A record whose body is still bytes: its class is known when `kind` is."""

    body: Raw
    created: Moment
    expires: Moment
    kind: str
    ledger: LedgerId
    nonce: Nonce
    refs: tuple[ObjectId, ...]
    signers: tuple[PublicKey, ...]
    version: int


_wire_decoder = msgspec.msgpack.Decoder(_Wire)
_body_decoders = {kind: msgspec.msgpack.Decoder(body) for kind, body in KINDS.items()}


def encode(value: object) -> bytes:
    """Encode a Struct of this package canonically (its fields stand in byte order)."""
    return _encoder.encode(value)


def decode_canonical(data: bytes, decoder: "msgspec.msgpack.Decoder[T]", what: str, at: str = "") -> T:
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
        raise Malformed(f"{what}: {detail}", pointer=at + pointer) from error
    except UNREADABLE as error:
        raise Malformed(f"{what}: not MessagePack: {error}", pointer=at) from error
    if _encoder.encode(value) != data:
        raise Malformed(
            f"{what}: the bytes are not canonical; encode it with sorted keys and shortest forms", pointer=at
        )
    return value


def encode_record(record: Record) -> bytes:
    """Encode a record canonically. The result is what is hashed and signed."""
    return _encoder.encode(record)


def record_id(data: bytes) -> RecordId:
    """Name a record by the SHA-256 of its canonical bytes."""
    return hash_bytes(data)


def object_id(record: RecordId, step: int = 0) -> ObjectId:
    """Name the object that a record creates: SHA-256(record id, step index as 4 bytes big-endian)."""
    return hash_bytes(record + step.to_bytes(4, "big"))


def decode_record(data: bytes) -> Record:
    """Decode a record from canonical bytes.

    Raises:
        Malformed: too large, not MessagePack, not canonical, an unknown kind or version, a field
            out of its bounds, or `refs` that are not the sorted ids that the body names.
    """
    if len(data) > limits.RECORD_BYTES:
        raise Malformed(f"record: {len(data)} bytes; at most {limits.RECORD_BYTES} are allowed")
    wire = decode_canonical(data, _wire_decoder, "record")
    if wire.version != VERSION:
        raise Malformed(
            f"record: version {wire.version} is not known; this ledger speaks 1",
            pointer="/version",
        )
    decoder = _body_decoders.get(wire.kind)
    if decoder is None:
        raise Malformed(f"record: kind {wire.kind[:64]!r} is not known", pointer="/kind")
    body: Body = decode_canonical(bytes(wire.body), decoder, "record body", "/body")
    _check_lists(wire, body)
    return Record(
        body=body,
        created=wire.created,
        expires=wire.expires,
        kind=wire.kind,
        ledger=wire.ledger,
        nonce=wire.nonce,
        refs=wire.refs,
        signers=wire.signers,
        version=wire.version,
    )


def _check_lists(wire: _Wire, body: Body) -> None:
    if wire.refs != references(body):
        raise Malformed(
            "record: refs are not the sorted ids of the objects that the body names",
            pointer="/refs",
        )
    if len(wire.refs) > limits.REFS:
        raise Malformed(
            f"record: {len(wire.refs)} refs; at most {limits.REFS} are allowed",
            pointer="/refs",
        )
    if not 1 <= len(wire.signers) <= limits.SIGNERS:
        raise Malformed(
            f"record: {len(wire.signers)} signers; 1 to {limits.SIGNERS} are allowed",
            pointer="/signers",
        )
    if len(set(wire.signers)) != len(wire.signers):
        raise Malformed("record: a signer is named twice", pointer="/signers")
    for place, key in enumerate(wire.signers):
        if not well_formed(key):
            raise Malformed(
                "record: a signer is not a key of a known algorithm",
                pointer=f"/signers/{place}",
            )


def _where(message: str) -> tuple[str, str]:
    """Turn msgspec's "… - at `$.lines[0].unit`" into words and a JSON pointer."""
    detail, mark, path = message.rpartition(" - at `")
    if not mark:
        return message, ""
    pointer = path.rstrip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return detail, pointer


def make_record(
    body: Body,
    *,
    ledger: LedgerId,
    signers: tuple[PublicKey, ...],
    nonce: Nonce,
    created: Moment,
    expires: Moment,
) -> Record:
    """Put a body into a record; kind, version and refs follow from the body."""
    return Record(
        body=body,
        created=created,
        expires=expires,
        kind=KIND_OF[type(body)],
        ledger=ledger,
        nonce=nonce,
        refs=references(body),
        signers=signers,
        version=VERSION,
    )
