"""The moves of random histories that are about parties and their keys, lost ones among them."""

from collections.abc import Callable

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.party.bodies import (
    AttestParty,
    ContestRepair,
    EnrolParty,
    KeyRevocation,
    MoveParty,
    PartyRole,
    ReinstateParty,
    RepairKey,
    RevokeKey,
    RotateKey,
    SuspendParty,
    TakeKey,
)
from hanse_ledger.kinds.party.rows import KINDS
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.wire.endings import endings
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import public

KEYS = tuple(f"key {number}" for number in range(8))
MENDED = tuple(f"mended {number}" for number in range(16))
"""Keys that follow lost ones."""

SECONDS = (None, "chamber", "bank-be")
PARTY_BODIES = frozenset(kind.body for kind in KINDS)
_MENDED_BY_KEY = {public(name): name for name in MENDED}

Sign = Callable[[Party | None], str]
"""Names the key with which a party signs now."""


def party_move(
    corridor: Corridor, party: Party | None, kind: type[Body], picks: tuple[int, int, int, int], sign: Sign
) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a party, and say who should sign it."""
    _, second, third, _ = picks
    if kind is EnrolParty:
        new, roles = KEYS[second % 8], tuple(sorted(PartyRole))[: third % 4] or tuple(PartyRole)
        return replace(corridor.make.enrolment("new", *roles), key=public(new)), ("market", new)
    held = [value for value in corridor.ledger.objects.values() if isinstance(value, Party)]
    if kind in (ContestRepair, TakeKey) and third:
        # Mostly of whom a repair is open.
        party = next((value for value in held if value.key.open_repair is not None), party)
    if kind is ReinstateParty:
        party = next((value for value in held if value.status.suspended), party)
    name, member = (party.id, party.links.member) if party else (bytes(32), "market")
    if kind is SuspendParty:
        return SuspendParty(party=name, reasons=("A", "B")), (member,)
    if kind in (AttestParty, ReinstateParty):
        attested = replace(corridor.make.sample(AttestParty), party=name)
        return attested if kind is AttestParty else ReinstateParty(party=name), (member,)
    if kind is MoveParty:
        to = ("chamber", "market", "bank-cn")[third % 3]
        return MoveParty(member=to, party=name, repair=SECONDS[second % 3]), (to, sign(party), member)
    again = _revoked_again(corridor, held) if kind is RevokeKey and third > 10 else None
    return again or _key_move(party, kind, picks, sign)


def _revoked_again(corridor: Corridor, held: list[Party]) -> tuple[Body, tuple[str, ...]] | None:
    """Revoke a key that is revoked, where somebody has such a one."""
    former = (*(public(name) for name in KEYS), *_MENDED_BY_KEY)
    gone = {key for key in former if endings(corridor.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, key))).revocation}
    owners = {each.id: each for each in held}
    for key in former:
        owner = owners.get(corridor.ledger.claim(claim_key(ClaimKind.KEY, key)) or b"")
        if key in gone and owner is not None:
            body = RevokeKey(compromised_since=None, key=key, party=owner.id, reason=KeyRevocation.SUPERSEDED)
            return body, (owner.links.member,)
    return None


def _key_move(
    party: Party | None, kind: type[Body], picks: tuple[int, int, int, int], sign: Sign
) -> tuple[Body, tuple[str, ...]]:
    _, second, third, _ = picks
    new, mended = KEYS[second % 8], MENDED[second]
    name, member = (party.id, party.links.member) if party else (bytes(32), "market")
    if kind is RotateKey:
        return RotateKey(encryption_key=None, new_key=public(new), party=name), (sign(party), new)
    if kind is RepairKey:
        agreed = (party.links.repair if party else None) or "chamber"
        return RepairKey(new_key=public(mended), party=name), (member, agreed)
    if kind is ContestRepair:
        return ContestRepair(party=name), (sign(party),)
    if kind is TakeKey:
        repair = party.key.open_repair if party else None
        # A repair that was spoiled brings a key that nobody has.
        mended = _MENDED_BY_KEY.get(repair.new_key, mended) if repair else mended
        return TakeKey(encryption_key=None, new_key=public(mended), party=name), (mended,)
    key = party.key.key if party and party.key.key and third % 2 else public(new)
    body = RevokeKey(compromised_since=None, key=key, party=name, reason=KeyRevocation.SUPERSEDED)
    return body, (sign(party) if third < 8 or not party else member,)
