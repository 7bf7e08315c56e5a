"""Goods of two documents set against each other: by their HS codes, whatever lines they stand in.

An invoice has a line an article, a declaration an item a tariff code, a packing list a line a box: what they share is
how much of which code they are about.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from hanse_documents.checks.finding import Agreement, Compared, judged
from hanse_documents.checks.likeness import listed, same_hs
from hanse_documents.model.carriage import DeclarationGoods, TransportGoods
from hanse_documents.model.documents import CertificateGoods, InvoiceLine
from hanse_documents.semantics.masses import in_common_unit, same_number_elsewhere
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import HS_DIGITS

Goods = Sequence[InvoiceLine | CertificateGoods | TransportGoods | DeclarationGoods]

NO_CODE = "a line has no HS code"
NO_QUANTITY = "a line of these goods has no quantity"
OTHER_UNITS = "the quantities are in units that nothing converts"


class Total(Struct, kw_only=True):
    """What a document says of one HS code: how much by unit, and from where."""

    quantities: dict[str, int]
    origins: set[str]
    unplaced: bool = False  # a line without an origin
    uncounted: bool = False  # a line without a quantity or unit


def totals(lines: Goods) -> dict[str, Total]:
    """Add up the lines by the first six digits of their codes; lines without a code stand under an empty one."""
    found: dict[str, Total] = {}
    for line in lines:
        total = found.setdefault((line.hs_code or "")[:HS_DIGITS], Total(quantities={}, origins=set()))
        if line.origin:
            total.origins.add(line.origin)
        else:
            total.unplaced = True
        if line.quantity_micro is None or not line.unit:
            total.uncounted = True
            continue
        quantity, unit = in_common_unit(line.quantity_micro, line.unit)
        total.quantities[unit] = total.quantities.get(unit, 0) + quantity
    return found


def codes_of(lines: Goods) -> tuple[str, ...]:
    """List the codes of goods, each once, sorted."""
    return tuple(sorted({line.hs_code[:HS_DIGITS] for line in lines if line.hs_code}))


def same_codes(ours: Goods, theirs: Goods, fields: tuple[str, str], *, all_ours: bool = True) -> Iterator[Compared]:
    """Compare the codes of two documents; `all_ours` asks that each of the first stands in the second too.

    A line without a code may be freight, or goods whose code nobody wrote: then what is missing cannot be compared.
    """
    left, right = codes_of(ours), codes_of(theirs)
    strange = [code for code in right if not any(same_hs(code, other) for other in left)]
    missing = [code for code in left if all_ours and not any(same_hs(code, other) for other in right)]
    answers: list[bool | None] = [None] if not left or not right else [True]
    answers += [False if all(line.hs_code for line in ours) else None] if strange and left else []
    answers += [False if all(line.hs_code for line in theirs) else None] if missing and right else []
    agrees = False if False in answers else None if None in answers else True
    yield Compared(
        left_field=fields[0],
        left_value=listed(left),
        outcome=judged(agrees),
        right_field=fields[1],
        right_value=listed(right),
        why=NO_CODE,
    )


def same_origins(ours: Goods, theirs: Goods, fields: tuple[str, str]) -> Iterator[Compared]:
    """Compare the countries of origin of each code that both have."""
    for code, left, right in _shared(totals(ours), totals(theirs)):
        silent = not left.origins or not right.origins
        agrees: bool | None = right.origins <= left.origins
        if silent or (not agrees and left.unplaced):
            agrees = None
        yield Compared(
            left_field=f"{fields[0]} of {code}",
            left_value=listed(sorted(left.origins)),
            outcome=judged(agrees),
            right_field=f"{fields[1]} of {code}",
            right_value=listed(sorted(right.origins)),
            why="a line of these goods has no origin" if agrees is None else "",
        )


Holds = Callable[[int, int], bool]


def compared_quantities(
    ours: Goods, theirs: Goods, fields: tuple[str, str], holds: Holds = int.__eq__
) -> Iterator[Compared]:
    """Compare how much there is of each code that both have, in a unit that both have.

    Args:
        ours: goods of the first document.
        theirs: goods of the second.
        fields: how both call their quantities.
        holds: what must hold between the two quantities; that they are equal, if nothing else is said.
    """
    for code, left, right in _shared(totals(ours), totals(theirs)):
        yield _quantities(code, left, right, fields, holds)


def _quantities(code: str, left: Total, right: Total, fields: tuple[str, str], holds: Holds) -> Compared:
    units = sorted(left.quantities.keys() & right.quantities.keys())
    why = ""
    agrees: bool | None = None
    if left.uncounted or right.uncounted:
        why = NO_QUANTITY
    elif _slipped(left, right):
        agrees = False
    elif len(units) != len(left.quantities) or len(units) != len(right.quantities):
        why = OTHER_UNITS
    else:
        agrees = all(holds(left.quantities[unit], right.quantities[unit]) for unit in units)
    return Compared(
        left_field=f"{fields[0]} of {code}",
        left_value=written(left.quantities),
        outcome=judged(agrees),
        right_field=f"{fields[1]} of {code}",
        right_value=written(right.quantities),
        why=why,
    )


def _slipped(left: Total, right: Total) -> bool:
    """Tell whether both have one number, each in a unit of its own."""
    alone = [[(micro, unit) for unit, micro in total.quantities.items()] for total in (left, right)]
    return all(len(each) == 1 for each in alone) and same_number_elsewhere(alone[0][0], alone[1][0])


def written(quantities: Mapping[str, int]) -> str:
    """Write quantities by unit."""
    return listed(quantity_text(micro, unit) for unit, micro in sorted(quantities.items()))


def _shared(ours: Mapping[str, Total], theirs: Mapping[str, Total]) -> Iterator[tuple[str, Total, Total]]:
    """List what both have, by code; of goods without any codes all there is, where both are of one kind each."""
    for code, right in theirs.items():
        found = next((other for other in ours if code and other and same_hs(code, other)), None)
        if found is not None:
            yield code, ours[found], right


def mass_of(lines: Goods) -> int | None:
    """Give the mass of all goods in millionths of a kilogram; None where a line is counted otherwise."""
    total = 0
    for line in lines:
        quantity, unit = in_common_unit(line.quantity_micro or 0, line.unit or "")
        if unit != "KGM":
            return None
        total += quantity
    return total or None


def cannot(fields: tuple[str, str], why: str, values: tuple[str, str] = ("", "")) -> Compared:
    """Say that two fields cannot be compared, and why."""
    return Compared(
        left_field=fields[0],
        left_value=values[0],
        outcome=Agreement.CANNOT_COMPARE,
        right_field=fields[1],
        right_value=values[1],
        why=why,
    )
