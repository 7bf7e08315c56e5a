"""Calls: of the package's own functions and classes, of Python's builtins, and of methods.

Where keywords are given, they are put in the place that the callee's own parameters have: JavaScript has none.
"""

import ast

from msgspec.inspect import type_info

from hanse_page.translate.needed import UNREAD
from hanse_page.translate.scope import CodeScope, named_parameters
from hanse_page.translate.source import Outside, Unsupported
from hanse_page.translate.wiretypes import is_alike, literal, table

BUILTINS = frozenset(
    (
        "abs all any bool bytes callable dict divmod enumerate frozenset getattr int isinstance iter len list "
        "map max min next range repr reversed set sorted str sum tuple type zip"
    ).split()
)

NATIVE = frozenset(
    (
        "add append bit_count bit_length count decode digest discard encode endswith extend find fullmatch get "
        "hex index isdisjoint issubset issuperset items join keys ljust lower lstrip match partition pop "
        "removeprefix removesuffix replace rjust rpartition rstrip search setdefault split startswith strip sub "
        "to_bytes translate union update upper values"
    ).split()
)
"""Methods of Python's own values. What they do is decided by the value, when it is there."""

OF_TYPES = frozenset({("int", "from_bytes"), ("dict", "fromkeys")})
"""Methods that are called on a builtin type itself."""


def item(node: ast.expr, scope: CodeScope) -> str:
    """Write one of several values, which may be spread."""
    if isinstance(node, ast.Starred):
        return f"...$each({scope.write(node.value)})"
    return scope.write(node)


def items(nodes: list[ast.expr], scope: CodeScope) -> str:
    """Write several values."""
    return ", ".join(item(node, scope) for node in nodes)


def classes_in(node: ast.expr, scope: CodeScope) -> list[str] | None:
    """Give the classes that `A | B` names; nil where it is something else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = classes_in(node.left, scope), classes_in(node.right, scope)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Name) and node.id in ("str", "int", "bytes", "tuple") and node.id not in scope.own:
        return [f"$b.{node.id}"]
    found = scope.defined(node)
    return [scope.write(node)] if found is not None and found.is_class else None


def call(node: ast.expr, scope: CodeScope) -> str:
    """Write a call."""
    assert isinstance(node, ast.Call)
    callee = node.func
    if isinstance(callee, ast.Subscript) and _is_type(callee.value, scope):  # `set[int]()`
        callee = callee.value
    found = scope.defined(callee)
    if found is not None and (found.is_class or isinstance(found.statement, ast.FunctionDef)):
        arguments = _ordered(found.parameters(), node, scope, unread=UNREAD if found.is_class else frozenset())
        return f"$new({scope.write(callee)}, {arguments})" if found.is_class else f"{scope.write(callee)}({arguments})"
    if isinstance(callee, ast.Name):
        return _of_name(callee, node, scope)
    if isinstance(callee, ast.Attribute):
        return _of_attribute(callee, node, scope)
    return scope.fail(node, "a callee that is neither a name nor an attribute")


def _is_type(node: ast.expr, scope: CodeScope) -> bool:
    found = scope.defined(node)
    if found is not None:
        return found.is_class
    return (
        isinstance(node, ast.Name) and node.id in BUILTINS and scope.place(node.id) is None and node.id not in scope.own
    )


def _of_name(callee: ast.Name, node: ast.Call, scope: CodeScope) -> str:
    place = scope.place(callee.id)
    if isinstance(place, Outside):
        if place.name == "msgspec.structs.replace":
            return _replaced(node, scope)
        if place.name == "msgspec.Raw":
            return f"new $Raw({_one(node, scope)})"
        if place.name == "base64.b64decode":
            return f"$b64decode({_one(node, scope)})"  # always with validation: see the runtime
        return f"{scope.write(callee)}({_plain(node, scope)})"
    if place is None and callee.id not in scope.own:
        if callee.id == "isinstance":
            value, kind = node.args
            if (cls := scope.defined(kind)) is not None and getattr(
                scope.sources.loaded(cls.place), "_is_protocol", False
            ):
                scope.fail(node, "a Protocol has no values of its own")
            classes = classes_in(kind, scope)
            return f"$b.isinstance({scope.write(value)}, {scope.write(kind) if classes is None else _many(classes)})"
        if callee.id in BUILTINS:
            options = ", ".join(f"{_keyword(each, scope)}: {scope.write(each.value)}" for each in node.keywords)
            arguments = [item(each, scope) for each in node.args]
            arguments += [f"$options({{{options}}})"] if options else []
            return f"{scope.write(callee)}({', '.join(arguments)})"
        return f"$new({scope.write(callee)}, {_plain(node, scope)})"  # an exception of Python's own
    return f"$call({scope.write(callee)}, [{_plain(node, scope)}])"


def _of_attribute(callee: ast.Attribute, node: ast.Call, scope: CodeScope) -> str:
    value, name = callee.value, callee.attr
    _check_given(name, node, scope)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super":
        inherited = None if scope.cls is None else scope.cls.inherited(name)
        parameters = None if inherited is None else named_parameters(inherited, skip=1)
        return f"super.{'$init' if name == '__init__' else name}({_ordered(parameters, node, scope)})"
    if isinstance(value, ast.Name) and (value.id, name) in OF_TYPES and value.id not in scope.own:
        return f"$b.{value.id}_{name}({_plain(node, scope)})"
    if (outside := _outside(callee, scope)) is not None:
        return _of_outside(outside, node, scope)
    if name in NATIVE and not scope.classes.named(name):
        return f"$m({scope.write(value)}, {literal(name)}, [{_plain(node, scope)}])"
    methods = scope.classes.named(name)
    if not methods:
        if name == "mro" or not scope.classes.is_field(name):
            scope.fail(node, f"no class that is reached has a method {name}")
        return f"$call({scope.write(value)}.{name}, [{_plain(node, scope)}])"
    if node.keywords:
        if len({ast.unparse(method.args) for method in methods}) != 1:
            scope.fail(node, f"several methods {name}, with other parameters")
        arguments = _ordered(named_parameters(methods[0], skip=1), node, scope)
    else:
        arguments = _plain(node, scope)
    if name in NATIVE or scope.classes.is_field(name):  # a value of Python's, an own class, or a function in a field
        return f"$m({scope.write(value)}, {literal(name)}, [{arguments}])"
    return f"{scope.write(value)}.{name}({arguments})"


def _check_given(name: str, node: ast.Call, scope: CodeScope) -> None:
    """Refuse what the runtime does not look at, and would do otherwise than Python."""
    given = [each.value for each in node.args if isinstance(each, ast.Constant)]
    if name in ("from_bytes", "to_bytes") and "big" not in given and not scope.classes.named(name):
        scope.fail(node, "bytes whose greatest is not said to be first")
    if name == "sub" and any(
        "\\" in (each.decode("latin-1") if isinstance(each, bytes) else str(each)) for each in given
    ):
        scope.fail(node, "a group in what is put in")


def _outside(callee: ast.expr, scope: CodeScope) -> str | None:
    """Give the whole name of what another package has: `msgspec.json.Decoder`."""
    names: list[str] = []
    while isinstance(callee, ast.Attribute):
        names.append(callee.attr)
        callee = callee.value
    place = scope.place(callee.id) if isinstance(callee, ast.Name) else None
    return ".".join([place.name, *reversed(names)]) if isinstance(place, Outside) else None


_SAID = {
    "msgspec.msgpack.Encoder": ("enc_hook",),
    "msgspec.msgpack.decode": ("type",),
    "msgspec.json.decode": ("type",),
}
"""The keywords that change nothing here, or are looked at."""


def _of_outside(name: str, node: ast.Call, scope: CodeScope) -> str:
    if name != "msgspec.structs.replace" and any(each.arg not in _SAID.get(name, ()) for each in node.keywords):
        scope.fail(node, f"keywords to {name}")
    match name:
        case "msgspec.msgpack.Decoder" | "msgspec.json.Decoder":
            return f"${name}({_wire_type(node.args[0], scope)})"
        case "msgspec.msgpack.Encoder" | "msgspec.json.Encoder":
            return f"${name}()"  # its hook writes bytes of other classes; there are none here
        case "msgspec.msgpack.decode" | "msgspec.json.decode":
            kind = next((scope.write(each.value) for each in node.keywords if each.arg == "type"), None)
            reader = f"{name.removesuffix('decode')}Decoder"
            return f"${reader}({kind or scope.fail(node, 'without a type')}).decode({_one(node, scope)})"
        case "msgspec.structs.replace":
            return _replaced(node, scope)
        case "msgspec.structs.fields" | "re.compile" | "msgspec.Raw":
            if name == "re.compile" and isinstance(node.args[0], ast.Constant) and not is_alike(node.args[0].value):
                scope.fail(node, "a regular expression that the two languages may read differently")
            if name == "re.compile" and not all(map(_is_flag, node.args[1:])):
                scope.fail(node, "a flag of a regular expression")
            given = ", ".join(scope.write(each) for each in node.args if not _is_flag(each))
            return f"${name}({given})"
        case _:
            return scope.fail(node, f"{name} is not known")


def _is_flag(node: ast.expr) -> bool:
    """Tell whether this is `re.ASCII`, which every expression here is: one of another flag stops the build."""
    return isinstance(node, ast.Attribute) and node.attr == "ASCII"


def _wire_type(node: ast.expr, scope: CodeScope) -> str:
    """Write what a decoder reads: a class, or a table of a type with bounds."""
    found = scope.defined(node)
    if (found is not None and found.is_class) or not isinstance(node, ast.Name) or node.id in scope.own:
        return scope.write(node)
    names = vars(scope.sources.module(scope.module).loaded)
    kind = names.get(node.id, {"str": str, "bytes": bytes, "int": int}.get(node.id))
    if kind is None:
        raise Unsupported(f"{scope.module}: a decoder of {node.id}")
    return table(type_info(kind))


def _replaced(node: ast.Call, scope: CodeScope) -> str:
    """Write `structs.replace`, of which keywords may come in a dict."""
    changes = ", ".join(
        f"...$b.object({scope.write(each.value)})" if each.arg is None else f"{each.arg}: {scope.write(each.value)}"
        for each in node.keywords
    )
    return f"$structs.replace({_one(node, scope)}, {{{changes}}})"


def _ordered(
    parameters: list[ast.arg] | None, node: ast.Call, scope: CodeScope, unread: frozenset[str] = frozenset()
) -> str:
    """Write the arguments in the order of the callee's parameters; those that nobody reads as nil."""
    if not node.keywords and (parameters is None or unread.isdisjoint(parameter.arg for parameter in parameters)):
        return items(node.args, scope)
    if parameters is None or any(isinstance(each, ast.Starred) for each in node.args):
        scope.fail(node, "keywords beside any number of arguments")
    given = {_keyword(each, scope): "null" if each.arg in unread else scope.write(each.value) for each in node.keywords}
    written = [
        "null" if parameter.arg in unread else scope.write(each)
        for parameter, each in zip(parameters, node.args, strict=False)
    ]
    for parameter in parameters[len(written) :]:
        written.append(given.pop(parameter.arg, "undefined"))
    if given:
        scope.fail(node, f"keywords that the callee does not have: {', '.join(given)}")
    while written and written[-1] == "undefined":
        written.pop()
    return ", ".join(written)


def _plain(node: ast.Call, scope: CodeScope) -> str:
    """Write arguments where no keywords can be given."""
    allowed = {"validate", "strict"}
    if any(each.arg not in allowed for each in node.keywords):
        scope.fail(node, "keywords to a callee that is not known")
    return items(node.args, scope)


def _one(node: ast.Call, scope: CodeScope) -> str:
    if len(node.args) != 1:
        scope.fail(node, "more than one argument")
    return scope.write(node.args[0])


def _keyword(node: ast.keyword, scope: CodeScope) -> str:
    return node.arg if node.arg is not None else scope.fail(node, "** is not known here")


def _many(classes: list[str]) -> str:
    return f"[{', '.join(classes)}]" if len(classes) > 1 else classes[0]
