"""A node in a process of its own, for as long as a command needs it: never longer."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from hanse_client.errors import NodeFailed

READY_SECONDS = 20
STOP_SECONDS = 20
ASK_EVERY_SECONDS = 0.05
LOG_LINES = 10


class RunningNode:
    """A node that runs. `url` answers until `stop`."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.url = url
        self._process = process

    @property
    def exit_code(self) -> int | None:
        """How the process ended; nothing while it runs."""
        return self._process.poll()

    def stop(self) -> int:
        """Stop the node and wait for its end; give its exit code. May be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()


@contextmanager
def running_node(folder: Path, log: Path, port: int | None = None) -> Iterator[RunningNode]:
    """Run the node of a folder on loopback until the block ends, however it ends.

    Args:
        folder: the node's folder.
        log: where its messages go.
        port: where it listens; by default a free one.

    Raises:
        NodeFailed: it does not become ready.
    """
    port = free_port() if port is None else port
    with log.open("wb") as messages:
        process = subprocess.Popen(
            [*this_program(), "node", "run", "--dir", str(folder), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
            env=clean_environment(),
        )
        node = RunningNode(process, f"http://127.0.0.1:{port}")
        try:
            _wait_until_ready(node, log)
            yield node
        finally:
            node.stop()


def this_program() -> list[str]:
    """Give the words that start `hanse` again, in a process of its own."""
    return [sys.executable, "-m", "hanse_client.cli.main"]


def clean_environment() -> Mapping[str, str]:
    """Give this environment without HANSE_…: what the user set for other ledgers does not reach a child."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANSE_")}
    # A child finds the packages where this process did, installed or not.
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def free_port() -> int:
    """Find a port on loopback that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(node: RunningNode, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    with httpx.Client(trust_env=False, timeout=READY_SECONDS) as asking:
        while time.monotonic() < until and node.exit_code is None:
            try:
                if asking.get(f"{node.url}/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(ASK_EVERY_SECONDS)
    last = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
    raise NodeFailed("The node does not become ready. Its last words: " + " | ".join(last), f"Look into {log}.")
