"""What stands in the state of a certificate of origin."""

from enum import StrEnum

from hanse_ledger.kinds.certificate.bodies import CertificateType
from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Country, Digest, HsCode, MemberId, Moment, ObjectId, RecordId, UnitCode
from hanse_ledger.wire.part import ReasonCode


class Move(Value, frozen=True, kw_only=True):
    """The last move of a balance: at which office, when, by which record, and what was used until then.

    What is used since stands in the balance itself; each move before follows from the certificate's records.
    """

    at: Moment
    office: MemberId
    record: RecordId
    reserved_before_micro: int
    written_off_before_micro: int


class Balance(Value, frozen=True, kw_only=True):
    """One line of a certificate and what is left of it, in millionths of its unit; `moved` is nil while nothing moved.

    `drawn_before_micro` had been used of it on the certificate that this one replaces.
    """

    drawn_before_micro: int
    hs_code: HsCode
    moved: Move | None
    origin: Country
    quantity_micro: int
    reserved_micro: int
    unit: UnitCode
    written_off_micro: int

    @property
    def available_micro(self) -> int:
        """What a declaration may still reserve."""
        return self.quantity_micro - self.drawn_before_micro - self.reserved_micro - self.written_off_micro


class CertificateState(StrEnum):
    """Whether a certificate may be relied on; `applied` and `withdrawn` are states of an application, `refused` too."""

    APPLIED = "applied"
    LIVE = "live"
    REFUSED = "refused"
    REPLACED = "replaced"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class CertificateLinks(Value, frozen=True, kw_only=True):
    """What it is, who issued it, to whom, for whom, and in the place of which other one."""

    consignee: ObjectId | None
    exporter: ObjectId
    issuer: MemberId
    replaces: ObjectId | None
    type: CertificateType


class CertificateQuery(Value, frozen=True, kw_only=True):
    """What is asked about it and not answered: by whom, in codes, in a document (its hash, or nil), by which record."""

    document: Digest | None
    office: MemberId
    reasons: tuple[ReasonCode, ...]
    record: RecordId


class CertificateStatus(Value, frozen=True, kw_only=True):
    """The certificate's state, what stands in its place, and when it is valid (end excluded), or is to be."""

    replaced_by: ObjectId | None
    state: CertificateState
    valid_from: Moment
    valid_until: Moment


class Certificate(Object, frozen=True, kw_only=True, gc=False, tag="certificate"):
    """A certificate of origin with its balances, or an application for one."""

    balances: tuple[Balance, ...]
    history: History
    links: CertificateLinks
    query: CertificateQuery | None
    status: CertificateStatus
