"""What was read, as it is noted while it is answered: in memory, bounded, and without asking the database anything.

Whom it concerns is found out afterwards, beside the requests (`queries.readers.readlog`), which writes it down.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from msgspec import Struct

from hanse_ledger.values.types import Moment
from hanse_node.access.caller import ITSELF, Caller
from hanse_node.base.bounds import READS_NOTED, READS_NOTED_EACH


class Way(StrEnum):
    """In which way something was read; of what the subject of a note is the id, stands beside each.

    `log` is the log itself, which has everybody's headers: it has no subject.
    """

    EVENTS = "events"  # the party that an event concerns
    HISTORY = "history"  # the object
    INBOX = "inbox"  # the record that was addressed to an office
    LIST = "list"  # the object
    LOG = "log"
    OBJECT = "object"  # the object
    PAYLOAD = "payload"  # the SHA-256 of the sealed bytes
    PROOF = "proof"  # the object
    RECORD = "record"  # the record
    WEBHOOK = "webhook"  # the party


NOTHING_NAMED = b""
"""The subject of what was read of everybody's, or too often for each to be noted."""


class ReadNote(NamedTuple):
    """Somebody has read something."""

    caller: Caller
    way: Way
    subject: bytes


class Span(Struct, frozen=True):
    """How often, and when first and last, in milliseconds since 1970."""

    first: Moment
    last: Moment
    times: int

    def and_then(self, other: "Span") -> "Span":
        """Count both."""
        return Span(min(self.first, other.first), max(self.last, other.last), self.times + other.times)


class ReadNotes:
    """The notes that are not written yet. Any thread may call; none waits for more than another's note.

    Who reads more than is noted one by one is noted once for all of it; what even that has no room for is counted.
    """

    def __init__(self, clock: Callable[[], Moment], *, keeps: bool = True) -> None:
        """Begin; `keeps` is whether anything is noted at all."""
        self._clock, self._keeps = clock, keeps
        self._lock = Lock()
        self._notes: dict[ReadNote, Span] = {}
        self._each: defaultdict[Caller, int] = defaultdict(int)
        self._lost = 0

    @property
    def waiting(self) -> int:
        """How many notes wait to be written."""
        return len(self._notes)

    @property
    def lost(self) -> int:
        """How many reads were never noted, since the process began."""
        return self._lost

    def note(self, caller: Caller, way: Way, subjects: Iterable[bytes] = (NOTHING_NAMED,)) -> None:
        """Note what somebody was given. What the node reads for itself is not noted.

        Args:
            caller: who asked, and was entitled to it.
            way: how.
            subjects: of what; see `Way`.
        """
        if not self._keeps or caller == ITSELF:
            return
        now = self._clock()
        with self._lock:
            for subject in subjects:
                self._put(ReadNote(caller, way, subject), Span(now, now, 1))

    def take(self) -> dict[ReadNote, Span]:
        """Take all notes, to write them."""
        with self._lock:
            taken, self._notes = self._notes, {}
            self._each.clear()
        return taken

    def give_back(self, notes: Mapping[ReadNote, Span]) -> None:
        """Note again what could not be written, as far as there is room beside what came meanwhile."""
        with self._lock:
            for note, span in notes.items():
                self._put(note, span)

    def _put(self, note: ReadNote, span: Span) -> None:
        found = self._notes.get(note)
        if found is None and note.subject and not self._room(note.caller):
            note = note._replace(subject=NOTHING_NAMED)
            found = self._notes.get(note)
        if found is not None:
            self._notes[note] = found.and_then(span)
        elif len(self._notes) < 2 * READS_NOTED:
            self._notes[note] = span
            self._each[note.caller] += 1
        else:
            self._lost += span.times

    def _room(self, caller: Caller) -> bool:
        return len(self._notes) < READS_NOTED and self._each[caller] < READS_NOTED_EACH
