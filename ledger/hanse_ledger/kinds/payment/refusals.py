"""Why a record about a payment is refused."""

from hanse_ledger.values.reasons import Reason

PAYMENT_UNKNOWN = Reason("payment-unknown", "No payment has this id.", "Check the payment's id.")

NOT_PAYER = Reason("not-payer", "The payer has not signed.", "Have the payer sign.")

NOT_PAYER_BANK = Reason(
    "not-payer-bank",
    "The payer's bank has not signed.",
    "Have the payer's bank sign; where it is no member, the payee's, which receives its messages.",
)

NOT_PAYEE_BANK = Reason(
    "not-payee-bank",
    "The payee's bank has not signed.",
    "Have the payee's bank sign; where it is no member, the payer's, which receives its messages.",
)

NO_MEMBER_BANK = Reason(
    "no-member-bank",
    "Neither the payer's bank nor the payee's is a member.",
    "Pay through a member at one end at least: it confirms or rejects the payment here.",
)

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

DEBIT_IN_SAME_CURRENCY = Reason(
    "debit-in-same-currency",
    "The debit is in the payment's own currency.",
    "Leave the debit out: the payer is debited what is paid.",
)

PAYER_NOT_BUYER = Reason("payer-not-buyer", "The payer is not the invoice's buyer.", "Pay your own invoices.")

PAYEE_NOT_SELLER = Reason("payee-not-seller", "The payee is not the invoice's seller.", "Pay the invoice's seller.")

OVERPAID = Reason(
    "overpaid", "More is allocated to the invoice than is outstanding.", "Allocate no more than is outstanding."
)

DUPLICATE_CONDITION = Reason("duplicate-condition", "Two conditions name the same object.", "Name each object once.")

CONDITION_OF_OTHERS = Reason(
    "condition-of-others",
    "What the condition names is not of the trade that is paid.",
    "Name a declaration of a paid invoice, or a certificate of the payee's for the payer.",
)

PAYMENT_NOT_INSTRUCTED = Reason(
    "payment-not-instructed", "The payment is not waiting for confirmation.", "Look at the payment's status."
)

PAYMENT_NOT_ACCEPTED = Reason(
    "payment-not-accepted",
    "The payer is debited in another currency, and the payer's bank has not accepted that.",
    "Wait until the payer's bank has accepted the payment.",
)

DEBIT_DIFFERS = Reason(
    "debit-differs",
    "The debit is not the one that the payer has instructed.",
    "Sign the debit as it was instructed, or reject the payment.",
)

CONDITIONS_DIFFER = Reason(
    "conditions-differ",
    "The confirmation does not name what the payment waits for.",
    "Name the objects of the payment's conditions, in their order.",
)

CONDITION_UNMET = Reason(
    "condition-unmet",
    "What the payment waits for has not come about, or holds no longer.",
    "Wait for it, or have the payment rejected or withdrawn.",
)

MORE_THAN_INSTRUCTED = Reason(
    "more-than-instructed",
    "All that was credited and charged would be more than was instructed.",
    "Confirm no more than is still under way; look at the payment.",
)

CHARGES_DIFFER = Reason(
    "charges-differ",
    "What was credited and the charges do not add up to what is under way.",
    "Name every charge that was taken on the way. Where only a part has arrived, say so: --partial.",
)

PAYMENT_NOT_CONFIRMED = Reason(
    "payment-not-confirmed",
    "Nothing of the payment stands confirmed.",
    "Look at the payment's status.",
)

RETURNED_TOO_MUCH = Reason(
    "returned-too-much",
    "More is returned than the payment has settled.",
    "Return no more than is settled; look at the payment.",
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

LESS_THAN_RETURNED = Reason(
    "less-than-returned",
    "All that was credited and charged would be less than what was returned.",
    "Correct to no less than what went back.",
)
