"""Why a record about a title is refused."""

from hanse_ledger.values.reasons import Reason

TITLE_UNKNOWN = Reason("title-unknown", "No title has this id.", "Check the title's id.")

TITLE_TAKEN = Reason(
    "title-taken",
    "A live title on this shipment stands already: one document has one title.",
    "Look at the title that stands; it must be surrendered before another one is issued.",
)

TITLE_NOT_LIVE = Reason(
    "title-not-live", "The title has been surrendered: it gives no right any more.", "Look at the title's status."
)

TITLE_ON_PAPER = Reason(
    "title-on-paper",
    "The title is on paper: the ledger does not pass it on.",
    "Pass the paper on, or have the carrier convert it back.",
)

NOT_HOLDER = Reason(
    "not-holder", "The title's present holder has not signed.", "Have the party sign that holds the title now."
)

SAME_HOLDER = Reason("same-holder", "The party holds the title already.", "Name another party.")

NOTHING_TO_REJECT = Reason(
    "nothing-to-reject",
    "The title was not transferred to its holder, or that has been rejected already.",
    "Transfer it, or surrender it to the carrier.",
)

REJECTED_TOO_LATE = Reason(
    "rejected-too-late",
    "The holder has had the title for more than seven days, and has so accepted it.",
    "Transfer it back instead.",
)

MEDIUM_UNCHANGED = Reason("medium-unchanged", "The title is in this form already.", "Name the other form.")

DOCUMENT_UNCHANGED = Reason(
    "document-unchanged",
    "The document is the one that the title has already.",
    "Commit to the amended document; where nothing is amended nothing is left to do.",
)
