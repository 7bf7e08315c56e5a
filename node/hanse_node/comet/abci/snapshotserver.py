"""Offering this node's entries to nodes that join, as snapshots that prove themselves chunk by chunk.

Source: CometBFT v0.38, spec/abci, "State Sync Methods".
"""

import logging
from threading import Lock
from time import monotonic

from msgspec import Struct

from hanse_ledger.values.types import Digest
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response
from hanse_node.comet.abci.snapshotforms import (
    CHUNK_ENTRIES,
    FORMAT,
    METADATA_BYTES,
    Chunk,
    chunks_of,
    write_chunk,
    write_metadata,
)
from hanse_node.store.knownnodes import KnownNodes
from hanse_node.store.paths import LogHashes
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

OFFERS = 8
"""So many snapshots are offered at once."""

OFFER_SECONDS = 60.0
IN_USE_SECONDS = 120.0
"""A new one is offered once a minute at most, and the one that was asked for last gives way only after two: who asks
for nothing but lists takes from nobody what he fetches."""

BLOCKS_BEHIND = 2
"""A snapshot of a height is offered when so many blocks have followed: the light client needs their headers."""


class _Offer(Struct):
    """A snapshot that is offered: the engine's height, and the signed head that covers all of it."""

    height: int
    size: int
    root: Digest
    metadata: bytes
    asked_at: float


class SnapshotServer:
    """Offers this node's entries to nodes that join. Its answers are given on any thread."""

    def __init__(self, store: SqlLedgerStore) -> None:
        self._store, self._lock = store, Lock()
        self._offers: dict[int, _Offer] = {}
        self._offered_at = float("-inf")
        self._known = KnownNodes()

    def list_snapshots(self, _: Request) -> Response:
        """Offer the newest states that a quorum has signed."""
        with self._lock:
            height = self._renew(monotonic())
            ripe = [offer for offer in self._offers.values() if offer.height + BLOCKS_BEHIND <= height]
            return Response(list_snapshots={"snapshots": [_described(offer) for offer in ripe]})

    def load_chunk(self, request: Request) -> Response:
        """Give a chunk; nothing where the snapshot is not offered any more."""
        asked = request.load_snapshot_chunk
        with self._lock:
            offer = self._offers.get(asked.height)
            if offer is None or asked.format != FORMAT or asked.chunk >= chunks_of(offer.size):
                return Response(load_snapshot_chunk={})
            offer.asked_at = monotonic()
        begin = asked.chunk * CHUNK_ENTRIES
        end = min(begin + CHUNK_ENTRIES, offer.size)
        with self._store.reading() as reads:
            path = LogHashes(reads, self._known).range_path(begin, end, offer.size)
            chunk = Chunk(path, tuple(reads.entries(begin, end)))
        return Response(load_snapshot_chunk={"chunk": write_chunk(chunk)})

    def _renew(self, now: float) -> int:
        """Offer the present state, if it is time for that; give the height of the newest block."""
        published = self._store.published
        with self._store.reading() as reads:
            height, head = reads.engine_height(), reads.head()
            fits = head is not None and published is not None and published.size == head.size
            new = height and all(offer.size != head.size for offer in self._offers.values()) if head else False
            if not (fits and new and now - self._offered_at >= OFFER_SECONDS) or published is None or head is None:
                return height
            changes = self._store.members.as_of(reads).changes
        metadata = write_metadata(published.note.encode(), changes)
        if len(metadata) > METADATA_BYTES:
            log.error("the members have changed too often for a snapshot", extra={"changes": len(changes)})
            return height
        idle = [offer for offer in self._offers.values() if now - offer.asked_at >= IN_USE_SECONDS]
        if len(self._offers) >= OFFERS:
            oldest = min(idle or self._offers.values(), key=lambda offer: offer.height)
            del self._offers[oldest.height]
        self._offers[height] = _Offer(height, head.size, head.root, metadata, asked_at=float("-inf"))
        self._offered_at = now
        return height


def _described(offer: _Offer) -> dict[str, object]:
    return {
        "height": offer.height,
        "format": FORMAT,
        "chunks": chunks_of(offer.size),
        "hash": offer.root,
        "metadata": offer.metadata,
    }
