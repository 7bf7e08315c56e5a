"""Whatever is under way or reserved can be ended by somebody who is there, whichever members and parties are gone."""

from collections.abc import Iterator
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import LapseDeclaration, RefuseDeclaration, WithdrawDeclaration
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.bodies import KeyRevocation, RevokeKey
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.banks import carries, confirms
from hanse_ledger.kinds.payment.bodies import RejectPayment, WithdrawPayment
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, Moment, ObjectId
from hanse_ledger.wire.membership import Member, MemberRole, Membership
from hanse_ledger.wire.part import Body
from tests.property.histories import OWNERS, Player, Turn, turns
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import MEMBERS

pytestmark = pytest.mark.slow

Kind = TypeVar("Kind", Party, Payment, Declaration)

Try = tuple[Body, str, Moment]
"""A record that would end something, who would sign it, and the block time."""

FATES = ("stays", "stays", "has left", "is suspended", "has lost its role", "has no key")

fates = st.fixed_dictionaries({name: st.sampled_from(FATES) for name in MEMBERS})
revoked = st.sets(st.sampled_from(sorted(OWNERS.values())))


@given(turns, fates, revoked, st.integers(0, 800))
def test_whatever_is_open_can_be_ended(
    history: list[Turn], fates: dict[MemberId, str], gone: set[str], days: int
) -> None:
    """After any trade members go and keys are revoked; some time later each open thing has somebody who may end it."""
    corridor = played(history)
    for name in sorted(gone):
        revoke(corridor, name)
    later = corridor.head.time + days * 24 * 3_600_000
    corridor.ledger.head = replace(corridor.head, membership=gone_ways(corridor.ledger.membership, fates, later))
    for payment in every(corridor, Payment):
        if payment.amounts.under_way_minor > 0:
            require_way_out(corridor, list(ends_of_payment(corridor, payment, later)))
    for declaration in every(corridor, Declaration):
        if declaration.undecided:
            require_way_out(corridor, list(ends_of_declaration(corridor, declaration, later)))


def require_way_out(corridor: Corridor, tries: list[Try]) -> None:
    """Insist that each of them who is there may do it: at once where it is promised at once, else in time."""
    refusals = [corridor.refusal(body, signer, at=at) for body, signer, at in tries]
    assert refusals == [None] * len(tries)


def ends_of_payment(corridor: Corridor, payment: Payment, now: Moment) -> Iterator[Try]:
    """Who may end a payment, of those who are there."""
    links, status = payment.links, payment.status
    late = max(now, (status.accepted or status.instructed) + limits.WITHDRAW_MS)
    banks = [is_there(corridor, bank, MemberRole.BANK, now) for bank in (carries(links), confirms(links))]
    if banks[0]:
        yield RejectPayment(payment=payment.id, reason="AM04"), carries(links), now
    for name in (links.payer, links.payee):
        for at in (late, now) if name == links.payer and not all(banks) else (late,):
            signer = signer_of(corridor, name, at)
            if signer:
                yield WithdrawPayment(payment=payment.id), signer, at


def ends_of_declaration(corridor: Corridor, declaration: Declaration, now: Moment) -> Iterator[Try]:
    """Who may end a declaration, of those who are there."""
    links = declaration.links
    late = max(now, declaration.status.heard + limits.LAPSE_MS)
    if is_there(corridor, links.customs, MemberRole.CUSTOMS, now):
        yield RefuseDeclaration(declaration=declaration.id, reasons=("DOCS",)), links.customs, now
    for name in filter(None, (links.declarant, links.principal)):
        signer = signer_of(corridor, name, now)
        if signer:
            yield WithdrawDeclaration(declaration=declaration.id), signer, now
    for invoice in (corridor.ledger.objects[name] for name in links.invoices):
        assert isinstance(invoice, Invoice)
        for name in (invoice.links.seller, invoice.links.buyer):
            signer = signer_of(corridor, name, late)
            if signer:
                yield LapseDeclaration(declaration=declaration.id), signer, late


def played(history: list[Turn]) -> Corridor:
    """Play a history, and give where it leads."""
    player = Player()
    for turn in history:
        at = player.corridor.head.time + turn.step_ms
        player.corridor.apply_all([player.sign(move, at) for move in turn.moves], at)
    return player.corridor


def revoke(corridor: Corridor, name: str) -> None:
    """Have the party that signs with a key now, if one does, revoke it."""
    for party in every(corridor, Party):
        key = party.key.key
        if key is not None and OWNERS[key] == name:
            body = RevokeKey(compromised_since=None, key=key, party=party.id, reason=KeyRevocation.COMPROMISE)
            corridor.apply(corridor.sign(body, name))


def gone_ways(membership: Membership, fates: dict[MemberId, str], end: Moment) -> Membership:
    """Give the members of whom each has met its fate: no vote is asked, for any could be accepted."""
    return replace(membership, members=tuple(filter(None, (met(each, fates, end) for each in membership.members))))


def met(member: Member, fates: dict[MemberId, str], end: Moment) -> Member | None:
    """Let a member meet its fate."""
    match fates.get(member.id, "stays"):
        case "has left":
            return None
        case "is suspended":
            return replace(member, suspended=True)
        case "has lost its role":
            return replace(member, roles=(MemberRole.AUDITOR,))
        case "has no key":
            return replace(
                member, keys=tuple(replace(held, valid_until=min(held.valid_until, end)) for held in member.keys)
            )
        case _:
            return member


def is_there(corridor: Corridor, name: MemberId, role: MemberRole, at: Moment) -> bool:
    """Tell whether a member can do what a role allows."""
    member = corridor.ledger.membership.member(name)
    if member is None or member.suspended or role not in member.roles:
        return False
    return any(held.valid_from <= at < held.valid_until for held in member.keys)


def signer_of(corridor: Corridor, object_id: ObjectId, at: Moment) -> str | None:
    """Name the key with which a party signs at a time, if it can."""
    party = corridor.ledger.objects[object_id]
    assert isinstance(party, Party)
    status = party.status
    there = party.key.key is not None and not status.suspended and status.valid_from <= at < status.valid_until
    return OWNERS[party.key.key] if there and party.key.key is not None else None


def every(corridor: Corridor, kind: type[Kind]) -> list[Kind]:
    """List the objects of a kind."""
    return [value for value in corridor.ledger.objects.values() if isinstance(value, kind)]
