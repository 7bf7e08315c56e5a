"""Why a record about a mandate is refused, or one that is signed under a mandate."""

from hanse_ledger.values.reasons import Reason

MANDATE_UNKNOWN = Reason("mandate-unknown", "No mandate has this id.", "Check the mandate's id.")

MANDATE_NOT_BY_PRINCIPAL = Reason(
    "mandate-not-by-principal",
    "The party in whose place the mandatary would sign has not signed.",
    "Have the principal sign, and nobody else.",
)

MANDATARY_UNCLEAR = Reason(
    "mandatary-unclear",
    "The mandate names no mandatary, or a party and a member.",
    "Name a party or a member, one of the two.",
)

MANDATARY_IS_PRINCIPAL = Reason(
    "mandatary-is-principal",
    "The mandatary is the principal itself.",
    "Name another party; the principal signs for itself.",
)

KIND_NOT_COVERABLE = Reason(
    "kind-not-coverable",
    "No mandate covers records of this kind.",
    "Leave the kind out: parties, keys, mandates, offices and members are spoken of by those alone whose they are.",
)

NOT_PRINCIPAL_OR_MANDATARY = Reason(
    "not-principal-or-mandatary", "Neither the principal nor the mandatary has signed.", "Have one of the two sign."
)

MANDATE_REVOKED = Reason(
    "mandate-revoked", "The mandate has been revoked.", "Have the principal grant another one, or sign itself."
)

MANDATE_INACTIVE = Reason(
    "mandate-inactive",
    "The mandate is not valid at block time.",
    "Sign under a mandate that is valid now, or have the principal sign.",
    rule="B-3",
)

MANDATARY_MISSING = Reason(
    "mandatary-missing",
    "The mandatary of a mandate that the record names has not signed.",
    "Have the mandatary sign, or leave the mandate out.",
    rule="B-3",
)

KIND_NOT_COVERED = Reason(
    "kind-not-covered",
    "The mandate does not cover records of this kind.",
    "Have the principal sign, or grant a mandate that covers the kind.",
    rule="B-3",
)

MANDATE_WITHOUT_LIMIT = Reason(
    "mandate-without-limit",
    "The record names an amount of money, and the mandate covers none.",
    "Have the principal sign, or grant a mandate with a limit.",
    rule="B-3",
)

MANDATE_CURRENCY_DIFFERS = Reason(
    "mandate-currency-differs",
    "The amount is in another currency than the mandate's limit, or in another minor unit.",
    "Have the principal sign, or grant a mandate in this currency.",
    rule="B-3",
)

MANDATE_AMOUNT_EXCEEDED = Reason(
    "mandate-amount-exceeded",
    "The record names more than the mandate lets the mandatary sign for at once.",
    "Have the principal sign, or grant a mandate with a higher limit.",
    rule="B-3",
)

MANDATE_SUM_EXCEEDED = Reason(
    "mandate-sum-exceeded",
    "The record names more than is left of the sum for which the mandatary may sign.",
    "Have the principal sign, or grant another mandate.",
    rule="B-3",
)
