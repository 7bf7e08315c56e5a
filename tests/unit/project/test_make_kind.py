"""`make kind` writes a kind that is whole but for what its tests then name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

COPIED = (".ci", "ledger", "client", "node", "tests", "docs", "pyproject.toml")
KEPT = shutil.ignore_patterns("__pycache__", ".hypothesis")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the project, so that a kind may be added and thrown away."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        shutil.copytree(source, target, ignore=KEPT) if source.is_dir() else shutil.copy(source, target)
    return tmp_path


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a new kind is written into, once, for what writes nothing."""
    folder = tmp_path_factory.mktemp("untouched")
    for name in (".ci", "ledger"):
        shutil.copytree(ROOT / name, folder / name, ignore=KEPT)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, on the copy's own packages."""
    path = ":".join(str(folder / name) for name in ("ledger", "client", "node", "."))
    environment = {"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def missing(folder: Path, name: str) -> str:
    """Say what the tests of a kind find missing."""
    asked = run(
        folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/project/test_kinds_whole.py", "-k", name
    )
    assert asked.returncode == 1, asked.stdout + asked.stderr
    return asked.stdout


@pytest.mark.parametrize(
    ("name", "number", "lacks"),
    [
        (
            "receipt.create",
            "W-1",
            [
                "a vector of receipt.create",
                "breaks W-1",
                "about W-1 in docs",
                "that makes CreateReceipt",
                "`hanse receipt create`",
            ],
        ),
        (
            "invoice.dispute",
            "I-9",
            ["a vector of invoice.dispute", "breaks I-9", "that makes DisputeInvoice", "`hanse invoice dispute`"],
        ),
    ],
)
def test_a_new_kind_says_what_it_lacks(copy: Path, name: str, number: str, lacks: list[str]) -> None:
    """The skeleton loads, in an object's folder that is there or new, and each part that is forgotten is named."""
    made = run(copy, ".ci/kind", name, number)
    assert made.returncode == 0, made.stdout + made.stderr
    assert f"make check-kind NAME={name}" in made.stdout
    loads = f"from hanse_ledger.kinds import KIND_NAMED as k; print(k[{name!r}].number, k[{name!r}].creates)"
    asked = run(copy, "-c", loads)
    assert asked.stdout == f"{number} {name == 'receipt.create'}\n", asked.stderr
    found = missing(copy, name)
    assert [each for each in lacks if each not in found] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["invoice.issue", "I-9"], "is there already"),
        (["invoice.dispute", "I-1"], "is there already"),
        (["Invoice", "I-9"], "a kind is called like"),
        (["invoice.dispute"], "give the kind's name"),
    ],
)
def test_what_is_no_new_kind_writes_nothing(untouched: Path, words: list[str], why: str) -> None:
    """A name or a number that is taken or none is refused, and the folders stay as they were."""
    before = sorted((path, path.read_bytes()) for path in (untouched / "ledger").rglob("*.py"))
    refused = run(untouched, ".ci/kind", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert why in refused.stderr
    assert sorted((path, path.read_bytes()) for path in (untouched / "ledger").rglob("*.py")) == before
