"""Rules M-3 to M-5 and X-1: how the members change themselves, and accuse each other."""

import pytest
from msgspec.structs import replace

from hanse_ledger.errors import Malformed
from hanse_ledger.limits import PROPOSAL_MS
from hanse_ledger.membership import Cosigner, MemberKey, MemberRole, Parameters, awaited, changed, electorate
from hanse_ledger.reasons import Reason
from tests.corridor import Corridor, traders
from tests.corridor_bodies import a_cosigner, a_member, change
from tests.corridor_genesis import DAY, MEMBERS, T0, YEAR, public
from tests.refusals import Refused, names_of, try_row

ADMIT = change(members=[a_member("new")])
FOUR = [a_cosigner(name) for name in ("bank-be", "chamber", "customs-be", "market")]
CONSORTIUM = change(cosigners=FOUR, removed=["operator"])
SUSPEND = change(members=[a_member("chamber", MemberRole.ORIGIN_ISSUER, suspended=True)])


def proposed() -> Corridor:
    """The market has proposed to admit a member; nobody else has voted."""
    corridor = traders()
    corridor.submit(corridor.make.proposal(ADMIT), "market", name="proposal")
    return corridor


def accepted() -> Corridor:
    """Four nodes are accepted in the operator's place, and the bank's is ready."""
    corridor = traders()
    corridor.change_members(CONSORTIUM)
    corridor.report_ready("bank-be")
    return corridor


def small() -> Corridor:
    """All but three members have left."""
    corridor = traders()
    for epoch, name in enumerate(("bank-be", "bank-cn", "customs-be")):
        corridor.submit(corridor.make.proposal(change(removed=[name]), epoch=epoch), "market", name="proposal")
        for voter in electorate(corridor.ledger.membership, change(removed=[name])):
            if corridor.ledger.membership.proposal is not None and voter != "market":
                corridor.submit(corridor.make.vote(voter), voter)
    return corridor


def suspended() -> Corridor:
    """The chamber is suspended."""
    corridor = traders()
    corridor.change_members(SUSPEND)
    return corridor


START, OPEN, ACCEPTED, SMALL, SUSPENDED = traders(), proposed(), accepted(), small(), suspended()
NOW = START.next_time()
PROPOSE = START.make.proposal(ADMIT)
LEAVE = OPEN.make.proposal(change(removed=["chamber"]))
VOTE = OPEN.make.vote("chamber")
READY = ACCEPTED.make.readiness("chamber")
LATE = T0 + 7 * DAY
HOUR = 3_600_000


def unsound(**parts: object) -> Refused:
    """A proposal that would lead to members who cannot be."""
    body = replace(PROPOSE, change=change(**parts))  # type: ignore[arg-type] # whatever a row names
    return Refused(START, body, ("market",), Reason.MEMBERSHIP_UNSOUND, "/body/change")


PROPOSALS = [
    Refused(START, replace(PROPOSE, member="nobody", epoch=1), ("market",), Reason.MEMBER_UNKNOWN, "/body/member"),
    Refused(START, replace(PROPOSE, epoch=1), ("chamber",), Reason.NOT_VOTING_MEMBER, "/signers"),
    Refused(START, replace(PROPOSE, epoch=1), ("seller",), Reason.NOT_VOTING_MEMBER, "/signers"),
    Refused(START, replace(PROPOSE, epoch=1), ("market", "chamber"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(PROPOSE, epoch=1), ("market",), Reason.EPOCH_PASSED, "/body/epoch"),
    Refused(SMALL, PROPOSE, ("market",), Reason.EPOCH_PASSED, "/body/epoch"),
    Refused(OPEN, replace(PROPOSE, closes=T0), ("market",), Reason.PROPOSAL_OPEN, "/body"),
    Refused(
        START,
        replace(PROPOSE, closes=NOW + HOUR - 1, change=change()),
        ("market",),
        Reason.CLOSES_TOO_SOON,
        "/body/closes",
    ),
    Refused(
        START,
        replace(PROPOSE, closes=NOW + PROPOSAL_MS + 1, change=change()),
        ("market",),
        Reason.CLOSES_TOO_LATE,
        "/body/closes",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(removed=["chamber", "nobody"])),
        ("market",),
        Reason.MEMBER_UNKNOWN,
        "/body/change/removed/1",
    ),
    unsound(members=[a_member("new", key="market")]),
    unsound(members=[a_member("new", MemberRole.CUSTOMS, MemberRole.BANK)]),
    unsound(members=[replace(a_member("new"), keys=(MemberKey(key=public("new"), valid_from=T0, valid_until=T0),))]),
    unsound(removed=["operator"]),
    unsound(removed=sorted(MEMBERS)),
    unsound(cosigners=[a_cosigner("market")]),  # the operator's engine signs no blocks
    unsound(cosigners=[a_cosigner("nobody")], removed=["operator"]),
    unsound(cosigners=[replace(FOUR[0], log_key=FOUR[1].log_key), *FOUR[1:]], removed=["operator"]),
    unsound(cosigners=[replace(FOUR[0], validator_key=FOUR[1].validator_key), *FOUR[1:]], removed=["operator"]),
    unsound(cosigners=FOUR, removed=["operator"], parameters=Parameters(quorum=2, tag_epochs=(1,))),
    unsound(cosigners=FOUR, removed=["operator"], parameters=Parameters(quorum=5, tag_epochs=(1,))),
    unsound(parameters=Parameters(quorum=1, tag_epochs=(2, 1))),
    Refused(START, replace(PROPOSE, change=change()), ("market",), Reason.CHANGE_EMPTY, "/body/change"),
    Refused(
        START,
        replace(PROPOSE, change=change(members=[a_member("market", MemberRole.MARKETPLACE)])),
        ("market",),
        Reason.CHANGE_EMPTY,
        "/body/change",
    ),
    Refused(
        SMALL,
        replace(PROPOSE, epoch=3, change=change(removed=["chamber"])),
        ("market",),
        Reason.TOO_FEW_MEMBERS,
        "/body/change/removed",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(removed=sorted(MEMBERS)[:4])),
        ("market",),
        Reason.TOO_FEW_MEMBERS,
        "/body/change/removed",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(members=[a_member("new", key="seller")])),
        ("market",),
        Reason.KEY_TAKEN,
        "/body/change/members",
    ),
]
VOTES = [
    Refused(
        OPEN, replace(VOTE, member="nobody", proposal=bytes(32)), ("chamber",), Reason.MEMBER_UNKNOWN, "/body/member"
    ),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("market",), Reason.NOT_VOTING_MEMBER, "/signers"),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("chamber", "market"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("chamber",), Reason.PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(START, VOTE, ("chamber",), Reason.PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(OPEN, replace(VOTE, member="market"), ("market",), Reason.PROPOSAL_CLOSED, "/body/proposal", at=LATE),
    Refused(ACCEPTED, ACCEPTED.make.vote("market"), ("market",), Reason.PROPOSAL_ACCEPTED, "/body/proposal"),
    Refused(OPEN, replace(VOTE, member="market"), ("market",), Reason.ALREADY_VOTED, "/body/member"),
]
REPORTS = [
    Refused(ACCEPTED, replace(READY, proposal=bytes(32)), ("chamber",), Reason.PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(ACCEPTED, READY, ("chamber",), Reason.PROPOSAL_CLOSED, "/body/proposal", at=LATE),
    Refused(OPEN, OPEN.make.readiness("new"), ("market",), Reason.PROPOSAL_NOT_ACCEPTED, "/body/proposal"),
    Refused(ACCEPTED, replace(READY, member="bank-cn"), ("chamber",), Reason.NODE_NOT_AWAITED, "/body/member"),
    Refused(ACCEPTED, replace(READY, member="bank-be"), ("bank-be cosigner",), Reason.NODE_NOT_AWAITED, "/body/member"),
    Refused(ACCEPTED, READY, ("chamber",), Reason.NOT_THE_NODE, "/signers"),
    Refused(ACCEPTED, READY, ("chamber cosigner", "chamber"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
]


def about_to_leave() -> Corridor:
    """The market has proposed that the chamber leaves."""
    corridor = traders()
    corridor.submit(corridor.make.proposal(change(removed=["chamber"])), "market", name="proposal")
    return corridor


LEAVING = about_to_leave()
VOTES.insert(-1, Refused(LEAVING, LEAVING.make.vote("chamber"), ("chamber",), Reason.NOT_IN_ELECTORATE, "/body/member"))
REPORTED = traders()
REPORTED.submit(REPORTED.make.evidence(), "market")
EVIDENCE = REPORTED.make.evidence(["market", "bank-be"])
NOON = T0 + DAY // 2
ACCUSING = traders()
for file in range(16):
    ACCUSING.submit(ACCUSING.make.evidence(number=file), "market", at=NOON)
ACCUSATIONS = [
    Refused(REPORTED, replace(EVIDENCE, member="none"), ("market",), Reason.MEMBER_UNKNOWN, "/body/member"),
    Refused(REPORTED, EVIDENCE, ("chamber",), Reason.NOT_REPORTING_MEMBER, "/signers"),
    Refused(REPORTED, EVIDENCE, ("market", "chamber"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(REPORTED, EVIDENCE, ("market",), Reason.ACCUSED_NOT_SORTED, "/body/accused"),
    Refused(REPORTED, REPORTED.make.evidence(), ("market",), Reason.EVIDENCE_REPORTED, "/body/evidence"),
    Refused(
        ACCUSING,
        ACCUSING.make.evidence(["bank-be", "chamber"], number=17),
        ("market",),
        Reason.EVIDENCE_BOUND,
        "/body/accused/0",
    ),
]
SIGNERS = [Refused(SUSPENDED, SUSPENDED.make.certificate(), ("chamber",), Reason.SIGNER_SUSPENDED, "/signers/0")]
REFUSALS = [*PROPOSALS, *VOTES, *REPORTS, *SIGNERS, *ACCUSATIONS]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_each_requirement_refuses(row: Refused) -> None:
    """Each row breaks one requirement, and often later ones too: the first is the one reported."""
    try_row(row)


def test_more_than_two_thirds_admit_a_member() -> None:
    """Of six members four are not enough, the fifth is; the new one signs from then on, and the epoch is the next."""
    corridor = proposed()
    for name in ("bank-be", "bank-cn", "chamber"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.ledger.membership.proposal is not None
    assert corridor.ledger.membership.member("new") is None
    assert corridor.refusal(corridor.make.enrolment("x", member="new"), "new", "x") is not None
    corridor.submit(corridor.make.vote("customs-be"), "customs-be")
    membership = corridor.ledger.membership
    assert (membership.epoch, membership.proposal) == (1, None)
    assert membership.member("new") == a_member("new")
    corridor.enrol("x", member="new")


def test_a_third_refuses() -> None:
    """Two refusals of six leave four, which is not more than two thirds: the proposal is gone, and nothing changed."""
    corridor = proposed()
    corridor.submit(corridor.make.vote("chamber", approve=False), "chamber")
    assert corridor.ledger.membership.proposal is not None
    corridor.submit(corridor.make.vote("bank-be", approve=False), "bank-be")
    assert corridor.ledger.membership == corridor.genesis.membership
    assert (corridor.head.changes, corridor.head.pending) == ((), ())


def test_a_closed_proposal_makes_room() -> None:
    """When a proposal has closed another can be made at the same epoch."""
    corridor = proposed()
    body = replace(corridor.make.proposal(LEAVE.change), closes=LATE + DAY)
    corridor.submit(replace(body, member="chamber"), "chamber", name="proposal", at=LATE)
    assert corridor.ledger.membership.proposal is not None
    assert corridor.ledger.membership.proposal.approvals == ()  # who leaves has no vote


def test_files_against_one_member_hide_none_against_another() -> None:
    """A bound against one accused holds for that day; it touches neither other accused nor other reporters."""
    body, chamber = ACCUSING.make.evidence(number=17), ACCUSING.make.evidence(["chamber"], number=18)
    assert ACCUSING.refusal(chamber, "market") is None
    assert ACCUSING.refusal(replace(body, member="chamber"), "chamber") is None
    midnight = NOON - NOON % DAY + DAY
    assert ACCUSING.refusal(body, "market", at=midnight - 1) is not None
    assert ACCUSING.refusal(body, "market", at=midnight) is None


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
    corridor = accepted()
    for name in ("chamber", "customs-be", "market"):
        corridor.report_ready(name)
    membership = corridor.ledger.membership
    renewed = a_cosigner("market", generation=" 2")
    again = change(cosigners=[*FOUR[:3], renewed])
    assert awaited(membership, again) == ("market",)
    assert changed(membership, again).parameters == membership.parameters


def test_a_suspended_member_signs_nothing() -> None:
    """It neither votes nor certifies, until the others reinstate it."""
    corridor = suspended()
    error = corridor.refusal(corridor.make.certificate(), "chamber")
    assert error is not None
    assert (error.reason, error.pointer) == (Reason.SIGNER_SUSPENDED, "/signers/0")
    back = change(members=[a_member("chamber", MemberRole.ORIGIN_ISSUER)])
    assert "chamber" not in electorate(corridor.ledger.membership, back)
    corridor.submit(corridor.make.proposal(back, epoch=1), "market", name="proposal")
    for name in ("bank-be", "bank-cn", "customs-be"):
        corridor.submit(corridor.make.vote(name), name)
    assert corridor.ledger.membership.epoch == 2
    corridor.issue_certificate()


def test_a_removed_member_signs_nothing() -> None:
    """Its key is nobody's any more."""
    corridor = traders()
    corridor.change_members(LEAVE.change)
    error = corridor.refusal(corridor.make.certificate(), "chamber")
    assert error is not None
    assert error.reason is Reason.SIGNER_UNKNOWN


def test_a_proposed_key_is_nobody_elses() -> None:
    """While a change is open, no party can be enrolled with the key that it would give a member."""
    error = OPEN.refusal(OPEN.make.enrolment("new"), "market", "new")
    assert error is not None
    assert (error.reason, error.pointer) == (Reason.KEY_TAKEN, "/body/key")


def test_a_single_member_decides_alone() -> None:
    """Where one member founds a ledger, its own proposal is more than two thirds."""
    membership = replace(START.genesis.membership, members=(a_member("market", MemberRole.MARKETPLACE),))
    assert electorate(membership, ADMIT) == ("market",)
    assert changed(membership, ADMIT).epoch == 1


def test_parameters_change_by_vote() -> None:
    """A new epoch of tags, with the quorum as it was."""
    corridor = traders()
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    assert corridor.ledger.membership.parameters.tag_epochs == (2, 3)


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
        a_member("new"), keys=(MemberKey(key=public("new"), valid_from=T0 + YEAR, valid_until=T0 + 2 * YEAR),)
    )
    corridor = traders()
    corridor.change_members(change(members=[later]))
    error = corridor.refusal(corridor.make.enrolment("x", member="new"), "new", "x")
    assert error is not None
    assert error.reason is Reason.SIGNER_KEY_INACTIVE
