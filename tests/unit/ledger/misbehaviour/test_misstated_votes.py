"""Misstated blocks with records of the members: evidence shows of the open proposals what the block is about."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_client import verify_file
from hanse_ledger.kinds.member.proposals import leaf_of
from hanse_ledger.misbehaviour.misstatement import Misstatement, write_misstatement
from hanse_ledger.values.verdict import Verdict
from tests.unit.ledger.misbehaviour.test_misstatement import AT, TRUST, accusing, another_root, honest
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, a_member, change

ADMIT = change(members=[a_member("new")])
NODE = change(cosigners=[a_cosigner("bank-be")], removed=["operator"])


def undecided() -> Corridor:
    """Three members have proposed something."""
    corridor = traders()
    corridor.submit(corridor.make.proposal(change(removed=["chamber"]), "customs-be"), "customs-be")
    corridor.submit(corridor.make.proposal(change(removed=["market"]), "chamber"), "chamber")
    corridor.submit(corridor.make.proposal(ADMIT), "market", name="proposal")
    return corridor


def voted() -> Corridor:
    """A vote, which decides nothing."""
    corridor = undecided()
    corridor.submit(corridor.make.vote("bank-be"), "bank-be")
    return corridor


def proposed() -> Corridor:
    """A proposal, put before all that are open."""
    corridor = undecided()
    corridor.submit(corridor.make.proposal(ADMIT, "bank-be"), "bank-be")
    return corridor


def withdrawn() -> Corridor:
    """One of three is withdrawn."""
    corridor = undecided()
    corridor.submit(corridor.make.takeback(), "market")
    return corridor


def carried() -> Corridor:
    """The last vote begins an epoch, and ends all proposals."""
    corridor = undecided()
    for name in ("bank-be", "bank-cn", "customs-be", "customs-cn"):
        corridor.submit(corridor.make.vote(name), name)
    return corridor


def reported() -> Corridor:
    """A node that an accepted change brings reports itself."""
    corridor = undecided()
    corridor.submit(corridor.make.takeback(), "market")
    corridor.submit(corridor.make.proposal(NODE), "market", name="proposal")
    for name in ("bank-be", "bank-cn", "customs-be", "customs-cn"):
        corridor.submit(corridor.make.vote(name), name)
    corridor.report_ready("bank-be")
    return corridor


def apart() -> Corridor:
    """A record of no member's, while proposals are open."""
    corridor = undecided()
    corridor.enrol("late")
    return corridor


SHOWN = {voted: ["market"], proposed: [], withdrawn: ["market"], carried: ["market"], reported: ["market"], apart: []}


@pytest.mark.parametrize("make", SHOWN)
def test_a_wrong_root_is_proven(make: Callable[[], Corridor]) -> None:
    """The leaves of all that were open, and whole what the block is about, are enough; what follows proves nothing."""
    evidence = accusing(make(), another_root)
    assert [proposal.proposer for proposal in evidence.proposals] == SHOWN[make]
    assert len(evidence.leaves) == 3
    report = verify_file(write_misstatement(evidence), TRUST, AT)
    assert (report.verdict, "operator" in report.detail) == (Verdict.VALID, True), report
    assert verify_file(write_misstatement(accusing(make(), honest)), TRUST, AT).verdict is Verdict.TAMPERED


VOTED = accusing(voted(), another_root)
(ABOUT,) = VOTED.proposals
FIRST, SECOND, LAST = VOTED.leaves


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        (replace(VOTED, proposals=()), Verdict.CANNOT_CHECK),
        (replace(VOTED, leaves=VOTED.leaves[1:]), Verdict.TAMPERED),
        (replace(VOTED, leaves=(SECOND, FIRST, LAST)), Verdict.TAMPERED),
        (replace(VOTED, leaves=(*VOTED.leaves, LAST)), Verdict.TAMPERED),
        (replace(VOTED, leaves=(FIRST, SECOND, replace(LAST, whole=bytes(32)))), Verdict.TAMPERED),
        (replace(VOTED, proposals=(replace(ABOUT, approvals=()),)), Verdict.TAMPERED),
        (
            replace(
                VOTED,
                proposals=(replace(ABOUT, approvals=()),),
                leaves=(FIRST, SECOND, leaf_of(replace(ABOUT, approvals=()))),
            ),
            Verdict.TAMPERED,
        ),
    ],
)
def test_what_does_not_hold_proves_nothing(changed: Misstatement, wanted: Verdict) -> None:
    """Leaves left out, out of order or made up, another proposal: tampered; one that is missing: cannot check."""
    assert verify_file(write_misstatement(changed), TRUST, AT).verdict is wanted
