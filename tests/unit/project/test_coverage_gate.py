"""The gate of coverage: each package has a floor of its own, by name, and what is below it is said with its lines."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROJECT = """
[tool.coverage.run]
branch = true
source_pkgs = ["upper", "lower"]

[tool.hanse.coverage]
"""

HALF = "def tried():\n    return 1\n\n\ndef untried():\n    return 2\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project of two packages: of `upper` all is tried, of `lower` one function of two."""
    for name, code in (("upper", "value = 1\n"), ("lower", HALF)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code)
    (tmp_path / "tests.py").write_text("import lower\nimport upper\n\nassert lower.tried() == upper.value\n")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    run(tmp_path, "-m", "coverage", "run", "tests.py")
    return tmp_path


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a folder, whatever measures the tests here."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    around["PYTHONPATH"] = os.pathsep.join([str(folder), *(place for place in sys.path if place)])
    return subprocess.run([sys.executable, *words], cwd=folder, env=around, capture_output=True, text=True, check=False)


def gate(folder: Path, floors: str, *words: str) -> tuple[int, str]:
    """Hold what was measured against floors; give the exit code and all that was said."""
    (folder / "pyproject.toml").write_text(PROJECT + floors)
    ended = run(folder, str(ROOT / ".ci" / "coverage"), *words)
    return ended.returncode, ended.stdout + ended.stderr


def test_each_package_is_held_against_its_own_floor(project: Path) -> None:
    """One that is wholly covered does not make up for another: that is named, with its figure and its lines."""
    code, said = gate(project, "upper = 95\nlower = 70\n")
    assert (code, "lower" in said, "75.0" in said) == (0, True, True), said
    code, said = gate(project, "upper = 95\nlower = 76\n")
    assert code == 1
    assert "lower is at 75.0 %, below its floor of 76 %" in said
    assert "upper is at" not in said
    assert f"lower{os.sep}__init__.py" in said
    assert "6" in said.split("__init__.py")[1].split()


def test_what_no_test_takes_is_shown_where_it_is_asked_for(project: Path) -> None:
    """With --missing the lines of packages above their floors are listed too."""
    assert "__init__.py" not in gate(project, "upper = 95\nlower = 70\n")[1]
    assert "__init__.py" in gate(project, "upper = 95\nlower = 70\n", "--missing")[1]


def test_a_package_without_a_floor_or_without_data_does_not_pass(project: Path) -> None:
    """One that is measured and has no floor, one with a floor that is not measured, and no data at all."""
    code, said = gate(project, "upper = 95\n")
    assert (code, "lower has no floor" in said) == (1, True), said
    code, said = gate(project, "upper = 95\nlower = 70\nother = 10\n")
    assert (code, "other is not measured" in said) == (1, True), said
    (project / ".coverage").unlink()
    code, said = gate(project, "upper = 95\nlower = 70\n")
    assert (code, "Nothing was measured" in said, "Traceback" in said) == (1, True, False), said


def test_all_packages_of_the_project_have_floors() -> None:
    """What the wheel holds is measured, and each has its floor."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = {Path(place).name for place in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    assert {*project["tool"]["coverage"]["run"]["source_pkgs"]} == packages
    assert {*project["tool"]["hanse"]["coverage"]} == packages
