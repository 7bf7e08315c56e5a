"""The use cases of sealed documents: take them, say how far they have come, give them, let go of them.

The node reads none of them. What a record names is kept; of what becomes of it the ledger tells, which is asked here.
"""

import logging
from enum import StrEnum
from itertools import islice

from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, Moment
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.bounds import PAYLOAD_LOOKED_AT
from hanse_node.base.errors import NodeError
from hanse_node.base.metrics import Metrics
from hanse_node.payloads.holdings import Holdings
from hanse_node.payloads.knownreaders import read_openings
from hanse_node.payloads.names import sender_mark
from hanse_node.payloads.naming import Standing
from hanse_node.payloads.store import Progress

log = logging.getLogger(__name__)


class PayloadUnknown(NodeError):
    """No document with this hash is here."""


class PayloadErased(NodeError):
    """The document with this hash was erased, by a record of its owner's."""


class ReadersDiffer(NodeError):
    """Somebody is named as reader whom the record does not have: the salt, or the id, is another one."""


class DeliveryState(StrEnum):
    """Whether a node has a document: it waits for its record, it is here, it is to come, or it never came."""

    ERASED = "erased"
    GIVEN_UP = "given-up"
    HERE = "here"
    MISSING = "missing"
    UNKNOWN = "unknown"
    WAITING = "waiting"


class Delivery(Struct, frozen=True, kw_only=True):
    """How it stands with a document at a node.

    Attributes:
        state: whether it is here.
        since: where it is missing or given up, when the node was told of it first.
    """

    state: DeliveryState
    since: Moment | None = None


class Custody:
    """Use cases about sealed documents. Any thread may call."""

    def __init__(self, holdings: Holdings, metrics: Metrics, notes: ReadNotes) -> None:
        """Prepare.

        Args:
            holdings: all that is here of them.
            metrics: where they are counted.
            notes: where is noted who was given one.
        """
        self._holdings, self._held, self._notes = holdings, holdings.store, notes
        self._next: Digest | None = None
        held, wanted = holdings.store, holdings.wanted
        metrics.watch("hanse_payloads", "Sealed documents that records name.", lambda: held.held().kept)
        metrics.watch("hanse_payload_bytes", "Their bytes.", lambda: held.held().kept_bytes)
        metrics.watch("hanse_payloads_waiting", "Uploads that no record names yet.", lambda: held.held().waiting)
        metrics.watch("hanse_payload_waiting_bytes", "Bytes set aside for them.", lambda: held.held().waiting_bytes)
        metrics.watch(
            "hanse_payloads_missing",
            "Sealed documents for readers of this node's that are still to be fetched from other members' nodes.",
            lambda: sum(not each.given_up(holdings.clock()) for each in wanted.all()),
        )
        metrics.watch(
            "hanse_payloads_given_up",
            "Sealed documents for readers of this node's that have not come in 30 days.",
            lambda: sum(each.given_up(holdings.clock()) for each in wanted.all()),
        )
        metrics.watch(
            "hanse_payload_offers",
            "Sealed documents that other members' nodes have not fetched yet, one for each of them.",
            lambda: len(holdings.offered),
        )

    def put(self, caller: Caller, digest: Digest, piece: bytes, *, start: int, size: int, expires: Moment) -> Progress:
        """Take a piece of a document; see `PayloadStore.put`. Raises PayloadErased besides."""
        if self._holdings.naming.standing(digest) is Standing.ERASED:
            raise PayloadErased("this document was erased")
        return self._held.put(caller.holder, digest, piece, start=start, size=size, expires=expires)

    def tell_readers(self, caller: Caller, digest: Digest, told: bytes) -> None:
        """Learn who reads a document that is here whole, so that their members' nodes get it; durable on return.

        What is said before its record stands is judged when it does; what is false is let go of then.

        Args:
            caller: who says so.
            digest: SHA-256 of its sealed bytes.
            told: openings of its readers, see `read_openings`.

        Raises:
            Malformed: these are no openings.
            PayloadErased, PayloadUnknown: it was erased, or its bytes have not come.
            ReadersDiffer: the record that names it has other readers.
            QuotaExceeded: too many have told of it.
        """
        opened, standing = read_openings(told), self._holdings.naming.standing(digest)
        if standing is Standing.ERASED:
            raise PayloadErased("this document was erased")
        if not self._held.has(digest):
            raise PayloadUnknown("the document is not here whole: its bytes are sent before its readers are told")
        if standing is Standing.UNNAMED:
            self._holdings.openings.tell(digest, sender_mark(caller.holder), opened)
            return
        sound = self._holdings.holding(digest, opened)
        if len(sound) < len(opened):
            raise ReadersDiffer(f"{len(opened) - len(sound)} of {len(opened)} readers are none by the record")
        self._holdings.settle(digest)
        self._holdings.admit(digest, sound)

    def has(self, caller: Caller, digest: Digest) -> bool:
        """Tell whether a document is here whole."""
        return self._held.has(digest)

    def progress(self, caller: Caller, digest: Digest) -> Progress:
        """Say how far the caller's upload has come. Raises PayloadUnknown."""
        found = self._held.progress(caller.holder, digest)
        if found is None:
            raise PayloadUnknown("nothing of a document with this hash has come from whoever asks")
        return found

    def delivery(self, caller: Caller, digest: Digest) -> Delivery:
        """Say whether a document is here, or since when it is missing. Of who may not fetch it nothing is known."""
        if self._holdings.naming.standing(digest) is Standing.ERASED:
            return Delivery(state=DeliveryState.ERASED)
        if not self._holdings.may_fetch(caller, digest):
            return Delivery(state=DeliveryState.UNKNOWN)
        if self._held.has(digest):
            named = self._holdings.naming.standing(digest) is Standing.NAMED
            return Delivery(state=DeliveryState.HERE if named else DeliveryState.WAITING)
        want = self._holdings.wanted.of(digest)
        if want is None:
            return Delivery(state=DeliveryState.UNKNOWN)
        given_up = want.given_up(self._holdings.clock())
        return Delivery(state=DeliveryState.GIVEN_UP if given_up else DeliveryState.MISSING, since=want.since)

    def read(self, caller: Caller, digest: Digest, start: int, most: int) -> tuple[bytes, int]:
        """Give some bytes of a document, and how many it has. Raises PayloadUnknown, PayloadErased."""
        if self._holdings.naming.standing(digest) is Standing.ERASED:
            self._holdings.erase(digest)
            raise PayloadErased("this document was erased")
        found = self._held.read(digest, start, most) if self._holdings.may_fetch(caller, digest) else None
        if found is None:
            raise PayloadUnknown("no document with this hash is here")
        self._notes.note(caller, Way.PAYLOAD, [digest])
        return found

    def sweep(self, caller: Caller) -> int:
        """Keep what records name by now, let go of what they do not in time, and of what was erased.

        What is kept, and is named by no record since an older ledger was brought back, waits for one, for seven days.

        Of what is kept a bounded part is asked about each time, one after the other.

        Returns:
            How many documents and uploads are gone.
        """
        gone = self._holdings.look() + self._held.sweep()
        for digest in self._some_kept():
            standing = self._holdings.naming.standing(digest)
            if standing is Standing.ERASED:
                gone += self._holdings.erase(digest)
            elif standing is Standing.UNNAMED:
                self._held.let_wait(digest, self._holdings.clock() + limits.EXPIRY_MS)
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
