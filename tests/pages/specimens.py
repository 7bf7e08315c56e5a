"""Bodies of which every value is told from every other: what a row makes of one says which fields it has read."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from msgspec import inspect as types

from hanse_ledger.kinds.claims import ClaimKind, claim_key, pledge_claim
from hanse_ledger.wire.part import Body

Choices = dict[str, int]
"""Which value is taken where there are several, by field: of an enumeration, and nil or not."""


class Specimen:
    """A body with the place of each of its values. Bytes and texts differ everywhere; a list has one item."""

    def __init__(self, kind: type[Body], choices: Choices) -> None:
        self.choices, self.open = choices, dict[str, int]()
        self.places: dict[bytes, str] = {}
        self.body: Any = self._value(types.type_info(kind), "")

    def places_of(self, values: Iterator[bytes | None]) -> set[str]:
        """Say where values stand."""
        return {self.places[value] for value in values if value is not None}

    def claims_of(self, keys: Iterator[bytes]) -> set[str]:
        """Say which claims keys name, and over what: one value, or two."""
        one = [(value,) for value in self.places]
        names = {
            claim_key(kind, *parts): f"`{kind.value}` over " + " and ".join(f"`{self.places[part]}`" for part in parts)
            for kind in ClaimKind
            for parts in [*one, *product(self.places, repeat=2)]
        }
        # A pledge claims its invoice's tags by the names of their claims.
        tags = [(key, words) for key, words in names.items() if words.startswith(f"`{ClaimKind.TAG.value}` over")]
        names |= {pledge_claim(key): f"`{ClaimKind.PLEDGE.value}` over the claim {words}" for key, words in tags}
        return {names[key] for key in keys}

    def _value(self, kind: types.Type, place: str) -> Any:  # noqa: PLR0911 (one a case)
        match kind:
            case types.UnionType(types=(one, types.NoneType())) | types.UnionType(types=(types.NoneType(), one)):
                return None if self._chosen(place, 2) else self._value(one, place)
            case types.StructType(cls=cls, fields=fields):
                joined = f"{place}." if place else ""
                return cls(**{field.name: self._value(field.type, joined + field.name) for field in fields})
            case types.VarTupleType(item_type=item):
                return (self._value(item, f"{place}[]"),)
            case types.EnumType(cls=cls):
                return list(cls)[self._chosen(place, len(cls))]
            case types.BytesType(min_length=least):
                value = (len(self.places) + 1).to_bytes(least or 1, "big")
                self.places[value] = place
                return value
            case types.StrType():
                text = f"text {len(self.places) + 1}"
                self.places[text.encode()] = place
                return text
            case types.IntType():
                count = len(self.places) + 1
                self.places[count.to_bytes(4, "big")] = place
                return count
            case types.BoolType():
                return True
            case _:
                raise AssertionError(f"{place} is a {kind}")

    def _chosen(self, place: str, count: int) -> int:
        self.open[place] = count
        return self.choices.get(place, 0)


def specimens(kind: type[Body]) -> Iterator[Specimen]:
    """Make specimens of a body with each value of what has several: each enumeration, and nil where it may stand."""
    choices = Specimen(kind, {}).open
    for taken in product(*(range(count) for count in choices.values())):
        yield Specimen(kind, dict(zip(choices, taken, strict=True)))


def places(kind: type[Body], read: Callable[[Any], Any]) -> list[str]:
    """Say which fields a function of a body gives: one value, several, or none."""
    found: set[str] = set()
    for specimen in specimens(kind):
        given = read(specimen.body)
        found |= specimen.places_of(iter((given,) if isinstance(given, bytes | None) else given))
    return sorted(found)


def claims(kind: type[Body], read: Callable[[Any], Any]) -> list[str]:
    """Say which claims a function of a body names, and over which fields."""
    return sorted({claim for specimen in specimens(kind) for claim in specimen.claims_of(iter(read(specimen.body)))})
