"""What is hidden costs what that costs which is not there, so that the time of an answer tells nobody which it was.

Of a hidden object or record something is read and opened before it is refused. So that much is done of another one
where there is none: the same statements, and one thing opened. Which other one follows from the name and a secret of
this process, so that a name that is asked for again and again takes as long each time, as a hidden one does.
"""

from functools import cache
from hashlib import blake2b
from secrets import token_bytes

from hanse_ledger.kinds.object import Object
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.reads import Reads, standing_head

NO_NUMBER = -1
"""The number of no object."""


@cache
def _secret() -> bytes:
    return token_bytes(32)


def _chosen(name: bytes, count: int) -> int:
    """Choose one of so many for a name: always the same, and nobody can say which."""
    return int.from_bytes(blake2b(name, digest_size=8, key=_secret()).digest(), "big") % max(count, 1)


def another_object(reads: Reads, name: ObjectId, *, opened: bool) -> Object | None:
    """Read and open an object instead of one that is not there; beside one that is, ask in vain.

    So both are two statements, one row, and one opened object.

    Args:
        reads: what is read.
        name: which was asked for.
        opened: whether that one is there, and was opened.
    """
    chosen = _chosen(name, standing_head(reads).objects_count)
    row = reads.object_row(NO_NUMBER if opened else chosen)
    return None if row is None else reads.open_object_row(row)


def another_record(reads: Reads, name: RecordId) -> bytes | None:
    """Read the entry of a record instead of one that is not there; nil where the log has none about that place.

    Raises:
        StoreFailed: what is read is damaged.
    """
    # The first entry is the genesis's: behind it every second one at least is a record's.
    return entry_at(reads, 1 + _chosen(name, standing_head(reads).size - 1), record=True)


def entry_at(reads: Reads, position: int, *, record: bool = False) -> bytes | None:
    """Read an entry with the one before it; of the two the one at a position, or the last that is a record's."""
    entries = reads.entries(max(0, position - 1), position + 1)
    if not record:
        return entries[-1] if len(entries) > min(position, 1) else None
    try:
        return next((data for data in reversed(entries) if isinstance(decode_entry(data), RecordEntry)), None)
    except (Malformed, *UNREADABLE) as error:
        raise StoreFailed(f"an entry at {position} is damaged: {error}") from error
