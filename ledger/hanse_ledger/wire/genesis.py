"""Genesis and quorum: where a ledger begins. The ledger's id is the SHA-256 of its genesis."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed, OtherRelease
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.messages import said
from hanse_ledger.values.releases import GENESIS, is_read, other_release
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, Name, Nonce
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_ledger.wire.membership import (
    FIRST_TAG_EPOCH,
    LEAST_KEYS,
    Cosigner,
    Member,
    Membership,
    Parameters,
    check_membership,
    quorum_of,
)

GENESIS_VERSION: Final = 2
"""Of a genesis, and of the records, entries and states of its ledger (see `releases`)."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class Genesis(_Part, frozen=True, kw_only=True):
    """The first bytes of a ledger; their hash is its id.

    Attributes:
        created: when it was founded.
        membership: of epoch 0; each member has two keys at least that end after `created`.
        name: what the ledger is called.
        nonce: random; makes the ledger unique.
        version: the form of the genesis, and of the records, entries and states of its ledger.
    """

    created: Moment
    membership: Membership
    name: Name
    nonce: Nonce
    version: Literal[2]


class _Versioned(Struct):
    """What the genesis of any release says of its form."""

    version: int


_versioned_decoder = msgspec.msgpack.Decoder(_Versioned)
_genesis_decoder = msgspec.msgpack.Decoder(Genesis)


def founding_membership(members: Sequence[Member], cosigners: Sequence[Cosigner]) -> Membership:
    """Make the membership of a new ledger: more than two thirds of the cosigners are its quorum.

    Raises:
        Malformed: members or cosigners do not fit each other.
    """
    membership = Membership(
        cosigners=tuple(cosigners),
        epoch=0,
        members=tuple(members),
        parameters=Parameters(quorum=quorum_of(len(cosigners)), tag_epochs=(FIRST_TAG_EPOCH,)),
    )
    check_membership(membership)
    return membership


def ledger_id(genesis: Genesis) -> LedgerId:
    """Name a ledger by the SHA-256 of its genesis in canonical bytes."""
    return hash_bytes(encode(genesis))


def members_hash(membership: Membership) -> Digest:
    """Hash members, cosigners, keys, parameters and epoch, in canonical bytes."""
    return hash_bytes(encode(membership))


def origin_of(ledger: LedgerId, cosigner: MemberId) -> str:
    """Name the log that a cosigner publishes: `<ledger>/<cosigner>` (C2SP tlog-checkpoint origin)."""
    return f"{ledger.hex()}/{cosigner}"


def decode_genesis(data: bytes) -> Genesis:
    """Decode a genesis from canonical bytes. Raises OtherRelease where it is of another one, and Malformed."""
    if len(data) > limits.GENESIS_BYTES:
        raise Malformed(
            said(
                "genesis.too-large",
                "genesis: {bytes} bytes; at most {most} are allowed",
                len(data),
                limits.GENESIS_BYTES,
            )
        )
    try:
        genesis = decode_canonical(data, _genesis_decoder, said("file.genesis", "genesis"))
    except Malformed:
        _need_release(data)
        raise
    check_genesis(genesis)
    return genesis


def _need_release(data: bytes) -> None:
    """Find out whether a genesis that cannot be read is of another release. Raises OtherRelease."""
    try:
        version = _versioned_decoder.decode(data).version
    except UNREADABLE:
        return
    if not is_read(GENESIS, version):
        raise OtherRelease(said("genesis.other-release", "genesis: {why}", other_release(GENESIS, version)))


def check_genesis(genesis: Genesis) -> None:
    """Check what single fields cannot say. Raises Malformed."""
    check_membership(genesis.membership)
    if genesis.membership.epoch:
        raise Malformed(said("genesis.epoch", "genesis: it is not of epoch 0"), pointer="/membership")
    for member in genesis.membership.members:
        if sum(held.valid_until > genesis.created for held in member.keys) < LEAST_KEYS:
            raise Malformed(
                said("genesis.keys", "genesis: {member} has fewer than two keys that last", member.id),
                pointer="/membership/members",
            )
