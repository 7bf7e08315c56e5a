"""A snapshot has an end: its size is signed before it begins, and each chunk is the ledger's or its sender is left."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_node.base.folder import open_folder
from hanse_node.base.verifying import Verifiers
from hanse_node.comet.abci import snapshotserver
from hanse_node.comet.abci.hanse_abci_pb2 import (
    Request,
    Response,
    ResponseApplySnapshotChunk,
    ResponseOfferSnapshot,
    Snapshot,
)
from hanse_node.comet.abci.snapshotforms import (
    CHUNK_BYTES,
    CHUNK_ENTRIES,
    METADATA_BYTES,
    Chunk,
    chunks_of,
    read_chunk,
    read_metadata,
    verify_chunk,
    write_chunk,
    write_metadata,
)
from hanse_node.comet.abci.snapshots import FALSE_CHUNKS, SnapshotTaker
from hanse_node.comet.abci.snapshotserver import OFFER_SECONDS, OFFERS, SnapshotServer
from hanse_node.comet.abci.transactions import KnownTransactions
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.sql import SqlLedgerStore
from tests.unit.node.comet.test_comet import Driver, transaction
from tests.world.node_ledger import PARTIES, digest, fixed_clock, invoice, make_folder

INVOICES = 450
_APPLY, _OFFER = ResponseApplySnapshotChunk, ResponseOfferSnapshot


class Source:
    """A node with a ledger of three chunks, and its snapshot."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.server = SnapshotServer(driver.store)
        driver.block(1, transaction(*PARTIES))
        for height in range(2, 5):
            begin = (height - 2) * 150
            driver.block(height, transaction(*(invoice(number) for number in range(begin, begin + 150))))
        self.publish()
        self.server.list_snapshots(Request(list_snapshots={}))
        driver.block(5)
        driver.block(6)
        (self.snapshot,) = self.offers()

    def publish(self) -> None:
        """Show the newest head: this ledger's one cosigner is a quorum."""
        signed = next(signed for _, signed in reversed(self.driver.told) if signed is not None)
        self.driver.store.publish(signed)

    def offers(self) -> list[Snapshot]:
        """List what is offered."""
        return list(self.server.list_snapshots(Request(list_snapshots={})).list_snapshots.snapshots)

    def chunk(self, index: int) -> bytes:
        """Load a chunk."""
        asked = {"height": self.snapshot.height, "format": self.snapshot.format, "chunk": index}
        return self.server.load_chunk(Request(load_snapshot_chunk=asked)).load_snapshot_chunk.chunk


class Taker:
    """A node that has the genesis alone."""

    def __init__(self, store: SqlLedgerStore, path: Path) -> None:
        self.store, self.path = store, path
        self.failures: list[str] = []
        self.taker = SnapshotTaker(store, path, self.failures.append)

    def offer(self, snapshot: Snapshot, root: bytes, **changed: object) -> int:
        """Offer a snapshot as the engine does, changed; give the result."""
        found = Snapshot()
        found.CopyFrom(snapshot)
        for name, value in changed.items():
            setattr(found, name, value)
        asked = Request(offer_snapshot={"snapshot": found, "app_hash": root})
        return self.taker.offer(asked).offer_snapshot.result

    def apply(self, index: int, chunk: bytes, sender: str = "peer") -> ResponseApplySnapshotChunk:
        """Bring a chunk as the engine does."""
        asked = Request(apply_snapshot_chunk={"index": index, "chunk": chunk, "sender": sender})
        response: Response = self.taker.apply(asked)
        return response.apply_snapshot_chunk


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Close whatever a test opens."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def source(tmp_path: Path, opened: ExitStack) -> Source:
    """Give a node that offers a snapshot."""
    verifiers = Verifiers(1, 0)
    opened.callback(verifiers.stop)
    folder = opened.enter_context(open_folder(make_folder(tmp_path / "source"), {}))
    store, signer = start_ledger(folder, fixed_clock(), alone=False)
    opened.callback(store.close)
    driver = Driver(store, signer, KnownTransactions(verifiers.submit), tmp_path)
    opened.callback(driver.application.close)
    return Source(driver)


@pytest.fixture
def taker(tmp_path: Path, opened: ExitStack) -> Taker:
    """Give a node that takes one."""
    folder = opened.enter_context(open_folder(make_folder(tmp_path / "taker"), {}))
    store, _ = start_ledger(folder, fixed_clock(), alone=False)
    opened.callback(store.close)
    return Taker(store, tmp_path / "snapshot.part")


def test_a_snapshot_is_taken(source: Source, taker: Taker) -> None:
    """Chunk by chunk, and in the end the same ledger, its file gone."""
    root = source.driver.store.head.root
    assert source.snapshot.chunks == chunks_of(source.driver.store.head.size) == 3
    assert taker.offer(source.snapshot, root) == _OFFER.ACCEPT
    for index in range(3):
        assert taker.apply(index, source.chunk(index)).result == _APPLY.ACCEPT
    assert taker.store.head == source.driver.store.head
    assert audit(taker.store).difference is None
    assert taker.failures == []
    assert not taker.path.exists()


def test_a_false_chunk_costs_its_sender_its_place(source: Source, taker: Taker) -> None:
    """Whatever is changed: it is refused at once, asked of others, and what was right goes on."""
    root = source.driver.store.head.root
    assert taker.offer(source.snapshot, root) == _OFFER.ACCEPT
    good = read_chunk(source.chunk(0))
    other = read_chunk(source.chunk(1))
    wrong = [
        b"",
        b"\xff",
        source.chunk(1),
        write_chunk(Chunk(good.path, good.entries[:-1])),
        write_chunk(Chunk(good.path, (*good.entries[:-1], other.entries[0]))),
        write_chunk(Chunk(good.path, (good.entries[1], good.entries[0], *good.entries[2:]))),
        write_chunk(Chunk(good.path[:-1], good.entries)),
        write_chunk(Chunk((*good.path, bytes(32)), good.entries)),
        source.chunk(0) + b"\0",
        source.chunk(0)[:-1],
        source.chunk(0) + b"\0\0\0\0" * CHUNK_ENTRIES,
    ]
    for number, data in enumerate(wrong):
        found = taker.apply(0, data, f"liar{number}")
        assert found.result == _APPLY.RETRY, number
        assert list(found.refetch_chunks) == [0]
        assert list(found.reject_senders) == [f"liar{number}"]
    for index in range(3):
        assert taker.apply(index, source.chunk(index)).result == _APPLY.ACCEPT
    assert taker.store.head.root == root


def test_false_chunks_have_an_end(source: Source, taker: Taker) -> None:
    """A snapshot of which only false chunks come is given up, and leaves nothing."""
    assert taker.offer(source.snapshot, source.driver.store.head.root) == _OFFER.ACCEPT
    results = [taker.apply(0, bytes(1_000), str(number)).result for number in range(FALSE_CHUNKS)]
    assert results == [_APPLY.RETRY] * (FALSE_CHUNKS - 1) + [_APPLY.REJECT_SNAPSHOT]
    assert not taker.path.exists()
    assert taker.apply(0, source.chunk(0)).result == _APPLY.ABORT
    assert taker.store.head.size == 1


def test_a_size_that_nobody_signed_is_refused(source: Source, taker: Taker) -> None:
    """The head is verified before a chunk is fetched; and who offers what is false offers nothing any more."""
    root = source.driver.store.head.root
    described = read_metadata(source.snapshot.metadata)
    for note in (
        described.note.replace(b"\n457\n", b"\n999999999999\n"),
        described.note.replace(b"\n457\n", b"\n9223372036854775807\n"),
        described.note.partition(b"\n\n")[0] + b"\n\n",
        b"",
        b"\xff",
    ):
        assert note != described.note
        changed = write_metadata(note, described.changes)
        assert taker.offer(source.snapshot, root, metadata=changed) == _OFFER.REJECT_SENDER
    for metadata in (b"", bytes(METADATA_BYTES + 1), write_metadata(described.note, [b"x"]), described.note):
        assert taker.offer(source.snapshot, root, metadata=metadata) == _OFFER.REJECT_SENDER
    assert not taker.path.exists()


def test_what_does_not_fit_is_refused(source: Source, taker: Taker) -> None:
    """More chunks than the head has entries for, another root than the light client's, another format."""
    root = source.driver.store.head.root
    assert taker.offer(source.snapshot, root, chunks=2**32 - 1) == _OFFER.REJECT
    assert taker.offer(source.snapshot, root, chunks=2) == _OFFER.REJECT
    assert taker.offer(source.snapshot, digest("another")) == _OFFER.REJECT
    assert taker.offer(source.snapshot, root, hash=digest("another")) == _OFFER.REJECT
    assert taker.offer(source.snapshot, root, format=1) == _OFFER.REJECT_FORMAT
    assert taker.apply(0, source.chunk(0)).result == _APPLY.ABORT


def test_what_is_asked_for_stays_offered(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists alone take no snapshot from whoever fetches it: a new one comes once a minute, and idle ones go first."""
    now = [1_000_000.0]
    monkeypatch.setattr(snapshotserver, "monotonic", lambda: now[0])
    heights = {source.snapshot.height}
    for number in range(3 * OFFERS):
        # Somebody fetches, and lists are asked for all the time.
        assert source.chunk(0)
        source.driver.block(7 + 2 * number, transaction(invoice(1_000 + number)))
        source.driver.block(8 + 2 * number)
        source.publish()
        for _ in range(5):
            source.offers()
        assert len(source.server._offers) <= OFFERS
        heights |= set(source.server._offers)
        now[0] += OFFER_SECONDS
    assert source.snapshot.height in source.server._offers
    assert len(heights) <= 1 + 3 * OFFERS
    # Nobody fetches: it gives way.
    now[0] += 1_000
    for number in range(3 * OFFERS, 5 * OFFERS):
        source.driver.block(7 + 2 * number, transaction(invoice(1_000 + number)))
        source.driver.block(8 + 2 * number)
        source.publish()
        source.offers()
        now[0] += OFFER_SECONDS
    assert source.snapshot.height not in source.server._offers
    assert source.chunk(0) == b""


def test_no_chunk_is_beyond_the_end(source: Source) -> None:
    """Of a snapshot, or of what there is at all."""
    assert source.chunk(3) == b""
    asked = {"height": 99, "format": source.snapshot.format, "chunk": 0}
    assert source.server.load_chunk(Request(load_snapshot_chunk=asked)).load_snapshot_chunk.chunk == b""


@given(
    st.lists(st.binary(max_size=100), min_size=1, max_size=CHUNK_ENTRIES), st.lists(st.binary(min_size=32, max_size=32))
)
def test_a_chunk_is_read_as_it_was_written(entries: list[bytes], path: list[bytes]) -> None:
    """And in no other way."""
    chunk = Chunk(tuple(path), tuple(entries))
    assert read_chunk(write_chunk(chunk)) == chunk
    with pytest.raises(ProofInvalid):
        verify_chunk(chunk, 0, 2**40, digest("root"))


def test_chunks_have_bounds() -> None:
    """More bytes, entries or hashes than a chunk has are refused before anything is made of them."""
    for data in (bytes(CHUNK_BYTES + 1), b"\0" + bytes(4) * (CHUNK_ENTRIES + 1), b"\xff" + bytes(32 * 255), b"\0"):
        with pytest.raises(Malformed):
            read_chunk(data)
    with pytest.raises((Malformed, msgspec.ValidationError)):
        read_metadata(b"\x80")
