"""Why a record about a payment is refused."""

from hanse_ledger.values.reasons import Reason

PAYMENT_UNKNOWN = Reason("payment-unknown", "No payment has this id.", "Check the payment's id.")

NOT_PAYER = Reason("not-payer", "The payer has not signed.", "Have the payer sign.")

NOT_PAYER_BANK = Reason("not-payer-bank", "The payer's bank has not signed.", "Have the payer's bank sign.")

NOT_PAYEE_BANK = Reason("not-payee-bank", "The payee's bank has not signed.", "Have the payee's bank sign.")

UETR_TAKEN = Reason(
    "uetr-taken",
    "The sending bank has used this UETR already.",
    "Look up the payment with this UETR; use a new UETR for a new one.",
)

ALLOCATIONS_DIFFER = Reason(
    "allocations-differ",
    "The allocations do not add up to the payment's amount.",
    "Correct the allocations or the amount.",
)

CURRENCY_DIFFERS = Reason(
    "currency-differs",
    "The payment's currency, or its minor unit, is not the invoice's.",
    "Pay in the invoice's currency, in the same minor unit.",
)

PAYER_NOT_BUYER = Reason("payer-not-buyer", "The payer is not the invoice's buyer.", "Pay your own invoices.")

PAYEE_NOT_SELLER = Reason("payee-not-seller", "The payee is not the invoice's seller.", "Pay the invoice's seller.")

OVERPAID = Reason(
    "overpaid", "More is allocated to the invoice than is outstanding.", "Allocate no more than is outstanding."
)

PAYMENT_NOT_INSTRUCTED = Reason(
    "payment-not-instructed", "The payment is not waiting for confirmation.", "Look at the payment's status."
)

CHARGES_DIFFER = Reason(
    "charges-differ",
    "What was credited and the charges do not add up to what was instructed.",
    "Name every charge that was taken on the way; a message with another amount is not of this payment.",
)

PAYMENT_NOT_CONFIRMED = Reason(
    "payment-not-confirmed",
    "The payment is not confirmed, so that nothing can be returned.",
    "Look at the payment's status.",
)

NOT_PAYER_OR_PAYEE = Reason(
    "not-payer-or-payee", "Neither the payer nor the payee has signed.", "Have one of the two sign."
)

WITHDRAWN_TOO_SOON = Reason(
    "withdrawn-too-soon",
    "The payment's banks are there, and have thirty days from the instruction to carry it out.",
    "Wait until a bank confirms or rejects it. Only the payer may withdraw it earlier, and only where one of the banks "
    "has left, is suspended, is no bank any more or has no key.",
)
