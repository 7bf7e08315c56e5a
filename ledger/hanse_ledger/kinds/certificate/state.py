"""What stands in the state of a certificate of origin."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Country, HsCode, MemberId, Moment, ObjectId, UnitCode


class Balance(Value, frozen=True, kw_only=True):
    """One line of a certificate and what is left of it, in millionths of its unit."""

    hs_code: HsCode
    origin: Country
    quantity_micro: int
    reserved_micro: int
    unit: UnitCode
    written_off_micro: int

    @property
    def available_micro(self) -> int:
        """What a declaration may still reserve."""
        return self.quantity_micro - self.reserved_micro - self.written_off_micro


class CertificateState(StrEnum):
    """Whether a certificate may be relied on."""

    LIVE = "live"
    REVOKED = "revoked"


class CertificateLinks(Value, frozen=True, kw_only=True):
    """Who issued the certificate, to whom, for whom."""

    consignee: ObjectId | None
    exporter: ObjectId
    issuer: MemberId


class CertificateStatus(Value, frozen=True, kw_only=True):
    """The certificate's state and the block times at which it is valid (end excluded)."""

    state: CertificateState
    valid_from: Moment
    valid_until: Moment


class Certificate(Object, frozen=True, kw_only=True, gc=False, tag="certificate"):
    """A certificate of origin with its balances."""

    balances: tuple[Balance, ...]
    history: History
    links: CertificateLinks
    status: CertificateStatus
