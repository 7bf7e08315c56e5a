"""What can be written of the members."""

from hanse_ledger.values.types import MemberId, Moment, RecordId
from hanse_ledger.wire.membership import Change, Epoch
from hanse_ledger.wire.part import Body


class ProposeChange(Body, frozen=True, kw_only=True):
    """Propose a change of the members to the members, and vote for it. Signed by the proposing member. Rule M-3.

    `epoch` is the one that the change would end; at the block time `closes` the proposal is void.
    """

    change: Change
    closes: Moment
    epoch: Epoch
    member: MemberId


class VoteOnChange(Body, frozen=True, kw_only=True):
    """Vote on an open proposal, once. Signed by the voting member. Rule M-4."""

    approve: bool
    member: MemberId
    proposal: RecordId


class ReportReady(Body, frozen=True, kw_only=True):
    """A node that an accepted change brings has caught up and is at its post. Signed by its cosigning key. M-5."""

    member: MemberId
    proposal: RecordId


class WithdrawChange(Body, frozen=True, kw_only=True):
    """Take a proposal back that has not taken effect. Signed by the member that has made it. Rule M-6."""

    member: MemberId
    proposal: RecordId


MembersBody = ProposeChange | VoteOnChange | ReportReady | WithdrawChange
"""What changes the members. These records create and name no object."""
