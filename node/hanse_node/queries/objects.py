"""Objects as they stand, and their histories."""

from collections.abc import Sequence
from typing import NamedTuple

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.rows import OFFICE
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.answers import Page, place_of
from hanse_node.queries.chains import Chains
from hanse_node.queries.gathering import NotFound
from hanse_node.queries.ownrecords import open_entry
from hanse_node.queries.prove import prove_status
from hanse_node.queries.readers.rights import Rights, Sight, restricted
from hanse_node.store.index.histories import HistoryRow
from hanse_node.store.index.inboxes import inbox
from hanse_node.store.paths import read_entries
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.sql import SqlLedgerStore


class Objects:
    """Use cases about objects."""

    def __init__(self, store: SqlLedgerStore, rights: Rights, notes: ReadNotes) -> None:
        self._store, self._rights, self._notes = store, rights, notes
        self._chains, self._inboxes = Chains(), Chains(inbox)

    def find(self, caller: Caller, kind: str, object_id: ObjectId) -> tuple[Tip, int, Object]:
        """Find an object of a kind: the head as of which it stands so, its number, itself. Raises NotFound."""
        with self._store.showing() as reads:
            number, value = self._rights.find_seen(reads, caller, [object_id])[0]
            found = standing_head(reads), number, _of_kind(value, kind)
        self._notes.note(caller, Way.OBJECT, [object_id])
        return found

    def page(self, caller: Caller, kind: str | None, object_id: ObjectId, before: int | None, limit: int) -> Page:
        """List records of an object's history, newest first.

        Args:
            caller: who asks.
            kind: what kind of object it must be; any, if nil.
            object_id: the object.
            before: list records of a smaller sequence than this; nil begins with the newest.
            limit: how many, from 1.

        Raises:
            NotFound: there is no such object.
        """
        with self._store.snapshot() as snapshot:
            # The record that made it belongs to how it stands: the first, and nothing after it.
            least = Sight.STANDING if before == 1 else Sight.WHOLE
            subjects = self._rights.find_seen(snapshot, caller, [object_id], least)
            proof = prove_status(snapshot, self._store.ledger, subjects)
        number, value = subjects[0]
        if kind is not None:
            _of_kind(value, kind)
        begin, end = _bounds(value.history, before, limit)
        with self._store.reading() as reads:
            rows = reads.history(object_id, before=end, limit=end - begin) if end > begin else []
            earlier = self._chains.at(reads, number, begin)
            found = _page(reads, value, value.history, HistoryPart(earlier, end, rows), proof)
        self._notes.note(caller, Way.HISTORY, [object_id])
        return found

    def inbox(self, caller: Caller, office: ObjectId, before: int | None, limit: int) -> Page:
        """List what was addressed to an office, newest first; arguments as of `page`. Raises NotFound."""
        with self._store.snapshot() as snapshot:
            subjects = self._rights.find_seen(snapshot, caller, [office])
            if restricted(caller) is not None:
                raise NotFound(f"no object has the id {office.hex()}")  # what was addressed to it is its member's
            proof = prove_status(snapshot, self._store.ledger, subjects)
        number, value = subjects[0]
        _of_kind(value, OFFICE.name)
        assert isinstance(value, Office)
        begin, end = _bounds(value.inbox, before, limit)
        with self._store.reading() as reads:
            rows = reads.inbox(office, before=end, limit=end - begin) if end > begin else []
            earlier = self._inboxes.at(reads, number, begin)
            found = _page(reads, value, value.inbox, HistoryPart(earlier, end, rows), proof)
        self._notes.note(caller, Way.INBOX, [row.id for _, row in found.records])
        return found

    def office(self, caller: Caller, member: MemberId) -> tuple[Tip, int, Object]:
        """Find a member's office: as `find`. Raises NotFound."""
        with self._store.showing() as reads:
            opened = reads.claim(claim_key(ClaimKind.OFFICE, member.encode()))
            if opened is None:
                raise NotFound(f"the member {member!r} has opened no office")
            number, value = self._rights.find_seen(reads, caller, [opened])[0]
            return standing_head(reads), number, value


class HistoryPart(NamedTuple):
    """A part of a chain: as it was before it, how many records there are at its end, and its rows, newest first."""

    earlier: History
    end: int
    rows: Sequence[HistoryRow]


def _bounds(chain: History, before: int | None, limit: int) -> tuple[int, int]:
    end = chain.count if before is None else min(before, chain.count)
    return max(0, end - limit), end


def _page(reads: Reads, value: Object, chain: History, part: HistoryPart, proof: ProofFile) -> Page:
    """Put a page together, and insist that it leads to the chain. Raises StoreFailed."""
    entries = read_entries(reads, (row.position for row in part.rows))
    records = tuple((row.sequence, place_of(*open_entry(entries[row.position]))) for row in part.rows)
    top = part.earlier
    for _, record in reversed(records):
        top = top.after(record.id)
    if len(records) != part.end - part.earlier.count or (part.end == chain.count and top != chain):
        raise StoreFailed("the records of a history do not replay to its head")
    return Page(id=value.id, top=top, earlier=part.earlier, records=records, proof=proof)


def _of_kind(value: Object, kind: str) -> Object:
    if type_of(value).name != kind:
        raise NotFound(f"the object is of another kind than {kind}")
    return value
