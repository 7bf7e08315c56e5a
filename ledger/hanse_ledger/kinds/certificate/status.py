"""How the status of a certificate is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.certificate.state import CertificateState, CertificateStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], at: Moment) -> Judgement:
    """Judge a certificate: one that is live counts within its validity."""
    status: CertificateStatus = aspects["status"]
    if status.state is CertificateState.REVOKED:
        return Judgement(Verdict.REVOKED, "revoked", "its issuer has revoked it")
    if status.valid_until <= at:
        return Judgement(Verdict.EXPIRED_OR_SUPERSEDED, "expired", "its validity has ended")
    if status.valid_from > at:
        return Judgement(Verdict.VALID_WITH_WARNINGS, "not yet valid", "its validity has not begun")
    return Judgement(Verdict.VALID, "live", "it is live")
