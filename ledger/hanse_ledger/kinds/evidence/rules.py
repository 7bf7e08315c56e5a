"""Evidence against members, on the record."""

from hanse_ledger.kinds.claims import COUNT_BYTES, ClaimKind, claim_key, reports_claim
from hanse_ledger.kinds.common import Context, Signers, ascending, find_member, require, require_alone
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.evidence.refusals import (
    ACCUSED_NOT_SORTED,
    EVIDENCE_BOUND,
    EVIDENCE_REPORTED,
    NOT_REPORTING_MEMBER,
)
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.limits import EVIDENCE_A_DAY, REPORTS_A_DAY


def report_evidence(state: StateView, body: ReportEvidence, signers: Signers, context: Context) -> Delta:
    """X-1. A member records evidence against others, once each file; whether it proves anything, the file shows."""
    find_member(state, body.member, None, "/body/member")
    require_alone(signers, body.member, NOT_REPORTING_MEMBER)
    require(ascending(body.accused), ACCUSED_NOT_SORTED, "/body/accused")
    claim = claim_key(ClaimKind.EVIDENCE, hash_bytes(body.evidence))
    require(state.claim(claim) is None, EVIDENCE_REPORTED, "/body/evidence", seen=hash_bytes(body.evidence))
    counts = {}
    shares = [(reports_claim(body.member, None, context.at), REPORTS_A_DAY, "/body/member", "in all")]
    for place, accused in enumerate(body.accused):
        against = reports_claim(body.member, accused, context.at)
        shares.append((against, EVIDENCE_A_DAY, f"/body/accused/{place}", f"against {accused}"))
    for counted, most, field, whom in shares:
        count = int.from_bytes(state.claim(counted) or b"", "big")
        require(
            count < most,
            EVIDENCE_BOUND,
            field,
            seen=f"{count} files {whom} today",
            wanted=f"at most {most} a day",
        )
        counts[counted] = (count + 1).to_bytes(COUNT_BYTES, "big")

    # From here the report must succeed.
    return Delta(claims={claim: context.record, **counts})
