"""Why a record about an invoice is refused, or one that names an invoice."""

from hanse_ledger.values.reasons import Reason

INVOICE_UNKNOWN = Reason("invoice-unknown", "No invoice has this id.", "Check the invoice's id.")

NOT_SELLER = Reason("not-seller", "The invoice's seller has not signed.", "Have the seller sign.")

NOT_BUYER = Reason("not-buyer", "The invoice's buyer has not signed.", "Have the buyer sign.")

SELLER_IS_BUYER = Reason("seller-is-buyer", "Seller and buyer are the same party.", "Name two parties.")

TAGS_NOT_SORTED = Reason(
    "tags-not-sorted", "The tags are repeated or out of order.", "List one tag for each epoch, the older epoch first."
)

TAG_EPOCH_UNKNOWN = Reason(
    "tag-epoch-unknown",
    "The tag's epoch is not one of this ledger's.",
    "Get the tag from a marketplace of this ledger.",
)

TAG_EPOCH_MISSING = Reason(
    "tag-epoch-missing",
    "The invoice bears a tag, but not one of each epoch in use: it could not be compared with all others.",
    "Get both tags from a marketplace of this ledger, or bear none.",
)

TAG_TAKEN = Reason(
    "tag-taken",
    "A live invoice bears this tag: the same invoice stands in the ledger.",
    "Use the invoice that stands there, or cancel it first.",
)

TAGS_UNCHANGED = Reason(
    "tags-unchanged",
    "The invoice bears these tags already, and no others.",
    "Nothing is to be done: it is compared in every epoch that is in use.",
)

AMOUNT_NEGATIVE = Reason(
    "amount-negative",
    "The invoice's amount payable (BT-115) is below zero.",
    "Credit the invoice that it corrects, or cancel it and issue one of what is payable in all.",
)

DUE_BEFORE_ISSUE = Reason(
    "due-before-issue", "The due date (BT-9) lies before the issue date (BT-2).", "Correct the dates."
)

DUE_DIFFERS = Reason(
    "due-differs", "The date is not the invoice's due date (BT-9).", "Name the due date that the invoice names."
)

AMOUNT_NOT_PAYABLE = Reason(
    "amount-not-payable",
    "The amount is not what is payable of the invoice.",
    "Look at the invoice as it stands, and accept what is payable of it now, or refuse it.",
)

INVOICE_CURRENCY_DIFFERS = Reason(
    "invoice-currency-differs",
    "The amount is in another currency than the invoice, or in another minor unit.",
    "Name the amount in the invoice's currency, in the same minor unit.",
)

CREDITED_BEYOND = Reason(
    "credited-beyond-outstanding",
    "The credit note takes off more than is outstanding of the invoice.",
    "Credit no more than is neither settled nor under way; what is paid already is returned by the bank "
    "(payment.return).",
)

INVOICE_NOT_OPEN = Reason(
    "invoice-not-open", "The invoice is not in a state in which this can be done.", "Look at the invoice's status."
)

INVOICE_PAID = Reason("invoice-paid", "The invoice is paid, wholly or in part.", "Return the payment first.")

INVOICE_PAYMENT_UNDER_WAY = Reason(
    "invoice-payment-under-way",
    "A payment of the invoice is under way.",
    "Wait until a bank confirms or rejects it, or have it withdrawn after thirty days.",
)

INVOICE_DECLARED = Reason(
    "invoice-declared",
    "A customs declaration names the invoice.",
    "Have the declaration withdrawn or refused first; after ninety days it may lapse.",
)

INVOICE_PLEDGED = Reason(
    "invoice-pledged", "The invoice is pledged to a bank.", "Have the bank release its pledge first."
)

DUPLICATE_INVOICE = Reason("duplicate-invoice", "An invoice is named twice.", "Name each invoice once.")
