"""What the ledger says of sealed bytes: whether a record names them, and what has become of them since."""

from collections.abc import Callable

from hanse_ledger.values.types import Digest
from hanse_node.payloads.custody import Standing
from hanse_node.store.sql import SqlLedgerStore


def standing_in(store: SqlLedgerStore) -> Callable[[Digest], Standing]:
    """Give what says how a document stands in a store's committed state. No kind of record names one yet."""
    assert store is not None
    return lambda _: Standing.UNNAMED
