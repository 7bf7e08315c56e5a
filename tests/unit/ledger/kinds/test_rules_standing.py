"""Rules P-5 to P-7: move, suspension and reinstatement."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.member.refusals import MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.party.bodies import AttestParty
from hanse_ledger.kinds.party.refusals import (
    MEMBER_UNCHANGED,
    NOT_ENROLLING_MEMBER,
    NOT_FORMER_ENROLLER,
    NOT_MEMBER_OF_PARTY,
    NOT_PARTY,
    NOT_PARTY_OR_ENROLLER,
    PARTY_INACTIVE,
    PARTY_NOT_SUSPENDED,
    PARTY_SUSPENDED,
    PARTY_UNKNOWN,
    REPAIRER_IS_ENROLLER,
    REPAIRER_IS_OPERATOR,
)
from hanse_ledger.kinds.party.state import Party, PartyLinks
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SIGNER_KEY_REVOKED, SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.test_rules_parties import OPERATED
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import T0, YEAR
from tests.world.departures import KEYS_END, after, hold, leave, let_keys_end, lose_role, suspend

STORY = story()
SUSPENDED = after(story(), (suspend, "bank-cn"))
KEYLESS = after(story(), (let_keys_end, "bank-cn"))
ON_HOLD = after(story(), (hold, "buyer"))
MOVE = STORY.make.move("buyer", "chamber")
STAY = STORY.make.move("buyer", "market", "bank-be")
TO_BANK = STORY.make.move("buyer", "bank-cn")

MOVES = [
    Refused(STORY, replace(MOVE, party=bytes(32), member="none"), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, replace(MOVE, member="none"), ("chamber",), MEMBER_UNKNOWN, "/body/member"),
    Refused(SUSPENDED, TO_BANK, ("buyer", "market"), MEMBER_SUSPENDED, "/body/member"),
    Refused(KEYLESS, TO_BANK, ("buyer", "market"), MEMBER_WITHOUT_KEY, "/body/member", KEYS_END),
    Refused(STORY, replace(MOVE, member="market", repair="chamber"), ("chamber",), MEMBER_UNCHANGED, "/body/member"),
    Refused(STORY, MOVE, ("market", "bank-be"), NOT_ENROLLING_MEMBER, "/signers"),
    Refused(STORY, MOVE, ("chamber", "bank-be"), NOT_PARTY, "/signers"),
    Refused(STORY, MOVE, ("chamber", "market", "seller"), NOT_PARTY, "/signers"),
    Refused(STORY, MOVE, ("chamber", "buyer"), NOT_FORMER_ENROLLER, "/signers"),
    Refused(STORY, MOVE, ("chamber", "buyer", "bank-be"), NOT_FORMER_ENROLLER, "/signers"),
    Refused(STORY, MOVE, ("chamber", "buyer", "market", "bank-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, STAY, ("market", "buyer", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, replace(STAY, repair="nobody"), ("market", "buyer"), MEMBER_UNKNOWN, "/body/repair"),
    Refused(STORY, replace(STAY, repair="market"), ("market", "buyer"), REPAIRER_IS_ENROLLER, "/body/repair"),
    Refused(
        OPERATED,
        OPERATED.make.move("buyer", "bank-be", "market"),
        ("bank-be", "buyer", "chamber"),
        REPAIRER_IS_OPERATOR,
        "/body/repair",
    ),
]

SUSPEND, REINSTATE = STORY.make.suspension("buyer"), STORY.make.reinstatement("buyer")
NO_REASONS = replace(SUSPEND, reasons=())

SUSPENSION = [
    Refused(STORY, replace(NO_REASONS, party=STORY.id["invoice"]), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, NO_REASONS, ("chamber",), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(STORY, NO_REASONS, ("buyer",), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(STORY, NO_REASONS, ("market", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ON_HOLD, NO_REASONS, ("market",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(STORY, replace(SUSPEND, reasons=("B", "A")), ("market",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(STORY, replace(SUSPEND, reasons=("A", "A")), ("market",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(ON_HOLD, SUSPEND, ("market",), PARTY_SUSPENDED, "/body/party"),
]

REINSTATEMENT = [
    Refused(STORY, replace(REINSTATE, party=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, REINSTATE, ("chamber",), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(ON_HOLD, REINSTATE, ("buyer",), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(STORY, REINSTATE, ("market", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, REINSTATE, ("market",), PARTY_NOT_SUSPENDED, "/body/party"),
]

ATTEST = STORY.make.sample(AttestParty)

ATTESTATION = [
    Refused(STORY, replace(ATTEST, party=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, ATTEST, ("chamber",), NOT_MEMBER_OF_PARTY, "/signers", T0 + 2 * YEAR),
    Refused(STORY, ATTEST, ("buyer",), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(STORY, ATTEST, ("market", "chamber"), SUPERFLUOUS_SIGNER, "/signers", T0 + 2 * YEAR),
    Refused(STORY, ATTEST, ("market",), PARTY_INACTIVE, "/body/party", T0 + 2 * YEAR),
    Refused(STORY, ATTEST, ("market",), PARTY_INACTIVE, "/body/party", T0 + 2 * YEAR + 1),
]

SIGNS = [Refused(ON_HOLD, ON_HOLD.make.acceptance(), ("buyer",), PARTY_SUSPENDED, "/signers/0")]
"""Where a suspended party signs, P-4 refuses it; the rules of others have rows of their own where it is named."""

REFUSALS = MOVES + SUSPENSION + REINSTATEMENT + ATTESTATION + SIGNS


def test_one_reason_is_enough() -> None:
    """P-6 asks for a reason, not for two."""
    assert STORY.refusal(replace(SUSPEND, reasons=SUSPEND.reasons[:1]), "market") is None


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def party_of(corridor: Corridor, name: str) -> Party:
    """Give a party as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Party)
    return found


def test_move_puts_another_member_behind_a_party() -> None:
    """P-5: all three sign; from then on the new member revokes, the former one does not, and nothing else changes."""
    corridor = traders()
    before = party_of(corridor, "buyer")
    corridor.submit(corridor.make.move("buyer", "chamber"), "chamber", "market", "buyer")
    moved = party_of(corridor, "buyer")
    assert moved == replace(before, links=PartyLinks(member="chamber", repair=None), history=moved.history)
    revoke = corridor.make.revocation("buyer", "buyer")
    error = corridor.refusal(revoke, "market")
    assert error is not None
    assert (error.reason, error.wanted) == (NOT_PARTY_OR_ENROLLER, "chamber")
    corridor.submit(revoke, "chamber")
    assert party_of(corridor, "buyer").key.key is None


def test_a_party_names_another_second_member_and_stays_where_it_is() -> None:
    """P-5: it and its member sign; without one there is no repair from then on."""
    corridor = traders()
    corridor.submit(corridor.make.move("buyer", "market", "bank-be"), "market", "buyer")
    assert party_of(corridor, "buyer").links == PartyLinks(member="market", repair="bank-be")
    corridor.submit(corridor.make.move("buyer", "market"), "buyer", "market")
    assert party_of(corridor, "buyer").links == PartyLinks(member="market", repair=None)


def with_bank() -> Corridor:
    """A corridor whose buyer is with bank-cn."""
    corridor = traders()
    corridor.submit(corridor.make.move("buyer", "bank-cn"), "bank-cn", "market", "buyer")
    return corridor


@pytest.mark.parametrize("gone", [leave, suspend, let_keys_end])
def test_party_moves_without_a_member_that_can_sign_nothing(gone: Callable[[Corridor, str], None]) -> None:
    """P-5: where the former member has left, is suspended or has no key, the new one and the party suffice."""
    corridor = after(with_bank(), (gone, "bank-cn"))
    at = KEYS_END
    move, revoke = corridor.make.move("buyer", "chamber"), corridor.make.revocation("buyer", "buyer")
    stranger = corridor.refusal(revoke, "chamber", at=at)
    assert stranger is not None
    assert stranger.reason is NOT_PARTY_OR_ENROLLER
    more = corridor.refusal(move, "chamber", "buyer", "market", at=at)
    assert more is not None
    assert more.reason is SUPERFLUOUS_SIGNER
    corridor.submit(move, "chamber", "buyer", at=at)
    assert corridor.refusal(revoke, "chamber", at=at) is None


def test_member_that_may_do_nothing_else_still_answers_for_its_parties() -> None:
    """P-3 and P-5 ask the enrolling member for no role: a mere auditor revokes, and is asked to let go."""
    corridor = after(with_bank(), (lose_role, "bank-cn"))
    assert corridor.refusal(corridor.make.revocation("buyer", "buyer"), "bank-cn") is None
    error = corridor.refusal(corridor.make.move("buyer", "chamber"), "chamber", "buyer")
    assert error is not None
    assert error.reason is NOT_FORMER_ENROLLER


def test_suspension_lasts_until_the_partys_member_ends_it() -> None:
    """P-6 and P-7: meanwhile nobody names it anew and it accepts nothing; afterwards everything is as before."""
    corridor = traders()
    corridor.issue_invoice()
    before = party_of(corridor, "buyer")
    corridor.submit(corridor.make.suspension("buyer"), "market")
    held = party_of(corridor, "buyer")
    assert held == replace(before, status=replace(before.status, suspended=True), history=held.history)
    error = corridor.refusal(corridor.make.acceptance(), "buyer")
    assert error is not None
    assert (error.reason, error.seen) == (PARTY_SUSPENDED, before.id.hex())
    corridor.submit(corridor.make.reinstatement("buyer"), "market")
    again = party_of(corridor, "buyer")
    assert again == replace(before, history=again.history)
    assert corridor.refusal(corridor.make.acceptance(), "buyer") is None


def test_an_attestation_joins_the_history_and_changes_nothing() -> None:
    """P-11: a suspended party may be looked at too; what was seen is committed to."""
    corridor = after(traders(), (hold, "buyer"))
    before = party_of(corridor, "buyer")
    corridor.submit(corridor.make.sample(AttestParty), "market")
    looked_at = party_of(corridor, "buyer")
    assert looked_at == replace(before, history=looked_at.history)
    assert looked_at.history.count == before.history.count + 1


def test_suspended_party_still_ends_and_replaces_its_key() -> None:
    """P-4: what is about the party itself it may sign, so that a stolen key is not kept alive by a suspension."""
    assert ON_HOLD.refusal(ON_HOLD.make.revocation("buyer", "buyer"), "buyer") is None
    assert ON_HOLD.refusal(ON_HOLD.make.rotation("buyer", "new"), "buyer", "new") is None


@pytest.mark.parametrize("gone", [leave, suspend, let_keys_end])
def test_a_party_whose_member_is_gone_is_not_suspended_for_ever(gone: Callable[[Corridor, str], None]) -> None:
    """P-5 to P-7: it moves while it is suspended, stays so, and its new member reinstates it; the old one cannot."""
    corridor = with_bank()
    corridor.submit(corridor.make.suspension("buyer"), "bank-cn")
    corridor, at = after(corridor, (gone, "bank-cn")), KEYS_END
    corridor.submit(corridor.make.move("buyer", "chamber"), "chamber", "buyer", at=at)
    assert party_of(corridor, "buyer").status.suspended
    corridor.submit(corridor.make.reinstatement("buyer"), "chamber", at=at)
    assert not party_of(corridor, "buyer").status.suspended


def test_stolen_key_moves_no_party_past_the_member_that_answers_for_it() -> None:
    """P-5: who holds a party's key, and nothing else, takes it away from no member that is in force."""
    corridor = traders()
    error = corridor.refusal(corridor.make.move("buyer", "bank-be"), "bank-be", "buyer")
    assert error is not None
    assert error.reason is NOT_FORMER_ENROLLER
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    late = corridor.refusal(corridor.make.move("buyer", "bank-be"), "bank-be", "market", "buyer")
    assert late is not None
    assert late.reason is SIGNER_KEY_REVOKED
