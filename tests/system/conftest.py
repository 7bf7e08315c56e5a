"""Programs that nobody here wrote, built from their published sources, for the tests that ask them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import give_up

FSCK = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
TOOL_SECONDS = 100


@pytest.fixture(scope="session")
def fsck(root: Path, require_tool: Callable[[str], Path]) -> Path:
    """Give Tessera's fsck, built here if need be; the PATH is not asked, for there fsck checks file systems."""
    program = root / ".cache" / "bin" / "fsck"
    if not program.exists():
        built = subprocess.run(
            [require_tool("go"), "install", FSCK],
            env={**os.environ, "GOBIN": str(program.parent)},
            capture_output=True,
            text=True,
            check=False,
            timeout=TOOL_SECONDS,
        )
        if built.returncode != 0:
            give_up(f"needs Tessera's fsck: `make tools` builds it ({built.stderr[-200:]})")
    return program


@pytest.fixture(scope="session")
def build_go(
    root: Path, require_tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Give a function that builds one of the small programs in tests/go around a library of Go's."""
    folder = tmp_path_factory.mktemp("go")

    def build(name: str) -> Path:
        built = subprocess.run(
            [require_tool("go"), "build", "-mod=readonly", "-o", folder / name, "."],
            cwd=root / "tests" / "go" / name,
            env={**os.environ, "GOFLAGS": "", "GOWORK": "off"},
            capture_output=True,
            text=True,
            check=False,
            timeout=TOOL_SECONDS,
        )
        if built.returncode != 0:
            give_up(f"needs the libraries of {name}, which Go fetches once over the network ({built.stderr[-200:]})")
        return folder / name

    return build
