"""What happened, as subscribers read it."""

from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.bounds import EVENTS_READ
from hanse_node.queries.answers import EventsRead
from hanse_node.queries.event import Event, read_events
from hanse_node.queries.log import newest_head
from hanse_node.queries.readers.rights import hears
from hanse_node.store.sql import SqlLedgerStore


class Events:
    """Use cases of whoever listens."""

    def __init__(self, store: SqlLedgerStore, notes: ReadNotes) -> None:
        self._store, self._notes = store, notes

    def tells(self, caller: Caller, event: Event) -> bool:
        """Tell whether somebody is told of an event."""
        return hears(caller, event)

    def told(self, caller: Caller, event: Event, way: Way = Way.EVENTS) -> None:
        """Note that somebody was told of an event."""
        self._notes.note(caller, way, event.parties)

    def read(self, caller: Caller, begin: int) -> EventsRead:
        """Read what happened from a position on, up to the newest signed head; at most 256 entries at once."""
        size = newest_head(self._store).size
        end = min(size, begin + EVENTS_READ)
        if begin >= end:
            return EventsRead((), begin, more=False)
        with self._store.reading() as reads:
            return EventsRead(read_events(reads, begin, end), end, more=end < size)
