"""Lies about a low-value import: the parcel, what it is worth, and the limit that its office had set.

They are told while somebody asks for the parcel's record, `parcel`, for its proof, `taken in`, or to be shown it,
`parcel shown`. Its office has set eight limits before, one after the other.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration, Regime
from hanse_ledger.kinds.office.bodies import SetOffice
from hanse_ledger.wire.part import Body
from tests.tables.falsesteps import with_body
from tests.tables.lying import NO_PROOF, PROVEN, RECORD, Answer, Lie, changed, each, other_text, put, texts, values
from tests.tables.tampering import Change

CHEAPER = (-1, -100, -2_000, -2_949, 1, 50, 12_051, 10**9)
"""By how many cents a parcel is made cheaper or dearer: beyond the limit too."""

ANOTHER = ("", "0", "9", "2", "3", "5", "A", "4006381333932")
"""Ends of other names of its product."""

REGIMES = tuple(regime for regime in Regime if regime is not Regime.LOW_VALUE_IMPORT)


def _bodies(path: str, change: Callable[[Body], Body | None]) -> Change:
    """Change bodies: that of the record, or each in a proof to which it applies."""

    def of_answer(answer: Any) -> None:
        for part in answer.get("records", [answer]):
            part["entry"] = with_body(part["entry"], change, in_hex=path == RECORD)

    return changed(path, of_answer)


def _worth(cents: int) -> Callable[[Body], Body | None]:
    def change(body: Body) -> Body | None:
        if not isinstance(body, LodgeDeclaration) or body.low_value is None:
            return None
        return replace(body, low_value=replace(body.low_value, amount_minor=body.low_value.amount_minor + cents))

    return change


def _product(end: str) -> Callable[[Body], Body | None]:
    def change(body: Body) -> Body | None:
        if not isinstance(body, LodgeDeclaration) or body.low_value is None:
            return None
        named = (body.low_value.products[0][:-1] + end,)
        return replace(body, low_value=replace(body.low_value, products=named))

    return change


def _regime(place: int) -> Callable[[Body], Body | None]:
    """Say that it is no parcel: without its value, or with it."""

    def change(body: Body) -> Body | None:
        if not isinstance(body, LodgeDeclaration):
            return None
        low = None if place <= len(REGIMES) else body.low_value
        return replace(body, low_value=low, regime=REGIMES[place % len(REGIMES)])

    return change


def _limit(place: int) -> Callable[[Body], Body | None]:
    """Say of the office that it had set another limit, each time; of every other one none."""

    def change(body: Body) -> Body | None:
        if not isinstance(body, SetOffice):
            return None
        low = () if place % 2 else tuple(replace(each, at_most_minor=10**place) for each in body.low_value)
        return replace(body, low_value=low)

    return change


def _office(answer: Answer) -> Any:
    return answer["offices"][0]


def _act_left_out(place: int) -> Change:
    def change(answer: Any) -> None:
        del _office(answer)["acts"][place]

    return changed(PROVEN, change)


def _act_added(place: int) -> Change:
    """Count a record of another kind among the acts, in its order."""

    def change(answer: Any) -> None:
        acts = _office(answer)["acts"]
        acts[:] = sorted((*acts, acts[place] + 10**3))

    return changed(PROVEN, change)


def _without(place: int) -> Change:
    """Take an office away, or have it twice, or let it be another one."""

    def change(answer: Any) -> None:
        office = _office(answer)
        others: tuple[list[Any], ...] = (
            [],
            [office, office],
            [office] * 3,
            *([{**office, "number": office["number"] + more}] for more in (1, 10, 10**6)),
            [{**office, "begin": None, "acts": []}],
            [{**office, "id": other_text(office["id"], 4)}],
        )
        answer["offices"] = others[place - 1]

    return changed(PROVEN, change)


def _end(answer: Answer) -> Any:
    return _office(answer)["end"]["aspects"]


def _settings(place: int) -> Change:
    """Change an aspect of the office as it stood at the end."""

    def change(answer: Any) -> None:
        part = _end(answer)[place % len(_end(answer))]
        part["leaf"] = other_text(part["leaf"], place)

    return changed(PROVEN, change)


def _aspect(answer: Answer) -> Any:
    return answer["objects"][0]["aspects"][0]


def _both(path: str, about: str, words: str) -> tuple[Lie, ...]:
    """Tell of the parcel what is not so, in its record or in a proof."""
    where = "" if path == RECORD else " in a proof"
    return (
        Lie(f"what a parcel is worth{where}", about, words, tuple(_bodies(path, _worth(cents)) for cents in CHEAPER)),
        Lie(f"which product is in a parcel{where}", about, words, tuple(_bodies(path, _product(to)) for to in ANOTHER)),
        Lie(f"that it is no parcel{where}", about, words, each(lambda place: _bodies(path, _regime(place)))),
    )


PARCELS: Sequence[Lie] = (
    *_both(RECORD, "parcel", "record"),
    *_both(PROVEN, "taken in", NO_PROOF),
    Lie("up to what an office takes parcels", "taken in", NO_PROOF, each(lambda at: _bodies(PROVEN, _limit(at)))),
    Lie("a limit of an office left out", "taken in", NO_PROOF, each(_act_left_out)),
    Lie("an act that an office never made", "taken in", NO_PROOF, each(_act_added)),
    Lie("the office that took a parcel, left out", "taken in", NO_PROOF, each(_without)),
    Lie("which office took a parcel", "taken in", NO_PROOF, texts(PROVEN, _office, "id")),
    Lie("how an office stood", "taken in", NO_PROOF, each(_settings)),
    Lie(
        "the number of that office",
        "taken in",
        NO_PROOF,
        values(PROVEN, put(_office, "number"), (10, 11, 12, 100, 10**3, 10**6, 2**31, 2**40)),
    ),
    Lie("how a parcel stands", "parcel shown", NO_PROOF, texts(PROVEN, _aspect, "leaf")),
)
