"""What every reachable state satisfies of the members, and of what they are voting on."""

from collections.abc import Iterator

from hanse_ledger.kinds.member.proposals import carried, voters
from hanse_ledger.kinds.reached import Invariants, ReachedState, no_claims, nothing_ended
from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.membership import awaited, check_membership


def _breaches(state: ReachedState) -> Iterator[str]:
    membership = state.membership
    try:
        check_membership(membership)
    except Malformed as error:
        yield error.detail
    if 3 * membership.parameters.quorum <= 2 * len(membership.cosigners):
        yield "the quorum is not more than two thirds of the cosigners"
    able = {*voters(membership)}
    for proposal in state.proposals.whole:
        if set(proposal.approvals) & set(proposal.refusals):
            yield "a member has voted twice"
        if not {proposal.proposer, *proposal.approvals, *proposal.refusals} <= able:
            yield "one who is no voting member has voted"
        if proposal.accepted != carried(membership, proposal.change, proposal.approvals):
            yield "a proposal is not accepted by those who carry it"
        if proposal.accepted and {*awaited(membership, proposal.change)} <= {*proposal.ready}:
            yield "a proposal that waits for nobody has not taken effect"


INVARIANTS = Invariants(_breaches, no_claims, nothing_ended)
