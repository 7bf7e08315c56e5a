"""Single fields of two documents set against each other: names, countries, numbers, masses, terms of delivery."""

from collections.abc import Sequence

from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.likeness import listed, same_name, same_number
from hanse_documents.model.documents import DocumentParty, Incoterms
from hanse_ledger.values.figures import quantity_text

NOBODY = DocumentParty()

PER_MILLE = 5
"""Two scales differ by so much at most: five in a thousand."""

TOLERANCE = "0.5 %"

CUT = "the name of one may have been cut, or is in another script"


def parties(fields: tuple[str, str], ours: DocumentParty | None, theirs: DocumentParty | None) -> Compared:
    """Compare two parties by name."""
    left, right = ours or NOBODY, theirs or NOBODY
    return Compared(
        left_field=fields[0],
        left_value=left.name or "",
        outcome=judged(same_name(left.name, right.name)),
        right_field=fields[1],
        right_value=right.name or "",
        why=CUT,
    )


def texts(fields: tuple[str, str], ours: str | None, theirs: str | None) -> Compared:
    """Compare two codes: they are the same, or not."""
    return Compared(
        left_field=fields[0],
        left_value=ours or "",
        outcome=judged(ours.casefold() == theirs.casefold() if ours and theirs else None),
        right_field=fields[1],
        right_value=theirs or "",
    )


def named(fields: tuple[str, str], number: str, numbers: Sequence[str]) -> Compared:
    """Ask whether one document is among those that another one names."""
    known = bool(number) and bool(numbers)
    return Compared(
        left_field=fields[0],
        left_value=number,
        outcome=judged(any(same_number(each, number) for each in numbers) if known else None),
        right_field=fields[1],
        right_value=listed(numbers),
    )


def masses(fields: tuple[str, str], ours: int | None, theirs: int | None, *, at_least: bool = False) -> Compared:
    """Compare two masses as two scales give them; `at_least` asks only that the second is no less than the first."""
    agrees: bool | None = None
    if ours is not None and theirs is not None:
        most = max(abs(ours), abs(theirs)) * PER_MILLE // 1_000
        agrees = theirs + most >= ours if at_least else abs(ours - theirs) <= most
    return Compared(
        left_field=fields[0],
        left_value="" if ours is None else quantity_text(ours, "KGM"),
        outcome=judged(agrees),
        right_field=fields[1],
        right_value="" if theirs is None else quantity_text(theirs, "KGM"),
    )


def numbers(fields: tuple[str, str], ours: int | None, theirs: int | None) -> Compared:
    """Compare two counts."""
    return Compared(
        left_field=fields[0],
        left_value="" if ours is None else str(ours),
        outcome=judged(ours == theirs if ours is not None and theirs is not None else None),
        right_field=fields[1],
        right_value="" if theirs is None else str(theirs),
    )


def terms_of_delivery(fields: tuple[str, str], ours: Incoterms | None, theirs: Incoterms | None) -> Compared:
    """Compare two Incoterms codes, by their three letters."""
    left, right = ((each.code.strip()[:3].upper() if each else None) for each in (ours, theirs))
    return texts(fields, left, right)
