"""The file of open proposals: what is voted on, proven to whoever votes."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, OpenProposals
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.proofs.voting import FORMAT, ProposalsFile, read_proposals, verify_proposals, write_proposals
from hanse_ledger.values.errors import Malformed, ProofInvalid, Untrusted
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_member, change
from tests.world.corridor_genesis import GENESIS


def undecided() -> Corridor:
    """Three members have proposed something, and some have voted."""
    corridor = traders()
    corridor.submit(corridor.make.proposal(change(removed=["chamber"]), "market"), "market", name="proposal")
    corridor.submit(corridor.make.vote("chamber", approve=False), "chamber")
    corridor.submit(corridor.make.proposal(change(removed=["market"]), "chamber"), "chamber", name="other")
    corridor.submit(corridor.make.proposal(change(members=[a_member("new")]), "bank-cn"), "bank-cn", name="proposal")
    corridor.submit(corridor.make.vote("market"), "market")
    return corridor


def file_of(corridor: Corridor) -> ProposalsFile:
    """Make the file of a corridor's head."""
    maker = ProofMaker(corridor)
    whole = corridor.ledger.proposals.whole
    return ProposalsFile(
        format=FORMAT,
        checkpoint=corridor.sign_checkpoint(),
        ledger=corridor.ledger.ledger,
        proposals=whole,
        records=tuple(maker.entry(corridor.head.pending[proposal.proposer][0]) for proposal in whole),
        state=maker.entry(corridor.head.size - 1),
    )


OPEN = undecided()
FILE = file_of(OPEN)
TRUST = TrustFile(GENESIS)


def test_open_proposals_are_proven() -> None:
    """The file says what each has proposed, who has voted how, and who vouches for it."""
    voting = verify_proposals(read_proposals(write_proposals(FILE)), TRUST)
    assert [each.proposer for each in voting.proposals] == ["bank-cn", "chamber", "market"]
    assert voting.proposals[0].approvals == ("bank-cn", "market")
    assert voting.proposals[2].refusals == ("chamber",)
    assert voting.head.vouchers == ("operator",)
    none = traders()
    assert verify_proposals(file_of(none), TRUST).proposals == ()


def test_nothing_can_be_left_out_or_changed() -> None:
    """Neither a proposal nor a vote, nor what a proposal is about, nor whose it is."""
    first, second, third = FILE.proposals
    one, two, three = FILE.records
    forged = replace(first, change=change(removed=["bank-be"]))
    for wrong, words in (
        (replace(FILE, proposals=(first, second), records=(one, two)), "not those that are open"),
        (replace(FILE, proposals=(second, first, third)), "not those that are open"),
        (replace(FILE, proposals=(replace(first, approvals=("bank-cn",)), second, third)), "not those that are open"),
        (replace(FILE, proposals=(forged, second, third)), "not those that are open"),
        (replace(FILE, records=(one, two)), "one record for each"),
        (replace(FILE, records=(two, one, three)), "not what its proposer has signed"),
        (replace(FILE, records=(FILE.state, two, three)), "a state entry stands among"),
        (replace(FILE, records=(replace(one, path=two.path), two, three)), "."),
        (replace(FILE, state=one), "not the last entry"),
    ):
        with pytest.raises(ProofInvalid, match=words):
            verify_proposals(wrong, TRUST)
    with pytest.raises(Untrusted, match="of ledger"):
        verify_proposals(replace(FILE, ledger=bytes(32)), TRUST)
    with pytest.raises(Malformed, match="format"):
        read_proposals(write_proposals(replace(FILE, format="hanse.proposals/2")))


def test_an_operator_cannot_put_words_into_a_members_mouth() -> None:
    """A state that an operator has made up, with another change under a proposal's id, does not hold."""
    made_up = undecided()
    whole = list(made_up.ledger.proposals.whole)
    whole[0] = replace(whole[0], change=change(removed=["bank-be"]))
    made_up.ledger.head = replace(made_up.ledger.head, proposals=OpenProposals(whole))
    made_up.enrol("x")
    with pytest.raises(ProofInvalid, match="not what its proposer has signed"):
        verify_proposals(file_of(made_up), TRUST)


def test_who_does_not_know_the_members_cannot_tell() -> None:
    """After a change the older trust file does not do: the newer one is needed."""
    corridor = traders()
    corridor.change_members(change(members=[a_member("new")]))
    file = file_of(corridor)
    with pytest.raises(Untrusted, match="the members have changed"):
        verify_proposals(file, TRUST)
    assert corridor.ledger.proposals == NO_PROPOSALS
    assert verify_proposals(file, read_trust(corridor.trust)).proposals == ()
