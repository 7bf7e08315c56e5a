"""Evidence against members, on the record."""

from hanse_ledger.hashing import hash_bytes
from hanse_ledger.membership import ReportEvidence
from hanse_ledger.reasons import Reason
from hanse_ledger.rules.common import Context, Signers, ascending, find_member, require, require_only
from hanse_ledger.state import ClaimKind, Delta, StateView, claim_key


def report_evidence(state: StateView, body: ReportEvidence, signers: Signers, context: Context) -> Delta:
    """X-1. A member records evidence against others, once each file; whether it proves anything, the file shows."""
    find_member(state, body.member, None, "/body/member")
    require(body.member in signers.members, Reason.NOT_REPORTING_MEMBER, "/signers", wanted=body.member)
    require_only(signers, 1)
    require(ascending(body.accused), Reason.ACCUSED_NOT_SORTED, "/body/accused")
    claim = claim_key(ClaimKind.EVIDENCE, hash_bytes(body.evidence))
    require(state.claim(claim) is None, Reason.EVIDENCE_REPORTED, "/body/evidence", seen=hash_bytes(body.evidence))
    return Delta(claims={claim: context.record})
