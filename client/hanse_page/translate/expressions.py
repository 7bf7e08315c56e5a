"""Expressions, one function a sort of them."""

import ast
import re
from collections.abc import Callable
from typing import cast

from hanse_page.translate import called
from hanse_page.translate.called import classes_in, items
from hanse_page.translate.needed import UNREAD
from hanse_page.translate.scope import CodeScope, Writers
from hanse_page.translate.source import Local, ModuleName, Outside
from hanse_page.translate.wiretypes import literal

COMPARED = {
    ast.Eq: "$eq({}, {})",
    ast.NotEq: "!$eq({}, {})",
    ast.Lt: "$lt({}, {})",
    ast.LtE: "$le({}, {})",
    ast.Gt: "$gt({}, {})",
    ast.GtE: "$ge({}, {})",
    ast.In: "$in({}, {})",
    ast.NotIn: "!$in({}, {})",
    ast.Is: "$is({}, {})",
    ast.IsNot: "!$is({}, {})",
}
COMPUTED = {
    ast.Add: "$add",
    ast.Sub: "$sub",
    ast.Mult: "$mul",
    ast.BitOr: "$bor",
    ast.BitAnd: "$band",
    ast.BitXor: "$bxor",
    ast.RShift: "$shr",
    ast.LShift: "$shl",
    ast.Mod: "$mod",
    ast.FloorDiv: "$div",
    ast.Pow: "$pow",
}

OUTSIDE = {
    "base64.b64decode": "$b64decode",
    "base64.b64encode": "$b64encode",
    "hashlib.sha256": "$sha256",
    "itertools.pairwise": "$pairwise",
    "msgspec": "$msgspec",
    "msgspec.Raw": "$Raw",
    "msgspec.structs": "$structs",
    "msgspec.structs.replace": "$structs.replace",
    "nacl.bindings.crypto_sign_open": "$crypto_sign_open",
    "nacl.exceptions.BadSignatureError": "$BadSignatureError",
    "re": "$re",
    "types.MappingProxyType": "$same",
}
"""What the ledger uses of other packages, and what stands for it in the runtime."""

FORMS = re.compile("0[1-9]|#04x")
"""In which forms numbers stand in texts: see `$format` in the runtime."""

EXCEPTIONS = frozenset(
    ("AssertionError Exception KeyError RecursionError RuntimeError TypeError UnicodeDecodeError ValueError").split()
)


def expression(node: ast.expr, scope: CodeScope) -> str:
    """Write an expression."""
    return scope.write(node)


def condition(node: ast.expr, scope: CodeScope) -> str:
    """Write an expression of which only the truth counts."""
    match node:
        case ast.Compare():
            return expression(node, scope)
        case ast.UnaryOp(op=ast.Not()):
            return f"!{condition(node.operand, scope)}"
        case ast.BoolOp():
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return "(" + sign.join(condition(value, scope) for value in node.values) + ")"
        case _:
            return f"$t({expression(node, scope)})"


def target(node: ast.expr, scope: CodeScope) -> str:
    """Write what is assigned to."""
    match node:
        case ast.Name():
            return scope.own.get(node.id) or scope.fail(node, "as what is assigned to")
        case ast.Tuple() | ast.List():
            places = [
                "" if isinstance(each, ast.Name) and each.id == "_" else target(each, scope) for each in node.elts
            ]
            return f"[{', '.join(places)}]"
        case ast.Starred():
            return "..." + target(node.value, scope)
        case ast.Attribute():
            return f"{expression(node.value, scope)}.{node.attr}"
        case _:
            return scope.fail(node, "as what is assigned to")


def _constant(node: ast.Constant, scope: CodeScope) -> str:
    if isinstance(node.value, float | complex):
        scope.fail(node, "a number that is no integer")
    return "null" if node.value is ... else literal(node.value)


def _name(node: ast.Name, scope: CodeScope) -> str:
    if node.id in scope.own:
        return scope.own[node.id]
    match scope.place(node.id):
        case Local() as place:
            return scope.top(place, node)
        case Outside(name):
            return OUTSIDE.get(name) or scope.fail(node, f"{name} is not known")
        case _:
            pass
    if node.id in EXCEPTIONS:
        return f"${node.id}"
    if node.id in called.BUILTINS:
        return f"$b.{node.id}"
    return scope.fail(node, f"the name {node.id} is not known")


def _attribute(node: ast.Attribute, scope: CodeScope) -> str:
    if isinstance(node.value, ast.Name) and isinstance(module := scope.place(node.value.id), ModuleName):
        return scope.top(Local(module.module, node.attr), node)
    value = expression(node.value, scope)
    match node.attr:
        case "__struct_fields__":
            return f"$names({value})"
        case "__name__":
            return f"$class_name({value})"
        case "value":
            return f"$value({value})"
        case _:
            pass
    if node.attr in UNREAD:
        scope.fail(node, f"{node.attr} is left out of the translation")
    if node.attr.startswith("__"):
        scope.fail(node, node.attr)
    if scope.classes.is_method(node.attr):
        return f'$bound({value}, "{node.attr}")'
    return f"{value}.{node.attr}"


def _tuple(node: ast.Tuple, scope: CodeScope) -> str:
    return f"[{items(node.elts, scope)}]"


def _list(node: ast.List, scope: CodeScope) -> str:
    return f"$list([{items(node.elts, scope)}])"


def _set(node: ast.Set, scope: CodeScope) -> str:
    return f"new $Set([{items(node.elts, scope)}])"


def _dict(node: ast.Dict, scope: CodeScope) -> str:
    pairs = [
        f"...$pairs({expression(value, scope)})"
        if key is None
        else f"[{expression(key, scope)}, {expression(value, scope)}]"
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    return f"new $Dict([{', '.join(pairs)}])"


def _joined(node: ast.JoinedStr, scope: CodeScope) -> str:
    parts = ['""']
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(literal(part.value))
            continue
        assert isinstance(part, ast.FormattedValue)
        value = expression(part.value, scope)
        match part:
            case ast.FormattedValue(conversion=114, format_spec=None):
                parts.append(f"$repr({value})")
            case ast.FormattedValue(conversion=-1, format_spec=None):
                parts.append(f"$str({value})")
            case ast.FormattedValue(
                conversion=-1, format_spec=ast.JoinedStr(values=[ast.Constant(value=str(form))])
            ) if FORMS.fullmatch(form):
                parts.append(f"$format({value}, {literal(form)})")
            case _:
                scope.fail(node, "a form that is not known")
    return "(" + " + ".join(parts[1:] if parts[1:] and parts[1].startswith('"') else parts) + ")"


def _bool_op(node: ast.BoolOp, scope: CodeScope) -> str:
    if all(isinstance(each, ast.Compare) or _is_not(each) for each in node.values):
        return condition(node, scope)
    either = "$and" if isinstance(node.op, ast.And) else "$or"
    out = expression(node.values[-1], scope)
    for value in reversed(node.values[:-1]):
        out = f"{either}({expression(value, scope)}, () => {out})"
    return out


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _unary_op(node: ast.UnaryOp, scope: CodeScope) -> str:
    match node.op:
        case ast.Not():
            return f"!{condition(node.operand, scope)}"
        case ast.USub():
            return f"(-{expression(node.operand, scope)})"
        case ast.Invert():
            return f"(~{expression(node.operand, scope)})"
        case _:
            return scope.fail(node)


def _bin_op(node: ast.BinOp, scope: CodeScope) -> str:
    if (classes := classes_in(node, scope)) is not None:
        return f"[{', '.join(classes)}]"
    sign = COMPUTED.get(type(node.op)) or scope.fail(node)
    return f"{sign}({expression(node.left, scope)}, {expression(node.right, scope)})"


def _compare(node: ast.Compare, scope: CodeScope) -> str:
    parts, left = [], node.left
    for place, (operator, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
        if place and not _costs_nothing(left):
            scope.fail(node, "what stands in the middle of a comparison would be computed twice")
        form = COMPARED.get(type(operator)) or scope.fail(node)
        parts.append(form.format(expression(left, scope), expression(right, scope)))
        left = right
    return "(" + " && ".join(parts) + ")" if len(parts) > 1 else parts[0]


def _costs_nothing(node: ast.expr) -> bool:
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute():
            return _costs_nothing(node.value)
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return _costs_nothing(argument)
        case _:
            return False


def _if_exp(node: ast.IfExp, scope: CodeScope) -> str:
    return f"({condition(node.test, scope)} ? {expression(node.body, scope)} : {expression(node.orelse, scope)})"


def _lambda(node: ast.Lambda, scope: CodeScope) -> str:
    names = [argument.arg for argument in node.args.args]
    if node.args.defaults or node.args.kwonlyargs or node.args.vararg or node.args.kwarg:
        scope.fail(node, "parameters that are not plain")
    inner = scope.within(names)
    return f"(({', '.join(inner.own[name] for name in names)}) => {expression(node.body, inner)})"


def _subscript(node: ast.Subscript, scope: CodeScope) -> str:
    value = expression(node.value, scope)
    if isinstance(node.slice, ast.Slice):
        if node.slice.step is not None:
            scope.fail(node, "a step")
        ends = ["null" if end is None else expression(end, scope) for end in (node.slice.lower, node.slice.upper)]
        return f"$slice({value}, {', '.join(ends)})"
    return f"$at({value}, {expression(node.slice, scope)})"


def _generated(generators: list[ast.comprehension], scope: CodeScope, leaf: Callable[[CodeScope], str]) -> str:
    """Write the loops of a comprehension, and at their bottom a leaf."""
    first, *rest = generators
    if any(isinstance(each, ast.Starred) for each in ast.walk(first.target)):
        scope.fail(first.target, "the rest of each of many")
    inner = scope.within(name.id for name in ast.walk(first.target) if isinstance(name, ast.Name))
    body = _generated(rest, inner, leaf) if rest else leaf(inner)
    for test in reversed(first.ifs):
        body = f"if ({condition(test, inner)}) {{ {body} }}"
    return f"for (const {target(first.target, inner)} of $each({expression(first.iter, scope)})) {{ {body} }}"


def _generator(node: ast.GeneratorExp, scope: CodeScope) -> str:
    loops = _generated(node.generators, scope, lambda inner: f"yield {expression(node.elt, inner)};")
    return f"(function* () {{ {loops} }})()"


def _list_comp(node: ast.ListComp, scope: CodeScope) -> str:
    loops = _generated(node.generators, scope, lambda inner: f"$o.push({expression(node.elt, inner)});")
    return f"(() => {{ const $o = new $List(); {loops} return $o; }})()"


def _set_comp(node: ast.SetComp, scope: CodeScope) -> str:
    loops = _generated(node.generators, scope, lambda inner: f"$o.add({expression(node.elt, inner)});")
    return f"(() => {{ const $o = new $Set(); {loops} return $o; }})()"


def _dict_comp(node: ast.DictComp, scope: CodeScope) -> str:
    loops = _generated(
        node.generators,
        scope,
        lambda inner: f"$o.put({expression(node.key, inner)}, {expression(node.value, inner)});",
    )
    return f"(() => {{ const $o = new $Dict(); {loops} return $o; }})()"


def _yield(node: ast.Yield, scope: CodeScope) -> str:
    return "(yield)" if node.value is None else f"(yield {expression(node.value, scope)})"


def _yield_from(node: ast.YieldFrom, scope: CodeScope) -> str:
    return f"(yield* $each({expression(node.value, scope)}))"


WRITERS = cast(
    Writers,
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Tuple: _tuple,
        ast.List: _list,
        ast.Set: _set,
        ast.Dict: _dict,
        ast.JoinedStr: _joined,
        ast.BoolOp: _bool_op,
        ast.UnaryOp: _unary_op,
        ast.BinOp: _bin_op,
        ast.Compare: _compare,
        ast.IfExp: _if_exp,
        ast.Lambda: _lambda,
        ast.Subscript: _subscript,
        ast.GeneratorExp: _generator,
        ast.ListComp: _list_comp,
        ast.SetComp: _set_comp,
        ast.DictComp: _dict_comp,
        ast.Yield: _yield,
        ast.YieldFrom: _yield_from,
        ast.Call: called.call,
    },
)
