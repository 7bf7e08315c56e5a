"""Records on their way to all their signatures.

A draft travels as DSSE JSON with the signatures so far: a party prepares what a member countersigns elsewhere.
"""

import os

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import IdentityError, InvalidInput
from hanse_client.home.identity import Identity
from hanse_ledger.kinds import own_object
from hanse_ledger.kinds.member.bodies import ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.records.envelope import PAYLOAD_TYPE, Envelope, Signature, Signed, pre_authentication
from hanse_ledger.records.record import Record, decode_record, encode_record, make_record, record_id
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed, ProofInvalid
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.types import LedgerId, Moment, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.part import Body

LIFETIME_MS = 3_600_000
"""How long a record may be on its way unless its maker says otherwise: an hour."""

DRAFT_BYTES = 2 * limits.ENVELOPE_BYTES


class _JsonSignature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _JsonEnvelope(Struct, frozen=True, forbid_unknown_fields=True):
    payload: bytes
    payload_type: str = msgspec.field(name="payloadType")
    signatures: tuple[_JsonSignature, ...]


_decoder = msgspec.json.Decoder(_JsonEnvelope)


class Draft(Struct, frozen=True):
    """A record's canonical bytes, and the signatures so far in the order of its signers."""

    payload: bytes
    record: Record
    signatures: tuple[bytes | None, ...]

    @property
    def id(self) -> RecordId:
        """The record's id; it does not change when somebody signs."""
        return record_id(self.payload)

    @property
    def object_id(self) -> ObjectId:
        """The object that the record creates, else the one that it acts on."""
        return subject_of(self.record.body, self.id)

    @property
    def missing(self) -> tuple[PublicKey, ...]:
        """The keys that have yet to sign, in order."""
        signed = zip(self.record.signers, self.signatures, strict=True)
        return tuple(key for key, signature in signed if signature is None)

    @property
    def complete(self) -> bool:
        """Whether all have signed."""
        return not self.missing

    def sign(self, identity: Identity) -> "Draft":
        """Add an identity's signature.

        Raises:
            IdentityError: the record does not name its key as a signer.
        """
        if identity.public_key not in self.record.signers:
            raise IdentityError(
                f"The record does not name the key {identity.fingerprint} as a signer.",
                "Sign with a key that it names.",
            )
        place = self.record.signers.index(identity.public_key)
        signature = identity.sign(pre_authentication(self.payload))
        return replace(self, signatures=(*self.signatures[:place], signature, *self.signatures[place + 1 :]))

    def envelope(self) -> bytes:
        """Write the DSSE envelope, canonical MessagePack: what is sent. Raises IdentityError if a signature lacks."""
        return encode(self.signed().envelope)

    def signed(self) -> Signed:
        """Give the record with all its signatures.

        Raises:
            IdentityError: a signature is missing.
        """
        signatures = tuple(signature for signature in self.signatures if signature is not None)
        if len(signatures) < len(self.signatures):
            names = ", ".join(key.hex() for key in self.missing)
            raise IdentityError(f"Signatures are missing: of the keys {names}.", "Have them sign the draft.")
        envelope = Envelope(
            payload=self.payload, payload_type=PAYLOAD_TYPE, signatures=tuple(map(Signature, signatures))
        )
        return Signed(id=self.id, record=self.record, envelope=envelope)

    def to_json(self) -> bytes:
        """Write the draft as DSSE JSON with the signatures so far."""
        signed = zip(self.record.signers, self.signatures, strict=True)
        return msgspec.json.encode(
            _JsonEnvelope(
                payload=self.payload,
                payload_type=PAYLOAD_TYPE,
                signatures=tuple(_JsonSignature(key.hex(), signature) for key, signature in signed if signature),
            )
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Draft":
        """Read a draft. The signatures in it are verified.

        Raises:
            InvalidInput: too large, not DSSE JSON of a Hanse record, or a signature is not a signer's.
        """
        if len(data) > DRAFT_BYTES:
            raise InvalidInput(f"The draft has more than {DRAFT_BYTES} bytes.", "Check that it is the right file.")
        try:
            envelope = _decoder.decode(data)
            record = decode_record(envelope.payload)
        except UNREADABLE as error:
            raise InvalidInput(f"The file is no draft: {error}.", "Give a DSSE JSON file.") from error
        except Malformed as error:
            step = "If another release of Hanse made it, have it made again with this one."
            raise InvalidInput(f"The draft holds no record: {error}.", step, pointer=error.pointer) from error
        if envelope.payload_type != PAYLOAD_TYPE:
            raise InvalidInput(f"The draft's payloadType is not {PAYLOAD_TYPE}.", "Give a draft of a Hanse record.")
        return cls(envelope.payload, record, _places(envelope, record))


def draft(
    body: Body,
    ledger: LedgerId,
    signers: tuple[PublicKey, ...],
    now_ms: Moment,
    lifetime_ms: int = LIFETIME_MS,
) -> Draft:
    """Make a record of a body, for its signers to sign.

    Args:
        body: what it says.
        ledger: the ledger for which it is made.
        signers: the keys that must sign, in order.
        now_ms: the present; the signer's claim.
        lifetime_ms: how long it may be on its way, at most seven days.

    Raises:
        InvalidInput: the body breaks a bound of its type, or the signers are none, too many or repeated.
    """
    try:
        record = make_record(
            body,
            ledger=ledger,
            signers=signers,
            nonce=os.urandom(16),
            created=now_ms,
            expires=now_ms + min(lifetime_ms, limits.EXPIRY_MS),
        )
        payload = encode_record(record)
        # Constructing a body checks nothing; decoding it checks every bound that a node would.
        decoded = decode_record(payload)
    except Malformed as error:
        raise InvalidInput(f"The record would be malformed: {error}.", pointer=error.pointer) from error
    except (TypeError, OverflowError) as error:  # values that no record can hold, such as None for an id
        raise InvalidInput(f"The record cannot be written: {error}.") from error
    return Draft(payload, decoded, (None,) * len(signers))


def subject_of(body: Body, record: RecordId) -> ObjectId:
    """Name the object that a record creates, else the one that it acts on: of the members' changes the proposal."""
    if isinstance(body, VoteOnChange | ReportReady | WithdrawChange):
        return body.proposal
    return own_object(body, record) or record


def _places(envelope: _JsonEnvelope, record: Record) -> tuple[bytes | None, ...]:
    """Put each signature into its signer's place."""
    found: dict[PublicKey, bytes] = {}
    message = pre_authentication(envelope.payload)
    keys = {key.hex(): key for key in record.signers}
    for place, signature in enumerate(envelope.signatures):
        key = keys.get(signature.keyid)
        if key is None or key in found:
            raise InvalidInput(
                "A signature on the draft is of no signer, or a second one.", pointer=f"/signatures/{place}/keyid"
            )
        try:
            verify_signature(key, message, signature.sig)
        except ProofInvalid as error:
            raise InvalidInput(f"A signature on the draft is bad: {error}.", pointer=f"/signatures/{place}") from error
        found[key] = signature.sig
    return tuple(found.get(key) for key in record.signers)
