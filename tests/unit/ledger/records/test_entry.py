"""Entries: a record in its place, and the state after a group."""

from typing import Any

import pytest

from hanse_ledger.records.entry import RECORD, STATE, RecordEntry, StateEntry, decode_entry
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.codec import encode
from tests.tables.reference import pack, unpack
from tests.world.corridor import traders
from tests.world.corridor_genesis import T0

CORRIDOR = traders()
ENTRIES = CORRIDOR.entries


def test_entries_come_back_as_they_were_written() -> None:
    """Each entry is of its type, and its bytes are canonical."""
    kinds = [decode_entry(data) for data in ENTRIES]
    assert [type(entry) for entry in kinds[:3]] == [StateEntry, RecordEntry, StateEntry]
    assert [encode(entry) for entry in kinds] == ENTRIES


def test_entry_is_an_array_of_six() -> None:
    """Type, position, previous, height, time and payload, in this order."""
    kind, position, previous, height, time, payload = unpack(ENTRIES[1])
    assert (kind, position, height, time) == (RECORD, 1, 1, T0 + 1_000)
    assert len(previous) == 32
    assert list(payload) == ["payload", "payloadType", "signatures"]
    kind, position, _, height, _, payload = unpack(ENTRIES[2])
    assert (kind, position, height) == (STATE, 2, 1)
    assert list(payload) == ["claims_root", "members", "objects_count", "objects_root", "previous_state", "proposals"]


RECORD_ENTRY: list[Any] = unpack(ENTRIES[1])
STATE_ENTRY: list[Any] = unpack(ENTRIES[2])


def changed(entry: list[Any], place: int, value: Any) -> bytes:
    """Give an entry with another value at a place."""
    return pack([*entry[:place], value, *entry[place + 1 :]])


MALFORMED: list[tuple[bytes, str]] = [
    (b"", "/0"),
    (b"\x96", "/0"),
    (b"\xc1", "/0"),
    (ENTRIES[1][:-1], ""),
    (ENTRIES[1] + b"\0", ""),
    (ENTRIES[2] + b"\0", ""),
    (b"\xdc\x00\x06" + ENTRIES[1][1:], "/0"),
    (pack(RECORD_ENTRY[:5]), "/0"),
    (pack([*RECORD_ENTRY, 0]), "/0"),
    (changed(RECORD_ENTRY, 0, 2), "/0"),
    (changed(RECORD_ENTRY, 0, STATE), "/5"),
    (changed(STATE_ENTRY, 0, RECORD), "/5"),
    (changed(RECORD_ENTRY, 1, -1), "/1"),
    (changed(RECORD_ENTRY, 1, 2**63), "/1"),
    (changed(RECORD_ENTRY, 2, bytes(31)), "/2"),
    (changed(RECORD_ENTRY, 3, -1), "/3"),
    (changed(RECORD_ENTRY, 4, -1), "/4"),
    (changed(RECORD_ENTRY, 4, 1.0), "/4"),
    (changed(STATE_ENTRY, 5, {**STATE_ENTRY[5], "members": bytes(31)}), "/5/members"),
    (changed(STATE_ENTRY, 5, {**STATE_ENTRY[5], "objects_count": -1}), "/5/objects_count"),
    (changed(STATE_ENTRY, 5, {**STATE_ENTRY[5], "more": 1}), "/5"),
]


@pytest.mark.parametrize(("data", "pointer"), MALFORMED, ids=map(str, range(len(MALFORMED))))
def test_malformed_entry_is_refused(data: bytes, pointer: str) -> None:
    """A record entry cannot pass for a state entry, nor anything else for either."""
    with pytest.raises(Malformed) as caught:
        decode_entry(data)
    assert caught.value.pointer == pointer


def test_entry_has_a_bound() -> None:
    """An entry fits into the two bytes of a length in an entry bundle."""
    assert limits.ENTRY_BYTES == 2**16 - 1
    with pytest.raises(Malformed, match="at most 65535 are allowed"):
        decode_entry(ENTRIES[1][:2] + bytes(limits.ENTRY_BYTES))
