"""A record, and its canonical bytes: what is hashed and signed.

Decoding is strict: limits first, then decode, then re-encode and compare; any difference is malformed. The Struct
types bound the depth: none of them nests deeper than `limits.RECORD_DEPTH`, and what is not in a type is refused.
"""

import msgspec
from msgspec import Raw, Struct

from hanse_ledger.kinds import KINDS, kind_of, references
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import well_formed
from hanse_ledger.values.types import LedgerId, Moment, Nonce, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_ledger.wire.part import Body


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What is signed.

    Attributes:
        body: what is recorded, the map of its kind.
        created: when the signer made it; a claim that no rule reads.
        expires: the block time from which it is refused; at most seven days after block time.
        kind: such as `invoice.issue`.
        ledger: SHA-256 of the genesis, whose number says which form records have.
        nonce: random; makes the record unique, and seeds the salts of what it creates.
        refs: the ids of all objects that the body names, sorted, each once; at most 64.
        signers: who signs, in order; none missing, none added; 1 to 8, each once.
        version: 1.
    """

    body: Body
    created: Moment
    expires: Moment
    kind: str
    ledger: LedgerId
    nonce: Nonce
    refs: tuple[ObjectId, ...]
    signers: tuple[PublicKey, ...]
    version: int


VERSION = 1


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

_body_decoders = {kind.name: msgspec.msgpack.Decoder(kind.body) for kind in KINDS}


def encode_record(record: Record) -> bytes:
    """Encode a record canonically. The result is what is hashed and signed."""
    return encode(record)


def record_id(data: bytes) -> RecordId:
    """Name a record by the SHA-256 of its canonical bytes."""
    return hash_bytes(data)


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
        kind=kind_of(body).name,
        ledger=ledger,
        nonce=nonce,
        refs=references(body),
        signers=signers,
        version=VERSION,
    )
