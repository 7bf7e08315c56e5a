"""What a node answers in JSON, decoded strictly; nothing in these values is verified yet."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from hanse_client.base.errors import BadAnswer
from hanse_client.exchange.problems import Problem
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Moment

Hex32 = Annotated[str, Meta(pattern=patterns.HEX_32)]
HexBytes = Annotated[str, Meta(pattern=patterns.HEX, max_length=2 * limits.ENTRY_BYTES)]
Count = Annotated[int, Meta(ge=0, le=limits.LOG_SIZE)]

PAGE_RECORDS = 200
GROWTHS = 64

T = TypeVar("T")


class Result(Struct, frozen=True, kw_only=True):
    """What became of one record of a batch."""

    outcome: str
    id: Hex32 | None = None
    position: Count | None = None
    height: Count | None = None
    time: Moment | None = None
    previous: Hex32 | None = None
    envelope: HexBytes | None = None
    problem: Problem | None = None


class UploadProgress(Struct, frozen=True, kw_only=True):
    """How far the sending of a sealed document has come."""

    offset: Count
    whole: bool


class ShownDelivery(Struct, frozen=True, kw_only=True):
    """Whether a node has a sealed document."""

    since_ms: Moment | None
    state: Annotated[str, Meta(max_length=32)]


class ProvenRange(Struct, frozen=True, kw_only=True):
    """The proof that the entries from `start` up to `end` stand under the answer's head."""

    start: Count
    end: Count
    path: Annotated[tuple[Hex32, ...], Meta(max_length=2 * limits.PATH_HASHES)]


class ProvenGrowth(Struct, frozen=True, kw_only=True):
    """The proof that the log under the answer's head extends that of `size` entries."""

    size: Count
    path: Annotated[tuple[Hex32, ...], Meta(max_length=2 * limits.PATH_HASHES)]


class Submitted(Struct, frozen=True, kw_only=True):
    """The answer to a batch: one result each, under one signed head; each that stands lies in one of the ranges."""

    size: Count
    checkpoint: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    results: Annotated[tuple[Result, ...], Meta(max_length=limits.BATCH_RECORDS)]
    ranges: Annotated[tuple[ProvenRange, ...], Meta(max_length=limits.BATCH_RECORDS)] = ()
    growth: Annotated[tuple[ProvenGrowth, ...], Meta(max_length=GROWTHS)] = ()


class StoredObject(Struct, frozen=True, kw_only=True):
    """An object as a node shows it: nothing but its id is taken, and proven then."""

    id: str


class ListedObject(Struct, frozen=True, kw_only=True):
    """An object in a node's list; the state that the node tells beside it is not read."""

    id: Annotated[str, Meta(pattern=patterns.HEX, min_length=64, max_length=64)]
    number: Count


class ListPage(Struct, frozen=True, kw_only=True):
    """A page of a list, and what the next one begins with."""

    size: Count
    objects: Annotated[tuple[ListedObject, ...], Meta(max_length=PAGE_RECORDS)]
    following: Count | None


class WaitingObject(Struct, frozen=True, kw_only=True):
    """An object that waits for somebody, and when it was created; all else is read from its proof."""

    id: Annotated[str, Meta(pattern=patterns.HEX, min_length=64, max_length=64)]
    number: Count
    created: Count


class WaitingPage(Struct, frozen=True, kw_only=True):
    """A page of what waits, and behind which number the next one begins."""

    size: Count
    objects: Annotated[tuple[WaitingObject, ...], Meta(max_length=PAGE_RECORDS)]
    following: Count | None


class FileRecord(Struct, frozen=True, kw_only=True):
    """A record that shows a file's hash; what the node tells beside its id is not read."""

    id: Hex32


class FileRecords(Struct, frozen=True, kw_only=True):
    """Records that show a file's hash, the oldest first: one page of them."""

    records: Annotated[tuple[FileRecord, ...], Meta(max_length=PAGE_RECORDS)]


class StoredRecord(Struct, frozen=True, kw_only=True):
    """A record's entry; the node's own words beside it are not read."""

    entry: HexBytes


class Chain(Struct, frozen=True, kw_only=True):
    """A history after some records."""

    count: Count
    head: Hex32


class PageRecord(Struct, frozen=True, kw_only=True):
    """A record of a history."""

    sequence: Count
    id: Hex32


class HistoryPage(Struct, frozen=True, kw_only=True):
    """Records of a history, newest first."""

    records: Annotated[tuple[PageRecord, ...], Meta(max_length=PAGE_RECORDS)]
    earlier: Chain
    proof: Raw


class PublicationAnswer(Struct, frozen=True, kw_only=True):
    """A proof is published: under which name, at which public address, and what withdraws it."""

    name: Annotated[str, Meta(max_length=26)]
    address: Annotated[str, Meta(pattern=patterns.PUBLIC_ADDRESS, max_length=512)]
    secret: Annotated[str, Meta(min_length=1, max_length=256)]


class EventData(Struct, frozen=True, kw_only=True):
    """A record came to stand in the ledger; `state` is the state entry right before it, if one stands there."""

    position: Count
    id: Hex32
    state: HexBytes | None = None


class CloudEvent(Struct, frozen=True, kw_only=True):
    """An event as it is told; of its attributes nothing is relied on, for the record is fetched and proven."""

    data: EventData


def read_answer(data: bytes, kind: type[T]) -> T:
    """Read a node's JSON answer.

    Raises:
        BadAnswer: it is not of this kind.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except UNREADABLE as error:
        raise BadAnswer(f"The node's answer is not what was asked for: {error}.") from error
