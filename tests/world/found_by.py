"""A store with an index for which the row of an object asks, as none of this release does: invoices by their buyer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import URL, MetaData

from hanse_ledger.blocks.block import Block
from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.invoice.rows import INVOICE
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.kind import FoundBy
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import ObjectId
from hanse_node.store import statements
from hanse_node.store.databases.database import open_database
from hanse_node.store.index import INDEXES, found_by
from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import GENESIS

BY_BUYER = FoundBy[Invoice](name="invoice_of_buyer", keys=lambda invoice: (invoice.links.buyer,))
TABLES = MetaData()
ASKED = found_by.indexes_of([replace(INVOICE, found_by=(BY_BUYER,))], TABLES)
ALL = (*INDEXES, *ASKED)


def open_with_buyers(url: URL, patch: pytest.MonkeyPatch, *, alone: bool = True) -> SqlLedgerStore:
    """Open a store that writes this index too; its table is made here instead of by a step of the migrations."""
    open_store(url, GENESIS).close()
    database = open_database(url)
    TABLES.create_all(database)
    database.dispose()
    patch.setattr(statements, "INDEXES", ALL)
    patch.setattr(found_by, "INDEXES", (*found_by.INDEXES, *ASKED))
    return open_store(url, GENESIS, alone=alone)


def moved(blocks: Sequence[Block], *more: tuple[FoundBy[Any], type[Object]]) -> set[str]:
    """Name the indexes in which an object's keys did not stay what they were in the block that created it.

    Args:
        blocks: a history from its beginning.
        more: others than those for which rows ask.
    """
    asked: list[tuple[FoundBy[Any], type[Object]]] = [
        (BY_BUYER, Invoice),
        *((each, row.state) for row in OBJECTS for each in row.found_by),
        *more,
    ]
    first: dict[tuple[str, ObjectId], frozenset[bytes]] = {}
    found = set()
    for value in (row.value for block in blocks for row in block.objects):
        for each, state in asked:
            if isinstance(value, state):
                keys = frozenset(each.keys(value))
                if first.setdefault((each.name, value.id), keys) != keys:
                    found.add(each.name)
    return found
