"""Everything that can be written: one frozen class for the body of each kind of record.

Fields stand in byte order of their names, because that is the order of canonical bytes.
Amounts are minor units, quantities millionths of a unit, times milliseconds.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from hanse_ledger import limits, patterns
from hanse_ledger.membership import ProposeChange, ReportEvidence, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.types import (
    Bic,
    ChargeBearer,
    Country,
    Currency,
    Day,
    Digest,
    EncryptionKey,
    HsCode,
    LedgerId,
    MemberId,
    Minor,
    MinorDigits,
    Moment,
    Nonce,
    ObjectId,
    Payable,
    PublicKey,
    Quantity,
    Uetr,
    UnitCode,
)


class PartyRole(StrEnum):
    """What a party may do in a corridor."""

    AGENT = "agent"
    BUYER = "buyer"
    SELLER = "seller"


class Regime(StrEnum):
    """What a declaration asks for (WCO procedure, simplified to the direction)."""

    EXPORT = "export"
    IMPORT = "import"


class KeyRevocation(StrEnum):
    """Why a key is revoked (RFC 5280, section 5.3.1, the reasons that fit)."""

    CESSATION = "cessation-of-operation"
    COMPROMISE = "key-compromise"
    SUPERSEDED = "superseded"


class CertificateRevocation(StrEnum):
    """Why an origin issuer revokes a certificate."""

    ERROR = "issued-in-error"
    FALSE_STATEMENT = "false-statement"
    GOODS_NOT_SHIPPED = "goods-not-shipped"
    WITHDRAWN = "withdrawn-by-applicant"


ReasonCode = Annotated[str, Meta(pattern=patterns.REASON)]
"""A code from the refuser's own published list, 1 to 16 characters."""

StatusReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external status reason code (ExternalStatusReason1Code), such as AM04."""

ReturnReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external return reason code, such as AC04."""

TypeCode = Annotated[str, Meta(pattern=patterns.TYPE_CODE)]
"""BT-3, a UNTDID 1001 code, such as 380."""


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Settings that all bodies and their parts share. A value is made of older ones, so the collector need not look."""


class Commitment(_Body, frozen=True, kw_only=True):
    """A commitment to a document that stays off the ledger.

    `file` = SHA-256(salt, SHA-256(file bytes)); `discoverable` = SHA-256(file bytes) where
    anyone who holds the file shall be able to look it up, else nil. `terms` is the root of the map of
    its terms (see `terms`).
    """

    discoverable: Digest | None
    file: Digest
    terms: Digest


class Tag(_Body, frozen=True, kw_only=True):
    """Makes two invoices comparable without showing them; a claim, of which rules check uniqueness."""

    epoch: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    value: Digest


class EnrolParty(_Body, frozen=True, kw_only=True):
    """Admit a party under a pseudonym. Signed by the enrolling member and by the party's key. Rule P-1.

    `identity` is the root of the map of its legal identity's terms (see `terms`).
    """

    encryption_key: EncryptionKey
    identity: Digest
    key: PublicKey
    member: MemberId
    roles: Annotated[tuple[PartyRole, ...], Meta(max_length=limits.ROLES)]
    valid_from: Moment
    valid_until: Moment


class RotateKey(_Body, frozen=True, kw_only=True):
    """Replace a party's key. Signed by the old key and by the new one. Rule P-2."""

    new_key: PublicKey
    party: ObjectId


class RevokeKey(_Body, frozen=True, kw_only=True):
    """Revoke one of a party's keys from now on. Signed by the party or its enrolling member. Rule P-3."""

    compromised_since: Moment | None
    key: PublicKey
    party: ObjectId
    reason: KeyRevocation


class MoveParty(_Body, frozen=True, kw_only=True):
    """Put a party under another member. Signed by that member, the party, and the present one if it can. Rule P-5."""

    member: MemberId
    party: ObjectId


class IssueInvoice(_Body, frozen=True, kw_only=True):
    """Register an invoice. Signed by the seller. Rule I-1.

    BT-5 `currency`, BT-9 `due`, BT-2 `issued`, BT-115 `payable_minor`, BT-3 `type_code`. A minor unit has
    `minor_digits` decimal places.
    """

    buyer: ObjectId
    currency: Currency
    document: Commitment
    due: Day | None
    issued: Day
    minor_digits: MinorDigits
    payable_minor: Payable
    seller: ObjectId
    tags: Annotated[tuple[Tag, ...], Meta(max_length=limits.TAGS)]
    type_code: TypeCode


class AcceptInvoice(_Body, frozen=True, kw_only=True):
    """The buyer accepts an invoice as its own debt. Signed by the buyer. Rule I-2."""

    invoice: ObjectId


class RefuseInvoice(_Body, frozen=True, kw_only=True):
    """The buyer refuses an invoice. Signed by the buyer. Rule I-3."""

    invoice: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class CancelInvoice(_Body, frozen=True, kw_only=True):
    """The seller cancels an invoice. Signed by the seller. Rule I-4."""

    invoice: ObjectId


class CertificateLine(_Body, frozen=True, kw_only=True):
    """Goods whose origin is certified. Lines are numbered from 1 in their order."""

    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class IssueCertificate(_Body, frozen=True, kw_only=True):
    """Certify the origin of an exporter's goods. Signed by the origin issuer. Rule O-1."""

    consignee: ObjectId | None
    document: Commitment
    exporter: ObjectId
    issuer: MemberId
    lines: Annotated[tuple[CertificateLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    valid_from: Moment
    valid_until: Moment


class RevokeCertificate(_Body, frozen=True, kw_only=True):
    """Take a certificate back. Signed by its origin issuer. Rule O-2."""

    certificate: ObjectId
    reason: CertificateRevocation


class CertificateUse(_Body, frozen=True, kw_only=True):
    """Which line of which certificate a declared line draws on, the line counted from 1."""

    certificate: ObjectId
    line: Annotated[int, Meta(ge=1, le=limits.LINES)]


class DeclarationLine(_Body, frozen=True, kw_only=True):
    """Goods declared; their origin is covered by a certificate or, with nil, claimed without one."""

    certificate: CertificateUse | None
    hs_code: HsCode
    origin: Country
    quantity_micro: Quantity
    unit: UnitCode


class LodgeDeclaration(_Body, frozen=True, kw_only=True):
    """Declare goods to a customs authority. Signed by the declarant, and by its principal where there is one. C-1."""

    customs: MemberId
    declarant: ObjectId
    invoices: Annotated[tuple[ObjectId, ...], Meta(min_length=1, max_length=limits.ALLOCATIONS)]
    lines: Annotated[tuple[DeclarationLine, ...], Meta(min_length=1, max_length=limits.LINES)]
    principal: ObjectId | None
    regime: Regime


class ReleaseDeclaration(_Body, frozen=True, kw_only=True):
    """Release the declared goods. Signed by the customs authority addressed. Rule C-2."""

    declaration: ObjectId


class RefuseDeclaration(_Body, frozen=True, kw_only=True):
    """Refuse a declaration. Signed by the customs authority addressed. Rule C-3."""

    declaration: ObjectId
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=limits.REASONS)]


class WithdrawDeclaration(_Body, frozen=True, kw_only=True):
    """Take back a declaration that is not decided. Signed by the declarant or its principal. Rule C-4."""

    declaration: ObjectId


class LapseDeclaration(_Body, frozen=True, kw_only=True):
    """Record that customs has not decided in time. Signed by a party that the declaration concerns. Rule C-5."""

    declaration: ObjectId


class Allocation(_Body, frozen=True, kw_only=True):
    """The share of a payment that settles one invoice."""

    amount_minor: Minor
    invoice: ObjectId


class InstructPayment(_Body, frozen=True, kw_only=True):
    """Instruct a payment of invoices. Signed by the payer. Rule S-1.

    `uetr` is nil where the message to the bank bears none: the older ones have no place for it.
    """

    allocations: Annotated[tuple[Allocation, ...], Meta(min_length=1, max_length=limits.ALLOCATIONS)]
    amount_minor: Minor
    currency: Currency
    minor_digits: MinorDigits
    payee: ObjectId
    payee_bank: MemberId
    payer: ObjectId
    payer_bank: MemberId
    uetr: Uetr | None


class PaymentCharge(_Body, frozen=True, kw_only=True):
    """What a bank took out of a payment on its way (ISO 20022 `Chrgs`, `ChrgsInf`), in the payment's currency.

    `agent` is the bank's BIC, `bearer` whose charge it was; nil is what the message does not say.
    """

    agent: Bic | None
    amount_minor: Minor
    bearer: ChargeBearer | None


class ConfirmPayment(_Body, frozen=True, kw_only=True):
    """Confirm that the payee has been credited. Signed by the payee's bank. Rule S-2.

    What was credited and what was charged on the way are together what was instructed, and that is settled.
    `document` commits to the message that shows it (ISO 20022 camt.054 or pacs.008).
    """

    charges: Annotated[tuple[PaymentCharge, ...], Meta(max_length=limits.CHARGES)]
    credited_minor: Minor
    document: Commitment
    payment: ObjectId


class ReturnPayment(_Body, frozen=True, kw_only=True):
    """Record that a confirmed payment went back. Signed by the payee's bank. Rule S-3."""

    payment: ObjectId
    reason: ReturnReason


class RejectPayment(_Body, frozen=True, kw_only=True):
    """Record that an instructed payment is not carried out. Signed by the payer's bank. Rule S-4."""

    payment: ObjectId
    reason: StatusReason


class WithdrawPayment(_Body, frozen=True, kw_only=True):
    """Take back an instruction that no bank carries out. Signed by the payer or the payee. Rule S-5."""

    payment: ObjectId


MembersBody = ProposeChange | VoteOnChange | ReportReady | WithdrawChange
"""What changes the members. These records create and name no object."""

PartyBody = EnrolParty | RotateKey | RevokeKey | MoveParty
InvoiceBody = IssueInvoice | AcceptInvoice | RefuseInvoice | CancelInvoice
CertificateBody = IssueCertificate | RevokeCertificate
DeclarationBody = LodgeDeclaration | ReleaseDeclaration | RefuseDeclaration | WithdrawDeclaration | LapseDeclaration
PaymentBody = InstructPayment | ConfirmPayment | ReturnPayment | RejectPayment | WithdrawPayment

Body = MembersBody | PartyBody | InvoiceBody | CertificateBody | DeclarationBody | PaymentBody | ReportEvidence

KINDS: dict[str, type[Body]] = {
    "member.propose": ProposeChange,
    "member.vote": VoteOnChange,
    "member.ready": ReportReady,
    "member.withdraw": WithdrawChange,
    "party.enrol": EnrolParty,
    "key.rotate": RotateKey,
    "key.revoke": RevokeKey,
    "party.move": MoveParty,
    "invoice.issue": IssueInvoice,
    "invoice.accept": AcceptInvoice,
    "invoice.refuse": RefuseInvoice,
    "invoice.cancel": CancelInvoice,
    "certificate.issue": IssueCertificate,
    "certificate.revoke": RevokeCertificate,
    "declaration.lodge": LodgeDeclaration,
    "declaration.release": ReleaseDeclaration,
    "declaration.refuse": RefuseDeclaration,
    "declaration.withdraw": WithdrawDeclaration,
    "declaration.lapse": LapseDeclaration,
    "payment.instruct": InstructPayment,
    "payment.confirm": ConfirmPayment,
    "payment.return": ReturnPayment,
    "payment.reject": RejectPayment,
    "payment.withdraw": WithdrawPayment,
    "evidence.report": ReportEvidence,
}
"""Every kind of record and the class of its body, in the order of the rules."""

MEMBER_KINDS = frozenset(kind for kind, body in KINDS.items() if issubclass(body, MembersBody))

KIND_OF: dict[type[Body], str] = {body: kind for kind, body in KINDS.items()}


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What is signed.

    `created` is the signer's claim, `expires` is judged against block time, `refs` are the
    sorted ids of all objects that the body names, `signers` the keys that sign, in order.
    """

    body: Body
    created: Moment
    expires: Moment
    kind: str
    ledger: LedgerId
    nonce: Nonce
    refs: tuple[ObjectId, ...]
    signers: tuple[PublicKey, ...]
    version: int
