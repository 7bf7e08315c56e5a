"""Members, who stands behind a signature, and how the members change themselves."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import Context, Signers, find_member, meant, require, require_alone, require_only
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, Proposal, carried, voters
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
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, Rejected
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, Moment, RecordId
from hanse_ledger.wire.membership import LEAST_COSIGNERS, LEAST_KEYS, LEAST_MEMBERS, Change, awaited, changed


def propose_change(state: StateView, body: ProposeChange, signers: Signers, context: Context) -> Delta:
    """M-3. A member proposes a change to the members, and so approves it; it has one proposal open at a time."""
    membership, change, at = state.membership, body.change, context.at
    _require_member(state, body.member, signers)
    require(body.epoch == membership.epoch, EPOCH_PASSED, "/body/epoch", seen=body.epoch, wanted=membership.epoch)
    own = state.proposals.of(body.member)
    require(
        own is None or at >= own.closes,
        PROPOSAL_OPEN,
        "/body/member",
        seen=b"" if own is None else own.id,
    )
    latest = at + limits.PROPOSAL_MS
    for holds, reason, wanted in (
        (at < body.closes, CLOSES_TOO_SOON, f"after {moment_words(at)}"),
        (body.closes <= latest, CLOSES_TOO_LATE, f"up to {moment_words(latest)}"),
    ):
        require(holds, reason, "/body/closes", seen=lambda: moment_words(body.closes), wanted=wanted)
    _require_sound(state, change, at)
    proposal = Proposal(
        accepted=False,
        approvals=(body.member,),
        change=change,
        closes=body.closes,
        id=context.record,
        proposer=body.member,
        ready=(),
        refusals=(),
    )
    return _settle(state, proposal, "/body/change/members")


def vote_on_change(state: StateView, body: VoteOnChange, signers: Signers, context: Context) -> Delta:
    """M-4. Each member votes once on a proposal, also on what concerns itself; more than two thirds of all accept."""
    _require_member(state, body.member, signers)
    proposal = _open_proposal(state, body.proposal, context.at)
    require(not proposal.accepted, PROPOSAL_ACCEPTED, "/body/proposal", seen=proposal.id)
    voted = body.member in proposal.approvals or body.member in proposal.refusals
    require(not voted, ALREADY_VOTED, "/body/member", seen=body.member)
    if body.approve:
        proposal = replace(proposal, approvals=_with(proposal.approvals, body.member))
    else:
        proposal = replace(proposal, refusals=_with(proposal.refusals, body.member))
    return _settle(state, proposal, "/body/proposal")


def report_ready(state: StateView, body: ReportReady, signers: Signers, context: Context) -> Delta:
    """M-5. A node that an accepted change brings reports itself; when all have, the change takes effect."""
    proposal = _open_proposal(state, body.proposal, context.at)
    require(proposal.accepted, PROPOSAL_NOT_ACCEPTED, "/body/proposal", seen=proposal.id)
    waiting = body.member in awaited(state.membership, proposal.change) and body.member not in proposal.ready
    require(waiting, NODE_NOT_AWAITED, "/body/member", seen=body.member)
    require(len(signers.new_keys) == 1, NOT_THE_NODE, "/signers", wanted=body.member)
    require_only(signers, 1)
    return _settle(state, replace(proposal, ready=_with(proposal.ready, body.member)), "/body/proposal")


def withdraw_change(state: StateView, body: WithdrawChange, signers: Signers, _: Context) -> Delta:
    """M-6. A member takes its own proposal back, accepted or not, until it has taken effect."""
    _require_member(state, body.member, signers)
    proposal = _standing_proposal(state, body.proposal)
    require(proposal.proposer == body.member, NOT_PROPOSER, "/body/proposal", seen=proposal.proposer)
    return Delta(proposals=state.proposals.without(body.member))


def _require_member(state: StateView, name: MemberId, signers: Signers) -> None:
    """Refuse what a member has not signed, alone."""
    find_member(state, name, None, "/body/member")
    require_alone(signers, name, NOT_VOTING_MEMBER)


def _require_sound(state: StateView, change: Change, at: Moment) -> None:
    """Refuse a change that changes nothing, removes too many, or leads to what cannot be."""
    membership, pointer = state.membership, "/body/change"
    for place, name in enumerate(change.removed):
        known = membership.member(name) is not None or membership.cosigner(name) is not None
        require(known, MEMBER_UNKNOWN, f"{pointer}/removed/{place}", seen=name)
    try:
        after = changed(membership, change)
    except Malformed as error:
        raise Rejected(MEMBERSHIP_UNSOUND, pointer=pointer, seen=error.detail) from error
    require(replace(after, epoch=membership.epoch) != membership, CHANGE_EMPTY, pointer)
    least = min(LEAST_MEMBERS, len(membership.members))
    require(
        len(after.members) >= least,
        TOO_FEW_MEMBERS,
        f"{pointer}/removed",
        seen=len(after.members),
        wanted=least,
    )
    least = min(LEAST_COSIGNERS, len(membership.cosigners))
    require(
        len(after.cosigners) >= least,
        TOO_FEW_COSIGNERS,
        f"{pointer}/removed",
        seen=len(after.cosigners),
        wanted=least,
    )
    for place, member in enumerate(change.members):
        before = membership.member(member.id)
        lasting = sum(held.valid_until > at for held in member.keys)
        # Others can suspend a member whose keys have ended, as it is; nobody can make it keys.
        same = before is not None and before.keys == member.keys
        require(
            same or lasting >= LEAST_KEYS,
            TOO_FEW_KEYS,
            f"{pointer}/members/{place}/keys",
            seen=lasting,
            wanted=LEAST_KEYS,
        )
    _require_keys_free(state, change, f"{pointer}/members")


def _require_keys_free(state: StateView, change: Change, pointer: str) -> None:
    """Refuse what would give a member a key that a party has: when it is proposed, and when it would take effect."""
    for member in change.members:
        for held in member.keys:
            taken = state.claim(claim_key(ClaimKind.KEY, held.key)) is not None
            require(not taken, KEY_TAKEN, pointer, seen=held.key)


def _standing_proposal(state: StateView, name: RecordId) -> Proposal:
    """Find a proposal of this epoch that has not been withdrawn or refused, or refuse."""
    proposal = state.proposals.named(name)
    if proposal is None:
        wanted = meant(state, name, "an open proposal")
        raise Rejected(PROPOSAL_UNKNOWN, pointer="/body/proposal", seen=name.hex(), wanted=wanted)
    return proposal


def _open_proposal(state: StateView, name: RecordId, at: Moment) -> Proposal:
    """Find a proposal that is open, or refuse."""
    proposal = _standing_proposal(state, name)
    require(
        at < proposal.closes,
        PROPOSAL_CLOSED,
        "/body/proposal",
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"before {moment_words(proposal.closes)}",
    )
    return proposal


def _settle(state: StateView, proposal: Proposal, pointer: str) -> Delta:
    """Draw the consequence of a vote or a report: accepted, refused, in effect, or still open."""
    membership, change = state.membership, proposal.change
    possible = {*voters(membership)} - {*proposal.refusals}
    if carried(membership, change, proposal.approvals):
        proposal = replace(proposal, accepted=True)
    elif not carried(membership, change, possible):
        return Delta(proposals=state.proposals.without(proposal.proposer))
    if proposal.accepted and set(awaited(membership, change)) <= set(proposal.ready):
        _require_keys_free(state, change, pointer)
        return Delta(membership=changed(membership, change), proposals=NO_PROPOSALS)
    return Delta(proposals=state.proposals.put(proposal))


def _with(names: tuple[MemberId, ...], name: MemberId) -> tuple[MemberId, ...]:
    return tuple(sorted((*names, name)))
