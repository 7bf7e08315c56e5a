"""The members, and what they are voting on, in words and as a document."""

from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.member.proposals import Proposal, left_out
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.membership import Change, Member, Membership, Parameters, awaited, quorum_of


def document_of(trust: TrustFile, proposals: Sequence[Proposal]) -> dict[str, object]:
    """Give the members and the open proposals as a document."""
    membership = trust.membership
    return {
        "ledger": trust.ledger,
        "epoch": membership.epoch,
        "quorum": membership.parameters.quorum,
        "parameters": membership.parameters,
        "members": membership.members,
        "cosigners": membership.cosigners,
        "proposals": proposals,
    }


def rows_of(membership: Membership, proposals: Sequence[Proposal]) -> Iterator[tuple[str, str]]:
    """Describe the members, and each open proposal."""
    yield "epoch", str(membership.epoch)
    yield "quorum", f"{membership.parameters.quorum} of {len(membership.cosigners)}"
    yield from tag_rows(membership.parameters)
    for member in membership.members:
        yield member.id, _member_words(member, cosigns=membership.cosigner(member.id) is not None)
    for cosigner in membership.cosigners:
        if membership.member(cosigner.id) is None:
            yield cosigner.id, "a cosigner that is no member"
    for proposal in proposals:
        yield from _proposal_rows(membership, proposal)


def words_of(change: Change) -> Iterator[tuple[str, str]]:
    """Describe what a change puts, removes and sets."""
    for member in change.members:
        node = any(each.id == member.id for each in change.cosigners)
        yield f"put {member.id}", _member_words(member, cosigns=node)
        for held in member.keys:
            yield "", f"key {held.key.hex()}"
    for cosigner in change.cosigners:
        yield f"node of {cosigner.id}", f"cosigning key {cosigner.cosigning_key.hex()}"
    for name in change.removed:
        yield "remove", name
    if change.parameters is not None:
        epochs = ", ".join(str(epoch) for epoch in change.parameters.tag_epochs)
        yield "parameters", f"quorum {change.parameters.quorum}, tag epochs {epochs}"
        yield from _key_rows(change.parameters)


def tag_rows(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """Describe the epochs of tags, and of each to whom its key is sealed."""
    yield "tag epochs", ", ".join(str(epoch) for epoch in parameters.tag_epochs)
    for epoch in parameters.tag_epochs:
        if all(key.epoch != epoch for key in parameters.tag_keys):
            yield f"tag key {epoch}", "the members hand it on themselves"
    yield from _key_rows(parameters)


def _key_rows(parameters: Parameters) -> Iterator[tuple[str, str]]:
    for key in parameters.tag_keys:
        names = ", ".join(sealed.member for sealed in key.sealed) or "nobody"
        yield f"tag key {key.epoch}", f"sealed to {names}; commitment {key.commitment.hex()}"


def standing_words(membership: Membership, proposal: Proposal) -> str:
    """Say how a proposal stands: what it waits for."""
    if proposal.accepted:
        waits = [name for name in awaited(membership, proposal.change) if name not in proposal.ready]
        return f"accepted; waits for the nodes of {', '.join(waits)} to be ready"
    count, needed = len(membership.members), quorum_of(len(membership.members))
    words = f"{len(proposal.approvals)} of {count} members have approved; {needed} are needed"
    out = left_out(membership, proposal.change, proposal.approvals)
    if len(proposal.approvals) >= needed and out:
        words += f", and it leaves out too many cosigners who have not approved: {', '.join(sorted(out))}"
    return words


def _proposal_rows(membership: Membership, proposal: Proposal) -> Iterator[tuple[str, str]]:
    yield "proposal", f"{proposal.id.hex()} of {proposal.proposer}, until {moment_words(proposal.closes)}"
    yield from (("", f"{name} {words}") for name, words in words_of(proposal.change))
    yield "", f"for it: {', '.join(proposal.approvals)}"
    if proposal.refusals:
        yield "", f"against it: {', '.join(proposal.refusals)}"
    yield "", standing_words(membership, proposal)


def _member_words(member: Member, *, cosigns: bool) -> str:
    ends = moment_words(max(held.valid_until for held in member.keys))
    parts = [f"{member.name} ({', '.join(member.roles)})", f"{len(member.keys)} keys, the last until {ends}"]
    parts += ["runs a node"] if cosigns else []
    parts += ["suspended"] if member.suspended else []
    return "; ".join(parts)
