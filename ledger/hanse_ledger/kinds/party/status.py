"""How the status of a party is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.party.state import PartyStatus
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], at: Moment) -> Judgement:
    """Judge a party: an enrolment counts within its validity, while the party has a key."""
    status: PartyStatus = aspects["status"]
    if status.valid_until <= at:
        return Judgement(Verdict.EXPIRED_OR_SUPERSEDED, "expired", "the enrolment has expired")
    if status.valid_from > at:
        return Judgement(Verdict.VALID_WITH_WARNINGS, "not yet valid", "the enrolment has not begun")
    if aspects["key"].key is None:
        return Judgement(Verdict.REVOKED, "key revoked", "the party's key has been revoked")
    return Judgement(Verdict.VALID, "enrolled", "enrolled")
