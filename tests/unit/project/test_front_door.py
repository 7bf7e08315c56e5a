"""The front door: what a newcomer reads first is there, leads where it says, and promises nothing that is not."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_tidy import commands, place, project_files

PAGES = (
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "GOVERNANCE.md",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "docs/contributing/glossary.md",
    "docs/contributing/recipes.md",
)
RECIPES = ("A kind", "An object", "A check", "A document reader", "A path", "A page", "A command")
GLOSSARY = ROOT / "docs" / "contributing" / "glossary.md"
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Give the names under which a page's headings are reached."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def form(name: str) -> dict[str, Any]:
    """Read a file of YAML that has a map."""
    read = yaml.safe_load((ROOT / name).read_text("utf-8"))
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    """A page that is promised is there; each of its links names a file of the project, and a heading in it."""
    page = ROOT / name
    bad = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_relative_to(ROOT) or not target.exists() or (heading and heading not in anchors(target)):
            bad.append(link)
    assert bad == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "README.md"])
def test_every_command_is_one(name: str) -> None:
    """What a page says to type is a target of the Makefile, a test that is there, or a program that is known here."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for words in commands((ROOT / name).read_text("utf-8")):
        match words:
            case ["make", *rest]:
                assert [word for word in rest if "=" not in word and word not in targets] == []
                assert [word for word in rest if "=" in word and f"$({word.partition('=')[0]})" not in makefile] == []
            case ["python", "-m", module, *rest]:
                assert module == "pytest"
                assert [word for word in rest if word.startswith("tests/") and not (ROOT / word).exists()] == []
            case _:
                assert words[0] in {".", "cd", "git", "sha256sum"}, words


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith(("docs/", "C", "R"))])
def test_every_test_and_module_that_is_named_is_there(name: str) -> None:
    """A page names no file of the tests, no `python -m tests.…` and no `make` that is gone."""
    text = (ROOT / name).read_text("utf-8")
    files = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)`", text))
    files |= {named.replace(".", "/") + ".py" for named in re.findall(r"`python -m (tests\.[\w.]+)`", text)}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    gone = {file for file in files if not (ROOT / file).exists()}
    assert gone | (set(re.findall(r"`make ([a-z]+)", text)) - targets) == set()


def test_the_pages_stand_where_the_front_page_leads() -> None:
    """README.md leads to the door, and the door to each of the rooms."""
    readme, door = (set(LINK.findall((ROOT / name).read_text("utf-8"))) for name in ("README.md", "CONTRIBUTING.md"))
    assert {"CONTRIBUTING.md", "SECURITY.md"} <= readme
    assert {"CODE_OF_CONDUCT.md", "GOVERNANCE.md", "SECURITY.md", "docs/contributing/glossary.md"} <= door
    wanted = {f"docs/contributing/recipes.md#{title.lower().replace(' ', '-')}" for title in RECIPES}
    assert wanted <= door


def test_each_word_stands_once_in_its_order() -> None:
    """The glossary gives each word one meaning, in the order of the alphabet, and none of what is not used any more."""
    text = GLOSSARY.read_text("utf-8")
    words = re.findall(r"^\| \*\*([^*]+)\*\* \| ([^|]+) \|", text, re.MULTILINE)
    names = [word for word, _ in words]
    assert names == sorted(set(names))
    assert len(names) > 60
    left = re.findall(
        r"^\| ([a-z]+)(?: \([^)]+\))? \| [^|]+ \|$", text.partition("## Words that are not used")[2], re.MULTILINE
    )
    assert len(left) >= 9
    assert set(left) & set(names) == set()
    assert [word for word, meaning in words if not re.match(r"\w", meaning)] == []


def test_the_forms_can_be_filled_in() -> None:
    """Each form for an issue has a name, a purpose, and fields with ids of their own of a sort that its host knows."""
    forms = sorted(path.name for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert forms == ["bug.yml", "config.yml", "page.yml", "wish.yml"]
    for name in forms[:1] + forms[2:]:
        read = form(f".github/ISSUE_TEMPLATE/{name}")
        assert {"name", "description", "title", "body"} <= read.keys()
        assert all(
            field["type"] in {"checkboxes", "dropdown", "input", "markdown", "textarea"} for field in read["body"]
        )
        asked = [field for field in read["body"] if field["type"] != "markdown"]
        assert all(field["attributes"]["label"] for field in asked)
        ids = [field["id"] for field in asked]
        assert len(ids) == len(set(ids)) > 0


def test_every_commit_is_checked_without_a_network() -> None:
    """The hook before a commit is the project's own `make check`; nothing is fetched for it."""
    (repository,) = form(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    (hook,) = repository["hooks"]
    assert (hook["entry"], hook["language"], hook["pass_filenames"]) == ("make check", "system", False)
    plain = ROOT / ".ci" / "hooks" / "pre-commit"
    assert plain.read_text("utf-8").splitlines()[-1] == "exec make --no-print-directory check"
    assert os.access(plain, os.X_OK), "git passes over a hook that cannot be run"


def owned() -> Iterator[tuple[str, list[str]]]:
    """Give the patterns of CODEOWNERS, and who owns what fits them."""
    for line in (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern, *owners = line.split()
            yield pattern, owners


def test_everything_has_an_owner() -> None:
    """Every pattern fits something that is there, and names a team; the first fits everything else."""
    rows = list(owned())
    assert rows[0][0] == "*"
    assert [pattern for pattern, _ in rows[1:] if not (ROOT / pattern.strip("/")).exists()] == []
    assert all(owners and all(re.fullmatch(r"@[\w-]+/[\w-]+", owner) for owner in owners) for _, owners in rows)


def settings() -> dict[str, dict[str, str]]:
    """Read .editorconfig: by glob, what it sets."""
    read: dict[str, dict[str, str]] = {"": {}}
    section = ""
    for line in (ROOT / ".editorconfig").read_text("utf-8").splitlines():
        if line.startswith("["):
            read[section := line.strip("[]")] = {}
        elif line and not line.startswith("#"):
            name, _, value = line.partition(" = ")
            read[section][name] = value
    return read


def test_what_is_here_is_as_editors_are_told() -> None:
    """No line ends in blanks, and no file without a line end; a Makefile has tabs, and Python's lines are ruff's."""
    read = settings()
    assert read[""] == {"root": "true"}
    assert read["*.py"]["max_line_length"] == "120"
    assert read["Makefile"]["indent_style"] == "tab"
    bad = []
    for path in project_files(".py", ".md", ".toml", ".yml", ".yaml"):
        text = path.read_bytes()
        lines = text.split(b"\n")
        if b"\r" in text or not text.endswith(b"\n") * bool(text) or any(line != line.rstrip() for line in lines):
            bad += [place(path)] * bool(text)
    assert bad == []


def test_a_clone_has_all_of_it() -> None:
    """What the pages promise is kept by git, not only here."""
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    wanted = [
        *PAGES,
        ".editorconfig",
        ".pre-commit-config.yaml",
        ".github/CODEOWNERS",
        ".ci/hooks/pre-commit",
        ".ci/release",
        ".ci/sbom",
    ]
    assert [name for name in wanted if name not in kept] == []
