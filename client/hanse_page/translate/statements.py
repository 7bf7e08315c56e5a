"""Statements, one function a sort of them; and functions, of which they are the body."""

import ast
from collections.abc import Callable, Iterator
from typing import cast

from hanse_page.translate.expressions import COMPUTED, condition, expression, target
from hanse_page.translate.scope import CodeScope


def block(body: list[ast.stmt], scope: CodeScope) -> str:
    """Write several statements."""
    return "\n".join(filter(None, (statement(each, scope) for each in body)))


def statement(node: ast.stmt, scope: CodeScope) -> str:
    """Write a statement."""
    write = _WRITERS.get(type(node))
    return scope.fail(node) if write is None else write(node, scope)


def function(node: ast.FunctionDef, scope: CodeScope, *, head: str, skip: int = 0) -> str:
    """Write a function: its head as given, then its parameters and its body.

    Args:
        node: the function.
        scope: what is around it.
        head: what stands before the parameters, `function name`, or a method's name.
        skip: how many of the first parameters are not given in a call: `self`, `cls`.
    """
    arguments = node.args
    if arguments.kwarg or arguments.posonlyargs:
        scope.fail(node, "parameters of another sort")
    names = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    if arguments.vararg is not None:
        names.add(arguments.vararg.arg)
    local = set(_assigned(node.body)) - names
    inner = scope.within(names | local)
    nested = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    first = [f"const {inner.own[arguments.args[0].arg]} = this;"] if skip else []
    if declared := sorted(local - nested):
        first.append(f"let {', '.join(inner.own[name] for name in declared)};")
    star = "*" if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own_nodes(node)) else ""
    parameters = _parameters(node, scope, inner, skip)
    opened = head.replace("*", star)
    return "\n".join([f"{opened}({parameters}) {{", *first, block(node.body, inner) + "\n}"])


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk over a function without the functions and generators in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.GeneratorExp):
            yield child
            yield from _own_nodes(child)


def _parameters(node: ast.FunctionDef, scope: CodeScope, inner: CodeScope, skip: int) -> str:
    arguments = node.args
    plain = arguments.args[skip:]
    defaults: list[ast.expr | None] = [None] * len(plain)
    if arguments.defaults:
        defaults[-len(arguments.defaults) :] = arguments.defaults
    written = [_parameter(inner.own[each.arg], default, scope) for each, default in zip(plain, defaults, strict=True)]
    if arguments.vararg is not None:
        if arguments.kwonlyargs:
            scope.fail(node, "names after any number of arguments")
        written.append("..." + inner.own[arguments.vararg.arg])
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return ", ".join(written + [_parameter(inner.own[each.arg], default, scope) for each, default in named])


def _parameter(name: str, default: ast.expr | None, scope: CodeScope) -> str:
    return name if default is None else f"{name} = {expression(default, scope)}"


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    """Walk over the names that a function gives a value."""
    for node in body:
        yield from _assigned_in(node)


def _assigned_in(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef():
            yield node.name
            return
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from _assigned_in(child)


def _expr(node: ast.Expr, scope: CodeScope) -> str:
    return "" if isinstance(node.value, ast.Constant) else f"{expression(node.value, scope)};"


def _nothing(_: ast.stmt, __: CodeScope) -> str:
    return ""


def _return(node: ast.Return, scope: CodeScope) -> str:
    return f"return {'null' if node.value is None else expression(node.value, scope)};"


def _raise(node: ast.Raise, scope: CodeScope) -> str:
    if node.exc is None:
        return "throw $e;"
    made = expression(node.exc, scope)
    return f"throw {f'$new({made})' if isinstance(node.exc, ast.Name) and node.exc.id not in scope.own else made};"


def _assert(node: ast.Assert, scope: CodeScope) -> str:
    return f"$assert({condition(node.test, scope)});"


def _delete(node: ast.Delete, scope: CodeScope) -> str:
    written = []
    for at in node.targets:
        if isinstance(at, ast.Name):
            continue  # a parameter that is not needed: nothing asks for it again
        if not isinstance(at, ast.Subscript) or isinstance(at.slice, ast.Slice):
            scope.fail(node)
        written.append(f"$delete({expression(at.value, scope)}, {expression(at.slice, scope)});")
    return " ".join(written)


def _assignment(to: ast.expr, value: str, scope: CodeScope) -> str:
    if isinstance(to, ast.Subscript):
        if isinstance(to.slice, ast.Slice):
            scope.fail(to, "a part of a list is assigned")
        return f"$put({expression(to.value, scope)}, {expression(to.slice, scope)}, {value});"
    if isinstance(to, ast.Tuple | ast.List):
        if any(isinstance(each, ast.Subscript) for each in ast.walk(to)):
            scope.fail(to, "several places are assigned at once")
        plain = not any(isinstance(each, ast.Starred) for each in to.elts)
        many = f"$many({value}, {len(to.elts)})" if plain else f"$starred({value}, {len(to.elts)}, {_star_at(to)})"
        return f"{target(to, scope).replace('...', '')} = {many};"
    return f"{target(to, scope)} = {value};"


def _star_at(node: ast.Tuple | ast.List) -> int:
    return next(place for place, each in enumerate(node.elts) if isinstance(each, ast.Starred))


def _assign(node: ast.Assign, scope: CodeScope) -> str:
    if len(node.targets) == 1:
        return _assignment(node.targets[0], expression(node.value, scope), scope)
    kept = scope.fresh()
    written = [_assignment(to, kept, scope) for to in node.targets]
    return " ".join([f"const {kept} = {expression(node.value, scope)};", *written])


def _ann_assign(node: ast.AnnAssign, scope: CodeScope) -> str:
    return "" if node.value is None else _assignment(node.target, expression(node.value, scope), scope)


def _aug_assign(node: ast.AugAssign, scope: CodeScope) -> str:
    sign = COMPUTED.get(type(node.op)) or scope.fail(node)
    before = ast.parse(ast.unparse(node.target), mode="eval").body
    added = expression(node.value, scope)
    if sign in ("$add", "$bor"):  # a list or a set grows where it is: others may hold it
        return _assignment(node.target, f"{sign}_to({expression(before, scope)}, {added})", scope)
    return _assignment(node.target, f"{sign}({expression(before, scope)}, {added})", scope)


def _if(node: ast.If, scope: CodeScope) -> str:
    out = f"if ({condition(node.test, scope)}) {{\n{block(node.body, scope)}\n}}"
    return out + (f" else {{\n{block(node.orelse, scope)}\n}}" if node.orelse else "")


def _while(node: ast.While, scope: CodeScope) -> str:
    if node.orelse:
        scope.fail(node, "else")
    return f"while ({condition(node.test, scope)}) {{\n{block(node.body, scope)}\n}}"


def _for(node: ast.For, scope: CodeScope) -> str:
    if node.orelse:
        scope.fail(node, "else")
    value = scope.fresh()
    body = f"{_assignment(node.target, value, scope)}\n{block(node.body, scope)}"
    return f"for (const {value} of $each({expression(node.iter, scope)})) {{\n{body}\n}}"


def _try(node: ast.Try, scope: CodeScope) -> str:
    if node.orelse or node.finalbody:
        scope.fail(node, "else or finally")
    out = f"try {{\n{block(node.body, scope)}\n}} catch ($e) {{\n"
    for handler in node.handlers:
        if handler.type is None:
            scope.fail(handler, "an except that takes anything")
        kept = f"{scope.own[handler.name]} = $e;\n" if handler.name else ""
        caught = f"$b.isinstance($e, {expression(handler.type, scope)})"
        out += f"if ({caught}) {{\n{kept}{block(handler.body, scope)}\n}} else "
    return out + "throw $e;\n}"


def _match(node: ast.Match, scope: CodeScope) -> str:
    value, label = scope.fresh(), scope.fresh()
    out = f"{label}: {{ const {value} = {expression(node.subject, scope)};\n"
    for case in node.cases:
        test, bound = _pattern(case.pattern, value, scope)
        body = f"{block(case.body, scope)}\nbreak {label};"
        if case.guard is not None:
            body = f"if ({condition(case.guard, scope)}) {{\n{body}\n}}"
        kept = "".join(f"{scope.own[name]} = {each};\n" for name, each in bound)
        out += f"if ({test}) {{\n{kept}{body}\n}}\n"
    return out + "}"


def _pattern(node: ast.pattern, value: str, scope: CodeScope) -> tuple[str, list[tuple[str, str]]]:
    """Write the test of a pattern, and what it gives names to."""
    match node:
        case ast.MatchAs(pattern=None):
            return "true", [(node.name, value)] if node.name else []
        case ast.MatchValue():
            return f"$eq({value}, {expression(node.value, scope)})", []
        case ast.MatchOr():
            return "(" + " || ".join(_pattern(each, value, scope)[0] for each in node.patterns) + ")", []
        case ast.MatchClass(patterns=[]):
            tests, bound = [f"$b.isinstance({value}, {expression(node.cls, scope)})"], []
            for name, part in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
                test, more = _pattern(part, f"{value}.{name}", scope)
                tests += [test] if test != "true" else []
                bound += more
            return " && ".join(tests), bound
        case _:
            return scope.fail(node)


def _nested(node: ast.FunctionDef, scope: CodeScope) -> str:
    if node.decorator_list:
        scope.fail(node, "a decorator within a function")
    return function(node, scope, head=f"const {scope.own[node.name]} = function*") + ";"


_WRITERS = cast(
    "dict[type[ast.stmt], Callable[[ast.stmt, CodeScope], str]]",
    {
        ast.Expr: _expr,
        ast.Pass: _nothing,
        ast.Return: _return,
        ast.Raise: _raise,
        ast.Assert: _assert,
        ast.Delete: _delete,
        ast.Assign: _assign,
        ast.AnnAssign: _ann_assign,
        ast.AugAssign: _aug_assign,
        ast.If: _if,
        ast.While: _while,
        ast.For: _for,
        ast.Try: _try,
        ast.Match: _match,
        ast.FunctionDef: _nested,
        ast.Continue: lambda _, __: "continue;",
        ast.Break: lambda _, __: "break;",
    },
)
