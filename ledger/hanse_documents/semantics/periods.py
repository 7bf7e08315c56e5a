"""Dates of an invoice that contradict each other: findings, for a date alone makes no invoice wrong."""

from hanse_documents.model.errors import Examiner
from hanse_documents.semantics.en16931 import Branch

FIRST = "1990-01-01"
"""No invoice that anybody registers is older."""


def find_dates(root: Branch, examiner: Examiner) -> None:
    """Find an invoice older than any, one that is due before it was issued, and periods that end before they begin."""
    issued, due = root.get("BT-2"), root.get("BT-9")
    if issued and issued < FIRST:
        examiner.find("BT-2", seen=issued, wanted=f"{FIRST} or later")
    if issued and due and due < issued:
        examiner.find("BT-9", seen=due, wanted=f"{issued} or later, the day of issue (BT-2)")
    periods = [(root, "BT-73", "BT-74"), *((line, "BT-134", "BT-135") for line in root.group("BG-25"))]
    for branch, first, last in periods:
        start, end = branch.get(first), branch.get(last)
        if start and end and end < start:
            examiner.find(branch.name(last), seen=end, wanted=f"{start} or later, when the period begins ({first})")
