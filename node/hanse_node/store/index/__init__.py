"""The front page of what follows from the entries: every table that could be built again, one file each.

What is in this list is written with each group, rebuilt from the entries, and audited; what is not is no index.
"""

from hanse_node.store.index import claims, hashes, histories, marks, objects, records
from hanse_node.store.index.row import Index
from hanse_node.store.tables import metadata

INDEXES: tuple[Index, ...] = (
    records.INDEX,
    objects.INDEX,
    claims.INDEX,
    hashes.INDEX,
    histories.INDEX,
    marks.INDEX,
)

TABLES = metadata
"""All tables of a ledger, these and those of `tables`."""
