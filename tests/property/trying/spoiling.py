"""Bodies of random histories that are spoiled in one place, so that what the rules refuse is tried too.

A place is changed into what a body may hold there: another object, member, currency or state, more or less of
something, a list that is repeated, turned round or empty, a part left out, or put in from the kind's sample.
"""

from collections.abc import Iterator
from enum import StrEnum
from random import Random
from typing import Any

from msgspec import Struct, ValidationError, convert, structs, to_builtins
from msgspec.structs import replace

from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, MEMBERS, public, seed_of

Place = tuple[str | int, ...]
DIGEST = 32
A_MOMENT = 10**12
TAKEN = frozenset({"uetr", "ucr"})
TAGS = tuple(seed_of(f"tag {number}") for number in range(16))
TEXTS = (
    *("EUR", "USD", "KGM", "DE", "090210", "2020-01-01", "2027-12-31", "A", "DEUTDEFF"),
    *("office.open", "party.enrol", "invoice.issue"),
)
KEYS_OF_OTHERS = tuple(public(name) for name in ("first", "market", "buyer", "officer 1", "a stranger"))


def spoiled(corridor: Corridor, body: Body, number: int) -> Body:
    """Change one place of a body, as the number says; a body whose form does not allow that stays as it is."""
    chance = Random(number)  # noqa: S311 (it draws tests, no secrets)
    places = list(_places(body))
    place = places[chance.randrange(len(places))]
    value = _other(corridor, chance, body, place)
    try:
        changed = _with(body, place, value)
        return convert(to_builtins(changed, builtin_types=(bytes,)), type(body))
    except (ValidationError, TypeError):
        return body


def _places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Name every place in a body, of lists their items too."""
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield (*at, name)
            yield from _places(getattr(value, name), (*at, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _places(item, (*at, index))


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = getattr(value, step) if isinstance(step, str) else value[step]
    return value


def _with(value: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    step, rest = place[0], place[1:]
    if isinstance(step, str):
        return replace(value, **{step: _with(getattr(value, step), rest, new)})
    return (*value[:step], _with(value[step], rest, new), *value[step + 1 :])


def _other(corridor: Corridor, chance: Random, body: Body, place: Place) -> Any:
    """Give another value for a place."""
    value, name = _at(body, place), str(place[-1])
    if chance.randrange(4) == 0 and not isinstance(place[-1], int):
        return _of_sample(corridor, body, place) if value is None else None
    choices: list[Any] = [_of_sample(corridor, body, place)]
    if name in TAKEN:
        choices = [held for each in corridor.ledger.objects.values() for held in _held(each, name)] or [value]
    elif name == "value" and isinstance(value, bytes):
        choices = list(TAGS)
    elif name == "compromised_since":
        choices = [corridor.head.time + days * DAY for days in (-1, 400)]
    elif isinstance(value, StrEnum):
        choices = list(type(value))
    elif isinstance(value, int):
        choices = _numbers(name, value)
    elif isinstance(value, tuple):
        choices = [(), value * 2, value[::-1], value[:1], (*value, *value[:1]), value[:-1]]
        choices += [(text,) for text in TEXTS if "." in text]
    elif isinstance(value, bytes):
        choices = _objects(corridor, chance, value) if len(value) == DIGEST else list(KEYS_OF_OTHERS)
    elif isinstance(value, str):
        choices = [*sorted(MEMBERS), "DEUTDEFF"] if value in MEMBERS else list(TEXTS)
    return chance.choice(choices)


def _objects(corridor: Corridor, chance: Random, value: bytes) -> list[ObjectId]:
    """List other objects, every second time those of the same kind alone."""
    objects = corridor.ledger.objects
    meant = objects.get(value)
    if meant is None or chance.randrange(2):
        return [*objects, bytes(DIGEST)]
    return [name for name, each in objects.items() if type(each) is type(meant)]


def _held(value: Object, name: str) -> Iterator[Any]:
    """Give what an object holds of a name: what may be there once is taken by it."""
    for part in structs.astuple(value):
        if isinstance(part, Struct) and hasattr(part, name):
            yield getattr(part, name)


def _numbers(name: str, value: int) -> list[int]:
    """List other numbers: a moment moves by days, an amount or a quantity becomes more, less or very much."""
    if isinstance(value, bool):
        return [not value]
    if name == "minor_digits":
        return [3]
    if value > A_MOMENT:
        return [value + days * DAY for days in (-400, -1, 1, 400)]
    return [value + 1, value - 1, value * 10, 1, 2, 10**12, -5]


def _of_sample(corridor: Corridor, body: Body, place: Place) -> Any:
    """Give what the kind's sample holds in a place; nil where that has no such place."""
    try:
        return _at(corridor.make.sample(type(body)), place)
    except (AttributeError, IndexError, KeyError):
        return None
