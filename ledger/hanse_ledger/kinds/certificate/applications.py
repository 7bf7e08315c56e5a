"""Applications for certificates: asked for, asked about, answered, granted, refused, taken back.

An application is the certificate that it may become: the same object, of which nothing can be drawn yet.
"""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    GrantCertificate,
    QueryCertificate,
    RefuseCertificate,
    WithdrawCertificate,
)
from hanse_ledger.kinds.certificate.refusals import (
    APPLICATION_CLOSED,
    CERTIFICATE_CLOSED,
    NOT_ASKING,
    NOT_EXPORTER,
    NOT_ORIGIN_ISSUER,
    QUESTION_NOT_OPEN,
    QUESTION_OPEN,
)
from hanse_ledger.kinds.certificate.rules import (
    balances_of,
    begun,
    find_certificate,
    in_state,
    require_issuer,
    require_validity,
)
from hanse_ledger.kinds.certificate.state import Certificate, CertificateQuery, CertificateState
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    ascending,
    find_active_member,
    find_member,
    require,
    require_alone,
)
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party, find_party
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.wire.membership import MemberRole


def apply_for_certificate(state: StateView, body: ApplyForCertificate, signers: Signers, context: Context) -> Delta:
    """O-3. An exporter asks an origin issuer for a certificate; the application stands until it is decided."""
    find_active_member(state, body.issuer, MemberRole.ORIGIN_ISSUER, context.at, "/body/issuer")
    find_active_party(state, body.exporter, PartyRole.SELLER, context.at, "/body/exporter")
    require_alone(signers, body.exporter, NOT_EXPORTER)
    if body.consignee is not None:
        find_party(state, body.consignee, "/body/consignee")
    require_validity(body, context)

    # From here the application must succeed.
    return Delta(objects=(begun(body, CertificateState.APPLIED, context),))


def query_certificate(state: StateView, body: QueryCertificate, signers: Signers, context: Context) -> Delta:
    """O-4. The issuer asks the applicant about an application; a customs authority the issuer about a certificate."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    require_alone(signers, body.office, NOT_ASKING)
    present = certificate.status.state
    require(
        present in (CertificateState.APPLIED, CertificateState.LIVE),
        CERTIFICATE_CLOSED,
        "/body/certificate",
        seen=present,
    )
    if present is CertificateState.APPLIED:
        issuer = certificate.links.issuer
        require(body.office == issuer, NOT_ORIGIN_ISSUER, "/body/office", seen=body.office, wanted=issuer)
        find_member(state, issuer, MemberRole.ORIGIN_ISSUER, "/body/office")
    else:
        find_member(state, body.office, MemberRole.CUSTOMS, "/body/office")
    require(certificate.query is None, QUESTION_OPEN, "/body/certificate")
    _require_reasons(body)

    # From here the question must succeed.
    query = CertificateQuery(document=body.document, office=body.office, reasons=body.reasons, record=context.record)
    return Delta(objects=(replace(certificate, query=query),))


def answer_certificate(state: StateView, body: AnswerCertificate, signers: Signers, _: Context) -> Delta:
    """O-5. Whoever was asked answers: the applicant of an application, of a certificate its issuer."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    if certificate.status.state is CertificateState.APPLIED:
        require_alone(signers, certificate.links.exporter, NOT_EXPORTER)
    else:
        require_issuer(state, certificate, signers)
    open_query = None if certificate.query is None else certificate.query.record
    require(body.query == open_query, QUESTION_NOT_OPEN, "/body/query", seen=body.query, wanted=open_query or "")

    # From here the answer must succeed.
    return Delta(objects=(replace(certificate, query=None),))


def grant_certificate(state: StateView, body: GrantCertificate, signers: Signers, context: Context) -> Delta:
    """O-6. The issuer issues what was applied for; each line of its own document opens a balance."""
    certificate = _undecided(state, body, signers)
    find_active_party(state, certificate.links.exporter, None, context.at, "/body/certificate")
    require_validity(body, context)

    # From here the issue must succeed.
    granted = in_state(certificate, CertificateState.LIVE)
    status = replace(granted.status, valid_from=body.valid_from, valid_until=body.valid_until)
    return Delta(objects=(replace(granted, balances=balances_of(body.lines), status=status),))


def refuse_certificate(state: StateView, body: RefuseCertificate, signers: Signers, _: Context) -> Delta:
    """O-7. The issuer refuses an application, and says why."""
    certificate = _undecided(state, body, signers)
    _require_reasons(body)

    # From here the refusal must succeed.
    return Delta(objects=(in_state(certificate, CertificateState.REFUSED),))


def withdraw_certificate(state: StateView, body: WithdrawCertificate, signers: Signers, _: Context) -> Delta:
    """O-8. The exporter takes back what its issuer has not decided, whatever has become of the issuer."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    require_alone(signers, certificate.links.exporter, NOT_EXPORTER)
    _require_applied(certificate)

    # From here the withdrawal must succeed.
    return Delta(objects=(in_state(certificate, CertificateState.WITHDRAWN),))


def _undecided(state: StateView, body: GrantCertificate | RefuseCertificate, signers: Signers) -> Certificate:
    """Find an application that its issuer decides, or refuse."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    require_issuer(state, certificate, signers)
    _require_applied(certificate)
    return certificate


def _require_applied(certificate: Certificate) -> None:
    present = certificate.status.state
    require(present is CertificateState.APPLIED, APPLICATION_CLOSED, "/body/certificate", seen=present)


def _require_reasons(body: QueryCertificate | RefuseCertificate) -> None:
    require(len(body.reasons) > 0 and ascending(body.reasons), REASONS_NOT_SORTED, "/body/reasons")
