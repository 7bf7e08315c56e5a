"""A record, and its canonical bytes: what is hashed and signed.

Decoding is strict: limits first, then decode, then re-encode and compare; any difference is malformed. The Struct
types bound the depth: none of them nests deeper than `limits.RECORD_DEPTH`, and what is not in a type is refused.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from hanse_ledger.kinds import KINDS, kind_of, references
from hanse_ledger.kinds.bundle.bodies import BundleStep, TakeSteps
from hanse_ledger.kinds.bundle.steps import BUNDLED, step_refs
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import well_formed
from hanse_ledger.values.messages import quoted, said
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
        mandates: the ids of the mandates under which it is signed, sorted, each once; at most 4.
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
    mandates: tuple[ObjectId, ...]
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
    mandates: tuple[ObjectId, ...]
    nonce: Nonce
    refs: tuple[ObjectId, ...]
    signers: tuple[PublicKey, ...]
    version: int


_wire_decoder = msgspec.msgpack.Decoder(_Wire)

_body_decoders = {kind.name: msgspec.msgpack.Decoder(kind.body) for kind in KINDS if kind.body is not TakeSteps}

_step_decoders = {kind.name: _body_decoders[kind.name] for kind in BUNDLED}


class _WireStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A step whose body is still bytes."""

    body: Raw
    kind: str
    refs: tuple[ObjectId, ...]
    version: int


class _WireBundle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A bundle whose steps' bodies are still bytes."""

    steps: Annotated[tuple[_WireStep, ...], Meta(min_length=limits.STEPS_LEAST, max_length=limits.STEPS)]


_bundle_decoder = msgspec.msgpack.Decoder(_WireBundle)

_BODY = said("file.body", "record body")


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
        raise Malformed(
            said(
                "record.too-large", "record: {bytes} bytes; at most {most} are allowed", len(data), limits.RECORD_BYTES
            )
        )
    wire = decode_canonical(data, _wire_decoder, said("file.record", "record"))
    if wire.version != VERSION:
        raise Malformed(
            said("record.version", "record: version {version} is not known; this ledger speaks 1", wire.version),
            pointer="/version",
        )
    body = _decode_body(wire)
    _check_lists(wire, body)
    return Record(
        body=body,
        created=wire.created,
        expires=wire.expires,
        kind=wire.kind,
        ledger=wire.ledger,
        mandates=wire.mandates,
        nonce=wire.nonce,
        refs=wire.refs,
        signers=wire.signers,
        version=wire.version,
    )


def _decode_body(wire: _Wire) -> Body:
    if wire.kind == "bundle":
        bundle = decode_canonical(bytes(wire.body), _bundle_decoder, _BODY, "/body")
        return TakeSteps(steps=tuple(_decode_step(step, place) for place, step in enumerate(bundle.steps)))
    decoder = _body_decoders.get(wire.kind)
    if decoder is None:
        raise Malformed(
            said("record.kind-unknown", "record: kind {kind} is not known", quoted(wire.kind[:64])), pointer="/kind"
        )
    body: Body = decode_canonical(bytes(wire.body), decoder, _BODY, "/body")
    return body


def _decode_step(wire: _WireStep, place: int) -> BundleStep:
    pointer = f"/body/steps/{place}"
    if wire.version != VERSION:
        raise Malformed(
            said("record.version", "record: version {version} is not known; this ledger speaks 1", wire.version),
            pointer=f"{pointer}/version",
        )
    decoder = _step_decoders.get(wire.kind)
    if decoder is None:
        raise Malformed(
            said("record.step-kind", "record: kind {kind} is none of which a step may be", quoted(wire.kind[:64])),
            pointer=f"{pointer}/kind",
        )
    body: Body = decode_canonical(bytes(wire.body), decoder, _BODY, f"{pointer}/body")
    if wire.refs != step_refs(body):
        raise Malformed(
            said("record.refs-other", "record: refs are not the sorted ids of the objects that the body names"),
            pointer=f"{pointer}/refs",
        )
    return BundleStep(body=body, kind=wire.kind, refs=wire.refs, version=wire.version)


def _check_lists(wire: _Wire, body: Body) -> None:
    if wire.refs != references(body):
        raise Malformed(
            said("record.refs-other", "record: refs are not the sorted ids of the objects that the body names"),
            pointer="/refs",
        )
    if len(wire.refs) > limits.REFS:
        raise Malformed(
            said(
                "record.too-many-refs", "record: {refs} refs; at most {most} are allowed", len(wire.refs), limits.REFS
            ),
            pointer="/refs",
        )
    if list(wire.mandates) != sorted(set(wire.mandates)) or len(wire.mandates) > limits.MANDATES:
        raise Malformed(
            said("record.mandates", "record: mandates are at most {most}, sorted, each once", limits.MANDATES),
            pointer="/mandates",
        )
    if not 1 <= len(wire.signers) <= limits.SIGNERS:
        raise Malformed(
            said(
                "record.too-many-signers",
                "record: {signers} signers; 1 to {most} are allowed",
                len(wire.signers),
                limits.SIGNERS,
            ),
            pointer="/signers",
        )
    if len(set(wire.signers)) != len(wire.signers):
        raise Malformed(said("record.signer-twice", "record: a signer is named twice"), pointer="/signers")
    for place, key in enumerate(wire.signers):
        if not well_formed(key):
            raise Malformed(
                said("record.signer-no-key", "record: a signer is not a key of a known algorithm"),
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
    mandates: tuple[ObjectId, ...] = (),
) -> Record:
    """Put a body into a record; kind, version and refs follow from the body."""
    return Record(
        body=body,
        created=created,
        expires=expires,
        kind=kind_of(body).name,
        ledger=ledger,
        mandates=mandates,
        nonce=nonce,
        refs=references(body),
        signers=signers,
        version=VERSION,
    )
