"""A small project of its own, and a release of it or of Hanse: what the tests of `.ci/release` share."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

SECONDS = 300

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "small"
version = "0.1.0"
requires-python = ">=3.11"

[project.scripts]
small = "small:main"

[tool.hatch.build.targets.wheel]
packages = ["small"]
"""

PROGRAM = '''"""A program that says its version."""

from importlib.metadata import version


def main() -> None:
    """Say it."""
    print("small", version("small"))
'''

CHANGES = """# Changelog

What changes.

## Unreleased

### Security

### Added

- A thing that was
  not there.

### Removed

### Fixed

- Another.

## 0.1.0 (2026-01-01)

### Added

- The first.
"""


def git(folder: Path, *words: str) -> str:
    """Run git, as somebody who has no settings of their own."""
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", *words], cwd=folder, env=around, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def small_project(folder: Path) -> Path:
    """Make a project with a program, changes and one commit; and what stands in for the bill's Python."""
    (folder / "small").mkdir(parents=True)
    for name, text in {
        "pyproject.toml": PROJECT,
        "CHANGELOG.md": CHANGES,
        ".gitignore": "/dist/\n",
        "small/__init__.py": PROGRAM,
    }.items():
        (folder / name).write_text(text, "utf-8")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "config", "user.name", "Somebody")
    git(folder, "config", "user.email", "somebody@example.com")
    commit(folder, "Begin")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit all that is there."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


def stand_in(folder: Path) -> Path:
    """Make a program that writes an empty bill of materials, for tests of everything else."""
    path = folder / "stand-in"
    path.write_text("#!/bin/sh\necho '{}'\n")
    path.chmod(0o700)
    return path


def release(folder: Path, bill: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a release of what is in a folder."""
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command: list[str | Path] = [sys.executable, ROOT / ".ci" / "release", "--bill", bill, *words]
    return subprocess.run(command, cwd=folder, env=around, capture_output=True, text=True, timeout=SECONDS, check=False)
