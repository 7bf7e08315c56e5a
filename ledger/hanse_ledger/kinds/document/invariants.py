"""What every reachable state satisfies of documents."""

from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document.state import Document, DocumentState
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, nothing_ended, words
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest


def _breaches(state: ReachedState) -> Iterator[str]:
    for document in all_of(state, Document):
        links = document.links
        if links.belongs_to not in state.objects:
            yield f"{words(document)} belongs to nothing"
        if (links.owner_member is None) == (links.owner_party is None):
            yield f"{words(document)} is nobody's, or two's"
        readers = [reader for seal in (document.seal, *document.grants) for reader in seal.readers]
        if len(readers) > limits.DOCUMENT_READERS or not {each.reader for each in document.receipts} <= set(readers):
            yield f"{words(document)} has more readers than it may, or a receipt of nobody who can open it"
        offices, signed = ([each.office for each in document.holds], [each.reader for each in document.receipts])
        if offices != sorted(set(offices)) or signed != sorted(set(signed)):
            yield f"the holds or the receipts of {words(document)} are repeated or out of order"
        if any(not 1 <= hold.times <= limits.HOLDS for hold in document.holds):
            yield f"an office has held {words(document)} never, or more often than it may"
        held, present = any(hold.standing for hold in document.holds), document.status.state
        if present is not DocumentState.ERASED and held is not (present is DocumentState.HELD):
            yield f"{words(document)} is held by nobody, or by somebody and not held"
        if links.owner_party is not None and not are(state, Party, links.owner_party):
            yield f"{words(document)} is of what is no party"


def _claimed(state: ReachedState, _: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose payload each sealed file is."""
    for document in all_of(state, Document):
        for seal in (document.seal, *document.grants):
            yield payload_claim(seal.hash), document.id


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
