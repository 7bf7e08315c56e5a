"""A record in its place: position, previous, height, time.

The array `[type, position, previous, height, time, payload]`. `previous` is the SHA-256 of the
entry before (of the genesis, for the first), so the ledger is one hash chain that can be walked
with nothing but SHA-256. The last entry of each block is a state entry.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.records.envelope import Envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Digest, Moment
from hanse_ledger.wire.codec import decode_canonical

RECORD = 0
STATE = 1

Count = Annotated[int, Meta(ge=0, le=limits.LOG_SIZE)]
"""How many, or in which place from 0: as far as the largest log."""


class StateRoots(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a state entry says: the roots of everything that the rules read.

    Attributes:
        claims_root: of the map of claims.
        members: the hash of the membership.
        objects_count: how many objects there are.
        objects_root: of the tree of objects.
        previous_state: SHA-256 of the state entry before; of the genesis, for the first.
        proposals: the root over the open proposals (see `proposals`).
    """

    claims_root: Digest
    members: Digest
    objects_count: Count
    objects_root: Digest
    previous_state: Digest
    proposals: Digest


class RecordEntry(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """An entry that holds a record's envelope.

    Attributes:
        type: what it holds: 0 a record, 1 a state.
        position: counted from 0.
        previous: SHA-256 of the entry before; of the genesis, for the first.
        height: the block, counted from 0, the genesis.
        time: block time; never runs backwards.
        payload: the record's envelope.
    """

    type: Annotated[int, Meta(ge=RECORD, le=RECORD)]
    position: Count
    previous: Digest
    height: Count
    time: Moment
    payload: Envelope


class StateEntry(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The last entry of a block: the state after it.

    Attributes:
        type: what it holds: 0 a record, 1 a state.
        position: counted from 0.
        previous: SHA-256 of the entry before; of the genesis, for the first.
        height: the block, counted from 0, the genesis.
        time: block time; never runs backwards.
        payload: what the state entry says.
    """

    type: Annotated[int, Meta(ge=STATE, le=STATE)]
    position: Count
    previous: Digest
    height: Count
    time: Moment
    payload: StateRoots


_ENTRY = said("file.entry", "entry")

_record_decoder = msgspec.msgpack.Decoder(RecordEntry)
_state_decoder = msgspec.msgpack.Decoder(StateEntry)


def decode_entry(data: bytes) -> RecordEntry | StateEntry:
    """Decode an entry from its canonical bytes; the record inside an envelope stays bytes.

    Raises:
        Malformed: too large, not canonical, or of an unknown type.
    """
    if len(data) > limits.ENTRY_BYTES:
        raise Malformed(
            said("entry.too-large", "entry: {bytes} bytes; at most {most} are allowed", len(data), limits.ENTRY_BYTES)
        )
    if data[:2] == bytes([0x96, RECORD]):
        return decode_canonical(data, _record_decoder, _ENTRY)
    if data[:2] == bytes([0x96, STATE]):
        return decode_canonical(data, _state_decoder, _ENTRY)
    raise Malformed(said("entry.no-entry", "entry: not an array of six with a known type"), pointer="/0")
