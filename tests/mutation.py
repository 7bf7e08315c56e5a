"""A plugin of pytest that tries small changes of modules, each in a fork of one process that has loaded all tests.

`pytest -p tests.mutation FILES`, with HANSE_CHANGES naming a file of changes, a line of JSON each (`.ci/mutation`
writes it), each with the file that gets a line of its outcome. A fork puts the changed code into the functions as they
are, and runs those tests of the object that reach the changed statement, until one fails: first those that have noticed
another change of the same module. With HANSE_CHANGE naming a file with one change, that module is loaded changed, for
what runs when it is loaded; all tests run as ever.
"""

import ast
import gc
import importlib.abc
import importlib.machinery
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage, CoverageData

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ledger/"
NOTICED, UNNOTICED, WHOLE = 1, 0, 3
"""How a fork ends: a test failed; none did; only a run of all tests, with the change from the start, can tell."""
PROCESSOR_S = 60
"""More of the processor's time than this is a loop without an end: noticed."""
FUNCTION = 0x1
"""CO_OPTIMIZED: code of a function, not of a module or a class, which runs where it is loaded."""

Key = tuple[str, int]


class Change(NamedTuple):
    """A change: its name, the module, the line, the whole changed text, the tests of its object, its outcome's file."""

    number: str
    path: Path
    line: int
    source: str
    tests: frozenset[str]
    kept: Path


def changes_in(path: str) -> list[Change]:
    """Read a file of changes."""
    lines = map(json.loads, Path(path).read_text("utf-8").splitlines())
    return [
        Change(
            each["id"],
            ROOT / each["path"],
            each["line"],
            each["source"],
            frozenset(each["tests"]),
            Path(each["kept"]),
        )
        for each in lines
    ]


class Loaded(importlib.abc.MetaPathFinder):
    """Finds one module with a changed text."""

    def __init__(self, change: Change) -> None:
        self._name = ".".join(change.path.relative_to(ROOT / PACKAGE).with_suffix("").parts)
        self._change = change

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        """Find the module as ever, and have its code from the change."""
        if fullname != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        code = compile(self._change.source, str(self._change.path), "exec", dont_inherit=True)

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return code

        spec.loader = Loader(fullname, str(self._change.path))
        return spec


def functions(code: CodeType) -> Iterator[tuple[Key, CodeType]]:
    """Walk over the outermost functions of a module's code, those of its classes among them."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & FUNCTION:
                yield (inner.co_qualname, inner.co_firstlineno), inner
            else:
                yield from functions(inner)


def at_loading(code: CodeType) -> Any:
    """Give what of a module's code runs where it is loaded, in a form that compares."""
    inner = [at_loading(each) for each in code.co_consts if isinstance(each, CodeType) and not each.co_flags & FUNCTION]
    plain = [repr(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return code.co_code, plain, code.co_names, inner


def loaded_functions() -> dict[str, list[FunctionType]]:
    """Find all functions of the package that are loaded, by the file that they stand in."""
    found: dict[str, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            found.setdefault(each.__code__.co_filename, []).append(each)
    return found


def put(change: Change, loaded: Mapping[str, list[FunctionType]]) -> bool:
    """Put the changed code into the functions that are loaded; tell whether that is all there is to it."""
    before = compile(change.path.read_text("utf-8"), str(change.path), "exec", dont_inherit=True)
    after = compile(change.source, str(change.path), "exec", dont_inherit=True)
    if at_loading(before) != at_loading(after):
        return False
    old, new = dict(functions(before)), dict(functions(after))
    wanted = {key for key in old if old[key] != new.get(key)}
    if not wanted <= {*new}:
        return False
    put_in = set()
    for function in loaded.get(str(change.path), []):
        key = function.__code__.co_qualname, function.__code__.co_firstlineno
        if key in wanted:
            try:
                function.__code__ = new[key]
            except ValueError:  # it uses other names of the function around it
                return False
            put_in.add(key)
    return put_in == wanted


def run(items: list[pytest.Item]) -> str:
    """Run tests until one fails, and name it; an empty text where none does."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return item.nodeid
    return ""


def fork(work: Callable[[], int]) -> int:
    """Do some work in a fork, whose exit code it gives; nothing of it is printed."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            silent = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(silent, number)
            code = work()
        finally:
            os._exit(code)
    return child


class Reach:
    """Which tests run which lines, which lines ran when all tests were loaded, and which tests have noticed what."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._file = str(Path(self._folder.name) / "reach")
        self._coverage = self._made(self._file + "-loading")
        self._coverage.start()
        self._lines: dict[str, dict[int, list[str]]] = {}
        self._loading: dict[str, set[int]] = {}
        self._noticing: dict[Path, list[str]] = {}

    def _made(self, file: str) -> Coverage:
        made = Coverage(data_file=file, config_file=False, include=[str(ROOT / PACKAGE / "*")])
        made.set_option("run:core", "ctrace")
        return made

    def measure(self, session: pytest.Session) -> None:
        """Run each test once, in a fork."""
        self._coverage.stop()
        self._coverage.save()

        def work() -> int:
            coverage = self._made(self._file)
            coverage.start()
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                coverage.switch_context(item.nodeid)
                if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                    return 1
            coverage.stop()
            coverage.save()
            return 0

        _, status = os.waitpid(fork(work), 0)
        if status:
            pytest.exit("the tests fail before anything is changed", returncode=1)
        for name, found in ((self._file, self._lines), (self._file + "-loading", None)):
            data = CoverageData(name)
            data.read()
            for path in data.measured_files():
                if found is None:
                    self._loading[path] = set(data.lines(path) or ())
                else:
                    found[path] = data.contexts_by_lineno(path)

    def noticed_by(self, name: str) -> None:
        """Leave word, in a fork, of the test that noticed."""
        Path(f"{self._file}-{os.getpid()}").write_text(name, "utf-8")

    def learn(self, child: int, change: Change) -> None:
        """Take up what a fork has left."""
        left = Path(f"{self._file}-{child}")
        if left.exists():
            name, before = left.read_text("utf-8"), self._noticing.get(change.path, [])
            left.unlink()
            self._noticing[change.path] = [name, *(each for each in before if each != name)]

    def rank(self, change: Change, name: str) -> int:
        """Tell when a test's turn is."""
        noticing = self._noticing.get(change.path, [])
        return noticing.index(name) if name in noticing else len(noticing)

    def tests(self, change: Change) -> tuple[set[str], bool]:
        """Give the tests that reach the changed statement, and tell whether it ran when the tests were loaded."""
        lines = statement(change.path.read_text("utf-8"), change.line)
        names = {name for line in lines for name in self._lines.get(str(change.path), {}).get(line, [])}
        return names, bool(self._loading.get(str(change.path), set()) & {*lines})


def statement(source: str, line: int) -> range:
    """Give the lines of the smallest statement around a line; of one that holds others those before the first."""
    around = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = range(node.lineno, max(last, node.lineno) + 1)
            if line in lines and (len(around) == 1 or len(lines) < len(around)):
                around = lines
    return around


def tried(session: pytest.Session, change: Change, reach: Reach, loaded: Mapping[str, list[FunctionType]]) -> int:
    """Try a change, within a fork."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    if not put(change, loaded):
        return WHOLE
    reached, loading = reach.tests(change)
    own = [item for item in session.items if str(item.path.relative_to(ROOT)) in change.tests]
    if name := run(
        sorted((item for item in own if item.nodeid in reached), key=lambda item: reach.rank(change, item.nodeid))
    ):
        reach.noticed_by(name)
        return NOTICED
    # What a test made once for all others, or the loading of one, is reached by none of them, and shows in all.
    return WHOLE if reached or loading else UNNOTICED


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Instead of the tests, try the changes; each outcome is written as soon as it is known."""
    if REACH is None:
        return None
    # Made here, so that all forks have their folders in one, which this process ends.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # pytest gives it to fixtures alone
    REACH.measure(session)
    loaded = loaded_functions()
    # What is looked at by no collection is not copied into each fork.
    gc.freeze()
    gc.disable()
    workers, running = int(os.environ.get("HANSE_WORKERS", "2")), dict[int, Change]()
    waiting = iter(changes_in(os.environ["HANSE_CHANGES"]))
    change = next(waiting, None)
    while running or change is not None:
        if change is not None and len(running) < workers:
            running[fork(partial(tried, session, change, REACH, loaded))] = change
            change = next(waiting, None)
            continue
        child, status = os.wait()
        # Ended by a signal: it took all the time that it was given.
        code, ended = NOTICED if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), running.pop(child)
        REACH.learn(child, ended)
        with ended.kept.open("a", encoding="utf-8") as outcomes:
            outcomes.write(json.dumps({"id": ended.number, "outcome": code}) + "\n")
    return True


REACH = Reach() if "HANSE_CHANGES" in os.environ else None
if "HANSE_CHANGE" in os.environ:
    (ONE,) = changes_in(os.environ["HANSE_CHANGE"])
    sys.meta_path.insert(0, Loaded(ONE))
