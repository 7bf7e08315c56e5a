"""Snapshots of the ledger for nodes that join: its entries, and a head that a quorum has signed over them.

Whoever takes one hashes every entry, compares the root with the signed head and with what the engine's light client
has verified, and applies every rule again. Signatures of records are what the quorum vouches for: to check those too, a
node replays the blocks instead. Source: CometBFT v0.38, spec/abci, "State Sync Methods".
"""

import logging
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from msgspec import Struct

from hanse_ledger.checkpoint import parse_checkpoint
from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.envelope import open_decoded
from hanse_ledger.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.heads import verify_head
from hanse_ledger.limits import CHECKPOINT_BYTES, ENTRY_BYTES
from hanse_ledger.merkle import Frontier
from hanse_ledger.notes import parse_note
from hanse_ledger.records import MembersBody
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import Digest
from hanse_node.engine.comet.hanse_abci_pb2 import (
    Request,
    Response,
    ResponseApplySnapshotChunk,
    ResponseOfferSnapshot,
)
from hanse_node.store.reads import Published
from hanse_node.store.rebuild import rebuild
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

FORMAT = 1
CHUNK_ENTRIES = 200
"""So many entries are a chunk: at most 13 MB of the 16 that the engine allows."""

OFFERS = 4
"""So many snapshots are offered at once; older ones are forgotten."""

BLOCKS_BEHIND = 2
"""A snapshot of a height is offered when so many blocks have followed: the light client needs their headers."""

REPORT_SECONDS = 10.0
MEMBERS_MARK = b"member."
"""Stands in every record that changes the members, and in few others."""

_LENGTH = struct.Struct(">I")

_OFFER, _APPLY = ResponseOfferSnapshot, ResponseApplySnapshotChunk


class _Offer(Struct, frozen=True):
    """A snapshot that is offered: the engine's height, and the signed head that covers all of it."""

    height: int
    published: Published

    @property
    def chunks(self) -> int:
        return -(-self.published.size // CHUNK_ENTRIES)


class SnapshotServer:
    """Offers this node's entries to nodes that join. Its answers are given on any thread."""

    def __init__(self, store: SqlLedgerStore) -> None:
        self._store = store
        self._offers: dict[int, _Offer] = {}

    def list_snapshots(self, _: Request) -> Response:
        """Offer the newest states that a quorum has signed."""
        published = self._store.published
        with self._store.reading() as reads:
            height, head = reads.block(), reads.head()
        fits = head is not None and published is not None and published.size == head.size
        if height and fits and published is not None:
            if all(offer.published.size != published.size for offer in self._offers.values()):
                self._offers[height] = _Offer(height, published)
            while len(self._offers) > OFFERS:
                del self._offers[min(self._offers)]
        ripe = [offer for offer in self._offers.values() if offer.height + BLOCKS_BEHIND <= height]
        return Response(list_snapshots={"snapshots": [_described(offer) for offer in ripe]})

    def load_chunk(self, request: Request) -> Response:
        """Give a chunk; nothing where the snapshot is not offered any more."""
        asked = request.load_snapshot_chunk
        offer = self._offers.get(asked.height)
        if offer is None or asked.format != FORMAT or asked.chunk >= offer.chunks:
            return Response(load_snapshot_chunk={})
        begin = asked.chunk * CHUNK_ENTRIES
        with self._store.reading() as reads:
            entries = reads.entries(begin, min(begin + CHUNK_ENTRIES, offer.published.size))
        return Response(load_snapshot_chunk={"chunk": write_chunk(entries)})


class _Taking:
    """A snapshot that is being taken: what has come of it, in a file."""

    def __init__(self, path: Path, height: int, chunks: int, note: bytes, root: Digest) -> None:
        self.path, self.height, self.chunks, self.note, self.root = path, height, chunks, note, root
        self.log, self.changes, self.next = Frontier(), list[bytes](), 0
        self.file: BinaryIO = path.open("wb")

    def add(self, chunk: bytes) -> None:
        """Take the next chunk. Raises Malformed."""
        for data in read_chunk(chunk):
            self.log.append(hash_leaf(data))
            if MEMBERS_MARK in data and _changes_members(data):
                self.changes.append(data)
        self.file.write(chunk)
        self.next += 1

    def entries(self, begin: int) -> Iterator[bytes]:
        """Read the entries from a position on."""
        self.file.flush()
        with self.path.open("rb") as file:
            position = 0
            while head := file.read(_LENGTH.size):
                data = file.read(_LENGTH.unpack(head)[0])
                if position >= begin:
                    yield data
                position += 1

    def end(self) -> None:
        """Remove the file."""
        self.file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


class SnapshotTaker:
    """Takes a snapshot into a ledger that has no blocks yet. The engine gives its chunks in order."""

    def __init__(self, store: SqlLedgerStore, path: Path, failed: Callable[[str], None]) -> None:
        """Prepare to take one.

        Args:
            store: the ledger; what it holds already must be the snapshot's beginning.
            path: a file that may be written meanwhile.
            failed: told why a snapshot is not taken.
        """
        self._store, self._path, self._failed = store, path, failed
        self._taking: _Taking | None = None
        self._reported_at = float("-inf")
        self.progress: str | None = None

    def offer(self, request: Request) -> Response:
        """Accept a snapshot whose signed head has the root that the engine's light client has verified."""
        asked = request.offer_snapshot
        snapshot, note = asked.snapshot, asked.snapshot.metadata
        if snapshot.format != FORMAT:
            return Response(offer_snapshot={"result": _OFFER.REJECT_FORMAT})
        with self._store.reading() as reads:
            begun = reads.block() > 0
        try:
            head = parse_checkpoint(parse_note(note[:CHECKPOINT_BYTES]).text)
        except Malformed:
            return Response(offer_snapshot={"result": _OFFER.REJECT})
        fits = head.root == asked.app_hash == snapshot.hash and snapshot.chunks == -(-head.size // CHUNK_ENTRIES)
        if begun or not fits or head.size < self._store.head.size:
            log.warning("a snapshot is refused", extra={"height": snapshot.height, "begun": begun})
            return Response(offer_snapshot={"result": _OFFER.REJECT})
        self._end()
        self._taking = _Taking(self._path, snapshot.height, snapshot.chunks, note, head.root)
        log.info("this node takes a snapshot", extra={"height": snapshot.height, "size": head.size})
        return Response(offer_snapshot={"result": _OFFER.ACCEPT})

    def apply(self, request: Request) -> Response:
        """Take the next chunk; after the last one check everything, and write the ledger.

        Raises:
            StoreFailed: the database refused. What it holds then is the snapshot's beginning.
        """
        asked, taking = request.apply_snapshot_chunk, self._taking
        if taking is None or asked.index != taking.next:
            return Response(apply_snapshot_chunk={"result": _APPLY.ABORT})
        try:
            taking.add(asked.chunk)
            self._report(f"{taking.next} of {taking.chunks} chunks of a snapshot have come")
            if taking.next < taking.chunks:
                return Response(apply_snapshot_chunk={"result": _APPLY.ACCEPT})
            self._check(taking)
            self._write(taking)
        except (Malformed, ProofInvalid, Untrusted) as error:
            self._failed(f"a snapshot does not hold: {error}")
            self._end()
            return Response(apply_snapshot_chunk={"result": _APPLY.REJECT_SNAPSHOT})
        self._end()
        return Response(apply_snapshot_chunk={"result": _APPLY.ACCEPT})

    def _check(self, taking: _Taking) -> None:
        """Insist that a quorum has signed exactly these entries; nothing has been written yet."""
        if taking.log.root() != taking.root:
            raise ProofInvalid("its entries have another root than its head")
        trust = TrustFile(self._store.genesis).extended(taking.changes)
        verify_head(parse_note(taking.note), trust)
        own = self._store.head
        begun = Frontier()
        for _, data in zip(range(own.size), taking.entries(0), strict=False):
            begun.append(hash_leaf(data))
        if begun.root() != own.root:
            raise ProofInvalid("what this node holds already is not its beginning")

    def _write(self, taking: _Taking) -> None:
        size, total = self._store.head.size, taking.log.size
        begun = (monotonic(), size)

        def told(done: int) -> None:
            seconds = (monotonic() - begun[0]) * (total - done) / max(1, done - begun[1])
            self._report(f"{done} of {total} entries of the snapshot are written, about {seconds:.0f} s left")

        # A crash from here on leaves whole groups; the next start takes the snapshot up where they end.
        first = size if size > 1 else 0
        rebuild(self._store, taking.entries(first), first=first, progress=told, vouched=True)
        with self._store.work() as work:
            work.write(None, taking.height)
            # The point of no return: from here on the ledger is that of this block.
            work.commit(None)
        self._store.publish(Published(total, taking.note.decode()))
        log.info("the snapshot is taken", extra={"size": total, "height": taking.height})

    def _report(self, words: str) -> None:
        self.progress = words
        now = monotonic()
        if now - self._reported_at > REPORT_SECONDS:
            self._reported_at = now
            log.info(words)

    def _end(self) -> None:
        if self._taking is not None:
            self._taking.end()
        self._taking, self.progress = None, None


def _described(offer: _Offer) -> dict[str, object]:
    note = offer.published.note
    root = parse_checkpoint(parse_note(note.encode()).text).root
    return {
        "height": offer.height,
        "format": FORMAT,
        "chunks": offer.chunks,
        "hash": root,
        "metadata": note.encode(),
    }


def write_chunk(entries: Iterable[bytes]) -> bytes:
    """Write a chunk: each entry after its length as 4 bytes big-endian."""
    return b"".join(_LENGTH.pack(len(data)) + data for data in entries)


def read_chunk(chunk: bytes) -> Iterator[bytes]:
    """Cut a chunk into its entries. Raises Malformed."""
    at = 0
    while at < len(chunk):
        if at + _LENGTH.size > len(chunk):
            raise Malformed("a chunk ends within a length")
        (length,) = _LENGTH.unpack_from(chunk, at)
        at += _LENGTH.size
        if length > ENTRY_BYTES or at + length > len(chunk):
            raise Malformed("a chunk ends within an entry, or an entry is too long")
        yield chunk[at : at + length]
        at += length


def _changes_members(data: bytes) -> bool:
    entry = decode_entry(data)
    return isinstance(entry, RecordEntry) and isinstance(open_decoded(entry.payload).record.body, MembersBody)
