"""The moves of random histories that are about mandates, and what is signed under them."""

from msgspec.structs import replace

from hanse_ledger.kinds import COVERABLE, kind_of
from hanse_ledger.kinds.mandate.bodies import GrantMandate, MandateLimit, RevokeMandate
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.bodies import InstructPayment
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, MEMBERS, public

NAMES = (*(f"key {number}" for number in range(8)), "seller", "buyer", "agent", *sorted(MEMBERS))
OWNERS = {public(name): name for name in NAMES}
COVERED = tuple(sorted(COVERABLE))


def key_of(corridor: Corridor, party: ObjectId | None) -> str:
    """Name the key with which a party signs now; somebody else's if it has none, or is none."""
    found = None if party is None else corridor.ledger.object(party)
    return OWNERS.get(found.key.key or b"", NAMES[7]) if isinstance(found, Party) else NAMES[7]


def mandatary_of(corridor: Corridor, mandate: Mandate) -> str:
    """Name the key with which a mandatary signs."""
    return mandate.links.member or key_of(corridor, mandate.links.party)


def mandate_move(
    corridor: Corridor, kind: type[Body], picks: tuple[int, int, int, int]
) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a mandate, and say who should sign it."""
    first, second, third, fourth = picks
    if kind is RevokeMandate:
        granted = [value for value in corridor.ledger.objects.values() if isinstance(value, Mandate)]
        if not granted:
            return RevokeMandate(mandate=bytes(32)), (NAMES[7],)
        mandate = granted[first % len(granted)]
        by = mandatary_of(corridor, mandate) if third % 2 else key_of(corridor, mandate.links.principal)
        return RevokeMandate(mandate=mandate.id), (by,)
    parties = [value.id for value in corridor.ledger.objects.values() if isinstance(value, Party)]
    principal, other, at = parties[first % len(parties)], parties[second % len(parties)], corridor.head.time
    member = sorted(MEMBERS)[second % len(MEMBERS)] if third % 3 == 0 else None
    # As much as each record may name, or three of the largest, in all: by few records a sum is used up.
    each = 1 + fourth * 20
    total = each if third % 2 else max(each, 300)
    body = replace(
        corridor.make.sample(GrantMandate),
        # Mostly everything that a mandate may cover.
        kinds=COVERED if third else COVERED[: 1 + fourth],
        limit=None if fourth == 1 else MandateLimit(currency="EUR", each_minor=each, minor_digits=2, total_minor=total),
        member=member,
        party=other if member is None or fourth == 2 else None,
        principal=principal,
        valid_from=at,
        valid_until=at + (1 + third) * 20 * DAY,
    )
    return body, (key_of(corridor, principal),)


def under_mandates(
    corridor: Corridor, body: Body, right: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[ObjectId, ...]]:
    """Let mandataries sign in the place of parties that have granted mandates, while these cover it; not always."""
    granted = [value for value in reversed(corridor.ledger.objects.values()) if isinstance(value, Mandate)]
    signers, mandates, blocks = list[str](), list[ObjectId](), len(corridor.blocks)
    for name in right:
        # Mostly one in force: what was revoked is tried now and then.
        own = [one for one in granted if key_of(corridor, one.links.principal) == name]
        if isinstance(body, InstructPayment):
            # Of which most is used: until its sum is exceeded.
            own.sort(key=lambda one: -one.amounts.used_minor if one.amounts else 0)
        found = next((one for one in own if not one.status.revoked), next(iter(own), None))
        # Now and then one that covers something else.
        covered = found is not None and (kind_of(body).name in found.scope.kinds or blocks % 16 == 2)
        if found is None or not covered or blocks % 4 == 3:
            signers.append(name)
            continue
        signers.append(mandatary_of(corridor, found))
        mandates.append(found.id)
    return tuple(signers), tuple(sorted(set(mandates))[:4])
