"""Reading a ledger's entries."""

from collections.abc import Iterable, Iterator

from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.types import Moment, RecordId
from hanse_ledger.wire.part import Body


def bodies_of(entries: Iterable[bytes]) -> Iterator[tuple[RecordId, Body, Moment]]:
    """Walk over the records in a ledger's entries: the id, the body and the block time of each."""
    for data in entries:
        entry = decode_entry(data)
        if isinstance(entry, RecordEntry):
            signed = open_decoded(entry.payload)
            yield signed.id, signed.record.body, entry.time
