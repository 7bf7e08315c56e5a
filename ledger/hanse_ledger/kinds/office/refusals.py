"""Why a record about an office is refused."""

from hanse_ledger.values.reasons import Reason

OFFICE_UNKNOWN = Reason(
    "office-unknown", "No office has this id.", "Check the office's id, or have its member open one."
)

NOT_OFFICE_MEMBER = Reason(
    "not-office-member",
    "The member whose office it is has not signed with a key of its own.",
    "Have that member sign, and nobody else.",
)

OFFICE_OPENED = Reason(
    "office-opened", "The member has opened its office already, and has one.", "Use the office that there is."
)

OFFICER_KEY_MISSING = Reason(
    "officer-key-missing", "The officer's own key has not signed.", "Have the officer sign the appointment too."
)

POWERS_NOT_SORTED = Reason(
    "powers-not-sorted",
    "The powers are empty, repeated or out of order.",
    "List each power once, in alphabetical order.",
)

APPOINTMENT_TOO_LONG = Reason(
    "appointment-too-long", "The appointment would last for more than a year.", "Let it end within a year."
)

TOO_MANY_OFFICERS = Reason(
    "too-many-officers",
    "The office has as many officers as an office may, 256.",
    "Dismiss one first, or wait until an appointment has ended.",
)

NOT_OFFICER = Reason(
    "not-officer",
    "The key is no officer's of this office, or its appointment has ended.",
    "Check the key and the office's id.",
)

KINDS_NOT_SORTED = Reason(
    "kinds-not-sorted", "The kinds are repeated or out of order.", "List each kind once, in alphabetical order."
)

LIMITS_NOT_SORTED = Reason(
    "limits-not-sorted",
    "The limits of low-value imports are repeated or out of order.",
    "Give one limit a currency, in alphabetical order of the currencies.",
)

KIND_WITHOUT_FOUR_EYES = Reason(
    "kind-without-four-eyes",
    "Officers cannot sign records of this kind, so that two of them cannot be asked for.",
    "Name kinds that officers sign, or office.appoint, office.dismiss and office.set.",
)

OFFICE_CLOSED = Reason(
    "office-closed",
    "The member for whom the officer signs has left.",
    "Have somebody else sign; when the member is back, its officers sign again.",
    rule="F-5",
)

OFFICER_ENDED = Reason(
    "officer-ended",
    "The officer was dismissed, or its appointment has ended.",
    "Sign with the key of an officer in force.",
    rule="F-5",
)

OFFICER_INACTIVE = Reason(
    "officer-inactive",
    "The officer's appointment is not valid at block time.",
    "Sign with the key of an officer whose appointment is valid now.",
    rule="F-5",
)

OFFICER_WITHOUT_POWER = Reason(
    "officer-without-power",
    "The officer may not sign records of this kind.",
    "Have an officer with this power sign, or the member with a key of its own.",
    rule="F-5",
)

KEY_UNDER_FOUR_EYES = Reason(
    "key-under-four-eyes",
    "The office has put this kind of record under four eyes: its member's own key does not sign it.",
    "Have two officers sign; of records about the office itself, two keys of the member.",
    rule="F-6",
)

FOUR_EYES_WANTED = Reason(
    "four-eyes-wanted",
    "The office has put this kind of record under four eyes, and one pair has seen it.",
    "Have a second officer sign too; of a record about the office itself, a second key of the member.",
    rule="F-6",
)
