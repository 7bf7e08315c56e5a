"""Members on whom something hangs and who are gone: the commands say so, with what to do."""

from collections.abc import Callable

import pytest
from msgspec.structs import asdict, replace

from hanse_cli.output.gone import GONE, KEYS_END, gone_from, gone_members
from hanse_client.base.objects import ObjectView, view_of
from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.common import member_is_active
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.values.limits import KEY_WARNING_MS
from hanse_ledger.wire.membership import MemberRole, why_gone
from hanse_node.operate.diagnosis import Level
from hanse_node.operate.doctor_hanging import left_objects, left_proposals
from hanse_node.operate.doctor_members import examine_members
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import DAY, GENESIS, T0, YEAR
from tests.world.departures import GONE as WAYS
from tests.world.departures import KEYS_END as LAST

WHY = {
    "has left": "has left",
    "is suspended": "is suspended",
    "has lost its role": "any more",
    "has no key": "has no key that counts",
}
HANGS = [
    ("certificate", "chamber", "live", "Its issuer chamber", "nobody can revoke it"),
    ("application", "chamber", "applied for", "Its issuer chamber", "hanse certificate withdraw"),
    ("seller", "market", "live", "Its member market", "hanse party request-move"),
    ("export", "customs-cn", "lodged", "The authority customs-cn", "hanse declaration withdraw"),
    ("payment", "bank-cn", "instructed", "The payee's bank bank-cn", "hanse payment withdraw"),
    ("payment", "bank-be", "instructed", "The payer's bank bank-be", "hanse payment withdraw"),
]

NODES = ["bank-be", "bank-cn", "chamber", "market"]

COUNTED = [
    ("certificate", "chamber", "certificates in force whose issuer", "nobody can revoke"),
    ("application", "chamber", "applications for certificates whose issuer", "hanse certificate withdraw"),
    ("seller", "market", "parties whose member", "hanse party request-move"),
    ("export", "customs-cn", "declarations whose authority", "hanse declaration withdraw"),
    ("payment", "bank-cn", "payments under way whose payee's bank", "hanse payment withdraw"),
    ("payment", "bank-be", "payments under way whose payer's bank", "hanse payment withdraw"),
]


def corridor_of() -> Corridor:
    """Give a corridor with one of everything, nothing of it over."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.issue_certificate()
    corridor.apply_for_certificate()
    corridor.lodge_export()
    corridor.instruct_payment()
    return corridor


def seen(corridor: Corridor, name: str, state: str, at: int) -> ObjectView:
    """Show an object as the SDK does."""
    held = corridor.ledger.objects[corridor.id[name]]
    aspects = {name: part for name, part in asdict(held).items() if name not in {"id", "seed"}}
    return view_of(type_of(held).name, aspects, id=held.id, state=state, as_of_ms=at, size=1, vouchers="all")


@pytest.mark.parametrize(("name", "member", "state", "who", "action"), HANGS)
@pytest.mark.parametrize("way", WAYS)
def test_who_is_gone_is_said(way: str, name: str, member: str, state: str, who: str, action: str) -> None:
    """In every way of being gone, for everything that hangs on a member; not before, not once it is over."""
    corridor = corridor_of()
    at = T0 + 3 * DAY
    assert gone_from(corridor.ledger.membership, seen(corridor, name, state, at)) == ()
    go: Callable[[Corridor, str], None] = WAYS[way]
    go(corridor, member)
    members = corridor.ledger.membership
    found = gone_from(members, seen(corridor, name, state, at))
    if (way, name) == ("has lost its role", "seller"):
        # Any role lets a member speak for its parties.
        assert found == ()
        return
    (notice,) = found
    assert (notice.code, notice.message.startswith(who)) == (GONE, True)
    assert WHY[way] in notice.message
    assert action in notice.action
    for over in ("revoked", "key revoked", "withdrawn", "rejected", "refused"):
        assert gone_from(members, seen(corridor, name, over, at)) == ()


@pytest.mark.parametrize("way", WAYS)
def test_it_is_what_the_rules_say(way: str) -> None:
    """The words and the rules' own judgement are one."""
    corridor = corridor_of()
    for at in (T0 + DAY, T0 + 3 * DAY):
        assert member_is_active(corridor.ledger, "chamber", MemberRole.ORIGIN_ISSUER, at)
    WAYS[way](corridor, "chamber")
    at = T0 + 3 * DAY
    assert not member_is_active(corridor.ledger, "chamber", MemberRole.ORIGIN_ISSUER, at)
    assert why_gone(corridor.ledger.membership, "chamber", MemberRole.ORIGIN_ISSUER, at)
    assert not why_gone(corridor.ledger.membership, "market", MemberRole.MARKETPLACE, at)
    assert why_gone(corridor.ledger.membership, "nobody", None, at) == "has left"
    assert at > LAST


def test_suspended_members_and_ending_keys_are_shown() -> None:
    """`member show` has both, in text and JSON, with the command that mends it."""
    members = GENESIS.membership
    assert gone_members(members, T0) == ()
    first, *others = members.members
    some = replace(members, members=(replace(first, suspended=True), *others))
    (notice,) = gone_members(some, T0)
    assert (notice.code, notice.message) == (GONE, f"{first.id} is suspended.")
    assert f"hanse member propose --reinstate {first.id}" in notice.action
    late = gone_members(members, T0 + 3 * YEAR - KEY_WARNING_MS)
    assert [each.code for each in late] == [KEYS_END] * len(members.members)
    assert " ends " in late[0].message
    assert "has ended" in gone_members(members, T0 + 3 * YEAR)[0].message


def test_the_doctor_names_who_is_gone() -> None:
    """Who was of the genesis and has left, and who is suspended; each with what to do."""
    members = GENESIS.membership
    first, second, *others = members.members
    (fine, _) = examine_members(members, members, T0)
    assert (fine.name, fine.level) == ("members", Level.OK)
    found = list(examine_members(members, replace(members, members=(replace(first, suspended=True), *others)), T0))
    assert [each.level for each in found] == [Level.WARNING, Level.WARNING, Level.OK]
    assert f"{second.id} has left" in found[0].seen
    assert "hanse party request-move" in found[0].fix
    assert f"{first.id} is suspended" in found[1].seen
    assert f"--reinstate {first.id}" in found[1].fix
    assert [each.level for each in examine_members(members, None, T0)] == [Level.OK, Level.OK]


@pytest.mark.parametrize(("name", "member", "what", "fix"), COUNTED)
@pytest.mark.parametrize("way", WAYS)
def test_the_doctor_counts_what_hangs_on_who_is_gone(way: str, name: str, member: str, what: str, fix: str) -> None:
    """In every way of being gone: how many of a kind, on whom, the first of them, and what can be done."""
    corridor = corridor_of()
    if name == "payment":
        corridor.issue_invoice(2, name="other")
        corridor.accept_invoice("other")
        corridor.instruct_payment(invoice="other", number=2, name="second")
    at = T0 + 3 * DAY
    objects = corridor.ledger.objects
    assert not list(left_objects(corridor.ledger.membership, objects.values(), at))
    WAYS[way](corridor, member)
    members = corridor.ledger.membership
    found = list(left_objects(members, objects.values(), at))
    if (way, name) == ("has lost its role", "seller"):
        # Any role lets a member speak for its parties.
        assert not found
        return
    (finding,) = [each for each in found if what in each.seen]
    count = {"payment": 2, "seller": len(traders().ledger.objects)}.get(name, 1)
    assert finding.seen.startswith(f"{count} {what} {member} ")
    assert WHY[way] in finding.seen
    assert objects[corridor.id[name]].id.hex() in finding.seen
    assert fix in finding.fix
    assert finding.level is Level.WARNING
    # What is over hangs on nobody.
    over = [_over(value) for value in objects.values()]
    assert not list(left_objects(members, over, at))


def _over(value: Object) -> Object:
    match value:
        case Party():
            return replace(value, key=replace(value.key, key=None))
        case Certificate():
            return replace(value, status=replace(value.status, state=CertificateState.REVOKED))
        case Declaration():
            return replace(value, status=replace(value.status, state=DeclarationState.WITHDRAWN))
        case Payment():
            return replace(value, amounts=replace(value.amounts, under_way_minor=0))
        case _:
            return value


def test_the_doctor_names_proposals_that_wait() -> None:
    """For a node that never reports, and of a proposer whose keys have ended: until they are void."""
    corridor = traders()
    corridor.change_members(change(cosigners=[a_cosigner(each) for each in NODES], removed=["operator"]))
    members, proposals = corridor.ledger.membership, corridor.ledger.proposals
    (waits,) = left_proposals(members, proposals, T0 + DAY)
    assert "waits for the node of bank-be, bank-cn, chamber, market" in waits.seen
    assert "market withdraws: hanse member withdraw" in waits.fix
    (market,) = [member for member in members.members if member.id == "market"]
    ended = replace(market, keys=tuple(replace(held, valid_until=T0 + DAY) for held in market.keys))
    others = tuple(member for member in members.members if member.id != "market")
    (unsigned,) = left_proposals(replace(members, members=(*others, ended)), proposals, T0 + 2 * DAY)
    assert "a proposal of market, who has no key that counts" in unsigned.seen
    assert "hanse member vote" in unsigned.fix
    assert "void 2026-09-28" in unsigned.fix
    assert not list(left_proposals(members, proposals, T0 + 7 * DAY))
