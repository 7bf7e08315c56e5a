"""Rules M-3 to M-6 and X-1: how the members change themselves, and accuse each other."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.bundle.rules import StateAfter
from hanse_ledger.kinds.claims import COUNT_BYTES, reports_claim
from hanse_ledger.kinds.evidence.refusals import (
    ACCUSED_NOT_SORTED,
    EVIDENCE_BOUND,
    EVIDENCE_REPORTED,
    NOT_REPORTING_MEMBER,
)
from hanse_ledger.kinds.member.refusals import (
    ALREADY_VOTED,
    CHANGE_EMPTY,
    CLOSES_TOO_LATE,
    CLOSES_TOO_SOON,
    EPOCH_PASSED,
    MEMBER_UNKNOWN,
    MEMBERSHIP_UNSOUND,
    NODE_NOT_AWAITED,
    NOT_PROPOSER,
    NOT_THE_NODE,
    NOT_VOTING_MEMBER,
    PROPOSAL_ACCEPTED,
    PROPOSAL_CLOSED,
    PROPOSAL_NOT_ACCEPTED,
    PROPOSAL_OPEN,
    PROPOSAL_UNKNOWN,
    TOO_FEW_COSIGNERS,
    TOO_FEW_KEYS,
    TOO_FEW_MEMBERS,
)
from hanse_ledger.kinds.party.refusals import KEY_TAKEN
from hanse_ledger.kinds.refusals import SIGNER_SUSPENDED, SUPERFLUOUS_SIGNER
from hanse_ledger.values.limits import EVIDENCE_A_DAY, PROPOSAL_MS, REPORTS_A_DAY
from hanse_ledger.wire.membership import Change, MemberKey, MemberRole, Parameters
from hanse_ledger.wire.tagkeys import SEALED_BYTES, SealedTagKey, TagKey
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, MEMBERS, T0, keys_of, seed_of

ADMIT = change(members=[a_member("new")])
FOUR = [a_cosigner(name) for name in ("bank-be", "chamber", "customs-be", "market")]
CONSORTIUM = change(cosigners=FOUR, removed=["operator"])
SUSPEND = change(members=[a_member("chamber", MemberRole.ORIGIN_ISSUER, suspended=True)])
LEAVE = change(removed=["chamber"])


def proposed(what: Change = ADMIT, member: str = "market") -> Corridor:
    """A member has proposed a change, by default to admit another one; nobody else has voted."""
    corridor = traders()
    corridor.submit(corridor.make.proposal(what, member), member, name="proposal")
    return corridor


def accepted() -> Corridor:
    """Four nodes are accepted in the operator's place, and the bank's is ready."""
    corridor = traders()
    corridor.change_members(CONSORTIUM)
    corridor.report_ready("bank-be")
    return corridor


def consortium() -> Corridor:
    """Four of the six members cosign."""
    corridor = accepted()
    for name in ("chamber", "customs-be", "market"):
        corridor.report_ready(name)
    return corridor


def small() -> Corridor:
    """All but three members have left."""
    corridor = traders()
    for name in ("bank-be", "bank-cn", "customs-be"):
        corridor.change_members(change(removed=[name]))
    return corridor


def suspended() -> Corridor:
    """The chamber is suspended."""
    corridor = traders()
    corridor.change_members(SUSPEND)
    return corridor


def taken(what: Change, *voters: str) -> Corridor:
    """Members vote for a change that admits somebody, whose key a party then takes before it has taken effect."""
    corridor = proposed(what)
    for name in voters:
        corridor.submit(corridor.make.vote(name), name)
    corridor.submit(corridor.make.enrolment("new"), "market", "new")
    return corridor


def tag_key(epoch: int, *sealed: str) -> TagKey:
    """The key of an epoch of tags, as the members state it; what is sealed nobody opens."""
    boxes = tuple(SealedTagKey(box=bytes(SEALED_BYTES), member=name) for name in sealed)
    return TagKey(commitment=seed_of(f"tag key {epoch}"), epoch=epoch, sealed=boxes)


def tags(*epochs: int, keys: Sequence[TagKey] = ()) -> Parameters:
    """What is in use of tags, the quorum as it is."""
    return Parameters(quorum=1, tag_epochs=epochs, tag_keys=tuple(keys))


def keyed() -> Corridor:
    """The members have voted for a third epoch of tags, with its key."""
    corridor = traders()
    corridor.change_members(change(parameters=tags(2, 3, keys=[tag_key(3, "chamber", "market")])))
    return corridor


KEYED = keyed()
START, OPEN, ACCEPTED, FOURS = traders(), proposed(), accepted(), consortium()
SMALL, SUSPENDED, OF_CHAMBER = small(), suspended(), proposed(member="chamber")
NOW = START.next_time()
PROPOSE = START.make.proposal(ADMIT)
VOTE = OPEN.make.vote("chamber")
TAKEN = taken(ADMIT, "bank-be", "bank-cn", "chamber")
BROUGHT = change(members=ADMIT.members, cosigners=FOUR[:1], removed=["operator"])
TAKEN_NODE = taken(BROUGHT, "bank-be", "bank-cn", "chamber", "customs-be")
READY = ACCEPTED.make.readiness("chamber")
WITHDRAW = OPEN.make.takeback()
LATE = T0 + 7 * DAY


def ended(name: str, until: int) -> tuple[MemberKey, ...]:
    """Two keys that count until a moment."""
    return tuple(replace(held, valid_until=until) for held in keys_of(name))


def unsound(corridor: Corridor = START, **parts: object) -> Refused:
    """A proposal that would lead to members who cannot be."""
    what = change(**parts)  # type: ignore[arg-type] # whatever a row names
    body = replace(PROPOSE, change=what, epoch=corridor.ledger.membership.epoch)
    return Refused(corridor, body, ("market",), MEMBERSHIP_UNSOUND, "/body/change")


PROPOSALS = [
    Refused(START, replace(PROPOSE, member="nobody", epoch=1), ("market",), MEMBER_UNKNOWN, "/body/member"),
    Refused(START, replace(PROPOSE, epoch=1), ("chamber",), NOT_VOTING_MEMBER, "/signers"),
    Refused(START, replace(PROPOSE, epoch=1), ("seller",), NOT_VOTING_MEMBER, "/signers"),
    Refused(START, replace(PROPOSE, epoch=1), ("market", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(PROPOSE, epoch=1), ("market",), EPOCH_PASSED, "/body/epoch"),
    Refused(SMALL, PROPOSE, ("market",), EPOCH_PASSED, "/body/epoch"),
    Refused(OPEN, replace(PROPOSE, closes=T0), ("market",), PROPOSAL_OPEN, "/body/member"),
    *(
        Refused(START, replace(PROPOSE, closes=at, change=change()), ("market",), CLOSES_TOO_SOON, "/body/closes")
        for at in (NOW, NOW - 1)
    ),
    Refused(
        START,
        replace(PROPOSE, closes=NOW + PROPOSAL_MS + 1, change=change()),
        ("market",),
        CLOSES_TOO_LATE,
        "/body/closes",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(removed=["chamber", "nobody"])),
        ("market",),
        MEMBER_UNKNOWN,
        "/body/change/removed/1",
    ),
    unsound(members=[a_member("new", key="market")]),
    unsound(members=[a_member("new", MemberRole.CUSTOMS, MemberRole.BANK)]),
    unsound(members=[replace(a_member("new"), keys=ended("new", T0))]),
    unsound(members=[replace(a_member("new"), keys=keys_of("new")[:1])]),
    unsound(members=[a_member("new"), a_member("new")]),
    unsound(members=[a_member("new2"), a_member("new1")]),
    unsound(members=[a_member("new")], removed=["chamber", "chamber"]),
    unsound(members=[a_member("chamber")], removed=["chamber"]),
    unsound(cosigners=[a_cosigner("chamber")], removed=["chamber"]),
    unsound(members=[a_member(name, MEMBERS[name], suspended=True) for name in ("bank-be", "bank-cn")]),
    unsound(removed=["operator"]),
    unsound(removed=sorted(MEMBERS)),
    unsound(cosigners=[a_cosigner("market")]),  # the operator's engine signs no blocks
    unsound(cosigners=[a_cosigner("nobody")], removed=["operator"]),
    unsound(cosigners=[replace(FOUR[0], log_key=FOUR[1].log_key), *FOUR[1:]], removed=["operator"]),
    unsound(cosigners=[replace(FOUR[0], validator_key=FOUR[1].validator_key), *FOUR[1:]], removed=["operator"]),
    unsound(cosigners=FOUR, removed=["operator"], parameters=Parameters(quorum=2, tag_epochs=(1,))),
    unsound(cosigners=FOUR, removed=["operator"], parameters=Parameters(quorum=5, tag_epochs=(1,))),
    unsound(parameters=Parameters(quorum=1, tag_epochs=(2, 1))),
    unsound(parameters=tags(1, keys=[tag_key(2)])),
    unsound(parameters=tags(1, 2, keys=[tag_key(2), tag_key(1)])),
    unsound(parameters=tags(1, keys=[tag_key(1, "nobody")])),
    unsound(parameters=tags(1, keys=[tag_key(1, "market", "chamber")])),
    unsound(KEYED, parameters=tags(2, 3, keys=[tag_key(2), replace(tag_key(3), commitment=seed_of("other"))])),
    unsound(KEYED, parameters=tags(2, 3)),
    unsound(KEYED, parameters=tags(3, 4, keys=[tag_key(3)])),
    unsound(KEYED, parameters=tags(1, 3, keys=[tag_key(1), tag_key(3)])),
    unsound(KEYED, removed=["chamber"]),
    unsound(KEYED, removed=["chamber"], parameters=tags(3, keys=[tag_key(3)])),
    unsound(KEYED, removed=["chamber"], parameters=tags(3, 4, keys=[tag_key(3), tag_key(4, "chamber")])),
    Refused(START, replace(PROPOSE, change=change()), ("market",), CHANGE_EMPTY, "/body/change"),
    Refused(
        START,
        replace(PROPOSE, change=change(members=[a_member("market", MemberRole.MARKETPLACE)])),
        ("market",),
        CHANGE_EMPTY,
        "/body/change",
    ),
    Refused(
        SMALL,
        replace(PROPOSE, epoch=3, change=change(removed=["chamber"])),
        ("market",),
        TOO_FEW_MEMBERS,
        "/body/change/removed",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(removed=sorted(MEMBERS)[:4])),
        ("market",),
        TOO_FEW_MEMBERS,
        "/body/change/removed",
    ),
    Refused(
        FOURS,
        replace(PROPOSE, epoch=1, change=change(members=[a_member("new", key="seller")], removed=["chamber"])),
        ("market",),
        TOO_FEW_COSIGNERS,
        "/body/change/removed",
    ),
    *(
        Refused(
            START,
            replace(PROPOSE, change=change(members=[a_member("new1"), member])),
            ("market",),
            TOO_FEW_KEYS,
            "/body/change/members/1/keys",
        )
        for member in (
            replace(a_member("new2", key="seller"), keys=ended("seller", NOW)),
            replace(a_member("new2"), keys=ended("new2", NOW - 1)),
        )
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(members=[replace(a_member("chamber"), keys=ended("chamber", NOW))])),
        ("market",),
        TOO_FEW_KEYS,
        "/body/change/members/0/keys",
    ),
    Refused(
        START,
        replace(PROPOSE, change=change(members=[a_member("new", key="seller")])),
        ("market",),
        KEY_TAKEN,
        "/body/change/members",
    ),
]
VOTES = [
    Refused(OPEN, replace(VOTE, member="nobody", proposal=bytes(32)), ("chamber",), MEMBER_UNKNOWN, "/body/member"),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("market",), NOT_VOTING_MEMBER, "/signers"),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("chamber", "market"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(VOTE, proposal=bytes(32)), ("chamber",), PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(START, VOTE, ("chamber",), PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(OPEN, replace(VOTE, member="market"), ("market",), PROPOSAL_CLOSED, "/body/proposal", at=LATE),
    Refused(OPEN, replace(VOTE, member="market"), ("market",), PROPOSAL_CLOSED, "/body/proposal", at=LATE + 1),
    Refused(ACCEPTED, ACCEPTED.make.vote("market"), ("market",), PROPOSAL_ACCEPTED, "/body/proposal"),
    Refused(OPEN, replace(VOTE, member="market"), ("market",), ALREADY_VOTED, "/body/member"),
    Refused(TAKEN, TAKEN.make.vote("customs-be"), ("customs-be",), KEY_TAKEN, "/body/proposal"),
]
REPORTS = [
    Refused(ACCEPTED, replace(READY, proposal=bytes(32)), ("chamber",), PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(ACCEPTED, READY, ("chamber",), PROPOSAL_CLOSED, "/body/proposal", at=LATE),
    Refused(OPEN, OPEN.make.readiness("new"), ("market",), PROPOSAL_NOT_ACCEPTED, "/body/proposal"),
    Refused(ACCEPTED, replace(READY, member="bank-cn"), ("chamber",), NODE_NOT_AWAITED, "/body/member"),
    Refused(ACCEPTED, replace(READY, member="bank-be"), ("bank-be cosigner",), NODE_NOT_AWAITED, "/body/member"),
    Refused(ACCEPTED, READY, ("chamber",), NOT_THE_NODE, "/signers"),
    Refused(ACCEPTED, READY, ("chamber cosigner", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(TAKEN_NODE, TAKEN_NODE.make.readiness("bank-be"), ("bank-be cosigner",), KEY_TAKEN, "/body/proposal"),
]


WITHDRAWALS = [
    Refused(OPEN, replace(WITHDRAW, member="nobody", proposal=bytes(32)), ("market",), MEMBER_UNKNOWN, "/body/member"),
    Refused(OPEN, replace(WITHDRAW, proposal=bytes(32)), ("chamber",), NOT_VOTING_MEMBER, "/signers"),
    Refused(OPEN, replace(WITHDRAW, proposal=bytes(32)), ("market", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(WITHDRAW, proposal=bytes(32)), ("market",), PROPOSAL_UNKNOWN, "/body/proposal"),
    Refused(OPEN, OPEN.make.takeback("chamber"), ("chamber",), NOT_PROPOSER, "/body/proposal"),
    Refused(OF_CHAMBER, OF_CHAMBER.make.takeback(), ("market",), NOT_PROPOSER, "/body/proposal"),
]
REPORTED = traders()
REPORTED.submit(REPORTED.make.evidence(), "market")
EVIDENCE = REPORTED.make.evidence(["market", "bank-be"])
NOON = T0 + DAY // 2
ACCUSING = traders()
for file in range(16):
    ACCUSING.submit(ACCUSING.make.evidence(number=file), "market", at=NOON)
ACCUSATIONS = [
    Refused(REPORTED, replace(EVIDENCE, member="none"), ("market",), MEMBER_UNKNOWN, "/body/member"),
    Refused(REPORTED, EVIDENCE, ("chamber",), NOT_REPORTING_MEMBER, "/signers"),
    Refused(REPORTED, EVIDENCE, ("market", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(REPORTED, EVIDENCE, ("market",), ACCUSED_NOT_SORTED, "/body/accused"),
    Refused(REPORTED, REPORTED.make.evidence(), ("market",), EVIDENCE_REPORTED, "/body/evidence"),
    Refused(
        ACCUSING,
        ACCUSING.make.evidence(["bank-be", "chamber"], number=17),
        ("market",),
        EVIDENCE_BOUND,
        "/body/accused/0",
    ),
]
SIGNERS = [Refused(SUSPENDED, SUSPENDED.make.certificate(), ("chamber",), SIGNER_SUSPENDED, "/signers/0")]
REFUSALS = [*PROPOSALS, *VOTES, *REPORTS, *WITHDRAWALS, *SIGNERS, *ACCUSATIONS]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_each_requirement_refuses(row: Refused) -> None:
    """Each row breaks one requirement, and often later ones too: the first is the one reported."""
    try_row(row)


def test_a_proposal_may_be_open_for_as_long_as_there_is() -> None:
    """M-3: to the last moment of it; when it is over, then and later, the member proposes another one."""
    assert START.refusal(replace(PROPOSE, closes=NOW + PROPOSAL_MS), "market", at=NOW) is None
    for at in (LATE, LATE + 1):
        assert OPEN.refusal(replace(PROPOSE, closes=at + DAY), "market", at=at) is None


def test_a_member_may_have_more_keys_than_it_must() -> None:
    """M-3: two that last, or more of them."""
    new = a_member("new")
    three = replace(new, keys=tuple(sorted((*new.keys, *keys_of("third")[:1]), key=lambda held: held.key)))
    assert START.refusal(replace(PROPOSE, change=change(members=[three])), "market") is None


def test_names_that_nobody_bears_open_no_share_of_their_own() -> None:
    """What a member reports in a day is bounded in all, whomever it accuses; the next day it may go on."""
    world = traders()
    for number in range(REPORTS_A_DAY):
        world.submit(world.make.evidence([f"nobody-{number}"], number=number), "market", at=NOON)
    one_more = world.make.evidence(["bank-be"], number=REPORTS_A_DAY)
    refusal = world.refusal(one_more, "market", at=NOON)
    assert refusal is not None
    assert (refusal.reason, refusal.pointer) == (EVIDENCE_BOUND, "/body/member")
    assert world.refusal(one_more, "market", at=NOON + DAY) is None
    assert world.refusal(replace(one_more, member="chamber"), "chamber", at=NOON) is None


def test_files_against_one_member_hide_none_against_another() -> None:
    """A bound against one accused holds for that day; it touches neither other accused nor other reporters."""
    body, chamber = ACCUSING.make.evidence(number=17), ACCUSING.make.evidence(["chamber"], number=18)
    assert ACCUSING.refusal(chamber, "market") is None
    assert ACCUSING.refusal(replace(body, member="chamber"), "chamber") is None
    midnight = NOON - NOON % DAY + DAY
    assert ACCUSING.refusal(body, "market", at=midnight - 1) is not None
    assert ACCUSING.refusal(body, "market", at=midnight) is None


def test_what_lies_beyond_a_bound_is_refused() -> None:
    """X-1: who has reported more than it may, by the bound of another version, reports no more that day."""
    beyond = StateAfter(ACCUSING.ledger)
    beyond.claims[reports_claim("market", "bank-be", NOON)] = (EVIDENCE_A_DAY + 1).to_bytes(COUNT_BYTES, "big")
    body = ACCUSING.make.evidence(number=17)
    try_row(Refused(ACCUSING, body, ("market",), EVIDENCE_BOUND, "/body/accused/0", NOON, beyond))
