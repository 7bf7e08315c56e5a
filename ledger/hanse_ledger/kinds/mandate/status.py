"""How the status of a mandate is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.mandate.state import MandateScope
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], at: Moment) -> Judgement:
    """Judge a mandate: it counts within its validity, until it is revoked."""
    scope: MandateScope = aspects["scope"]
    if aspects["status"].revoked:
        return Judgement(
            Verdict.REVOKED,
            said("state.mandate.revoked", "revoked"),
            said("standing.mandate.revoked", "revoked by the principal or by the mandatary"),
        )
    if scope.valid_until <= at:
        return Judgement(
            Verdict.EXPIRED_OR_SUPERSEDED,
            said("state.mandate.expired", "expired"),
            said("standing.mandate.expired", "the mandate has expired"),
        )
    if scope.valid_from > at:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.mandate.not-yet", "not yet valid"),
            said("standing.mandate.not-yet", "the mandate has not begun"),
        )
    return Judgement(
        Verdict.VALID,
        said("state.mandate.in-force", "in force"),
        said("standing.mandate.in-force", "in force, while its principal is enrolled and not suspended"),
    )
