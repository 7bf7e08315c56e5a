"""Every command of the tutorials runs, in their order, in one shell."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_the_tutorials_runs(root: Path, tmp_path: Path) -> None:
    """A new user who types what the tutorials say gets through the whole trade."""
    pages = sorted((root / "docs" / "tutorials").glob("[0-9]*-*.md"))
    assert len(pages) == 8
    blocks = [block for page in pages for block in BLOCK.findall(page.read_text())]
    assert len(blocks) >= len(pages)
    script = "set -euxo pipefail\n" + "\n".join(blocks)
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": tools},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = shell.communicate(timeout=580)
    finally:
        # A failed step leaves the node running, in the shell's own group.
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, said[-4000:]
    assert '"verdict":"valid"' in (tmp_path / "corridor" / "verdict.json").read_text().replace(": ", ":")
