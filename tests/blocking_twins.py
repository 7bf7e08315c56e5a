"""The blocking classes of the SDK, written from the async ones: `python -m tests.blocking_twins` rewrites them.

`client.py` comes from `aio.py`, and each file of `sync/` from its namesake in `resources/`. Parameters, defaults and
docstrings are taken as they stand in the source, so that `help` of the one says what `help` of the other does.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

SDK = ROOT / "client" / "hanse_client"
ASYNC = "Async"

OPENING = '''"""{what}, for callers that block.

Written from `{source}` by `python -m tests.blocking_twins`; a test compares.
"""

'''

# What a caller that blocks writes otherwise.
RENAMED = {
    "async def __aenter__": "def __enter__",
    "async def __aexit__": "def __exit__",
    "async def ": "def ",
    "AsyncIterator[": "Iterator[",
}

Method = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A module of async classes: its name, its text, and what Python reads in it."""

    module: str
    text: str
    tree: ast.Module

    def lines(self, first: int, last: int) -> str:
        """Give its lines as they stand, counted from 1, the last one included."""
        return "\n".join(self.text.splitlines()[first - 1 : last]) + "\n"

    def classes(self) -> list[ast.ClassDef]:
        """Give the classes that get a twin."""
        return [node for node in self.tree.body if isinstance(node, ast.ClassDef) and node.name.startswith(ASYNC)]

    def imports(self) -> dict[str, str]:
        """Give how each name that it imports is imported."""
        return {
            name.name: f"from {node.module} import {name.name}"
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }


def write_twins() -> dict[Path, str]:
    """Write every generated file: where it stands, and its text."""
    twins = {SDK / "client.py": _module(_source(SDK / "aio.py"), "The client")}
    for path in sorted((SDK / "resources").glob("*.py")):
        source = _source(path)
        if source.classes():
            # A module's docstring begins with whose it is: "Invoices: issue, accept, refuse, cancel."
            what = (ast.get_docstring(source.tree) or "").partition(":")[0]
            twins[SDK / "sync" / path.name] = _module(source, what)
    return twins


def _source(path: Path) -> Source:
    text = path.read_text("utf-8")
    module = ".".join(path.relative_to(SDK.parent).with_suffix("").parts)
    return Source(module, text, ast.parse(text))


def _module(source: Source, what: str) -> str:
    """Write a module of blocking classes, formatted as people's are."""
    body = "\n\n".join("".join(_class(source, calls)) for calls in source.classes())
    known = {
        **source.imports(),
        **{calls.name: f"from {source.module} import {calls.name}" for calls in source.classes()},
        "Iterator": "from collections.abc import Iterator",
        "Portal": "from hanse_client.base.portal import Portal",
        **{_twin(name): line for name, line in _resource_imports(source)},
    }
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    imports = "\n".join(known[name] for name in sorted(used & known.keys()))
    opening = OPENING.format(what=what, source=source.module)
    sorted_imports = _ruff("check", "--select", "I", "--fix", "--quiet", text=f"{opening}{imports}\n\n\n{body}")
    return _ruff("format", text=sorted_imports)


def _resource_imports(source: Source) -> Iterator[tuple[str, str]]:
    """Give for each async class that the client imports how its twin is imported."""
    for name, line in source.imports().items():
        if name.startswith(ASYNC):
            yield name, line.replace(".resources.", ".sync.").replace(ASYNC, "")


def _class(source: Source, calls: ast.ClassDef) -> Iterator[str]:
    """Write the twin of a class."""
    yield f"class {_twin(calls.name)}:\n{_words(source, calls)}\n"
    for node in calls.body:
        if not isinstance(node, Method):
            continue
        if node.name == "__init__":
            yield from _making(source, calls, node)
        elif not node.name.startswith("_") or node.name in {"__aenter__", "__aexit__"}:
            yield from _method(source, node)


def _making(source: Source, calls: ast.ClassDef, node: Method) -> Iterator[str]:
    """Write how a twin is made: the client's from the same arguments, another's from the portal and its calls."""
    if calls.name != "AsyncClient":
        yield f"    def __init__(self, portal: Portal, calls: {calls.name}) -> None:\n"
        yield "        self._portal, self._calls = portal, calls\n\n"
        return
    yield _header(source, node)
    yield _words(source, node)
    yield f"        self._calls = {calls.name}({_arguments(node)})\n"
    yield "        self._portal = Portal(self._calls.close)\n        self._open_rooms()\n\n"
    yield "    def _open_rooms(self) -> None:\n"
    rooms = next(each for each in calls.body if isinstance(each, Method) and each.name == "_open_rooms")
    for made in ast.walk(rooms):
        if isinstance(made, ast.Assign) and isinstance(made.value, ast.Call) and isinstance(made.value.func, ast.Name):
            (target,) = made.targets
            assert isinstance(target, ast.Attribute)
            if made.value.func.id.startswith(ASYNC):
                twin = _twin(made.value.func.id)
                yield f"        self.{target.attr} = {twin}(self._portal, self._calls.{target.attr})\n"
    yield "\n"


def _method(source: Source, node: Method) -> Iterator[str]:
    """Write a method that calls its namesake, and waits."""
    yield _header(source, node)
    yield _words(source, node)
    named = f"self._calls.{node.name}"
    arguments = _arguments(node)
    match node:
        case ast.AsyncFunctionDef(name="__aenter__"):
            yield "        return self\n"
        case ast.AsyncFunctionDef(name="__aexit__"):
            yield "        self.close()\n"
        case ast.AsyncFunctionDef(name="close"):
            # The loop that the connections live on ends with them.
            yield "        self._portal.close()\n"
        case ast.AsyncFunctionDef():
            yield f"        return self._portal.run({', '.join(filter(None, (named, arguments)))})\n"
        case ast.FunctionDef(decorator_list=[_]):
            yield f"        return {named}\n"
        case ast.FunctionDef(returns=ast.Subscript(value=ast.Name(id="AsyncIterator"))):
            yield f"        return self._portal.iterate({named}({arguments}))\n"
        case _:
            yield f"        return {named}({arguments})\n"
    yield "\n"


def _header(source: Source, node: Method) -> str:
    """Give a method's decorators and parameters as they stand, made blocking."""
    first = min((node.lineno, *(each.lineno for each in node.decorator_list)))
    header = source.lines(first, node.body[0].lineno - 1)
    for ours, theirs in RENAMED.items():
        header = header.replace(ours, theirs)
    return header


def _words(source: Source, node: Method | ast.ClassDef) -> str:
    """Give a docstring as it stands; nothing where there is none."""
    first = node.body[0]
    if ast.get_docstring(node) is None or first.end_lineno is None:
        return ""
    return source.lines(first.lineno, first.end_lineno)


def _arguments(node: Method) -> str:
    """Hand a method's arguments on, as they came."""
    given = node.args
    starred = [f"*{given.vararg.arg}"] if given.vararg else []
    return ", ".join(
        [
            *(each.arg for each in given.args if each.arg != "self"),
            *starred,
            *(f"{each.arg}={each.arg}" for each in given.kwonlyargs),
        ]
    )


def _twin(name: str) -> str:
    return name.removeprefix(ASYNC)


def _ruff(*command: str, text: str) -> str:
    """Let ruff rewrite a text, by the project's settings."""
    name = ["--stdin-filename", str(SDK / "twin.py"), "-"]
    ran = subprocess.run(
        [sys.executable, "-m", "ruff", *command, *name],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


if __name__ == "__main__":
    for twin, written in write_twins().items():
        twin.write_text(written, "utf-8")
