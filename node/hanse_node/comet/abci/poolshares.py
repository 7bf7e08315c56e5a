"""Each member's share of the engine's pool and of a block: what one member puts in keeps nobody else's records waiting.

A proposal is judged by what stands in it and in the state before it alone, so that honest nodes agree on it. What is
waiting, or was seen before, decides only what this node takes into its own pool and proposes itself.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic

from msgspec import Struct

from hanse_ledger.blocks.block import Tip
from hanse_ledger.values.types import Digest, LedgerId, MemberId, PublicKey
from hanse_ledger.wire.membership import awaited
from hanse_node.comet.abci.transactions import Attributed

BATCH_BLOCKS = 1_000
"""For so many blocks after the one that its node knew a batch counts."""

BLOCK_RECORDS = 1_000
BLOCK_BYTES = 1024 * 1024
"""So much of a block is a member's at most: one batch in any case, more of them together within this."""

POOL_RECORDS = 3_000
POOL_BYTES = 1536 * 1024
POOL_BATCHES = 48
"""So much of a member's waits in a node's pool: less than a block, so that an honest member's is always within it."""

BLAME_SECONDS = 10.0
"""So long nothing is taken of a member whose node has signed a batch that is not sound."""

PROVEN = 4_096
"""So many batches are known to be signed, so that each is verified once."""

SEEN = 20_000
"""So many batches are remembered that stand in blocks, so that they are not put into the pool again."""


class NoShare(Struct, frozen=True):
    """Why a transaction is not taken; `later` where it may be tried again."""

    reason: str
    later: bool = False


def keys_of(head: Tip, member: MemberId) -> tuple[PublicKey, ...]:
    """Give the keys whose batches are a member's: its node's in force, and those that accepted changes bring.

    They are cosigning keys, written as keys of the wire. The latter say that they are ready before they are in force.
    """
    present = head.membership.cosigner(member)
    keys = [] if present is None else [present.ready_key]
    for proposal in head.proposals.whole:
        if proposal.accepted and member in awaited(head.membership, proposal.change):
            keys += [cosigner.ready_key for cosigner in proposal.change.cosigners if cosigner.id == member]
    return tuple(keys)


class PoolShares:
    """What waits in the pool, by member. Any thread may ask."""

    def __init__(self, ledger: LedgerId, clock: Callable[[], float] = monotonic) -> None:
        """Begin with an empty pool; `clock` gives seconds that never run backwards."""
        self._ledger, self._lock, self._clock = ledger, Lock(), clock
        self._blamed: dict[MemberId, float] = {}
        self._proven: OrderedDict[tuple[Digest, bytes], PublicKey] = OrderedDict()
        self._waiting: dict[Digest, Attributed] = {}
        self._records: Counter[MemberId] = Counter()
        self._bytes: Counter[MemberId] = Counter()
        self._batches: Counter[MemberId] = Counter()
        self._seen: OrderedDict[Digest, None] = OrderedDict()

    def begin(self) -> None:
        """Begin with an empty pool: the engine's is, whenever it starts."""
        with self._lock:
            self._waiting.clear()
            for counts in (self._records, self._bytes, self._batches):
                counts.clear()

    def take(self, transaction: Attributed, head: Tip, height: int) -> NoShare | None:
        """Take a transaction into the pool, or say why not. Its share is looked at before its signature.

        Args:
            transaction: what was read of it.
            head: of the ledger: who is in force, and whom an accepted change brings.
            height: of the newest committed block.
        """
        member, made = transaction.member, transaction.height
        if not height - BATCH_BLOCKS < made <= height + BATCH_BLOCKS:
            return NoShare(f"the batch was made at block {made}, this is {height}")
        with self._lock:
            refused = self._crowded(transaction)
        if refused is not None:
            return refused
        if not self._is_member_s(transaction, head):
            return NoShare(f"no node of {member} that is in force has signed the batch")
        with self._lock:
            # Others may have come meanwhile.
            refused = self._crowded(transaction)
            if refused is None:
                self._waiting[transaction.name] = transaction
                self._count(transaction, 1)
            return refused

    def _crowded(self, transaction: Attributed) -> NoShare | None:
        member = transaction.member
        if transaction.name in self._seen:
            return NoShare("the batch stands in a block")
        if transaction.name in self._waiting or not self._fits(transaction):
            return NoShare(f"as much of {member} waits as may", later=True)
        if self._blamed.get(member, 0.0) > self._clock():
            return NoShare(f"the node of {member} has sent what is not sound", later=True)
        return None

    def blame(self, transaction: Attributed) -> None:
        """Learn that a batch is not sound, and so is not in the pool. No honest node signs one.

        To find that out costs as much as an honest batch: for a while nothing more is taken of that member.
        """
        with self._lock:
            self._forget(transaction.name)
            self._blamed[transaction.member] = self._clock() + BLAME_SECONDS

    def committed(self, batches: Sequence[Digest]) -> None:
        """Learn the names of what stands in a block: it waits no longer, and is not taken again."""
        with self._lock:
            for name in batches:
                self._forget(name)
                self._seen[name] = None
            while len(self._seen) > SEEN:
                self._seen.popitem(last=False)

    def choose(self, transactions: Sequence[Attributed], head: Tip, height: int, room: int) -> list[Attributed]:
        """Choose what to propose: in the pool's order, each member within its share, as many as fit.

        Args:
            transactions: what waits, oldest first.
            head: of the ledger: who is in force, and whom an accepted change brings.
            height: of the block to propose.
            room: how many bytes it may have.
        """
        share, chosen = _BlockShares(), []
        for transaction in transactions:
            # The engine counts a transaction with its length and tag.
            fits = transaction.size + 8 <= room and transaction.name not in self._seen
            if fits and self._may_stand(transaction, head, height) and share.take(transaction):
                room -= transaction.size + 8
                chosen.append(transaction)
        return chosen

    def accepts(self, transactions: Sequence[Attributed | None], head: Tip, height: int) -> bool:
        """Tell whether a proposal keeps the shares: the same on every node that has come as far.

        Args:
            transactions: the proposal's; nil for what is none.
            head: of the ledger: who is in force, and whom an accepted change brings.
            height: of the block.
        """
        share = _BlockShares()
        return all(
            transaction is not None and self._may_stand(transaction, head, height) and share.take(transaction)
            for transaction in transactions
        )

    def _may_stand(self, transaction: Attributed, head: Tip, height: int) -> bool:
        """Tell whether a transaction may stand in a block of a height: not too old, and signed by whose it says it is.

        What waits here was verified under keys that may have changed since.
        """
        return height - BATCH_BLOCKS <= transaction.height < height and self._is_member_s(transaction, head)

    def _is_member_s(self, transaction: Attributed, head: Tip) -> bool:
        keys, name = keys_of(head, transaction.member), (transaction.name, transaction.signature)
        if self._proven.get(name) in keys:
            return True
        key = next((key for key in keys if transaction.is_signed_by(self._ledger, key)), None)
        if key is None:
            return False
        with self._lock:
            self._proven[name] = key
            while len(self._proven) > PROVEN:
                self._proven.popitem(last=False)
        return True

    def _fits(self, transaction: Attributed) -> bool:
        member = transaction.member
        if not self._batches[member]:
            return True
        return (
            self._batches[member] < POOL_BATCHES
            and self._records[member] + transaction.records <= POOL_RECORDS
            and self._bytes[member] + transaction.size <= POOL_BYTES
        )

    def _forget(self, name: Digest) -> None:
        known = self._waiting.pop(name, None)
        if known is not None:
            self._count(known, -1)

    def _count(self, transaction: Attributed, sign: int) -> None:
        member = transaction.member
        self._records[member] += sign * transaction.records
        self._bytes[member] += sign * transaction.size
        self._batches[member] += sign


class _BlockShares:
    """How much of a block is each member's."""

    def __init__(self) -> None:
        self._taken: dict[MemberId, tuple[int, int]] = {}
        self._names: set[Digest] = set()

    def take(self, transaction: Attributed) -> bool:
        """Take a transaction in; tell whether its member had room for it. None stands in a block twice."""
        member = transaction.member
        records, size = self._taken.get(member, (0, 0))
        after = records + transaction.records, size + transaction.size
        fits = member not in self._taken or (after[0] <= BLOCK_RECORDS and after[1] <= BLOCK_BYTES)
        if not fits or transaction.name in self._names:
            return False
        self._taken[member] = after
        self._names.add(transaction.name)
        return True
