"""What the use cases of a node give: records and what became of them, pages, events, tiles."""

from msgspec import Struct

from hanse_ledger.kinds.history import History
from hanse_ledger.misbehaviour.refusalfile import SignedRefusal
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.records.entry import RecordEntry
from hanse_ledger.records.envelope import Envelope, Signed
from hanse_ledger.values.errors import Malformed, Rejected
from hanse_ledger.values.types import Digest, Moment, ObjectId, RecordId
from hanse_node.base.receipts import Receipt
from hanse_node.queries.event import Event

Opened = Signed | Malformed
"""What became of one envelope that was sent: opened, or refused as malformed."""


class Answered(Struct, frozen=True, kw_only=True):
    """What became of one record that was sent.

    `receipt` says where a record stands and `previous` links it to the entry before; where proofs were asked for,
    `envelope` is the stored one of a record that stood already, and `statement` is what this node has signed
    of a refused one. `error` says why one does not stand.
    """

    id: RecordId | None = None
    kind: str = ""
    receipt: Receipt | None = None
    previous: Digest | None = None
    envelope: Envelope | None = None
    error: Malformed | Rejected | None = None
    statement: SignedRefusal | None = None


class RangeProof(Struct, frozen=True):
    """Why the entries from `start` up to `end` stand under the answer's head (see `merkle.range_root`)."""

    start: int
    end: int
    path: tuple[Digest, ...]


class Grown(Struct, frozen=True):
    """Why the log under the answer's head extends that of `size` entries (RFC 9162, 2.1.4.1)."""

    size: int
    path: tuple[Digest, ...]


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """What became of records that were sent, in order, under a signed head that covers all of them.

    Where proofs were asked for there are also `ranges`, and `growth` since heads that the asker may remember.
    """

    size: int
    checkpoint: str
    results: tuple[Answered, ...]
    ranges: tuple[RangeProof, ...] | None
    growth: tuple[Grown, ...] | None


class RecordRow(Struct, frozen=True, kw_only=True):
    """Where a record stands, its kind, and the height and time of its block."""

    id: RecordId
    position: int
    kind: str
    height: int
    time: Moment


class Stored(Struct, frozen=True, kw_only=True):
    """A record in its place; `entry` are its canonical bytes."""

    row: RecordRow
    entry: bytes
    signed: Signed


class Page(Struct, frozen=True, kw_only=True):
    """Records of an object's history, newest first.

    `top` is the history after the newest of them, `earlier` before the oldest; `proof` shows the present history.
    """

    id: ObjectId
    top: History
    earlier: History
    records: tuple[tuple[int, RecordRow], ...]
    proof: ProofFile


class EventsRead(Struct, frozen=True):
    """Events, and the position before which everything has been read; `more` if there is more to read at once."""

    events: tuple[Event, ...]
    next: int
    more: bool


class Tile(Struct, frozen=True):
    """A tile or a bundle of entries, and whether it is a full one, which never changes."""

    data: bytes
    full: bool


def place_of(entry: RecordEntry, signed: Signed) -> RecordRow:
    """Say where a record stands, from the entry that holds it."""
    return RecordRow(
        id=signed.id, position=entry.position, kind=signed.record.kind, height=entry.height, time=entry.time
    )
