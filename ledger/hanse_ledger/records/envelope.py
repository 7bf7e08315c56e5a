"""DSSE envelopes: a record, and the signatures of exactly the signers that it names, in that order.

Source: github.com/secure-systems-lab/dsse, protocol version 1. On the wire an envelope is the
MessagePack map `{payload, payloadType, signatures: [{sig}]}`; the JSON form is at the edge.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.kinds.refusals import KEY_NOT_ADMITTED, SIGNATURE_INVALID
from hanse_ledger.records.record import Record, decode_record, record_id
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.keys import ED25519, verify_signature
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import PublicKey, RecordId
from hanse_ledger.wire.codec import decode_canonical, encode

PAYLOAD_TYPE = "application/vnd.hanse.record+msgpack"


class Signature(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One signature; whose it is follows from its place."""

    sig: Annotated[bytes, Meta(max_length=limits.SIGNATURE_BYTES)]


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A DSSE envelope in its MessagePack form.

    Attributes:
        payload: the record's canonical bytes.
        payload_type: `application/vnd.hanse.record+msgpack`.
        signatures: one for each signer of the record, in their order.
    """

    payload: Annotated[bytes, Meta(max_length=limits.RECORD_BYTES)]
    payload_type: str = msgspec.field(name="payloadType")
    signatures: Annotated[tuple[Signature, ...], Meta(min_length=1, max_length=limits.SIGNERS)]


_decoder = msgspec.msgpack.Decoder(Envelope)


class Signed(Struct, frozen=True, gc=False):
    """An opened envelope. `id` names the record; the signatures may or may not be verified yet."""

    id: RecordId
    record: Record
    envelope: Envelope


def pre_authentication(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Build the bytes that are signed: PAE(type, payload). Source: DSSE protocol, "Signature Definition"."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signatures: tuple[bytes, ...]) -> bytes:
    """Write an envelope over a record's canonical bytes; signatures in the order of its signers."""
    return encode(
        Envelope(
            payload=payload,
            payload_type=PAYLOAD_TYPE,
            signatures=tuple(Signature(sig) for sig in signatures),
        )
    )


def open_envelope(data: bytes) -> Signed:
    """Decode an envelope and the record in it. Signatures are counted, not verified.

    Raises:
        Malformed: the envelope or its record is not canonical, or signatures do not match the signers in number.
    """
    if len(data) > limits.ENVELOPE_BYTES:
        raise Malformed(
            said(
                "envelope.too-large",
                "envelope: {bytes} bytes; at most {most} are allowed",
                len(data),
                limits.ENVELOPE_BYTES,
            )
        )
    return open_decoded(decode_canonical(data, _decoder, said("file.envelope", "envelope")))


def open_decoded(envelope: Envelope) -> Signed:
    """Decode the record in an envelope. Raises Malformed as `open_envelope` does."""
    if envelope.payload_type != PAYLOAD_TYPE:
        raise Malformed(
            said("envelope.other-type", "envelope: payloadType is not {wanted}", PAYLOAD_TYPE), pointer="/payloadType"
        )
    record = decode_record(envelope.payload)
    if len(envelope.signatures) != len(record.signers):
        raise Malformed(
            said(
                "envelope.count",
                "envelope: {signatures} signatures for {signers} signers",
                len(envelope.signatures),
                len(record.signers),
            ),
            pointer="/signatures",
        )
    return Signed(id=record_id(envelope.payload), record=record, envelope=envelope)


def verify_envelope(signed: Signed) -> None:
    """G-4. Verify each signature by the signer in its place. Needs no state, so it may run beside applying.

    Raises:
        Rejected: a key's algorithm is not admitted, or a signature is not the signer's.
    """
    envelope = signed.envelope
    verify_signatures(envelope.payload, signed.record.signers, [signature.sig for signature in envelope.signatures])


def verify_signatures(payload: bytes, signers: Sequence[PublicKey], signatures: Sequence[bytes]) -> None:
    """G-4. Verify the signatures of an envelope's parts, as `verify_envelope` does.

    Args:
        payload: the record's canonical bytes.
        signers: the keys that it names, in order.
        signatures: one for each.
    """
    message = pre_authentication(payload)
    for place, (key, signature) in enumerate(zip(signers, signatures, strict=True)):
        if key[0] != ED25519:
            raise Rejected(
                KEY_NOT_ADMITTED,
                pointer=f"/signers/{place}",
                seen=f"algorithm {key[0]}",
                wanted="1",
            )
        try:
            verify_signature(key, message, signature)
        except ProofInvalid as error:
            raise Rejected(
                SIGNATURE_INVALID,
                pointer=f"/signatures/{place}",
                seen=error.detail,
                wanted=key.hex(),
            ) from error
