"""Taking a snapshot of the ledger: its entries, and a head that a quorum has signed over them.

Whoever takes one knows from the signed head how many entries there are before the first of them comes, verifies each
chunk under its root as it comes, and applies every rule again. Signatures of records are what the quorum vouches for:
to check those too, a node replays the blocks instead. Source: CometBFT v0.38, spec/abci, "State Sync Methods".
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from hanse_ledger.kinds.member.bodies import MembersBody
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.proofs.trustfile import TrustFile, leading_changes
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.values.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response, ResponseApplySnapshotChunk, ResponseOfferSnapshot
from hanse_node.comet.abci.snapshotforms import FORMAT, Chunk, chunks_of, read_chunk, read_metadata, verify_chunk
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

FALSE_CHUNKS = 64
"""After so many chunks that are not the ledger's, a snapshot is given up: each has cost its sender its place."""

REPORT_SECONDS = 10.0
MEMBERS_MARK = b"member."
"""Stands in every record that changes the members, and in few others."""

LENGTH_BYTES = 4

_OFFER, _APPLY = ResponseOfferSnapshot, ResponseApplySnapshotChunk


class _Taking:
    """A snapshot that is being taken: what has come of it, in a file."""

    def __init__(self, path: Path, height: int, note: bytes, size: int, root: Digest) -> None:
        self.path, self.height, self.note, self.size, self.root = path, height, note, size, root
        self.log, self.changes, self.next, self.false = Frontier(), list[bytes](), 0, 0
        self.file: BinaryIO = path.open("wb")

    @property
    def chunks(self) -> int:
        """How many there are."""
        return chunks_of(self.size)

    def read(self, data: bytes) -> Chunk:
        """Read the next chunk, and verify that it is the ledger's. Raises Malformed, ProofInvalid."""
        chunk = read_chunk(data)
        verify_chunk(chunk, self.next, self.size, self.root)
        return chunk

    def add(self, chunk: Chunk) -> None:
        """Take a chunk that was verified."""
        for data in chunk.entries:
            self.log.append(hash_leaf(data))
            if MEMBERS_MARK in data and _changes_members(data):
                self.changes.append(data)
            self.file.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
        self.next += 1

    def entries(self, begin: int) -> Iterator[bytes]:
        """Read the entries from a position on."""
        self.file.flush()
        with self.path.open("rb") as file:
            position = 0
            while head := file.read(LENGTH_BYTES):
                data = file.read(int.from_bytes(head, "big"))
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
        """Accept a snapshot whose head a quorum has signed, and whose root the engine's light client has verified."""
        asked = request.offer_snapshot
        snapshot = asked.snapshot
        if snapshot.format != FORMAT:
            return Response(offer_snapshot={"result": _OFFER.REJECT_FORMAT})
        with self._store.reading() as reads:
            begun = reads.engine_height() > 0
        try:
            metadata = read_metadata(snapshot.metadata)
            trust = TrustFile(self._store.genesis).extended(metadata.changes)
            head = verify_head(parse_note(metadata.note), trust).checkpoint
        except (Malformed, ProofInvalid, Untrusted) as error:
            # Nobody who is honest offers what no quorum has signed: all that he offers is left alone.
            log.warning("a snapshot is false", extra={"height": snapshot.height, "reason": str(error)[:200]})
            return Response(offer_snapshot={"result": _OFFER.REJECT_SENDER})
        fits = head.root == asked.app_hash == snapshot.hash and snapshot.chunks == chunks_of(head.size)
        if begun or not fits or head.size < self._store.head.size:
            log.warning("a snapshot is refused", extra={"height": snapshot.height, "begun": begun})
            return Response(offer_snapshot={"result": _OFFER.REJECT})
        self._end()
        self._taking = _Taking(self._path, snapshot.height, metadata.note, head.size, head.root)
        log.info("this node takes a snapshot", extra={"height": snapshot.height, "size": head.size})
        return Response(offer_snapshot={"result": _OFFER.ACCEPT})

    def apply(self, request: Request) -> Response:
        """Take the next chunk, if it is the ledger's; after the last one check everything, and write the ledger.

        A chunk that is not is asked for again, of others than who has sent it.

        Raises:
            StoreFailed: the database refused. What it holds then is the snapshot's beginning.
        """
        asked, taking = request.apply_snapshot_chunk, self._taking
        if taking is None or asked.index != taking.next:
            return Response(apply_snapshot_chunk={"result": _APPLY.ABORT})
        try:
            chunk = taking.read(asked.chunk)
        except (Malformed, ProofInvalid) as error:
            return self._turn_down(taking, asked.index, asked.sender, str(error))
        taking.add(chunk)
        self._report(f"{taking.next} of {taking.chunks} chunks of a snapshot have come")
        if taking.next < taking.chunks:
            return Response(apply_snapshot_chunk={"result": _APPLY.ACCEPT})
        try:
            self._check(taking)
            self._write(taking)
        except (Malformed, ProofInvalid, Untrusted) as error:
            self._failed(f"a snapshot does not hold: {error}")
            self._end()
            return Response(apply_snapshot_chunk={"result": _APPLY.REJECT_SNAPSHOT})
        self._end()
        return Response(apply_snapshot_chunk={"result": _APPLY.ACCEPT})

    def _turn_down(self, taking: _Taking, index: int, sender: str, reason: str) -> Response:
        """Ask for a chunk again, of others; give the snapshot up where there is no end of that."""
        taking.false += 1
        log.warning(
            "a chunk of a snapshot is false", extra={"chunk": index, "engine": sender[:64], "reason": reason[:200]}
        )
        if taking.false >= FALSE_CHUNKS:
            self._end()
            return Response(apply_snapshot_chunk={"result": _APPLY.REJECT_SNAPSHOT})
        return Response(
            apply_snapshot_chunk={"result": _APPLY.RETRY, "refetch_chunks": [index], "reject_senders": [sender]}
        )

    def _check(self, taking: _Taking) -> None:
        """Insist that a quorum has signed exactly these entries; nothing has been written yet."""
        if taking.log.root() != taking.root:
            raise ProofInvalid("its entries have another root than its head")
        trust = TrustFile(self._store.genesis)
        trust = trust.extended(leading_changes(trust.ledger, trust.membership, taking.changes))
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

        # A crash from here on leaves whole blocks; the next start takes the snapshot up where they end.
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


def _changes_members(data: bytes) -> bool:
    entry = decode_entry(data)
    return isinstance(entry, RecordEntry) and isinstance(open_decoded(entry.payload).record.body, MembersBody)
