"""`make`, asked for what it does not have: it says what there is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def make(target: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run it as from a shell: a `make` that runs these tests would have it say where it is."""
    if shutil.which("make") is None:
        pytest.skip("needs make")
    around = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    command = ["make", target]
    return subprocess.run(command, cwd=folder, env=around, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["tests", "docs", "node", "tset", "all"])
def test_an_unknown_target_is_told_what_there_is(name: str) -> None:
    """A folder's name and a slip of the fingers alike; nothing is "up to date", and nothing is done."""
    done = make(name, ROOT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"There is no target '{name}'" in done.stderr
    assert "make test " in done.stderr
    assert "Run all tests" in done.stderr


def test_a_folder_of_a_targets_name_takes_nothing_away(tmp_path: Path) -> None:
    """Whoever has a folder `demo` beside the Makefile still has the target."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "help").mkdir()
    done = make("help", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("make help")
