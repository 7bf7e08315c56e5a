"""Members and how they change themselves, for callers that block.

Written from `hanse_client.resources.members` by `python -m tests.blocking_twins`; a test compares.
"""

from hanse_client.base.identifiers import Id
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.members import AsyncMembers
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.member.proposals import Proposal
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import EncryptionKey, MemberId, Moment
from hanse_ledger.wire.membership import Change


class Members:
    """The members, and the changes that they are voting on. Reached as `client.members`."""

    def __init__(self, portal: Portal, calls: AsyncMembers) -> None:
        self._portal, self._calls = portal, calls

    def present(self) -> TrustFile:
        """Give the members as the node shows them now: each change since the trust file is verified, and kept."""
        return self._portal.run(self._calls.present)

    def proposals(self) -> tuple[Proposal, ...]:
        """Give what the members are voting on: each proposal as its proposer has signed it, with the votes so far.

        Raises:
            BadAnswer: what the node shows does not hold.
            SecurityAlarm: its head contradicts what is remembered.
        """
        return self._portal.run(self._calls.proposals)

    def propose(self, change: Change, *, closes_ms: Moment | None = None) -> Receipt:
        """Propose a change of the members, and so vote for it; the client's identity is a member's. Rule M-3.

        Args:
            change: what shall be different; see `admit`, `remove` and the other functions of this module.
            closes_ms: when it is void; by default in a week.

        Returns:
            The receipt; `object_id` names the proposal.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        return self._portal.run(self._calls.propose, change, closes_ms=closes_ms)

    def vote(self, proposal: Id, *, approve: bool) -> Receipt:
        """Vote on an open proposal, once. Rule M-4. Raises as `propose` does."""
        return self._portal.run(self._calls.vote, proposal, approve=approve)

    def withdraw(self, proposal: Id) -> Receipt:
        """Take one's own proposal back, until it has taken effect. Rule M-6. Raises as `propose` does."""
        return self._portal.run(self._calls.withdraw, proposal)

    def report(self, evidence: bytes) -> Receipt:
        """Record evidence against members, which must prove what it says. Rule X-1.

        Raises as `submit` does; InvalidInput where it proves nothing, or is too large for a record.
        """
        return self._portal.run(self._calls.report, evidence)

    def tag_recipients(self) -> dict[MemberId, EncryptionKey]:
        """Say to which key the members' key of an epoch of tags is sealed for each member; see `begin_tags`.

        For a member with a node that is the node's own key, from the cosigning key that the members state; for another
        one that of its office. A member that has neither is left out: it gets the key by hand.

        Raises:
            BadAnswer: what the node shows does not hold.
        """
        return self._portal.run(self._calls.tag_recipients)

    def open_tag_key(self, epoch: int, proposal: Id | None = None) -> EpochKey:
        """Open the members' key of an epoch of tags that is sealed to the office of the client's member.

        Args:
            epoch: the epoch.
            proposal: that proposes it; by default the epoch is in use.

        Raises:
            InvalidInput: there is no such key, or it is not sealed to the client's identity, or not the one to which
                the members commit.
            IdentityError: the client's key is no member's.
        """
        return self._portal.run(self._calls.open_tag_key, epoch, proposal)
