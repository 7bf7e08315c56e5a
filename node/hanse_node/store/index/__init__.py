"""The front page of what follows from the entries: every table that could be built again, one file each.

What is in this list is written with each block, rebuilt from the entries, and audited; what is not is no index. What
objects are found by stands in the rows of their kinds.
"""

from hanse_node.store.index import (
    claims,
    discoverable,
    found_by,
    hashes,
    histories,
    inboxes,
    lists,
    marks,
    objects,
    records,
)
from hanse_node.store.index.row import Index
from hanse_node.store.tables import metadata

INDEXES: tuple[Index, ...] = (
    records.INDEX,
    objects.INDEX,
    claims.INDEX,
    hashes.INDEX,
    histories.INDEX,
    inboxes.INDEX,
    marks.INDEX,
    lists.INDEX,
    discoverable.INDEX,
    *found_by.INDEXES,
)

TABLES = metadata
"""All tables of a ledger, these and those of `tables`."""
