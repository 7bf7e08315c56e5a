"""What every reachable state satisfies of consignments."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.consignment.state import Consignment
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, nothing_ended, words
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    for consignment in all_of(state, Consignment):
        opener, writers = consignment.links.opener, consignment.writers
        if not are(state, Party, opener, *writers.parties) or opener in writers.parties:
            yield f"{words(consignment)} is opened or written by what is no party, or its opener is named besides"
        if list(writers.parties) != sorted(set(writers.parties)) or list(writers.members) != sorted(
            set(writers.members)
        ):
            yield f"the writers of {words(consignment)} are repeated or out of order"
        if writers.count > limits.WRITERS or not 0 <= consignment.contents.items <= limits.ITEMS:
            yield f"{words(consignment)} has more writers or items than it may"


def content_breaches(state: ReachedState, put_in: Iterable[ObjectId]) -> Iterator[str]:
    """Count a second time what is in each consignment.

    Args:
        state: the state.
        put_in: of each step that put something in, the consignment into which it did.
    """
    counted = Counter(put_in)
    for consignment in all_of(state, Consignment):
        if consignment.contents.items != counted[consignment.id]:
            yield f"{words(consignment)} does not have as many items as were put in"


def _claimed(state: ReachedState, _: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive which consignment an opener has under a UCR."""
    for consignment in all_of(state, Consignment):
        yield claim_key(ClaimKind.UCR, consignment.links.opener, consignment.links.ucr.encode()), consignment.id


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
