"""Why a report of evidence is refused."""

from hanse_ledger.values.reasons import Reason

NOT_REPORTING_MEMBER = Reason(
    "not-reporting-member",
    "The member that reports evidence has not signed.",
    "Have that member sign, and nobody else.",
)

ACCUSED_NOT_SORTED = Reason(
    "accused-not-sorted",
    "The accused members are repeated or out of order.",
    "List each member once, in alphabetical order.",
)

EVIDENCE_REPORTED = Reason("evidence-reported", "This evidence stands on the record already.", "Nothing is left to do.")

EVIDENCE_BOUND = Reason(
    "evidence-bound",
    "The member has reported as many files today as it may in a day, in all or against an accused.",
    "Report the rest tomorrow (UTC); one file proves as much as many.",
)
