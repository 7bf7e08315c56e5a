"""What can be written of parties, and of their keys."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, EncryptionKey, MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.part import Body


class PartyRole(StrEnum):
    """What a party may do in a corridor."""

    AGENT = "agent"
    BUYER = "buyer"
    SELLER = "seller"


class KeyRevocation(StrEnum):
    """Why a key is revoked (RFC 5280, section 5.3.1, the reasons that fit)."""

    CESSATION = "cessation-of-operation"
    COMPROMISE = "key-compromise"
    SUPERSEDED = "superseded"


class EnrolParty(Body, frozen=True, kw_only=True):
    """Admit a party under a pseudonym. Signed by the enrolling member and by the party's key. Rule P-1.

    `identity` is the root of the map of its legal identity's terms (see `terms`).
    """

    encryption_key: EncryptionKey
    identity: Digest
    key: PublicKey
    member: MemberId
    roles: Annotated[tuple[PartyRole, ...], Meta(max_length=limits.ROLES)]
    valid_from: Moment
    valid_until: Moment


class RotateKey(Body, frozen=True, kw_only=True):
    """Replace a party's key. Signed by the old key and by the new one. Rule P-2."""

    new_key: PublicKey
    party: ObjectId


class RevokeKey(Body, frozen=True, kw_only=True):
    """Revoke one of a party's keys from now on. Signed by the party or its enrolling member. Rule P-3."""

    compromised_since: Moment | None
    key: PublicKey
    party: ObjectId
    reason: KeyRevocation


class MoveParty(Body, frozen=True, kw_only=True):
    """Put a party under another member. Signed by that member, the party, and the present one if it can. Rule P-5."""

    member: MemberId
    party: ObjectId
