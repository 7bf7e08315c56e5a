"""A node in a process of its own, for as long as a command needs it: never longer."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from hanse_client.base.errors import NodeFailed

READY_SECONDS = 30
STOP_SECONDS = 20
LOG_LINES = 10


class RunningNode:
    """A node that runs. `url` answers until `stop`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.url = ""
        self._process = process

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it has ended; nothing while it runs."""
        return self._process.poll()

    def wait_until_ready(self, log: Path) -> None:
        """Wait for the line in which the node prints its address. Raises NodeFailed."""
        words = self._process.stdout
        assert words is not None
        readable, _, _ = select.select([words], [], [], READY_SECONDS)
        self.url = words.readline().strip() if readable else ""
        if not self.url:
            last = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
            raise NodeFailed("The node does not become ready. Its last words: " + " | ".join(last), f"Look into {log}.")

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
def running_node(folder: Path, log: Path, *, port: int | None = 0) -> Iterator[RunningNode]:
    """Run the node of a folder on a port of loopback until the block ends, however it ends.

    Args:
        folder: the node's folder.
        log: where its messages go.
        port: the port; 0 takes a free one, nil the one of its settings.

    Raises:
        NodeFailed: it does not become ready.
    """
    ports = [] if port is None else ["--port", str(port)]
    with log.open("wb") as messages:
        process = subprocess.Popen(  # noqa: S603 (this very program, with arguments of our own and no shell)
            [*this_program(), "node", "run", "--dir", str(folder), *ports, "--tethered"],
            # A node that is started here ends with this process, however that ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=clean_environment(),
            text=True,
        )
    node = RunningNode(process)
    try:
        node.wait_until_ready(log)
        yield node
    finally:
        node.stop()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def stdin_ends() -> Event:
    """Give an event that is set when standard input ends."""
    ended = Event()

    def watch() -> None:
        # Not by way of `sys.stdin`, whose lock this thread would still hold when the program ends.
        while os.read(0, 1):
            pass
        ended.set()

    Thread(target=watch, name="stdin", daemon=True).start()
    return ended


def this_program() -> list[str]:
    """Give the words that start `hanse` again, in a process of its own."""
    return [sys.executable, "-m", "hanse_cli.main"]


def clean_environment() -> Mapping[str, str]:
    """Give this environment without HANSE_…: what the user set for other ledgers does not reach a child."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANSE_")}
    # A child finds the packages where this process did, installed or not.
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C, SIGTERM and SIGHUP end the block alike, so that what it started is stopped too.

    Gives a check to be called at each step: an interrupt may come while other code (an import, a callback)
    catches everything, and it must not be lost there.
    """
    seen = False

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal seen
        seen = True
        raise KeyboardInterrupt

    def check() -> None:
        if seen:
            raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield check
        check()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
