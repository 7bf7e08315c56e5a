"""What members' nodes ask each other: heads to cosign, blocks to compare, evidence to keep."""

from hanse_ledger.records.entry import STATE
from hanse_node.access.caller import Caller
from hanse_node.base.bounds import EVENTS_READ
from hanse_node.base.errors import StoreFailed
from hanse_node.peers.blocks import BlockShown
from hanse_node.peers.cosigning import AskedHead, HeadCosigner
from hanse_node.peers.evidences import Evidences
from hanse_node.queries.gathering import NotFound
from hanse_node.queries.log import newest_head
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.entries import read_type
from hanse_node.store.paths import LogHashes
from hanse_node.store.sql import SqlLedgerStore


class MembersBusiness:
    """Use cases of members' nodes. `caller` is whose node asks."""

    def __init__(self, store: SqlLedgerStore, signer: HeadSigner, evidences: Evidences) -> None:
        self._store, self._evidences = store, evidences
        self._cosigner = HeadCosigner(store, signer, evidences)

    def read_head(self, caller: Caller, checkpoint: bytes) -> AskedHead:
        """Read and verify a head that the member wants cosigned: see `Cosigner.read`."""
        return self._cosigner.read(checkpoint, caller.name)

    def cosign(self, caller: Caller, asked: AskedHead) -> bytes:
        """Cosign it: see `Cosigner.cosign`."""
        return self._cosigner.cosign(asked)

    def committed_size(self, caller: Caller) -> int:
        """Tell how many entries are committed, signed or not."""
        return self._store.head.size

    def published_size(self, caller: Caller) -> int:
        """Tell how many entries the newest signed head covers."""
        published = self._store.published
        return 0 if published is None else published.size

    def keep_evidence(self, caller: Caller, data: bytes) -> None:
        """Keep evidence against a member that another node has found. Raises Malformed if it proves nothing."""
        try:
            self._evidences.keep(data)
        except OSError as error:
            raise StoreFailed(f"the evidence cannot be kept: {error.strerror}") from error

    def block_after(self, caller: Caller, size: int) -> BlockShown:
        """Give the block that follows a log of so many entries, as it stands under the newest signed head.

        Raises:
            NotFound: there is none under it.
        """
        published = newest_head(self._store)
        if not 1 <= size < published.size:
            raise NotFound(f"no block follows the first {size} entries")
        with self._store.reading() as reads:
            entries = reads.entries(size - 1, size)
            while len(entries) == 1 or read_type(entries[-1]) != STATE:
                begin = size - 1 + len(entries)
                more = reads.entries(begin, min(begin + EVENTS_READ, published.size))
                ends = [place for place, data in enumerate(more, 1) if read_type(data) == STATE]
                entries += more[: ends[0]] if ends else more
            path = LogHashes(reads, self._store.nodes).range_path(size - 1, size - 1 + len(entries), published.size)
        return BlockShown(entries=tuple(entries), head=published.note, path=tuple(path))
