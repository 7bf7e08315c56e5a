"""The application that CometBFT drives: each of its blocks becomes one of the ledger, on every node the same bytes.

A block is written in `finalize_block` into a transaction that stays open, and committed in `commit`. What a crash
leaves between the two was never committed, and the engine brings the block again.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from time import monotonic

import msgspec
from msgspec import Struct

from hanse_ledger.blocks.block import Block
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, Moment
from hanse_ledger.wire.membership import Membership
from hanse_node.base.errors import NodeError
from hanse_node.base.receipts import Receipt
from hanse_node.comet.abci.connection import Answer
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response, ResponseProcessProposal
from hanse_node.comet.abci.poolshares import PoolShares
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.snapshotserver import SnapshotServer
from hanse_node.comet.abci.transactions import Attributed, KnownTransactions, Opened, read_transaction
from hanse_node.comet.program.home import POWER
from hanse_node.engine.applying import apply_batch
from hanse_node.engine.engine import Observer
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.nextblock import Work
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

REFUSED = 1
"""The code of a transaction that is malformed or falsely signed; every other one is 0, whatever the rules say."""

LATER = 2
"""The pool's code for a transaction that may be tried again: its member's share of the pool is full."""

Committed = Callable[[Mapping[Digest, list[Receipt]], Published | None], None]
"""Told, when a block is durable, what became of each batch, by its name; and the head that this node has signed, if
there is a new one."""


class OutOfStep(NodeError):
    """The engine and the ledger do not stand where they must: one of them has another one's data."""


class _Pending(Struct, frozen=True):
    """A block that is written and not committed."""

    work: Work
    block: Block | None
    receipts: dict[Digest, list[Receipt]]
    begun: float
    height: int
    misbehaved: bool
    batches: tuple[Digest, ...]


class CometApplication:
    """Answers CometBFT. Its consensus answers are given on one thread; `check_tx` on any."""

    def __init__(
        self,
        store: SqlLedgerStore,
        signer: HeadSigner,
        known: KnownTransactions,
        chain: str,
        committed: Committed,
        taker: SnapshotTaker,
        misbehaved: Callable[[int], None] = lambda _height: None,
        keep_blocks: int = 0,
    ) -> None:
        """Prepare an application.

        Args:
            store: an open store, recovered.
            signer: signs the head of each block; it has signed the store's present head.
            known: opens and verifies transactions.
            chain: the engine's name for this ledger.
            committed: see `Committed`.
            taker: takes a snapshot where the engine brings one.
            misbehaved: told of a block that holds evidence against a validator.
            keep_blocks: so many of the newest blocks the engine keeps; 0 for all.
        """
        self._store, self._signer, self._known = store, signer, known
        self._chain, self._committed = chain, committed
        self._misbehaved, self._keep_blocks = misbehaved, keep_blocks
        self._shares, self.height = PoolShares(store.ledger), 0
        self._snapshots, self._taker = SnapshotServer(store), taker
        self._open = ExitStack()
        self._pending: _Pending | None = None
        self._observer: Observer = lambda _records, _seconds: None

    def answers(self) -> Mapping[str, Answer]:
        """Give what answers each kind of request."""
        return {
            "info": self.info,
            "init_chain": self.init_chain,
            "check_tx": self.check_tx,
            "prepare_proposal": self.prepare_proposal,
            "process_proposal": self.process_proposal,
            "finalize_block": self.finalize_block,
            "commit": self.commit,
            "list_snapshots": self._snapshots.list_snapshots,
            "load_snapshot_chunk": self._snapshots.load_chunk,
            "offer_snapshot": self._taker.offer,
            "apply_snapshot_chunk": self._taker.apply,
        }

    def observe(self, observer: Observer) -> None:
        """Have somebody told of each committed block."""
        self._observer = observer

    @property
    def busy(self) -> bool:
        """Whether a block is written and not committed."""
        return self._pending is not None

    def close(self) -> None:
        """Give up what is not committed. On the consensus thread; may be called twice."""
        self._pending = None
        self._open.close()

    def info(self, _: Request) -> Response:
        """Say which block was committed last, and the application hash after it: the log's root."""
        with self._store.reading() as reads:
            height = reads.engine_height()
        # An engine that starts has an empty pool.
        self._shares.begin()
        self.height = height
        # Before the first block the engine asks for nothing: its genesis has the hash.
        root = self._store.head.root if height else b""
        return Response(info={"data": self._chain, "last_block_height": height, "last_block_app_hash": root})

    def init_chain(self, request: Request) -> Response:
        """Begin a chain on the ledger as it is. Raises OutOfStep if it is another ledger's."""
        asked = request.init_chain
        if asked.chain_id != self._chain:
            raise OutOfStep(f"the engine's genesis is of {asked.chain_id}, this ledger is {self._chain}")
        begins, held = asked.app_state_bytes and int(json.loads(asked.app_state_bytes)["size"]), self._store.head.size
        if begins and begins != held:
            raise OutOfStep(
                f"the engine's chain begins with {begins} entries, this ledger has {held}; take the ledger over "
                "(hanse network take-over), or join with --snapshot"
            )
        return Response(init_chain={"app_hash": self._store.head.root})

    def check_tx(self, request: Request) -> Response:
        """Take a transaction into the pool, or not: a member's, within its share, and then: sound."""
        data = request.check_tx.tx
        try:
            transaction = read_transaction(data)
        except Malformed as error:
            return Response(check_tx={"code": REFUSED, "log": error.detail})
        refused = self._shares.take(transaction, self._store.head, self.height)
        if refused is not None:
            return Response(check_tx={"code": LATER if refused.later else REFUSED, "log": refused.reason})
        if not self._sound(transaction, data):
            self._shares.blame(transaction)
            return Response(check_tx={"code": REFUSED, "log": "a record is malformed, or a signature does not hold"})
        return Response(check_tx={})

    def prepare_proposal(self, request: Request) -> Response:
        """Propose the pool's transactions in their order, each member's within its share, as many as fit."""
        asked = request.prepare_proposal
        read = {transaction: data for data in asked.txs if (transaction := _read(data)) is not None}
        sound = [transaction for transaction, data in read.items() if self._sound(transaction, data)]
        chosen = self._shares.choose(sound, self._store.head, asked.height, asked.max_tx_bytes)
        return Response(prepare_proposal={"txs": [read[transaction] for transaction in chosen]})

    def process_proposal(self, request: Request) -> Response:
        """Accept a proposal of sound transactions, each member's within its share: every validator verifies itself."""
        asked = request.process_proposal
        read = [_read(data) for data in asked.txs]
        fair = self._shares.accepts(read, self._store.head, asked.height)
        pairs = zip(read, asked.txs, strict=True)
        accepted = fair and all(
            transaction is not None and self._sound(transaction, data) for transaction, data in pairs
        )
        status = ResponseProcessProposal.ACCEPT if accepted else ResponseProcessProposal.REJECT
        return Response(process_proposal={"status": status})

    def finalize_block(self, request: Request) -> Response:
        """Apply a block's records, and write what follows into a transaction that stays open.

        Raises:
            OutOfStep: the block is not the next one.
            StoreFailed: the database refused.
        """
        asked = request.finalize_block
        # The engine may begin a block again that it had not seen committed.
        self.close()
        begun = monotonic()
        work = self._open.enter_context(self._store.work())
        held = work.engine_height()
        if asked.height != held + 1:
            raise OutOfStep(f"the engine brings block {asked.height}; the ledger holds {held} blocks")
        at = max(work.head.time, _milliseconds(asked.time.seconds, asked.time.nanos))
        read = [_read(data) for data in asked.txs]
        opened = [
            None if transaction is None else self._opened(transaction, data)
            for transaction, data in zip(read, asked.txs, strict=True)
        ]
        receipts, block = self._apply(work, read, opened, at)
        work.write(block, asked.height)
        self._pending = _Pending(
            work,
            block,
            receipts,
            begun,
            asked.height,
            misbehaved=bool(asked.misbehavior),
            batches=tuple(transaction.name for transaction in read if transaction is not None),
        )
        head = work.head if block is None else block.head
        results = [_result(None if transaction is None else receipts.get(transaction.name)) for transaction in read]
        updates = _validator_updates(work.head.membership, head.membership)
        return Response(finalize_block={"tx_results": results, "app_hash": head.root, "validator_updates": updates})

    def commit(self, _: Request) -> Response:
        """Commit the block that was written, sign its head, and tell who waits.

        Raises:
            OutOfStep: no block was written.
        """
        pending = self._pending
        if pending is None:
            raise OutOfStep("the engine commits a block that it has not brought")
        pending.work.commit(pending.block)
        self.close()
        self.height = pending.height
        self._shares.committed(pending.batches)
        # A crash before the signature leaves a head that the next start signs. Nobody has been answered yet.
        # Nor is a head signed that is older than the newest one that this node has signed: its database is catching up.
        # Nor one for which the members do not ask this node.
        silent = pending.block is None or not self._signer.may_sign(self._store.head)
        signed = None if silent else self._store.sign_present(self._signer.sign)
        self._committed(pending.receipts, signed)
        if pending.misbehaved:
            self._misbehaved(pending.height)
        if pending.block is not None:
            self._observer(len(pending.block.entries) - 1, monotonic() - pending.begun)
        # The engine may let go of what lies before: whoever lacks it takes a snapshot.
        retained = max(0, pending.height - self._keep_blocks + 1) if self._keep_blocks else 0
        return Response(commit={"retain_height": retained})

    def _apply(
        self, work: Work, read: Sequence[Attributed | None], opened: Sequence[Opened | None], at: Moment
    ) -> tuple[dict[Digest, list[Receipt]], Block | None]:
        builder = work.builder(at)
        work.state.prefetch([signed for each in opened if each is not None for signed in each.batch])
        receipts = {}
        for transaction, each in zip(read, opened, strict=True):
            if transaction is not None and each is not None:
                receipts[transaction.name] = apply_batch(each.batch, each.refusals, builder, work, at)
        return receipts, work.finish(builder)

    def _opened(self, transaction: Attributed, data: bytes) -> Opened | None:
        try:
            return self._known.open(transaction, data)
        except Malformed:
            return None  # more than a third of the validators would have to be dishonest

    def _sound(self, transaction: Attributed, data: bytes) -> bool:
        opened = self._opened(transaction, data)
        return opened is not None and opened.sound


def _read(data: bytes) -> Attributed | None:
    try:
        return read_transaction(data)
    except Malformed:
        return None


def _validator_updates(before: Membership, after: Membership) -> list[dict[str, object]]:
    """Say whose engines vote from the next height but one on: power 0 takes a vote away. In the order of the keys."""
    old, new = ({cosigner.validator_key for cosigner in members.cosigners} - {None} for members in (before, after))
    powers = {key: POWER if key in new else 0 for key in old ^ new if key is not None}
    return [{"pub_key": {"ed25519": key}, "power": powers[key]} for key in sorted(powers)]


def _milliseconds(seconds: int, nanos: int) -> Moment:
    return seconds * 1_000 + nanos // 1_000_000


def _result(receipts: list[Receipt] | None) -> dict[str, object]:
    """Say what became of a transaction, on every node in the same bytes: the engine hashes them."""
    if receipts is None:
        return {"code": REFUSED}
    said = [
        (receipt.outcome.value, receipt.position, None if receipt.refusal is None else receipt.refusal.reason.value)
        for receipt in receipts
    ]
    return {"code": 0, "data": msgspec.msgpack.encode(said)}
