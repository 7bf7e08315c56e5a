"""The engine's binary: what it is, who can write it, and that it is the one that the node ran before."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_node.base.errors import CannotStart
from hanse_node.comet.program.binary import MODULE, PIN, VERSION, check_program, check_rights, look_at, pin, read_pin
from hanse_node.comet.program.install import checked_program, install, pin_found


def program(path: Path, version: str = VERSION, *, module: str = MODULE, rest: bytes = b"") -> Path:
    """Write a file with the build information that Go writes, and other bytes around it."""
    words = f"path\t{module}/cmd/cometbft\nmod\t{module}\t{version}\th1:x=\nbuild\t-buildmode=exe\n".encode()
    marked = bytes(16) + words + bytes(16)
    go = b"go1.26.8"
    length = bytes([len(marked) & 0x7F | 0x80, len(marked) >> 7])
    info = b"\xff Go buildinf:" + bytes([8, 2]) + bytes(16) + bytes([len(go)]) + go + length + marked
    path.write_bytes(b"\x7fELF" + bytes(60) + info + b"end" + rest)
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give an engine's folder."""
    folder = tmp_path / "node" / "comet"
    folder.mkdir(parents=True)
    return folder


def test_what_go_wrote_is_read(tmp_path: Path) -> None:
    """The version, without Go; another program, and what is none, is refused."""
    assert look_at(program(tmp_path / "good")).version == VERSION
    assert look_at(program(tmp_path / "other", "v1.0.0")).version == "v1.0.0"
    with pytest.raises(CannotStart, match="is no CometBFT"):
        look_at(program(tmp_path / "fsck", module="github.com/other/thing"))
    for data in (b"", b"#!/bin/sh\n", b"\xff Go buildinf:", b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff" * 9):
        (tmp_path / "none").write_bytes(data)
        with pytest.raises(CannotStart, match="no program that Go has built"):
            look_at(tmp_path / "none")
    with pytest.raises(CannotStart):
        look_at(tmp_path / "nowhere")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    """Whatever follows the mark: a version, or a refusal."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"hanse-binary-{os.getpid()}"  # noqa: S108 (removed again below)
    try:
        path.write_bytes(b"\xff Go buildinf:\x08\x02" + bytes(16) + data)
        look_at(path)
    except CannotStart:
        pass
    finally:
        path.unlink()


def test_the_first_start_notes_it_and_others_are_refused(tmp_path: Path, home: Path) -> None:
    """From then on that one alone; after a change of one byte the refusal names both hashes and what to do."""
    found = program(tmp_path / "cometbft")
    first = check_program(found, home)
    assert read_pin(home) == first == check_program(found, home)
    program(found, rest=b"!")
    with pytest.raises(CannotStart, match=f"is not the binary that this node ran before.*{first.sha256.hex()}") as seen:
        check_program(found, home)
    assert "hanse engine pin" in seen.value.next_step
    assert read_pin(home) == first, "a refusal changes nothing"
    # Its operator says so: then it is the one.
    (tmp_path / "node" / "node.toml").touch()
    assert pin_found(tmp_path / "node", str(found)) == (found, look_at(found))
    assert check_program(found, home) == look_at(found)


def test_another_version_is_refused_at_first_too(tmp_path: Path, home: Path) -> None:
    """What was never noted must be the version that was tested."""
    with pytest.raises(CannotStart, match=r"CometBFT v0\.38\.1, not"):
        check_program(program(tmp_path / "cometbft", "v0.38.1"), home)
    assert read_pin(home) is None
    with pytest.raises(CannotStart):
        pin(look_at(program(tmp_path / "cometbft", "v0.38.1")), home)


def test_a_program_earlier_on_the_path_is_refused(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who puts another cometbft before the real one is not obeyed."""
    monkeypatch.setattr("hanse_node.comet.program.install.PROGRAMS", tmp_path / "none")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    program(tmp_path / "b" / "cometbft")
    monkeypatch.setenv("PATH", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert checked_program("", home) == tmp_path / "b" / "cometbft"
    program(tmp_path / "a" / "cometbft", rest=b"another")
    with pytest.raises(CannotStart, match="is not the binary"):
        checked_program("", home)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o722])
def test_what_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    """The file, its folder, and what a link leads to."""
    folder = tmp_path / "bin"
    folder.mkdir()
    found = program(folder / "cometbft")
    check_rights(found)
    (tmp_path / "link").symlink_to(found)
    for path in (found, folder):
        before = path.stat().st_mode
        path.chmod(mode)
        for name in (found, tmp_path / "link"):
            with pytest.raises(CannotStart, match=f"{path} can be written by other users") as seen:
                check_rights(name)
            assert seen.value.next_step.startswith(f"Run: chmod go-w {path}")
        path.chmod(before)


def test_a_damaged_note_is_said(tmp_path: Path, home: Path) -> None:
    """It is no reason to take any binary."""
    found = program(tmp_path / "cometbft")
    check_program(found, home)
    (home / PIN).write_bytes(b"{}")
    with pytest.raises(CannotStart, match="cannot be read"):
        check_program(found, home)


def test_what_is_installed_is_noted_and_taken(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a copy, or by Go: a node that ran another one before takes what its operator has installed since."""
    target = tmp_path / "bin"
    placed, first = install(target, program(tmp_path / "given"))
    assert placed == target / "cometbft"
    assert read_pin(target) == first == check_program(placed, home)
    program(tmp_path / "given", rest=b"built anew")
    second = install(target, tmp_path / "given")[1]
    assert second != first
    assert check_program(placed, home) == second == read_pin(home)
    # A wrong one replaces nothing.
    with pytest.raises(CannotStart, match="not v0"):
        install(target, program(tmp_path / "given", "v0.37.0"))
    with pytest.raises(CannotStart, match="cannot be used"):
        install(target, tmp_path / "nowhere")
    assert look_at(placed) == second
    assert sorted(path.name for path in target.iterdir()) == ["cometbft", PIN]


def test_go_is_found_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on the PATH, else that of the extra `engine`; where there is none, what to do about it."""
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setattr("shutil.which", lambda name, path=None: str(path / name) if _has(path, name) else None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "tools" / "python"))
    with pytest.raises(CannotStart, match=r"There is no Go here.*hanse\[engine\]"):
        install(tmp_path / "bin")
    built = program(tmp_path / "built")
    (tmp_path / "tools").mkdir()
    go = tmp_path / "tools" / "go"
    go.write_text(f'#!/bin/sh\ntest "$1" = install && cp {built} "$GOBIN/cometbft"\n')
    go.chmod(0o755)
    assert install(tmp_path / "bin")[1].version == VERSION


def _has(path: Path | None, name: str) -> bool:
    return path is not None and (path / name).exists()
