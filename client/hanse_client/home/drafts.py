"""Records on their way to all their signatures.

A draft travels as a file, `hanse.draft/1`, with the signatures so far: one prepares what others sign elsewhere.
"""

import os
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from hanse_client.base.errors import IdentityError, InvalidInput
from hanse_client.base.releases import wrong_release
from hanse_client.home.identity import Identity
from hanse_ledger.kinds import own_object
from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.member.bodies import ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.records.envelope import PAYLOAD_TYPE, Envelope, Signature, Signed, pre_authentication
from hanse_ledger.records.record import Record, decode_record, encode_record, make_record, record_id
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.errors import UNREADABLE, Malformed, OtherRelease, ProofInvalid
from hanse_ledger.values.jsonform import encode_json, need_release
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import LedgerId, Moment, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.part import Body

FORMAT = "hanse.draft/1"

LIFETIME_MS = 3_600_000
"""How long a record may be on its way unless its maker says otherwise: an hour."""

LONGEST_MS = limits.EXPIRY_MS - 600_000
"""How long it may be where others sign it elsewhere: seven days, and ten minutes for clocks that differ."""

DRAFT_BYTES = 2 * limits.ENVELOPE_BYTES


class DraftSignature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signature on a draft.

    Attributes:
        key: the signer's public key, with its algorithm byte, as small hexadecimal digits.
        signature: over the DSSE pre-authentication of the record's bytes.
    """

    key: Annotated[str, Meta(pattern=patterns.HEX, max_length=2_626)]
    signature: Annotated[bytes, Meta(max_length=limits.SIGNATURE_BYTES)]


class DraftFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft.

    Attributes:
        format: `hanse.draft/1`.
        record: the record's canonical bytes.
        signatures: those so far, in the order of the record's signers.
    """

    format: str = msgspec.field(name="@type")
    record: Annotated[bytes, Meta(max_length=limits.RECORD_BYTES)]
    signatures: Annotated[tuple[DraftSignature, ...], Meta(max_length=limits.SIGNERS)]


_decoder = msgspec.json.Decoder(DraftFile)


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

    def need_time(self, now_ms: Moment) -> None:
        """Insist that the record can still be accepted. Raises InvalidInput: it has expired."""
        if self.record.expires <= now_ms:
            raise InvalidInput(
                f"The draft expired {moment_words(self.record.expires)}, and no node takes its record.",
                "Nothing was signed or sent. Have it made again.",
                pointer="/expires",
            )

    def envelope(self) -> bytes:
        """Write the DSSE envelope, canonical MessagePack: what is sent. Raises as `signed` does."""
        return encode(self.signed().envelope)

    def signed(self) -> Signed:
        """Give the record with all its signatures.

        Raises:
            SignaturesMissing: others have to sign it.
        """
        signatures = tuple(signature for signature in self.signatures if signature is not None)
        if len(signatures) < len(self.signatures):
            raise SignaturesMissing(self)
        envelope = Envelope(
            payload=self.payload, payload_type=PAYLOAD_TYPE, signatures=tuple(map(Signature, signatures))
        )
        return Signed(id=self.id, record=self.record, envelope=envelope)

    def to_json(self) -> bytes:
        """Write the draft as a file, with the signatures so far."""
        signed = zip(self.record.signers, self.signatures, strict=True)
        return encode_json(
            DraftFile(
                format=FORMAT,
                record=self.payload,
                signatures=tuple(
                    DraftSignature(key=key.hex(), signature=signature) for key, signature in signed if signature
                ),
            )
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Draft":
        """Read a draft. The signatures in it are verified.

        Raises:
            WrongRelease: it is of another release.
            InvalidInput: too large, no draft, or a signature is not a signer's.
        """
        if len(data) > DRAFT_BYTES:
            raise InvalidInput(f"The draft has more than {DRAFT_BYTES} bytes.", "Check that it is the right file.")
        try:
            need_release(data, FORMAT, what="draft")
            file = _decoder.decode(data)
            record = decode_record(file.record)
        except OtherRelease as error:
            raise wrong_release("The draft", error) from error
        except UNREADABLE as error:
            raise InvalidInput(f"The file is no draft: {error}.", "Give one, as --draft writes it.") from error
        except Malformed as error:
            step = "If another release of Hanse made it, have it made again with this one."
            raise InvalidInput(f"The draft holds no record: {error}.", step, pointer=error.pointer) from error
        if file.format != FORMAT:
            raise InvalidInput(f"The draft's format is not {FORMAT}.", "Have it made with this release.")
        return cls(file.record, record, _places(file, record))


class SignaturesMissing(IdentityError):
    """A record is signed by some of its signers, and others have to. Its draft can be handed to them.

    `draft` bears the signatures so far.
    """

    def __init__(self, draft: Draft) -> None:
        names = ", ".join(key.hex() for key in draft.missing)
        super().__init__(f"Signatures are missing: of the keys {names}.", "Have them sign the draft.")
        self.draft = draft


def draft(
    body: Body,
    ledger: LedgerId,
    signers: tuple[PublicKey, ...],
    now_ms: Moment,
    lifetime_ms: int = LIFETIME_MS,
    mandates: Sequence[ObjectId] = (),
) -> Draft:
    """Make a record of a body, for its signers to sign.

    Args:
        body: what it says.
        ledger: the ledger for which it is made.
        signers: the keys that must sign, in order.
        now_ms: the present; the signer's claim.
        lifetime_ms: how long it may be on its way, at most seven days.
        mandates: under which it is signed.

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
            mandates=tuple(sorted(set(mandates))),
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
    if isinstance(body, AddToConsignment):
        return body.consignment
    return own_object(body, record) or record


def _places(file: DraftFile, record: Record) -> tuple[bytes | None, ...]:
    """Put each signature into its signer's place."""
    signatures: dict[PublicKey, bytes] = {}
    message = pre_authentication(file.record)
    keys = {key.hex(): key for key in record.signers}
    for place, each in enumerate(file.signatures):
        key = keys.get(each.key)
        if key is None or key in signatures:
            raise InvalidInput(
                "A signature on the draft is of no signer, or a second one.", pointer=f"/signatures/{place}/key"
            )
        try:
            verify_signature(key, message, each.signature)
        except ProofInvalid as error:
            raise InvalidInput(f"A signature on the draft is bad: {error}.", pointer=f"/signatures/{place}") from error
        signatures[key] = each.signature
    return tuple(signatures.get(key) for key in record.signers)
