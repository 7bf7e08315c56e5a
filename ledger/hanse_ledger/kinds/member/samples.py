"""A sample of each record of the members."""

from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.standins import DAY, T0, YEAR, public_key, raw_key, stand_in
from hanse_ledger.wire.membership import Change, Cosigner, Member, MemberKey, MemberRole


def propose() -> ProposeChange:
    """The market would admit a bank with its node, within a week."""
    keys = (public_key(name) for name in ("new", "new spare"))
    bank = Member(
        id="new",
        keys=tuple(MemberKey(key=key, valid_from=T0, valid_until=T0 + 3 * YEAR) for key in keys),
        name="Member new",
        roles=(MemberRole.BANK,),
    )
    node = Cosigner(
        cosigning_key=raw_key("new cosigner"),
        id="new",
        log_key=raw_key("new log"),
        ml_dsa_key=None,
        validator_key=raw_key("new validator"),
    )
    change = Change(cosigners=(node,), members=(bank,), parameters=None, removed=())
    return ProposeChange(change=change, closes=T0 + 7 * DAY, epoch=0, member="market")


def vote() -> VoteOnChange:
    """The market votes for the proposal of another."""
    return VoteOnChange(approve=True, member="market", proposal=stand_in("proposal"))


def ready() -> ReportReady:
    """The node of a member that a proposal brings is ready."""
    return ReportReady(member="new", proposal=stand_in("proposal"))


def withdraw() -> WithdrawChange:
    """The market takes its proposal back."""
    return WithdrawChange(member="market", proposal=stand_in("proposal"))
