"""The command line without the node: what needs it says so, and everything else never loads it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hanse_cli.base.extras import NODE_NEEDS
from hanse_cli.base.groups import Parts
from hanse_cli.front import PARTS
from tests.conftest import ROOT

CLI = ROOT / "client" / "hanse_cli"
TABLE = CLI / "base" / "groups.py"

OPTIONAL = {"pysqlite3", "uvloop"}
"""What the node does without where there is no wheel of it."""

LOADED = """
import json, sys
from hanse_cli.main import run
code = run(sys.argv[1:])
sys.stderr.write("\\n" + json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""

WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
from hanse_cli.main import run
for words in sys.argv[2:]:
    code = run(words.split())
    print(code)
"""

NEEDING = [
    "bench read",
    "demo",
    "doctor --dir x",
    "engine pin --dir x",
    "log verify --dir x",
    "network create members.toml --dir x",
    "network forget a --dir x",
    "network hand-over y --dir x",
    "network join network.json --dir x",
    "node certificate --dir x",
    "node init --members members.toml --dir x",
    "node rebuild --dir x",
    "node run --dir x",
    "restore y --dir x",
    "token list --dir x",
]


def run_code(code: str, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a program with these words in a process of its own."""
    path = {"PYTHONPATH": ":".join(place for place in sys.path if place), "NO_COLOR": "1", "HOME": str(folder)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, env=path, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def plain(name: str) -> str:
    """Write a distribution's name as everybody may."""
    return name.lower().replace("_", "-")


def test_no_module_is_imported_by_its_name_in_a_string() -> None:
    """What the command line imports mypy sees, with its types; but for the table of commands, whose rows are loaded."""
    by_name = {"import_module", "__import__", "exec_module", "load_module"}
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CLI.rglob("*.py")
        if path != TABLE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Name) and node.id in by_name)
        or (isinstance(node, ast.Attribute) and node.attr in by_name)
        or (isinstance(node, ast.ImportFrom) and by_name & {each.name for each in node.names})
    ] == []
    assert all(Parts("hanse_cli.commands", PARTS).values())


def test_a_command_loads_no_other() -> None:
    """What a command line does not name costs it nothing: the commands of all groups take a second to load."""
    program = "import sys; from hanse_cli.main import run; run(['--version']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = ("hanse_cli.commands", "hanse_ledger.kinds", "hanse_client.client", "hanse_documents")
    assert [name for name in done.stdout.split() if name.startswith(heavy)] == []


def test_the_extra_is_known_by_what_it_brings() -> None:
    """Whatever the extra `node` installs, its absence is told as that of the extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {plain(re.split(r"[^\w-]", line)[0]) for line in project["optional-dependencies"]["node"]} - OPTIONAL
    modules = {module: set(map(plain, names)) for module, names in packages_distributions().items()}
    brought = {module for module, names in modules.items() if wanted & names and not module.startswith("_")}
    assert set().union(*(modules[module] for module in brought)) >= wanted
    assert brought <= NODE_NEEDS


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "--help",
        "node --help",
        "node run --help",
        "verify none.hanse --offline",
        f"invoice show {'0' * 64}",
    ],
)
def test_what_needs_no_node_loads_none(words: str, tmp_path: Path) -> None:
    """It starts in the time that it needs itself."""
    ended = run_code(LOADED, tmp_path, *words.split())
    _, loaded = json.loads(ended.stderr.splitlines()[-1])
    assert NODE_NEEDS & set(loaded) == set()


def test_what_needs_the_node_names_the_extra(tmp_path: Path) -> None:
    """Before anything else, with the exit code of wrong usage, and nothing is made."""
    ended = run_code(WITHOUT, tmp_path, "hanse_node", *NEEDING)
    assert ended.stdout.split() == ["2"] * len(NEEDING)
    assert set(ended.stderr.splitlines()) == {
        "This command needs the node (hanse_node), which is not installed. Run: pip install 'hanse[node]'"
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("absent", sorted(NODE_NEEDS))
def test_each_missing_part_is_named(absent: str, tmp_path: Path) -> None:
    """Whichever is not there, it is never called a bug of ours."""
    ended = run_code(WITHOUT, tmp_path, absent, "node run --dir x")
    assert ended.stdout == "2\n"
    assert f"({absent}), which is not installed. Run: pip install 'hanse[node]'" in ended.stderr


@pytest.mark.slow
def test_every_command_shows_its_help_without_the_node(tmp_path: Path) -> None:
    """Whoever has not installed the extra reads what it would bring."""
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    commands = [re.sub(r" [A-Z].*", "", name) for name in re.findall(r"^## `hanse ([^`]+)`$", page, re.MULTILINE)]
    assert len(commands) > 50
    ended = run_code(WITHOUT, tmp_path, ",".join(NODE_NEEDS), *(f"{name} --help" for name in commands))
    assert re.findall(r"^\d+$", ended.stdout, re.MULTILINE) == ["0"] * len(commands)
    assert ended.stderr == ""
