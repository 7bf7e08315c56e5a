"""What is installed is locked by hash, and nobody takes "could not check" for "no known vulnerability"."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCKS = ("constraints.txt", "deploy/constraints.txt", ".ci/audit.lock", ".ci/clients.lock")
ENTRY = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)( ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Read a lock: by name the version and the hashes of its files."""
    text = (ROOT / name).read_text("utf-8")
    found = {
        str(canonicalize_name(entry[1])): (entry[2], frozenset(re.findall("[0-9a-f]{64}", entry[4])))
        for entry in ENTRY.finditer(text)
    }
    rest = ENTRY.sub("", text)
    assert [line for line in rest.splitlines() if not line.startswith("#")] == [], "a line that is no locked entry"
    return found


def wanted(*extras: str) -> list[Requirement]:
    """List what pyproject.toml asks for: always, and with extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [
        Requirement(line)
        for lines in (project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras))
        for line in lines
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_and_hashes_alone(name: str) -> None:
    """Each entry has an exact version and at least one hash; no line says where to get it."""
    assert len(locked(name)) > 10
    assert "//" not in (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("constraints.txt", ("documents", "node", "postgres", "test")),
        ("deploy/constraints.txt", ("documents", "node", "postgres")),
    ],
)
def test_what_is_asked_for_is_locked(name: str, extras: tuple[str, ...]) -> None:
    """A range in pyproject.toml that was moved without `make upgrade` is noticed."""
    found = locked(name)
    for asked in wanted(*extras):
        version, _ = found[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version), f"{asked} is locked at {version}"
    assert "hatchling" in found, "what builds Hanse is fetched too"


def test_a_node_gets_what_was_tested() -> None:
    """The lock of an image names the versions and files of the lock with which the tests run, and no test's."""
    tested, deployed = locked("constraints.txt"), locked("deploy/constraints.txt")
    assert deployed.items() <= tested.items()
    assert "pytest" not in deployed


def test_what_is_installed_here_is_what_is_locked() -> None:
    """This environment has no other version of anything."""
    found = locked("constraints.txt")
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "list", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    here = {canonicalize_name(each["name"]): each["version"] for each in json.loads(listed.stdout)}
    others = {name: here[name] for name in here.keys() & found.keys() if here[name] != found[name][0]}
    assert others == {}


def audited(tmp_path: Path, answer: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the audit on an answer of pip-audit's, as its releases give it."""
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\nexit {code}\n")
    program.chmod(0o700)
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit", program, "constraints.txt"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


GOOD = {"name": "one", "version": "1.0", "vulns": []}
SKIPPED = {"name": "two", "skip_reason": "Dependency not found on PyPI and could not be audited: two (2.0)"}
BAD = {"name": "three", "version": "3.0", "vulns": [{"id": "CVE-1", "fix_versions": ["3.1"]}]}


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        ([GOOD], 0, "The audit of dependencies passed: 1 have no known vulnerability."),
        ([GOOD, SKIPPED], 20, "COULD NOT BE CHECKED for known vulnerabilities: 1 of 2"),
        ([], 20, "COULD NOT BE CHECKED"),
        ([GOOD, SKIPPED, BAD], 1, "three 3.0: CVE-1, mended in 3.1"),
    ],
)
def test_an_audit_says_what_it_knows(tmp_path: Path, found: list[object], code: int, says: str) -> None:
    """Passed, vulnerable, and could not check are three answers; what was skipped was not checked."""
    answer = audited(tmp_path, json.dumps({"dependencies": found, "fixes": []}), code=1 if BAD in found else 0)
    assert (answer.returncode, says in answer.stdout) == (code, True), answer.stdout


def test_a_service_that_does_not_answer_is_no_pass(tmp_path: Path) -> None:
    """Whatever pip-audit's own exit code is."""
    for code in (0, 1):
        answer = audited(tmp_path, "", code)
        assert (answer.returncode, "COULD NOT BE CHECKED" in answer.stdout) == (20, True)
