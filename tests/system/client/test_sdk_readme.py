"""What is printed to be pasted runs as it is printed, in a process of its own, against a demonstration's node."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.system

PORT = 8080
SECONDS = 100
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("ledger", "client", "node"))}


class Served(NamedTuple):
    """A demonstration whose node runs again: its folder's folder, its address, and what it says to paste."""

    place: Path
    url: str
    pasted: str


def free(port: int) -> bool:
    """Tell whether nobody listens where README says that the node does."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run `hanse demo --serve`."""
    place = tmp_path_factory.mktemp("readme")
    words = ["demo", "--serve", "--json", *([] if free(PORT) else ["--port", "0"])]
    with subprocess.Popen(
        [sys.executable, "-m", "hanse_cli.main", *words],
        cwd=place,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            if "client.close()" in line:
                break
        try:
            url = next(line for line in lines if line.startswith("http://"))
            begin = lines.index("from hanse_client import Client, Identity")
            yield Served(place, url, "\n".join(lines[begin:]) + "\n")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)


def python(served: Served, program: str, *, by_hand: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run a program in the demonstration's place, or type it line by line."""
    words = ["-i", "-q"] if by_hand else ["-c", program]
    return subprocess.run(
        [sys.executable, *words],
        cwd=served.place,
        env=ENVIRONMENT,
        input=program if by_hand else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_readme_s_lines_run_as_printed(tmp_path: Path) -> None:
    """After `hanse demo`, the node that README.md starts serves its program, which prints an id and a verdict."""
    text = (ROOT / "README.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (command,) = re.findall(rf"While `hanse (node run [^`]* --port {PORT})`", text)
    words = command.split()
    if not free(PORT):  # somebody else listens there on this machine
        words[-1] = "0"
    hanse = [sys.executable, "-m", "hanse_cli.main"]
    subprocess.run([*hanse, "demo"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=True, timeout=SECONDS)
    with subprocess.Popen([*hanse, *words], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as node:
        try:
            assert node.stdout is not None
            url = node.stdout.readline().strip()
            program = program.replace(f"http://localhost:{PORT}", url) if words[-1] == "0" else program
            ended = python(Served(tmp_path, url, ""), program)
        finally:
            node.send_signal(signal.SIGINT)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    assert re.fullmatch(r"[0-9a-f]{64} valid( with warnings)?\n", ended.stdout), ended.stdout
    assert "registered already" in ended.stderr


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_lines_of_a_served_demonstration_run_as_printed(served: Served, by_hand: bool) -> None:
    """Ten lines with whole ids, key, passphrase file and home, pasted into a new process or typed into one."""
    assert len(served.pasted.splitlines()) == 10
    ended = python(served, served.pasted, by_hand=by_hand)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    assert re.search(r"^[0-9a-f]{64} [0-9]+ valid( with warnings)?$", ended.stdout, re.MULTILINE), ended.stdout
