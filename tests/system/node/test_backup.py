"""Backup, restore and audit as an operator runs them: while the node writes, after a disaster, interrupted."""

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from hanse_cli.output.exits import ExitCode
from hanse_client import Client
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_node.store.databases.sqlite import driver
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, environment, hanse, running_node

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ENTRIES = 6_000
PATIENCE_S = 60


def run(*arguments: object) -> tuple[int, dict[str, Any]]:
    """Run `hanse … --json`; give its exit code and its document."""
    found = subprocess.run(
        hanse(*arguments, "--json"), capture_output=True, text=True, check=False, env=environment(), timeout=200
    )
    document = json.loads(found.stdout)
    assert isinstance(document, dict)
    return found.returncode, document


@pytest.fixture(scope="module")
def present() -> Present:
    """Give a ledger that begins now."""
    return Present()


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory, present: Present) -> Path:
    """Give the folder of a node with some thousands of entries; tests copy it."""
    path = tmp_path_factory.mktemp("pattern") / "node"
    present.fill(path, ENTRIES)
    return path


@pytest.fixture
def folder(pattern: Path, tmp_path: Path) -> Path:
    """Give a node's folder of one's own."""
    shutil.copytree(pattern, tmp_path / "node")
    return tmp_path / "node"


@contextmanager
def written_to(node: NodeProcess, present: Present) -> Iterator[list[int]]:
    """Have somebody write into a node meanwhile; give the sizes that were answered."""
    enough, sizes = threading.Event(), list[int]()

    def write() -> None:
        while not enough.is_set():
            sizes.append(node.submit(*present.invoices(5))["size"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield sizes
    finally:
        enough.set()
        writer.join()
    assert sizes


@contextmanager
def serving(note: bytes) -> Iterator[str]:
    """Serve a checkpoint as a mirror of the log does; give its address."""

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/log/checkpoint" else 404)
            self.end_headers()
            self.wfile.write(note)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_disaster_is_survived(folder: Path, present: Present, tmp_path: Path) -> None:
    """A backup under load; a lost disk; what was signed since is known to a mirror, and stops the old backup.

    A newer backup is taken, and the seller's client, which remembers the ledger, goes on without an alarm.
    """
    trust = read_trust(write_trust(present.genesis))
    with running_node(folder) as node:
        with written_to(node, present) as sizes:
            code, old = run("backup", tmp_path / "old", "--dir", folder)
        assert code == 0
        assert ENTRIES < old["size"] <= sizes[-1]
        assert old["audited"] is True
        with Client(node.url, trust=trust, home=tmp_path / "home") as client:
            remembered = client.head()
        code, new = run("backup", tmp_path / "new", "--dir", folder, "--quick")
        assert (code, new["size"]) == (0, remembered.size)
        checkpoint = httpx2.get(f"{node.url}/log/checkpoint").content
        node.stop()
    shutil.copytree(folder / "keys", tmp_path / "safe")
    shutil.rmtree(folder)
    with serving(checkpoint) as mirror:
        code, refused = run(
            "restore", "--yes", tmp_path / "old", "--dir", folder, "--keys", tmp_path / "safe", "--ask", mirror
        )
        assert (code, refused["error"]["code"]) == (ExitCode.REFUSED, "would-contradict")
        assert not (folder / "ledger.db").exists()
        code, restored = run("restore", "--yes", tmp_path / "new", "--dir", folder, "--ask", mirror)
        assert (code, restored["size"]) == (0, remembered.size)
    with running_node(folder) as node:
        node.submit(*present.invoices(3))
        with Client(node.url, trust=trust, home=tmp_path / "home") as client:
            assert client.head().size > remembered.size
        node.stop()
    code, audited = run("log", "verify", "--dir", folder, "--work", tmp_path / "work")
    assert (code, audited["agrees"], audited["resumed_at"]) == (0, True, 0)


def test_a_killed_backup_is_none_and_is_taken_again(folder: Path, tmp_path: Path) -> None:
    """Whenever it is killed, what it leaves does not count, and is in nobody's way."""
    killed = 0
    for tenths in (3, 5, 7, 9):
        process = subprocess.Popen(
            hanse("backup", tmp_path / "backup", "--dir", folder),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sleep(tenths / 10)
        process.kill()
        process.wait(PATIENCE_S)
        if (tmp_path / "backup" / "backup.json").exists():
            break  # a fast machine
        killed += 1
        code, refused = run("restore", "--yes", tmp_path / "backup", "--dir", folder)
        assert (code, refused["error"]["code"]) == (ExitCode.USAGE, "bad-input")
    assert killed
    if not (tmp_path / "backup" / "backup.json").exists():
        run("backup", tmp_path / "backup", "--dir", folder)
    code, made = run("restore", "--yes", tmp_path / "backup", "--dir", folder)
    assert (code, made["audited"]) == (0, True)
    assert {path.name for path in (tmp_path / "backup").iterdir()} == {
        "backup.json",
        "genesis.msgpack",
        "ledger.db",
        "node.toml",
    }


def test_an_interrupted_audit_goes_on(folder: Path, tmp_path: Path) -> None:
    """Ctrl-C ends it with its own code; run again, it takes up what it had replayed; --restart does not."""
    command = hanse("log", "verify", "--dir", folder, "--work", tmp_path / "work", "--json")
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    until = monotonic() + PATIENCE_S
    while replayed(tmp_path / "work") < 100:
        assert process.poll() is None
        assert monotonic() < until
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, json.loads(said)["error"]["code"]) == (ExitCode.INTERRUPTED, "interrupted")
    code, audited = run("log", "verify", "--dir", folder, "--work", tmp_path / "work")
    assert (code, audited["agrees"]) == (0, True)
    assert audited["resumed_at"] > 100
    assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".lock"]


def replayed(work: Path) -> int:
    """Count the entries that an audit has replayed so far."""
    for path in work.glob("audit-*.db"):
        try:
            connection = driver.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)
            try:
                return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])
            finally:
                connection.close()
        except driver.OperationalError:
            return 0  # it is only being made
    return 0


def test_a_damaged_database_is_found_and_rebuilt(folder: Path, present: Present, tmp_path: Path) -> None:
    """What a row has lost is named by the audit with its exit code, and comes back from the entries."""
    database = driver.connect(folder / "ledger.db")
    database.execute("DELETE FROM record WHERE position = 77")
    database.commit()
    database.close()
    code, found = run("log", "verify", "--dir", folder, "--work", tmp_path / "work")
    assert (code, found["error"]["code"]) == (ExitCode.TAMPERED, "audit-failed")
    assert "record" in found["error"]["message"]
    code, found = run("backup", tmp_path / "backup", "--dir", folder)
    assert (code, found["error"]["code"]) == (ExitCode.TAMPERED, "audit-failed")
    code, rebuilt = run("node", "rebuild", "--dir", folder)
    assert code == 0
    assert rebuilt["size"] > ENTRIES
    code, _ = run("log", "verify", "--dir", folder, "--work", tmp_path / "work")
    assert code == 0
    with running_node(folder) as node:
        assert node.submit(*present.invoices(1))["results"][0]["outcome"] == "created"
        node.stop()
