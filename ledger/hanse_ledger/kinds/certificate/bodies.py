"""What can be written of certificates of origin."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import Country, HsCode, MemberId, Moment, ObjectId, Quantity, UnitCode
from hanse_ledger.wire.part import Body, Commitment, Part


class CertificateRevocation(StrEnum):
    """Why an origin issuer revokes a certificate."""

    ERROR = "issued-in-error"
    FALSE_STATEMENT = "false-statement"
    GOODS_NOT_SHIPPED = "goods-not-shipped"
    WITHDRAWN = "withdrawn-by-applicant"


class CertificateLine(Part, frozen=True, kw_only=True):
    """Goods whose origin is certified. Lines are numbered from 1 in their order."""

    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class IssueCertificate(Body, frozen=True, kw_only=True):
    """Certify the origin of an exporter's goods. Signed by the origin issuer. Rule O-1."""

    consignee: ObjectId | None
    document: Commitment
    exporter: ObjectId
    issuer: MemberId
    lines: Annotated[tuple[CertificateLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    valid_from: Moment
    valid_until: Moment


class RevokeCertificate(Body, frozen=True, kw_only=True):
    """Take a certificate back. Signed by its origin issuer. Rule O-2."""

    certificate: ObjectId
    reason: CertificateRevocation
