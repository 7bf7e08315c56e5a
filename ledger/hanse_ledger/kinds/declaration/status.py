"""How the status of a declaration is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.declaration.state import DeclarationState, DeclarationStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict

_JUDGED: Mapping[DeclarationState, Judgement] = {
    DeclarationState.RELEASED: Judgement(
        Verdict.VALID,
        said("state.declaration.released", "released"),
        said("standing.declaration.released", "customs has released the goods"),
    ),
    DeclarationState.PARTLY_RELEASED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.declaration.partly-released", "partly released"),
        said("standing.declaration.partly-released", "customs has released a part, and has not decided the rest"),
    ),
    DeclarationState.CUT_SHORT: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.declaration.cut-short", "released in part"),
        said("standing.declaration.cut-short", "customs has released a part, and the rest is not released"),
    ),
    DeclarationState.LODGED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.declaration.lodged", "lodged"),
        said("standing.declaration.lodged", "customs has not decided it"),
    ),
    DeclarationState.WITHDRAWN: Judgement(
        Verdict.REVOKED,
        said("state.declaration.withdrawn", "withdrawn"),
        said("standing.declaration.withdrawn", "the declarant has withdrawn it"),
    ),
    DeclarationState.LAPSED: Judgement(
        Verdict.REVOKED,
        said("state.declaration.lapsed", "lapsed"),
        said("standing.declaration.lapsed", "customs has not decided it in time"),
    ),
    DeclarationState.REFUSED: Judgement(
        Verdict.REVOKED,
        said("state.declaration.refused", "refused"),
        said("standing.declaration.refused", "customs has refused it"),
    ),
}

_ASKED = Judgement(
    Verdict.VALID_WITH_WARNINGS,
    said("state.declaration.lodged", "lodged"),
    said("standing.declaration.asked", "customs has asked the declarant something, and waits"),
)


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a declaration by what customs decided, and by whether it waits for an answer."""
    status: DeclarationStatus = aspects["status"]
    asked = status.state is DeclarationState.LODGED and aspects["query"] is not None
    return _ASKED if asked else _JUDGED[status.state]
