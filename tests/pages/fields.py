"""The fields of a value that travels, as a table: how the code names their types, their form in bytes, their bounds."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from types import ModuleType
from typing import Any

from msgspec import Struct
from msgspec import inspect as types

from hanse_ledger.values.patterns import WORDS
from hanse_ledger.wire.part import Body

JSON = {"bin": "base64", "str": "text", "int": "integer", "bool": "boolean", "map": "object", "nil": "null"}
"""What MessagePack's types are in the canonical JSON of files."""


@dataclass(frozen=True)
class Form:
    """How a page writes its values.

    Attributes:
        names: what stands for MessagePack's names of types.
        homes: the page on which each part has its table; empty for the page itself.
    """

    names: dict[str, str]
    homes: Mapping[type[Struct], str]

    def name(self, word: str) -> str:
        """Name a type of MessagePack, or what it is in JSON."""
        return self.names.get(word, word)

    def said(self, words: str) -> str:
        """Give words as the page's readers know things: what is nil in bytes is null in JSON."""
        return re.sub(r"\bnil\b", self.name("nil"), words)

    def link(self, kind: type[Struct | Enum]) -> str:
        """Name a part, with a link to its table if it has one."""
        home = self.homes.get(kind) if issubclass(kind, Struct) else None
        return f"`{kind.__name__}`" if home is None else f"[`{kind.__name__}`]({home}#{kind.__name__.lower()})"


def words_of(kind: type) -> str:
    """Give what the docstring of a class says, but for its attributes."""
    return _plain((inspect.getdoc(kind) or "").partition("\nAttributes:")[0].strip())


def _plain(words: str) -> str:
    """Leave out where the source says more: a page's reader has links."""
    return re.sub(r" \(see `[\w.]+`\)", "", words)


def table(kind: type[Struct], form: Form) -> Iterator[str]:
    """Write a row for each field, in the order in which the fields travel.

    A column says what each is where the docstring of the class has attributes. An array has the place for a name's
    place. Maps are written in byte order of their names, or they would not be canonical.
    """
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    names = [field.encode_name for field in info.fields]
    assert info.array_like or names == sorted(names), f"{kind.__name__} does not stand in byte order"
    said = attributes(kind)
    assert not said or set(said) == {field.name for field in info.fields}, f"{kind.__name__} says not what each is"
    nil = form.name("nil")
    yield f"| {'Place' if info.array_like else 'Field'} | Type | Bounds | {nil.capitalize()} |{' What |' * bool(said)}"
    yield f"| --- | --- | --- | --- |{' --- |' * bool(said)}"
    written = annotations(kind)
    for place, field in enumerate(info.fields):
        node, module = written[field.name]
        name = f"{place} `{field.encode_name}`" if info.array_like else f"`{field.encode_name}`"
        may_be_nil = isinstance(field.type, types.UnionType)
        cells = [name, _type(node, module, field.type, form), bounds(field.type), "may be" * may_be_nil]
        cells += [form.said(said[field.name])] if said else []
        yield re.sub(" +", " ", f"| {' | '.join(cells)} |")


def attributes(kind: type) -> dict[str, str]:
    """Read the attributes in the docstring of a class, by name."""
    _, _, section = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE)
    return {name: _plain(" ".join(words.split()).rstrip(".")) for name, words in entries}


def annotations(kind: type) -> dict[str, tuple[ast.expr, ModuleType]]:
    """Give how the source writes the type of each field, and where: what runs has forgotten the names of types."""
    found: dict[str, tuple[ast.expr, ModuleType]] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("hanse_"):
            (node,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
            assert isinstance(node, ast.ClassDef)
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    found[part.target.id] = part.annotation, sys.modules[each.__module__]
    return found


def assigned(module: ModuleType) -> Iterator[tuple[str, ast.expr, str]]:
    """Walk over what a module gives a name: the name, how it is written, and the words below it, if any."""
    body = ast.parse(inspect.getsource(module)).body
    for node, after in pairwise([*body, ast.Pass()]):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            said = after.value if isinstance(after, ast.Expr) else None
            words = str(said.value) if isinstance(said, ast.Constant) else ""
            yield node.targets[0].id, node.value, _plain(" ".join(words.split()))


def type_of(kind: type[Struct], name: str, form: Form) -> tuple[str, bool]:
    """Name the type of one field, and tell whether it may be nil."""
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    (field,) = (each for each in info.fields if each.name == name)
    return _type(*annotations(kind)[name], field.type, form), isinstance(field.type, types.UnionType)


def _type(node: ast.expr, module: ModuleType, kind: types.Type, form: Form) -> str:
    """Name a field's type as the source does, after what it is in bytes."""
    return f"{wire(_without_nil(kind), form)} {_named(node, module, form)}".strip()


def wire(kind: types.Type, form: Form) -> str:
    """Name what stands in the bytes."""
    match kind:
        case types.BytesType():
            word = "bin"
        case types.StrType() | types.EnumType():
            word = "str"
        case types.IntType() | types.LiteralType():
            word = "int"
        case types.BoolType():
            word = "bool"
        case types.StructType(array_like=False) | types.DictType():
            word = "map"
        case types.VarTupleType(item_type=item):
            return f"array of {wire(item, form)}"
        case types.StructType():
            return "array"
        case types.RawType():
            return "any value"
        case _:
            raise AssertionError(f"a field of type {kind}")
    return f"`{form.name(word)}`"


def _named(node: ast.expr, module: ModuleType, form: Form) -> str:  # noqa: PLR0911 (one a case)
    """Give the name that the source has for a type; nothing where it has none but Python's."""
    match node:
        case ast.BinOp(left=left):
            return _named(left, module, form)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
            return _named(inner, module, form)
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[inner, *_])):
            return _named(inner, module, form)
        case ast.Subscript(value=ast.Name(id="Literal" | "dict")):
            return ""
        case ast.Name(id=name) if name in vars(module):
            value = vars(module)[name]
            if isinstance(value, type) and issubclass(value, Struct | Enum):
                return form.link(value)
            if name.startswith("_"):
                written = next(written for each, written, _ in assigned(module) if each == name)
                return _named(written, module, form)
            return f"`{name}`" if name != "Raw" else ""
        case ast.Name():
            return ""
        case _:
            raise AssertionError(f"a type that is written {ast.unparse(node)}")


def bounds(kind: types.Type) -> str:  # noqa: PLR0911 (one a case)
    """Say what a value may be, in words."""
    match _without_nil(kind):
        case types.BytesType(min_length=least, max_length=most):
            return _length(least, most, "byte")
        case types.IntType(ge=None, le=None):
            return ""
        case types.IntType(ge=int(least), le=int(most)):
            return number(least) if least == most else f"{number(least)} to {number(most)}"
        case types.StrType(pattern=pattern, min_length=least, max_length=most):
            form = WORDS[pattern] if pattern is not None else ""
            return ", ".join(part for part in (_length(least, most, "letter"), form) if part)
        case types.EnumType(cls=cls):
            return "one of " + ", ".join(f"`{member.value}`" for member in cls)
        case types.LiteralType(values=values):
            return " or ".join(str(value) for value in values)
        case types.VarTupleType(item_type=item, min_length=least, max_length=most):
            each = bounds(item)
            return "; ".join(part for part in (_length(least, most, "item"), each and f"each {each}") if part)
        case types.DictType(min_length=least, max_length=most):
            return _length(least, most, "item")
        case types.BoolType() | types.StructType() | types.RawType():
            return ""
        case other:
            raise AssertionError(f"bounds of {other}")


def pattern_of(kind: types.Type) -> str | None:
    """Give the regular expression that a text must match, if there is one."""
    return kind.pattern if isinstance(kind, types.StrType) else None


def number(value: int) -> str:
    """Write a number as people do: powers as powers."""
    digits = str(abs(value))
    if len(digits) > 6 and digits.rstrip("0") == "1":
        return f"{'-' * (value < 0)}10^{len(digits) - 1}"
    if value > 2**30 and value & (value + 1) == 0:
        return f"2^{value.bit_length()} - 1"
    return f"{value:,}"


def _length(least: int | None, most: int | None, unit: str) -> str:
    if most is None:
        return "" if not least else f"at least {number(least)} {unit}{'s' * (least != 1)}"
    plural = f"{unit}{'s' * (most != 1)}"
    if least == most:
        return f"{number(most)} {plural}"
    return f"{number(least)} to {number(most)} {plural}" if least else f"at most {number(most)} {plural}"


def _without_nil(kind: types.Type) -> types.Type:
    if isinstance(kind, types.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, types.NoneType))
    return kind


def parts_of(*kinds: type[Struct]) -> list[type[Struct]]:
    """Give what values are made of, each once, in the order in which their fields name it."""
    found: dict[type[Struct], None] = {}
    waiting: list[Any] = [hint for kind in kinds for hint in _hints(kind)]
    while waiting:
        hint = waiting.pop(0)
        if isinstance(hint, type) and issubclass(hint, Struct) and hint not in found and hint is not Body:
            found[hint] = None
            waiting += _hints(hint)
        waiting += getattr(hint, "__args__", ())
    return list(found)


def _hints(kind: type[Struct]) -> list[Any]:
    return [hint for each in reversed(kind.__mro__) for hint in inspect.get_annotations(each).values()]
