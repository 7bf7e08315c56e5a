"""The moves of random histories that are about offices, and those that officers sign."""

from msgspec.structs import replace

from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, OpenOffice
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, public

OFFICERS = tuple(f"officer {number}" for number in range(6))
OFFICES = ("chamber", "bank-cn", "customs-be", "market")
OWNERS = {public(name): name for name in OFFICERS}


def with_office(corridor: Corridor) -> Corridor:
    """Have the chamber open its office, with an officer who certifies, and customs one that takes low-value imports."""
    corridor.submit(replace(corridor.make.sample(OpenOffice), member="chamber"), "chamber", name="office")
    corridor.submit(corridor.make.appointment(OFFICERS[0], Power.CERTIFY), "chamber", OFFICERS[0])
    corridor.submit(replace(corridor.make.sample(OpenOffice), member="customs-be"), "customs-be", name="office")
    corridor.submit(corridor.make.rules_of_office(), "customs-be")
    return corridor


def by_officers(corridor: Corridor, body: Body, right: tuple[str, ...], pick: int) -> tuple[str, ...]:
    """Let officers sign for their member, where its office has some: mostly as many as it wants."""
    powers = set(kind_of(body).powers)
    offices = [value for value in corridor.ledger.objects.values() if isinstance(value, Office)]
    office = next((value for value in offices if value.links.member in right), None)
    if not powers or office is None or pick % 4 == 0:
        return right
    count = 2 if kind_of(body).name in office.settings.four_eyes else 1
    able = [OWNERS[officer.key] for officer in office.officers if powers & set(officer.powers) or pick == 1][:count]
    return tuple(name for name in right if name != office.links.member) + tuple(able) if able else right


def office_move(
    corridor: Corridor, office: Office | None, kind: type[Body], picks: tuple[int, int, int, int]
) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about an office, and say who should sign it."""
    _, second, third, fourth = picks
    make = corridor.make
    if kind is OpenOffice:
        name = OFFICES[second % len(OFFICES)]
        return replace(make.sample(OpenOffice), member=name), (name,)
    corridor.id["office"] = office.id if office else bytes(32)
    member = office.links.member if office else "chamber"
    keys = (member, f"{member} spare") if fourth > 13 else (member,)
    officer = OFFICERS[second % len(OFFICERS)]
    if kind is AppointOfficer:
        at = corridor.head.time
        powers = tuple(sorted(Power))[third % 3 :: 2] or (Power.SETTLE,)
        body = replace(make.appointment(officer, *powers), valid_from=at, valid_until=at + (1 + third) * 20 * DAY)
        return body, (*keys, officer)
    if kind is DismissOfficer:
        # Mostly one who is there.
        there = [OWNERS[each.key] for each in office.officers] if office and third < 13 else []
        officer = there[second % len(there)] if there else officer
        return make.dismissal(officer), keys
    kinds = ("certificate.issue", "declaration.release", "office.set", "payment.confirm")
    settings = make.rules_of_office(*kinds[third % 5 :][: fourth % 3])
    # Mostly it takes low-value imports; now and then with a limit too many.
    return replace(settings, low_value=settings.low_value * (1, 1, 1, 0, 2)[second % 5]), keys


def order_move(corridor: Corridor, other: ObjectId, picks: tuple[int, int, int, int]) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about an order, with another buyer now and then, and say who should sign it."""
    body = corridor.make.sample(AttestOrder)
    body = replace(body, buyer=body.buyer if picks[0] % 3 else other)
    return replace(body, marketplace="market" if picks[2] else "chamber"), ("market",)
