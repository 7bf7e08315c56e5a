"""What an engine answers for each record. Every engine gives the same receipts."""

from enum import StrEnum

from msgspec import Struct

from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.types import Digest, Moment, RecordId


class Outcome(StrEnum):
    """What became of a record."""

    CREATED = "created"
    EXISTS = "exists"
    REFUSED = "refused"


class Receipt(Struct, frozen=True, kw_only=True):
    """An engine's answer for one record, given when what it says is durable.

    `height` and `time` are those of the block in which the record stands, or which refused it;
    `position` is nil and `refusal` is set for a refused one. `previous` is the hash of the entry before that of a
    record that was created.
    """

    record: RecordId
    outcome: Outcome
    position: int | None
    height: int
    time: Moment
    previous: Digest | None = None
    refusal: Rejected | None = None


def refused(record: RecordId, refusal: Rejected, height: int, time: Moment) -> Receipt:
    """Say that a record was refused, and by which block it would have stood in."""
    return Receipt(record=record, outcome=Outcome.REFUSED, position=None, height=height, time=time, refusal=refusal)


def standing(record: RecordId, position: int, height: int, time: Moment) -> Receipt:
    """Say that a record stood already, and in which block."""
    return Receipt(record=record, outcome=Outcome.EXISTS, position=position, height=height, time=time)
