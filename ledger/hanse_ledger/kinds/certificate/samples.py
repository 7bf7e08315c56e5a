"""A sample of each record of certificates of origin."""

from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    CertificateLine,
    CertificateReplacement,
    CertificateRevocation,
    CertificateType,
    GrantCertificate,
    IssueCertificate,
    QueryCertificate,
    RefuseCertificate,
    ReplaceCertificate,
    ReplacementLine,
    RevokeCertificate,
    WithdrawCertificate,
)
from hanse_ledger.kinds.standins import T0, YEAR, commitment, stand_in

_LINES = (
    CertificateLine(hs_code="610910", origin="CN", quantity_micro=500_000_000, unit="C62"),
    CertificateLine(hs_code="090210", origin="CN", quantity_micro=20_000_000, unit="KGM"),
)


def issue() -> IssueCertificate:
    """The chamber certifies the seller's goods, for the buyer: 500 pieces and 20 kilograms."""
    return IssueCertificate(
        consignee=stand_in("buyer"),
        consignment=None,
        document=commitment("certificate", discoverable=True),
        exporter=stand_in("seller"),
        issuer="chamber",
        lines=_LINES,
        payload=None,
        type=CertificateType.ORIGIN,
        valid_from=T0,
        valid_until=T0 + YEAR,
    )


def revoke() -> RevokeCertificate:
    """The chamber takes it back: it should not have been issued."""
    return RevokeCertificate(certificate=stand_in("certificate"), reason=CertificateRevocation.ERROR)


def ask_for() -> ApplyForCertificate:
    """The seller asks the chamber for the same, by a draft that it keeps."""
    return ApplyForCertificate(
        consignee=stand_in("buyer"),
        consignment=None,
        document=commitment("certificate", discoverable=False),
        exporter=stand_in("seller"),
        issuer="chamber",
        lines=_LINES,
        payload=None,
        type=CertificateType.ORIGIN,
        valid_from=T0,
        valid_until=T0 + YEAR,
    )


def query() -> QueryCertificate:
    """The chamber misses the proof of where the tea was picked."""
    return QueryCertificate(
        certificate=stand_in("application"), document=None, office="chamber", reasons=("ORIGIN-PROOF",)
    )


def answer() -> AnswerCertificate:
    """The seller has sent it."""
    return AnswerCertificate(
        certificate=stand_in("application"), document=stand_in("answer file"), query=stand_in("question")
    )


def grant() -> GrantCertificate:
    """The chamber certifies the shirts that were applied for, and leaves the tea out."""
    return GrantCertificate(
        certificate=stand_in("application"),
        document=commitment("certificate", discoverable=True),
        lines=_LINES[:1],
        payload=None,
        valid_from=T0,
        valid_until=T0 + YEAR,
    )


def refuse() -> RefuseCertificate:
    """The chamber refuses to certify the goods."""
    return RefuseCertificate(certificate=stand_in("application"), reasons=("NOT-ORIGINATING",))


def withdraw() -> WithdrawCertificate:
    """The seller does not need it any more."""
    return WithdrawCertificate(certificate=stand_in("application"))


def replacement() -> ReplaceCertificate:
    """The chamber issues it again: the paper is lost, and of the shirts all have come in."""
    drawn = (500_000_000, 0)
    return ReplaceCertificate(
        certificate=stand_in("certificate"),
        consignment=None,
        document=commitment("certificate", discoverable=True),
        lines=tuple(
            ReplacementLine(
                drawn_before_micro=used,
                hs_code=line.hs_code,
                origin=line.origin,
                quantity_micro=line.quantity_micro,
                unit=line.unit,
            )
            for line, used in zip(_LINES, drawn, strict=True)
        ),
        payload=None,
        reason=CertificateReplacement.DUPLICATE,
        valid_from=T0,
        valid_until=T0 + YEAR,
    )
