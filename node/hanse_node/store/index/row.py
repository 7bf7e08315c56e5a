"""The row of an index: everything that the store knows of one table that follows from the entries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Table

from hanse_ledger.blocks.block import Block
from hanse_ledger.kinds.object import Object
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.types import ObjectId
from hanse_node.store.tiles import Tiles

Rows = Sequence[Sequence[Any]]
"""Rows, the table's columns in order."""


class Written(NamedTuple):
    """What a block writes into an index: the keys of rows that it takes away, and then the rows that it puts.

    Rows are in the order of their keys where that is another than the block's: neighbours find each other's pages.
    """

    rows: Rows
    gone: Rows = ()


class RowChange(Struct, frozen=True):
    """What one block changes, as every index is told of it.

    `numbers` are those of the objects that it changes, `created` those that begin with it, by kind; `tree` the object
    tree under it (nil under the genesis), `tiles` give the log's as they stand in the database; `before` gives an
    object as it stood before, nil for a new one.
    """

    block: Block
    numbers: Mapping[ObjectId, int]
    created: Mapping[type[Object], Sequence[Object]]
    tree: ObjectTree | None
    tiles: Tiles
    before: Callable[[ObjectId], Object | None]


class Seen(StrEnum):
    """How readers see an index as of the published head, while its rows are some blocks further."""

    POSITION = "its rows are only added, and bear a position: what lies beyond the head is left out"
    OBJECT = "its rows are only added, and an object as it stood says how many of them there were"
    NUMBER = "its rows are only added, and name objects by number: a head says how many there are"
    GROWTH = "its rows only grow, and of each as much is taken as the head's log has"
    KEPT = "what later blocks have changed is kept in memory as it stood before them (`published.Before`)"


@dataclass(frozen=True, kw_only=True)
class Index:
    """One table. It is written in the block's own transaction; a rebuild writes the blocks again, and so all of it.

    An audit compares it row by row with what a rebuild has written.
    """

    table: Table
    write: Callable[[RowChange], Written]
    """Says what a block writes."""

    seen: Seen
    """How readers see it; what its file gives them to read keeps to that."""

    replaces: tuple[str, ...] = ()
    """The columns that a block may change in rows that stand; in a table without, a row that stands is an error."""

    shrinks: bool = False
    """Whether a block may take rows away."""
