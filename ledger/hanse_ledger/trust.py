"""Genesis, membership and quorum: whom a verifier trusts, and the file that says so.

The ledger's id is the SHA-256 of its genesis. A trust file is canonical JSON: the members with
their roles and keys at an epoch, the cosigners with theirs, the quorum. At epoch 0 it holds the
whole genesis, so the ledger's id is the one thing to compare by telephone.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from hanse_ledger import limits
from hanse_ledger.codec import decode_canonical, encode
from hanse_ledger.errors import Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.jsonform import decode_json, encode_json
from hanse_ledger.keys import well_formed
from hanse_ledger.types import Digest, LedgerId, MemberId, Moment, Nonce, PublicKey

TRUST_FORMAT = "hanse.trust/1"
FIRST_TAG_EPOCH = 1
"""Tags begin with this epoch of their key."""

RawEd25519 = Annotated[bytes, Meta(min_length=32, max_length=32)]
RawMlDsa44 = Annotated[bytes, Meta(min_length=1312, max_length=1312)]
Epoch = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=limits.TEXT)]


class MemberRole(StrEnum):
    """What a member does in the corridor (design, section 2)."""

    AUDITOR = "auditor"
    BANK = "bank"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    MARKETPLACE = "marketplace"
    ORIGIN_ISSUER = "origin-issuer"


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class MemberKey(_Part, frozen=True, kw_only=True):
    """A key with which a member signs records, and the block times at which it counts (end excluded)."""

    key: PublicKey
    valid_from: Moment
    valid_until: Moment


class Member(_Part, frozen=True, kw_only=True):
    """An organisation that votes."""

    id: MemberId
    keys: Annotated[tuple[MemberKey, ...], Meta(min_length=1, max_length=limits.MEMBER_KEYS)]
    name: Name
    roles: Annotated[tuple[MemberRole, ...], Meta(min_length=1, max_length=limits.ROLES)]


class Cosigner(_Part, frozen=True, kw_only=True):
    """A node whose signature counts towards the quorum: its raw public keys. `ml_dsa_key` may be nil in version 1."""

    cosigning_key: RawEd25519
    id: MemberId
    log_key: RawEd25519
    ml_dsa_key: RawMlDsa44 | None


class Parameters(_Part, frozen=True, kw_only=True):
    """What the members may change by vote. `tag_epochs` are the epochs of tag keys in use."""

    quorum: Annotated[int, Meta(ge=1, le=limits.COSIGNERS)]
    tag_epochs: Annotated[tuple[Epoch, ...], Meta(max_length=limits.TAGS)]


class Membership(_Part, frozen=True, kw_only=True):
    """Who may do what at an epoch. `proposal` is the open change, room for which is kept in version 1."""

    cosigners: Annotated[tuple[Cosigner, ...], Meta(min_length=1, max_length=limits.COSIGNERS)]
    epoch: Epoch
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    parameters: Parameters
    proposal: None

    def member(self, name: MemberId) -> Member | None:
        """Find a member by its name."""
        return next((member for member in self.members if member.id == name), None)

    def holder(self, key: PublicKey) -> tuple[Member, MemberKey] | None:
        """Find the member to which a key belongs, whether the key counts now or not."""
        return next(
            ((member, held) for member in self.members for held in member.keys if held.key == key),
            None,
        )


class Genesis(_Part, frozen=True, kw_only=True):
    """The first bytes of a ledger; their hash is its id."""

    created: Moment
    membership: Membership
    name: Name
    nonce: Nonce
    version: Literal[1]


class TrustFile(_Part, frozen=True, kw_only=True):
    """The trust file at epoch 0: the genesis itself under its id."""

    format: str = msgspec.field(name="@type")
    genesis: Genesis
    ledger: LedgerId


_genesis_decoder = msgspec.msgpack.Decoder(Genesis)
_trust_decoder = msgspec.json.Decoder(TrustFile)


def founding_membership(members: Sequence[Member], cosigners: Sequence[Cosigner]) -> Membership:
    """Make the membership of a new ledger: more than two thirds of the cosigners are its quorum.

    Raises:
        Malformed: members or cosigners do not fit each other.
    """
    membership = Membership(
        cosigners=tuple(cosigners),
        epoch=0,
        members=tuple(members),
        parameters=Parameters(quorum=len(cosigners) * 2 // 3 + 1, tag_epochs=(FIRST_TAG_EPOCH,)),
        proposal=None,
    )
    check_membership(membership)
    return membership


def ledger_id(genesis: Genesis) -> LedgerId:
    """Name a ledger by the SHA-256 of its genesis in canonical bytes."""
    return hash_bytes(encode(genesis))


def members_hash(membership: Membership) -> Digest:
    """Hash members, cosigners, keys, parameters, epoch and the open proposal, in canonical bytes."""
    return hash_bytes(encode(membership))


def origin_of(ledger: LedgerId, cosigner: MemberId) -> str:
    """Name the log that a cosigner publishes: `<ledger>/<cosigner>` (C2SP tlog-checkpoint origin)."""
    return f"{ledger.hex()}/{cosigner}"


def check_membership(membership: Membership) -> None:
    """Check what single fields cannot say.

    Raises:
        Malformed: names or keys are repeated or out of order, or the quorum exceeds the cosigners.
    """
    names = [member.id for member in membership.members]
    cosigners = [cosigner.id for cosigner in membership.cosigners]
    keys = [held.key for member in membership.members for held in member.keys]
    raw = [key for cosigner in membership.cosigners for key in (cosigner.log_key, cosigner.cosigning_key)]
    if names != sorted(set(names)):
        raise Malformed(
            "genesis: members must be named once each, in order",
            pointer="/membership/members",
        )
    if cosigners != sorted(set(cosigners)):
        raise Malformed(
            "genesis: cosigners must be named once each, in order",
            pointer="/membership/cosigners",
        )
    if len(set(keys)) != len(keys) or not all(well_formed(key) for key in keys):
        raise Malformed(
            "genesis: members' keys must be well formed and differ",
            pointer="/membership/members",
        )
    if len(set(raw)) != len(raw):
        raise Malformed("genesis: cosigners' keys must all differ", pointer="/membership/cosigners")
    if any(list(member.roles) != sorted(set(member.roles)) for member in membership.members):
        raise Malformed(
            "genesis: a member's roles must be named once each, in order",
            pointer="/membership/members",
        )
    if any(held.valid_from >= held.valid_until for member in membership.members for held in member.keys):
        raise Malformed(
            "genesis: a key's validity ends before it begins",
            pointer="/membership/members",
        )
    epochs = list(membership.parameters.tag_epochs)
    if epochs != sorted(set(epochs)):
        raise Malformed(
            "genesis: epochs of tag keys must be listed once each, in order",
            pointer="/membership/parameters/tag_epochs",
        )
    if membership.parameters.quorum > len(membership.cosigners):
        raise Malformed(
            "genesis: the quorum exceeds the cosigners",
            pointer="/membership/parameters/quorum",
        )


def decode_genesis(data: bytes) -> Genesis:
    """Decode a genesis from canonical bytes. Raises Malformed."""
    if len(data) > limits.GENESIS_BYTES:
        raise Malformed(f"genesis: {len(data)} bytes; at most {limits.GENESIS_BYTES} are allowed")
    genesis = decode_canonical(data, _genesis_decoder, "genesis")
    check_membership(genesis.membership)
    return genesis


def write_trust(genesis: Genesis) -> bytes:
    """Write the trust file of a ledger: canonical JSON."""
    return encode_json(TrustFile(format=TRUST_FORMAT, genesis=genesis, ledger=ledger_id(genesis)))


def read_trust(data: bytes) -> TrustFile:
    """Read a trust file.

    Raises:
        Malformed: not canonical JSON of this format, or the genesis does not have the ledger's id.
    """
    trust = decode_json(data, _trust_decoder, what="trust file", most=limits.TRUST_FILE_BYTES)
    if trust.format != TRUST_FORMAT:
        raise Malformed(f"trust file: format is not {TRUST_FORMAT}", pointer="/@type")
    check_membership(trust.genesis.membership)
    if ledger_id(trust.genesis) != trust.ledger:
        raise Malformed(
            "trust file: the ledger's id is not the hash of the genesis",
            pointer="/ledger",
        )
    return trust
