"""What a record commits to of a document, put together from the formats' page."""

from collections.abc import Mapping

from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_file, commit_terms
from hanse_ledger.wire.part import Commitment


def commit_document(
    kind: CommittedKind, data: bytes, terms: Mapping[str, str], seed: bytes, *, discoverable: bool
) -> Commitment:
    """Commit to a document: its file and its terms; `discoverable` shows the file's plain hash too."""
    digest = hash_bytes(data)
    return Commitment(
        discoverable=digest if discoverable else None,
        file=commit_file(digest, seed),
        terms=commit_terms(kind, terms, seed),
    )
