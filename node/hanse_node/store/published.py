"""What readers see: the state as of the newest head that enough have signed, while the writer goes on.

With one operator a head is signed in the moment of its commit. In a consortium signatures come later, and some blocks
may have been committed meanwhile: of each is kept what stood before it, until readers see it too.
"""

from collections import ChainMap, deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from hanse_ledger.blocks.block import Block, Tip
from hanse_ledger.kinds.kind import FoundBy
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH
from hanse_ledger.trees.claims_map import Claim
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId, RecordId
from hanse_node.store.blockstate import BlockState
from hanse_node.store.index import claims, hashes, lists, objects, records, waiting
from hanse_node.store.index.found_by import Found
from hanse_node.store.index.lists import ListedRow, Wanted
from hanse_node.store.index.marks import MarkRow
from hanse_node.store.index.objects import Numbered
from hanse_node.store.index.waiting import WaitingRow, WantedWaiting
from hanse_node.store.reads import ENTRIES_READ, Reads
from hanse_node.store.statements import Statements
from hanse_node.store.trees import Trees

KEPT_CHANGES = 50_000
"""So many changed objects and claims are kept back at most; past that, readers wait for a newer head."""


class AsOf(Struct, frozen=True):
    """One state: its head, and what stood in it before the blocks that came after, objects by id, claims by place.

    `present` is the size of the newest committed log.
    """

    head: Tip
    present: int
    objects: Mapping[ObjectId, Numbered | None] = {}
    claims: Mapping[Digest, bytes | None] = {}


class Before(Struct, frozen=True):
    """A block that readers do not see yet, and what it changed, as that stood before."""

    block: Block
    objects: Mapping[ObjectId, Numbered | None]
    claims: Mapping[Digest, bytes | None]

    @property
    def changes(self) -> int:
        """How much is kept."""
        return len(self.objects) + len(self.claims)


def before(block: Block, state: BlockState) -> Before:
    """Take what a block changes, as it stands before its commit."""
    objects = {row.value.id: state.numbered(row.value.id) for row in block.objects}
    return Before(block, objects, {hash_bytes(key): state.claim(key) for key in block.claims})


class PublishedState:
    """The state that readers see, with trees of its own. Whoever changes it keeps readers out meanwhile."""

    def __init__(self, head: Tip | None, trees: Trees) -> None:
        """Show the state of a head, or nothing until `catch_up`."""
        self._head = head
        self.trees = trees.copy()
        self._later: deque[Before] = deque()
        self._changes = 0

    @property
    def ready(self) -> bool:
        """Whether there is a state to see."""
        return self._head is not None

    def keep(self, before: Before) -> None:
        """Go on showing what was shown, while the writer is one block further."""
        if self._head is None:
            return
        self._later.append(before)
        self._changes += before.changes
        if self._changes > KEPT_CHANGES:
            self._forget()
            self._head = None

    def reach(self, size: int) -> bool:
        """Show the state of a size, if it is kept, as it is or later than what is shown."""
        if self._head is None or size < self._head.size or all(size != head.size for head in self._heads()):
            return False
        while self._head.size < size:
            following = self._later.popleft()
            self._changes -= following.changes
            self.trees.apply(following.block)
            self._head = following.block.head
        return True

    def catch_up(self, head: Tip, trees: Trees) -> None:
        """Show the writer's own present state, by a copy of its trees."""
        self._forget()
        self.trees = trees.copy()
        self._head = head

    def state(self, present: int) -> AsOf | None:
        """Give the state that is shown, while the log has `present` entries; nothing where none is shown."""
        if self._head is None:
            return None
        if not self._later:
            return AsOf(self._head, present)
        # Of several blocks that change the same, the first says what stood before all of them.
        objects = ChainMap(*[dict(later.objects) for later in self._later])
        return AsOf(self._head, present, objects, ChainMap(*[dict(later.claims) for later in self._later]))

    def _heads(self) -> list[Tip]:
        assert self._head is not None
        return [self._head, *(later.block.head for later in self._later)]

    def _forget(self) -> None:
        self._later.clear()
        self._changes = 0


class StandingReads(Reads):
    """What can be read of one state, on a connection whose rows may be some blocks further."""

    def __init__(self, connection: Connection, statements: Statements, as_of: AsOf) -> None:
        super().__init__(connection, statements)
        self._as_of = as_of

    def head(self) -> Tip:
        """Give the head of this state."""
        return self._as_of.head

    def records(self, names: Collection[RecordId]) -> dict[RecordId, int]:
        """Find the positions of records: see `Reads.records`. Raises StoreFailed if one lies beyond the log."""
        return records.as_of(super().records(names), self._as_of.head.size, self._as_of.present)

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Read entries: see `Reads.entries`."""
        return super().entries(start, min(stop, self._as_of.head.size))

    def objects(self, object_ids: Collection[ObjectId]) -> dict[ObjectId, Numbered]:
        """Find objects: see `Reads.objects`."""
        return objects.as_of(super().objects(object_ids), self._as_of.objects, object_ids)

    def claims(self, keys: Collection[Digest]) -> dict[Digest, bytes]:
        """Find the values of claims: see `Reads.claims`."""
        return claims.as_of(super().claims(keys), self._as_of.claims, keys)

    def bucket(self, first: Digest, last: Digest) -> list[Claim]:
        """Read the claims of a bucket: see `Reads.bucket`."""
        return claims.bucket_as_of(super().bucket(first, last), self._as_of.claims, first, last)

    def buckets(self, bounds: Collection[tuple[Digest, Digest]]) -> dict[Digest, list[Claim]]:
        """Read the claims of many buckets: see `Reads.buckets`."""
        return {first: self.bucket(first, last) for first, last in bounds}

    def listed(self, wanted: Wanted, *, limit: int = TILE_WIDTH) -> list[ListedRow]:
        """List objects of a kind: see `Reads.listed`."""
        seen = wanted._replace(end=min(wanted.end, self._as_of.head.objects_count))
        return lists.find(self._run, self._statements.lists, seen, min(limit, ENTRIES_READ), self._as_of.objects)

    def waiting(self, wanted: WantedWaiting) -> Iterator[WaitingRow]:
        """Walk over what waits for somebody: see `Reads.waiting`."""
        seen = wanted._replace(end=min(wanted.end, self._as_of.head.objects_count))
        return waiting.walk(self._run, self._statements.waiting, seen, self._as_of.objects)

    def found_by(self, found_by: FoundBy[Any], key: bytes, *, begin: int = 0, limit: int = TILE_WIDTH) -> list[Found]:
        """List objects that are found by a key: see `Reads.found_by`."""
        return self._found_by(found_by, key, begin, self._as_of.head.objects_count, limit)

    def discoverable(self, digest: Digest, *, begin: int = 0, limit: int = TILE_WIDTH) -> list[int]:
        """List the records that show a file's hash: see `Reads.discoverable`."""
        return self._discoverable(digest, begin, self._as_of.head.size, limit)

    def marks(self, number: int, *, after: int, size: int) -> Iterator[MarkRow]:
        """Read an object's way marks: see `Reads.marks`."""
        return super().marks(number, after=after, size=min(size, self._as_of.head.size))

    def last_mark(self, number: int, size: int) -> MarkRow | None:
        """Find an object's last way mark: see `Reads.last_mark`."""
        return super().last_mark(number, min(size, self._as_of.head.size))

    def tile(self, level: int, index: int) -> bytes:
        """Give the hashes of a tile: see `Reads.tile`."""
        return hashes.as_of(super().tile(level, index), level, index, self._as_of.head.size)
