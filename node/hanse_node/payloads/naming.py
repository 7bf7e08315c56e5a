"""What the ledger says of sealed bytes: whether a record names them, and what has become of them since."""

from collections.abc import Callable

from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document.state import Document, DocumentState
from hanse_ledger.values.types import Digest
from hanse_node.payloads.custody import Standing
from hanse_node.store.sql import SqlLedgerStore


def standing_in(store: SqlLedgerStore) -> Callable[[Digest], Standing]:
    """Give what says how a document stands in a store's committed state, by the claim of its sealed bytes."""

    def ask(digest: Digest) -> Standing:
        with store.reading() as reads:
            name = reads.claim(payload_claim(digest))
            if name is None:
                return Standing.UNNAMED
            found = reads.object(name)
        document = None if found is None else found[1]
        erased = isinstance(document, Document) and document.status.state is DocumentState.ERASED
        return Standing.ERASED if erased else Standing.NAMED

    return ask
