"""A node among bad neighbours: thousands of connections, slow heads and bodies, endless bodies, lazy readers.

Each time somebody who behaves is served meanwhile, and the node's memory stays what it was.
"""

import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

import httpx2
import msgspec
import pytest

from hanse_ledger.wire.codec import encode
from hanse_node.base.bounds import (
    BODIES_BYTES,
    BODY_BYTES,
    BODY_GRACE_SECONDS,
    CONNECTIONS,
    HEAD_SECONDS,
    STALL_SECONDS,
)
from hanse_node.main import init_node
from tests.system.stage.present import Present
from tests.system.stage.processes import BATCH, NodeProcess, running_node
from tests.world.node_ledger import COSIGN, LOG

pytestmark = pytest.mark.system

FLOOD = 3 * CONNECTIONS
ROOM_BYTES = 200 * 1024 * 1024
"""How much more memory a node may have taken after an assault than before."""

POST = b"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + BATCH.encode() + b"\r\n"


@pytest.fixture(scope="module")
def present() -> Present:
    """Give a ledger that begins now."""
    return Present()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, present: Present) -> Iterator[NodeProcess]:
    """Run a node that all these tests assault."""
    path = tmp_path_factory.mktemp("bounded") / "node"
    init_node(path, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    with running_node(path) as running:
        running.submit(*present.parties)
        yield running


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """Close in the end what was opened; allow enough of them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, FLOOD + 1_000), hard))
    with ExitStack() as opened:
        yield opened


def connect(node: NodeProcess, opened: ExitStack, data: bytes = b"") -> socket.socket:
    """Open a connection, and send something on it."""
    url = httpx2.URL(node.url)
    found = socket.create_connection((url.host, url.port or 80), timeout=60)
    opened.callback(found.close)
    if data:
        found.sendall(data)
    return found


def served(node: NodeProcess, present: Present) -> float:
    """Have a node take a record on a connection of its own; give the seconds it took."""
    begun = monotonic()
    answer = node.submit(*present.invoices(1))
    assert answer["results"][0]["outcome"] == "created"
    return monotonic() - begun


def memory(node: NodeProcess) -> int:
    """Read the most memory that a node has held, in bytes."""
    lines = Path(f"/proc/{node.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM"))


def ended_after(connection: socket.socket, begun: float) -> float:
    """Wait until the other side ends a connection, and tell how many seconds that was after a moment."""
    connection.settimeout(60)
    try:
        while connection.recv(65_536):
            pass
    except ConnectionError:
        pass  # cut, which is an end too
    return monotonic() - begun


def test_thousands_of_idle_connections_keep_nobody_out(node: NodeProcess, present: Present, sockets: ExitStack) -> None:
    """Three times as many as there may be: the oldest give way, and whoever has something to say is heard."""
    before = memory(node)
    for _ in range(FLOOD):
        connect(node, sockets)
    assert served(node, present) < 5
    assert memory(node) - before < ROOM_BYTES


def test_a_connection_without_a_request_ends(node: NodeProcess, sockets: ExitStack) -> None:
    """Nothing sent, a head that never ends, and one that grows a byte at a time: each is cut after the same time."""
    begun = monotonic()
    silent, partial = connect(node, sockets), connect(node, sockets, POST)
    drip = connect(node, sockets, b"GET /livez HTTP/1.1\r\n")

    def trickle() -> None:
        try:
            while True:
                drip.sendall(b"x")
                sleep(0.5)
        except OSError:
            return

    threading.Thread(target=trickle, daemon=True).start()
    for connection in (silent, partial, drip):
        assert HEAD_SECONDS - 1 < ended_after(connection, begun) < HEAD_SECONDS + 10


def test_an_endless_body_is_refused(node: NodeProcess, present: Present, sockets: ExitStack) -> None:
    """Whatever length is named, or none: a body ends at the bound, and the memory with it."""
    before = memory(node)
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    endless = connect(node, sockets, POST + b"Transfer-Encoding: chunked\r\n\r\n")
    sent = 0
    try:
        while sent < 40 * BODY_BYTES:
            endless.sendall(chunk)
            sent += len(chunk)
    except ConnectionError:
        pass  # the node has heard enough
    else:
        assert b" 413 " in endless.recv(65_536)
    huge = connect(node, sockets, POST + b"Content-Length: 99999999999\r\n\r\n")
    assert b" 413 " in huge.recv(65_536)
    served(node, present)
    assert memory(node) - before < ROOM_BYTES


def test_bodies_that_are_announced_hold_nothing(node: NodeProcess, present: Present, sockets: ExitStack) -> None:
    """Whoever declares megabytes and drips takes no room from anybody, and is ended before long."""
    before, begun = memory(node), monotonic()
    idle = [connect(node, sockets, POST + b"Content-Length: %d\r\n\r\nx" % BODY_BYTES) for _ in range(100)]
    assert served(node, present) < 5
    assert memory(node) - before < BODIES_BYTES // 4
    for connection in idle:
        assert b" 408 " in connection.recv(65_536)
    assert monotonic() - begun < BODY_GRACE_SECONDS + 10


def test_bodies_that_come_are_bounded_together(node: NodeProcess, present: Present, sockets: ExitStack) -> None:
    """More than one may have under way is told to come again with what has come, and the memory with it."""
    before = memory(node)
    most = 2 * BODIES_BYTES // BODY_BYTES
    large = [connect(node, sockets, POST + b"Content-Length: %d\r\n\r\n" % BODY_BYTES) for _ in range(most)]
    threads = [threading.Thread(target=send_slowly, args=(each,), daemon=True) for each in large]
    for thread in threads:
        thread.start()
    assert served(node, present) < 10
    for thread in threads:
        thread.join(60)
    answers = [each.recv(65_536) for each in large if not _ended(each)]
    assert any(b" 429 " in answer and b"retry-after: 1" in answer.lower() for answer in answers)
    assert memory(node) - before < ROOM_BYTES


def send_slowly(connection: socket.socket) -> None:
    """Send most of a body in a few seconds, and keep the rest back; until the other side has had enough."""
    try:
        for _ in range(15):
            connection.sendall(bytes(BODY_BYTES // 16))
            sleep(0.2)
    except OSError:
        return


def _ended(connection: socket.socket) -> bool:
    """Tell whether a connection was reset, with what had been said on it."""
    connection.settimeout(20)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


@pytest.mark.timeout(400)
def test_a_reader_that_does_not_read_is_cut(node: NodeProcess, present: Present, sockets: ExitStack) -> None:
    """Answers that nobody takes are not kept for ever; those of others arrive."""
    for _ in range(4):
        node.submit(*present.invoices(500))
    asked = b"GET /log/tile/entries/000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    before, begun = memory(node), monotonic()
    lazy = []
    for _ in range(50):
        connection = socket.socket()
        sockets.callback(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        url = httpx2.URL(node.url)
        connection.connect((url.host, url.port or 80))
        connection.sendall(asked * 60)
        lazy.append(connection)
    assert served(node, present) < 5
    sleep(max(0.0, STALL_SECONDS + 8 - (monotonic() - begun)))
    for connection in lazy:
        # Whatever had been sent is read now; then comes the end, though sixty answers had been asked for.
        assert ended_after(connection, begun) < STALL_SECONDS + 40
    assert memory(node) - before < ROOM_BYTES


def test_a_flood_from_one_key_leaves_room_for_others(node: NodeProcess, present: Present) -> None:
    """Records as fast as they can be sent, all by one seller: it is told to wait, and the market is served."""
    flood = [msgspec.msgpack.encode([encode(each.envelope) for each in present.invoices(1_000)]) for _ in range(3)]
    statuses: list[int] = []
    late = threading.Event()

    def send() -> None:
        with httpx2.Client(timeout=60) as client:
            while not late.is_set():
                for data in flood:
                    answer = client.post(f"{node.url}/v1/records", content=data, headers={"content-type": BATCH})
                    statuses.append(answer.status_code)
                    if answer.status_code == 429:
                        assert int(answer.headers["retry-after"]) >= 1

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        until = monotonic() + 60
        while 429 not in statuses and monotonic() < until:
            sleep(0.1)
        assert 429 in statuses
        assert node.submit(present.enrol("third"))["results"][0]["outcome"] == "created"
    finally:
        late.set()
        for thread in threads:
            thread.join()
    assert set(statuses) <= {200, 429, 503}


@pytest.mark.parametrize("path", [b"/v1/records", b"/nowhere"])
@pytest.mark.parametrize(
    "chunk", [b"1\r\nx\r\n", b"1;" + b"x" * 30_000 + b"\r\nx\r\n"], ids=["of a byte", "with a long extension"]
)
def test_bodies_in_small_pieces_hold_nobody_up(
    node: NodeProcess, sockets: ExitStack, path: bytes, chunk: bytes
) -> None:
    """Chunks of a byte, or with more beside them than in them, are not read on, whether or not there is an answer."""
    head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + BATCH.encode()
    before, data = processor(node), chunk * (2_000_000 // len(chunk))
    for _ in range(3):
        sender = connect(node, sockets, head + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        begun = monotonic()
        with suppress(ConnectionError):
            for at in range(0, len(data), 65_536):
                sender.sendall(data[at : at + 65_536])
        assert ended_after(sender, begun) < HEAD_SECONDS / 2
    assert processor(node) - before < 3 * 0.1


def processor(node: NodeProcess) -> float:
    """Read how much processor time a node has taken, in seconds."""
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
