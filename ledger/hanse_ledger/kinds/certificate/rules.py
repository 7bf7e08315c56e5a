"""Certificates of origin and their balances."""

from collections.abc import Iterable

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import (
    ApplyForCertificate,
    CertificateLine,
    GrantCertificate,
    IssueCertificate,
    ReplaceCertificate,
    RevokeCertificate,
)
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE, CERTIFICATE_UNKNOWN, NOT_ORIGIN_ISSUER
from hanse_ledger.kinds.certificate.state import (
    Balance,
    Certificate,
    CertificateLinks,
    CertificateState,
    CertificateStatus,
)
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    find,
    find_active_member,
    require,
    require_alone,
    require_only,
    require_role,
)
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import VALIDITY_EMPTY, VALIDITY_PAST
from hanse_ledger.kinds.party.rules import find_active_party, find_party
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import MemberRole


def issue_certificate(state: StateView, body: IssueCertificate, signers: Signers, context: Context) -> Delta:
    """O-1. An origin issuer certifies the origin of an enrolled exporter's goods; each line opens a balance."""
    find_active_member(state, body.issuer, MemberRole.ORIGIN_ISSUER, context.at, "/body/issuer")
    require_alone(signers, body.issuer, NOT_ORIGIN_ISSUER)
    find_active_party(state, body.exporter, PartyRole.SELLER, context.at, "/body/exporter")
    if body.consignee is not None:
        find_party(state, body.consignee, "/body/consignee")
    require_validity(body, context)

    # From here the issue must succeed.
    return Delta(objects=(begun(body, CertificateState.LIVE, context),))


def revoke_certificate(state: StateView, body: RevokeCertificate, signers: Signers, _: Context) -> Delta:
    """O-2. The origin issuer takes a certificate back; what was written off stays written off."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    require_issuer(state, certificate, signers)
    present = certificate.status.state
    require(present is CertificateState.LIVE, CERTIFICATE_NOT_LIVE, "/body/certificate", seen=present)

    # From here the revocation must succeed.
    return Delta(objects=(in_state(certificate, CertificateState.REVOKED),))


def require_validity(
    body: IssueCertificate | ApplyForCertificate | GrantCertificate | ReplaceCertificate, context: Context
) -> None:
    """Refuse a validity that is empty or past."""
    require(
        body.valid_from < body.valid_until,
        VALIDITY_EMPTY,
        "/body/valid_until",
        seen=moment_words(body.valid_until),
    )
    require(
        context.at < body.valid_until,
        VALIDITY_PAST,
        "/body/valid_until",
        seen=moment_words(body.valid_until),
    )


def begun(body: IssueCertificate | ApplyForCertificate, state: CertificateState, context: Context) -> Certificate:
    """Make a certificate, or an application for one, of which nothing is drawn."""
    return Certificate(
        id=context.creates,
        seed=context.seed,
        balances=balances_of(body.lines),
        history=NO_HISTORY,
        links=CertificateLinks(
            consignee=body.consignee, exporter=body.exporter, issuer=body.issuer, replaces=None, type=body.type
        ),
        query=None,
        status=CertificateStatus(
            replaced_by=None, state=state, valid_from=body.valid_from, valid_until=body.valid_until
        ),
    )


def balances_of(lines: Iterable[CertificateLine]) -> tuple[Balance, ...]:
    """Open a balance for each line: all of it is left."""
    return tuple(
        Balance(
            drawn_before_micro=0,
            hs_code=line.hs_code,
            moved=None,
            origin=line.origin,
            quantity_micro=line.quantity_micro,
            reserved_micro=0,
            unit=line.unit,
            written_off_micro=0,
        )
        for line in lines
    )


def in_state(certificate: Certificate, state: CertificateState) -> Certificate:
    """Put a certificate into another state: what was asked about it waits for no answer any more."""
    return replace(certificate, query=None, status=replace(certificate.status, state=state))


def require_issuer(state: StateView, certificate: Certificate, signers: Signers) -> None:
    """Refuse what the certificate's issuer, still with its role, has not signed alone."""
    issuer = certificate.links.issuer
    require(issuer in signers.members, NOT_ORIGIN_ISSUER, "/signers", wanted=issuer)
    require_role(state, issuer, MemberRole.ORIGIN_ISSUER)
    require_only(signers, 1)


def find_certificate(state: StateView, object_id: ObjectId, pointer: str) -> Certificate:
    """Find a certificate, or refuse."""
    return find(state, object_id, Certificate, CERTIFICATE_UNKNOWN, pointer)
