"""What can be written of payments."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import Bank, Bic, ChargeBearer, Currency, Minor, MinorDigits, ObjectId, Rail, Uetr
from hanse_ledger.wire.part import Body, Commitment, Part

StatusReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external status reason code (ExternalStatusReason1Code), such as AM04."""

ReturnReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external return reason code, such as AC04."""


class Allocation(Part, frozen=True, kw_only=True):
    """The share of a payment that settles one invoice; `pledge` is the one that stands on it, or nil."""

    amount_minor: Minor
    invoice: ObjectId
    pledge: ObjectId | None


class Required(StrEnum):
    """What must hold of an object before a payment may be confirmed."""

    CERTIFICATE_IN_FORCE = "certificate-in-force"
    DECLARATION_RELEASED = "declaration-released"


class Condition(Part, frozen=True, kw_only=True):
    """What a payment waits for: the declaration is released, or the certificate is in force."""

    object: ObjectId
    required: Required


class Debit(Part, frozen=True, kw_only=True):
    """What the payer is debited, in another currency than the payment's. Nothing is computed from it."""

    amount_minor: Minor
    currency: Currency
    minor_digits: MinorDigits


class InstructPayment(Body, frozen=True, kw_only=True):
    """Instruct a payment of invoices. Signed by the payer. Rule S-1.

    Banks are members by their names, or others by their BIC; one of the two is a member. `conditions` hold the
    confirmation back. `debit` is nil where the payer is debited in the payment's currency, `rail` where the bank
    chooses. `uetr` is nil where the message to the bank bears none: the older ones have no place for it.
    """

    allocations: Annotated[tuple[Allocation, ...], Meta(min_length=1, max_length=limits.ALLOCATIONS)]
    amount_minor: Minor
    conditions: Annotated[tuple[Condition, ...], Meta(max_length=limits.CONDITIONS)]
    consignment: ObjectId | None
    currency: Currency
    debit: Debit | None
    minor_digits: MinorDigits
    payee: ObjectId
    payee_bank: Bank
    payer: ObjectId
    payer_bank: Bank
    rail: Rail | None
    uetr: Uetr | None


class PaymentCharge(Part, frozen=True, kw_only=True):
    """What a bank took out of a payment on its way (ISO 20022 `Chrgs`, `ChrgsInf`), in the payment's currency.

    `agent` is the bank's BIC, `bearer` whose charge it was; nil is what the message does not say.
    """

    agent: Bic | None
    amount_minor: Minor
    bearer: ChargeBearer | None


class ConfirmPayment(Body, frozen=True, kw_only=True):
    """Confirm that the payee has been credited. Signed by the payee's bank. Rule S-2.

    What was credited and what was charged on the way are together all that is under way, or with `partial` a part of
    it, and that is settled. `document` commits to the message that shows it (ISO 20022 camt.054 or pacs.008).
    `conditions` names the objects of the instruction's conditions, and `debit` repeats its debit.
    """

    charges: Annotated[tuple[PaymentCharge, ...], Meta(max_length=limits.CHARGES)]
    conditions: Annotated[tuple[ObjectId, ...], Meta(max_length=limits.CONDITIONS)]
    credited_minor: Minor
    debit: Debit | None
    document: Commitment
    partial: bool
    payload: Payload | None
    payment: ObjectId


class ReturnPayment(Body, frozen=True, kw_only=True):
    """Record that a confirmed payment went back, or a part of it. Signed by the payee's bank. Rule S-3.

    `amount_minor` is what is outstanding again, of what had been settled: what was credited and went back, with the
    charges that had been taken out of it on the way.
    """

    amount_minor: Minor
    payment: ObjectId
    reason: ReturnReason


class RejectPayment(Body, frozen=True, kw_only=True):
    """Record that an instructed payment is not carried out. Signed by the payer's bank. Rule S-4."""

    payment: ObjectId
    reason: StatusReason


class WithdrawPayment(Body, frozen=True, kw_only=True):
    """Take back an instruction that no bank carries out. Signed by the payer or the payee. Rule S-5."""

    payment: ObjectId


class AcceptPayment(Body, frozen=True, kw_only=True):
    """Accept an instruction: it is carried out. Signed by the payer's bank. Rule S-6.

    `debit` repeats the instruction's, which the bank so signs too.
    """

    debit: Debit | None
    payment: ObjectId


class CorrectPayment(Body, frozen=True, kw_only=True):
    """Correct the last confirmation: these amounts stand in its place. Signed by the payee's bank. Rule S-7.

    `document` commits to the message that shows them.
    """

    charges: Annotated[tuple[PaymentCharge, ...], Meta(max_length=limits.CHARGES)]
    credited_minor: Minor
    document: Commitment
    payload: Payload | None
    payment: ObjectId
