"""Parts of stored entries, without decoding the rest."""

import msgspec
from msgspec import Raw, Struct

from hanse_ledger.records.record import record_id
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Moment, RecordId
from hanse_node.base.errors import StoreFailed


class _Record(Struct, frozen=True):
    """An envelope of which nothing but the record's bytes is read."""

    payload: bytes


class _Holding(Struct, frozen=True, array_like=True):
    """An entry of which nothing but its record's bytes is read."""

    type: Raw
    position: Raw
    previous: Raw
    height: Raw
    time: Raw
    payload: _Record


class _Placed(Struct, frozen=True, array_like=True):
    """An entry of which nothing but its block is read."""

    type: Raw
    position: Raw
    previous: Raw
    height: int
    time: Moment


_holding_decoder = msgspec.msgpack.Decoder(_Holding)
_placed_decoder = msgspec.msgpack.Decoder(_Placed)


def read_record_id(entry: bytes) -> RecordId:
    """Name the record in a stored entry. Raises StoreFailed if it holds none."""
    try:
        return record_id(_holding_decoder.decode(entry).payload.payload)
    except UNREADABLE as error:
        raise StoreFailed(f"a stored entry is damaged: {error}") from error


def read_type(entry: bytes) -> int:
    """Tell whether a stored entry holds a record or closes a block: `entry.RECORD` or `entry.STATE`."""
    return entry[1]  # behind the mark of an array of six


def read_block(entry: bytes) -> tuple[int, Moment]:
    """Give the height and the time of a stored entry's block. Raises StoreFailed if it is damaged."""
    try:
        placed = _placed_decoder.decode(entry)
    except UNREADABLE as error:
        raise StoreFailed(f"a stored entry is damaged: {error}") from error
    return placed.height, placed.time
