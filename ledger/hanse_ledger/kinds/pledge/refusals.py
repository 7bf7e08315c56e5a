"""Why a record about a pledge is refused, or one that names a pledge."""

from hanse_ledger.values.reasons import Reason

PLEDGE_UNKNOWN = Reason("pledge-unknown", "No pledge has this id.", "Check the pledge's id.")

NOT_PLEDGEE = Reason("not-pledgee", "The bank to which the invoice is pledged has not signed.", "Have that bank sign.")

NOT_NEW_PLEDGEE = Reason(
    "not-new-pledgee", "The bank that takes the pledge over has not signed.", "Have both banks sign."
)

SAME_PLEDGEE = Reason(
    "same-pledgee", "The pledge is this bank's already.", "Nothing is to be done; or name the bank that takes it over."
)

INVOICE_NOT_ACCEPTED = Reason(
    "invoice-not-accepted",
    "The buyer has not accepted the invoice: nobody owes it yet.",
    "Have the buyer accept it first (invoice.accept).",
)

ACCEPTANCE_OUTDATED = Reason(
    "acceptance-outdated",
    "The buyer has accepted another amount than is payable now: a credit note came later.",
    "Cancel the invoice, issue one of what is payable in all, and have the buyer accept that.",
)

ACCEPTED_WITHOUT_DUE = Reason(
    "accepted-without-due",
    "Neither the invoice nor its acceptance says when it is due.",
    "Cancel the invoice, and issue it with a due date (BT-9).",
)

NOT_ALL_OUTSTANDING = Reason(
    "not-all-outstanding",
    "The amount pledged is not what is outstanding of the invoice.",
    "Look at the invoice as it stands, and pledge all that is outstanding.",
)

TAGS_DIFFER = Reason(
    "tags-differ",
    "The tags that the bank has made are not those of the invoice.",
    "Have the seller say which file it has registered. Lend nothing on this one: it may stand under another tag.",
)

TAG_PLEDGED = Reason("tag-pledged", "A pledge stands on this tag: the same invoice is pledged.", "Lend nothing on it.")

PLEDGE_ENDED = Reason(
    "pledge-ended", "The pledge has been released.", "Look at the pledge's status; pledge the invoice anew."
)

OTHER_PLEDGEE = Reason(
    "other-pledgee",
    "The pledge is another bank's than the one that the record names.",
    "Look at the pledge: the bank that has it says what it has paid out.",
)

PAID_OUT_TOO_MUCH = Reason(
    "paid-out-too-much",
    "More would be paid out on the pledge than was pledged.",
    "Look at the pledge for what is paid out already: name what is left of it, or less.",
)

PLEDGE_DIFFERS = Reason(
    "pledge-differs",
    "The record does not name the pledge that stands on the invoice, or names one that does not.",
    "Look at the invoice: name the pledge that stands on it, or none where it is pledged to nobody.",
)

PAYEE_BANK_NOT_PLEDGEE = Reason(
    "payee-bank-not-pledgee",
    "The payee's bank is not the one to which the invoice is pledged.",
    "Pay to the bank that has the pledge: name it as the payee's bank.",
)
