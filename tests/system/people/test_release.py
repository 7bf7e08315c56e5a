"""A release, from changes to files: of a small project for each thing that can go wrong, and of Hanse itself."""

import hashlib
import json
import re
import tarfile
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT, give_up
from tests.system.stage.releasing import commit, git, release, small_project, stand_in
from tests.unit.project.test_locks import locked

pytestmark = [pytest.mark.system, pytest.mark.slow]

HOOK = """
[tool.hatch.build.hooks.custom]
"""
UNSTEADY = '''"""A hook that writes another file each time."""

from pathlib import Path
from secrets import token_hex

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        (Path(self.root) / "small" / "made.py").write_text(f"MADE = {token_hex()!r}\\n")
'''


def hashes(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of each file that was handed out, by name."""
    files = [path for path in folder.iterdir() if path.name != "SHA256SUMS"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_release_is_cut_built_and_tagged(tmp_path: Path) -> None:
    """One commit with the changes under the version, files with their sums, an annotated tag; elsewhere the same."""
    project, bill = small_project(tmp_path / "project"), stand_in(tmp_path)
    done = release(project, bill, "--version", "0.2.0", "--tag")
    assert (done.returncode, done.stderr) == (0, "")
    today = datetime.now(UTC).date().isoformat()

    changes = (project / "CHANGELOG.md").read_text("utf-8")
    entries = "### Added\n\n- A thing that was\n  not there.\n\n### Fixed\n\n- Another."
    assert f"\n## 0.2.0 ({today})\n\n{entries}\n\n## 0.1.0 (" in changes
    unreleased = changes.partition("## Unreleased\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (.+)$", unreleased, re.MULTILINE)[0] == "Security"
    assert "-" not in unreleased
    assert changes.startswith("# Changelog\n\nWhat changes.\n\n## Unreleased\n")
    assert tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["version"] == "0.2.0"

    assert git(project, "status", "--porcelain") == ""
    assert git(project, "log", "-1", "--format=%s by %an") == "Release 0.2.0 by Somebody"
    assert git(project, "rev-list", "--count", "HEAD") == "2"
    assert git(project, "cat-file", "-t", "v0.2.0") == "tag"
    assert git(project, "rev-parse", "v0.2.0^{commit}") == git(project, "rev-parse", "HEAD")

    made = hashes(project / "dist")
    assert sorted(made) == ["small-0.2.0-py3-none-any.whl", "small-0.2.0.cdx.json", "small-0.2.0.tar.gz"]
    sums = (project / "dist" / "SHA256SUMS").read_text("utf-8").splitlines()
    assert sums == [f"{made[name]}  {name}" for name in sorted(made)]
    assert "built twice" in done.stdout

    git(project, "clone", "--quiet", str(project), str(tmp_path / "others"))
    assert release(tmp_path / "others", bill).returncode == 0
    assert hashes(tmp_path / "others" / "dist") == made
    again = release(project, bill, "--version", "0.2.0")
    assert "not newer than 0.2.0" in again.stderr


def test_without_a_tag_it_is_told(tmp_path: Path) -> None:
    """The command that tags is printed, and does it; nothing is tagged before."""
    project = small_project(tmp_path / "project")
    done = release(project, stand_in(tmp_path), "--version", "0.2.0")
    assert git(project, "tag") == ""
    command = done.stdout.rpartition(": ")[2].strip()
    assert re.fullmatch(r'git tag -a v0\.2\.0 -m "Hanse 0\.2\.0" [0-9a-f]{12}', command)
    git(project, *re.sub(r'"Hanse 0\.2\.0"', "x", command).split()[1:])
    assert git(project, "rev-parse", "v0.2.0^{commit}") == git(project, "rev-parse", "HEAD")


@pytest.mark.parametrize("fault", ["unsteady", "sdist lacks a file", "says another version", "bill fails"])
def test_what_cannot_be_made_alike_is_no_release(tmp_path: Path, fault: str) -> None:
    """A build that comes out otherwise, or a wheel that does not run, ends it: no commit, no file, no tag is left."""
    project, bill = small_project(tmp_path / "project"), stand_in(tmp_path)
    settings, program = project / "pyproject.toml", project / "small" / "__init__.py"
    match fault:
        case "unsteady":
            (project / "hatch_build.py").write_text(UNSTEADY)
            settings.write_text(settings.read_text("utf-8") + HOOK)
            says = "differ"
        case "sdist lacks a file":
            (project / "small" / "table.txt").write_text("1\n")
            settings.write_text(
                settings.read_text("utf-8") + '\n[tool.hatch.build.targets.sdist]\nexclude = ["*.txt"]\n'
            )
            says = "differ"
        case "says another version":
            program.write_text(program.read_text("utf-8").replace('version("small")', '"0.1.0"'))
            says = "the wheel of 0.2.0 says of itself: small 0.1.0"
        case _:
            bill.write_text("#!/bin/sh\necho no schema >&2\nexit 1\n")
            says = "no schema"
    commit(project, "Break it")
    before = git(project, "rev-parse", "HEAD")
    done = release(project, bill, "--version", "0.2.0", "--tag")
    assert (done.returncode, says in done.stderr) == (1, True), done.stderr
    assert (git(project, "rev-parse", "HEAD"), git(project, "tag"), git(project, "status", "--porcelain")) == (
        before,
        "",
        "",
    )
    assert not (project / "dist").exists()


def test_hanse_can_be_released(tmp_path: Path) -> None:
    """What is committed here becomes a wheel, a sdist that is whole, and a bill that names what a node installs."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a checkout of git: a release is made of a commit")
    bill = ROOT / ".cache" / "release" / "bin" / "python"
    if not bill.exists():
        give_up("needs what writes the bill of materials: `make tools` installs it")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(ROOT), str(clone))
    git(clone, "config", "user.name", "Somebody")
    git(clone, "config", "user.email", "somebody@example.com")
    changes = (clone / "CHANGELOG.md").read_text("utf-8")
    (clone / "CHANGELOG.md").write_text(
        changes.replace("## Unreleased\n", "## Unreleased\n\n### Added\n\n- A test.\n", 1)
    )
    commit(clone, "Something has changed")
    stated = Version(tomllib.loads((clone / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    version = f"{stated.major}.{stated.minor}.{stated.micro + 1}"

    done = release(clone, bill, "--version", version)
    assert (done.returncode, done.stderr) == (0, "")
    dist = clone / "dist"
    with zipfile.ZipFile(dist / f"hanse-{version}-py3-none-any.whl") as wheel:
        names = wheel.namelist()
    assert [name for name in names if not name.startswith(("hanse_", f"hanse-{version}.dist-info/"))] == []
    with tarfile.open(dist / f"hanse-{version}.tar.gz") as sdist:
        kept = {name.partition("/")[2] for name in sdist.getnames()}
    # What only the repository's host, git or an editor reads stays behind.
    left = {name for name in git(clone, "ls-files").splitlines() if name not in kept}
    assert {name for name in left if not name.startswith((".github/", ".editorconfig", ".pre-commit"))} == set()

    read = json.loads((dist / f"hanse-{version}.cdx.json").read_text("utf-8"))
    assert (read["bomFormat"], read["specVersion"]) == ("CycloneDX", "1.6")
    named = {part["name"]: part["hashes"][0]["content"] for part in read["metadata"]["component"]["components"]}
    assert named == {name: digest for name, digest in hashes(dist).items() if not name.endswith(".json")}
    scopes: dict[str, set[str]] = {"required": set(), "optional": set(), "excluded": set()}
    for part in read["components"]:
        scopes[part["scope"]].add(part["name"])
        assert part["externalReferences"][0]["hashes"]
    assert set.union(*scopes.values()) >= locked("constraints.txt").keys()
    assert {"cryptography", "pynacl"} <= scopes["required"]
    assert {"pytest", "mypy", "hatchling"} <= scopes["excluded"]
    # An image installs what is required, three extras, and what builds Hanse. It builds no engine, writes no paper, and
    # has no token: of what an extra brings with it the bill does not say for which.
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    left_out = {Requirement(each).name.lower() for name in ("engine", "paper", "pkcs11") for each in extras[name]}
    left_out |= {"asn1crypto"}  # of python-pkcs11
    running = scopes["required"] | scopes["optional"] - left_out
    deployed = locked("deploy/constraints.txt").keys()
    assert running <= deployed
    assert deployed - running <= {"hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"}
