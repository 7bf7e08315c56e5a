"""A block's head on its way to its quorum: the others are asked, it is shown, and whoever waited for it is answered."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from hanse_ledger.blocks.block import Tip
from hanse_ledger.values.types import Digest, MemberId
from hanse_node.base.errors import CannotStart
from hanse_node.base.receipts import Receipt
from hanse_node.base.worker import Tasks
from hanse_node.peers.collecting import Collector, Peer
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

Receipts = Mapping[Digest, list[Receipt]]
"""The receipts of a block's transactions, by their names."""


class Vouching:
    """Keeps the receipts of each block until its head has a quorum. Lives on one event loop, but for `reached`."""

    def __init__(
        self,
        store: SqlLedgerStore,
        own: MemberId,
        peers: Callable[[], Mapping[MemberId, Peer]],
        tasks: Tasks,
        answer: Callable[[Receipts], None],
        covered: Callable[[int], None],
    ) -> None:
        """Begin with no block.

        Args:
            store: shows heads to readers.
            own: this node's member.
            peers: tells where the other members' nodes are; it may block.
            tasks: where what is done beside is begun.
            answer: given a block's receipts once its head has a quorum.
            covered: told the size of each head that has one.
        """
        self._store, self._own, self._peers, self._tasks = store, own, peers, tasks
        self._answer, self._covered = answer, covered
        self._loop = asyncio.get_running_loop()
        self._epoch = -1
        self._unpublished: list[tuple[int, Receipts]] = []
        self.collector = Collector(store.ledger, own, self.reached)

    async def meet(self) -> None:
        """Take up who the peers are now, as the node's settings say."""
        try:
            await self.collector.meet(await asyncio.to_thread(self._peers))
        except (CannotStart, OSError) as error:
            log.exception("the peers' addresses cannot be read", exc_info=error)

    def committed(self, head: Tip, receipts: Receipts, signed: Published | None) -> None:
        """Keep a block's receipts until its head has a quorum, and ask the others for it.

        Args:
            head: after the block.
            receipts: of its transactions.
            signed: the head as this node has signed it; nil where it signs none.
        """
        if receipts:
            self._unpublished.append((head.size, receipts))
        known = {cosigner.id for cosigner in head.membership.cosigners} <= {self._own, *self.collector.met}
        if not known or head.membership.epoch != self._epoch:
            # Another member is to be asked, or one is not any more.
            self._epoch = head.membership.epoch
            self._tasks.once("meeting the members' nodes", self.meet())
        if signed is not None:
            self.collector.collect(signed, head.membership)
        published = self._store.published
        if published is not None:
            self._answer_below(published.size)

    def reached(self, signed: Published) -> None:
        """Show a head that a quorum has signed, and answer what it covers; on a thread of its own."""
        if self._store.publish(signed):
            self._loop.call_soon_threadsafe(self._answer_below, signed.size)

    def _answer_below(self, size: int) -> None:
        covered = [receipts for end, receipts in self._unpublished if end <= size]
        self._unpublished = [each for each in self._unpublished if each[0] > size]
        for receipts in covered:
            self._answer(receipts)
        self._covered(size)
