"""Every kind of record is whole: what stands in its row stands also where no row can ask for it, and is tried."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main

from hanse_cli.main import app
from hanse_ledger.kinds import INVARIANTS, KINDS, OBJECTS, references
from hanse_ledger.kinds.document.state import Document
from hanse_ledger.kinds.kind import Kind, ObjectType
from hanse_ledger.kinds.reasons import ALL, rule_of
from hanse_ledger.values.reasons import Reason
from tests.conftest import ROOT
from tests.property.histories import Move, Player
from tests.unit.ledger.kinds.test_rules_page import ROWS

NODES_OWN = {"member.ready": "a node says it, once it has caught up"}
"""Kinds that no person signs: neither the SDK nor the command line makes them."""

COMMANDS = {"bundle": "bundle make", "certificate.grant": "certificate issue", "evidence.report": "member report"}
"""Commands that are not called after their kind."""

PLAYER = Player()

TYPED = [
    path.read_text("utf-8")
    for folder in ("unit/cli", "system", "journeys")
    for path in sorted((ROOT / "tests" / folder).rglob("*"))
    if path.suffix in {".py", ".sh"}
]
"""The tests and journeys in which commands are run."""

PARTS = ("bodies", "rules", "refusals", "invariants", "samples", "rows")
PARTS_OF_OBJECT = (*PARTS, "state", "status")


def folder_of(kind: Kind[Any]) -> Path:
    """Give the folder in which a kind's row stands."""
    return ROOT / "ledger" / "hanse_ledger" / "kinds" / kind.body.__module__.split(".")[-2]


def commands() -> set[str]:
    """List every command of two words that `hanse` has."""
    groups: dict[str, Any] = getattr(typer.main.get_command(app), "commands")  # noqa: B009 (click's groups alone have it)
    return {f"{noun} {verb}" for noun, group in groups.items() for verb in getattr(group, "commands", {})}


def typed(command: str) -> bool:
    """Tell whether a test or a journey types a command: as text, or as a list of words."""
    words = command.replace(" ", '", "')
    return any(f"{command} " in text or f'{command}"' in text or f'"{words}"' in text for text in TYPED)


def lacking(kind: Kind[Any]) -> list[str]:
    """Say what a kind lacks."""
    folder, body = folder_of(kind), kind.body.__name__
    sdk = "".join(path.read_text("utf-8") for path in (ROOT / "client" / "hanse_client" / "resources").rglob("*.py"))
    written = json.loads((ROOT / "tests" / "vectors" / "records.json").read_text("utf-8"))["records"]
    broken = {rule_of(kind.name, row.reason, row.pointer) for row in ROWS if type(row.body) is kind.body}
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    moved, _ = PLAYER.body(Move(kind.name, (0, 0, 0, 0), 1, None))
    promised = {
        **{f"{part}.py in {folder.name}/": (folder / f"{part}.py").is_file() for part in PARTS},
        f"a vector of {kind.name} in tests/vectors/records.json": kind.name in {each["kind"] for each in written},
        f"moves that make {body} in tests/property/histories.py": type(moved) is kind.body,
        f"a row in a table of refusals that breaks {kind.number}": kind.number in broken,
        f"a part about {kind.number} in docs/rules.md": f"### {kind.number} `{kind.name}`" in page,
    }
    if kind.name not in NODES_OWN:
        command = COMMANDS.get(kind.name, kind.name.replace(".", " "))
        promised[f"a method in client/hanse_client/resources/ that makes {body}"] = body in sdk
        promised[f"the command `hanse {command}`"] = command in commands()
        promised[f"a test that types `{command}`, in tests/unit/cli, tests/system or tests/journeys"] = typed(command)
    return [what for what, there in promised.items() if not there]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_lacks_nothing(kind: Kind[Any]) -> None:
    """A kind has its files, a vector, refusals that are tried, its part of the page, an SDK method and a command."""
    missing = lacking(kind)
    assert not missing, f"{kind.name} lacks: " + "; ".join(missing)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_about_what_its_body_names(kind: Kind[Any]) -> None:
    """Whose own record it is, the row says: an object that the body names, or the one that it creates, or both."""
    sample = kind.sample()
    about = kind.about(sample)
    if kind.object is None:
        assert about is None, f"{kind.name} is about an object though it is nobody's own record"
    elif about is not None or not kind.creates:
        assert about in references(sample), f"{kind.name} is about no object that its body names"


FOLDERS = sorted(path.parent.name for path in (ROOT / "ledger" / "hanse_ledger" / "kinds").glob("*/rows.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_folder_says_is_on_the_front_page(folder: str) -> None:
    """The rows and invariants of a folder are asked, and its refusals are among all: else nobody would miss them."""
    rows, invariants, refusals = (
        import_module(f"hanse_ledger.kinds.{folder}.{part}") for part in ("rows", "invariants", "refusals")
    )
    assert [kind.name for kind in rows.KINDS if kind not in KINDS] == [], "not in KINDS of kinds/__init__.py"
    objects = [row for row in vars(rows).values() if isinstance(row, ObjectType)]
    assert [row.name for row in objects if row not in OBJECTS] == [], "not in OBJECTS of kinds/__init__.py"
    asked = any(each is invariants.INVARIANTS for each in INVARIANTS)
    assert asked, f"{folder}/invariants.py is not in INVARIANTS of kinds/__init__.py"
    reasons = [reason for reason in vars(refusals).values() if isinstance(reason, Reason)]
    assert [reason.value for reason in reasons if reason not in ALL] == [], "not in ALL of kinds/reasons.py"


@pytest.mark.parametrize("row", OBJECTS, ids=lambda row: row.name)
def test_an_object_lacks_nothing(row: ObjectType[Any]) -> None:
    """An object's folder has its state and how it is judged, a kind creates it, and its name is that of its class."""
    folder = ROOT / "ledger" / "hanse_ledger" / "kinds" / row.name
    assert [part for part in PARTS_OF_OBJECT if not (folder / f"{part}.py").is_file()] == []
    creating = [kind.name for kind in KINDS if kind.creates and kind.object is row]
    # What travels sealed is created by records of other kinds.
    assert creating or row.state is Document, "no kind of record creates it"
    assert row.state.__name__.lower() == row.name
    assert row.beside <= set(row.state.__struct_fields__)


def test_what_is_named_here_is_there() -> None:
    """The exceptions above are kinds that there are, and commands that do not follow from their names."""
    names = {kind.name for kind in KINDS}
    assert {*NODES_OWN, *COMMANDS} <= names
    assert not {name.replace(".", " ") for name in COMMANDS} & commands()
