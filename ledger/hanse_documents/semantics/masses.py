"""Units that mean the same thing: masses in kilograms, and the codes for single pieces."""

from decimal import Decimal

from hanse_documents.semantics.values import EXACT

KILOGRAMS = {
    "KGM": Decimal(1),
    "GRM": Decimal("0.001"),
    "TNE": Decimal(1000),
    "LBR": Decimal("0.45359237"),
}
"""Kilograms in one of each unit of mass (UN/ECE Recommendation 20)."""

PIECES = frozenset({"C62", "EA", "H87", "NAR", "NMB"})
"""Codes by which single pieces are counted: one, each, piece, number of articles, number."""


def kilograms_micro(quantity_micro: int, unit: str) -> int:
    """Write a quantity in a unit of mass in millionths of a kilogram, rounded to them."""
    return int(EXACT.multiply(Decimal(quantity_micro), KILOGRAMS[unit]).to_integral_value())


def in_common_unit(quantity_micro: int, unit: str) -> tuple[int, str]:
    """Write a quantity in the unit in which it is compared: masses in kilograms, pieces as C62, others as they are."""
    if unit in KILOGRAMS:
        return kilograms_micro(quantity_micro, unit), "KGM"
    return quantity_micro, "C62" if unit in PIECES else unit


def same_number_elsewhere(ours: tuple[int, str], theirs: tuple[int, str]) -> bool:
    """Tell whether two quantities have one number in two units, neither of which counts packages: one unit is wrong.

    120 pieces may fill 120 cartons; that they weigh 120 kilograms to the gram is a slip of the pen.
    """
    packed = any(unit.startswith("X") for _, unit in (ours, theirs))
    return not packed and ours[0] == theirs[0] and ours[1] != theirs[1]
