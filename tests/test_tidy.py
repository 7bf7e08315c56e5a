"""The house is in order: sizes, docstrings, rule numbers, refusals, and the commands that the pages promise."""

import ast
import importlib
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from hanse_ledger.kinds.reasons import ALL
from tests.conftest import ROOT

LEDGER = ROOT / "ledger" / "hanse_ledger"
RULES_PAGE = ROOT / "docs" / "rules.md"

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_FILES = 20

# The letters of docs/rules.md. A number that follows another letter or a hyphen is something else: BT-1, UTF-8.
RULE = r"(?<![\w-])[MPIOCSFTAXGHU]-[1-9]\d*\b"

SHELL_FENCE = re.compile(r"^```(sh|bash|shell|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def project_files(*suffixes: str) -> list[Path]:
    """List what git keeps or would keep, by suffix; all of it when none is given."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, f"these tests run in a git checkout: {listed.stderr}"
    paths = [ROOT / name for name in sorted(set(listed.stdout.split("\0")) - {""})]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def source_files() -> list[Path]:
    """List the Python files that people wrote; what a tool generates is as long as it is."""
    return [path for path in project_files(".py") if not path.name.endswith("_pb2.py")]


def place(path: Path, line: int = 0) -> str:
    """Name a file, and a line of it, from the project's folder on."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    """Walk over the functions and methods of a Python file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield node


def test_no_file_is_too_long() -> None:
    """A Python file that passes 400 lines holds a second idea."""
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in source_files()}
    assert {name: length for name, length in lengths.items() if length > MOST_FILE_LINES} == {}


def test_no_folder_holds_too_much() -> None:
    """A folder of more than twenty files, its `__init__.py` not counted, holds a second room."""
    packages = Counter(place(path.parent) for path in source_files() if path.name != "__init__.py")
    assert {name: count for name, count in packages.items() if count > MOST_FILES} == {}


def test_no_function_is_too_long() -> None:
    """A function that passes 60 lines decides and does at once."""
    assert [
        place(path, function.lineno)
        for path in source_files()
        for function in functions(path)
        if function.end_lineno is not None and function.end_lineno - function.lineno >= MOST_FUNCTION_LINES
    ] == []


def test_every_test_says_what_it_shows() -> None:
    """Each test function has a docstring."""
    tests = [path for path in source_files() if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_")]
    assert [
        place(path, function.lineno)
        for path in tests
        for function in functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ] == []


def test_every_silenced_check_gives_its_reason() -> None:
    """A check is silenced by name, and the same line says why."""
    codes = r"[A-Z]+\d+(?:,\s*[A-Z]+\d+)*"
    silenced = re.compile(
        rf"#\s*(?:noqa(?::\s*{codes})?|type:\s*ignore(?:\[[^]]*\])?|pragma:\s*no (?:cover|branch))(.*)"
    )
    assert [
        place(path, number)
        for path in source_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := silenced.search(line)) and not re.search(r"\w", found[1])
    ] == []


def test_rules_stand_in_code_and_in_the_page() -> None:
    """A number opens the docstring of its rule's function and stands in docs/rules.md, or it stands in neither."""
    kept = {
        match[0]
        for path in LEDGER.rglob("*.py")
        for function in functions(path)
        if (match := re.match(RULE + r"(?=\.)", ast.get_docstring(function) or ""))
    }
    written = set(re.findall(RULE, RULES_PAGE.read_text("utf-8")))
    assert kept, "no function of the ledger opens its docstring with a rule's number"
    assert {"only in code": kept - written, "only in the page": written - kept} == {
        "only in code": set(),
        "only in the page": set(),
    }


def test_no_source_names_a_rule_that_is_not_written() -> None:
    """Every rule number that the ledger's source mentions anywhere stands in docs/rules.md."""
    written = set(re.findall(RULE, RULES_PAGE.read_text("utf-8")))
    assert [
        f"{place(path)} {number}"
        for path in sorted(LEDGER.rglob("*.py"))
        for number in sorted(set(re.findall(RULE, path.read_text("utf-8"))) - written)
    ] == []


def test_every_refusal_is_written() -> None:
    """Each reason of the wire format stands in docs/rules.md, in backticks."""
    page = RULES_PAGE.read_text("utf-8")
    assert [reason.value for reason in ALL if f"`{reason.value}`" not in page] == []


def test_one_file_imports_sqlite() -> None:
    """Two copies of SQLite in one process would let go of each other's locks: all use `store.databases.sqlite`."""
    importing = re.compile(r"^\s*(?:import|from) (?:py)?sqlite3\b", re.MULTILINE)
    found = [place(path) for path in source_files() if importing.search(path.read_text("utf-8"))]
    assert found == ["node/hanse_node/store/databases/sqlite.py"]


def test_no_file_names_a_machine() -> None:
    """No path of one machine and no registry's host stands in the project: it must build anywhere."""
    # The parts are joined here, or this file would name them.
    folders = ["/" + name + "/" for name in ("work", "root", "home/[a-z]+", "Users/[a-z]+")]
    hosts = ["pypi" + r"\.org", "pythonhosted" + r"\.org", "proxy\\.golang" + r"\.org", "deb\\.debian" + r"\.org"]
    named = re.compile("(?<![\\w.>-])(?:" + "|".join(folders) + ")|" + "|".join(hosts))
    assert [place(path, line) for path, line, text in text_lines() if named.search(text)] == []


def test_one_place_calls_others() -> None:
    """Client and node call nobody but through `hanse_io.outgoing`, which stands alone: who answers may lie."""
    calls, bad = ROOT / "ledger" / "hanse_io" / "outgoing", []
    libraries = {"aiohttp", "ftplib", "http", "httpcore2", "httpx2", "requests", "smtplib", "urllib3"}
    openers = {"create_connection", "create_unix_connection", "open_connection", "open_unix_connection"}
    openers |= {"connect_tcp", "connect_unix", "urlopen", "urlretrieve"}
    for path in source_files():
        if path.is_relative_to(ROOT / "tests"):
            continue
        names = {name for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in _named(node)}
        tops = {name.partition(".")[0] for name in names if name.startswith("import ")}
        if path.is_relative_to(calls):
            outside = {name for name in names if name.startswith("import hanse_")}
            bad += [place(path)] * any("hanse_io.outgoing" not in name for name in outside)
        else:
            bad += [place(path)] * bool({name.removeprefix("import ") for name in tops} & libraries or names & openers)
    assert bad == []


def test_what_cannot_be_read_has_one_name() -> None:
    """Who decodes catches all that msgspec raises over bytes of others: no UTF-8 and nesting are no `DecodeError`."""
    bad = []
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.ExceptHandler)
                and node.type is not None
                and not path.is_relative_to(ROOT / "tests")
            ):
                bad += [place(path, node.lineno)] * ("msgspec.DecodeError" in ast.unparse(node.type))
    assert bad == []


def _named(node: ast.AST) -> Iterator[str]:
    """Give the modules that a node imports, and the names that it uses."""
    match node:
        case ast.Import():
            yield from (f"import {each.name}" for each in node.names)
        case ast.ImportFrom():
            yield f"import {node.module}"
            yield from (each.name for each in node.names)
        case ast.Attribute():
            yield node.attr
        case ast.Name():
            yield node.id
        case _:
            return


def test_nothing_is_left_for_later() -> None:
    """No file says that something is yet to be done: that belongs in an issue."""
    unfinished = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
    lines = (
        (path, line) for path, line, text in text_lines() if unfinished.search(text) and "vendor" not in path.parts
    )
    assert [place(path, line) for path, line in lines] == []


def text_lines() -> Iterator[tuple[Path, int, str]]:
    """Walk over the lines of every text file, with their places."""
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data:
            for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
                yield path, number, line


def commands(text: str) -> Iterator[list[str]]:
    """Walk over the commands in the shell blocks of a page: the words of each, without what surrounds it."""
    for block in SHELL_FENCE.finditer(text):
        lines = block[2].replace("\\\n", " ").splitlines()
        if block[1] == "console" or any(line.startswith("$ ") for line in lines):
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]  # the rest is output
        for line in lines:
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            words: list[str] = []
            for word in [*lexer, ";"]:
                if set(word) <= set("();<>|&"):
                    yield from [words] if words else []
                    words = []
                elif words or not re.match(r"\w+=", word):  # variables may stand before a command
                    words.append(word)


def promised(program: str) -> list[tuple[str, list[str]]]:
    """Collect the commands of one program from README.md and docs/*.md, without the program's name."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [
        (place(page), words[1:])
        for page in pages
        for words in commands(page.read_text("utf-8"))
        if words[0].rsplit("/", 1)[-1] == program
    ]


def refuse_hanse(app: typer.Typer, words: list[str]) -> str:
    """Say why the command line would not understand the words; an empty string when it would."""
    command = typer.main.get_command(app)
    path: list[str] = []
    options = {"--help": False}  # and whether each takes a value
    rest = iter(words)
    for word in rest:
        for option in command.params:
            options |= dict.fromkeys((*option.opts, *option.secondary_opts), not getattr(option, "is_flag", True))
        below = getattr(command, "commands", None)
        name, _, value = word.partition("=")
        if word.startswith("-") and name not in options:
            return f"`{' '.join(words)}`: {name} is no option of `{' '.join(path)}`"
        if word.startswith("-"):
            if options[name] and not value:
                next(rest, None)
        elif below is not None:
            if word not in below:
                return f"`{' '.join(words)}`: {word!r} is no command of `{' '.join(path)}`"
            command = below[word]
            path.append(word)
    answer = CliRunner().invoke(app, [*path, "--help"])
    return "" if answer.exit_code == 0 else f"`{' '.join(path)} --help` fails: {answer.output}"


def test_every_hanse_command_in_the_pages_exists() -> None:
    """README.md and docs/ promise no command and no option that `hanse` lacks."""
    app = importlib.import_module("hanse_cli.main").app
    assert [f"{where}: {reason}" for where, words in promised("hanse") if (reason := refuse_hanse(app, words))] == []


def test_every_make_target_in_the_pages_exists() -> None:
    """README.md and docs/ promise no target that the Makefile lacks."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    wanted = [(where, word) for where, words in promised("make") for word in words if re.fullmatch(r"[a-z]+", word)]
    assert wanted, "README.md tells nobody how to start"
    assert [f"{where} {word}" for where, word in wanted if word not in targets] == []


def test_every_test_that_the_security_page_names_is_there() -> None:
    """docs/security.md promises nothing with a test that nobody can run."""
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`(?:tests/)?((?:\w+/)*test_\w+\.py)(?:::(\w+))?`", page))
    assert named, "docs/security.md names no test"
    missing = [
        f"{file}::{test}" if test else file
        for file, test in sorted(named)
        if not (ROOT / "tests" / file).is_file()
        or (test and f"def {test}(" not in (ROOT / "tests" / file).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hanse verify a.hanse # as a buyer", [["hanse", "verify", "a.hanse"]]),
        ("cd demo && HANSE_NODE=x hanse status | less", [["cd", "demo"], ["hanse", "status"], ["less"]]),
        ('hanse verify "two words.hanse"', [["hanse", "verify", "two words.hanse"]]),
    ],
)
def test_commands_are_found_among_what_surrounds_them(line: str, words: list[list[str]]) -> None:
    """Comments, variables, chains and quotes do not hide a command from the tests above."""
    assert list(commands(f"Text.\n\n```sh\n{line}\n```\n")) == words


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("key new --out seller.pem", ""),
        ("--server URL key new", ""),
        ("key new --force", "--force is no option"),
        ("key burn", "'burn' is no command"),
        ("keys", "'keys' is no command"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(words: str, refusal: str) -> None:
    """A page may name only the commands and the options that the command line has."""
    app, key = typer.Typer(), typer.Typer()
    app.callback()(lambda server="": None)
    key.callback()(lambda: None)
    key.command("new")(lambda out="": None)
    app.add_typer(key, name="key")
    refused = refuse_hanse(app, words.split())
    assert refusal in refused
    assert bool(refusal) == bool(refused)
