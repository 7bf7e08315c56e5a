"""The page of the SDK, written from its docstrings: `python -m tests.sdk_page` rewrites docs/sdk.md."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Any, get_type_hints

from msgspec import Struct

import hanse_client
from hanse_client import (
    AttestationView,
    Confirmation,
    ConfirmationOutcome,
    FileMatch,
    FileSearch,
    FoundRecord,
    Head,
    InboxCase,
    InboxChange,
    InboxWait,
    InboxWorth,
    KeyStanding,
    KnownName,
    LookedAt,
    Notice,
    Outcome,
    PartyRead,
    Publication,
    Reader,
    Receipt,
    RecordView,
    Refusal,
    TermDifference,
    Unsettled,
    errors,
)
from hanse_client.base.objects import VIEWS, ObjectView
from hanse_client.resources import members
from hanse_ledger.proofs import report as checked
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values import types
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "sdk.md"

OPENING = """# The SDK

Written from the docstrings by `python -m tests.sdk_page`; a test compares. `pip install hanse` brings it,
`hanse[documents]` what reads XML.

```python
from hanse_client import Client, Identity

identity = Identity.load("seller.pem", passphrase_file="passphrase")
with Client("https://node.example", identity=identity, trust="trust.json") as client:
    receipt = client.invoices.issue("invoice.xml", buyer="…")
    print(client.invoices.show(receipt.id).amounts.outstanding_minor)
```

Everything that a node says is verified before it is given. Money is counted in minor units of its currency
(`…_minor`: cents), quantities in millionths of their unit (`…_micro`), moments in milliseconds since 1970, UTC
(`…_ms`). An `Id` is 32 bytes or 64 hexadecimal digits; the other [types](#types) stand at the end. Whatever the SDK
raises on purpose is a [`HanseError`](#errors), with what to do about it in `action`. What it gives prints as the
Python expression that makes it again, and as a table in a notebook.
"""

ASYNC = """The methods, parameters and answers are those of [`Client`](#client), to be awaited:
`await client.invoices.issue(…)`, `async for record in client.events()`, `async with AsyncClient(…) as client`."""

CHANGES = """What `client.members.propose` takes is made of these, from `hanse_client.resources.members`:
`propose(remove(no_change(), "bank-a"))`."""

PARTS = """What the views are made of are the ledger's own values."""

TAKEN = """What calls take and give besides: the ledger's own values too."""

ERRORS = """All stand in `hanse_client.errors`. Each has `message` and `action`, besides what is said here."""

ANSWERS: tuple[type, ...] = (
    Receipt,
    Unsettled,
    Refusal,
    Notice,
    Head,
    RecordView,
    KeyStanding,
    Publication,
    Outcome,
    Confirmation,
    ConfirmationOutcome,
    FileSearch,
    FileMatch,
    FoundRecord,
    TermDifference,
    InboxCase,
    InboxWait,
    InboxWorth,
    InboxChange,
    KnownName,
    PartyRead,
    Reader,
    LookedAt,
    AttestationView,
)
SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Source):(.*)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Code:
    """The source of a class or a function, to be quoted as it stands."""

    def __init__(self, thing: type | Callable[..., Any]) -> None:
        self.text = textwrap.dedent(inspect.getsource(thing))
        self.words = inspect.getdoc(thing) or ""

    @cached_property
    def node(self) -> ast.ClassDef | Function:
        """What Python reads in it."""
        (node,) = ast.parse(self.text).body
        assert isinstance(node, ast.ClassDef | Function)
        return node

    def quoted(self, node: ast.expr) -> str:
        """Quote an expression on one line: a type without its bounds, and without quotes."""
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
            assert isinstance(node.slice, ast.Tuple)
            return self.quoted(node.slice.elts[0])
        line = " ".join((ast.get_source_segment(self.text, node) or "").split())
        return re.sub(r'^"(\w+)"$', r"\1", line)

    def call(self, name: str) -> str:
        """Write how a function is called, a parameter a line where they are many."""
        assert isinstance(self.node, Function)
        parameters = list(self._parameters(self.node.args))
        gives = f" -> {self.quoted(self.node.returns)}" if self.node.returns is not None else ""
        if name[:1].isupper() and "." not in name:
            gives = ""  # a class is called by its name, and gives itself
        line = f"{name}({', '.join(parameters)}){gives}"
        if len(line) <= 110:
            return line
        return "\n".join([f"{name}(", *(f"    {each}," for each in parameters), f"){gives}"])

    def _parameters(self, given: ast.arguments) -> Iterator[str]:
        plain = [each for each in given.args if each.arg not in {"self", "cls"}]
        without = len(plain) - len(given.defaults)
        for place, each in enumerate(plain):
            yield self._parameter(each, given.defaults[place - without] if place >= without else None)
        if given.vararg is not None:
            yield f"*{self._parameter(given.vararg, None)}"
        elif given.kwonlyargs:
            yield "*"
        for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            yield self._parameter(each, default)

    def _parameter(self, each: ast.arg, default: ast.expr | None) -> str:
        kind = f": {self.quoted(each.annotation)}" if each.annotation is not None else ""
        return f"{each.arg}{kind}" + (f" = {self.quoted(default)}" if default is not None else "")

    def fields(self) -> Iterator[str]:
        """Write a Struct's own fields, a row each."""
        assert isinstance(self.node, ast.ClassDef)
        for part in self.node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                kind = self.quoted(part.annotation).replace("|", "\\|")
                default = f" = `{self.quoted(part.value)}`" if part.value is not None else ""
                yield f"| `{part.target.id}` | `{kind}`{default} |"


def markdown(words: str) -> Iterator[str]:
    """Write a docstring: its sections as lists, what else stands in it as it is."""
    lines = [*words.splitlines(), ""]
    entries: list[str] = []
    within = False
    for line in lines:
        section = SECTION.fullmatch(line)
        if within and line.startswith("    "):
            # What is indented once more goes on with the entry before.
            if line.startswith("     ") and entries:
                entries[-1] += f" {line.strip()}"
            else:
                entries.append(line.strip())
            continue
        yield from _listed(entries)
        entries, within = [], section is not None
        if section is not None:
            yield f"*{section[1]}:*{section[2]}"
            yield ""
        else:
            yield line
    yield from _listed(entries)


def _listed(entries: Sequence[str]) -> Iterator[str]:
    for entry in entries:
        name, colon, rest = entry.partition(": ")
        yield f"- `{name}`: {rest}" if colon and re.fullmatch(r"[\w, ]+", name) else f"- {entry}"


def function(thing: Callable[..., Any], name: str, level: str = "###") -> Iterator[str]:
    """Write a function or a method under the name by which it is called."""
    code = Code(thing)
    yield f"{level} `{name}`\n\n```python\n{code.call(name)}\n```\n"
    yield from markdown(code.words)


def methods(kind: type, prefix: str) -> Iterator[str]:
    """Write a class's public methods and properties."""
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            assert member.fget is not None
            getter = Code(member.fget)
            assert isinstance(getter.node, Function)
            assert getter.node.returns is not None
            yield f"### `{prefix}.{name}`\n\n```python\n{prefix}.{name}: {getter.quoted(getter.node.returns)}\n```\n"
            yield from markdown(getter.words)
        elif isinstance(member, classmethod | staticmethod):
            yield from function(member.__func__, f"{kind.__name__}.{name}")
        elif inspect.isfunction(member):
            yield from function(member, f"{prefix}.{name}")


def made(kind: type, level: str = "##") -> Iterator[str]:
    """Write a class that callers make: its words, and how it is made."""
    yield from _words(kind, level)
    code = Code(kind.__init__)  # type: ignore[misc]  # that of this very class
    yield f"```python\n{code.call(kind.__name__)}\n```\n"
    yield from markdown(code.words)


def value(kind: type) -> Iterator[str]:
    """Write a class of values: its words, its fields, and what follows from them."""
    yield from _words(kind, "###")
    if not hasattr(hanse_client, kind.__name__):
        yield f"`from {kind.__module__} import {kind.__name__}`\n"
    if issubclass(kind, Enum):
        yield f"{', '.join(f'`{member.name}` (`{member.value}`)' for member in kind)}\n"
        return
    if kind.__base__ is ObjectView:
        yield "It has the fields of every `ObjectView`, and:\n"
    yield "| Field | Type |\n| --- | --- |"
    yield from Code(kind.__base__ if kind is hanse_client.Report and kind.__base__ else kind).fields()
    yield ""
    for name, member in vars(kind).items():
        if isinstance(member, property):
            yield f"`{name}`: {_in_one_line(member)}\n"
        elif inspect.isfunction(member) and not name.startswith("_") and kind.__module__.startswith("hanse_client"):
            yield f"`{name}()`: {_in_one_line(member)}\n"


def _in_one_line(member: object) -> str:
    return " ".join((inspect.getdoc(member) or "").split())


def parts(*kinds: type) -> list[type]:
    """Give the classes of which others are made, each once, those of a part after it."""
    return _ledgers([hint for kind in kinds for hint in inspect.get_annotations(kind).values()])


def taken() -> list[type]:
    """Give the classes that calls take and give, but for the members' file, which is read from one."""
    methods = [method for _, kind in resources() for method in vars(kind).values() if inspect.isfunction(method)]
    methods += changes().values()
    hints = [hint for method in methods for hint in get_type_hints(method).values()]
    return _ledgers([hint for hint in hints if hint is not TrustFile])


def changes() -> dict[str, Any]:
    """Give the functions of which changes of the members are made."""
    return {
        name: member
        for name, member in vars(members).items()
        if inspect.isfunction(member) and member.__module__ == members.__name__ and not name.startswith("_")
    }


def _ledgers(hints: Iterable[Any]) -> list[type]:
    """Find the ledger's values and enumerations in hints, and in each what it is made of."""
    found: dict[type, None] = {}
    waiting = list(hints)
    while waiting:
        hint = waiting.pop(0)
        if (
            isinstance(hint, type)
            and issubclass(hint, Struct | Enum)
            and hint.__module__.startswith("hanse_ledger")
            and hint not in found
        ):
            found[hint] = None
            waiting += inspect.get_annotations(hint).values() if issubclass(hint, Struct) else []
        waiting += getattr(hint, "__args__", ())
    return list(found)


def resources() -> Iterator[tuple[str, type]]:
    """Give what hangs on a client, by name, with its class."""
    init = Code(vars(hanse_client.Client)["_open_rooms"]).node
    for node in ast.walk(init):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            (target,) = node.targets
            kind = vars(inspect.getmodule(hanse_client.Client))[node.value.func.id]
            if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                yield target.attr, kind


def _page() -> Iterator[str]:
    yield OPENING
    yield from made(hanse_client.Client)
    yield from methods(hanse_client.Client, "client")
    for name, kind in resources():
        yield f"## client.{name}\n"
        yield from markdown(inspect.getdoc(kind) or "")
        yield from methods(kind, f"client.{name}")
    yield f"## Changes of the members\n\n{CHANGES}\n"
    for name, member in changes().items():
        yield from function(member, name)
    yield from _words(hanse_client.AsyncClient)
    yield f"{ASYNC}\n"
    yield from made(hanse_client.Identity)
    yield from methods(hanse_client.Identity, "identity")
    yield from made(hanse_client.KeyRing)
    yield from methods(hanse_client.KeyRing, "ring")
    for kind, named in ((hanse_client.Draft, "draft"), (hanse_client.EnrolmentRequest, "request")):
        yield from _words(kind)
        yield from methods(kind, named)
    yield from made(hanse_client.WebhookVerifier)
    yield from methods(hanse_client.WebhookVerifier, "verifier")
    yield from value(hanse_client.WebhookEvent)
    yield "## Verifying offline\n"
    yield from function(hanse_client.verify_file, "verify_file")
    yield from made(hanse_client.KnownHeads, "###")
    yield from value(hanse_client.Report)
    for part in parts(checked.Report):
        yield from value(part)
    yield "## Objects\n"
    views: list[type] = [ObjectView, *VIEWS.values()]
    for view in views:
        yield from value(view)
    yield f"## Parts of objects\n\n{PARTS}\n"
    for part in parts(*views):
        yield from value(part)
    yield f"## What calls take\n\n{TAKEN}\n"
    for part in taken():
        if part not in parts(*views):
            yield from value(part)
    yield "## Other answers\n"
    for answer in ANSWERS:
        yield from value(answer)
    yield f"## Errors\n\n{ERRORS}\n"
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.HanseError):
            yield from _words(error, "###")
            if error.__base__ is not None and error is not errors.HanseError:
                yield f"It is a `{error.__base__.__name__}`.\n"
    yield from _words(hanse_client.SignaturesMissing, "###")
    yield "It stands in `hanse_client` itself, and is an `IdentityError`.\n"


def _words(kind: type, level: str = "##") -> Iterator[str]:
    yield f"{level} {kind.__name__}\n"
    yield from markdown(inspect.getdoc(kind) or "")


def named_types(page: str) -> Iterator[str]:
    """Write what the ledger's plain types are, of those that a page names in code."""
    body = ast.parse(inspect.getsource(types)).body
    for node, words in pairwise(body):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(words, ast.Expr)
            and isinstance(words.value, ast.Constant)
            and re.search(rf"[`:\[] ?{node.targets[0].id}\b", page)
        ):
            yield f"- `{node.targets[0].id}`: {' '.join(str(words.value.value).split())}"


def write_page() -> str:
    """Write the whole page."""
    page = "\n".join(_page())
    whole = "\n".join([page, "## Types\n", *named_types(page)])
    return re.sub(r"\n{3,}", "\n\n", whole).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), "utf-8")
