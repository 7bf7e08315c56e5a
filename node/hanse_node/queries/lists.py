"""Lists of objects: by kind, state, in whose lists they stand, time, and by what they are found. A node's own word."""

from typing import Any

from msgspec import Struct

from hanse_ledger.kinds import OBJECT_NAMED
from hanse_ledger.kinds.kind import Listed
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, Moment
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.answers import RecordRow, place_of
from hanse_node.queries.gathering import NotFound
from hanse_node.queries.ownrecords import open_entry
from hanse_node.queries.readers.rights import WHOLLY_TOLD, Rights, restricted
from hanse_node.store.entries import read_block
from hanse_node.store.index.lists import EVERYBODY, ListedRow, Wanted
from hanse_node.store.paths import read_entries
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.sql import SqlLedgerStore


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be listed.

    Attributes:
        kind: of the objects.
        whose: in whose list: a party's id, or a member's name as bytes; nil for everybody's.
        other: who else must have them listed.
        states: only of these; none for all.
        open: whether only what is open, or only what has ended; nil for both.
        since: created at this block time or later.
        until: created before this block time.
        before: only of smaller numbers: where the page before ended.
        limit: how many, from 1.
    """

    kind: str
    whose: bytes | None
    other: bytes | None
    states: tuple[str, ...]
    open: bool | None
    since: Moment | None
    until: Moment | None
    before: int | None
    limit: int


class ObjectList(Struct, frozen=True, kw_only=True):
    """Objects as of a log of `size` entries; `following` is what the next page begins with, nil for none."""

    size: int
    rows: tuple[ListedRow, ...]
    following: int | None


class RecordList(Struct, frozen=True, kw_only=True):
    """Records as of a log of `size` entries; `following` is what the next page begins with, nil for none."""

    size: int
    rows: tuple[RecordRow, ...]
    following: int | None


class Lists:
    """Use cases about lists of objects."""

    def __init__(self, store: SqlLedgerStore, rights: Rights, notes: ReadNotes) -> None:
        self._store, self._rights, self._notes = store, rights, notes

    def page(self, caller: Caller, asked: Asked) -> ObjectList:
        """List objects, the newest first.

        Raises:
            NotFound: there is no such kind of object.
            Malformed: such objects have no such state.
        """
        row = OBJECT_NAMED.get(asked.kind)
        if row is None:
            raise NotFound(f"there is no kind of object {asked.kind[:32]!r}")
        states = _states(row.listed, asked)
        with self._store.showing() as reads:
            head = standing_head(reads)
            begin, end = 0, limits.LOG_SIZE if asked.before is None else asked.before
            if asked.since is not None:
                begin = first_since(reads, asked.since, head.objects_count)
            if asked.until is not None:
                end = min(end, first_since(reads, asked.until, head.objects_count))
            whose, other = asked.whose or EVERYBODY, asked.other
            party = restricted(caller)
            third = None
            if party is not None and asked.kind not in WHOLLY_TOLD and party not in (whose, other):
                # In whose list else something shall stand, it stands in the asker's own besides.
                whose, other, third = party, asked.whose or other, other if asked.whose else None
            wanted = Wanted(asked.kind, whose, states, other, begin, end)
            rows = reads.listed(wanted, limit=asked.limit)
            following = rows[-1].number if len(rows) == asked.limit else None
            if third is not None:
                values = reads.objects([each.object_id for each in rows])
                rows = [each for each in rows if third in row.listed.of_whom(values[each.object_id][1])]
        self._notes.note(caller, Way.LIST, [row.object_id for row in rows])
        return ObjectList(size=head.size, rows=tuple(rows), following=following)

    def found(self, caller: Caller, kind: str, name: str, key: bytes, after: int, limit: int) -> ObjectList:
        """List objects by what they are found by, such as the payment of a UETR, the oldest first.

        Args:
            caller: who asks.
            kind: of the objects.
            name: by what: see `FoundBy`.
            key: the key.
            after: only of this number and greater ones.
            limit: how many, from 1.

        Raises:
            NotFound: there is no such kind of object, or it is not found by this.
        """
        row = OBJECT_NAMED.get(kind)
        found_by = next((each for each in (row.found_by if row else ()) if each.name == name), None)
        if row is None or found_by is None:
            raise NotFound(f"no kind of object {kind[:32]!r} is found by {name[:32]!r}")
        with self._store.showing() as reads:
            head = standing_head(reads)
            rows, begin = list[ListedRow](), after
            while len(rows) < limit:
                # What the asker does not see is passed over, and no page tells that it was there.
                found = reads.found_by(found_by, key, begin=begin, limit=limit)
                values = reads.objects([each.object_id for each in found])
                if any(each.object_id not in values for each in found):
                    raise StoreFailed("an object is found by what it is named, and does not stand")
                for each in found:
                    value = values[each.object_id][1]
                    if self._rights.lists(caller, value) and len(rows) < limit:
                        rows.append(ListedRow(each.number, each.object_id, row.listed.state(value)))
                if len(found) < limit:
                    break
                begin = found[-1].number + 1
        following = rows[-1].number + 1 if len(rows) == limit else None
        self._notes.note(caller, Way.LIST, [row.object_id for row in rows])
        return ObjectList(size=head.size, rows=tuple(rows), following=following)

    def discoverable(self, caller: Caller, digest: Digest, after: int, limit: int) -> RecordList:
        """List the records that show the SHA-256 of a document's file, the oldest first.

        Args:
            caller: who asks.
            digest: of the file.
            after: only those at this position and later ones.
            limit: how many, from 1.
        """
        with self._store.showing() as reads:
            head = standing_head(reads)
            positions = reads.discoverable(digest, begin=after, limit=limit)
            entries = read_entries(reads, positions)
        rows = tuple(place_of(*open_entry(entries[position])) for position in positions)
        return RecordList(size=head.size, rows=rows, following=positions[-1] + 1 if len(rows) == limit else None)


def _states(listed: Listed[Any], asked: Asked) -> tuple[str, ...]:
    every = listed.open | listed.ended
    unknown = sorted(set(asked.states) - every)
    if unknown:
        names = ", ".join(sorted(every))
        raise Malformed(f"a state: objects of the kind {asked.kind} are {names}; not {unknown[0][:32]!r}")
    chosen = set(asked.states) or every
    if asked.open is not None:
        chosen = chosen & (listed.open if asked.open else listed.ended)
    return tuple(sorted(map(str, chosen)))


def first_since(reads: Reads, moment: Moment, count: int) -> int:
    """Find the number of the first object that was created at a block time or later; how many there are, for none."""
    first, last = 0, count
    while first < last:
        middle = (first + last) // 2
        if created(reads, middle) < moment:
            first = middle + 1
        else:
            last = middle
    return first


def created(reads: Reads, number: int) -> Moment:
    """Give the block time at which an object was created. Raises StoreFailed: its record is missing."""
    position = reads.creation(number)
    data = None if position is None else reads.entry(position)
    if data is None:
        raise StoreFailed(f"the record that created object {number} is missing")
    return read_block(data)[1]
