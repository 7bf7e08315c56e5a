"""What stands at the top of a module: functions, classes and values."""

import ast
import dataclasses
import enum
from dataclasses import replace
from typing import Any

from hanse_page.translate.expressions import expression
from hanse_page.translate.needed import field_names, is_enum, is_named_tuple, is_struct
from hanse_page.translate.scope import CodeScope, Defined, short_names
from hanse_page.translate.source import Local
from hanse_page.translate.statements import function
from hanse_page.translate.wiretypes import class_name, default_of, literal, struct_table

KNOWN_DECORATORS = frozenset({"lru_cache", "dataclass", "property", "classmethod"})
"""A cache changes no answer, so it is left out; the others are written as JavaScript has them."""

SPECIAL = {"__init__": "$init"}
LEFT_OUT = frozenset({"__hash__", "__slots__"})


def definition(name: str, scope: CodeScope) -> str:
    """Write the definition of a name."""
    node = scope.sources.statement(Local(scope.module, name))
    own = scope.top(Local(scope.module, name), node)
    match node:
        case ast.FunctionDef():
            _check_decorators(node, scope)
            return function(node, scope, head=f"function* {own}")
        case ast.ClassDef():
            return _class(node, scope)
        case ast.Assign(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
            return f"const {own} = {expression(value, scope)};"
        case _:
            return scope.fail(node)


def _check_decorators(node: ast.FunctionDef | ast.ClassDef, scope: CodeScope) -> None:
    for decorator in node.decorator_list:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(plain, ast.Name) or plain.id not in KNOWN_DECORATORS:
            scope.fail(decorator, "a decorator that is not known")


def _class(node: ast.ClassDef, scope: CodeScope) -> str:
    _check_decorators(node, scope)
    loaded = scope.sources.loaded(Local(scope.module, node.name))
    if is_enum(loaded):
        return _enumeration(node, loaded, scope)
    return _record(node, loaded, scope) if _is_record(loaded) else _plain(node, scope)


def _is_record(loaded: object) -> bool:
    return is_struct(loaded) or is_named_tuple(loaded) or dataclasses.is_dataclass(loaded)


def _enumeration(node: ast.ClassDef, loaded: object, scope: CodeScope) -> str:
    """Write an enumeration as its values: all of them are texts, so that a member is its text."""
    assert isinstance(loaded, type)
    assert issubclass(loaded, enum.Enum)
    if not issubclass(loaded, enum.StrEnum) or any(isinstance(part, ast.FunctionDef) for part in node.body):
        scope.fail(node, "an enumeration of more than texts")
    members = ", ".join(f"{member.name}: {literal(member.value)}" for member in loaded)
    return f"const {scope.top(Local(scope.module, node.name), node)} = $enum({{{members}}});"


def _record(node: ast.ClassDef, loaded: object, scope: CodeScope) -> str:
    """Write a class of which a value is its fields: a Struct, a dataclass, a named tuple."""
    assert isinstance(loaded, type)
    base = "$NamedTuple" if is_named_tuple(loaded) else "$Struct"
    for each in node.bases:
        found = scope.defined(each)
        if found is not None and is_struct(scope.sources.loaded(found.place)):
            base = expression(each, scope)
    names = _fields(loaded)
    short = short_names(names)
    parameters = ", ".join(
        short[name] if default is None else f"{short[name]} = {default}" for name, default in names.items()
    )
    kept = " ".join(f"this.{name} = {short[name]};" for name in names)
    # What it is made from may have the same fields: they are set once, here.
    first = f"constructor({parameters}) {{ super(); {kept} }}" if names else "constructor() { super(); }"
    facts = f'{{name: {literal(class_name(loaded))}, form: "none", strict: true, fields: [{_rows(names)}]}}'
    if is_struct(loaded):
        facts = struct_table(loaded)
    body = f"{first}\nstatic $facts = {facts};\n{_methods(node, scope)}"
    own = scope.top(Local(scope.module, node.name), node)
    return f"class {own} extends {base} {{\n{body}\n}}\n$register({own});"


def _rows(names: dict[str, str | None]) -> str:
    return ", ".join(f"{{n: {literal(name)}}}" for name in names)


def _fields(loaded: Any) -> dict[str, str | None]:
    """Give the fields in order, each with the value that it has where none is given."""
    if is_struct(loaded):
        return {name: default_of(loaded, name) for name in field_names(loaded)}
    if is_named_tuple(loaded):
        defaults = loaded._field_defaults
        return {name: literal(defaults[name]) if name in defaults else None for name in field_names(loaded)}
    return {
        field.name: None if field.default is dataclasses.MISSING else literal(field.default)
        for field in dataclasses.fields(loaded)
    }


def _plain(node: ast.ClassDef, scope: CodeScope) -> str:
    """Write a class of its own making, or an error."""
    bases = [each for each in node.bases if not _is_only_typing(each)]
    if len(bases) > 1:
        scope.fail(node, "several bases")
    base = expression(bases[0], scope) if bases else "$Plain"
    for part in node.body:
        match part:
            case ast.FunctionDef() | ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign(value=None):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]) if name in LEFT_OUT:
                pass
            case _:
                scope.fail(part, "in a class")
    return f"class {scope.top(Local(scope.module, node.name), node)} extends {base} {{\n{_methods(node, scope)}\n}}"


def _is_only_typing(node: ast.expr) -> bool:
    plain = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(plain, ast.Name) and plain.id in ("Protocol", "Generic")


def _methods(node: ast.ClassDef, scope: CodeScope) -> str:
    written, scope = [], replace(scope, cls=Defined(scope.sources, Local(scope.module, node.name)))
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            _check_decorators(part, scope)
            kinds = {each.id for each in part.decorator_list if isinstance(each, ast.Name)}
            before = "static " if "classmethod" in kinds else "get " if "property" in kinds else ""
            name = SPECIAL.get(part.name, part.name)
            written.append(function(part, scope, head=f"{before}*{name}", skip=1))
    return "\n".join(written)
