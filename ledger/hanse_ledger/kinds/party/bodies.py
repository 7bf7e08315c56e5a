"""What can be written of parties, and of their keys."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, EncryptionKey, MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.part import Body, ReasonCode


class PartyRole(StrEnum):
    """What a party may do in a corridor."""

    AGENT = "agent"
    BUYER = "buyer"
    CARRIER = "carrier"
    SELLER = "seller"


class KeyRevocation(StrEnum):
    """Why a key is revoked (RFC 5280, section 5.3.1, the reasons that fit)."""

    CESSATION = "cessation-of-operation"
    COMPROMISE = "key-compromise"
    SUPERSEDED = "superseded"


class EnrolParty(Body, frozen=True, kw_only=True):
    """Admit a party under a pseudonym. Signed by the enrolling member and by the party's key. Rule P-1.

    `identity` is the root of the map of its legal identity's terms (see `terms`); `repair` the second member that must
    sign where a lost key is replaced (P-8), nil where that shall never be.
    """

    encryption_key: EncryptionKey
    identity: Digest
    key: PublicKey
    member: MemberId
    repair: MemberId | None
    roles: Annotated[tuple[PartyRole, ...], Meta(max_length=limits.ROLES)]
    valid_from: Moment
    valid_until: Moment


class RotateKey(Body, frozen=True, kw_only=True):
    """Replace a party's key. Signed by the old key and by the new one. Rule P-2.

    `encryption_key` is nil where that stays.
    """

    encryption_key: EncryptionKey | None
    new_key: PublicKey
    party: ObjectId


class RevokeKey(Body, frozen=True, kw_only=True):
    """Revoke one of a party's keys from now on. Signed by the party or its enrolling member. Rule P-3."""

    compromised_since: Moment | None
    key: PublicKey
    party: ObjectId
    reason: KeyRevocation


class MoveParty(Body, frozen=True, kw_only=True):
    """Put a party under another member. Signed by that member, the party, and the present one if it can. Rule P-5.

    `repair` is named anew, as at enrolment: the party agrees to it again. It may be all that changes.
    """

    member: MemberId
    party: ObjectId
    repair: MemberId | None


class SuspendParty(Body, frozen=True, kw_only=True):
    """Suspend a party until it is reinstated. Signed by the member with which it is. Rule P-6."""

    party: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class ReinstateParty(Body, frozen=True, kw_only=True):
    """End a party's suspension. Signed by the member with which it is. Rule P-7."""

    party: ObjectId


class RepairKey(Body, frozen=True, kw_only=True):
    """Name the key that shall follow one that is lost. Signed by the party's member and its second one. Rule P-8."""

    new_key: PublicKey
    party: ObjectId


class TakeKey(Body, frozen=True, kw_only=True):
    """Put the key that a repair names in the place of the lost one. Signed by the new key alone. Rule P-9.

    `encryption_key` is nil where that stays.
    """

    encryption_key: EncryptionKey | None
    new_key: PublicKey
    party: ObjectId


class ContestRepair(Body, frozen=True, kw_only=True):
    """End an open repair: the key is not lost. Signed by the party's present key. Rule P-10."""

    party: ObjectId


class AttestParty(Body, frozen=True, kw_only=True):
    """Say that somebody has looked at who a party is. Signed by the member with which it is. Rule P-11.

    `terms` commits to who looked at what, on which day, and for which terms of the identity, or why nobody looked.
    """

    party: ObjectId
    terms: Digest
