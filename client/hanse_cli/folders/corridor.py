"""A new corridor: from a list of members to a genesis, with keys for those who bring none.

The list is TOML:

    name = "Hangzhou to Antwerp"      # the ledger's name, in the genesis for good
    operator = "market"               # which member runs this node, and cosigns its heads

    [[members]]
    id = "market"                     # 1 to 32 lower-case letters, digits and hyphens
    name = "Silk Market"
    roles = ["marketplace"]           # auditor, bank, carrier, customs, marketplace, origin-issuer
    key = "01…"                       # optional: what the member's `hanse key show` prints
    spare = "01…"                     # with `key`: its second one, which it keeps offline
    years = 5                         # optional: how long the keys count, from now on
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs
from nacl.signing import SigningKey

from hanse_cli.base.values import key_of
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import MemberId, Moment, Name, PublicKey
from hanse_ledger.wire.genesis import GENESIS_VERSION, Genesis, founding_membership
from hanse_ledger.wire.membership import Cosigner, Member, MemberKey, MemberRole, Membership

PLAN_BYTES = 256 * 1024
YEAR_MS = 365 * 24 * 3_600_000


class PlannedMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member of the list, with both of its keys or with none: then two are made."""

    id: MemberId
    name: Name
    roles: Annotated[tuple[MemberRole, ...], Meta(min_length=1, max_length=limits.ROLES)]
    key: str | None = None
    spare: str | None = None
    years: Annotated[int, Meta(ge=1, le=50)] = 5


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The list of members, before there are keys."""

    name: Name
    operator: MemberId
    members: Annotated[tuple[PlannedMember, ...], Meta(min_length=1, max_length=limits.MEMBERS)]


class Corridor(Struct, frozen=True, kw_only=True):
    """A genesis with the secrets that were made for it: members' identities by id, and the node's two seeds.

    `spares` are the members' second keys, which sign nothing until the first is lost or ends.
    """

    genesis: Genesis
    identities: dict[str, Identity]
    spares: dict[str, Identity]
    log_seed: bytes
    cosigning_seed: bytes

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"Corridor({self.genesis.name!r})"


def read_plan(data: bytes) -> Plan:
    """Read the list of members.

    Raises:
        InvalidInput: it is not TOML, or a field is missing, unknown or out of its bounds.
    """
    try:
        plan = msgspec.toml.decode(data, type=Plan)
    except UNREADABLE as error:  # a wrong value is a kind of DecodeError
        raise InvalidInput(
            f"The list of members is wrong: {error}.", "See `hanse node init --help`, or docs/formats/members.md."
        ) from error
    if plan.operator not in {member.id for member in plan.members}:
        raise InvalidInput(f"The operator {plan.operator!r} is no member.", "Name one of the members as operator.")
    return plan


def make_consortium(plan: Plan, cosigners: Mapping[MemberId, Cosigner], now_ms: Moment) -> Corridor:
    """Make a genesis in which every member cosigns, more than two thirds of them a quorum; and missing identities.

    Args:
        plan: the members; who is named as operator does not matter.
        cosigners: each member's node.
        now_ms: when the ledger and the validity of its keys begin.

    Raises:
        InvalidInput: as `make_corridor`.
    """
    corridor = make_corridor(plan, now_ms)
    membership = _found(corridor.genesis.membership.members, [cosigners[name] for name in sorted(cosigners)])
    return structs.replace(corridor, genesis=structs.replace(corridor.genesis, membership=membership))


def make_corridor(plan: Plan, now_ms: Moment) -> Corridor:
    """Make a genesis with one cosigner, the operator, and the keys that are missing.

    Args:
        plan: the members.
        now_ms: when the ledger and the validity of its keys begin.

    Raises:
        InvalidInput: a member's key is no key, or its only one, or two members have the same name or key.
    """
    log_seed, cosigning_seed = secrets.token_bytes(32), secrets.token_bytes(32)
    without = [member.id for member in plan.members if member.key is None and member.spare is None]
    identities, spares = ({name: Identity.generate(name) for name in without} for _ in range(2))
    keys = {name: (identities[name].public_key, spares[name].public_key) for name in without}
    members = tuple(
        Member(
            id=member.id,
            keys=tuple(
                MemberKey(key=key, valid_from=now_ms, valid_until=now_ms + member.years * YEAR_MS)
                for key in keys.get(member.id) or both_keys(member.id, member.key, member.spare)
            ),
            name=member.name,
            roles=tuple(sorted(set(member.roles))),
        )
        for member in sorted(plan.members, key=lambda member: member.id)
    )
    cosigner = Cosigner(
        cosigning_key=SigningKey(cosigning_seed).verify_key.encode(),
        id=plan.operator,
        log_key=SigningKey(log_seed).verify_key.encode(),
        ml_dsa_key=None,
    )
    membership = _found(members, (cosigner,))
    genesis = Genesis(
        created=now_ms, membership=membership, name=plan.name, nonce=secrets.token_bytes(16), version=GENESIS_VERSION
    )
    return Corridor(
        genesis=genesis, identities=identities, spares=spares, log_seed=log_seed, cosigning_seed=cosigning_seed
    )


def both_keys(name: str, key: str | None, spare: str | None) -> tuple[PublicKey, PublicKey]:
    """Read the two keys that a member brings. Raises InvalidInput: there is only one, or one is none."""
    if key is None or spare is None:
        # Whoever makes the other one here could sign as the member.
        raise InvalidInput(
            f"{name} brings one key, and every member has two.",
            "Give a second one that it has made itself and keeps offline: hanse key new, hanse key show.",
        )
    return key_of(key), key_of(spare)


def _found(members: Sequence[Member], cosigners: Sequence[Cosigner]) -> Membership:
    """Make the membership of a new ledger. Raises InvalidInput."""
    try:
        return founding_membership(members, cosigners)
    except Malformed as error:
        raise InvalidInput(f"The list of members is wrong: {error.detail}.", "Correct it and try again.") from error
