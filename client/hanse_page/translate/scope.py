"""Where in the source a piece of code stands: which names are its own, and what the others mean."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Never

from hanse_page.translate.needed import Reached, field_names
from hanse_page.translate.source import Local, ModuleName, Place, Sources, Unsupported

RESERVED = frozenset(
    (
        "arguments async await case catch const debugger default delete do enum eval export extends false "
        "function implements import in instanceof interface let new null package private protected public static "
        "super switch this throw true typeof undefined var void with yield"
    ).split()
)


def js_name(name: str) -> str:
    """Write a name of Python so that it is none of JavaScript's own words."""
    return f"{name}$" if name in RESERVED else name


def short_names(names: Iterable[str], *, beyond: int = 0) -> dict[str, str]:
    """Name locals by numbers: nobody asks for them but the code beside them, and long names are a tenth of the page."""
    return {name: f"_{number}" for number, name in enumerate(sorted(set(names)), beyond)}


def _number(short: str) -> int:
    return int(short.removeprefix("_"))


def module_name(module: str) -> str:
    """Name what a module gives to those outside the translation."""
    return "$M_" + module.replace(".", "_")


class TopNames:
    """What each definition is called where all of them stand in one scope: its own name, where no other has it."""

    def __init__(self, sources: Sources, reached: Reached) -> None:
        self._names: dict[Local, str] = {}
        taken: set[str] = set()
        # In the order of their names: in which order they were reached is chance.
        for module in sorted(sources.modules, key=lambda each: each.name):
            for name in reached.of(module.name):
                wanted = js_name(name)
                others = (f"{wanted}${number}" for number in count(2))
                free = wanted if wanted not in taken else next(each for each in others if each not in taken)
                taken.add(free)
                self._names[Local(module.name, name)] = free

    def of(self, place: Local) -> str | None:
        """Give the name of a definition; nil where it is not reached."""
        return self._names.get(place)


class Classes:
    """The methods of all classes that are translated: which there are, and with which parameters."""

    def __init__(self, sources: Sources, reached: Reached) -> None:
        self._methods: dict[str, list[ast.FunctionDef]] = {}
        self._fields: set[str] = set()
        for module in sources.modules:
            for name in reached.of(module.name):
                if isinstance(statement := module.defines[name], ast.ClassDef):
                    self._take(statement)

    def _take(self, statement: ast.ClassDef) -> None:
        for part in statement.body:
            if isinstance(part, ast.FunctionDef):
                self._methods.setdefault(part.name, []).append(part)
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                self._fields.add(part.target.id)

    def is_method(self, name: str) -> bool:
        """Tell whether an attribute of that name is a method, to be called, and no property."""
        return any(not _is_property(method) for method in self._methods.get(name, ()))

    def is_field(self, name: str) -> bool:
        """Tell whether an attribute of that name is a field, which may hold a function."""
        return name in self._fields

    def named(self, name: str) -> list[ast.FunctionDef]:
        """Give the methods of a name."""
        return self._methods.get(name, [])


def _is_property(method: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "property" for each in method.decorator_list)


@dataclass(frozen=True)
class CodeScope:
    """What a piece of code can name: the locals around it, and its module's names."""

    sources: Sources
    reached: Reached
    classes: Classes
    names: TopNames
    module: str
    writers: "Writers"
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    own: Mapping[str, str] = field(default_factory=dict)
    cls: "Defined | None" = None

    def write(self, node: ast.expr) -> str:
        """Write an expression, by the one of the writers that knows its sort."""
        writer = self.writers.get(type(node))
        return self.fail(node) if writer is None else writer(node, self)

    def within(self, names: Iterable[str]) -> "CodeScope":
        """Give the scope of a function or a comprehension in this one."""
        return replace(
            self, own={**self.own, **short_names(names, beyond=1 + max(map(_number, self.own.values()), default=-1))}
        )

    def place(self, name: str) -> Place | None:
        """Tell what a name means beyond the locals."""
        return None if name in self.own else self.sources.place(self.module, name)

    def top(self, place: Local, node: ast.AST) -> str:
        """Name a definition at the top of a module."""
        while (found := self.names.of(place)) is None:
            passed_on = self.sources.place(place.module, place.name)
            if not isinstance(passed_on, Local) or passed_on == place:
                self.fail(node, f"{place.name} is not reached")
            place = passed_on
        return found

    def fresh(self) -> str:
        """Give a name that nothing else has."""
        return f"$v{next(self.numbers)}"

    def fail(self, node: ast.AST, why: str = "") -> Never:
        """Stop the build."""
        raise Unsupported(f"{self.module}:{getattr(node, 'lineno', '?')}: {type(node).__name__} {why}".rstrip())

    def defined(self, node: ast.expr) -> "Defined | None":
        """Give what of the package an expression names, where it names a function or a class."""
        place: Place | None = None
        if isinstance(node, ast.Name):
            place = self.place(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            whole = self.place(node.value.id)
            place = Local(whole.module, node.attr) if isinstance(whole, ModuleName) else None
        if not isinstance(place, Local) or place.name not in self.sources.module(place.module).defines:
            return None
        return Defined(self.sources, place)


Writers = Mapping[type[ast.expr], Callable[[ast.expr, CodeScope], str]]


@dataclass(frozen=True)
class Defined:
    """A definition at the top of a module."""

    sources: Sources
    place: Local

    @cached_property
    def statement(self) -> ast.stmt:
        """How it is written."""
        return self.sources.statement(self.place)

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return isinstance(self.statement, ast.ClassDef)

    def parameters(self) -> list[ast.arg] | None:
        """Give the parameters by which it is called, in order; nil where it takes any number, or is no callable."""
        if isinstance(self.statement, ast.FunctionDef):
            return named_parameters(self.statement, skip=0)
        if not self.is_class:
            return None
        loaded = self.sources.loaded(self.place)
        if fields := field_names(loaded):
            return [ast.arg(name) for name in fields]
        initial = self.method("__init__")
        return [] if initial is None else named_parameters(initial, skip=1)

    def method(self, name: str) -> ast.FunctionDef | None:
        """Find a method of a class, its own or that of the class from which it is made."""
        assert isinstance(self.statement, ast.ClassDef)
        for part in self.statement.body:
            if isinstance(part, ast.FunctionDef) and part.name == name:
                return part
        return self.inherited(name)

    def inherited(self, name: str) -> ast.FunctionDef | None:
        """Find a method of the class from which this one is made."""
        assert isinstance(self.statement, ast.ClassDef)
        for base in self.statement.bases:
            place = self.sources.place(self.place.module, base.id) if isinstance(base, ast.Name) else None
            if isinstance(place, Local):
                return Defined(self.sources, place).method(name)
        return None


def named_parameters(function: ast.FunctionDef, skip: int) -> list[ast.arg] | None:
    """Give a function's parameters in order, those by name alone last; nil where it takes any number."""
    if function.args.vararg or function.args.kwarg:
        return None
    return [*function.args.posonlyargs, *function.args.args][skip:] + function.args.kwonlyargs
