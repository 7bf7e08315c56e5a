"""The modules that are translated, as they are written and as they are when they are loaded.

What a name means is asked here alone: it stands in the same module, in another one of the package, is a module itself,
or comes from outside.
"""

import ast
import importlib
import inspect
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

PACKAGE = "hanse_ledger"


class Unsupported(Exception):
    """The source says what the translation does not know. It stops the build: nothing is guessed."""


@dataclass(frozen=True)
class Local:
    """A name that a module of the package defines at its top."""

    module: str
    name: str


@dataclass(frozen=True)
class ModuleName:
    """A name that is a module of the package."""

    module: str


@dataclass(frozen=True)
class Outside:
    """A name from another package: `msgspec`, or `hashlib.sha256`."""

    name: str


Place = Local | ModuleName | Outside


class Module:
    """One module: what it defines at its top, in order, and what it imports."""

    def __init__(self, name: str) -> None:
        self.name = name
        source = inspect.getsourcefile(self.loaded)
        assert source is not None, "a module of the package has a source"
        self.is_package = Path(source).name == "__init__.py"
        self.defines: dict[str, ast.stmt] = {}
        self.imports: dict[str, tuple[str, str | None]] = {}
        for statement in ast.parse(Path(source).read_text("utf-8")).body:
            self._take(statement)

    @cached_property
    def loaded(self) -> ModuleType:
        """The module itself."""
        return importlib.import_module(f"{PACKAGE}.{self.name}")

    def _take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                self.defines[statement.name] = statement
            case ast.Assign(targets=[ast.Name() as target]):
                self.defines[target.id] = statement
            case ast.Assign(targets=[ast.Tuple() as targets], value=ast.Tuple() as values):
                for each, value in zip(targets.elts, values.elts, strict=True):
                    if not isinstance(each, ast.Name):
                        raise Unsupported(f"{self.name}:{statement.lineno}: an assignment to more than names")
                    self.defines[each.id] = ast.copy_location(ast.Assign(targets=[each], value=value), statement)
            case ast.AnnAssign(target=ast.Name() as target):
                if statement.value is not None:
                    self.defines[target.id] = statement
            case ast.ImportFrom(module=str(module)):
                for item in statement.names:
                    self.imports[item.asname or item.name] = (module, item.name)
            case ast.Import():
                for item in statement.names:
                    self.imports[item.asname or item.name] = (item.name, None)
            case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case _:
                raise Unsupported(f"{self.name}:{statement.lineno}: {type(statement).__name__} at the top of a module")


class Sources:
    """All modules, each read once."""

    def __init__(self) -> None:
        self._modules: dict[str, Module] = {}

    def module(self, name: str) -> Module:
        """Give a module of the package by its name within it, `proofs.proof`."""
        if name not in self._modules:
            self._modules[name] = Module(name)
        return self._modules[name]

    @property
    def modules(self) -> tuple[Module, ...]:
        """All modules that were asked for so far."""
        return tuple(self._modules.values())

    def place(self, module: str, name: str) -> Place | None:
        """Tell what a name means at the top of a module; nil where it means nothing there (a builtin, perhaps)."""
        here = self.module(module)
        if name in here.defines:
            return Local(module, name)
        if name not in here.imports:
            return None
        source, original = here.imports[name]
        if source != PACKAGE and not source.startswith(f"{PACKAGE}."):
            return Outside(f"{source}.{original}" if original else source)
        within = source.removeprefix(PACKAGE).removeprefix(".")
        if original is None:
            raise Unsupported(f"{module}: import {source} without from")
        inner = f"{within}.{original}" if within else original
        if within and (found := self._defined(within, original)):
            return found
        return ModuleName(inner)

    def _defined(self, module: str, name: str) -> Place | None:
        """Follow a name through what a module only passes on."""
        return self.place(module, name)

    def statement(self, place: Local) -> ast.stmt:
        """Give the statement that defines a name."""
        return self.module(place.module).defines[place.name]

    def loaded(self, place: Local) -> object:
        """Give what a name is when its module is loaded."""
        return getattr(self.module(place.module).loaded, place.name)
