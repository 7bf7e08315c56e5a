"""What every reachable state satisfies, whatever was recorded in whatever order.

Each amount, balance, count and claim that stands in the state is derived a second time, from the payments, declarations
and records that it sums up (`kinds/<object>/invariants.py`). A breach is a bug of the rules, never of whoever signed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from hanse_ledger.kinds import INVARIANTS, addressed, put_into, steps_of
from hanse_ledger.kinds.consignment.invariants import content_breaches
from hanse_ledger.kinds.ended import COUNT_BYTES
from hanse_ledger.kinds.office.invariants import inbox_breaches
from hanse_ledger.kinds.reached import AppliedRecord, ReachedState, words
from hanse_ledger.values.types import Digest, Moment, RecordId
from hanse_ledger.wire.part import Body


def breaches(state: ReachedState, records: Iterable[tuple[RecordId, Body, Moment]]) -> list[str]:
    """Say in words what of a state cannot be; nothing is found in any state that the rules reach.

    Args:
        state: the whole state.
        records: every record that led to it, with its id and its block time, in the order of the log.
    """
    whole = [AppliedRecord(*record) for record in records]
    told = [AppliedRecord(each.id, step.body, each.at) for each in whole for step in steps_of(each.body, each.id)]
    return [
        *_numbering(state),
        *(breach for invariant in INVARIANTS for breach in invariant.breaches(state)),
        *_claims(state, told),
        *content_breaches(state, (folder for each in told if (folder := put_into(each.body)) is not None)),
        *inbox_breaches(state, ((record.id, addressed(record.body)) for record in whole)),
    ]


def _numbering(state: ReachedState) -> Iterator[str]:
    if (
        sorted(state.numbers.values()) != list(range(len(state.objects)))
        or state.numbers.keys() != state.objects.keys()
    ):
        yield "the objects are not numbered from 0 without a gap"
    for name, value in state.objects.items():
        if value.id != name:
            yield f"{words(value)} stands under another id"
        if value.history.count < 1:
            yield f"{words(value)} has no history"


def _claims(state: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[str]:
    """Derive every claim, and compare."""
    due: dict[Digest, bytes] = {}
    ended: Counter[Digest] = Counter()
    for invariant in INVARIANTS:
        ended.update(invariant.counted(state, records))
    counts = ((key, count.to_bytes(COUNT_BYTES, "big")) for key, count in ended.items())
    for key, value in (*(claim for invariant in INVARIANTS for claim in invariant.claimed(state, records)), *counts):
        if key in due:
            yield f"two bear the claim {key.hex()}: {due[key].hex()} and {value.hex()}"
        due[key] = value
    for key in sorted(due.keys() | state.claims.keys()):
        if due.get(key) != state.claims.get(key):
            yield f"the claim {key.hex()} is not what objects and records lead to"
