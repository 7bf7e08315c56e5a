"""Where a quantity of goods stands in JSON, and in which of its forms: a map, a number, a text such as `120 KGM`."""

import re
from collections.abc import Mapping
from decimal import Decimal

from hanse_documents.syntax.jsonplaces import at, every, first, first_text

_TEXT = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)\s*([A-Za-z][A-Za-z0-9.]{0,15})?", re.ASCII)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)

UNITS = {
    **dict.fromkeys(("KG", "KGS", "KILOGRAM", "KILOGRAMS", "KILOGRAMMES", "KILOS"), "KGM"),
    **dict.fromkeys(("G", "GRAM", "GRAMS"), "GRM"),
    **dict.fromkeys(("T", "MT", "TON", "TONS", "TONNE", "TONNES"), "TNE"),
    **dict.fromkeys(("LB", "LBS", "POUND", "POUNDS"), "LBR"),
    **dict.fromkeys(("L", "LITRE", "LITRES", "LITER", "LITERS"), "LTR"),
    **dict.fromkeys(("M", "METRE", "METRES", "METER", "METERS"), "MTR"),
    **dict.fromkeys(("M2", "SQM"), "MTK"),
    **dict.fromkeys(("M3", "CBM"), "MTQ"),
    **dict.fromkeys(("PC", "PCS", "PIECE", "PIECES", "UNIT", "UNITS", "PCE"), "C62"),
    **dict.fromkeys(("CARTON", "CARTONS", "CTN", "CTNS"), "XCT"),
    **dict.fromkeys(("BOX", "BOXES"), "XBX"),
    **dict.fromkeys(("CASE", "CASES"), "XCS"),
    **dict.fromkeys(("PALLET", "PALLETS"), "XPX"),
    **dict.fromkeys(("PACKAGE", "PACKAGES", "PKG", "PKGS"), "XPK"),
    **dict.fromkeys(("DRUM", "DRUMS"), "XDR"),
    **dict.fromkeys(("BAG", "BAGS"), "XBG"),
}
"""Words that papers write for units, and the codes of Recommendations 20 and 21 for them."""

_PLACES: tuple[tuple[str, ...], ...] = (
    ("itemQuantity",),
    ("quantity",),
    ("tradeProduct", "itemQuantity"),
    ("tradeProduct", "quantity"),
    ("netWeight",),
    ("product", "quantity"),
    ("product", "itemQuantity"),
)


def quantity_in(line: object) -> Mapping[str, object] | None:
    """Find the quantity of a line of goods, as `{"value": …, "unitCode": …}`; None where it gives none.

    `itemQuantity` of its packages counts them, added up where all are of one kind; their unit is that of the packages.
    """
    for place in _PLACES:
        if (found := quantity_of(at(line, *place))) is not None:
            return found
    packages = [
        package
        for name in ("transportPackages", "physicalReferencedLogisticsPackage")
        for package in every(at(line, name))
    ]
    counted = [_of_package(package) for package in packages]
    known = [each for each in counted if each is not None]
    if not known or len(known) != len(packages) or len({each[1] for each in known}) > 1:
        return None
    return _quantity(sum((each[0] for each in known), Decimal(0)), known[0][1])


def _of_package(package: object) -> tuple[Decimal, str | None] | None:
    quantity = quantity_of(at(package, "itemQuantity"))
    if quantity is None:
        return None
    kind = first_text(package, ("typeCode", "content"), ("typeCode",))
    unit = quantity.get("unitCode") or (f"X{kind}" if kind and len(kind) <= 2 else None)
    return Decimal(str(quantity["value"])), unit if isinstance(unit, str) else None


def quantity_of(value: object) -> Mapping[str, object] | None:
    """Read a quantity in any of its forms; None where it is none."""
    value = first(value)
    if isinstance(value, Mapping):
        number = first_text(value, ("value",), ("content",), ("quantity",), ("amount",))
        unit = first_text(value, ("unitCode",), ("unit",), ("unitText",), ("measure",))
        read = quantity_of(number)
        return None if read is None else _quantity(Decimal(str(read["value"])), unit_of_word(unit) or _unit(read))
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value).strip()
    if isinstance(value, Decimal):
        return _quantity(value, None)
    matched = _TEXT.fullmatch(text)
    if matched is None or ("," in matched[1] and not _THOUSANDS.fullmatch(matched[1])):
        return None
    return _quantity(Decimal(matched[1].replace(",", "")), unit_of_word(matched[2]))


def _unit(quantity: Mapping[str, object]) -> str | None:
    unit = quantity.get("unitCode")
    return unit if isinstance(unit, str) else None


def unit_of_word(word: str | None) -> str | None:
    """Write a unit's word as its code; what is no word of the table stays as it is."""
    if not word:
        return None
    capital = word.strip().upper()
    return UNITS.get(capital.replace(".", ""), capital)


def _quantity(value: Decimal, unit: str | None) -> Mapping[str, object]:
    return {"value": value} if unit is None else {"value": value, "unitCode": unit}
