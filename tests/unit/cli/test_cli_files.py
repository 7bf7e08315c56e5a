"""Files of the command line: nothing is lost, nothing secret is read from where others can."""

import stat
from pathlib import Path

import pytest

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_file, read_passphrase, write_file
from hanse_client.base.errors import InvalidInput


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    """The second write is refused and leaves the first; with force it takes its place. Nothing else is left."""
    path = tmp_path / "proof.hanse"
    write_file(path, b"one")
    with pytest.raises(WouldOverwrite):
        write_file(path, b"two")
    assert path.read_bytes() == b"one"
    write_file(path, b"two", force=True)
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    """A folder in the file's place, or a file in the folder's, is for the user to put right."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidInput):
        write_file(tmp_path / "file" / "proof", b"x")
    with pytest.raises(InvalidInput):
        write_file(tmp_path, b"x", force=True)


def test_what_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    """A missing, an oversized and an unreadable file each say so."""
    (tmp_path / "large").write_bytes(bytes(11))
    for path in (tmp_path / "missing", tmp_path / "large", tmp_path):
        with pytest.raises(InvalidInput):
            read_file(path, 10, "file")
    assert read_file(tmp_path / "large", 11, "file") == bytes(11)


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [(b"secret", b"secret"), (b"secret\n", b"secret"), (b"se cret\r\nmore\n", b"se cret"), (b" \n", b" ")],
)
def test_a_passphrase_is_the_first_line(tmp_path: Path, data: bytes, passphrase: bytes) -> None:
    """The line's end does not belong to it; everything else does."""
    path = tmp_path / "passphrase"
    path.write_bytes(data)
    path.chmod(0o600)
    assert read_passphrase(path) == passphrase


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_passphrase_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Mode 0600 or nothing; the message says what to run."""
    path = tmp_path / "passphrase"
    path.write_bytes(b"secret\n")
    path.chmod(mode)
    with pytest.raises(InvalidInput, match="chmod 600"):
        read_passphrase(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    """An empty first line protects nothing."""
    path = tmp_path / "passphrase"
    for data in (b"", b"\nsecret"):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(InvalidInput, match="empty"):
            read_passphrase(path)
