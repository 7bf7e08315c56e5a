"""Where a node and its engine talk: in the node's folder, or in a folder of this user's alone."""

import os
import socket
import stat
from pathlib import Path

import pytest

from hanse_node.base.errors import CannotStart
from hanse_node.comet.program.sockets import (
    ELSEWHERE,
    PATH_BYTES,
    EngineSockets,
    find_sockets,
    fits,
    leave_sockets,
    open_sockets,
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a short folder for what the system names."""
    place = tmp_path / "t"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place


def deep(tmp_path: Path) -> Path:
    """Make a node's folder whose path is too long for a socket."""
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    return folder


def test_a_short_folder_holds_them(tmp_path: Path) -> None:
    """Beside everything else of the node's; gone at the end."""
    sockets = open_sockets(tmp_path)
    assert sockets == EngineSockets(tmp_path) == find_sockets(tmp_path)
    for path in (sockets.application, sockets.rpc):
        path.touch()
    leave_sockets(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 120, "with space", "a,b", 'a"b', "a%41", "ü"])
def test_others_are_elsewhere(tmp_path: Path, short: Path, name: str) -> None:
    """A path that is too long, or that the engine would read as something else: a folder of this user's, at 0700."""
    folder = tmp_path / name
    folder.mkdir()
    sockets = open_sockets(folder)
    assert sockets.folder.parent == short
    assert stat.S_IMODE(sockets.folder.stat().st_mode) == 0o700
    assert fits(sockets)
    assert find_sockets(folder) == sockets
    leave_sockets(folder)
    assert not sockets.folder.exists()
    assert list(folder.iterdir()) == []


def test_the_longest_path_can_be_bound(tmp_path: Path) -> None:
    """What is said to fit is what the system takes, to the byte."""
    room = PATH_BYTES - len(os.fsencode(tmp_path)) - len("/abci.sock") - 1
    folder = tmp_path / ("x" * room)
    folder.mkdir()
    assert fits(EngineSockets(folder))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(EngineSockets(folder).application))
    assert not fits(EngineSockets(tmp_path / ("x" * (room + 1))))


def test_what_a_crash_has_left_is_removed(tmp_path: Path, short: Path) -> None:
    """Stale sockets, and the folder of the last time: it is made anew under another name."""
    folder = deep(tmp_path)
    before = open_sockets(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(before.rpc))
    after = open_sockets(folder)
    assert after != before
    assert not before.folder.exists()
    assert [path.name for path in short.iterdir()] == [after.folder.name]


def test_somebody_else_s_folder_is_left_alone(tmp_path: Path, short: Path) -> None:
    """What the file names is removed only if it is a private folder of this user's, and no link."""
    folder, other = deep(tmp_path), tmp_path / "hanse-other"
    other.mkdir(mode=0o755)
    (other / "rpc.sock").touch()
    (short / "hanse-link").symlink_to(other)
    for named in (other, short / "hanse-link", tmp_path / "hanse-nowhere"):
        (folder / ELSEWHERE).write_text(f"{named}\n")
        open_sockets(folder)
        assert (other / "rpc.sock").exists()
    leave_sockets(folder)


def test_no_short_place_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the system's own folder is too deep, what to do about it."""
    folder = deep(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with pytest.raises(CannotStart, match="too long a path for a socket"):
        open_sockets(folder)
    assert list(folder.iterdir()) == []
