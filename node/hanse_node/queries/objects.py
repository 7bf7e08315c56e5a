"""Objects as they stand, and their histories."""

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import ObjectId
from hanse_node.access.caller import Caller
from hanse_node.base.errors import StoreFailed
from hanse_node.queries.answers import Page, place_of
from hanse_node.queries.chains import Chains
from hanse_node.queries.gathering import NotFound, find_subjects
from hanse_node.queries.ownrecords import open_entry
from hanse_node.queries.prove import prove_status
from hanse_node.store.paths import read_entries
from hanse_node.store.reads import standing_head
from hanse_node.store.sql import SqlLedgerStore


class Objects:
    """Use cases about objects."""

    def __init__(self, store: SqlLedgerStore) -> None:
        self._store, self._chains = store, Chains()

    def find(self, caller: Caller, kind: str, name: ObjectId) -> tuple[Tip, int, Object]:
        """Find an object of a kind: the head as of which it stands so, its number, itself. Raises NotFound."""
        with self._store.showing() as reads:
            number, value = find_subjects(reads, [name])[0]
            return standing_head(reads), number, _of_kind(value, kind)

    def page(self, caller: Caller, kind: str | None, name: ObjectId, before: int | None, limit: int) -> Page:
        """List records of an object's history, newest first.

        Args:
            caller: who asks.
            kind: what kind of object it must be; any, if nil.
            name: the object.
            before: list records of a smaller sequence than this; nil begins with the newest.
            limit: how many, from 1.

        Raises:
            NotFound: there is no such object.
        """
        with self._store.snapshot() as snapshot:
            subjects = find_subjects(snapshot, [name])
            proof = prove_status(snapshot, self._store.ledger, subjects)
        number, value = subjects[0]
        if kind is not None:
            _of_kind(value, kind)
        count = value.history.count
        end = count if before is None else min(before, count)
        begin = max(0, end - limit)
        with self._store.reading() as reads:
            rows = reads.history(name, before=end, limit=end - begin) if end > begin else []
            entries = read_entries(reads, (row.position for row in rows))
            earlier = self._chains.at(reads, number, begin)
        records = tuple((row.sequence, place_of(*open_entry(entries[row.position]))) for row in rows)
        top = earlier
        for _, record in reversed(records):
            top = top.after(record.id)
        if len(records) != end - begin or (end == count and top != value.history):
            raise StoreFailed("the records of a history do not replay to its head")
        return Page(id=name, top=top, earlier=earlier, records=records, proof=proof)


def _of_kind(value: Object, kind: str) -> Object:
    if type_of(value).name != kind:
        raise NotFound(f"the object is of another kind than {kind}")
    return value
