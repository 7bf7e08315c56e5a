"""Asking programs that nobody here wrote about a log."""

import subprocess
from pathlib import Path

from tests.system.conftest import TOOL_SECONDS


def check(program: Path, url: str, key: Path) -> str:
    """Have Tessera check the log as a node serves it, and give what it says."""
    # Each worker of fsck ends at a tile that differs, and with none left it waits for ever: so there are several.
    words: list[str | Path] = [program, "--storage_url", f"{url}/log/", "--public_key", key, "--ui=false", "-N=8"]
    found = subprocess.run(words, capture_output=True, text=True, check=False, timeout=TOOL_SECONDS)
    return found.stdout + found.stderr
