"""Who the members are and were: read from the ledger's own records of them."""

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.wire.genesis import Genesis
from hanse_node.base.errors import StoreFailed
from hanse_node.store.reads import Reads, standing_head


def follow(known: TrustFile, reads: Reads) -> TrustFile:
    """Follow the members as far as what is read goes.

    Args:
        known: the members as far as they are known already, maybe further.
        reads: a state of the ledger.

    Raises:
        StoreFailed: a record that changed the members is missing or damaged.
    """
    head = standing_head(reads)
    new = [position for position in head.changes if position > known.position]
    try:
        return known.extended([reads.entry(position) or b"" for position in new], head.size)
    except ProofInvalid as error:
        raise StoreFailed(f"the members' records are damaged: {error}") from error


class KnownMembers:
    """The members as far as they were read. Any thread may ask."""

    def __init__(self, genesis: Genesis) -> None:
        self._known = TrustFile(genesis)

    def as_of(self, reads: Reads) -> TrustFile:
        """Give the trust file as of what is read: the members from the genesis on. Raises StoreFailed."""
        followed = follow(self._known, reads)
        if followed.position > self._known.position:
            self._known = followed
        return followed
