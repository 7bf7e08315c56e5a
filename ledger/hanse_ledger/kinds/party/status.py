"""How the status of a party is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.party.state import PartyKey, PartyStatus
from hanse_ledger.values import limits
from hanse_ledger.values.messages import said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], at: Moment) -> Judgement:
    """Judge a party: an enrolment counts within its validity, while the party has a key."""
    status: PartyStatus = aspects["status"]
    if status.valid_until <= at:
        return Judgement(
            Verdict.EXPIRED_OR_SUPERSEDED,
            said("state.party.expired", "expired"),
            said("standing.party.expired", "the enrolment has expired"),
        )
    if status.valid_from > at:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.party.not-yet", "not yet valid"),
            said("standing.party.not-yet", "the enrolment has not begun"),
        )
    if status.suspended:
        return Judgement(
            Verdict.REVOKED,
            said("state.party.suspended", "suspended"),
            said("standing.party.suspended", "its member has suspended it, until it is reinstated"),
        )
    if aspects["key"].key is None:
        return Judgement(
            Verdict.REVOKED,
            said("state.party.key-revoked", "key revoked"),
            said("standing.party.key-revoked", "the party's key has been revoked"),
        )
    return _judged_key(aspects["key"])


def _judged_key(keys: PartyKey) -> Judgement:
    """Judge the key of a party in force: a warning stays with one that replaced a lost one."""
    replaced = keys.replaced
    if replaced is not None:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.party.key-replaced", "key replaced"),
            said(
                "standing.party.key-replaced",
                "key replaced by {member} and {second} on {moment}, without the old key",
                replaced.member,
                replaced.repair,
                moment_words(replaced.at),
            ),
        )
    repair = keys.open_repair
    if repair is not None:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.party.repair-open", "key said to be lost"),
            said(
                "standing.party.repair-open",
                "its members say that its key is lost; from {moment} on another one may take its place",
                moment_words(repair.opened + limits.REPAIR_MS),
            ),
        )
    return Judgement(
        Verdict.VALID, said("state.party.enrolled", "enrolled"), said("standing.party.enrolled", "enrolled")
    )
