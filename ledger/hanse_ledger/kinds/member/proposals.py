"""Open proposals: the changes of the members that are being voted on, side by side, one a member at most.

They stand apart from the members: `proposals` in a state entry is the RFC 9162 root over their leaves, in the order of
their proposers. Whoever only wants to know who the members are needs none of them.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from hanse_ledger.kinds.member.bodies import MembersBody, ProposeChange, VoteOnChange
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid, Unknown
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.types import Digest, MemberId, Moment, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import Change, Membership, tolerated

_Names = Annotated[tuple[MemberId, ...], Meta(max_length=limits.MEMBERS)]


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An open change.

    Attributes:
        accepted: whether it is carried, and waits for the nodes that it brings.
        approvals: members, in the order of their ids.
        change: what is to be different.
        closes: the block time at which it is void.
        id: of the proposing record.
        proposer: the member; each has one open at a time.
        ready: members whose nodes have reported themselves, in the order of their ids.
        refusals: members, in the order of their ids.
    """

    accepted: bool
    approvals: _Names
    change: Change
    closes: Moment
    id: RecordId
    proposer: MemberId
    ready: _Names
    refusals: _Names


class ProposalLeaf(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the root is over.

    Attributes:
        proposer: whose it is.
        id: of the proposing record.
        whole: SHA-256 of the proposal's canonical bytes.
    """

    proposer: MemberId
    id: RecordId
    whole: Digest


class OpenProposals:
    """The open proposals in the order of their proposers; of some only the leaf may be known. It never changes."""

    def __init__(self, whole: Iterable[Proposal] = (), leaves: Iterable[ProposalLeaf] | None = None) -> None:
        """Take up what is known.

        Args:
            whole: proposals, each of another member.
            leaves: those of all that are open, if `whole` is not all of them.

        Raises:
            ProofInvalid: a proposal is none of the leaves.
        """
        self._whole = {proposal.proposer: proposal for proposal in whole}
        own = {name: leaf_of(proposal) for name, proposal in self._whole.items()}
        self._leaves = own if leaves is None else {leaf.proposer: leaf for leaf in leaves}
        if any(self._leaves.get(name) != leaf for name, leaf in own.items()):
            raise ProofInvalid("a proposal is not one of those that are open")

    @property
    def whole(self) -> tuple[Proposal, ...]:
        """Those that are known whole, in the order of their proposers."""
        return tuple(self._whole[name] for name in sorted(self._whole))

    @property
    def leaves(self) -> tuple[ProposalLeaf, ...]:
        """The leaves of all that are open, in the order of their proposers."""
        return tuple(self._leaves[name] for name in sorted(self._leaves))

    def of(self, proposer: MemberId) -> Proposal | None:
        """Find what a member has proposed. Raises Unknown: only its leaf is known."""
        leaf = self._leaves.get(proposer)
        return None if leaf is None else self._known(leaf)

    def named(self, name: RecordId) -> Proposal | None:
        """Find a proposal by the id of its record. Raises Unknown: only its leaf is known."""
        leaf = next((leaf for leaf in self._leaves.values() if leaf.id == name), None)
        return None if leaf is None else self._known(leaf)

    def put(self, proposal: Proposal) -> "OpenProposals":
        """Open a proposal, or let it take the place of what the same member has proposed."""
        others = self.without(proposal.proposer)
        return OpenProposals((*others.whole, proposal), (*others.leaves, leaf_of(proposal)))

    def without(self, proposer: MemberId) -> "OpenProposals":
        """Leave out what a member has proposed, if anything."""
        return OpenProposals(
            (proposal for name, proposal in self._whole.items() if name != proposer),
            (leaf for name, leaf in self._leaves.items() if name != proposer),
        )

    def root(self) -> Digest:
        """Compute the root over all that are open (RFC 9162, section 2.1.1); over none it is SHA-256 of nothing."""
        return root_of([hash_leaf(encode(leaf)) for leaf in self.leaves])

    def _known(self, leaf: ProposalLeaf) -> Proposal:
        found = self._whole.get(leaf.proposer)
        if found is None:
            raise Unknown(f"the proposal {leaf.id.hex()} is not known")
        return found

    def __eq__(self, other: object) -> bool:
        """Two are the same that have the same proposals, as far as they are known."""
        return isinstance(other, OpenProposals) and (self._whole, self._leaves) == (other._whole, other._leaves)

    __hash__ = None  # type: ignore[assignment] # compared, never looked up by


NO_PROPOSALS = OpenProposals()


def leaf_of(proposal: Proposal) -> ProposalLeaf:
    """Give a proposal's leaf."""
    return ProposalLeaf(proposal.proposer, proposal.id, hash_bytes(encode(proposal)))


def voters(membership: Membership) -> tuple[MemberId, ...]:
    """List who votes: every member that is not suspended, also on what concerns itself."""
    return tuple(member.id for member in membership.members if not member.suspended)


def concerned(membership: Membership, change: Change) -> frozenset[MemberId]:
    """List the members whom a change removes or suspends, or gives other signing keys, roles or another node."""
    put = {member.id: member for member in change.members}
    nodes = {cosigner.id: cosigner for cosigner in change.cosigners}
    names = set(change.removed)
    for member in membership.members:
        new, node = put.get(member.id, member), membership.cosigner(member.id)
        differs = (new.keys, new.roles) != (member.keys, member.roles) or nodes.get(member.id, node) != node
        if differs or (new.suspended and not member.suspended):
            names.add(member.id)
    return frozenset(member.id for member in membership.members if member.id in names)


def left_out(membership: Membership, change: Change, approvals: Iterable[MemberId]) -> frozenset[MemberId]:
    """List whom a change leaves out: whom it concerns and who has not approved it, and who is suspended already."""
    suspended = {member.id for member in membership.members if member.suspended}
    return (concerned(membership, change) - {*approvals}) | suspended


def carried(membership: Membership, change: Change, approvals: Iterable[MemberId]) -> bool:
    """Tell whether approvals carry a change: of more than two thirds of all members, and few enough left out.

    Left out are at most f of n = 3f + 1 members, and as many of the cosigners. A cosigner that is no member has no
    voice: the members decide about it.
    """
    approving = {*approvals}
    enough = 3 * len(approving) > 2 * len(membership.members)
    out = left_out(membership, change, approving)
    groups = (membership.members, membership.cosigners)
    return enough and all(len(out & {member.id for member in group}) <= tolerated(len(group)) for group in groups)


Step = TypeVar("Step")


def leading(
    led: Mapping[MemberId, tuple[Step, ...]], standing: OpenProposals, body: MembersBody, step: Step
) -> tuple[MemberId, tuple[Step, ...]]:
    """Give whose proposal a record is about, and the steps that lead to its effect.

    Args:
        led: the steps so far, by proposer: where the proposal, the approvals and the nodes' reports stand.
        standing: what was open before the record, which the rules have accepted.
        body: the record's.
        step: where it stands. One that votes against leads nowhere.
    """
    if isinstance(body, ProposeChange):
        return body.member, (step,)
    proposal = standing.named(body.proposal)
    assert proposal is not None, "the rule has found it"
    steps = led.get(proposal.proposer, ())
    return proposal.proposer, steps if isinstance(body, VoteOnChange) and not body.approve else (*steps, step)
