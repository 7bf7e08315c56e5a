"""Writing a ledger's database anew from its entries, each rule and signature checked on the way.

Objects, claims, tiles, records and histories follow from the entries alone; checkpoints do not, and
are signed anew.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from msgspec import Struct

from hanse_ledger.blocks.walking import add_record, check_first, check_time, compare_block, open_entry, open_record
from hanse_ledger.records.entry import RecordEntry
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import Moment
from hanse_node.base.verifying import Refusals, Verifiers
from hanse_node.base.worker import working
from hanse_node.store.sql import SqlLedgerStore

VERIFIED_TOGETHER = 500
"""So many records' signatures are verified at once, of several blocks if those are small."""

AHEAD = 2
"""How many such lots are verified, for each process, before the first of them is applied."""


class _Block(Struct, frozen=True):
    """A block as it was read: its entries from position `first` on, and the records in them."""

    first: int
    data: tuple[bytes, ...]
    batch: tuple[Signed, ...]
    at: Moment


def rebuild(
    store: SqlLedgerStore,
    entries: Iterable[bytes],
    *,
    first: int = 0,
    processes: int = 0,
    progress: Callable[[int], None] = lambda done: None,
    vouched: bool = False,
) -> int:
    """Write entries into a store that holds those before them, block by block.

    Args:
        store: the new store. It holds the genesis alone, or where `first` is not 0, as many entries as that.
        entries: the bytes of each entry, from position `first` on.
        first: the position of the first of them: 0, or one that follows a state entry.
        processes: how many processes verify signatures meanwhile; with 0 a thread does.
        progress: told how many entries the store holds.
        vouched: whether somebody vouches for the signatures, so that they need not be verified again.

    Returns:
        How many entries at the end were left out, because their block lacks its state entry.

    Raises:
        ProofInvalid: an entry is not what the rules write in its place. What came before it stands.
        StoreFailed: the database refused.
    """
    reader = _Cutter(store, entries, first)
    chunks = reader.chunks()
    pending: deque[tuple[list[_Block], Future[Refusals]]] = deque()
    verifiers = Verifiers(1, processes)
    with working([verifiers]):
        while True:
            chunk = next(chunks, None)
            if chunk is not None:
                batch = [signed for block in chunk for signed in block.batch]
                pending.append((chunk, _vouched(len(batch)) if vouched else verifiers.submit(batch)))
            if not pending:
                break
            if chunk is None or len(pending) > AHEAD * max(1, processes):
                blocks, verified = pending.popleft()
                _append(store, blocks, verified.result())
                progress(store.head.size)
    if reader.failure is not None:
        raise reader.failure
    return reader.left


def _vouched(count: int) -> "Future[Refusals]":
    done: Future[Refusals] = Future()
    done.set_result([None] * count)
    return done


class _Cutter:
    """Cuts entries into blocks. What is wrong with one is told after those before it have been applied."""

    def __init__(self, store: SqlLedgerStore, entries: Iterable[bytes], first: int) -> None:
        self._genesis, self._entries, self._first = store.genesis, entries, first
        self.failure: ProofInvalid | None = None
        self.left = 0

    def chunks(self) -> Iterator[list[_Block]]:
        """Give blocks, a few together where they are small."""
        chunk: list[_Block] = []
        count = 0
        try:
            for block in self._blocks():
                chunk.append(block)
                count += len(block.batch)
                if count >= VERIFIED_TOGETHER:
                    yield chunk
                    chunk, count = [], 0
        except ProofInvalid as error:
            self.failure = error
        if chunk:
            yield chunk

    def _blocks(self) -> Iterator[_Block]:
        position = self._first
        data: list[bytes] = []
        batch: list[Signed] = []
        for each in self._entries:
            entry = open_entry(position, each)
            position += 1
            data.append(each)
            if isinstance(entry, RecordEntry):
                batch.append(open_record(position - 1, entry))
                continue
            if position > 1:
                yield _Block(position - len(data), tuple(data), tuple(batch), entry.time)
            else:
                check_first(self._genesis, each)
            data, batch = [], []
        self.left = len(data)


def _append(store: SqlLedgerStore, blocks: list[_Block], refusals: Refusals) -> None:
    left = iter(refusals)
    for block in blocks:
        for position, (_, refusal) in enumerate(zip(block.batch, left, strict=False), block.first):
            if refusal is not None:
                raise ProofInvalid(f"entry {position}: {refusal}")
        _append_group(store, block)


def _append_group(store: SqlLedgerStore, block: _Block) -> None:
    with store.work() as work:
        check_time(block.first, block.at, work.head.time)
        work.state.prefetch(block.batch)
        builder = work.builder(block.at)
        for position, signed in enumerate(block.batch, block.first):
            add_record(builder, position, signed)
        work.append(compare_block(work.finish(builder), block.first, block.data))
