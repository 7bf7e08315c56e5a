"""The transaction in which the next block is made, written and committed."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from hanse_ledger.blocks.block import Block, BlockBuilder
from hanse_ledger.values.errors import Conflict
from hanse_ledger.values.types import Moment
from hanse_node.store.blockstate import BlockState
from hanse_node.store.published import Before, before
from hanse_node.store.reads import Reads
from hanse_node.store.signedheads import Sign
from hanse_node.store.statements import HEAD_ID
from hanse_node.store.writes import write_block

if TYPE_CHECKING:
    from hanse_node.store.sql import SqlLedgerStore


class Work:
    """The next block's transaction, from its first read to its commit. What is not appended leaves nothing."""

    def __init__(self, store: "SqlLedgerStore", connection: Connection) -> None:
        self._store, self._connection = store, connection
        self._earlier: Before | None = None
        self._reads = Reads(connection, store.statements)
        self.head = store.head
        self.state = BlockState(self._reads, store.trees, store.cache)
        stored = self._reads.head()
        if stored is None or stored.last_entry != self.head.last_entry:
            raise Conflict("the database is not where this process left it: another writer came first")

    def builder(self, at: Moment) -> BlockBuilder:
        """Begin the block, at block time `at`."""
        return BlockBuilder(self._store.ledger, self.head, self.state, at, self._store.cache.values.of)

    def engine_height(self) -> int:
        """Give the height of the newest block of the consortium's engine; 0 before the first."""
        return self._reads.engine_height()

    def finish(self, builder: BlockBuilder) -> Block | None:
        """Close a block that was begun on this state."""
        trees = self._store.trees
        return builder.finish(trees.objects, trees.claims, self.state)

    def append(self, block: Block, sign: Sign | None = None) -> None:
        """Write the block and commit it: see `SqlLedgerStore.append`. Nothing more can be done with this work."""
        self.write(block)
        self.commit(block, sign)

    def write(self, block: Block | None, engine_height: int | None = None) -> None:
        """Write into the open transaction: a block, if there is one, and the height of the consortium's engine."""
        if block is not None:
            if self._store.shown is not None:
                self._earlier = before(block, self.state)
            objects = self._store.trees.objects
            # Looked up before anything of the block is written; the rules have asked for them all.
            values = {row.value.id: self.state.object(row.value.id) for row in block.objects}
            write_block(
                self._connection,
                self._store.statements,
                self._reads,
                block,
                objects,
                head=self.head,
                before=values.get,
            )
        if engine_height is not None:
            self._store.run(self._store.statements.put_block, (HEAD_ID, engine_height))
        # The checkpoint before it travels along: a commit of its own would cost as much as the block's.
        self._store.put_checkpoint()

    def commit(self, block: Block | None, sign: Sign | None = None) -> None:
        """Commit what was written. The errors are those of `SqlLedgerStore.append`."""
        self._store.commit(block, self._earlier, sign)
