"""Wire version 1 is frozen: whoever moves a byte of it is told so, and what to do."""

import json
from pathlib import Path

import pytest

from hanse_ledger.kinds import KINDS
from tests.conftest import ROOT
from tests.vectors import frozen
from tests.vectors.frozen import WHAT_TO_DO, WIRE, found, main, moved, read

KEPT_BY_ONE_PROGRAM = {"documents.md", "keyring.md", "members.md", "network.md", "sheets.md"}
"""Pages of what is read here, or written for oneself: nothing that others hold bytes of."""


def test_nothing_that_was_frozen_has_moved() -> None:
    """Each vector is byte for byte what it was. A new one is added by `python -m tests.vectors.frozen`."""
    present = found()
    gone = moved(read(), present)
    assert gone == [], WHAT_TO_DO.format(wire=WIRE, moved=", ".join(gone))
    new = sorted(present.keys() - read().keys())
    assert new == [], f"Vectors that are not frozen yet: run python -m tests.vectors.frozen. {new}"


def test_each_kind_is_frozen() -> None:
    """A kind without a vector could move unseen."""
    assert {f"records.json records {kind.name}" for kind in KINDS} <= read().keys()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work on a copy of the vectors."""
    for path in (ROOT / "tests" / "vectors").glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(frozen, "FOLDER", tmp_path)
    monkeypatch.setattr(frozen, "FILE", tmp_path / "frozen.json")
    return tmp_path


def test_a_moved_byte_is_told(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One digit of one record, or a trust file's last byte: named, and nothing is frozen anew. What is new is added."""
    records = json.loads((copied / "records.json").read_text())
    first = records["records"][0]
    records["records"].append({**first, "kind": "receipt.create"})
    (copied / "records.json").write_text(json.dumps(records))
    assert main() == 0
    assert "1 new vectors are frozen" in capsys.readouterr().out
    before = (copied / "frozen.json").read_bytes()
    first["record"] = first["record"][:-1] + ("0" if first["record"][-1] != "0" else "1")
    records["records"].pop()
    (copied / "records.json").write_text(json.dumps(records))
    (copied / "trust.json").write_bytes((copied / "trust.json").read_bytes() + b"\n")
    assert main() == 1
    told = capsys.readouterr().err
    assert "records.json records member.propose, records.json records receipt.create, trust.json whole" in told
    assert "next version" in told
    assert (copied / "frozen.json").read_bytes() == before


def test_every_file_and_page_says_which_version_it_is() -> None:
    """The vectors and the pages of what goes over the wire name wire version 1; the other pages do not."""
    for path in (ROOT / "tests" / "vectors").glob("*.json"):
        if path.name not in ("trust.json", "trees.json"):
            assert json.loads(path.read_text())["wire"] == WIRE, path.name
    for path in (ROOT / "docs" / "formats").glob("*.md"):
        said = f"Frozen: part of [wire version {WIRE}](../upgrading.md#wire-version-{WIRE})." in path.read_text()
        assert said is (path.name not in KEPT_BY_ONE_PROGRAM), path.name
