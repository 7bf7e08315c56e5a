"""The eight journeys of docs/testing.md, as they were typed, on a fresh clone.

Each file of `tests/journeys` is what one person types, with the exit codes. They run in one shell and one folder, in
their order: who comes later uses what those before have left. The clone is of what is committed; its packages are found
by PYTHONPATH, in the environment that is installed here, because to install one anew would take minutes.
"""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

JOURNEYS = 8
SECONDS = 540
PACKAGES = ("ledger", "client", "node")


def clone(root: Path, folder: Path) -> Path:
    """Clone what is committed, and give a folder with the programs that journeys call."""
    cloned = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(root), str(cloned)], check=True, capture_output=True)
    programs = folder / "bin"
    programs.mkdir()
    for name, words in (("hanse", "-m hanse_cli.main"), ("python3", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (programs / name).chmod(0o755)
    return cloned


def free_port() -> int:
    """Find a port that is free at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    assert isinstance(port, int)
    return port


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 60)
def test_every_journey_can_be_walked(root: Path, tmp_path: Path) -> None:
    """From a fresh clone each command ends with the code that is written beside it."""
    if not (root / ".git").exists():
        pytest.skip("needs a checkout of git: journeys begin with a clone")
    scripts = sorted((root / "tests" / "journeys").glob("[1-9]-*.sh"))
    assert len(scripts) == JOURNEYS
    cloned = clone(root, tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    script = "\n".join(f". {path}" for path in (root / "tests" / "journeys" / "journey.sh", *scripts))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANSE_")}
    environment |= {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(str(cloned / name) for name in PACKAGES),
        "JOURNEY_PORT": str(free_port()),
        "JOURNEY_CLONE": str(cloned),
    }
    shell = subprocess.Popen(
        ["bash", "-c", f"set -m -x\n{script}"],
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = shell.communicate(timeout=SECONDS)
    finally:
        # A failed step leaves the node running, in a group of its own.
        for group in (shell.pid, *children(shell.pid)):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
    assert shell.returncode == 0, said[-4000:]


def children(session: int) -> list[int]:
    """Find the process groups of a session."""
    found = subprocess.run(["ps", "-o", "pgid=", "-s", str(session)], capture_output=True, text=True, check=False)
    return sorted({int(line) for line in found.stdout.split()})
