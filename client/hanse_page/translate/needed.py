"""What the verifier needs of the ledger: each definition that it reaches, and no other."""

import ast
import enum
import inspect
import typing
from collections.abc import Callable
from types import UnionType
from typing import Any

import msgspec

from hanse_page.translate.source import Local, ModuleName, Sources
from hanse_page.translate.wiretypes import structs_of

UNREAD = frozenset({"action", "found_by", "listed", "sample"})
"""Facts of a row that no verifier asks for, and that are left out: whoever reads one stops the build."""


class _Names(ast.NodeVisitor):
    """The names, and the attributes of names, that a definition needs. Annotations do not count."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            self.attributes.add((node.value.id, node.attr))
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in UNREAD:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Pass over a parameter's annotation."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (*node.args.defaults, *node.args.kw_defaults, *node.body):
            if part is not None:
                self.visit(part)


class Reached:
    """The definitions that are reached from some first ones, in the order in which each module gives them."""

    def __init__(self, sources: Sources, *firsts: Local) -> None:
        self._sources = sources
        self._reached: set[Local] = set()
        waiting = list(firsts)
        while waiting:
            place = self._defined(waiting.pop())
            if place is not None and place not in self._reached and not is_only_typing(sources.loaded(place)):
                self._reached.add(place)
                waiting += self._next(place)

    def __contains__(self, place: Local) -> bool:
        return place in self._reached

    def __len__(self) -> int:
        return len(self._reached)

    def of(self, module: str) -> tuple[str, ...]:
        """Give the names that are reached of a module, in its order."""
        return tuple(name for name in self._sources.module(module).defines if Local(module, name) in self._reached)

    def _defined(self, place: Local) -> Local | None:
        if place.name in self._sources.module(place.module).defines:
            return place
        passed_on = self._sources.place(place.module, place.name)
        return self._defined(passed_on) if isinstance(passed_on, Local) else None

    def _next(self, place: Local) -> list[Local]:
        statement, seen = self._sources.statement(place), _Names()
        found: list[Local] = []
        if isinstance(statement, ast.ClassDef):
            for part in (*statement.bases, *(part for part in statement.body if isinstance(part, ast.FunctionDef))):
                seen.visit(part)
            cls = self._sources.loaded(place)
            if isinstance(cls, type) and is_struct(cls):
                found += structs_of(cls)
            elif not is_enum(cls):
                for part in statement.body:
                    if isinstance(part, ast.Assign | ast.AnnAssign) and part.value is not None:
                        seen.visit(part.value)
        else:
            seen.visit(statement)
        for name in seen.names:
            named = self._sources.place(place.module, name)
            if isinstance(named, Local):
                found.append(named)
        for name, attribute in seen.attributes:
            if isinstance(module := self._sources.place(place.module, name), ModuleName):
                found.append(Local(module.module, attribute))
        return found


def field_names(cls: Any) -> tuple[str, ...]:
    """Give the fields of a class of which a value is its fields, in order; none of another one."""
    if is_struct(cls):
        return tuple(cls.__struct_fields__)
    if is_named_tuple(cls):
        return tuple(cls._fields)
    return tuple(getattr(cls, "__dataclass_fields__", ()))


def is_only_typing(value: object) -> bool:
    """Tell whether this is a type with bounds, or a variable of types: nothing that stands in a value."""
    if typing.get_origin(value) in (typing.Annotated, typing.Literal, Callable) or isinstance(value, typing.TypeVar):
        return True
    return isinstance(value, UnionType) and not all(inspect.isclass(each) for each in typing.get_args(value))


def is_struct(value: object) -> bool:
    """Tell whether this is the class of a Struct."""
    return inspect.isclass(value) and issubclass(value, msgspec.Struct)


def is_enum(value: object) -> bool:
    """Tell whether this is an enumeration."""
    return inspect.isclass(value) and issubclass(value, enum.Enum)


def is_named_tuple(value: object) -> bool:
    """Tell whether this is the class of a named tuple."""
    return inspect.isclass(value) and issubclass(value, tuple) and hasattr(value, "_fields")
