"""How the status of a certificate is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.certificate.state import CertificateQuery, CertificateState, CertificateStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], at: Moment) -> Judgement:
    """Judge a certificate: one that is live counts within its validity; an application is none yet."""
    status: CertificateStatus = aspects["status"]
    query: CertificateQuery | None = aspects["query"]
    if status.state is CertificateState.APPLIED and query is not None:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.certificate.queried", "applied for, queried"),
            said(
                "standing.certificate.queried", "it is an application, and its issuer waits for the applicant's answer"
            ),
        )
    if status.replaced_by is not None:
        return Judgement(
            Verdict.EXPIRED_OR_SUPERSEDED,
            said("state.certificate.replaced", "replaced"),
            said(
                "standing.certificate.replaced",
                "its issuer has put certificate {certificate} in its place",
                status.replaced_by.hex(),
            ),
        )
    if status.state is CertificateState.LIVE:
        return _in_force(status, query, at)
    return _OTHERWISE[status.state]


def _in_force(status: CertificateStatus, query: CertificateQuery | None, at: Moment) -> Judgement:
    if status.valid_until <= at:
        return Judgement(
            Verdict.EXPIRED_OR_SUPERSEDED,
            said("state.certificate.expired", "expired"),
            said("standing.certificate.expired", "its validity has ended"),
        )
    if status.valid_from > at:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.certificate.not-yet", "not yet valid"),
            said("standing.certificate.not-yet", "its validity has not begun"),
        )
    if query is not None:
        return Judgement(
            Verdict.VALID_WITH_WARNINGS,
            said("state.certificate.live", "live"),
            said("standing.certificate.asked", "it is live, and a customs authority has asked its issuer about it"),
        )
    return Judgement(
        Verdict.VALID, said("state.certificate.live", "live"), said("standing.certificate.live", "it is live")
    )


_OTHERWISE: Mapping[CertificateState, Judgement] = {
    CertificateState.APPLIED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.certificate.applied", "applied for"),
        said("standing.certificate.applied", "it is an application, which its issuer has not decided"),
    ),
    CertificateState.REFUSED: Judgement(
        Verdict.REVOKED,
        said("state.certificate.refused", "refused"),
        said("standing.certificate.refused", "its issuer has refused the application"),
    ),
    CertificateState.REVOKED: Judgement(
        Verdict.REVOKED,
        said("state.certificate.revoked", "revoked"),
        said("standing.certificate.revoked", "its issuer has revoked it"),
    ),
    CertificateState.WITHDRAWN: Judgement(
        Verdict.REVOKED,
        said("state.certificate.withdrawn", "withdrawn"),
        said("standing.certificate.withdrawn", "the exporter has withdrawn the application"),
    ),
}
"""What is no certificate in force: what it is called, and what that means for whoever relies on it."""
