"""One group on its way into the database: what is read before it, and the one transaction that writes it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from hanse_ledger.blocks.group import Group, Head
from hanse_ledger.kinds import MEMBER_KINDS
from hanse_ledger.kinds.object import object_id
from hanse_ledger.kinds.objects import encode_object
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import Conflict
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from hanse_node.store.headform import encode_head, encode_members
from hanse_node.store.reads import Reads
from hanse_node.store.statements import HEAD_ID, MEMBERS_ID, Statements
from hanse_node.store.tiles import grow


def write_group(
    connection: Connection,
    statements: Statements,
    reads: Reads,
    group: Group,
    objects: ObjectTree | None = None,
    *,
    head: Head | None,
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
    writer = _Writer(connection, statements)
    try:
        writer.write(group, reads)
        if group.marked:
            assert objects is not None, "a group that follows another has the tree under it"
            writer.marks(group, objects)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise Conflict(
            f"the group of height {group.head.height} does not fit the database: a row stands already"
        ) from error


def check_next(head: Head | None, group: Group) -> None:
    """Check that a group follows a head, or is the first. Raises Conflict."""
    first = decode_entry(group.entries[0].data)
    if head is None:
        follows = group.head.height == 0 and first.position == 0
    else:
        follows = (first.height, first.position, first.previous) == (head.height + 1, head.size, head.last_entry)
    if not follows:
        stands = "nothing" if head is None else f"height {head.height}"
        raise Conflict(f"a group of height {group.head.height} does not follow {stands}: another writer came first")


class _Writer:
    """The rows of a group, table by table, each in one call of the driver."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._driver: Any = connection.connection.driver_connection
        self._statements = statements

    def write(self, group: Group, reads: Reads) -> None:
        head, texts = group.head, self._statements
        begin = group.entries[0].position
        self._many(texts.insert_entry, [(row.position, row.data, row.leaf) for row in group.entries])
        numbers = {row.value.id: row.number for row in group.objects}
        keys = [(object_id(row.record), row.position) for row in group.entries if row.record is not None]
        # In the order of their keys: neighbours find each other's pages at hand.
        self._many(texts.insert_record, sorted((key, position, numbers.get(key)) for key, position in keys))
        self._many(texts.put_object, [(row.number, encode_object(row.value), row.leaf) for row in group.objects])
        self._many(texts.insert_history, _history_rows(group))
        self._claims(group.claims)
        tiles = grow(reads.tile, begin, (row.leaf for row in group.entries))
        self._many(texts.put_tile, [(*place, hashes, hash_bytes(hashes)) for place, hashes in tiles.items()])
        rows = [(HEAD_ID, encode_head(head))]
        if not begin or any(row.kind in MEMBER_KINDS for row in group.entries):
            rows.append((MEMBERS_ID, encode_members(head)))
        self._many(texts.put_head, rows)

    def marks(self, group: Group, objects: ObjectTree) -> None:
        """Keep the objects that have passed a way mark, each with its path under the group's state entry."""
        position = group.head.size - 1
        rows = []
        for row in group.marked:
            path = b"".join(objects.path_after(group.object_nodes, row.number))
            rows.append((row.number, row.value.history.count, position, encode_object(row.value), path))
        self._many(self._statements.insert_mark, rows)

    def _claims(self, changes: Mapping[Digest, bytes | None]) -> None:
        places = sorted((hash_bytes(key), value) for key, value in changes.items())
        self._many(self._statements.delete_claim, [(place,) for place, value in places if value is None])
        self._many(self._statements.put_claim, [(place, value) for place, value in places if value is not None])

    def _many(self, text: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._statements.run_many(self._driver, text, rows)


def _history_rows(group: Group) -> list[tuple[int, int, int]]:
    """List (object number, sequence, position): an object's last touch in the group has its count less one."""
    touches = Counter(name for row in group.entries for name in row.touched)
    numbers = {row.value.id: row.number for row in group.objects}
    following = {row.value.id: row.value.history.count - touches[row.value.id] for row in group.objects}
    rows = []
    for row in group.entries:
        for name in row.touched:
            rows.append((numbers[name], following[name], row.position))
            following[name] += 1
    return rows
