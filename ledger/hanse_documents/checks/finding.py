"""What a check finds: two fields of two documents, their values, and whether they agree."""

from enum import StrEnum

from msgspec import Struct


class Agreement(StrEnum):
    """The answers of a check. That two documents differ and that they cannot be compared are never the same answer."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_COMPARE = "cannot compare"


class Weight(StrEnum):
    """How much a difference matters: one that blocks stops a careful reader, a warning asks for a second look."""

    BLOCK = "block"
    WARNING = "warning"
    NOTE = "note"


class Finding(Struct, frozen=True, kw_only=True):
    """One answer of one check. `check` is its number in docs/formats/documents.md; an absent value is empty.

    `why` says why two values could not be compared, `action` what to do about a difference, `tolerance` how much of one
    is none; each is empty where there is nothing to say.
    """

    check: str
    left_document: str
    left_field: str
    left_value: str
    outcome: Agreement
    right_document: str
    right_field: str
    right_value: str
    weight: Weight
    action: str = ""
    tolerance: str = ""
    why: str = ""


class Compared(Struct, frozen=True, kw_only=True):
    """What a check's function says; the check's number, documents and weight are added by the table.

    `why` is for what cannot be compared although both values are there.
    """

    left_field: str
    left_value: str
    outcome: Agreement
    right_field: str
    right_value: str
    left_document: str = ""
    right_document: str = ""
    why: str = ""


def judged(agrees: bool | None) -> Agreement:
    """Turn yes, no or unknown into an outcome."""
    if agrees is None:
        return Agreement.CANNOT_COMPARE
    return Agreement.AGREES if agrees else Agreement.DIFFERS
