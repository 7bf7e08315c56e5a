"""What can be written of payments."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import Bic, ChargeBearer, Currency, MemberId, Minor, MinorDigits, ObjectId, Uetr
from hanse_ledger.wire.part import Body, Commitment, Part

StatusReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external status reason code (ExternalStatusReason1Code), such as AM04."""

ReturnReason = Annotated[str, Meta(pattern=patterns.ISO_REASON)]
"""An ISO 20022 external return reason code, such as AC04."""


class Allocation(Part, frozen=True, kw_only=True):
    """The share of a payment that settles one invoice."""

    amount_minor: Minor
    invoice: ObjectId


class InstructPayment(Body, frozen=True, kw_only=True):
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


class PaymentCharge(Part, frozen=True, kw_only=True):
    """What a bank took out of a payment on its way (ISO 20022 `Chrgs`, `ChrgsInf`), in the payment's currency.

    `agent` is the bank's BIC, `bearer` whose charge it was; nil is what the message does not say.
    """

    agent: Bic | None
    amount_minor: Minor
    bearer: ChargeBearer | None


class ConfirmPayment(Body, frozen=True, kw_only=True):
    """Confirm that the payee has been credited. Signed by the payee's bank. Rule S-2.

    What was credited and what was charged on the way are together what was instructed, and that is settled.
    `document` commits to the message that shows it (ISO 20022 camt.054 or pacs.008).
    """

    charges: Annotated[tuple[PaymentCharge, ...], Meta(max_length=limits.CHARGES)]
    credited_minor: Minor
    document: Commitment
    payment: ObjectId


class ReturnPayment(Body, frozen=True, kw_only=True):
    """Record that a confirmed payment went back. Signed by the payee's bank. Rule S-3."""

    payment: ObjectId
    reason: ReturnReason


class RejectPayment(Body, frozen=True, kw_only=True):
    """Record that an instructed payment is not carried out. Signed by the payer's bank. Rule S-4."""

    payment: ObjectId
    reason: StatusReason


class WithdrawPayment(Body, frozen=True, kw_only=True):
    """Take back an instruction that no bank carries out. Signed by the payer or the payee. Rule S-5."""

    payment: ObjectId
