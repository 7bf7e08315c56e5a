"""Files that a node must find whole after a crash, and locks between programs."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from hanse_io import durable
from hanse_io.durable import create_durably, replace_durably
from hanse_io.locks import Lock, Taken

HOLD = """
import sys
from pathlib import Path
from hanse_io.locks import Lock
with Lock(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Its mode is what was asked for, whatever was there before, and nothing stays beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(0o644)
    replace_durably(path, b"after")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"after", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_crash_left_is_replaced(tmp_path: Path) -> None:
    """A part of a file, of somebody else's mode, is not written on."""
    path, beside = tmp_path / "file", tmp_path / "file.new"
    beside.write_bytes(b"a part, longer than the whole")
    beside.chmod(0o644)
    replace_durably(path, b"whole")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"whole", 0o600)
    assert not beside.exists()


def test_a_write_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be forced to disk has not been written."""
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        replace_durably(path, b"after")
    assert path.read_bytes() == b"before"


def test_a_file_is_created_once(tmp_path: Path) -> None:
    """What is there is nobody's to write over; a folder that is not there is not made."""
    create_durably(tmp_path / "file", b"first")
    with pytest.raises(FileExistsError):
        create_durably(tmp_path / "file", b"second")
    with pytest.raises(FileNotFoundError):
        create_durably(tmp_path / "folder" / "file", b"first")
    assert (tmp_path / "file").read_bytes() == b"first"


def test_both_are_forced_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes, and then the name under which they are found."""
    forced: list[str] = []
    force = durable.force

    def noting(path: Path) -> None:
        forced.append(path.name)
        force(path)

    monkeypatch.setattr(durable, "force", noting)
    replace_durably(tmp_path / "file", b"bytes")
    assert forced == [tmp_path.name, tmp_path.name]


def test_a_lock_is_one_s_at_a_time(tmp_path: Path) -> None:
    """Another program, and another part of this one, is told that it is taken; its file stays."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(Taken, match="another program holds"), Lock(path).held(0.01, 0.001):
            raise AssertionError("it is held twice")
        holder.communicate(timeout=10)
    lock = Lock(path)
    lock.acquire()
    with pytest.raises(Taken):
        Lock(path).acquire()
    # Whoever took it need not be the one who lets go of it.
    thread = Thread(target=lock.release)
    thread.start()
    thread.join()
    lock.release()
    with Lock(path).held():
        assert path.exists()
