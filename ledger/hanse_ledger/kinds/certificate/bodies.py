"""What can be written of certificates of origin."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.values import limits
from hanse_ledger.values.types import (
    Country,
    Digest,
    HsCode,
    MemberId,
    Moment,
    ObjectId,
    Quantity,
    QuantityUsed,
    RecordId,
    UnitCode,
)
from hanse_ledger.wire.part import Body, Commitment, Part, ReasonCode


class CertificateRevocation(StrEnum):
    """Why an origin issuer revokes a certificate."""

    ERROR = "issued-in-error"
    FALSE_STATEMENT = "false-statement"
    GOODS_NOT_SHIPPED = "goods-not-shipped"
    WITHDRAWN = "withdrawn-by-applicant"


class CertificateType(StrEnum):
    """What is certified or allowed: balances are kept of all of them by the same rules.

    Of UNTDID 1001 these are 861 (origin), 864 (preferential origin), 811 (export licence) and 911 (import licence); a
    quota has no code there.
    """

    EXPORT_LICENCE = "export-licence"
    IMPORT_LICENCE = "import-licence"
    ORIGIN = "origin"
    PREFERENTIAL_ORIGIN = "preferential-origin"
    QUOTA = "quota"


class CertificateReplacement(StrEnum):
    """Why an issuer replaces a certificate: its paper is lost, or it is issued again after the goods have gone."""

    DUPLICATE = "duplicate"
    RETROSPECTIVE = "retrospective"


class CertificateLine(Part, frozen=True, kw_only=True):
    """Goods whose origin is certified. Lines are numbered from 1 in their order."""

    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class IssueCertificate(Body, frozen=True, kw_only=True):
    """Certify the origin of an exporter's goods. Signed by the origin issuer. Rule O-1."""

    consignee: ObjectId | None
    consignment: ObjectId | None
    document: Commitment
    exporter: ObjectId
    issuer: MemberId
    lines: Annotated[tuple[CertificateLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    payload: Payload | None
    type: CertificateType
    valid_from: Moment
    valid_until: Moment


class RevokeCertificate(Body, frozen=True, kw_only=True):
    """Take a certificate back. Signed by its origin issuer. Rule O-2."""

    certificate: ObjectId
    reason: CertificateRevocation


class ApplyForCertificate(Body, frozen=True, kw_only=True):
    """Ask an origin issuer to certify one's goods, as drafted; the application is the certificate that it may become.

    Signed by the exporter. Rule O-3.
    """

    consignee: ObjectId | None
    consignment: ObjectId | None
    document: Commitment
    exporter: ObjectId
    issuer: MemberId
    lines: Annotated[tuple[CertificateLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    payload: Payload | None
    type: CertificateType
    valid_from: Moment
    valid_until: Moment


class QueryCertificate(Body, frozen=True, kw_only=True):
    """Ask about an application, or about a certificate in force. Rule O-4.

    Signed by the office that asks: of an application its origin issuer, of a certificate a customs authority. `reasons`
    are codes of what is asked; `document` is the SHA-256 of a file that says more, nil without one.
    """

    certificate: ObjectId
    document: Digest | None
    office: MemberId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class AnswerCertificate(Body, frozen=True, kw_only=True):
    """Answer what was asked. Signed by whom it was asked of. Rule O-5.

    Of an application that is the exporter, of a certificate its origin issuer. `query` is the record that asked;
    `document` is the SHA-256 of the file that answers, nil without one.
    """

    certificate: ObjectId
    document: Digest | None
    query: RecordId


class GrantCertificate(Body, frozen=True, kw_only=True):
    """Issue the certificate that was applied for, with the issuer's own document and lines. Rule O-6.

    Signed by the origin issuer.
    """

    certificate: ObjectId
    document: Commitment
    lines: Annotated[tuple[CertificateLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    payload: Payload | None
    valid_from: Moment
    valid_until: Moment


class RefuseCertificate(Body, frozen=True, kw_only=True):
    """Refuse an application. Signed by the origin issuer. Rule O-7."""

    certificate: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class WithdrawCertificate(Body, frozen=True, kw_only=True):
    """Take back an application that is not decided. Signed by the exporter. Rule O-8."""

    certificate: ObjectId


class ReplacementLine(Part, frozen=True, kw_only=True):
    """Goods whose origin is certified once more, and how much of them the replaced certificate has been used for."""

    drawn_before_micro: QuantityUsed
    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class ReplaceCertificate(Body, frozen=True, kw_only=True):
    """Issue a certificate in the place of another one, for the same exporter and consignee; what was drawn goes over.

    Signed by the origin issuer. Rule O-9.
    """

    certificate: ObjectId
    consignment: ObjectId | None
    document: Commitment
    lines: Annotated[tuple[ReplacementLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    payload: Payload | None
    reason: CertificateReplacement
    valid_from: Moment
    valid_until: Moment
