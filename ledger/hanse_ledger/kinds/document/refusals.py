"""Why a record about a document is refused, or one whose payload would be one."""

from hanse_ledger.values.reasons import Reason

DOCUMENT_UNKNOWN = Reason("document-unknown", "No document has this id.", "Check the document's id.")

READERS_NOT_SORTED = Reason(
    "readers-not-sorted",
    "The commitments to the payload's readers are repeated or out of order.",
    "List them in order, each once.",
)

PAYLOAD_TAKEN = Reason(
    "payload-taken",
    "The sealed file is the payload of another record already.",
    "Seal the file once more: each sealing has a hash of its own.",
)

NOT_OWNER = Reason(
    "not-document-owner", "The owner of the document has not signed.", "Have the party or the member sign whose it is."
)

DOCUMENT_ERASED = Reason(
    "document-erased",
    "The document is erased: its sealed files are gone.",
    "Register the file once more, with a new payload.",
)

TOO_MANY_READERS = Reason(
    "too-many-readers",
    "More than 128 could open the document, with all copies.",
    "Let the others have the file from somebody who can open it.",
)

READER_UNCLEAR = Reason(
    "reader-unclear",
    "It is not said who the reader is, or twice: a party or a member is.",
    "Name the party or the member, and leave the other one out.",
)

NOT_READER = Reason(
    "not-reader", "The reader, or the office, that the record names has not signed.", "Have whoever is named sign."
)

READER_UNKNOWN = Reason(
    "reader-unknown",
    "The document was not sealed to whom the record names: no commitment to a reader opens to it with this salt.",
    "Take the salt from the opening that came with the sealed file; its owner may let a further reader in "
    "(document.grant).",
)

RECEIPT_NOT_LATER = Reason(
    "receipt-not-later",
    "The reader has said this of the document already, or more.",
    "Nothing is to be done; what was said stays said.",
)

HELD_ALREADY = Reason(
    "held-already", "The office has ordered already that the document be kept.", "Nothing is to be done."
)

HELD_TOO_OFTEN = Reason(
    "held-too-often",
    "The office has held the document and let go of it sixteen times.",
    "Have another office that can open it hold it.",
)

NOT_HELD = Reason(
    "not-held", "The office does not hold the document.", "Name the office that does; the document says which do."
)

DOCUMENT_HELD = Reason(
    "document-held",
    "An office has ordered that the document be kept.",
    "Have the office that holds it let go of it (document.unhold).",
)

DECLARATIONS_NOT_SORTED = Reason(
    "declarations-not-sorted", "The declarations are repeated or out of order.", "List them by their ids, each once."
)

DECLARATION_DIFFERS = Reason(
    "declaration-differs",
    "The declaration does not count on the invoice to which the document belongs.",
    "Name those that name the invoice, and are lodged or released.",
)

DECLARATION_UNDECIDED = Reason(
    "declaration-undecided",
    "A declaration that names the document's invoice is not decided.",
    "Wait until it is decided, withdrawn or lapsed.",
)

DECLARATIONS_MISSING = Reason(
    "declarations-missing",
    "More declarations count on the document's invoice than the record names.",
    "Name all of them: the invoice's history has them.",
)
