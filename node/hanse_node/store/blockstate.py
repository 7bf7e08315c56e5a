"""The committed state under a block: fetched for the whole block at once, and kept between blocks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from hanse_ledger.blocks.block import Block
from hanse_ledger.kinds import addressed, kind_of, steps_of, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import ObjectValues
from hanse_ledger.records.envelope import Signed
from hanse_ledger.records.record import Record
from hanse_ledger.trees.claims_map import Claim
from hanse_ledger.values.types import Digest, Moment, ObjectId, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.entries import read_block
from hanse_node.store.reads import Reads
from hanse_node.store.trees import Trees

KEPT_OBJECTS = 20_000
KEPT_CLAIMS = 50_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """A bounded dictionary: what has stood longest without being renewed is dropped first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __getitem__(self, key: Key) -> Value:
        return self._values[key]

    def keep(self, values: Mapping[Key, Value]) -> None:
        """Take values over, as the newest."""
        for key, value in values.items():
            self._values.pop(key, None)
            self._values[key] = value
        excess = len(self._values) - self._most
        for key in [key for _, key in zip(range(excess), self._values, strict=False)]:
            del self._values[key]


class StateCache:
    """What of the committed state is kept between blocks. Only the writer uses it; it changes after a commit.

    `values` are of objects that may never be committed too: of each it is asked again.
    """

    def __init__(self) -> None:
        self.objects: Kept[ObjectId, tuple[int, Object] | None] = Kept(KEPT_OBJECTS)
        self.claims: Kept[Digest, bytes | None] = Kept(KEPT_CLAIMS)
        self.values = ObjectValues(KEPT_OBJECTS)

    def commit(self, block: Block) -> None:
        """Take over what a committed block has changed."""
        self.objects.keep({row.value.id: (row.number, row.value) for row in block.objects})
        self.claims.keep(block.claims)


class BlockState:
    """The committed state on the writer's connection: a `Base` for a GroupBuilder."""

    def __init__(self, reads: Reads, trees: Trees, cache: StateCache) -> None:
        self._reads, self._trees, self._cache = reads, trees, cache
        self._buckets: dict[Digest, Sequence[Claim]] = {}
        self._records: dict[RecordId, int | None] = {}
        self._objects: dict[ObjectId, tuple[int, Object] | None] = {}
        self._claims: dict[Digest, bytes | None] = {}

    def prefetch(self, batch: Collection[Signed]) -> None:
        """Read what the rules will ask of the batch's records: by one statement a table instead of one a record."""
        positions = self._reads.records({signed.id for signed in batch})
        for signed in batch:
            position = self._records[signed.id] = positions.get(signed.id)
            if position is None:
                # An object's id is the hash of its record's, so it cannot stand before the record does.
                steps = steps_of(signed.record.body, signed.id)
                self._objects.update((name, None) for step in steps for name in (step.creates, step.document))
        keys = {key for signed in batch for key in _claims_of(signed.record)}
        self._fetch_claims(keys)
        owners = {self._claims[claim_key(ClaimKind.KEY, key)] for signed in batch for key in signed.record.signers}
        names = {name for signed in batch for name in (*signed.record.refs, *signed.record.mandates)}
        names |= {value for key in keys if (value := self._claims[key]) is not None and len(value) == 32}
        self._fetch_objects(names)
        for owner in owners:
            if owner is not None and self._objects[owner] is None:
                raise StoreFailed(f"the party {owner.hex()} has a key and is not found: its row is damaged")
        self._fetch_objects({name for wanted in names for name in _linked(self._objects[wanted])})

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object."""
        numbered = self._find(object_id)
        return None if numbered is None else numbered[1]

    def numbered(self, object_id: ObjectId) -> tuple[int, Object] | None:
        """Find an object and its number."""
        return self._find(object_id)

    def number(self, object_id: ObjectId) -> int:
        """Give the number of an object that exists."""
        numbered = self._find(object_id)
        assert numbered is not None, "only an object that exists is asked for its number"
        return numbered[0]

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim's value."""
        if key not in self._claims:
            self._fetch_claims({key})
        return self._claims[key]

    def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Read the claims between two places, once a block (a `ClaimBuckets`)."""
        bucket = self._buckets.get(first)
        if bucket is None:
            bucket = self._buckets[first] = self._reads.bucket(first, last)
        return bucket

    def seen(self, record: RecordId) -> int | None:
        """Give the position of a record that stands in the ledger."""
        if record not in self._records:
            self._records[record] = self._reads.find_record(record)
        return self._records[record]

    def block(self, position: int) -> tuple[int, Moment]:
        """Give the height and the time of the block in which the record at a position stands."""
        data = self._reads.entry(position)
        if data is None:
            raise StoreFailed(f"a record's row names position {position}, where no entry stands")
        return read_block(data)

    def _find(self, object_id: ObjectId) -> tuple[int, Object] | None:
        if object_id not in self._objects:
            self._fetch_objects({object_id})
        return self._objects[object_id]

    def _fetch_objects(self, object_ids: Iterable[ObjectId]) -> None:
        missing = []
        for object_id in object_ids:
            if object_id in self._objects:
                continue
            if object_id in self._cache.objects:
                self._objects[object_id] = self._cache.objects[object_id]
            else:
                missing.append(object_id)
        numbered = self._reads.objects(missing)
        for number, value in numbered.values():
            # A rule that believed a damaged object would make this node's state another than everybody else's.
            self._trees.check(number, value)
        self._objects.update({name: numbered.get(name) for name in missing})
        self._cache.objects.keep(numbered)

    def _fetch_claims(self, keys: Iterable[Digest]) -> None:
        missing = []
        for key in keys:
            if key in self._claims:
                continue
            if key in self._cache.claims:
                self._claims[key] = self._cache.claims[key]
            else:
                missing.append(key)
        bounds = {pair for pair in self._trees.claims.bounds(missing) if pair[0] not in self._buckets}
        self._buckets.update(self._reads.buckets(bounds))
        values = {key: self._trees.claims.find(self, key) for key in missing}
        self._claims.update(values)
        self._cache.claims.keep(values)


def _claims_of(record: Record) -> list[Digest]:
    """Name the claims that the rules ask for: of each signing key and office addressed, and of what a record claims."""
    keys = [claim_key(kind, key) for key in record.signers for kind in (ClaimKind.KEY, ClaimKind.REVOKED_KEY)]
    offices = (claim_key(ClaimKind.OFFICE, member.encode()) for member in addressed(record.body))
    return [*keys, *offices, *kind_of(record.body).claims(record.body)]


def _linked(numbered: tuple[int, Object] | None) -> frozenset[ObjectId]:
    """Name the objects that change when this one does: what stands behind it, the principal of a mandate."""
    if numbered is None:
        return frozenset()
    value = numbered[1]
    return frozenset({value.links.principal}) if isinstance(value, Mandate) else type_of(value).behind_of(value)
