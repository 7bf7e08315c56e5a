"""How the status of a title is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.title.bodies import Medium
from hanse_ledger.kinds.title.state import TitleHolding, TitleState, TitleStatus
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a title: who holds it, and whether it gives a right still."""
    status: TitleStatus = aspects["status"]
    holding: TitleHolding = aspects["holding"]
    if status.state is TitleState.SURRENDERED:
        return Judgement(
            Verdict.EXPIRED_OR_SUPERSEDED,
            said("state.title.surrendered", "surrendered"),
            said("standing.title.surrendered", "the carrier has taken it in: it gives no right any more"),
        )
    if status.medium is Medium.PAPER or holding.holder is None:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.title.paper", "on paper"),
            said("standing.title.paper", "it is on paper: the ledger does not say who has it"),
        )
    return Judgement(
        Verdict.VALID,
        said("state.title.live", "live"),
        said("standing.title.live", "the party {id} holds it, and nobody else", holding.holder.hex()),
    )
