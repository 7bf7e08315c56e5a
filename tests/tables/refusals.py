"""Rows of the tables of refusals: what is tried on which state, and which requirement it breaks first."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import Moment, ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor

MILLISECONDS = re.compile(r"\b1[0-9]{12}\b")


class Refused(NamedTuple):
    """A record that is refused.

    `at` is the block time, that of the corridor's next group unless given; `state` stands in for the corridor's.
    `mandates` are those under which it is signed.
    """

    corridor: Corridor
    body: Body
    signers: tuple[str, ...]
    reason: Reason
    pointer: str
    at: Moment | None = None
    state: StateView | None = None
    mandates: tuple[ObjectId, ...] = ()


def names_of(rows: Sequence[Refused]) -> list[str]:
    """Name the rows in a test's output: by their order, kind and reason."""
    return [f"{place:02}-{type(row.body).__name__}-{row.reason.value}" for place, row in enumerate(rows)]


def try_row(row: Refused) -> None:
    """Try a row's record and insist on its refusal: on the reason, and on the field that is named."""
    error = row.corridor.refusal(row.body, *row.signers, at=row.at, state=row.state, mandates=row.mandates)
    assert error is not None, "the rules accept it"
    assert (error.reason, error.pointer) == (row.reason, row.pointer)
    # Nobody reads milliseconds since 1970, or pastes an id that was cut.
    for told in (error.seen, error.wanted):
        assert not MILLISECONDS.search(told), told
        assert "…" not in told
