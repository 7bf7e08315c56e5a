"""Sealed documents on disk: pieces in their order, the hash at the end, bounds, and what a crash leaves."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanse_ledger.values import limits
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_GRACE_MS, PAYLOAD_IDLE_SECONDS
from hanse_node.base.config import SealedDocuments
from hanse_node.base.errors import Busy, NodeError, QuotaExceeded, StoreFailed
from hanse_node.payloads import store as store_module
from hanse_node.payloads.names import WaitingName, read_waiting, sender_mark
from hanse_node.payloads.store import PayloadDiffers, PayloadRefused, PayloadStore, Progress, WrongOffset
from tests.conftest import ROOT

NOW = 1_800_000_000_000
SOON = NOW + 600_000


class Times:
    """Clocks that a test sets."""

    def __init__(self) -> None:
        self.now, self.seconds = NOW, 0.0

    def opened(self, folder: Path, **settings: int) -> PayloadStore:
        """Open a folder, as a node does that starts."""
        return PayloadStore(folder, SealedDocuments(**settings), lambda: self.now, lambda: self.seconds)


@pytest.fixture
def times() -> Times:
    """Give clocks."""
    return Times()


def digest_of(data: bytes) -> bytes:
    """SHA-256."""
    return sha256(data).digest()


def sent(
    store: PayloadStore, data: bytes, *, holder: str = "token a", piece: int = 400, expires: int = SOON
) -> Progress:
    """Send a document piece by piece, from where it stands."""
    known = store.progress(holder, digest_of(data)) or Progress(0, whole=False)
    while not known.whole:
        part = data[known.offset : known.offset + piece]
        known = store.put(holder, digest_of(data), part, start=known.offset, size=len(data), expires=expires)
    return known


def files(folder: Path) -> list[Path]:
    """List the files of the store."""
    return [path for path in (folder / "payloads").rglob("*") if path.is_file()]


def test_pieces_make_a_document(tmp_path: Path, times: Times) -> None:
    """A document comes in pieces, also across a start; it is read whole and in parts, by its user alone."""
    data = os.urandom(1_000)
    store = times.opened(tmp_path)
    assert store.put("token a", digest_of(data), data[:400], start=0, size=1_000, expires=SOON) == Progress(
        400, whole=False
    )
    assert store.read(digest_of(data)) is None
    store = times.opened(tmp_path)
    assert store.progress("token a", digest_of(data)) == Progress(400, whole=False)
    assert store.progress("token b", digest_of(data)) is None
    assert sent(store, data) == Progress(1_000, whole=True)
    for opened in (store, times.opened(tmp_path)):
        assert opened.read(digest_of(data)) == (data, 1_000)
        assert opened.read(digest_of(data), 990, 400) == (data[990:], 1_000)
        assert opened.read(digest_of(data), 1_000, 1) == (b"", 1_000)
        assert opened.progress("token b", digest_of(data)) == Progress(1_000, whole=True)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "payloads").rglob("*") if path.is_dir()} == {
        0o700
    }


@given(st.lists(st.tuples(st.integers(-1, 9), st.integers(0, 9), st.booleans()), max_size=30))
@settings(max_examples=60, deadline=None)
def test_pieces_in_any_order_never_make_another_document(moves: list[tuple[int, int, bool]]) -> None:
    """Whatever pieces come from wherever: what is whole has its hash, and where the next begins is what has come."""
    import tempfile  # noqa: PLC0415 (a folder an example)

    with tempfile.TemporaryDirectory() as folder:
        times, data = Times(), bytes(range(10))
        store, come = times.opened(Path(folder)), 0
        for start, count, again in moves:
            if again:
                store = times.opened(Path(folder))
            piece = data[max(start, 0) :][:count]
            try:
                found = store.put("token a", digest_of(data), piece, start=start, size=10, expires=SOON)
            except WrongOffset as error:
                found = Progress(error.offset, whole=come == 10)
            assert found.offset in (come, come + len(piece))
            assert found.whole == (found.offset == 10)
            come = found.offset
        assert (store.read(digest_of(data)) == (data, 10)) == (come == 10)


def test_another_document_is_let_go_of(tmp_path: Path, times: Times) -> None:
    """Bytes of another hash are deleted when all have come; the right ones come anew after them."""
    data, other = os.urandom(500), os.urandom(500)
    store = times.opened(tmp_path)
    with pytest.raises(PayloadDiffers):
        store.put("token a", digest_of(data), other, start=0, size=500, expires=SOON)
    assert files(tmp_path) == []
    assert sent(store, data).whole


def test_nobody_spoils_the_upload_of_another(tmp_path: Path, times: Times) -> None:
    """Somebody who sends other bytes under the hash of another's document stops nobody."""
    data = os.urandom(1_000)
    store = times.opened(tmp_path)
    store.put("token b", digest_of(data), b"x" * 999, start=0, size=1_000, expires=SOON)
    assert sent(store, data).whole
    with pytest.raises(PayloadRefused):
        store.put("token b", digest_of(data), b"x", start=999, size=1_000, expires=NOW)
    assert store.put("token b", digest_of(data), b"x", start=999, size=1_000, expires=SOON).whole
    assert store.read(digest_of(data)) == (data, 1_000)
    assert store.keep(digest_of(data))
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("size", "expires"),
    [
        (0, SOON),
        (PAYLOAD_BYTES + 1, SOON),
        (10, NOW),
        (10, NOW + limits.EXPIRY_MS + limits.CLOCK_SKEW_MS + 1),
    ],
)
def test_what_is_taken_from_nobody(tmp_path: Path, times: Times, size: int, expires: int) -> None:
    """No size, too large, expired, or for a record that could not stand so long."""
    store = times.opened(tmp_path)
    with pytest.raises(PayloadRefused):
        store.put("token a", digest_of(b""), b"x" * min(size, 10), start=0, size=size, expires=expires)
    assert files(tmp_path) == []


def test_a_thousand_half_uploads_are_bounded(tmp_path: Path, times: Times) -> None:
    """One sender's half uploads end at his share; the bytes that they would have count, and others still send."""
    store = times.opened(tmp_path, each=100, each_mebibytes=8, mebibytes=64)
    refused = 0
    for number in range(1_000):
        try:
            store.put("token a", number.to_bytes(32, "big"), b"x", start=0, size=1_000, expires=SOON)
        except QuotaExceeded:
            refused += 1
    assert refused == 900
    assert len(files(tmp_path)) == 100
    with pytest.raises(QuotaExceeded):
        sent(store, b"y" * 1_000)
    assert sent(store, b"z" * 1_000, holder="token b").whole
    store.put("token c", bytes(32), b"x", start=0, size=PAYLOAD_BYTES, expires=SOON)
    with pytest.raises(QuotaExceeded):
        store.put("token c", bytes([1] * 32), b"x", start=0, size=1, expires=SOON)


def test_room_is_bounded_for_all(tmp_path: Path, times: Times) -> None:
    """What is kept and what waits together have their bound, from other nodes too."""
    store = times.opened(tmp_path, mebibytes=8)
    data = os.urandom(5 * 1024 * 1024)
    store.add(digest_of(data), data)
    with pytest.raises(QuotaExceeded, match="no room"):
        store.put("token a", bytes(32), b"x", start=0, size=4 * 1024 * 1024, expires=SOON)
    with pytest.raises(QuotaExceeded, match="no room"):
        store.add(digest_of(data[1:]), data[1:])
    with pytest.raises(PayloadDiffers):
        store.add(bytes(32), b"x")
    assert store.held().kept_bytes == len(data)


def test_what_no_record_names_goes(tmp_path: Path, times: Times) -> None:
    """A whole upload goes an hour after its record has expired, half a one that comes no further after an hour."""
    store, data = times.opened(tmp_path), os.urandom(500)
    sent(store, data)
    store.put("token a", bytes(32), b"x", start=0, size=9, expires=NOW + limits.EXPIRY_MS)
    times.seconds = PAYLOAD_IDLE_SECONDS
    assert store.sweep() == 0
    times.seconds += 1
    assert store.sweep() == 1
    times.now = SOON + PAYLOAD_GRACE_MS
    assert store.sweep() == 0
    times.now += 1
    assert store.sweep() == 1
    assert files(tmp_path) == []


def test_a_later_record_prolongs(tmp_path: Path, times: Times) -> None:
    """Who sends it again for a record that expires later has it wait for that, as his own."""
    store, data = times.opened(tmp_path, each=1), os.urandom(500)
    sent(store, data)
    assert store.put("token b", digest_of(data), data, start=0, size=500, expires=SOON + 5).whole
    times.now = SOON + PAYLOAD_GRACE_MS + 5
    assert store.sweep() == 0
    assert times.opened(tmp_path).waiting() == [digest_of(data)]
    # The share is now the second sender's: the first has room again, and the second has none.
    times.now = NOW
    assert sent(store, b"other").whole
    with pytest.raises(QuotaExceeded):
        sent(store, b"another", holder="token b")


def test_what_a_record_names_is_kept_until_it_is_erased(tmp_path: Path, times: Times) -> None:
    """Kept beyond its time, across starts; erased, it is gone from the disk."""
    store, data = times.opened(tmp_path), os.urandom(500)
    assert not store.keep(digest_of(data))
    sent(store, data)
    assert store.keep(digest_of(data))
    times.now = SOON + 2 * PAYLOAD_GRACE_MS
    assert store.sweep() == 0
    store = times.opened(tmp_path)
    assert (store.kept(), store.read(digest_of(data))) == ([digest_of(data)], (data, 500))
    assert store.keep(digest_of(data))
    assert store.erase(digest_of(data))
    assert not store.erase(digest_of(data))
    assert (files(tmp_path), store.read(digest_of(data)), store.held().kept_bytes) == ([], None, 0)


def test_what_a_crash_leaves_is_taken_up_or_deleted(tmp_path: Path, times: Times) -> None:
    """Each state of the folder between two steps: nothing that is not whole counts as whole."""
    times.opened(tmp_path)
    waiting, data = tmp_path / "payloads" / "waiting", os.urandom(50)

    def name(end: str, size: int = 50, who: str = "token a", of: bytes = data) -> str:
        return WaitingName(
            digest=digest_of(of), sender=sender_mark(who), size=size, expires=SOON, whole=end == "whole"
        ).write()

    (waiting / name("part")).write_bytes(data)  # before it was renamed
    (waiting / name("part", of=b"x")).write_bytes(data + b"more")
    (waiting / name("whole", of=b"y")).write_bytes(data[:-1])
    (waiting / name("part", who="token b", of=b"z")).write_bytes(data[:20])
    (waiting / "notes.txt").write_bytes(b"of somebody's")
    kept = tmp_path / "payloads" / "kept" / "ab"
    kept.mkdir(parents=True)
    (kept / ("ab" * 32 + ".new")).write_bytes(data[:3])
    store = times.opened(tmp_path)
    assert sorted(path.name for path in files(tmp_path)) == sorted(["notes.txt", name("part", who="token b", of=b"z")])
    assert store.progress("token b", digest_of(b"z")) == Progress(20, whole=False)
    assert store.waiting() == store.kept() == []


@pytest.mark.parametrize("name", ["", "x", "ab" * 32, "ab" * 32 + ".part", "ab" * 32 + "." + "0" * 16 + ".0.5.part"])
def test_names_of_others_are_no_uploads(name: str) -> None:
    """A file that is no upload is none."""
    assert read_waiting(name) is None


def test_a_failing_disk_is_told(tmp_path: Path, times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be forced to disk is not acknowledged, and comes again."""
    store, data = times.opened(tmp_path), os.urandom(500)
    real = os.fsync

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StoreFailed):
        sent(store, data)
    assert not store.has(digest_of(data))
    monkeypatch.setattr(os, "fsync", real)
    assert sent(store, data).whole


def test_one_piece_of_an_upload_at_a_time(tmp_path: Path, times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second piece that comes while one is written is sent away, and the first is whole."""
    store, data = times.opened(tmp_path), os.urandom(500)
    met: list[NodeError] = []

    def hashed(found: bytes) -> bytes:
        with pytest.raises(Busy) as caught:
            store.put("token a", digest_of(data), data, start=0, size=500, expires=SOON)
        met.append(caught.value)
        return digest_of(found)

    monkeypatch.setattr(store_module, "hash_bytes", hashed)
    assert sent(store, data, piece=500).whole
    assert len(met) == 1


WRITER = """
import sys, time, os
from hashlib import sha256
from pathlib import Path
from hanse_node.base.config import SealedDocuments
from hanse_node.payloads.store import PayloadStore
clock = time.monotonic
most = SealedDocuments(each=100_000, each_mebibytes=100_000)
store = PayloadStore(Path(sys.argv[1]), most, lambda: %d, clock)
number = int(sys.argv[2])
while True:
    number += 1
    data = sha256(b"%%d" %% number).digest() * 8_000
    digest = sha256(data).digest()
    for at in range(0, len(data), 64_000):
        store.put("token a", digest, data[at : at + 64_000], start=at, size=len(data), expires=%d)
    print(digest.hex(), flush=True)
    if number %% 2:
        store.keep(digest)
"""


@pytest.mark.slow
def test_a_killed_process_leaves_what_it_acknowledged(tmp_path: Path, times: Times) -> None:
    """Killed again and again while it writes: what was acknowledged is there, and nothing half is whole."""
    acknowledged: set[bytes] = set()
    paths = os.pathsep.join(str(ROOT / part) for part in ("ledger", "client", "node"))
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER % (NOW, SOON), str(tmp_path), str(turn * 10_000)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            acknowledged.add(bytes.fromhex(process.stdout.readline().strip()))
            time.sleep(0.05 + 0.037 * turn)
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().splitlines()
        acknowledged |= {bytes.fromhex(line) for line in rest if len(line) == 64}
        store = times.opened(tmp_path)
        assert acknowledged <= {*store.waiting(), *store.kept()}
        for digest in (*store.waiting(), *store.kept()):
            found = store.read(digest)
            assert found is not None
            assert digest_of(found[0]) == digest
    assert len(acknowledged) > 6


def test_what_is_counted(tmp_path: Path, times: Times) -> None:
    """What is counted is what there is."""
    store = times.opened(tmp_path)
    counted: Callable[[], tuple[int, ...]] = lambda: tuple(  # noqa: E731 (said once, asked thrice)
        getattr(store.held(), name) for name in ("kept", "kept_bytes", "waiting", "waiting_bytes")
    )
    assert counted() == (0, 0, 0, 0)
    store.put("token a", bytes(32), b"x", start=0, size=9, expires=SOON)
    sent(store, b"document")
    assert counted() == (0, 0, 2, 17)
    store.keep(digest_of(b"document"))
    assert counted() == (1, 8, 1, 9)
