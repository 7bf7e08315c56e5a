"""One group on its way into the database: what is read before it, and the one transaction that writes it."""

from typing import Any

from sqlalchemy import Connection

from hanse_ledger.blocks.block import Block, Tip
from hanse_ledger.kinds import MEMBER_KINDS
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import Conflict
from hanse_node.store.headform import encode_head, encode_members
from hanse_node.store.index.row import RowChange
from hanse_node.store.reads import Reads
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements


def write_group(
    connection: Connection,
    statements: Statements,
    reads: Reads,
    group: Block,
    objects: ObjectTree | None = None,
    *,
    head: Tip | None,
) -> None:
    """Write a group into the open transaction.

    Args:
        connection: the open transaction.
        statements: of its database.
        reads: on it.
        group: the next group.
        objects: the object tree under it; the first group has none.
        head: what stands in the database, as this transaction has read it; nothing before the first group.

    Raises:
        Conflict: the group does not follow what stands in the database.
    """
    check_next(head, group)
    driver: Any = connection.connection.driver_connection
    numbers = {row.value.id: row.number for row in group.objects}
    try:
        statements.run_many(
            driver, statements.insert_entry, [(row.position, row.data, row.leaf) for row in group.entries]
        )
        statements.write(driver, RowChange(group, numbers, objects, reads.tile))
        statements.run_many(driver, statements.put_head, _head_rows(group))
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise Conflict(
            f"the group of height {group.head.height} does not fit the database: a row stands already"
        ) from error


def _head_rows(group: Block) -> list[tuple[int, bytes]]:
    """Give the row of the head, and that of the members where the group has changed them, or is the first."""
    rows = [(HEAD_ID, encode_head(group.head))]
    if not group.entries[0].position or any(row.kind in MEMBER_KINDS for row in group.entries):
        rows.append((MEMBERS_ID, encode_members(group.head)))
    return rows


def check_next(head: Tip | None, group: Block) -> None:
    """Check that a group follows a head, or is the first. Raises Conflict."""
    first = decode_entry(group.entries[0].data)
    if head is None:
        follows = group.head.height == 0 and first.position == 0
    else:
        follows = (first.height, first.position, first.previous) == (head.height + 1, head.size, head.last_entry)
    if not follows:
        stands = "nothing" if head is None else f"height {head.height}"
        raise Conflict(f"a group of height {group.head.height} does not follow {stands}: another writer came first")
