"""The use cases of sealed documents: take them, say how far they have come, give them, let go of them.

The node reads none of them. What a record names is kept; of what becomes of it the ledger tells, which is asked here.
"""

import logging
from collections.abc import Callable
from enum import StrEnum
from itertools import islice

from hanse_ledger.values.types import Digest, Moment
from hanse_node.access.caller import Caller
from hanse_node.base.bounds import PAYLOAD_LOOKED_AT
from hanse_node.base.errors import NodeError
from hanse_node.base.metrics import Metrics
from hanse_node.payloads.store import PayloadStore, Progress

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """What the ledger says of the bytes with a hash: no record names them, one does, or they were erased."""

    UNNAMED = "unnamed"
    NAMED = "named"
    ERASED = "erased"


class PayloadUnknown(NodeError):
    """No document with this hash is here."""


class PayloadErased(NodeError):
    """The document with this hash was erased, by a record of its owner's."""


class Custody:
    """Use cases about sealed documents. Any thread may call."""

    def __init__(self, held: PayloadStore, standing: Callable[[Digest], Standing], metrics: Metrics) -> None:
        """Prepare.

        Args:
            held: where they lie.
            standing: says what the ledger says of one.
            metrics: where they are counted.
        """
        self._held, self._standing = held, standing
        self._next: Digest | None = None
        metrics.watch("hanse_payloads", "Sealed documents that records name.", lambda: held.held().kept)
        metrics.watch("hanse_payload_bytes", "Their bytes.", lambda: held.held().kept_bytes)
        metrics.watch("hanse_payloads_waiting", "Uploads that no record names yet.", lambda: held.held().waiting)
        metrics.watch("hanse_payload_waiting_bytes", "Bytes set aside for them.", lambda: held.held().waiting_bytes)

    def put(self, caller: Caller, digest: Digest, piece: bytes, *, start: int, size: int, expires: Moment) -> Progress:
        """Take a piece of a document; see `PayloadStore.put`. Raises PayloadErased besides."""
        if self._standing(digest) is Standing.ERASED:
            raise PayloadErased("this document was erased")
        return self._held.put(caller.holder, digest, piece, start=start, size=size, expires=expires)

    def has(self, caller: Caller, digest: Digest) -> bool:
        """Tell whether a document is here whole."""
        return self._held.has(digest)

    def progress(self, caller: Caller, digest: Digest) -> Progress:
        """Say how far the caller's upload has come. Raises PayloadUnknown."""
        found = self._held.progress(caller.holder, digest)
        if found is None:
            raise PayloadUnknown("nothing of a document with this hash has come from whoever asks")
        return found

    def read(self, caller: Caller, digest: Digest, start: int, most: int) -> tuple[bytes, int]:
        """Give some bytes of a document, and how many it has. Raises PayloadUnknown, PayloadErased."""
        if self._standing(digest) is Standing.ERASED:
            self._held.erase(digest)
            raise PayloadErased("this document was erased")
        found = self._held.read(digest, start, most)
        if found is None:
            raise PayloadUnknown("no document with this hash is here")
        return found

    def sweep(self, caller: Caller) -> int:
        """Keep what records name by now, let go of what they do not in time, and of what was erased.

        Of what is kept a bounded part is asked about each time, one after the other.

        Returns:
            How many documents and uploads are gone.
        """
        gone = 0
        for digest in self._held.waiting():
            standing = self._standing(digest)
            if standing is Standing.NAMED:
                self._held.keep(digest)
            gone += standing is Standing.ERASED and self._held.erase(digest)
        gone += self._held.sweep()
        for digest in self._some_kept():
            if self._standing(digest) is Standing.ERASED:
                gone += self._held.erase(digest)
        if gone:
            log.info("sealed documents were let go of", extra={"documents": gone})
        return gone

    def _some_kept(self) -> list[Digest]:
        """Give the next of what is kept, in order of their hashes, from the beginning again after the last."""
        kept = sorted(self._held.kept())
        after = (each for each in kept if self._next is None or each > self._next)
        some = list(islice(after, PAYLOAD_LOOKED_AT))
        self._next = some[-1] if len(some) == PAYLOAD_LOOKED_AT else None
        return some
