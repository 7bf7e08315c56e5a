"""What the members are voting on, proven; and what they should vote on before it is too late."""

from hanse_ledger.blocks.block import Tip
from hanse_ledger.proofs.voting import FORMAT, ProposalsFile
from hanse_ledger.values.moments import moment_words, span_words
from hanse_ledger.values.types import LedgerId, Moment
from hanse_ledger.wire.membership import Membership, ending_keys
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.prove import entry_evidence
from hanse_node.store.snapshot import Snapshot

AHEAD_MS = 60_000
"""So far clocks of honest nodes may differ, and nobody is bothered."""


def prove_proposals(view: Snapshot, ledger: LedgerId) -> ProposalsFile:
    """Show every open proposal with its proposer's own record, under the state entry and the signed head of the view.

    Raises:
        StoreFailed: the newest head is not signed, or an entry is missing.
    """
    head, checkpoint = view.standing, view.signed_head
    if checkpoint is None:
        raise StoreFailed("the newest head is not signed")
    whole = head.proposals.whole
    return ProposalsFile(
        format=FORMAT,
        checkpoint=checkpoint,
        ledger=ledger,
        proposals=whole,
        records=tuple(entry_evidence(view, head.pending[proposal.proposer][0]) for proposal in whole),
        state=entry_evidence(view, head.size - 1),
    )


def warnings_of(head: Tip, signed_at_seconds: int) -> tuple[str, ...]:
    """Say what will hinder the members and does not today. Without names, because everybody may ask.

    Args:
        head: where the ledger stands.
        signed_at_seconds: when this node signed last: every minute, so that no other clock is needed.
    """
    ending = ending_keys(head.membership, max(head.time, signed_at_seconds * 1_000))
    return ("the last key of a member ends within 90 days, or has ended: hanse member show",) if ending else ()


def ahead_words(time: Moment, ahead_ms: int, membership: Membership) -> str:
    """Say that the ledger's time lies ahead of the present, and whose clock it was; nothing where it does not.

    Args:
        time: that of the newest block.
        ahead_ms: how far it lies ahead of this node's clock.
        membership: who is in force; with one cosigner its node alone says what time it is.
    """
    if ahead_ms <= AHEAD_MS:
        return ""
    own = [cosigner.id for cosigner in membership.cosigners]
    whose = f"the clock of {own[0]}'s node was" if len(own) == 1 else "the clocks of several members' nodes were"
    return (
        f"The ledger's time, {moment_words(time)}, lies {span_words(ahead_ms)} ahead of this node's clock: {whose} "
        "ahead when the newest block was written, or this one is slow. Its time never goes back: until the present "
        "has reached it, records are judged by it."
    )
