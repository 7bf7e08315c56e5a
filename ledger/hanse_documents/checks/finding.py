"""What a check finds: two fields of two documents, their values, and whether they agree."""

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """The answers of a check. That two documents differ and that they cannot be compared are never the same answer."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_COMPARE = "cannot compare"


class Weight(StrEnum):
    """How much a difference matters: an error stops a careful reader, a warning asks for a second look."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Struct, frozen=True, kw_only=True):
    """One answer of one check. `check` is its number in docs/formats/documents.md; an absent value is empty."""

    check: str
    left_document: str
    left_field: str
    left_value: str
    outcome: Outcome
    right_document: str
    right_field: str
    right_value: str
    weight: Weight


class Answer(Struct, frozen=True, kw_only=True):
    """What a check's function says; the check's number, documents and weight are added by the table."""

    left_field: str
    left_value: str
    outcome: Outcome
    right_field: str
    right_value: str
    right_document: str = ""


def judged(agrees: bool | None) -> Outcome:
    """Turn yes, no or unknown into an outcome."""
    if agrees is None:
        return Outcome.CANNOT_COMPARE
    return Outcome.AGREES if agrees else Outcome.DIFFERS
