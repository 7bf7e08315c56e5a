"""Records, where they stand."""

from hanse_ledger.values.types import RecordId
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.answers import Stored, place_of
from hanse_node.queries.gathering import NotFound
from hanse_node.queries.ownrecords import open_entry
from hanse_node.queries.readers.refusedalike import another_record, entry_at
from hanse_node.queries.readers.rights import Rights, restricted
from hanse_node.store.sql import SqlLedgerStore


class Records:
    """Use cases about records."""

    def __init__(self, store: SqlLedgerStore, rights: Rights, notes: ReadNotes) -> None:
        self._store, self._rights, self._notes = store, rights, notes

    def find(self, caller: Caller, name: RecordId) -> Stored:
        """Find a record. Raises NotFound, also where the caller may not see it."""
        with self._store.showing() as reads:
            position = reads.find_record(name)
            if position is not None:
                data = entry_at(reads, position)
            else:
                # Whoever sees a part of the ledger alone does not learn from the time whether there is such a record.
                data = None if restricted(caller) is None else another_record(reads, name)
            unseen = data is not None and not self._rights.sees_record(reads, caller, open_entry(data)[1])
        if position is None or unseen:
            raise NotFound(f"no record has the id {name.hex()}")
        if data is None:
            raise StoreFailed(f"a record's row names position {position}, where no entry stands")
        entry, signed = open_entry(data)
        if signed.id != name:
            raise StoreFailed(f"the record at position {position} is another one than its row says")
        self._notes.note(caller, Way.RECORD, [name])
        return Stored(row=place_of(entry, signed), entry=data, signed=signed)
