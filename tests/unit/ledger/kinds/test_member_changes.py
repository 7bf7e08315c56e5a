"""How changes of the members come about, side by side, and what they lead to (rules M-3 to M-6)."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.member.proposals import (
    NO_PROPOSALS,
    OpenProposals,
    carried,
    concerned,
    leaf_of,
    left_out,
    voters,
)
from hanse_ledger.kinds.member.refusals import PROPOSAL_OPEN, PROPOSAL_UNKNOWN
from hanse_ledger.kinds.refusals import SIGNER_KEY_INACTIVE, SIGNER_SUSPENDED, SIGNER_UNKNOWN
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.wire.membership import Cosigner, Member, MemberRole, Parameters, awaited, changed
from tests.unit.ledger.kinds.test_rules_members import (
    ADMIT,
    CONSORTIUM,
    FOUR,
    FOURS,
    LATE,
    LEAVE,
    OPEN,
    START,
    SUSPEND,
    SUSPENDED,
    TAKEN,
    accepted,
    consortium,
    ended,
    keyed,
    proposed,
    suspended,
    tag_key,
    tags,
)
from tests.world.corridor import traders
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, MEMBERS, T0, YEAR, keys_of


def test_more_than_two_thirds_admit_a_member() -> None:
    """Of six members four are not enough, the fifth is; the new one signs from then on, and the epoch is the next."""
    corridor = proposed()
    for name in ("bank-be", "bank-cn", "chamber"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.proposal is not None
    assert corridor.ledger.membership.member("new") is None
    assert corridor.refusal(corridor.make.enrolment("x", member="new"), "new", "x") is not None
    corridor.submit(corridor.make.vote("customs-be"), "customs-be")
    membership = corridor.ledger.membership
    assert (membership.epoch, corridor.ledger.proposals) == (1, NO_PROPOSALS)
    assert membership.member("new") == a_member("new")
    corridor.enrol("x", member="new")


def test_a_third_refuses() -> None:
    """Two refusals of six leave four, which is not more than two thirds: the proposal is gone, and nothing changed."""
    corridor = proposed()
    corridor.submit(corridor.make.vote("chamber", approve=False), "chamber")
    assert corridor.proposal is not None
    corridor.submit(corridor.make.vote("bank-be", approve=False), "bank-be")
    assert corridor.proposal is None
    assert corridor.ledger.membership == corridor.genesis.membership
    assert (corridor.head.changes, corridor.head.pending) == ((), {})


def test_a_closed_proposal_makes_room() -> None:
    """When a proposal has closed its proposer makes another at the same epoch, and it can be withdrawn too."""
    corridor = proposed()
    assert corridor.refusal(corridor.make.takeback(), "market", at=LATE) is None
    first = corridor.id["proposal"]
    body = replace(corridor.make.proposal(LEAVE), closes=LATE + DAY)
    corridor.submit(body, "market", name="proposal", at=LATE)
    assert corridor.proposal is not None
    assert corridor.proposal.id != first
    assert corridor.ledger.proposals.whole == (corridor.proposal,)


def test_whom_a_change_concerns_may_vote() -> None:
    """Who is to leave, or to be suspended, has a vote like everybody else: also for it."""
    for what in (LEAVE, SUSPEND):
        corridor = proposed(what)
        for name in ("chamber", "bank-be", "bank-cn"):
            corridor.submit(corridor.make.vote(name), name)
        corridor.submit(corridor.make.vote("customs-be", approve=False), "customs-be")
        assert corridor.proposal is not None
        corridor.submit(corridor.make.vote("customs-cn"), "customs-cn")
        assert corridor.ledger.membership.epoch == 1


def test_proposals_stand_side_by_side() -> None:
    """Nobody waits for another's proposal; each is voted on by itself, and the first to take effect ends the rest."""
    corridor = proposed()
    corridor.submit(corridor.make.proposal(LEAVE, "bank-be"), "bank-be", name="leave")
    corridor.submit(corridor.make.proposal(SUSPEND, "chamber"), "chamber", name="suspend")
    assert [proposal.proposer for proposal in corridor.ledger.proposals.whole] == ["bank-be", "chamber", "market"]
    corridor.id["proposal"] = corridor.id["leave"]
    for name in ("bank-cn", "customs-be", "customs-cn", "market"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.ledger.membership.member("chamber") is None
    assert corridor.ledger.proposals == NO_PROPOSALS
    error = corridor.refusal(replace(corridor.make.vote("market"), proposal=corridor.id["suspend"]), "market")
    assert error is not None
    assert error.reason is PROPOSAL_UNKNOWN


def test_an_accepted_change_whose_node_never_reports_blocks_nobody() -> None:
    """Other changes are accepted beside it, and the one whose nodes come first takes effect."""
    corridor = traders()
    corridor.change_members(CONSORTIUM)
    other = change(cosigners=[a_cosigner("bank-cn")], removed=["operator"])
    corridor.submit(corridor.make.proposal(other, "bank-cn"), "bank-cn", name="proposal")
    for name in ("bank-be", "chamber", "customs-be", "customs-cn"):
        corridor.submit(corridor.make.vote(name), name)
    assert [proposal.accepted for proposal in corridor.ledger.proposals.whole] == [True, True]
    corridor.report_ready("bank-cn")
    assert corridor.ledger.membership.cosigners == (a_cosigner("bank-cn"),)
    assert corridor.ledger.proposals == NO_PROPOSALS


def test_one_member_blocks_nobody_and_opens_one_at_a_time() -> None:
    """However often a member proposes and withdraws, the others decide meanwhile, and no proof grows by it."""
    corridor = traders()
    for _ in range(5):
        corridor.submit(corridor.make.proposal(LEAVE, "bank-cn"), "bank-cn", name="proposal")
        error = corridor.refusal(corridor.make.proposal(LEAVE, "bank-cn"), "bank-cn")
        assert error is not None
        assert error.reason is PROPOSAL_OPEN
        assert corridor.refusal(corridor.make.proposal(ADMIT), "market") is None
        corridor.submit(corridor.make.takeback("bank-cn"), "bank-cn")
        assert corridor.ledger.proposals == NO_PROPOSALS
    assert (corridor.head.changes, corridor.head.pending) == ((), {})
    corridor.change_members(ADMIT)
    assert corridor.ledger.membership.epoch == 1
    assert len(corridor.head.changes) == 5  # the proposal, and the four approvals that carried it


def test_an_accepted_change_is_withdrawn() -> None:
    """Its proposer takes it back as long as a node is awaited; the node's report then finds nothing."""
    corridor = accepted()
    corridor.submit(corridor.make.takeback(), "market")
    error = corridor.refusal(corridor.make.readiness("chamber"), "chamber cosigner")
    assert error is not None
    assert error.reason is SIGNER_UNKNOWN


def test_a_change_that_leaves_out_too_many_waits_for_them() -> None:
    """Where cosigners are few among many members, more than two thirds of the members alone do not replace them."""
    corridor = consortium()
    for number in range(6):
        corridor.change_members(change(members=[a_member(f"new-{number}")]))
    membership = corridor.ledger.membership
    nodes = [a_cosigner(name, generation=" 2") for name in ("bank-be", "chamber")]
    others = [member.id for member in membership.members if member.id not in ("bank-be", "chamber")]
    body = corridor.make.proposal(change(cosigners=nodes), epoch=membership.epoch)
    corridor.submit(body, "market", name="proposal")
    for name in others:
        if name != "market":
            corridor.submit(corridor.make.vote(name), name)
    assert 3 * len(others) > 2 * len(membership.members)
    assert corridor.proposal is not None
    assert not corridor.proposal.accepted
    one = corridor.make.vote("bank-be", approve=False)
    two = corridor.make.vote("chamber", approve=False)
    corridor.submit(one, "bank-be")
    assert corridor.proposal is not None  # the chamber may still approve it
    corridor.submit(two, "chamber")
    assert corridor.proposal is None


def test_where_there_are_four_cosigners_one_replaces_another() -> None:
    """No change leaves fewer than four, and one that brings as many as it removes is accepted."""
    corridor = consortium()
    swap = change(cosigners=[a_cosigner("bank-cn")], removed=["chamber"])
    corridor.change_members(swap)
    assert corridor.proposal is not None
    corridor.report_ready("bank-cn")
    names = [each.id for each in corridor.ledger.membership.cosigners]
    assert names == ["bank-be", "bank-cn", "customs-be", "market"]


def test_a_change_leaves_somebody() -> None:
    """Neither all members nor all cosigners go without others who come."""
    for gone in (sorted(MEMBERS), ["operator"]):
        with pytest.raises(Malformed, match="nobody would be left"):
            changed(START.ledger.membership, change(removed=gone))


def test_who_may_be_suspended_leaves_enough_to_decide() -> None:
    """Of six members one may be suspended, of four cosigners one: else nobody could reinstate them."""
    corridor = consortium()
    membership = corridor.ledger.membership
    for names in (("bank-be", "chamber"), ("bank-cn", "customs-cn")):
        with pytest.raises(Malformed, match="are suspended"):
            changed(membership, change(members=[a_member(name, MEMBERS[name], suspended=True) for name in names]))
    with pytest.raises(Malformed, match="of 1 cosigners at most 0"):
        changed(START.ledger.membership, change(members=[a_member("operator", suspended=True)]))


def test_others_suspend_a_member_whose_keys_have_ended() -> None:
    """Nobody could make it keys; that it has none that lasts hinders nothing but new keys."""
    corridor = traders()
    old = replace(a_member("old"), keys=ended("old", T0 + YEAR))
    corridor.change_members(change(members=[old]))
    at = T0 + 2 * YEAR
    body = corridor.make.proposal(change(members=[replace(old, suspended=True)]), epoch=1)
    assert corridor.refusal(replace(body, closes=at + DAY), "market", at=at) is None


def test_nodes_come_into_force_when_all_are_ready() -> None:
    """Four nodes replace one: the change waits for each; then they are the cosigners, three of them a quorum."""
    corridor = accepted()
    assert awaited(corridor.ledger.membership, CONSORTIUM) == ("bank-be", "chamber", "customs-be", "market")
    for name in ("chamber", "customs-be"):
        corridor.report_ready(name)
    assert [each.id for each in corridor.ledger.membership.cosigners] == ["operator"]
    corridor.report_ready("market")
    membership = corridor.ledger.membership
    assert list(membership.cosigners) == FOUR
    assert (membership.parameters.quorum, membership.epoch) == (3, 1)


def test_a_node_with_the_same_keys_is_not_awaited() -> None:
    """Only what a change brings must say that it is ready."""
    membership = FOURS.ledger.membership
    renewed = a_cosigner("market", generation=" 2")
    again = change(cosigners=[*FOUR[:3], renewed])
    assert awaited(membership, again) == ("market",)
    assert changed(membership, again).parameters == membership.parameters


def test_a_suspended_member_signs_nothing() -> None:
    """It neither votes nor certifies, until the others reinstate it."""
    corridor = suspended()
    error = corridor.refusal(corridor.make.certificate(), "chamber")
    assert error is not None
    assert (error.reason, error.pointer) == (SIGNER_SUSPENDED, "/signers/0")
    back = change(members=[a_member("chamber", MemberRole.ORIGIN_ISSUER)])
    assert "chamber" not in voters(corridor.ledger.membership)
    corridor.submit(corridor.make.proposal(back, epoch=1), "market", name="proposal")
    for name in ("bank-be", "bank-cn", "customs-be"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.ledger.membership.epoch == 1  # four of six, of whom one has no vote
    corridor.submit(corridor.make.vote("customs-cn"), "customs-cn")
    assert corridor.ledger.membership.epoch == 2
    corridor.issue_certificate()


def test_a_removed_member_signs_nothing() -> None:
    """Its key is nobody's any more."""
    corridor = traders()
    corridor.change_members(LEAVE)
    error = corridor.refusal(corridor.make.certificate(), "chamber")
    assert error is not None
    assert error.reason is SIGNER_UNKNOWN


def test_nobody_keeps_a_key_by_proposing_it() -> None:
    """Naming a key in a proposal takes it from nobody; what cannot take effect any more is withdrawn."""
    assert TAKEN.proposal is not None
    assert TAKEN.refusal(TAKEN.make.takeback(), "market") is None
    assert TAKEN.refusal(TAKEN.make.vote("customs-be", approve=False), "customs-be") is None


def test_a_single_member_decides_alone() -> None:
    """Where one member founds a ledger, its own proposal is more than two thirds; of two or three, all are needed."""
    membership = replace(START.genesis.membership, members=(a_member("market", MemberRole.MARKETPLACE),))
    assert carried(membership, ADMIT, ["market"])
    assert changed(membership, ADMIT).epoch == 1
    for names in (("a", "b"), ("a", "b", "c")):
        few = replace(membership, members=tuple(a_member(name) for name in names))
        assert carried(few, ADMIT, names)
        assert not carried(few, ADMIT, names[1:])


def test_parameters_change_by_vote() -> None:
    """A new epoch of tags, with the quorum as it was."""
    corridor = traders()
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    assert corridor.ledger.membership.parameters.tag_epochs == (2, 3)


def test_the_keys_of_tags_rotate_by_vote() -> None:
    """An epoch begins with its key, an older one gets its own; who leaves is given none, and what is in use stays."""
    corridor = keyed()
    assert [key.epoch for key in corridor.ledger.membership.parameters.tag_keys] == [3]
    # The key of an epoch that began without one may be stated later, and be sealed anew to others.
    corridor.change_members(change(parameters=tags(2, 3, keys=[tag_key(2, "market"), tag_key(3, "bank-be")])))
    rotated = tags(3, 4, keys=[tag_key(3, "bank-be", "market"), tag_key(4, "market")])
    corridor.change_members(change(removed=["chamber"], parameters=rotated))
    assert corridor.ledger.membership.parameters == rotated
    assert corridor.ledger.membership.member("chamber") is None


def test_there_is_a_bound_of_members() -> None:
    """No change leads past the bounds of the membership."""
    crowd = [a_member(f"m{number:03}") for number in range(128)]
    with pytest.raises(Malformed, match="at most 128"):
        changed(START.genesis.membership, change(members=crowd))


def test_a_cosigner_of_an_embedded_ledger_needs_no_validator_key() -> None:
    """One operator may be replaced by another."""
    alone: Cosigner = replace(a_cosigner("market"), validator_key=None)
    assert changed(START.genesis.membership, change(cosigners=[alone], removed=["operator"])).cosigners == (alone,)


def test_validity_is_a_member_keys_own() -> None:
    """An admitted member's key counts from its own day."""
    later = replace(
        a_member("new"),
        keys=tuple(replace(held, valid_from=T0 + YEAR, valid_until=T0 + 2 * YEAR) for held in keys_of("new")),
    )
    corridor = traders()
    corridor.change_members(change(members=[later]))
    error = corridor.refusal(corridor.make.enrolment("x", member="new"), "new", "x")
    assert error is not None
    assert error.reason is SIGNER_KEY_INACTIVE


CHAMBER = a_member("chamber", MemberRole.ORIGIN_ISSUER)


@pytest.mark.parametrize(
    ("member", "of"),
    [
        (CHAMBER, set()),
        (replace(CHAMBER, name="Chamber of Commerce"), set()),
        (replace(CHAMBER, keys=keys_of("other")), {"chamber"}),
        (replace(CHAMBER, roles=(MemberRole.CUSTOMS,)), {"chamber"}),
        (replace(CHAMBER, suspended=True), {"chamber"}),
    ],
)
def test_whom_a_change_concerns(member: Member, of: set[str]) -> None:
    """Who gets other keys or other roles, and who is suspended; what is put as it is concerns nobody."""
    assert concerned(START.ledger.membership, change(members=[member])) == of


@pytest.mark.parametrize(("generation", "of"), [("", set()), ("2", {"chamber"})])
def test_whom_another_node_concerns(generation: str, of: set[str]) -> None:
    """The member whose node it is; the same node put once more concerns nobody."""
    put = change(cosigners=[a_cosigner("chamber", generation=generation)])
    assert concerned(FOURS.ledger.membership, put) == of


def test_who_is_suspended_is_left_out_already() -> None:
    """Whether a change is about it or not, and whoever approves; that it is suspended still, or no more, is no news."""
    membership = SUSPENDED.ledger.membership
    for what, of in (
        (ADMIT, set()),
        (change(removed=["chamber"]), {"chamber"}),
        (change(members=[CHAMBER]), set()),
        (change(members=[replace(CHAMBER, suspended=True)]), set()),
    ):
        assert concerned(membership, what) == of
        assert left_out(membership, what, ["market"]) == {"chamber"}


def test_of_some_proposals_only_the_leaf_may_be_known() -> None:
    """What is known whole must be among the leaves; two are the same where both are."""
    (proposal,) = OPEN.ledger.proposals.whole
    leaf = leaf_of(proposal)
    whole, known = OpenProposals([proposal]), OpenProposals([], [leaf])
    assert whole.leaves == known.leaves == (leaf,)
    assert whole == OpenProposals([proposal], [leaf])
    for other in (NO_PROPOSALS, known, OpenProposals([replace(proposal, accepted=True)]), None):
        assert whole != other
    with pytest.raises(ProofInvalid):
        OpenProposals([proposal], [])
