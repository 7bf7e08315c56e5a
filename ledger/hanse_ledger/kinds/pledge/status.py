"""How the status of a pledge is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.pledge.state import PledgeAmounts, PledgeState, PledgeStatus
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a pledge: it stands until it is released, or settled in full; what its bank has paid out stands beside."""
    status: PledgeStatus = aspects["status"]
    amounts: PledgeAmounts = aspects["amounts"]
    if status.state is PledgeState.RELEASED:
        released = said("standing.pledge.released", "it has been released")
        return Judgement(Verdict.REVOKED, said("state.pledge.released", "released"), _with_payout(amounts, released))
    amount, settled = (money_text(minor, amounts) for minor in (amounts.amount_minor, amounts.settled_minor))
    if amounts.settled_minor >= amounts.amount_minor:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.pledge.settled", "settled"),
            _with_payout(amounts, said("standing.pledge.settled", "its {amount} are settled in full", amount)),
        )
    stands = said("standing.pledge.live", "it stands for {amount}, of which {settled} are settled", amount, settled)
    stands = _with_payout(amounts, stands)
    return Judgement(Verdict.VALID, said("state.pledge.live", "live"), stands, stands)


def _with_payout(amounts: PledgeAmounts, stands: Said) -> Said:
    """Say besides what has been paid out to the seller, by the word of the banks that had the pledge."""
    if amounts.paid_out_minor == 0:
        return stands
    paid = money_text(amounts.paid_out_minor, amounts)
    return said(
        "standing.pledge.paid-out", "{stands}; its bank says that {paid} are paid out to the seller", stands, paid
    )
