"""The types of what travels, as tables: from what msgspec itself says of each type.

A table is written as a JavaScript literal, `{t: "str", max: 140n}`; `runtime/decoding.js` reads it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect as types

from hanse_page.translate.source import PACKAGE, Local, Unsupported


def is_alike(pattern: object) -> bool:
    """Tell whether a regular expression is without what the two languages may read differently: see the pattern."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else str(pattern)
    return not re.search(r"\\[dwsDWSbBAG1-9]|\$|\{,", re.sub(r"\\[^dwsDWSbBAG1-9]", "", text))


def pattern_of(pattern: str) -> str:
    """Write a regular expression of Python as one of JavaScript. Raises Unsupported where the two would differ."""
    if re.search(r"\(\?(?![:=!]|<[=!])|\\[bBGA]|\\[0-9]|\$|[*+?}]\+", pattern.replace(r"\$", "")):
        raise Unsupported(f"a regular expression that the two languages may read differently: {pattern}")
    if re.search(r"\\[dwsDWS]", pattern):
        raise Unsupported(f"digits, letters or blanks of Unicode in a regular expression: {pattern}")
    return pattern


def literal(value: object) -> str:
    """Write a plain value of Python as a literal of the translation. Raises Unsupported."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value}n" if value >= 0 else f"({value}n)"
        case str():
            return json.dumps(str(value), ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        case bytes():
            return f"$bytes([{', '.join(map(str, value))}])"
        case tuple():
            return "[" + ", ".join(map(literal, value)) + "]"
        case _:
            raise Unsupported(f"{type(value).__name__} as the value of a field")


def table(kind: types.Type) -> str:
    """Write the table of one type. Raises Unsupported."""
    match kind:
        case types.Metadata():
            return table(kind.type)
        case types.IntType():
            return _row("int", ge=kind.ge, le=kind.le)
        case types.StrType():
            pattern = None if kind.pattern is None else pattern_of(kind.pattern)
            return _row("str", min=kind.min_length, max=kind.max_length, pattern=pattern)
        case types.BytesType():
            return _row("bytes", min=kind.min_length, max=kind.max_length)
        case types.EnumType():
            return _row("enum", of=tuple(member.value for member in kind.cls))
        case types.LiteralType():
            return _row("literal", of=tuple(kind.values))
        case types.StructType():
            return _row("struct", of=class_name(kind.cls))
        case _:
            return _PLAIN[type(kind)] if type(kind) in _PLAIN else _table_of_many(kind)


_PLAIN: dict[type[types.Type], str] = {
    types.AnyType: '{t: "any"}',
    types.BoolType: '{t: "bool"}',
    types.NoneType: '{t: "none"}',
    types.RawType: '{t: "raw"}',
}


def _table_of_many(kind: types.Type) -> str:
    match kind:
        case types.VarTupleType():
            return _row("tuple", min=kind.min_length, max=kind.max_length, of=_Written(table(kind.item_type)))
        case types.TupleType():
            return _row("each", of=_Written(_tables(kind.item_types)))
        case types.DictType(key_type=types.StrType()):
            return _row("dict", min=kind.min_length, max=kind.max_length, of=_Written(table(kind.value_type)))
        case types.UnionType():
            return _row("union", of=_Written(_tables(kind.types)))
        case _:
            raise Unsupported(f"the wire type {kind}")


def _tables(kinds: Iterable[types.Type]) -> str:
    return "[" + ", ".join(map(table, kinds)) + "]"


class _Written(str):
    """A part of a table that is written already."""


def _row(kind: str, **facts: object) -> str:
    parts = [f'{{t: "{kind}"']
    for name, fact in facts.items():
        if fact is not None:
            parts.append(f"{name}: {fact if isinstance(fact, _Written) else literal(fact)}")
    return ", ".join(parts) + "}"


def class_name(cls: type) -> str:
    """Name a class by module and name, as the tables do."""
    return f"{cls.__module__}.{cls.__qualname__}"


def place_of(cls: type) -> Local:
    """Tell where a class of the package stands."""
    return Local(cls.__module__.removeprefix(f"{PACKAGE}."), cls.__qualname__)


def fields_of(cls: type) -> tuple[types.Field, ...] | None:
    """Give the fields of a Struct that travels; nil of one that only stands in memory, with types of any sort."""
    try:
        found = types.type_info(cls)
    except (TypeError, NameError):
        return None
    assert isinstance(found, types.StructType)
    return found.fields


def structs_in(kind: types.Type) -> Iterator[type]:
    """Walk over the Structs that a type names."""
    match kind:
        case types.Metadata():
            yield from structs_in(kind.type)
        case types.StructType():
            yield kind.cls
        case types.VarTupleType():
            yield from structs_in(kind.item_type)
        case types.DictType():
            yield from structs_in(kind.value_type)
        case types.UnionType():
            for each in kind.types:
                yield from structs_in(each)
        case types.TupleType():
            for each in kind.item_types:
                yield from structs_in(each)

        case _:
            pass


def structs_of(cls: type) -> Iterator[Local]:
    """Walk over the Structs of the package that stand in the fields of a Struct."""
    for field in fields_of(cls) or ():
        for struct in structs_in(field.type):
            if struct.__module__.startswith(PACKAGE):
                yield place_of(struct)


def struct_table(cls: Any) -> str:
    """Write how a Struct travels: its name, its form, and each field with the type and name that it has there.

    One that only stands in memory has the form "none", and no types.
    """
    config = cls.__struct_config__
    if config.omit_defaults:
        raise Unsupported(f"{class_name(cls)}: fields left out")
    form = "array" if config.array_like else "map"
    try:
        travelling = {field.encode_name: field for field in fields_of(cls) or ()}
        rows = [
            f"{{n: {literal(name)}{_encoded(name, encoded)}, t: {table(travelling[encoded].type)}"
            + ("" if travelling[encoded].required else ", optional: true")
            + "}"
            for name, encoded in zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
        ]
    except (Unsupported, KeyError):
        form, rows = "none", [f"{{n: {literal(name)}}}" for name in cls.__struct_fields__]
    if config.tag is not None:  # it stands only where a store keeps an object whole
        form = "none"
    strict = literal(bool(config.forbid_unknown_fields))
    return f'{{name: {literal(class_name(cls))}, form: "{form}", strict: {strict}, fields: [{", ".join(rows)}]}}'


def _encoded(name: str, encoded: str) -> str:
    return "" if name == encoded else f", e: {literal(encoded)}"


def default_of(cls: Any, name: str) -> str | None:
    """Write the value that a field of a Struct has where none is given; nil where one must be."""
    names, defaults = cls.__struct_fields__, cls.__struct_defaults__
    place = names.index(name) - (len(names) - len(defaults))
    if place < 0 or defaults[place] is msgspec.NODEFAULT:
        return None
    value = defaults[place]
    factory = getattr(value, "factory", None)
    if factory is not None:
        empty = {dict: "new $Dict()", set: "new $Set()", list: "$list([])", tuple: "[]"}
        if factory not in empty:
            raise Unsupported(f"{class_name(cls)}.{name}: made by {factory}")
        return empty[factory]
    return literal(value)
