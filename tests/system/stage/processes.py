"""Node processes for system tests: started, watched for their readiness, stopped by a signal."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2
import msgspec

from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode
from tests.conftest import ROOT

READY_SECONDS = 30
STOP_SECONDS = 15

BATCH = "application/vnd.hanse.envelopes+msgpack"


class NodeProcess:
    """A running node: its URL, its log so far, and how to stop it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log: list[dict[str, Any]] = []
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.url = str(self.wait_for("the node is ready")["url"])

    def wait_for(self, message: str) -> dict[str, Any]:
        """Wait until the node logs a message, and give the whole line."""
        until = monotonic() + READY_SECONDS
        while (line := self._lines.get(timeout=max(0.0, until - monotonic()))) is not None:
            self.log.append(line)
            if line["message"] == message:
                return line
        raise AssertionError(f"the node ended with {self.process.wait()}: {self.log}")

    def wait_for_end(self) -> None:
        """Read the log to its end; the process has ended, or is about to."""
        while (line := self._lines.get(timeout=READY_SECONDS)) is not None:
            self.log.append(line)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Stop the node by a signal; give how many seconds it took."""
        begun = monotonic()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS) == 0
        return monotonic() - begun

    def submit(self, *records: Signed, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Send records as one batch, and give the answer."""
        data = msgspec.msgpack.encode([encode(each.envelope) for each in records])
        answer = httpx2.post(
            f"{self.url}/v1/records", content=data, headers={"content-type": BATCH} | (headers or {}), timeout=30
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(json.loads(line))
        self._lines.put(None)


def command(folder: Path, *arguments: str) -> list[str]:
    """Write the command line of a node on a free port."""
    return [sys.executable, "-m", "hanse_node.main", str(folder), "--port", "0", *arguments]


def hanse(*arguments: object) -> list[str]:
    """Write a command line of `hanse`."""
    return [sys.executable, "-m", "hanse_cli.main", *map(str, arguments)]


def run_json(*words: object) -> tuple[int, Any]:
    """Run a command of `hanse`; give its exit code and its JSON."""
    found = subprocess.run(
        hanse(*words, "--json"), capture_output=True, text=True, check=False, env=environment(), timeout=120
    )
    return found.returncode, json.loads(found.stdout)


def said(*words: object) -> Any:
    """Run a command of `hanse` that must succeed; give its JSON."""
    code, answer = run_json(*words)
    assert code == 0, answer
    return answer


def children_of(number: int) -> list[int]:
    """List the processes that a process has started."""
    found = Path(f"/proc/{number}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def listening_ports(number: int) -> set[int]:
    """List the TCP ports on which a process listens (Linux)."""
    inodes = set()
    for handle in Path(f"/proc/{number}/fd").iterdir():
        target = os.readlink(handle)
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{number}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                found.add(int(words[1].rpartition(":")[2], 16))
    return found


def environment() -> dict[str, str]:
    """Give a process the packages that this one runs with."""
    places = [str(ROOT), *(place for place in sys.path if place)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def start(words: Sequence[str]) -> subprocess.Popen[str]:
    """Start a process with its log on a pipe."""
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment())


@contextmanager
def running_node(folder: Path, *arguments: str) -> Iterator[NodeProcess]:
    """Run a node in a folder; whatever happens, its process is gone in the end."""
    process = start(command(folder, *arguments))
    try:
        yield NodeProcess(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(STOP_SECONDS)
        assert process.stderr is not None
        process.stderr.close()
