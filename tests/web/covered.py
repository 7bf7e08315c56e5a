"""How much of the translated functions ran: in Python by statements, in node by letters."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

from hanse_page.translate.needed import Reached
from hanse_page.translate.source import Local, Sources

SCOPE = re.compile(r"^// hanse_ledger\.(\S+)$", re.MULTILINE)

NUMBER = re.compile(r"\$\d*\Z")
"""What a name has behind it in the translation where another one has the name, or JavaScript."""


class Body(NamedTuple):
    """A function that is translated: its module, its name, where it stands, and the lines of its statements."""

    module: str
    name: str
    file: str
    lines: frozenset[int]


Name = tuple[str, str]


def bodies(*firsts: Local) -> list[Body]:
    """List the functions and methods that some definitions reach."""
    sources = Sources()
    reached = Reached(sources, *firsts)
    found = []
    for module in sources.modules:
        for name in reached.of(module.name):
            file = str(module.loaded.__file__)
            for function in _functions(module.defines[name]):
                found.append(Body(module.name, function.name, file, frozenset(_lines(function))))
    return found


def _functions(statement: ast.stmt) -> Iterator[ast.FunctionDef]:
    parts = statement.body if isinstance(statement, ast.ClassDef) else [statement]
    return (part for part in parts if isinstance(part, ast.FunctionDef))


def _lines(function: ast.FunctionDef) -> Iterator[int]:
    """Walk over the statements of a function; a text that stands alone is none."""
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.stmt) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield node.lineno


def run_in_python(file: Path, found: list[Body]) -> tuple[set[Name], float]:
    """Tell which functions were entered within the calls, and which share of all their statements ran."""
    data = CoverageData(str(file))
    data.read()
    ran = {name: set(data.lines(name) or ()) for name in data.measured_files()}
    entered = {(body.module, body.name) for body in found if body.lines & ran.get(body.file, set())}
    all_lines = {(body.file, line) for body in found for line in body.lines}
    return entered, sum(line in ran.get(name, ()) for name, line in all_lines) / len(all_lines)


def run_in_node(folder: Path, script: str, found: list[Body]) -> tuple[set[Name], float]:
    """Tell the same of what node wrote into a folder, by letters of the translated functions.

    A script that is run by itself begins where its file begins, so that places in both are the same.
    """
    (written,) = folder.glob("coverage-*.json")
    (result,) = [each for each in json.loads(written.read_text("utf-8"))["result"] if each["url"].endswith("/asked.js")]
    scopes = [(match.start(), match[1]) for match in SCOPE.finditer(script)]
    end = script.index("\n})();\n", scopes[-1][0])
    names = {(body.module, body.name) for body in found}
    counted, ran = bytearray(end), bytearray(end)
    entered: set[Name] = set()
    for function in result["functions"]:
        whole = function["ranges"][0]
        module = next((name for start, name in reversed(scopes) if start <= whole["startOffset"] < end), None)
        name = NUMBER.sub("", function["functionName"].removeprefix("get ")).replace("$init", "__init__")
        if module is None:
            continue
        if (module, name) in names:
            _paint(counted, whole, 1)
            if whole["count"]:
                entered.add((module, name))
        for each in function["ranges"]:
            _paint(ran, each, int(each["count"] > 0))
    total = sum(counted)
    return entered, sum(one & other for one, other in zip(counted, ran, strict=True)) / total


def _paint(letters: bytearray, place: dict[str, int], value: int) -> None:
    begin, end = place["startOffset"], min(place["endOffset"], len(letters))
    letters[begin:end] = bytes([value]) * (end - begin)
