"""Certificates of origin and their balances."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import IssueCertificate, RevokeCertificate
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

    # From here the issue must succeed.
    balances = tuple(
        Balance(
            hs_code=line.hs_code,
            origin=line.origin,
            quantity_micro=line.quantity_micro,
            reserved_micro=0,
            unit=line.unit,
            written_off_micro=0,
        )
        for line in body.lines
    )
    certificate = Certificate(
        id=context.creates,
        seed=context.nonce,
        balances=balances,
        history=NO_HISTORY,
        links=CertificateLinks(consignee=body.consignee, exporter=body.exporter, issuer=body.issuer),
        status=CertificateStatus(
            state=CertificateState.LIVE,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
        ),
    )
    return Delta(objects=(certificate,))


def revoke_certificate(state: StateView, body: RevokeCertificate, signers: Signers, _: Context) -> Delta:
    """O-2. The origin issuer takes a certificate back; what was written off stays written off."""
    certificate = find_certificate(state, body.certificate, "/body/certificate")
    issuer = certificate.links.issuer
    require(issuer in signers.members, NOT_ORIGIN_ISSUER, "/signers", wanted=issuer)
    require_role(state, issuer, MemberRole.ORIGIN_ISSUER)
    require_only(signers, 1)
    status = certificate.status
    require(
        status.state is CertificateState.LIVE,
        CERTIFICATE_NOT_LIVE,
        "/body/certificate",
        seen=status.state,
    )

    # From here the revocation must succeed.
    return Delta(objects=(replace(certificate, status=replace(status, state=CertificateState.REVOKED)),))


def find_certificate(state: StateView, name: ObjectId, pointer: str) -> Certificate:
    """Find a certificate, or refuse."""
    return find(state, name, Certificate, CERTIFICATE_UNKNOWN, pointer)
