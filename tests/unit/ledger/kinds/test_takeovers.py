"""A minority takes nothing over: neither the ledger, nor whoever trusts its founders."""

from contextlib import suppress

import pytest

from hanse_ledger.kinds.member.refusals import MEMBERSHIP_UNSOUND, PROPOSAL_NOT_ACCEPTED
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.wire.membership import Change
from tests.tables.takeovers import ATTEMPTS, EVIL, Attempt
from tests.world.assembly import Assembly, suspended
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import GENESIS, MEMBERS

NODES = ("bank-be", "chamber", "customs-be", "market")


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[attempt.why for attempt in ATTEMPTS])
def test_a_reader_is_led_nowhere(attempt: Attempt) -> None:
    """Whoever knows the founders refuses such a file, and says why; nobody's word is needed for it."""
    with pytest.raises(ProofInvalid, match=attempt.answer):
        TrustFile(GENESIS).extended(attempt.entries)
    with pytest.raises(Malformed, match=attempt.answer):
        read_trust(write_trust(GENESIS, attempt.entries))


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[attempt.why for attempt in ATTEMPTS])
def test_a_ledger_is_led_nowhere(attempt: Attempt) -> None:
    """Nor do the same records, sent to a node, begin an epoch."""
    corridor = Corridor()
    for signed in attempt.records:
        with suppress(Rejected):
            corridor.apply(signed)
    assert corridor.ledger.membership == GENESIS.membership
    assert corridor.head.changes == ()


def test_one_record_of_one_member_takes_nothing_over() -> None:
    """The first release's hole: to suspend all others, who then had no vote, was to be alone in the electorate."""
    corridor = traders()
    corridor.change_members(change(cosigners=[a_cosigner(name) for name in NODES], removed=["operator"]))
    for name in NODES:
        corridor.report_ready(name)
    members = corridor.ledger.membership
    everybody = change(members=[suspended(each) for each in members.members if each.id != "bank-be"])
    error = corridor.refusal(corridor.make.proposal(everybody, "bank-be", epoch=1), "bank-be")
    assert error is not None
    assert (error.reason, error.seen) == (MEMBERSHIP_UNSOUND, "membership: of 6 members at most 1 are suspended")
    mine = [a_cosigner(name, generation=EVIL) for name in NODES]
    body = corridor.make.proposal(change(cosigners=mine), "bank-be", epoch=1)
    corridor.submit(body, "bank-be", name="proposal")
    for name in NODES:
        error = corridor.refusal(corridor.make.readiness(name), f"{name}{EVIL} cosigner")
        assert error is not None
        assert error.reason is PROPOSAL_NOT_ACCEPTED
    assert corridor.ledger.membership == members
    # What a client of the founders believes: only those whom the members have put there.
    trust = TrustFile(GENESIS).following(read_trust(corridor.trust))
    assert verify_head(parse_note(corridor.sign_checkpoint(cosigners=NODES[1:]).encode()), trust).vouchers == NODES[1:]


def test_three_of_seven_do_not_expel_four() -> None:
    """Whom a change removes has a vote on it, and counts; so does who is suspended already."""
    corridor = traders()
    corridor.change_members(change(members=[a_member("z")]))
    out = [name for name in (*sorted(MEMBERS), "z") if name not in ("bank-be", "bank-cn", "market")]
    corridor.submit(corridor.make.proposal(change(removed=out), epoch=1), "market", name="proposal")
    for name in ("bank-be", "bank-cn"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.ledger.membership.epoch == 1
    assert corridor.proposal is not None
    assert not corridor.proposal.accepted


def test_three_of_four_leave_out_one_and_no_more() -> None:
    """Of four members three may do without the fourth: f is one. Two of four, and three with one suspended, may not."""
    remove = change(removed=["m3"])
    four = Assembly.of(4, 4)
    assert not led(four, remove, "m0", "m1")
    swap = change(members=[a_member("n0")], cosigners=[a_cosigner("n0")], removed=["m3"])
    assert led(Assembly.of(4, 4), swap, "m0", "m1", "m2")
    assert not led(Assembly.of(4, 4), remove, "m0", "m1", "m2")  # it would leave three cosigners
    keys = change(members=[a_member("m0", key="other")])
    assert not led(Assembly.of(4, 4, suspended=1), keys, "m1", "m2")
    assert led(Assembly.of(4, 4, suspended=1), keys, "m1", "m2", "m0")


def test_with_two_or_three_every_change_needs_all() -> None:
    """So the pages say, and so it is."""
    for count in (2, 3):
        names = [f"m{number}" for number in range(count)]
        what = change(members=[a_member("new")])
        assert not led(Assembly.of(count, count), what, *names[1:])
        assert led(Assembly.of(count, count), what, *names)


def led(assembly: Assembly, what: Change, *approving: str) -> bool:
    """Have members propose and approve a change, and its nodes report; tell whether it took effect."""
    proposal = assembly.propose(what, approving[0])
    for name in approving[1:]:
        assembly.vote(proposal, name)
    for node in what.cosigners:
        assembly.ready(proposal, node.id, f"{node.id} cosigner")
    return assembly.membership.epoch == 1
