"""The read log: who has read what of whom, and when, under which right; written beside the requests, told by rights.

An auditor is told all of it at once. A party is told what concerns it, and its member the same: of an office not which
person; of offices that decide or settle only after a delay; of another party its id where it stands in the lists of
the same object, which the asker sees whole.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import SystemRandom
from threading import Lock
from typing import TypeVar

from msgspec import Struct

from hanse_ledger.kinds.party.state import Party
from hanse_ledger.values.types import MemberId, Moment, ObjectId
from hanse_ledger.wire.membership import MemberRole
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.readnotes import ReadNote, ReadNotes, Span
from hanse_node.base.bounds import READ_ROWS_EACH, READ_ROWS_KNOWN, READS_WRITTEN_TOGETHER
from hanse_node.base.config import ReadLogKept
from hanse_node.base.errors import Busy, StoreFailed
from hanse_node.base.metrics import Metrics
from hanse_node.queries.readers.concerned import Entitlement, RowKey, rows_of
from hanse_node.store.beside.readrows import ReadRow, ReadRows, ReadsWanted
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

K = TypeVar("K")

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

UNDELAYED_MS = 1_000
"""Whoever asks for the log is told of what was read more than so long before the last writing."""

DECIDING = frozenset({MemberRole.BANK, MemberRole.CUSTOMS})
"""Members whose offices decide or settle."""

TURN_BITS = 20
"""A row's turn is the time of its writing and so many bits by chance: pages end with it, and whoever sees two of them
must not be able to count the rows between that he is not told of."""

OFFICE, NODE = "office", "node"
_SHOWN_KIND = {
    CallerKind.MEMBER: NODE,
    CallerKind.MEMBER_KEY: OFFICE,
    CallerKind.NODE: NODE,
    CallerKind.OBSERVER: NODE,
    CallerKind.OFFICER: OFFICE,
}
"""As what a party is shown a reader; the others are shown as what they are."""

_KNOWN_TO_ALL = frozenset({Entitlement.OWN, Entitlement.READER, Entitlement.SHARED})
"""Rights by which a party has read whose id the party concerned knows."""


class ReadsAsked(Struct, frozen=True, kw_only=True):
    """What is sought: reads that concern a party, of an object or a record, in a time; see `ReadsWanted`.

    `party` is nil for whoever asks: its own, or of an auditor all.
    """

    party: ObjectId | None
    object: ObjectId | None
    since: Moment | None
    until: Moment | None
    before: int | None
    limit: int


class ShownRead(Struct, frozen=True, kw_only=True):
    """A row as somebody is shown it; `id` and `name` of the reader are nil where they are not told."""

    row: ReadRow
    reader: str
    id: ObjectId | None
    member: MemberId | None
    name: str | None


class ReadPage(Struct, frozen=True, kw_only=True):
    """Rows, the newest first; `following` is what the next page begins with, nil for none."""

    rows: tuple[ShownRead, ...]
    following: int | None


class ReadLog:
    """Use cases of the read log. Any thread may call."""

    def __init__(
        self,
        store: SqlLedgerStore,
        notes: ReadNotes,
        settings: ReadLogKept,
        member: MemberId,
        metrics: Metrics,
        clock: Callable[[], Moment],
    ) -> None:
        """Prepare.

        Args:
            store: the ledger.
            notes: what was read, as it is noted.
            settings: how much is kept, and what is told when.
            member: whose node this is.
            metrics: where it is shown how the log does.
            clock: the present in milliseconds since 1970.
        """
        self._store, self._rows, self._notes = store, ReadRows(store), notes
        self._settings, self.member, self._clock = settings, member, clock
        self._lock = Lock()
        self._known: dict[RowKey, int] = {}
        self._of_reader: Counter[Caller] = Counter()
        self._hour, self._written = 0, 0
        self._extent: tuple[int, int] | None = None
        self._failure, self._young = "", 0
        metrics.watch("hanse_read_log_rows", "Rows of the read log.", lambda: self._extent and self._extent[0])
        metrics.watch("hanse_read_log_oldest_seconds", "When its oldest row begins.", self._oldest)
        metrics.watch("hanse_read_log_waiting", "Reads that are still to be written.", lambda: notes.waiting)
        metrics.watch("hanse_read_log_lost", "Reads that were not written, for want of room.", lambda: notes.lost)
        metrics.watch("hanse_read_log_failing", "1 while it cannot be written.", lambda: float(bool(self._failure)))
        metrics.watch("hanse_read_log_early", "Rows that went before their days were over.", lambda: self._young)

    def warning(self, caller: Caller) -> str:
        """Say what is not well with the log, though everything is read; nothing while all is well."""
        if self._failure:
            return "the read log cannot be written: what is read meanwhile may be missing in it"
        return (
            "the read log is full, and rows go before their days are over: [reads] in node.toml" if self._young else ""
        )

    def write(self, caller: Caller) -> int:
        """Write what was noted, and let go of what is old, or too much; tell how many reads were written.

        What cannot be written is noted again, as far as there is room. It never raises because of the database.

        Args:
            caller: who asks: the node itself.
        """
        with self._lock:
            self._written = self._clock()
            done = 0
            parts = [dict(part) for part in _parts(self._notes.take())]
            try:
                self._begin()
                while parts:
                    self._put(self._rows_of(parts[0]))
                    done += sum(span.times for span in parts.pop(0).values())
                self._trim()
            except (StoreFailed, Busy) as error:
                for part in parts:
                    self._notes.give_back(part)
                if not self._failure:
                    log.warning("the read log cannot be written, and is tried again", extra={"reason": str(error)})
                self._failure = str(error) or type(error).__name__
                return done
            self._failure = ""
            return done

    def page(self, caller: Caller, asked: ReadsAsked) -> ReadPage:
        """List what somebody may know of what was read, the newest first.

        A party asks of itself, a member of a party that is with it: of anybody else each is told what it would be told
        of a party of which nobody has read anything.
        """
        if self._notes.waiting and not 0 <= self._clock() - self._written < UNDELAYED_MS:
            self.write(caller)
        everything = caller.kind in (CallerKind.TOKEN, CallerKind.NOBODY)
        party = caller.object_id if caller.kind is CallerKind.PARTY and asked.party is None else asked.party
        if not everything and not self._may_ask(caller, party):
            return ReadPage(rows=(), following=None)
        wanted = ReadsWanted(
            parties=None if party is None else (party, b""),
            object=asked.object,
            since=asked.since,
            until=asked.until,
            told=None if everything else self._clock() - self._settings.office_delay_hours * HOUR_MS,
            before=asked.before,
            limit=asked.limit,
        )
        rows = self._rows.page(wanted)
        shown = tuple(_whole(row) if everything else _shown(row) for row in rows)
        return ReadPage(rows=shown, following=rows[-1].turn if len(rows) == asked.limit else None)

    def _may_ask(self, caller: Caller, party: ObjectId | None) -> bool:
        if caller.kind is CallerKind.PARTY:
            return party == caller.object_id
        if party is None or caller.member is None:
            return False
        with self._store.reading() as reads:
            found = reads.object(party)
        return found is not None and isinstance(found[1], Party) and found[1].links.member == caller.member

    def _oldest(self) -> float | None:
        oldest = self._rows.oldest()
        return None if oldest is None else oldest / 1_000

    def _begin(self) -> None:
        """Begin an hour, and learn what stands from a run before this."""
        if self._extent is None:
            self._extent = self._rows.extent()
        hour = self._clock() // HOUR_MS
        if hour != self._hour or len(self._known) > READ_ROWS_KNOWN:
            self._known.clear()
        if hour != self._hour:
            self._of_reader.clear()
            self._hour = hour

    def _rows_of(self, notes: Mapping[ReadNote, Span]) -> dict[RowKey, Span]:
        """Say which rows some notes make, one reader's no more than there may be in an hour."""
        with self._store.reading() as reads:
            rows = rows_of(reads, notes)
        found: dict[RowKey, Span] = {}
        for note, span in notes.items():
            for key in rows[note]:
                counted = self._bounded(key, found)
                found[counted] = found[counted].and_then(span) if counted in found else span
        return found

    def _bounded(self, key: RowKey, found: Mapping[RowKey, Span]) -> RowKey:
        for each, most in ((key, READ_ROWS_EACH), (key.coarse(), 2 * READ_ROWS_EACH)):
            if each in found or each in self._known:
                return each
            if self._of_reader[key.caller] < most:
                self._of_reader[key.caller] += 1
                return each
        return key.coarsest()

    def _put(self, rows: Mapping[RowKey, Span]) -> None:
        for part in _parts(rows):
            assert self._extent is not None, "it has begun"
            count, newest = self._extent
            turns = _turns(max(newest, self._clock() << TURN_BITS), len(part))
            new = dict[RowKey, ReadRow]()
            again = list[tuple[int, int, Moment]]()
            for (key, span), turn in zip(part, turns, strict=True):
                known = self._known.get(key)
                if known is None:
                    new[key] = self._row(key, span, turn)
                else:
                    again.append((known, span.times, span.last))
            self._rows.put(tuple(new.values()), again)
            self._extent = (count + len(new), turns[-1])
            self._known |= {key: row.turn for key, row in new.items()}

    def _trim(self) -> None:
        """Let go of rows that are too old or too many, a bounded number at a time."""
        before = self._clock() - self._settings.days * DAY_MS
        while self._extent is not None:
            count, turn = self._extent
            over = max(0, count - self._settings.rows)
            gone, young, newest = self._rows.trim(over, before, READS_WRITTEN_TOGETHER)
            self._extent, self._young = (count - gone, turn), self._young + young
            if young:
                self._known = {key: row for key, row in self._known.items() if row > newest}
            if over < READS_WRITTEN_TOGETHER:  # of old rows a part each time
                return

    def _row(self, key: RowKey, span: Span, turn: int) -> ReadRow:
        return ReadRow(
            turn=turn,
            party=key.party,
            first=span.first,
            last=span.last,
            times=span.times,
            reader=key.caller.kind.value,
            name=key.caller.name,
            member=self._whose(key.caller),
            delayed=self._delayed(key.caller),
            entitled=key.entitled.value,
            way=key.way.value,
            kind=key.kind,
            object=key.object,
            payload=key.payload,
        )

    def _whose(self, caller: Caller) -> MemberId:
        """Say whose a reader is: an office's, a node's; of a token, and on the node's machine, whose node this is."""
        if caller.kind is CallerKind.PARTY:
            return ""
        if caller.kind in (CallerKind.MEMBER, CallerKind.OBSERVER):
            return caller.member or caller.name
        return caller.member or self.member

    def _delayed(self, caller: Caller) -> bool:
        if caller.kind is CallerKind.PARTY:
            return False
        member = self._store.head.membership.member(self._whose(caller))
        return member is not None and not DECIDING.isdisjoint(member.roles)


def _parts(all_of_them: Mapping[K, Span]) -> Iterator[list[tuple[K, Span]]]:
    """Give so many at a time as are written together."""
    items = list(all_of_them.items())
    return (items[at : at + READS_WRITTEN_TOGETHER] for at in range(0, len(items), READS_WRITTEN_TOGETHER))


def _turns(least: int, count: int) -> list[int]:
    """Draw so many turns above one, in order."""
    return sorted(least + 1 + drawn for drawn in SystemRandom().sample(range(1 << TURN_BITS), count))


def _whole(row: ReadRow) -> ShownRead:
    """Show a row to an auditor: who it was, as the node knows him."""
    party = bytes.fromhex(row.name) if row.reader == CallerKind.PARTY else None
    return ShownRead(row=row, reader=row.reader, id=party, member=row.member or None, name=row.name)


def _shown(row: ReadRow) -> ShownRead:
    """Show a row to whom it concerns: an office and no person, a party where it is known to him."""
    kind = CallerKind(row.reader)
    party = bytes.fromhex(row.name) if kind is CallerKind.PARTY and row.entitled in _KNOWN_TO_ALL else None
    return ShownRead(row=row, reader=_SHOWN_KIND.get(kind, kind.value), id=party, member=row.member or None, name=None)
