"""The members of the test corridor, its times and keys, and its genesis. Everything follows from names."""

from collections.abc import Mapping
from hashlib import sha256

from nacl.signing import SigningKey

from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import Moment, PublicKey
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Cosigner, Member, MemberKey, MemberRole, Membership, Parameters

SECOND, DAY = 1_000, 86_400_000
T0: Moment = 1_790_000_000_000
"""When the corridor begins, in milliseconds (September 2026)."""

YEAR = 365 * DAY

MEMBERS: Mapping[str, MemberRole] = {
    "bank-be": MemberRole.BANK,
    "bank-cn": MemberRole.BANK,
    "chamber": MemberRole.ORIGIN_ISSUER,
    "customs-be": MemberRole.CUSTOMS,
    "customs-cn": MemberRole.CUSTOMS,
    "market": MemberRole.MARKETPLACE,
}


def seed_of(name: str) -> bytes:
    """Derive the 32-byte seed of somebody's signing key."""
    return sha256(name.encode()).digest()


def key_of(name: str) -> SigningKey:
    """Make somebody's signing key. Any name has one: a party's second key is one more name."""
    return SigningKey(seed_of(name))


def public(name: str) -> PublicKey:
    """Give somebody's public key as a key of the wire."""
    return ed25519_key(bytes(key_of(name).verify_key))


def keys_of(name: str) -> tuple[MemberKey, ...]:
    """Give a member's two keys: of its own name, and `NAME spare`, which it keeps offline; both for three years."""
    return tuple(
        MemberKey(key=public(each), valid_from=T0, valid_until=T0 + 3 * YEAR) for each in (name, f"{name} spare")
    )


def uetr_of(number: int) -> str:
    """Make a payment's reference from a number."""
    return f"00000000-0000-4000-8000-{number:012x}"


def make_genesis() -> Genesis:
    """Make the genesis: the members in order of their names, one cosigner, a quorum of one, tags of epochs 1 and 2."""
    members = tuple(
        Member(
            id=name,
            keys=keys_of(name),
            name=f"Member {name}",
            roles=(role,),
        )
        for name, role in sorted(MEMBERS.items())
    )
    operator = Cosigner(
        cosigning_key=bytes(key_of("operator cosigner").verify_key),
        id="operator",
        log_key=bytes(key_of("operator log").verify_key),
        ml_dsa_key=None,
    )
    membership = Membership(
        cosigners=(operator,),
        epoch=0,
        members=members,
        parameters=Parameters(quorum=1, tag_epochs=(1, 2)),
    )
    return Genesis(created=T0, membership=membership, name="test corridor", nonce=seed_of("genesis")[:16], version=2)


GENESIS = make_genesis()
LEDGER = ledger_id(GENESIS)
