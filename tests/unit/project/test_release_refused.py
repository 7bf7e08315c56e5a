"""A release that should not be is refused with its reason, and changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.stage.releasing import CHANGES, commit, git, release, small_project, stand_in


def untouched(folder: Path) -> None:
    """Leave the project as it was made."""


def unsaved(folder: Path) -> None:
    """Leave a file that git does not know: it would travel in the wheel."""
    (folder / "small" / "notes.txt").write_text("mine\n")


def edited(folder: Path) -> None:
    """Leave a change uncommitted."""
    (folder / "CHANGELOG.md").write_text(CHANGES + "\n", "utf-8")


def silent(folder: Path) -> None:
    """Have the headings alone under "Unreleased"."""
    text = CHANGES.replace("- A thing that was\n  not there.\n", "").replace("- Another.\n", "")
    (folder / "CHANGELOG.md").write_text(text, "utf-8")
    commit(folder, "Nothing")


def without(folder: Path) -> None:
    """Have no "Unreleased" at all."""
    (folder / "CHANGELOG.md").write_text(CHANGES.replace("## Unreleased", "## 0.1.1"), "utf-8")
    commit(folder, "Named by hand")


def tagged(folder: Path) -> None:
    """Have a tag of a newer version, and one of no release."""
    git(folder, "tag", "v0.3.0")
    git(folder, "tag", "v0-old-ideas")


@pytest.mark.parametrize(
    ("before", "words", "says"),
    [
        (unsaved, ("--version", "0.1.0"), "not committed"),
        (edited, ("--version", "0.2.0"), "not committed"),
        (edited, (), "not committed"),
        (untouched, ("--version", "next"), "'next' is no version"),
        (untouched, ("--version", "v0.2.0"), "write it as 0.2.0"),
        (untouched, ("--version", "0.2.0.dev1"), "no version to release"),
        (untouched, ("--version", "0.2.0+mine"), "no version to release"),
        (silent, ("--version", "0.1.0"), "not newer than 0.1.0"),
        (untouched, ("--version", "0.0.9"), "not newer than 0.1.0"),
        (tagged, ("--version", "0.2.0"), "not newer than 0.3.0"),
        (silent, ("--version", "0.2.0"), "nothing to release"),
        (without, ("--version", "0.2.0"), "nothing to release"),
        (untouched, ("--tag",), "a tag needs a version"),
    ],
)
def test_a_release_is_refused(
    tmp_path: Path, before: Callable[[Path], None], words: tuple[str, ...], says: str
) -> None:
    """What is not committed, not newer or without changes is no release; nothing is cut, built or tagged."""
    project = small_project(tmp_path / "project")
    before(project)
    stood = git(project, "rev-parse", "HEAD"), git(project, "tag"), git(project, "status", "--porcelain")
    done = release(project, stand_in(tmp_path), *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert (git(project, "rev-parse", "HEAD"), git(project, "tag"), git(project, "status", "--porcelain")) == stood
    assert not (project / "dist").exists()
