"""Every message that is said somewhere: found in the source as `xgettext` does it, with reasons and the page's own."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct

from hanse_ledger.kinds.reasons import ALL
from hanse_ledger.values.messages import COMMA, COMMA_ID, placeholders
from hanse_node.api.edge.faces import FACES
from hanse_page.messages import PAGE
from tests.conftest import ROOT

PACKAGES = ("ledger/hanse_ledger", "ledger/hanse_words", "client/hanse_client", "client/hanse_cli")


class Call(Struct, frozen=True, kw_only=True):
    """One place where something is said; `values` is how many values it gives, nil where only running it tells."""

    path: str
    line: int
    id: str
    words: str
    values: int | None


def calls(root: Path = ROOT) -> Iterator[Call]:
    """Find each place where something is said, with literals as its id and words."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield from _calls_of(str(path.relative_to(root)), path.read_text())


def _calls_of(path: str, source: str) -> Iterator[Call]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said"):
            continue
        texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        assert len(texts) == 2, f"{path}:{node.lineno}: what is said has an id and words that are literals"
        given = node.args[2:]
        spread = any(isinstance(arg, ast.Starred) for arg in given)
        yield Call(path=path, line=node.lineno, id=texts[0], words=texts[1], values=None if spread else len(given))


@cache
def messages() -> dict[str, str]:
    """Give the English words of every message by its id, in the order of ids."""
    found = {**PAGE, **{call.id: call.words for call in calls()}}
    for reason in ALL:
        found[f"reason.{reason.value}"] = reason.message
        found[f"reason.{reason.value}.action"] = reason.action
    for code, face in FACES.items():
        if face.message:
            found[f"reason.{code}"] = face.message
            found[f"reason.{code}.action"] = face.action
    found[COMMA_ID] = COMMA
    return dict(sorted(found.items()))


def unlike(words: str, other: str) -> bool:
    """Tell whether words have other placeholders than others."""
    return set(placeholders(words)) != set(placeholders(other))
