"""What needs the engine asks for it before it makes anything."""

from pathlib import Path

import pytest

from hanse_cli.main import run

MEMBERS = 'name = "Four"\noperator = "a"\n' + "".join(
    f'[[members]]\nid = "{name}"\nname = "The {name}"\nroles = ["bank"]\n' for name in "abcd"
)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand on a machine without CometBFT, in a folder of one's own."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("hanse_node.comet.program.install.PROGRAMS", tmp_path / "programs")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "members.toml").write_text(MEMBERS)
    (tmp_path / "passphrase").write_text("correct horse\n")
    (tmp_path / "passphrase").chmod(0o600)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["network", "create", "members.toml", "--dir", "net", "--passphrase-file", "passphrase"],
        ["demo", "--consortium", "--dir", "net"],
    ],
    ids=["network create", "demo"],
)
def test_the_engine_is_asked_for_before_anything_is_made(
    words: list[str], nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without it the words say how to get it, also where there is no Go, and no folder is left."""
    before = sorted(path.name for path in nowhere.iterdir())
    assert run(words) == 30
    said = capsys.readouterr().err
    assert "hanse engine install" in said
    assert "hanse[engine]" in said
    assert sorted(path.name for path in nowhere.iterdir()) == before


@pytest.mark.parametrize("place", ["bin", "programs"])
def test_what_is_no_engine_is_not_taken_for_one(place: str, nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program of that name that is none, on the PATH or where the user's nodes look, is named."""
    (nowhere / place).mkdir()
    (nowhere / place / "cometbft").write_text("#!/bin/sh\n")
    (nowhere / place / "cometbft").chmod(0o755)
    assert run(["network", "create", "members.toml", "--dir", "net", "--passphrase-file", "passphrase"]) == 30
    assert str(nowhere / place / "cometbft") in capsys.readouterr().err
    assert not (nowhere / "net").exists()
