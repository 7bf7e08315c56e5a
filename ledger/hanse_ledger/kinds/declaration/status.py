"""How the status of a declaration is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.declaration.state import DeclarationState, DeclarationStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a declaration by what customs decided."""
    status: DeclarationStatus = aspects["status"]
    match status.state:
        case DeclarationState.RELEASED:
            return Judgement(Verdict.VALID, "released", "customs has released the goods")
        case DeclarationState.LODGED:
            return Judgement(Verdict.VALID_WITH_WARNINGS, "lodged", "customs has not decided it")
        case DeclarationState.WITHDRAWN:
            return Judgement(Verdict.REVOKED, "withdrawn", "the declarant has withdrawn it")
        case DeclarationState.LAPSED:
            return Judgement(Verdict.REVOKED, "lapsed", "customs has not decided it in time")
        case DeclarationState.REFUSED:
            return Judgement(Verdict.REVOKED, "refused", "customs has refused it")
