"""One block on its way into the database: what is read before it, and the one transaction that writes it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from hanse_ledger.blocks.block import Block, Tip
from hanse_ledger.kinds import MEMBER_KINDS
from hanse_ledger.kinds.object import Object
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import Conflict
from hanse_ledger.values.types import ObjectId
from hanse_node.store.headform import encode_head, encode_members
from hanse_node.store.index.row import RowChange
from hanse_node.store.reads import Reads
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements

Before = Callable[[ObjectId], Object | None]


def write_block(
    connection: Connection,
    statements: Statements,
    reads: Reads,
    block: Block,
    objects: ObjectTree | None = None,
    *,
    head: Tip | None,
    before: Before,
) -> None:
    """Write a block into the open transaction.

    Args:
        connection: the open transaction.
        statements: of its database.
        reads: on it.
        block: the next block.
        objects: the object tree under it; the first block has none.
        head: what stands in the database, as this transaction has read it; nothing before the first block.
        before: gives an object that the block changes as it stands before; nil for a new one.

    Raises:
        Conflict: the block does not follow what stands in the database.
    """
    check_next(head, block)
    driver: Any = connection.connection.driver_connection
    numbers = {row.value.id: row.number for row in block.objects}
    try:
        statements.run_many(
            driver, statements.insert_entry, [(row.position, row.data, row.leaf) for row in block.entries]
        )
        statements.write(driver, RowChange(block, numbers, _created(block), objects, reads.tile, before))
        statements.run_many(driver, statements.put_head, _head_rows(block))
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise Conflict(
            f"the block of height {block.head.height} does not fit the database: a row stands already"
        ) from error


def _created(block: Block) -> dict[type[Object], list[Object]]:
    """Give the objects that begin with a block, by kind, as they stand after it."""
    names = {name for entry in block.entries for name in entry.created}
    created: dict[type[Object], list[Object]] = {}
    for row in block.objects:
        if row.value.id in names:
            created.setdefault(type(row.value), []).append(row.value)
    return created


def _head_rows(block: Block) -> list[tuple[int, bytes]]:
    """Give the row of the head, and that of the members where the block has changed them, or is the first."""
    rows = [(HEAD_ID, encode_head(block.head))]
    if not block.entries[0].position or any(row.kind in MEMBER_KINDS for row in block.entries):
        rows.append((MEMBERS_ID, encode_members(block.head)))
    return rows


def check_next(head: Tip | None, block: Block) -> None:
    """Check that a block follows a head, or is the first. Raises Conflict."""
    first = decode_entry(block.entries[0].data)
    if head is None:
        follows = block.head.height == 0 and first.position == 0
    else:
        follows = (first.height, first.position, first.previous) == (head.height + 1, head.size, head.last_entry)
    if not follows:
        stands = "nothing" if head is None else f"height {head.height}"
        raise Conflict(f"a block of height {block.head.height} does not follow {stands}: another writer came first")
